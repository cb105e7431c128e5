"""A program as terms of the solver z3: a translation table for the kinds of expression, as each engine is one.

Whole numbers are unbounded integers there, which is exact, since no number of a program leaves 64 bits. A text is a number of its own;
texts that a rulebook does not name have the numbers after those that it names.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, reduce
from itertools import groupby
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from ..problems import one_problem
from ..program import expr as e
from ..program.expr import walk
from ..program.program import Program
from ..rulebook.facts import FactSpec
from ..rulebook.values import EPOCH, day_number, months_before

__all__ = ["Terms", "solver", "term"]

Term = Any  # z3 has no types that tell its terms apart
NOTHING: Mapping[str, Term] = MappingProxyType({})
COMPARE: Mapping[str, Callable[[Term, Term], Term]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def solver() -> Any:
    """The module z3. Raises `ProblemError` where it is not installed."""
    try:
        import z3  # type: ignore[import-untyped]  # it ships no types
    except ImportError:
        raise one_problem("extra-missing", "proofs need z3", hint="pip install 'regengine[check]', or leave them out with `--no-proofs`") from None
    return z3


@lru_cache(maxsize=64)
def runs(months: int, first: dt.date, last: dt.date) -> list[tuple[int, int, int]]:
    """How many days so many months before a day are, from `first` to `last`: the first and last day number of each run, and the days."""
    numbers = range(day_number(first), day_number(last) + 1)
    days = ((number, number - day_number(months_before(EPOCH + dt.timedelta(days=number), months))) for number in numbers)
    found: list[tuple[int, int, int]] = []
    for count, run in groupby(days, key=itemgetter(1)):
        same = [number for number, _ in run]
        found.append((same[0], same[-1], count))
    return found


class Texts(dict[str, int]):
    """The number of each text, given on first use, and the solver's own room, so that no question depends on those put elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.context = solver().Context()

    def __missing__(self, text: str) -> int:
        self[text] = len(self)
        return self[text]


def term(expr: e.Expr, columns: Mapping[str, Term], days: Mapping[e.AsOf, Term], texts: Texts) -> Term:
    """An expression as a term; `columns` and `days` hold the terms of what it reads."""
    z3, context = solver(), texts.context

    def of(part: e.Expr) -> Term:
        return term(part, columns, days, texts)

    def plain(value: int | bool | str) -> Term:
        return z3.BoolVal(value, context) if isinstance(value, bool) else z3.IntVal(value if isinstance(value, int) else texts[value], context)

    match expr:
        case e.Constant(value):
            return plain(value)
        case e.Column(name):
            return columns[name]
        case e.AsOf():
            return days[expr]
        case e.Compare(op, left, right):
            return COMPARE[op](of(left), of(right))
        case e.AllOf(parts):
            return z3.And(*map(of, parts), context)
        case e.AnyOf(parts):
            return z3.Or(*map(of, parts), context)
        case e.Negate(inner):
            return z3.Not(of(inner))
        case e.OneOf(inner, values):
            one = of(inner)
            return z3.Or(*(one == plain(value) for value in values))
        case e.Add(parts):
            return z3.Sum(*map(of, parts))
        case e.Subtract(left, right):
            return of(left) - of(right)
        case e.Multiply(left, right):
            return of(left) * of(right)
        case e.Quotient(left, right):
            return of(left) / of(right)  # of integers: the whole part, as both are such that no sign matters
        case e.Least(parts):
            return reduce(lambda a, b: z3.If(a < b, a, b), map(of, parts))
        case e.Greatest(parts):
            return reduce(lambda a, b: z3.If(a > b, a, b), map(of, parts))
        case e.First(rows, otherwise):
            return reduce(lambda rest, row: z3.If(of(row[0]), of(row[1]), rest), reversed(rows), of(otherwise))


