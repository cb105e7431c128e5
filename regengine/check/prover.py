"""Questions about all enterprises at once: is there one for which something holds, or two of which the worse one fares better?

An answer is an enterprise, "none", or "not decided" within the time limit. An enterprise is never taken from the solver on trust: it is
read by intake, run through the closure that grades, and the question is asked of what came out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..decision.trace import Shown, Trace, fact_value
from ..engines.single import days_of, single
from ..intake.one import reader
from ..program.evaluate import evaluate
from ..program.expr import AllOf, AsOf, Column, Expr, Negate, walk
from ..program.program import Program
from ..rulebook.facts import FactSpec
from ..rulebook.values import EPOCH
from .terms import Terms, solver

__all__ = ["Answer", "Enterprise", "Prover", "Runner", "Worse", "days_in"]

Value = int | bool | str
Inputs = dict[str, Value]
Fares = Callable[[Inputs, dt.date, Value], bool]


@dataclass(frozen=True, slots=True)
class Enterprise:
    """A witness: the facts of an enterprise and the day on which they stood. A fact that is not named is missing."""

    facts: Mapping[str, Shown]
    as_of: dt.date
    grade: str | None  # None where it is not graded


@dataclass(frozen=True, slots=True)
class Answer:
    """One enterprise, or two; none and `decided`: there is no such enterprise."""

    found: tuple[Enterprise, ...]
    decided: bool

    def __bool__(self) -> bool:
        return bool(self.found)


NONE, OPEN = Answer((), True), Answer((), False)


@dataclass(frozen=True, slots=True)
class Worse:
    """What must not happen between two enterprises alike but for one fact: a step's value for the better, then for the worse one."""

    step: str
    pairs: frozenset[tuple[int, int]]


