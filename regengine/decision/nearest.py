"""The smallest change of changeable facts that would lift the grade, found by running the program again.

What is tried is not a guess: the values on either side of each threshold that the rulebook itself names for a fact, and
the ends of its range. The number of facts changed at once and the number of runs are bounded, and the bound is part of
the answer; within it, a change of fewer facts is always preferred, then one of fewer steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING

from ..program.expr import AsOf, Column, Compare, Constant, Expr, OneOf, walk
from ..rulebook.facts import FactSpec
from ..rulebook.parts import Words
from .trace import Shown, Value, fact_value

if TYPE_CHECKING:
    from .decision import Decision

__all__ = ["Change", "Lift", "nearest_better"]

MOST_FACTS, MOST_RUNS = 4, 20_000


@dataclass(frozen=True, slots=True)
class Change:
    """One fact, its value now (None where it is unknown) and the value that it would need."""

    fact: str
    label: Words | None
    now: Shown | None
    needed: Shown
    unit: str | None


@dataclass(frozen=True, slots=True)
class Lift:
    """What would lift the grade. `changes` is empty where nothing was found, or the grade is the best already.

    `runs` tells how many enterprises were tried, `complete` whether every combination of up to `most_facts` facts was.
    """

    grade: str | None
    changes: tuple[Change, ...]
    runs: int
    most_facts: int
    complete: bool

    def bound(self, lang: str = "en") -> str:
        """How far the search went."""
        if lang == "zh":
            return f"共试算{self.runs}次，每次最多改变{self.most_facts}项事实" + ("" if self.complete else "；未穷尽全部组合")
        return f"{self.runs:,} runs, changing up to {self.most_facts} facts at once" + ("" if self.complete else "; not every combination was tried")


Candidate = tuple[FactSpec, Value]


class Search:
    """Runs the program on changed facts and counts the runs."""

    def __init__(self, decision: Decision) -> None:
        self.decision = decision
        program = decision.program
        self.place = decision.trace.place
        self.inputs = decision.trace.values_[: len(program.inputs)]
        self.days = tuple(decision.days.values())
        self.steps = [self.place[name] - len(program.inputs) for name in program.grade_steps]
        held = [rule.holds_step for rule in program.rules if rule.table == "adjust" and rule.holds_step]
        self.held = [name for name in held if decision.trace[name]]
        self.worse_higher = program.law.document.score is None or program.law.document.score.worse == "higher"
        self.runs = 0

    def run(self, changes: tuple[Candidate, ...]) -> tuple[Value, ...]:
        """The inputs and steps with some facts changed."""
        self.runs += 1
        values = list(self.inputs)
        for spec, value in changes:
            values[self.place[f"fact.{spec.name}"]] = value
            if spec.missing == "unknown":
                values[self.place[f"known.{spec.name}"]] = True
        return (*values, *self.decision.run(*values, *self.days))

    def rank(self, values: tuple[Value, ...]) -> int:
        return int(values[self.place[self.decision.program.grade_steps[-1]]])

    def progress(self, values: tuple[Value, ...]) -> tuple[int, int]:
        """How much better a run is where its grade is not: adjustments gone and ranks won, then points won."""
        before = self.decision.trace
        ranks = sum(before.number(name) - int(values[self.place[name]]) for name in self.decision.program.grade_steps)
        gone = sum(not values[self.place[name]] for name in self.held)
        points = 0
        if "score" in self.place:
            points = before.number("score") - int(values[self.place["score"]])
        return ranks + gone, points if self.worse_higher else -points

    @property
    def spent(self) -> bool:
        return self.runs >= MOST_RUNS


def nearest_better(decision: Decision) -> Lift:
    """Search for the smallest lift of a decision's grade."""
    now = decision.order.index(decision.grade)
    if now == 0:
        return Lift(None, (), 0, MOST_FACTS, True)
    search = Search(decision)
    helpful: dict[str, list[tuple[tuple[int, int], Candidate]]] = {}
    single: list[tuple[Candidate, ...]] = []
    for spec, value in candidates(decision):
        values = search.run(((spec, value),))
        if search.rank(values) < now:
            single.append(((spec, value),))
        elif (gain := search.progress(values)) > (0, 0):
            helpful.setdefault(spec.name, []).append((gain, (spec, value)))
    found, size = single, 1
    # the candidates of a fact that gain most stand for it; refining brings them back to the smallest step that is enough
    best = [[one for _, one in sorted(options, key=lambda o: o[0], reverse=True)[:2]] for options in helpful.values()]
    best.sort(key=lambda options: max(gain for gain, _ in helpful[options[0][0].name]), reverse=True)
    while not found and size < min(MOST_FACTS, len(best)) and not search.spent:
        size += 1
        for group in combinations(best, size):
            for choice in product(*group):
                if search.spent:
                    break
                if search.rank(search.run(choice)) < now:
                    found.append(choice)
    complete = not search.spent
    if not found:
        return Lift(None, (), search.runs, MOST_FACTS, complete)
    shortlist = sorted(found, key=lambda choice: cost(decision, choice))[:20]
    refined = [refine(search, choice, now) for choice in shortlist]
    choice = min(refined, key=lambda one: cost(decision, one))
    grade = decision.order[search.rank(search.run(choice))]
    return Lift(grade, tuple(change(decision, spec, value) for spec, value in choice), search.runs, MOST_FACTS, complete)


