"""Several programs as one: a step that they share is worked out once, however many they are.

Guarantees: each program's steps have in the merged program the values that they have in it alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..problems import Place, Problem, ProblemError
from ..program import Program
from ..program import expr as e
from ..program.expr import columns_of
from ..program.program import Step
from ..rulebook.facts import FactSpec

__all__ = ["Merged", "facts_of", "merged", "needed"]

ALIKE = ("type", "places", "low", "high", "values", "missing", "stand_in")


@dataclass(frozen=True, slots=True)
class Merged:
    """The steps of several programs; `names` says for each program what its steps are called among them."""

    steps: tuple[Step, ...]
    names: tuple[Mapping[str, str], ...]


def merged(programs: Sequence[Program]) -> Merged:
    """One list of steps for all programs: a step that says the same of the same values stands in it once."""
    steps: list[Step] = []
    made: dict[tuple[e.Expr, str], str] = {}
    taken: set[str] = set()
    found: list[Mapping[str, str]] = []
    for number, program in enumerate(programs):
        names: dict[str, str] = {}
        for step in program.steps:
            expr = renamed(step.expr, names)
            name = made.get((expr, step.type))
            if name is None:
                name = step.name if step.name not in taken else f"{step.name}@{number}"
                made[expr, step.type] = name
                taken.add(name)
                steps.append(Step(name, expr, step.type))
            names[step.name] = name
        found.append(names)
    return Merged(tuple(steps), tuple(found))


def renamed(expr: e.Expr, names: Mapping[str, str]) -> e.Expr:
    """An expression over the columns that take the place of its own."""

    def of(part: e.Expr) -> e.Expr:
        return renamed(part, names)

    match expr:
        case e.Column(name):
            return e.Column(names.get(name, name))
        case e.Constant() | e.AsOf():
            return expr
        case e.AllOf(parts) | e.AnyOf(parts) | e.Add(parts) | e.Least(parts) | e.Greatest(parts):
            return replace(expr, parts=tuple(map(of, parts)))
        case e.Negate(inner) | e.OneOf(inner):
            return replace(expr, of=of(inner))
        case e.Compare(left=left, right=right) | e.Subtract(left, right) | e.Multiply(left, right) | e.Quotient(left, right):
            return replace(expr, left=of(left), right=of(right))
        case e.First(rows, otherwise):
            return e.First(tuple((of(when), of(then)) for when, then in rows), of(otherwise))


def needed(steps: Sequence[Step], wanted: Iterable[str]) -> tuple[Step, ...]:
    """The steps without which the wanted ones cannot be worked out, in their order."""
    names = set(wanted)
    kept: list[Step] = []
    for step in reversed(steps):
        if step.name in names:
            kept.append(step)
            names |= columns_of(step.expr)
    return tuple(reversed(kept))


def facts_of(programs: Sequence[Program], columns: Collection[str], absent: Collection[str]) -> tuple[FactSpec, ...]:
    """The facts of all programs. Raises `ProblemError` for one that they declare otherwise, and for one that only a reform needs and nothing holds."""
    facts = {fact.name: fact for fact in programs[0].facts}
    problems: dict[str, Problem] = {}
    for program in programs[1:]:
        for fact in program.facts:
            first = facts.setdefault(fact.name, fact)
            if any(getattr(fact, key) != getattr(first, key) for key in ALIKE):
                message = f"the fact `{fact.name}` is declared otherwise by the reform, so one table cannot be read for both"
                problems[fact.name] = Problem("reform-wrong", message, Place(field=fact.name), "declare what changes as a fact of another name")
    before = {fact.name for fact in programs[0].facts}
    for name, fact in facts.items():
        if name not in before and name not in columns and name not in absent:
            hint = "add the column" + ("" if fact.missing == "reject" else ", or say that the fact is absent, if it truly is")
            problems[name] = Problem("column-missing", f"there is no column for the fact `{name}`, which only the reform needs", Place(field=name), hint)
    if problems:
        raise ProblemError(problems.values())
    return tuple(facts.values())
