"""Many laws over one population: what they share is worked out once, and what differs only on the combinations of values that it needs.

Of all steps those that every law has alike are worked out for the population, in one pass that keeps only how often each combination occurs of the
values that the other steps read. These other steps are then worked out on the combinations.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import narwhals as nw
import polars as pl

from ..engines.frame import column, internal
from ..engines.single import days_of
from ..intake.files import as_problems
from ..intake.frame import REJECTED
from ..program import Program
from ..program.expr import AsOf, columns_of, walk
from ..program.program import Step
from .figures import by_grade, counted
from .tally import COUNT, Population, Wanted, ready, tally
from .variants import facts_of, merged, needed
from .workload import demand_of

__all__ = ["Point", "points_of"]

MOST = 12  # columns whose combinations are counted; of more, nearly every enterprise has its own
AT_A_TIME = 24  # laws in one pass


@dataclass(frozen=True, slots=True)
class Point:
    """What one law makes of a population: enterprises and visits a year by grade, and how many move up and down against the first law."""

    enterprises: tuple[int, ...]
    visits: float | None
    up: int
    down: int


def points_of(programs: Sequence[Program], population: Population, *, as_of: dt.date, key: str, absent: Collection[str]) -> list[Point]:
    """A point for each law; the first is what the others are held against. Raises `ProblemError` as `compare` does."""
    facts = facts_of(programs, population.columns, absent)
    found = merged(programs)
    wanted = [one for number, (program, names) in enumerate(zip(programs, found.names, strict=True)) for one in wanted_of(program, names, number)]
    steps = needed(found.steps, [one.step for one in wanted])
    alike = set.intersection(*(set(names.values()) for names in found.names))
    apart = [step for step in steps if step.name not in alike]
    own = {step.name for step in apart}
    read = sorted({name for step in apart for name in columns_of(step.expr)} | {one.step for one in wanted})
    shared = [name for name in read if name not in own]
    if len(shared) > MOST:
        return in_passes(programs, population, as_of=as_of, key=key, absent=absent)
    with as_problems(population.path or Path("population")):
        frame = ready(population, programs[0], facts, needed(steps, [name for name in shared if name in alike]), as_of=as_of, key=key, absent=absent)
        names = [internal(name) for name in shared]
        held = frame.filter(~pl.col(REJECTED)).select(names).group_by(names).agg(pl.len().cast(pl.Int64).alias(COUNT)).collect(engine="streaming")
    table = worked_out(held, apart, as_of).select(*(pl.col(internal(one.step)).cast(pl.Int64).alias(one.name) for one in wanted), COUNT)
    return [point(program, table, number) for number, program in enumerate(programs)]


def in_passes(programs: Sequence[Program], population: Population, *, as_of: dt.date, key: str, absent: Collection[str]) -> list[Point]:
    """The points of laws that differ in so much that nearly every enterprise is a combination of its own: a pass over the population for some at a time."""
    facts = facts_of(programs, population.columns, absent)
    made: list[Point] = []
    for first in range(1, len(programs), AT_A_TIME):
        some = [programs[0], *programs[first : first + AT_A_TIME]]
        found = merged(some)
        wanted = [one for number, (program, names) in enumerate(zip(some, found.names, strict=True)) for one in wanted_of(program, names, number)]
        table, _ = tally(population, some[0], facts, needed(found.steps, [one.step for one in wanted]), wanted, as_of=as_of, key=key, by=(), absent=absent)
        own = [point(program, table, number) for number, program in enumerate(some)]
        made += own if first == 1 else own[1:]
    return made


def wanted_of(program: Program, names: Mapping[str, str], number: int) -> list[Wanted]:
    """The grade of a law, and the row of its inspections where they go by rows."""
    inspection = program.law.document.inspection
    made = [Wanted(f"grade {number}", names[program.grade_steps[-1]], len(program.law.document.grades.order))]
    if inspection is not None and inspection.rows is not None:
        made.append(Wanted(f"row {number}", names["row.inspection"], len(inspection.rows)))
    return made


def worked_out(held: pl.DataFrame, steps: Sequence[Step], as_of: dt.date) -> pl.DataFrame:
    """A table with further steps, in their order."""
    days = days_of(dict.fromkeys(part for step in steps for part in walk(step.expr) if isinstance(part, AsOf)), as_of)
    table = nw.from_native(held, eager_only=True)
    for step in steps:
        table = table.with_columns(column(step.expr, days).alias(internal(step.name)))
    return table.to_native()


def point(program: Program, table: pl.DataFrame, number: int) -> Point:
    names = [name for name in dict.fromkeys(("grade 0", f"grade {number}", f"row {number}")) if name in table.columns]
    counts = table.group_by(names).agg(pl.col(COUNT).sum())
    demand = demand_of(program)
    grades = by_grade(program, demand, counts, number)
    moved = [(before, after, rows) for before, after, rows in counted(counts, "grade 0", f"grade {number}")] if number else []
    return Point(
        tuple(grades.get(rank, (0, None))[0] for rank in range(len(program.law.document.grades.order))),
        None if demand is None else float(sum(visits for _, visits in grades.values())),
        sum(rows for before, after, rows in moved if after < before), sum(rows for before, after, rows in moved if after > before),
    )  # fmt: skip
