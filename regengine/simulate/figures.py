"""The figures of a comparison, from the counts of one pass over the population (see `tally`). All frames are pandas.

In the counts, `grade N` is the grade in case `N`, `row N` the row of inspections, `rule N` the rule that gave the grade, `path N` the service path; case 0 is
the rulebook, the last one the reform.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import pandas as pd
import polars as pl

from ..program import Program
from .savings import MEASURES, Savings
from .switches import Part
from .tally import COUNT
from .workload import Costs, Demand

__all__ = [
    "ALONE", "DOWN", "EITHER", "NOT_GRADED", "TOGETHER", "UP", "attribution", "entries", "matrix", "moves", "paths", "rules", "savings", "switched",
    "visits_each",
    "workload",
]  # fmt: skip

UP, DOWN = "up", "down"
NOT_GRADED = "not graded"
ALONE, TOGETHER, EITHER = "alone", "together", "either"  # one part alone moves it; only several together; each of several would
Demands = Sequence[Demand | None]


def matrix(program: Program, counts: pl.DataFrame, last: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Enterprises by the grade before (rows) and after (columns), and the same as shares of each row; a row without enterprises has none."""
    order = list(program.law.document.grades.order)
    cells = {(before, after): rows for before, after, rows in counted(counts, "grade 0", f"grade {last}")}
    columns = [*range(len(order)), *([len(order)] if any(after == len(order) for _, after in cells) else [])]
    names = [*order, NOT_GRADED][: len(columns)]
    made = pd.DataFrame([[cells.get((before, after), 0) for after in columns] for before in range(len(order))], index=order, columns=names, dtype="int64")
    made.index.name, made.columns.name = "before", "after"
    return made, made.div(made.sum(axis=1).replace(0, float("nan")), axis=0)


def counted(counts: pl.DataFrame, *names: str) -> Iterator[tuple[int, ...]]:
    """Each combination of some columns with its number of enterprises."""
    return counts.group_by(names).agg(pl.col(COUNT).sum()).sort(*names).select(*names, COUNT).iter_rows()


def way(before: int, after: int) -> str:
    """Up is to a better grade."""
    return UP if after < before else DOWN


def said(program: Program, rank: int) -> str:
    order = program.law.document.grades.order
    return order[rank] if rank < len(order) else NOT_GRADED


def moves(program: Program, counts: pl.DataFrame, last: int) -> pd.DataFrame:
    """Who moves, from which grade to which; `not graded` is neither up nor down, and is told as down."""
    rows = [
        (said(program, before), said(program, after), way(before, after), number)
        for before, after, number in counted(counts, "grade 0", f"grade {last}")
        if before != after
    ]
    return pd.DataFrame(rows, columns=["before", "after", "direction", COUNT]).astype({COUNT: "int64"})


def rules(first: Program, second: Program, counts: pl.DataFrame, last: int) -> pd.DataFrame:
    """The rules that gave those who move their grade, before and after; most enterprises first."""
    names = [next(output.values or () for output in program.outputs if output.name == "graded_by") for program in (first, second)]
    rows = [
        (said(first, before), said(first, after), str(names[0][one]), str(names[1][two]), number)
        for before, after, one, two, number in counted(counts, "grade 0", f"grade {last}", "rule 0", f"rule {last}")
        if before != after
    ]
    rows.sort(key=lambda row: (-row[4], row))
    return pd.DataFrame(rows, columns=["before", "after", "rule_before", "rule_after", COUNT]).astype({COUNT: "int64"})


# what moved them