class Runner:
    """Runs enterprises of one program, and reads and shows their facts."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.engine = single(program)
        self.facts = {fact.name: fact for fact in program.facts}
        self.graded = AllOf(tuple(Negate(Column(refusal.step)) for refusal in program.refusals))

    def trace(self, inputs: Inputs, as_of: dt.date) -> Trace:
        values = tuple(inputs[name] for name in self.program.inputs)
        return Trace(self.engine.place, (*values, *self.engine.run(*values, *self.engine.days_at(as_of).values())))

    def holds(self, claim: Expr, inputs: Inputs, as_of: dt.date) -> bool:
        """Whether a claim holds of what the program makes of an enterprise."""
        return bool(evaluate(claim, self.trace(inputs, as_of), days_in(claim, as_of)))

    def takes(self, trace: Trace) -> bool:
        """Whether the enterprise is graded."""
        return not any(trace[refusal.step] for refusal in self.program.refusals)

    def plain(self, fact: FactSpec) -> Inputs:
        """A fact as it is of an enterprise of which nothing is known, or, where it must be known, nothing special."""
        given: Inputs = {f"fact.{fact.name}": fact.stand_in}
        return given | ({f"known.{fact.name}": False} if fact.missing == "unknown" else {})

    def shown(self, inputs: Inputs, as_of: dt.date, keep: Iterable[str] = ()) -> Enterprise:
        """An enterprise as its facts would be given; those that missing values stand for are left out, but not those of `keep`."""
        given: dict[str, Shown] = {}
        for name, fact in self.facts.items():
            value = {key: inputs[key] for key in self.plain(fact)}
            if fact.missing == "reject" or name in keep or value != self.plain(fact):
                given[name] = fact_value(fact, inputs[f"fact.{name}"])
        trace = self.trace(inputs, as_of)
        order = self.program.law.document.grades.order
        return Enterprise(given, as_of, order[trace.number(self.program.grade_steps[-1])] if self.takes(trace) else None)

    def read(self, enterprise: Enterprise) -> Inputs:
        """The inputs of an enterprise that was shown, as intake reads them."""
        return dict(zip(self.program.inputs, reader(self.program.facts).read(enterprise.facts, "enterprise").values, strict=True))


def days_in(expr: Expr, as_of: dt.date) -> Mapping[AsOf, int]:
    """The days that an expression counts from `as_of`."""
    return days_of((part for part in walk(expr) if isinstance(part, AsOf)), as_of)


class Prover(Runner):
    """Asks the solver about one program, for facts of any day from `first` to `last`; `timeout` is in seconds, for each question."""

    def __init__(self, program: Program, first: dt.date, last: dt.date, timeout: float) -> None:
        super().__init__(program)
        self.first, self.last, self.timeout = first, last, timeout
        self.twins: dict[str, tuple[Any, Mapping[str, Any]]] = {}
        self.beside: tuple[Terms, ...] = ()  # of another program over the same unknowns

    @cached_property
    def terms(self) -> Terms:
        return Terms(self.program, self.first, self.last)

    def some(self, claim: Expr, *, graded: bool = True) -> Answer:
        """An enterprise (with `graded`, one that is graded) for which the claim holds."""
        claim = AllOf((claim, self.graded)) if graded else claim
        for model in self.models([self.terms.term(claim)]):
            if model is None:
                return OPEN
            inputs, as_of = self.inputs(model), self.day(model)
            if self.holds(claim, inputs, as_of):
                inputs, as_of = self.simplest(inputs, as_of, lambda one, day: self.holds(claim, one, day))
                return self.verified(claim, self.shown(inputs, as_of))
        return NONE

    def verified(self, claim: Expr, enterprise: Enterprise) -> Answer:
        """The enterprise, once more from the facts as they will be reported."""
        fits = self.holds(claim, self.read(enterprise), enterprise.as_of)
        return Answer((enterprise,), True) if fits else OPEN

    def worse(self, fact: FactSpec, higher: bool, what: Worse) -> Answer:
        """Two graded enterprises alike but for `fact`: the first has the better value and fares worse in `what`."""
        terms, name = self.terms, f"fact.{fact.name}"
        other, columns = self.twin(fact)
        z3 = solver()
        low, high = (terms.inputs[name], other) if higher else (other, terms.inputs[name])
        ordered = above(z3, terms, fact, low, high)
        one, two = terms.columns[what.step], columns[what.step]
        wanted = [
            ordered,
            z3.Or(*(z3.And(one == a, two == b) for a, b in sorted(what.pairs))),
            terms.term(self.graded),
            terms.term(self.graded, columns),
            *([terms.inputs[f"known.{fact.name}"]] if fact.missing == "unknown" else []),
        ]

        def fares(inputs: Inputs, as_of: dt.date, value: Value) -> bool:
            changed = {**inputs, name: value}
            before, after = self.trace(inputs, as_of), self.trace(changed, as_of)
            known = bool(inputs.get(f"known.{fact.name}", True))
            return self.takes(before) and self.takes(after) and known and (before.number(what.step), after.number(what.step)) in what.pairs

        for model in self.models(wanted):
            if model is None:
                return OPEN
            value = terms.read(model.eval(other, model_completion=True), fact)
            inputs, as_of = self.inputs(model), self.day(model)
            if fares(inputs, as_of, value):
                return self.pair(fact, inputs, as_of, value, fares)
        return NONE

    def pair(self, fact: FactSpec, inputs: Inputs, as_of: dt.date, value: Value, fares: Fares) -> Answer:
        """Two enterprises as plain and as near to each other as can be, once more from the facts as they will be reported."""
        name = f"fact.{fact.name}"
        inputs, as_of = self.simplest(inputs, as_of, lambda one, day: fares(one, day, value), fixed=fact.name)
        if fact.low is not None:
            value = nearer({**inputs, name: value}, as_of, name, int(inputs[name]), lambda one, day: fares(inputs, day, one[name]))[name]
        pair = tuple(self.shown(one, as_of, [fact.name]) for one in (inputs, {**inputs, name: value}))
        again = [self.read(one) for one in pair]
        return Answer(pair, True) if fares(again[0], as_of, again[1][name]) else OPEN

    def twin(self, fact: FactSpec) -> tuple[Any, Mapping[str, Any]]:
        """Another value of a fact, and what the program makes of an enterprise that has it and is the same otherwise."""
        if fact.name not in self.twins:
            other = self.terms.unknown(fact, "'")
            self.twins[fact.name] = other, self.terms.run({**self.terms.inputs, f"fact.{fact.name}": other})
        return self.twins[fact.name]

    def none(self, wanted: list[Any]) -> bool | None:
        """Whether what is wanted has no model, on any day; None where that is not decided in time."""
        for model in self.models(wanted):
            return None if model is None else False
        return True

    def models(self, wanted: list[Any]) -> Iterator[Any]:
        """Models of what is wanted; None where the solver gives up. Ends where there are none.

        The first is quick and lets months have any length; where its enterprise does not bear out, the second has true months.
        """
        z3 = solver()
        for exact in (False, True):
            engine = z3.Solver(ctx=self.terms.texts.context)
            engine.set("timeout", max(1, int(self.timeout * 1000)))
            engine.add(*wanted)
            for terms in (self.terms, *self.beside):
                engine.add(*terms.within, *(terms.exact() if exact else ()))
            result = engine.check()
            if result == z3.unsat:
                return
            yield engine.model() if result == z3.sat else None
        yield None

    def inputs(self, model: Any) -> Inputs:
        facts: dict[str, FactSpec | None] = {f"fact.{fact.name}": fact for fact in self.program.facts}
        return {name: self.terms.value(model, name, facts.get(name)) for name in self.program.inputs}

    def day(self, model: Any) -> dt.date:
        return EPOCH + dt.timedelta(days=int(model.eval(self.terms.as_of, model_completion=True).as_long()))

    def simplest(
        self, inputs: Inputs, as_of: dt.date, holds: Callable[[Inputs, dt.date], bool], fixed: str = ""
    ) -> tuple[Inputs, dt.date]:  # fmt: skip
        """The same with as few facts as can be, and those as near as can be to what is plain; `holds` stays true throughout."""
        if holds(inputs, self.first):
            as_of = self.first
        plainest = {**inputs, **{key: value for fact in self.program.facts if fact.name != fixed for key, value in self.plain(fact).items()}}
        if holds(plainest, as_of):
            return plainest, as_of
        for fact in self.program.facts:
            if fact.name == fixed:
                continue
            plain, name = self.plain(fact), f"fact.{fact.name}"
            if holds({**inputs, **plain}, as_of):
                inputs = {**inputs, **plain}
            elif fact.low is not None:
                inputs = nearer(inputs, as_of, name, int(plain[name]), holds)
        return inputs, as_of


def nearer(inputs: Inputs, as_of: dt.date, name: str, plain: int, holds: Callable[[Inputs, dt.date], bool]) -> Inputs:
    """By halving, a number nearer to `plain` of which it still holds; of `plain` it does not."""
    fails, value = plain, int(inputs[name])
    while abs(value - fails) > 1:
        middle = (value + fails) // 2
        if holds({**inputs, name: middle}, as_of):
            value = middle
        else:
            fails = middle
    return {**inputs, name: value}


def above(z3: Any, terms: Terms, fact: FactSpec, low: Any, high: Any) -> Any:
    """That the second value of a fact is higher: true above false, a category above those listed before it, else the number or the day."""
    if fact.type == "boolean":
        return z3.And(z3.Not(low), high)
    if fact.values is None:
        return low < high
    codes = [terms.texts[value] for value in fact.values]
    return z3.Or(*(z3.And(low == a, high == b) for index, a in enumerate(codes) for b in codes[index + 1 :]))
