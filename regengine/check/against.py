"""Two rulebooks with the same facts, or a rulebook and its reform: for which enterprises the second is stricter, and for which laxer.

Guarantees: every day is compared on which both are in force; a witness has been run by both rulebooks, from the facts as they are reported.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..book import Book, load, load_beside
from ..problems import Place, Problem, ProblemError, one_problem
from ..program import expr as e
from ..program.evaluate import evaluate
from ..program.program import Program
from ..rulebook.law import Law
from ..rulebook.outcomes import Path as Path_
from ..rulebook.parts import Words
from .check import YEARS
from .findings import witness_as_data, words
from .proofs import AMOUNTS, inspection_rows
from .prover import Enterprise, Inputs, Prover, days_in
from .terms import Terms, solver

__all__ = ["Aspect", "Comparison", "Period", "Witness", "against"]

AMOUNT_NAMES = (
    Words(en="least ratio", zh="抽查比例下限"),
    Words(en="greatest ratio", zh="抽查比例上限"),
    Words(en="least visits", zh="检查次数下限"),
    Words(en="most visits", zh="检查次数上限"),
)
# what the path of an enterprise saves it: what a path says nothing of it does not save
SAVED = (
    (Words(en="working days of the path", zh="办理工作日"), "working_days", False),
    (Words(en="visits of the path", zh="跑动次数"), "visits", False),
    (Words(en="steps that the path saves", zh="减少环节"), "skip", True),
    (Words(en="documents that the path saves", zh="减少材料"), "waive", True),
)
ALIKE = ("type", "places", "low", "high", "values", "missing", "stand_in")
ALWAYS, NEVER = e.Constant(1), e.Constant(0)
Pairs = frozenset[tuple[int, int]]
Says = tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Witness:
    """The same enterprise by the first rulebook and by the second, and what each gives it in what is compared."""

    enterprises: tuple[Enterprise, Enterprise]
    values: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Aspect:
    """One thing that is compared. `stricter` and `laxer` are witnesses, by the second rulebook seen from the first; `decided` tells whether
    there is truly none where there is no witness."""

    what: Words
    stricter: Witness | None = None
    laxer: Witness | None = None
    decided: bool = True

    @property
    def verdict(self) -> str:
        """equal, stricter (for some, laxer for none), laxer, neither, or not decided."""
        if self.stricter and self.laxer:
            return "neither"
        if not self.decided:
            return "not decided"
        return "stricter" if self.stricter else "laxer" if self.laxer else "equal"


def over_all(verdicts: Sequence[str]) -> str:
    """The verdict over several."""
    found = set(verdicts) - {"equal"}
    if "neither" in found or {"stricter", "laxer"} <= found:
        return "neither"
    return "not decided" if "not decided" in found else found.pop() if found else "equal"


@dataclass(frozen=True, slots=True)
class Period:
    """A time in which neither law changes, and how the two compare in it; `until` is None where it does not end."""

    since: dt.date
    until: dt.date | None
    aspects: tuple[Aspect, ...]

    @property
    def verdict(self) -> str:
        """The verdict over all aspects."""
        return over_all([aspect.verdict for aspect in self.aspects])

    def as_data(self) -> dict[str, Any]:
        """The period as plain data."""
        head = {"since": str(self.since), "until": None if self.until is None else str(self.until), "verdict": self.verdict}
        return {**head, "aspects": [aspect_data(aspect) for aspect in self.aspects]}


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a second rulebook grades the enterprises of the first; `same_text` where they do not differ at all, as with a reform without effect."""

    rulebook: str
    other: str
    periods: tuple[Period, ...]
    same_text: bool

    @property
    def verdict(self) -> str:
        """The verdict over all periods."""
        return over_all([period.verdict for period in self.periods])

    def as_data(self) -> dict[str, Any]:
        """The comparison as plain data."""
        head = {"rulebook": self.rulebook, "against": self.other, "verdict": self.verdict, "same_text": self.same_text}
        return {**head, "periods": [period.as_data() for period in self.periods]}


def aspect_data(aspect: Aspect) -> dict[str, Any]:
    sides = (("stricter", aspect.stricter), ("laxer", aspect.laxer))
    found = {side: {"values": list(one.values), "enterprise": [*map(witness_as_data, one.enterprises)]} for side, one in sides if one is not None}
    return {"what": words(aspect.what), "verdict": aspect.verdict} | found


@dataclass(frozen=True, slots=True)
class Compared:
    """What is compared: a number of each program, what each number says, and which two together make the second stricter, and which laxer."""

    what: Words
    one: e.Expr
    two: e.Expr
    says: Says
    stricter: Pairs
    laxer: Pairs


