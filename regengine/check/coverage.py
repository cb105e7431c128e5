"""What the cases of a rulebook try: the rules that they fire, and the thresholds with a case on each side; and cases that would try the rest."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ..book import Book
from ..decision import Decision
from ..decision.trace import Shown, exact, written
from ..problems import ProblemError
from ..program.evaluate import evaluate
from ..program.expr import Expr
from ..program.program import Program
from ..rulebook.parts import Words
from ..rulebook.values import EPOCH
from .edges import Edge, edges
from .findings import Coverage, Finding
from .prover import Enterprise, Prover, days_in

__all__ = ["coverage", "coverage_findings", "suggested"]

NAMED = 6  # rules or thresholds that a finding names


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a threshold, and its name for people."""

    edge: Edge
    claim: Expr
    name: str


def coverage(book: Book, prover: Prover | None = None) -> Coverage:
    """What the cases of a book try of its law; with a prover, sides on which no enterprise can stand do not count."""
    program = book.program
    decisions = list(decided(book))
    fired = {rule.id for decision in decisions for rule in decision.rules}
    unfired = tuple(rule.id for rule in program.rules if rule.id not in fired)
    sides = list(sides_of(program))
    left = [side for side in sides if not any(stands(decision, side) for decision in decisions)]
    untested = tuple(side.name for side in left if prover is None or possible(prover, side))
    tested = len(sides) - len(left)
    return Coverage(len(program.rules), len(program.rules) - len(unfired), unfired, tested + len(untested), tested, untested)


def possible(prover: Prover, side: Side) -> bool:
    """Whether some enterprise can stand on a side, or that is not decided."""
    return not prover.none([prover.terms.term(side.claim), prover.terms.term(prover.graded)])


def coverage_findings(one: Coverage) -> list[Finding]:
    """A finding for the rules and one for the thresholds that no case tries."""
    found: list[Finding] = []
    if one.unfired:
        text = Words(
            en=f"{len(one.unfired)} of {one.rules} rules are fired by no case: {named(one.unfired, 'en')}",
            zh=f"{one.rules}条规则中{len(one.unfired)}条未被任何用例触发：{named(one.unfired, 'zh')}",
        )
        found.append(Finding("rules-untested", text, ("tests",)))
    if one.untested:
        text = Words(
            en=f"on {len(one.untested)} of {one.edges} sides of thresholds stands no case: {named(one.untested, 'en')}",
            zh=f"分界值的{one.edges}侧中{len(one.untested)}侧没有用例：{named(one.untested, 'zh')}",
        )
        found.append(Finding("edges-untested", text, ("tests",)))
    return found


def named(names: tuple[str, ...], lang: str) -> str:
    return ("、" if lang == "zh" else ", ").join(f"`{name}`" for name in names[:NAMED]) + (" …" if len(names) > NAMED else "")


def decided(book: Book) -> Iterator[Decision]:
    """The decisions of the cases that are graded, each under the law of its own day."""
    for case in book.cases:
        as_of = case.as_of or book.rulebook.change_days[0]
        try:
            yield book.at(case.law_at or as_of).decide(case.facts, as_of=as_of)
        except ProblemError:
            continue  # a case of a refusal, or a failed one, which `regengine test` tells


def stands(decision: Decision, side: Side) -> bool:
    """Whether a decision stands on one side of a threshold."""
    name = side.edge.column
    if name not in decision.trace or name.removeprefix("fact.") in decision.unknown:
        return False
    return bool(evaluate(side.claim, decision.trace, days_in(side.claim, decision.as_of)))


def sides_of(program: Program) -> Iterator[Side]:
    """Both sides of each threshold of a program, where its fact can have them."""
    bounds = {f"fact.{fact.name}": (fact.low, fact.high) for fact in program.facts}
    done: set[str] = set()
    for edge in edges(program, own=True):
        low, high = bounds.get(edge.column, (None, None))
        for side, claim in zip(edge.sides, edge.claims(), strict=True):
            inside = edge.base is not None or ((low is None or side >= low) and (high is None or side <= high))
            if inside and (name := side_name(program, edge, side)) not in done:
                done.add(name)
                yield Side(edge, claim, name)


def side_name(program: Program, edge: Edge, side: int) -> str:
    """A side for people: `penalties = 3`, `opened = as_of - 12 months + 1`."""
    name = edge.column.partition(".")[2] or edge.column
    if edge.base is not None:
        less = f" - {edge.base.months} months" * bool(edge.base.months) + f" - {edge.base.days} days" * bool(edge.base.days)
        return f"{name} = as_of{less}" + (f" {'+' if side > 0 else '-'} {abs(side)} day" if side else "")
    fact = next((fact for fact in program.facts if edge.column == f"fact.{fact.name}"), None)
    if fact is not None and fact.type == "date":
        return f"{name} = {EPOCH + dt.timedelta(days=side)}"
    law = program.law
    kinds = {"score": law.score, **{f"family.{key}": kind for key, kind in law.families.items()}, **{f"term.{key}": kind for key, kind in law.terms.items()}}
    places = fact.places if fact is not None else getattr(kinds.get(edge.column), "places", 0)
    return f"{name} = {written(exact(side, places))}"


def suggested(prover: Prover, untested: tuple[str, ...]) -> str:
    """Cases for the sides on which none stands, as the text of a file of cases; what they expect is what the program says today."""
    lines = [
        "# Suggested by `regengine check --suggest`: one enterprise on each side of each threshold that no case tries.",
        "# What is expected is what the rulebook says now. Confirm each against the law before it counts as a case.",
        "tests:",
    ]
    for side in sides_of(prover.program):
        if side.name not in untested:
            continue
        answer = prover.some(side.claim)
        if answer:
            lines += case_of(prover, side.name, answer.found[0])
    return "\n".join(lines if len(lines) > 3 else [*lines[:2], "tests: []"]) + "\n"


def case_of(prover: Prover, name: str, one: Enterprise) -> Iterator[str]:
    program = prover.program
    trace = prover.trace(prover.read(one), one.as_of)
    expect: dict[str, Shown] = {"grade": str(one.grade)}
    kind = program.law.score
    if kind is not None:
        expect["score"] = exact(trace.number("score"), kind.places)
    graded_by = next(output for output in program.outputs if output.name == "graded_by")
    assert graded_by.values is not None
    expect["graded_by"] = str(graded_by.values[trace.number(graded_by.of)])
    yield f"  - case: {flow(name)}"
    yield f"    as_of: {one.as_of}"
    yield f"    facts: {mapping(one.facts)}"
    yield f"    expect: {mapping(expect)}"


def mapping(values: Mapping[str, Shown]) -> str:
    return "{" + ", ".join(f"{name}: {flow(value)}" for name, value in values.items()) + "}"


def flow(value: Shown) -> str:
    """A value as YAML has it inside a flow mapping."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | Decimal | dt.date) else json.dumps(value, ensure_ascii=False)