def attribution(cases: Sequence[frozenset[int]], parts: Sequence[Part], counts: pl.DataFrame) -> pd.DataFrame:
    """The enterprises that move, by what moves them: one part alone, only several together, or each of several. It adds up to all that move."""
    found: dict[tuple[str, tuple[int, ...]], dict[str, int]] = {}
    for *grades, number in counted(counts, *(f"grade {case}" for case in range(len(cases)))):
        before, after = grades[0], grades[-1]
        if before != after:
            cause = cause_of(dict(zip(cases, grades, strict=True)), len(parts))
            found.setdefault(cause, {UP: 0, DOWN: 0})[way(before, after)] += number
    for place in range(len(parts)):
        found.setdefault((ALONE, (place,)), {UP: 0, DOWN: 0})
    kinds = (ALONE, TOGETHER, EITHER)
    rows = [
        (kind, " + ".join(parts[place].name for place in places), told[UP], told[DOWN], told[UP] + told[DOWN])
        for (kind, places), told in sorted(found.items(), key=lambda one: (kinds.index(one[0][0]), one[0][1]))
    ]
    return pd.DataFrame(rows, columns=["kind", "parts", UP, DOWN, "moved"]).astype({UP: "int64", DOWN: "int64", "moved": "int64"})


def cause_of(grades: Mapping[frozenset[int], int], parts: int) -> tuple[str, tuple[int, ...]]:
    """What moves an enterprise, from its grade in each case.

    A part alone: it brings the new grade by itself, and without it there is the old one, and no other part is like that.
    """
    every = frozenset(range(parts))
    before, after = grades[frozenset()], grades[every]
    brings = [place for place in every if grades[frozenset([place])] == after]
    sole = [place for place in brings if grades[every - {place}] == before]
    if len(sole) == 1:
        return ALONE, tuple(sole)
    has_part = [place for place in every if grades[frozenset([place])] != before or grades[every - {place}] != after]
    if len(brings) > 1 and brings == has_part:
        return EITHER, tuple(brings)
    return TOGETHER, tuple(has_part or every)


def switched(programs: Sequence[Program], demands: Demands, cases: Sequence[frozenset[int]], parts: Sequence[Part], counts: pl.DataFrame) -> pd.DataFrame:
    """What each part does alone (over the rulebook) and last (over all others): who moves up and down by it, and the visits a year that it adds."""
    place = {case: number for number, case in enumerate(cases)}
    every = frozenset(range(len(parts)))
    told = [total(program, demand, counts, number) for number, (program, demand) in enumerate(zip(programs, demands, strict=True))]
    rows = []
    for number, part in enumerate(parts):
        row: list[Any] = [part.name]
        for before, after in ((frozenset[int](), frozenset([number])), (every - {number}, every)):
            one, two = place[before], place[after]
            moved = {UP: 0, DOWN: 0}
            for first, second, rows_ in counted(counts, f"grade {one}", f"grade {two}") if one != two else ():
                if first != second:
                    moved[way(first, second)] += rows_
            old, new = told[one], told[two]
            row += [moved[UP], moved[DOWN], None if old is None or new is None else float(new - old)]
        rows.append(row)
    return pd.DataFrame(rows, columns=["part", "alone_up", "alone_down", "alone_visits", "last_up", "last_down", "last_visits"])


# what it costs


def entries(program: Program, counts: pl.DataFrame, number: int) -> list[tuple[str, int, int, dict[str, Any]]]:
    """For each row of the counts the entry of `inspection` that holds, its grade and its enterprises; those that are not graded have none."""
    inspection = program.law.document.inspection
    order = program.law.document.grades.order
    by_rows = inspection is not None and inspection.rows is not None
    ids = {rule.path[2]: rule.id.removeprefix("inspection.") for rule in program.rules if by_rows and rule.table == "inspection"}
    return [
        (ids[row[f"row {number}"]] if by_rows else order[row[f"grade {number}"]], row[f"grade {number}"], row[COUNT], row)
        for row in counts.iter_rows(named=True)
        if row[f"grade {number}"] < len(order)
    ]


def visits_each(program: Program, demand: Demand, counts: pl.DataFrame, number: int) -> dict[str, Fraction]:
    """The visits a year that an enterprise of each entry may expect in a case."""
    held: dict[str, int] = {}
    for entry, _, count, _ in entries(program, counts, number):
        held[entry] = held.get(entry, 0) + count
    return demand.visits(held)


def by_grade(program: Program, demand: Demand | None, counts: pl.DataFrame, number: int) -> dict[int, tuple[int, Fraction]]:
    """Enterprises and expected visits of each grade in a case."""
    each = visits_each(program, demand, counts, number) if demand else {}
    made: dict[int, tuple[int, Fraction]] = {}
    for entry, grade, count, _ in entries(program, counts, number):
        enterprises, visits = made.get(grade, (0, Fraction(0)))
        made[grade] = enterprises + count, visits + each.get(entry, Fraction(0)) * count
    return made