def against(name: str | Path, other: str | Path, *, timeout: float = 10.0) -> Comparison:
    """Compare two rulebooks, or a rulebook and the file of a reform of it, on every day on which both are in force, over every enterprise
    that both grade.

    Raises `ProblemError` where they share no day, do not have the same grades, or declare a fact differently.
    """
    book = load(name)
    second = load_beside(book, other)
    shared = list(common(book, second))
    if not shared:
        raise one_problem("not-in-force", f"`{book.id}` and `{second.id}` are never in force on the same day", place=Place(field="--against"))
    periods = tuple(
        Period(first, last, tuple(compare(book.ready(one).program, second.ready(two).program, first, last, timeout))) for first, last, one, two in shared
    )
    return Comparison(str(name), str(other), periods, book.rulebook.text_digest == second.rulebook.text_digest)


def common(one: Book, two: Book) -> Iterator[tuple[dt.date, dt.date | None, Law, Law]]:
    """Each time in which neither law changes, with the two laws."""
    books = (one.rulebook, two.rulebook)
    first = max(book.change_days[0] for book in books)
    ends = [book.until for book in books if book.until is not None]
    last = min(ends) if ends else None
    starts = [first, *sorted({day for book in books for day in book.change_days if day > first})]
    for number, start in enumerate(starts):
        end = starts[number + 1] - dt.timedelta(1) if number + 1 < len(starts) else None
        end = min((day for day in (end, last) if day is not None), default=None)
        laws = [next(period.law for period in reversed(book.periods) if period.since <= start) for book in books]
        if (last is None or start <= last) and laws[0] is not None and laws[1] is not None:
            yield start, end, laws[0], laws[1]


def compare(one: Program, two: Program, first: dt.date, last: dt.date | None, timeout: float) -> Iterator[Aspect]:
    """Every aspect of two laws in a time in which neither changes; laws of one text are not looked into."""
    programs = (one, two)
    same_grades(programs)
    same_facts(programs)
    far = first.replace(year=min(first.year + YEARS, dt.MAXYEAR), month=1, day=1)
    both = None if one.law.digest == two.law.digest else Both(programs, first, max(first, min(last or far, far)), timeout)
    for what in compared(programs):
        yield both.compare(what) if both is not None else Aspect(what.what)


class Both:
    """Asks the solver about two programs over the same enterprises."""

    def __init__(self, programs: tuple[Program, Program], first: dt.date, last: dt.date, timeout: float) -> None:
        self.one, self.two = (Prover(program, first, last, timeout) for program in programs)
        self.other = Terms(programs[1], first, last, texts=self.one.terms.texts)
        self.two.terms = self.other
        self.one.beside = (self.other,)

    def compare(self, what: Compared) -> Aspect:
        stricter, known = self.find(what, what.stricter)
        laxer, too = self.find(what, what.laxer)
        return Aspect(what.what, stricter, laxer, known and too)

    def values(self, what: Compared, inputs: Inputs, as_of: dt.date) -> tuple[int, int] | None:
        """The two numbers of an enterprise, or None where not both rulebooks grade it."""
        numbers: list[int] = []
        for runner, expr in ((self.one, what.one), (self.two, what.two)):
            trace = runner.trace(inputs, as_of)
            if not runner.takes(trace):
                return None
            numbers.append(int(evaluate(expr, trace, days_in(expr, as_of))))
        return numbers[0], numbers[1]

    def find(self, what: Compared, pairs: Pairs) -> tuple[Witness | None, bool]:
        """An enterprise that has one of the pairs of numbers; and whether it is decided."""
        if not pairs:
            return None, True
        z3 = solver()
        one, two = self.one.terms.term(what.one), self.other.term(what.two)
        wanted = [
            z3.Or(*(z3.And(one == a, two == b) for a, b in sorted(pairs))),
            self.one.terms.term(self.one.graded),
            self.other.term(self.two.graded),
        ]

        def holds(inputs: Inputs, as_of: dt.date) -> bool:
            return self.values(what, inputs, as_of) in pairs

        for model in self.one.models(wanted):
            if model is None:
                return None, False
            inputs, as_of = self.two.inputs(model) | self.one.inputs(model), self.one.day(model)
            if holds(inputs, as_of):
                return self.witness(what, inputs, as_of, holds)
        return None, True

    def witness(self, what: Compared, inputs: Inputs, as_of: dt.date, holds: Callable[[Inputs, dt.date], bool]) -> tuple[Witness | None, bool]:
        """The simplest such enterprise, once more from the facts as they will be reported."""
        inputs, as_of = self.one.simplest(inputs, as_of, holds)
        inputs, as_of = self.two.simplest(inputs, as_of, holds)
        pair = (self.one.shown(inputs, as_of), self.two.shown(inputs, as_of))
        again = self.two.read(pair[1]) | self.one.read(pair[0])
        found = self.values(what, again, as_of)
        if found is None or not holds(again, as_of):
            return None, False
        return Witness(pair, (what.says[0][found[0]], what.says[1][found[1]])), True


