"""Some enterprises of a program, at and around its thresholds, run once: what they show needs no solver any more."""

from __future__ import annotations

import datetime as dt
import random
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping

from ..decision.trace import Trace
from ..program.evaluate import evaluate
from ..program.expr import AsOf, Column, Compare, Constant, Expr, OneOf, columns_of, walk
from ..program.program import Rule, Step
from ..rulebook.facts import FactSpec
from .edges import edges
from .prover import Inputs, Runner, Value

__all__ = ["Samples"]

COUNT, SEED, A_FEW, LOOKED_AT = 1_000, 5, 13, 20


class Samples:
    """Seeded enterprises of a program, run; equal programs have equal ones. Only those that are graded count."""

    def __init__(self, runner: Runner, first: dt.date) -> None:
        self.runner, self.as_of = runner, first
        self.days = runner.engine.days_at(first)
        draw = random.Random(SEED)  # noqa: S311 - no secret
        around = values_around(runner, self.days)
        run = [runner.trace(one, first) for one in (self.some(draw, around) for _ in range(COUNT))]
        self.traces = [trace for trace in run if evaluate(runner.graded, trace, self.days)]
        self.fired = [0] * runner.program.words
        for trace in self.traces:
            for word in range(runner.program.words):
                self.fired[word] |= trace.number(f"reasons.{word + 1}")

    def some(self, draw: random.Random, around: dict[str, list[Value]]) -> Inputs:
        """An enterprise most of whose facts are plain, so that no rule hides all others."""
        made: Inputs = {}
        share = draw.random()
        for fact in self.runner.program.facts:
            made |= self.runner.plain(fact)
            if draw.random() < share:
                made[f"fact.{fact.name}"] = draw.choice(around[fact.name])
                if fact.missing == "unknown":
                    made[f"known.{fact.name}"] = True
        return made

    def fires(self, rule: Rule) -> bool:
        """Whether a rule is a reason of some sample."""
        return bool(self.fired[rule.word - 1] & rule.mask)

    def show(self, claim: Expr) -> bool:
        """Whether a claim holds of some sample."""
        if isinstance(claim, Column):
            return any(trace[claim.name] for trace in self.traces)
        return any(evaluate(claim, trace, self.days) for trace in self.traces)

    def vary(self, step: str, values: Iterable[int], seen: Iterable[str]) -> bool:
        """Whether for some sample another value of a step changes any of the steps `seen`."""
        steps = self.runner.program.steps
        after = steps[next(index for index, one in enumerate(steps) if one.name == step) + 1 :]
        watched = frozenset(seen)
        return any(self.changes(trace, step, value, after, watched) for trace in self.traces[:LOOKED_AT] for value in values if value != trace[step])

    def changes(self, trace: Trace, step: str, value: int, after: Iterable[Step], watched: frozenset[str]) -> bool:
        changed: dict[str, Value] = {step: value}
        columns = ChainMap(changed, dict(trace))
        for one in after:
            if not columns_of(one.expr).isdisjoint(changed):
                result = evaluate(one.expr, columns, self.days)
                if result != trace[one.name]:
                    if one.name in watched:
                        return True
                    changed[one.name] = result
        return False


def values_around(runner: Runner, days: Mapping[AsOf, int]) -> dict[str, list[Value]]:
    """For each fact the values worth a look: both sides of its thresholds, small numbers, and the ends of its range."""
    sides: dict[str, set[int]] = {}
    for edge in edges(runner.program):
        start = 0 if edge.base is None else days[edge.base]
        sides.setdefault(edge.column, set()).update(start + side for side in edge.sides)
    texts = {f"fact.{fact.name}": set(fact.values or ("", "a")) for fact in runner.program.facts if fact.low is None}
    for step in runner.program.steps:
        for part in walk(step.expr):
            if isinstance(part, OneOf) and isinstance(part.of, Column) and part.of.name in texts:
                texts[part.of.name].update(str(value) for value in part.values)
            elif isinstance(part, Compare) and isinstance(part.left, Column) and isinstance(part.right, Constant) and part.left.name in texts:
                texts[part.left.name].add(str(part.right.value))
    return {fact.name: list(values_of(fact, sides.get(f"fact.{fact.name}", set()), texts.get(f"fact.{fact.name}", set()))) for fact in runner.program.facts}


def values_of(fact: FactSpec, sides: set[int], texts: set[str]) -> Iterator[Value]:
    if fact.type == "boolean":
        yield from (False, True)
    elif fact.low is None or fact.high is None:
        yield from sorted(texts)
    else:
        few = range(fact.low, min(fact.high, fact.low + A_FEW) + 1)
        yield from sorted({number for number in (*sides, *few, fact.high) if fact.low <= number <= fact.high})