@dataclass(slots=True)
class Terms:
    """The inputs of a program as unknowns, within what intake lets through, and every step as a term over them.

    `as_of` is an unknown too, between `first` and `last`. A day some months before it is held between the fewest and the most days that
    such months can have, which is quick and proves for every day; `exact` holds it to the very days.
    """

    program: Program
    first: dt.date
    last: dt.date
    texts: Texts = field(default_factory=Texts)
    inputs: dict[str, Term] = field(default_factory=dict)
    within: list[Term] = field(default_factory=list)
    days: dict[e.AsOf, Term] = field(default_factory=dict)
    columns: dict[str, Term] = field(default_factory=dict)
    as_of: Term = None
    months: dict[int, Term] = field(default_factory=dict)

    def __post_init__(self) -> None:
        z3 = solver()
        self.as_of = z3.Int("as_of", self.texts.context)
        self.within += [self.as_of >= day_number(self.first), self.as_of <= day_number(self.last)]
        for fact in self.program.facts:
            self.inputs[f"fact.{fact.name}"] = self.unknown(fact)
        for fact in self.program.facts:
            if fact.missing == "unknown":
                known, value = z3.Bool(f"known.{fact.name}", self.texts.context), self.inputs[f"fact.{fact.name}"]
                self.inputs[f"known.{fact.name}"] = known
                self.within.append(z3.Or(known, value == self.plain(fact.stand_in)))
        self.columns = self.run(self.inputs)

    def unknown(self, fact: FactSpec, mark: str = "") -> Term:
        """An unknown for a fact, held to the values that the fact can have; `mark` tells it from another of the same fact."""
        z3 = solver()
        if fact.type == "boolean":
            return z3.Bool(f"fact.{fact.name}{mark}", self.texts.context)
        made = z3.Int(f"fact.{fact.name}{mark}", self.texts.context)
        if fact.values is not None:
            self.within.append(z3.Or(*(made == self.texts[value] for value in fact.values)))
        elif fact.low is not None and fact.high is not None:
            self.within += [made >= fact.low, made <= fact.high]
        else:
            self.within.append(made >= 0)
        return made

    def plain(self, value: int | bool | str) -> Term:
        return self.term(e.Constant(value), {})

    def term(self, expr: e.Expr, columns: Mapping[str, Term] | None = None) -> Term:
        """An expression over the inputs and steps, or over `columns`."""
        for part in walk(expr):
            if isinstance(part, e.AsOf) and part not in self.days:
                self.days[part] = self.day(part)
        return term(expr, self.columns if columns is None else columns, self.days, self.texts)

    def day(self, day: e.AsOf) -> Term:
        """A day that is counted from `as_of`."""
        if day.months and day.months not in self.months:
            made = self.months[day.months] = solver().Int(f"as_of less {day.months} months", self.texts.context)
            lengths = {days for _, _, days in runs(day.months, self.first, self.last)}
            self.within += [made >= self.as_of - max(lengths), made <= self.as_of - min(lengths)]
        start: Term = self.months.get(day.months, self.as_of)
        return start - day.days

    def run(self, inputs: Mapping[str, Term], instead: Mapping[str, Term] = NOTHING) -> dict[str, Term]:
        """The inputs and every step worked out from them; `instead` gives some steps another value."""
        columns = dict(inputs)
        for step in self.program.steps:
            columns[step.name] = instead[step.name] if step.name in instead else self.term(step.expr, columns)
        return columns

    def exact(self) -> Iterator[Term]:
        """What gives every day some months before `as_of` its true length: a piece for each run of days with the same."""
        z3 = solver()
        for count, made in self.months.items():
            pieces = runs(count, self.first, self.last)
            yield z3.Or(*(z3.And(self.as_of >= low, self.as_of <= high, made == self.as_of - days) for low, high, days in pieces))

    def value(self, model: Any, name: str, fact: FactSpec | None) -> int | bool | str:
        """What an input has in a model of the solver; `fact` is None for `known.`."""
        z3 = solver()
        found = model.eval(self.inputs[name], model_completion=True)
        return self.read(found, fact) if fact is not None else bool(z3.is_true(found))

    def read(self, found: Term, fact: FactSpec) -> int | bool | str:
        """A value of the solver as the value of a fact."""
        z3 = solver()
        if fact.type == "boolean":
            return bool(z3.is_true(found))
        number = int(found.as_long())
        if fact.low is not None:
            return number
        return next((text for text, index in self.texts.items() if index == number), f"text-{number}")
