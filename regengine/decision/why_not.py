"""Why the grade is not better: for each better grade, what stands in its way and by how much."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from ..problems import nearest, one_problem
from ..program.evaluate import evaluate
from ..program.expr import Column
from ..program.program import Part, Rule
from ..rulebook.parts import Words
from .trace import Shown, exact, fact_value, facts_behind, written

if TYPE_CHECKING:
    from .decision import Citation, Decision

__all__ = ["Obstacle", "WhyNot", "why_not"]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that keeps a grade away.

    `words` say it; `by` is how far a number is from where it would have to be, in `unit` (None where nothing is measured);
    `facts` are the facts behind it with their values.
    """

    rule: str
    words: Words
    by: int | Decimal | None
    unit: str | None
    facts: dict[str, Shown | None]
    citations: tuple[Citation, ...]

    def text(self, lang: str = "en") -> str:
        """The obstacle for people."""
        return self.words.say(lang)


@dataclass(frozen=True, slots=True)
class WhyNot:
    """A better grade and everything that stands in its way."""

    grade: str
    obstacles: tuple[Obstacle, ...]


def why_not(decision: Decision, grade: str | None = None) -> tuple[WhyNot, ...]:
    """The obstacles to each grade better than the decision's, the nearest first, or to `grade` alone."""
    order = decision.order
    if grade is not None and grade not in order:
        raise one_problem("grade-unknown", f"`{grade}` is not a grade of `{decision.rulebook}`", hint=nearest(grade, order))
    current = order.index(decision.grade)
    better = [order.index(grade)] if grade is not None else range(current - 1, -1, -1)
    return tuple(WhyNot(order[rank], (*base_obstacles(decision, rank), *adjust_obstacles(decision, rank))) for rank in better if rank < current)


def base_obstacles(decision: Decision, rank: int) -> tuple[Obstacle, ...]:
    """What keeps the grade before adjustments from being as good as `rank`."""
    if decision.trace.number(decision.program.grade_steps[0]) <= rank:
        return ()
    grades = decision.law.document.grades
    rules = [rule for rule in decision.program.rules if rule.table == "grade"]
    if grades.bands is not None:
        return (band_obstacle(decision, rank, rules),)
    hit = next(rule for rule in rules if decision.trace.number(f"reasons.{rule.word}") & rule.mask)
    found = [obstacle(decision, hit, Words(en=f"this row holds: {hit.label.say('en')}", zh=f"适用本行：{hit.label.say('zh')}"), None)]
    for rule in rules:
        if rule.grade is not None and rule.grade <= rank and rule.parts:
            found += [part_obstacle(decision, rule, part) for part in decision.failed(rule)]
    return tuple(found)


def band_obstacle(decision: Decision, rank: int, rules: list[Rule]) -> Obstacle:
    """How far the score is from the nearest number that gives `rank` or better."""
    law, kind = decision.law, decision.law.score
    bands = law.document.grades.bands
    assert kind is not None and bands is not None
    score = decision.trace.number("score")
    spans = [
        (span, rule)
        for rule in rules
        if rule.grade is not None and rule.grade <= rank and (span := bands[decision.order[rule.grade]].within(kind.places, kind.low, kind.high))
    ]
    if not spans:
        hit = next(rule for rule in rules if decision.trace.number(f"reasons.{rule.word}") & rule.mask)
        return obstacle(decision, hit, Words(en=f"no score gives {decision.order[rank]}", zh=f"任何分值都不对应{decision.order[rank]}级"), None)
    edge, rule = min(((first if score < first else last, rule) for (first, last), rule in spans), key=lambda pair: abs(score - pair[0]))
    by, now, needed = (exact(number, kind.places) for number in (abs(score - edge), score, edge))
    most = edge < score
    words = Words(
        en=f"the score is {written(now)} and must be {'at most' if most else 'at least'} {written(needed)}: {written(by)} too {'many' if most else 'few'}",
        zh=f"得分为{written(now)}，须{'不高于' if most else '不低于'}{written(needed)}，{'超出' if most else '不足'}{written(by)}",
    )
    return obstacle(decision, rule, words, by, unit="points")


def adjust_obstacles(decision: Decision, rank: int) -> list[Obstacle]:
    """The adjustments that hold and would keep a grade of `rank` from standing."""
    program = decision.program
    rules = {rule.id: rule for rule in program.rules if rule.table == "adjust"}
    steps = {step.name: step.expr for step in program.steps}
    found: list[Obstacle] = []
    for adjust, before, after in zip(decision.law.document.adjust, program.grade_steps, program.grade_steps[1:], strict=False):
        # the program's own step, over a grade that is already as good as asked for
        if int(evaluate(steps[after], {**decision.trace, before: rank}, decision.days)) > rank:
            rule = rules[f"adjust.{adjust.id}"]
            words = Words(en=f"this rule holds: {rule.label.say('en')}", zh=f"适用本规则：{rule.label.say('zh')}")
            found.append(obstacle(decision, rule, words, None))
    return found


def part_obstacle(decision: Decision, rule: Rule, part: Part) -> Obstacle:
    """A part of a condition that failed, measured where it compares."""
    by: int | Decimal | None = None
    if part.sides is not None:
        left, right = (int(evaluate(side, decision.trace, decision.days)) for side in part.sides)
        by = exact(abs(left - right), part.places)
    distance = f" ({written(by)} {part.unit or ''}".rstrip() + " away)" if by is not None else ""
    words = Words(en=f"this does not hold: {part.text}{distance}", zh=f"未满足条件：{part.text}" + (f"（相差{written(by)}）" if by is not None else ""))
    return obstacle(decision, rule, words, by, unit=part.unit, part=part)


def obstacle(decision: Decision, rule: Rule, words: Words, by: int | Decimal | None, *, unit: str | None = None, part: Part | None = None) -> Obstacle:
    from .decision import citations_of

    expr = part.expr if part is not None else Column(rule.holds_step) if rule.holds_step else None
    behind = facts_behind(decision.program, expr) if expr is not None else ()
    facts = {spec.name: None if spec.name in decision.unknown else fact_value(spec, decision.trace[f"fact.{spec.name}"]) for spec in behind}
    return Obstacle(rule.id, words, by, unit, facts, citations_of(decision.law, rule.basis.cites))
