"""Two rulebooks with the same facts, or a rulebook and its reform: for which enterprises the second is stricter, and for which laxer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..book import load
from ..problems import Place, Problem, ProblemError, one_problem
from ..program.program import Program
from ..rulebook.parts import Words
from .check import YEARS
from .findings import witness_as_data, words
from .proofs import AMOUNTS, inspection_rows
from .prover import Enterprise, Inputs, Prover
from .terms import Terms, solver

__all__ = ["Aspect", "Comparison", "against"]

AMOUNT_NAMES = (
    Words(en="least ratio", zh="抽查比例下限"),
    Words(en="greatest ratio", zh="抽查比例上限"),
    Words(en="least visits", zh="检查次数下限"),
    Words(en="most visits", zh="检查次数上限"),
)
ALIKE = ("type", "places", "low", "high", "values", "missing", "stand_in")
Witness = tuple[Enterprise, Enterprise]  # the same enterprise by the first rulebook and by the second


@dataclass(frozen=True, slots=True)
class Aspect:
    """One thing that is compared. `stricter` and `laxer` are witnesses, by the second rulebook seen from the first; `decided` tells whether
    there is truly none where there is no witness."""

    what: Words
    stricter: Witness | None
    laxer: Witness | None
    decided: bool

    @property
    def verdict(self) -> str:
        """equal, stricter (for some, laxer for none), laxer, neither, or not decided."""
        if self.stricter and self.laxer:
            return "neither"
        if not self.decided:
            return "not decided"
        return "stricter" if self.stricter else "laxer" if self.laxer else "equal"


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a second rulebook grades the enterprises of the first."""

    rulebook: str
    other: str
    aspects: tuple[Aspect, ...]

    @property
    def verdict(self) -> str:
        """The verdict over all aspects."""
        found = {aspect.verdict for aspect in self.aspects} - {"equal"}
        if "neither" in found or {"stricter", "laxer"} <= found:
            return "neither"
        return "not decided" if "not decided" in found else found.pop() if found else "equal"

    def as_data(self) -> dict[str, Any]:
        """The comparison as plain data."""
        return {
            "rulebook": self.rulebook,
            "against": self.other,
            "verdict": self.verdict,
            "aspects": [
                {"what": words(one.what), "verdict": one.verdict}
                | {side: [witness_as_data(by) for by in pair] for side, pair in (("stricter", one.stricter), ("laxer", one.laxer)) if pair}
                for one in self.aspects
            ],
        }


@dataclass(frozen=True, slots=True)
class Steps:
    """What is compared: a step of each program, and which of their values together make the second stricter, and which laxer."""

    what: Words
    one: str
    two: str
    stricter: frozenset[tuple[int, int]]
    laxer: frozenset[tuple[int, int]]


def against(name: str | Path, other: str | Path, *, timeout: float = 10.0) -> Comparison:
    """Compare the latest law of two rulebooks over every enterprise that both grade, on any day on which both may hold.

    Raises `ProblemError` where they do not have the same grades, or declare a fact differently.
    """
    books = (load(name), load(other))
    programs = (books[0].program, books[1].program)
    same_grades(programs)
    same_facts(programs)
    first = max(program.law.since for program in programs)
    both = Both(programs, first, first.replace(year=min(first.year + YEARS, dt.MAXYEAR), month=1, day=1), timeout)
    return Comparison(str(name), str(other), tuple(both.compare(steps) for steps in compared(programs)))


class Both:
    """Asks the solver about two programs over the same enterprises."""

    def __init__(self, programs: tuple[Program, Program], first: dt.date, last: dt.date, timeout: float) -> None:
        self.one, self.two = (Prover(program, first, last, timeout) for program in programs)
        self.other = Terms(programs[1], first, last, texts=self.one.terms.texts)
        self.two.terms = self.other
        self.one.beside = (self.other,)

    def compare(self, steps: Steps) -> Aspect:
        stricter, known = self.find(steps, steps.stricter)
        laxer, too = self.find(steps, steps.laxer)
        return Aspect(steps.what, stricter, laxer, known and too)

    def find(self, steps: Steps, pairs: frozenset[tuple[int, int]]) -> tuple[Witness | None, bool]:
        """An enterprise whose steps have one of the pairs of values; and whether it is decided."""
        if not pairs:
            return None, True
        z3 = solver()
        one, two = self.one.terms.columns[steps.one], self.other.columns[steps.two]
        wanted = [
            z3.Or(*(z3.And(one == a, two == b) for a, b in sorted(pairs))),
            self.one.terms.term(self.one.graded),
            self.other.term(self.two.graded),
        ]

        def holds(inputs: Inputs, as_of: dt.date) -> bool:
            found = [runner.trace(inputs, as_of) for runner in (self.one, self.two)]
            graded = self.one.takes(found[0]) and self.two.takes(found[1])
            return graded and (found[0].number(steps.one), found[1].number(steps.two)) in pairs

        for model in self.one.models(wanted):
            if model is None:
                return None, False
            inputs, as_of = self.two.inputs(model) | self.one.inputs(model), self.one.day(model)
            if holds(inputs, as_of):
                return self.witness(inputs, as_of, holds)
        return None, True

    def witness(self, inputs: Inputs, as_of: dt.date, holds: Callable[[Inputs, dt.date], bool]) -> tuple[Witness | None, bool]:
        """The simplest such enterprise, once more from the facts as they will be reported."""
        inputs, as_of = self.one.simplest(inputs, as_of, holds)
        inputs, as_of = self.two.simplest(inputs, as_of, holds)
        pair = (self.one.shown(inputs, as_of), self.two.shown(inputs, as_of))
        again = self.two.read(pair[1]) | self.one.read(pair[0])
        return (pair, True) if holds(again, as_of) else (None, False)


def compared(programs: tuple[Program, Program]) -> Iterator[Steps]:
    """The grade, then each amount of the inspections that both rulebooks speak of."""
    one, two = programs
    ranks = range(len(one.law.document.grades.order))
    worse = frozenset((a, b) for a in ranks for b in ranks if b > a)
    yield Steps(Words(en="grade", zh="等级"), one.grade_steps[-1], two.grade_steps[-1], worse, frozenset((b, a) for a, b in worse))
    (step, rows), (other, others) = (inspection_rows(program) for program in programs)
    for name, amount in zip(AMOUNT_NAMES, AMOUNTS, strict=True):
        values, theirs = [amount(row) for row in rows], [amount(row) for row in others]
        pairs = [(a, b, x, y) for a, x in enumerate(values) for b, y in enumerate(theirs) if x is not None and y is not None]
        if pairs:
            more, less = (frozenset((a, b) for a, b, x, y in pairs if (y > x if up else y < x)) for up in (True, False))
            yield Steps(name, step, other, more, less)


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