def total(program: Program, demand: Demand | None, counts: pl.DataFrame, number: int) -> Fraction | None:
    """All expected visits of a case."""
    return sum((visits for _, visits in by_grade(program, demand, counts, number).values()), Fraction(0)) if demand else None


def workload(programs: Sequence[Program], demands: Demands, counts: pl.DataFrame, costs: Costs | None) -> pd.DataFrame:
    """Enterprises, visits a year and their hours by grade, before and after. Without rules of inspection, or without costs, the figures are missing."""
    sides = [(name, number, by_grade(programs[number], demands[number], counts, number)) for name, number in (("before", 0), ("after", len(programs) - 1))]
    rows: list[dict[str, Any]] = []
    for rank, grade in enumerate(programs[0].law.document.grades.order):
        row: dict[str, Any] = {"grade": grade}
        for name, number, held in sides:
            enterprises, visits = held.get(rank, (0, Fraction(0)))
            row[f"enterprises_{name}"] = enterprises
            row |= {f"{what}_{name}": value for what, value in hours(visits, demands[number], costs).items()}
        rows.append(row)
    kinds = [COUNT, "visits", "inspector_hours", "enterprise_hours"]
    return pd.DataFrame(rows, columns=["grade", *(f"{what}_{side}" for what in kinds for side in ("before", "after"))])


def hours(visits: Fraction, demand: Demand | None, costs: Costs | None) -> dict[str, float | None]:
    """Visits with the hours of all inspectors of their teams, and of the enterprises."""
    if demand is None:
        return {"visits": None, "inspector_hours": None, "enterprise_hours": None}
    return {
        "visits": float(visits),
        "inspector_hours": None if costs is None else float(visits * demand.team * costs.inspector),
        "enterprise_hours": None if costs is None else float(visits * costs.enterprise),
    }


# what it saves

Saved = tuple[Savings | None, Savings | None]


def name_of(one: Savings | None, place: int) -> str | None:
    return one.paths[place] if one is not None and place < len(one.paths) else None


def paths(saved: Saved, counts: pl.DataFrame, last: int) -> pd.DataFrame:
    """The enterprises to which each service path is offered, before and after, and how many gain and lose it."""
    names = list(dict.fromkeys(name for one in saved if one is not None for name in one.paths))
    rows = [(name_of(saved[0], one), name_of(saved[1], two), count) for one, two, count in counted(counts, "path 0", f"path {last}")] if all(saved) else []
    made = [
        (
            name, sum(count for one, _, count in rows if one == name), sum(count for _, two, count in rows if two == name),
            sum(count for one, two, count in rows if two == name != one), sum(count for one, two, count in rows if one == name != two),
        )
        for name in (names if rows else [])
    ]  # fmt: skip
    return pd.DataFrame(made, columns=["path", "before", "after", "gained", "lost"])


def savings(saved: Saved, counts: pl.DataFrame, last: int) -> pd.DataFrame:
    """What one application of every enterprise in each matter saves over its ordinary course, before and after."""
    first, second = saved
    if first is None or second is None:
        return pd.DataFrame([], columns=["matter", "measure", "before", "after", "more"])
    sums: dict[tuple[str, str], list[int]] = {}
    matters = list(dict.fromkeys(matter for one in (first, second) for _, matter in one.saved))
    for matter in matters:
        for measure in MEASURES:
            sums[matter, measure] = [0, 0]
    for side, (one, column) in enumerate(zip((first, second), ("path 0", f"path {last}"), strict=True)):
        for place, count in counted(counts, column):
            name = name_of(one, place)
            for matter in matters:
                for measure, each in zip(MEASURES, one.saved.get((name or "", matter), (0, 0, 0, 0)), strict=True):
                    sums[matter, measure][side] += each * count
    rows = [(matter, measure, before, after, after - before) for (matter, measure), (before, after) in sums.items()]
    return pd.DataFrame(rows, columns=["matter", "measure", "before", "after", "more"])