def compared(programs: tuple[Program, Program]) -> Iterator[Compared]:
    """The grade, each amount of the inspections of which both rulebooks speak, each service path, and what the path of an enterprise saves."""
    one, two = programs
    order = tuple(one.law.document.grades.order)
    ranks = (range(len(order)), range(len(order)))
    yield ordered(Words(en="grade", zh="等级"), e.Column(one.grade_steps[-1]), e.Column(two.grade_steps[-1]), (order, order), ranks)
    (step, rows), (other, others) = (inspection_rows(program) for program in programs)
    for name, amount in zip(AMOUNT_NAMES, AMOUNTS, strict=True):
        values = [amount(row) for row in rows], [amount(row) for row in others]
        if any(value is not None for value in values[0]) and any(value is not None for value in values[1]):
            yield ordered(name, e.Column(step), e.Column(other), (said(values[0]), said(values[1])), values)
    yield from service(programs)


def service(programs: tuple[Program, Program]) -> Iterator[Compared]:
    """Whether each path is offered, and what the first that is offered saves."""
    paths = [program.law.document.service.paths if program.law.document.service else [] for program in programs]
    offers = [{path.id: offer(program, number) for number, path in enumerate(own)} for program, own in zip(programs, paths, strict=True)]
    says = ("not offered", "offered")
    for path in {path.id: path for own in reversed(paths) for path in own}.values():
        one, two = (own.get(path.id, NEVER) for own in offers)
        if one != two or one != ALWAYS:
            label = Words(en=f"path {path.id}", zh=f"办理程序 {path.label.say('zh') if path.label else path.id}")
            yield Compared(label, one, two, (says, says), frozenset({(1, 0)}), frozenset({(0, 1)}))
    if all(paths):
        for what, key, more in SAVED:
            values = [[*(saved(path, key, more) for path in own), saved(None, key, more)] for own in paths]
            told = [value for own in values for value in own if value is not None]
            if any(told) or (told and not more):
                burdens = [[-(value or 0) if more else max(told) + 1 if value is None else value for value in own] for own in values]
                yield ordered(what, e.Column("row.service"), e.Column("row.service"), (said(values[0]), said(values[1])), burdens)


def saved(path: Path_ | None, key: str, more: bool) -> int | None:
    """What a path grants: how many steps or documents it saves (`more` is better), or how many days and visits it takes, where it says so."""
    value = getattr(path.grants, key) if path is not None and path.grants is not None else None
    return len(value or ()) if more else value


def offer(program: Program, number: int) -> e.Expr:
    """Whether the condition of a path holds, as 1 or 0: every path that holds is offered."""
    rule = next(rule for rule in program.rules if rule.path == ("service", "paths", number))
    return e.First(((e.Column(rule.holds_step), e.Constant(1)),), e.Constant(0)) if rule.holds_step else ALWAYS


def ordered(
    what: Words, one: e.Expr, two: e.Expr, says: tuple[tuple[str, ...], tuple[str, ...]], burdens: Sequence[Sequence[Fraction | int | None]]
) -> Compared:
    """A comparison by the burden that stands behind each number; where either has none, nothing is compared."""
    pairs = [(a, b, x, y) for a, x in enumerate(burdens[0]) for b, y in enumerate(burdens[1]) if x is not None and y is not None]
    return Compared(what, one, two, says, frozenset((a, b) for a, b, x, y in pairs if y > x), frozenset((a, b) for a, b, x, y in pairs if y < x))


def said(values: Sequence[Fraction | int | None]) -> tuple[str, ...]:
    """Amounts as they are told: a ratio in percent."""
    return tuple("-" if value is None else f"{float(value * 100):g}%" if isinstance(value, Fraction) else str(value) for value in values)


def same_grades(programs: tuple[Program, Program]) -> None:
    orders = [program.law.document.grades.order for program in programs]
    if orders[0] != orders[1]:
        listed = ["/".join(order) for order in orders]
        raise one_problem("option-wrong", f"the grades are not the same: {listed[0]} and {listed[1]}", place=Place(field="--against"))


def same_facts(programs: tuple[Program, Program]) -> None:
    """What both declare must be declared alike, or one enterprise would not be the same for both."""
    first = {fact.name: fact for fact in programs[0].facts}
    faults = [
        Problem("uses-clash", f"`{fact.name}` is declared otherwise in `{programs[1].law.id}`", hint="declare it alike in both")
        for fact in programs[1].facts
        if fact.name in first and any(getattr(fact, key) != getattr(first[fact.name], key) for key in ALIKE)
    ]
    if faults:
        raise ProblemError(faults)