def change(decision: Decision, spec: FactSpec, value: Value) -> Change:
    now = None if spec.name in decision.unknown else fact_value(spec, decision.trace[f"fact.{spec.name}"])
    return Change(spec.name, spec.label, now, fact_value(spec, value), spec.unit)


def cost(decision: Decision, choice: tuple[Candidate, ...]) -> tuple[int, float, tuple[str, ...]]:
    """Fewer facts first, then smaller steps as shares of each fact's present size, then the names."""
    steps = 0.0
    for spec, value in choice:
        now = decision.trace[f"fact.{spec.name}"]
        steps += abs(int(value) - int(now)) / max(abs(int(now)), 1) if spec.low is not None else 1.0
    return len(choice), steps, tuple(spec.name for spec, _ in choice)


def refine(search: Search, choice: tuple[Candidate, ...], now: int) -> tuple[Candidate, ...]:
    """Bring each number as near to its present value as still lifts the grade, by halving."""
    kept = list(choice)
    for index, (spec, value) in enumerate(kept):
        if spec.low is None or spec.name in search.decision.unknown:
            continue
        fails, lifts = search.decision.trace.number(f"fact.{spec.name}"), int(value)
        while abs(lifts - fails) > 1:
            middle = (lifts + fails) // 2
            tried = [*kept[:index], (spec, middle), *kept[index + 1 :]]
            if search.rank(search.run(tuple(tried))) < now:
                lifts = middle
            else:
                fails = middle
        kept[index] = (spec, lifts)
    return tuple(kept)


def candidates(decision: Decision) -> Iterator[Candidate]:
    """For each changeable fact the values worth trying, in the rulebook's order, without the present one."""
    named = thresholds(decision)
    for spec in decision.program.facts:
        if not spec.changeable:
            continue
        now = None if spec.name in decision.unknown else decision.trace[f"fact.{spec.name}"]
        if spec.type == "boolean":
            options: list[Value] = [True, False]
        elif spec.values is not None:
            options = list(spec.values)
        elif spec.low is not None and spec.high is not None:
            near = {edge + step for edge in named.get(spec.name, ()) if isinstance(edge, int) for step in (-1, 0, 1)}
            options = [*sorted(value for value in near | {spec.low, spec.high} if spec.low <= value <= spec.high)]
        else:
            options = sorted(str(edge) for edge in named.get(spec.name, ()))
        yield from ((spec, value) for value in options if value != now)


def thresholds(decision: Decision) -> dict[str, set[Value]]:
    """The values with which the rulebook compares each fact, alone or in a multiple."""
    found: dict[str, set[Value]] = {}

    def day(expr: Expr) -> Value | None:
        return expr.value if isinstance(expr, Constant) else decision.days[expr] if isinstance(expr, AsOf) else None

    for step in decision.program.steps:
        for part in walk(step.expr):
            if isinstance(part, Compare):
                for one, other in ((part.left, part.right), (part.right, part.left)):
                    value = day(other)
                    if value is None:
                        continue
                    for column in (leaf for leaf in walk(one) if isinstance(leaf, Column) and leaf.name.startswith("fact.")):
                        found.setdefault(column.name.removeprefix("fact."), set()).add(value)
            elif isinstance(part, OneOf) and isinstance(part.of, Column):
                found.setdefault(part.of.name.removeprefix("fact."), set()).update(part.values)
    return found
