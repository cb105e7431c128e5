"""The projection of a scenario: the graded population under each policy, some years ahead."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from ..book import Book
from ..problems import ProblemError, nearest
from ..program import Program
from ..simulate.project import Projection, project
from .form import Scenario

__all__ = ["run_projection"]


def run_projection(scenario: Scenario, book: Book, program: Program, graded: Path, key: str) -> Projection:
    """Project the enterprises of a graded table. Raises `ProblemError`: `scenario-wrong` for what the scenario names wrongly, and as `project` does."""
    form = scenario.document.project
    assert form is not None
    facts = {fact.name: fact for fact in program.facts}
    if form.moves not in facts or facts[form.moves].type != "integer":
        whole = [name for name, fact in facts.items() if fact.type == "integer"]
        hint = nearest(form.moves, whole)
        raise ProblemError([scenario.problem(("project", "moves"), f"`{form.moves}` is not a fact of `{program.law.id}` that is a whole number", hint)])
    order = program.law.document.grades.order
    at = ("project", "assumptions", "recurs")
    problems = [
        scenario.problem((*at, grade), f"`{grade}` is not a grade of `{program.law.id}`", nearest(grade, order))
        for grade in form.assumptions.recurs
        if grade not in order
    ]
    problems += [scenario.problem(at, f"there is no rate for the grade {grade}") for grade in order if grade not in form.assumptions.recurs]
    if problems:
        raise ProblemError(problems)
    table = pl.read_parquet(graded)
    table = table.select(key, *(name for name in facts if name in table.columns))
    policies = {one.name: book.with_reform(*(scenario.file.parent / name for name in one.reforms)) for one in form.policies}
    absent = [name for name in facts if name not in table.columns]
    return project(
        policies, table, form.assumptions.made(), moves=form.moves, as_of=scenario.document.as_of, years=form.years, runs=form.runs, seed=form.seed, key=key,
        absent=absent,
    )  # fmt: skip
