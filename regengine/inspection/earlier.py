"""A plan that was written to a folder, read back so that the next month's run can keep of it what it can.

Guarantees: its draws are the ones of the earlier plan, with their redraws; each of its visits has the day and the team that it had. A visit that is not
wanted any more is rebuilt from its row and the present rules. Refuses a folder whose draws are not revealed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from ..intake.files import as_problems, scan_table
from ..problems import Place, one_problem
from ..rulebook.parts import Words
from .draw.form import RECORD, Draw, read_draw
from .plan import Prepared
from .schedule import Schedule
from .visit import DRAW, FLOOR, REQUIRED, Placed, Replaced, Trip, Visit

__all__ = ["REPLACED_FILE", "Earlier", "read_earlier"]

PLAN_FILE, REPLACED_FILE = "plan.parquet", "replaced.parquet"


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier plan: its draws, and its visits as rows of its table."""

    folder: Path
    draws: tuple[Draw, ...]
    visits: pl.DataFrame
    replaced: tuple[Replaced, ...]

    def schedule(self, prepared: Prepared, wanted: Mapping[str, Visit]) -> Schedule:
        """Where its visits were placed; `wanted` are the visits of today by id."""
        trips: dict[str, list[dict[str, Any]]] = {}
        for row in self.visits.filter(pl.col("date").is_not_null()).iter_rows(named=True):
            trips.setdefault(row["trip"], []).append(row)
        placed = []
        for rows in trips.values():
            visits = tuple(wanted.get(row["visit"]) or rebuilt(row, prepared) for row in sorted(rows, key=lambda row: (row["department"], row["visit"])))
            teams = {row["visit"]: tuple(row["inspectors"]) for row in rows}
            placed.append(Placed(Trip(visits), rows[0]["date"], tuple((visit.id, teams[visit.id]) for visit in visits)))
        return Schedule(tuple(sorted(placed, key=lambda one: (one.day, one.trip.id))), (), self.replaced)


def read_earlier(folder: Path) -> Earlier:
    """The plan in a folder. Raises `ProblemError`: `file-missing` where there is none, `draw-record` for a draw that is not revealed."""
    draws = tuple(read_draw(path) for path in sorted(folder.glob(f"*{RECORD}")))
    if not draws or not (folder / PLAN_FILE).is_file():
        raise one_problem("file-missing", "there is no plan in this folder", place=Place(str(folder)), hint="give the folder that `regengine plan` wrote")
    for draw in draws:
        draw.must_be_revealed()
    path = folder / PLAN_FILE
    with as_problems(path):
        visits = scan_table(path, empty=True).lazy.collect()
    beside, replaced = folder / REPLACED_FILE, []
    if beside.is_file():
        with as_problems(beside):
            for row in scan_table(beside, empty=True).lazy.collect().iter_rows(named=True):
                replaced.append(Replaced(row["visit"], row["out"], row["by"], Words(en=row["why_en"], zh=row["why_zh"]), challenge=row["challenge"]))
    return Earlier(folder, draws, visits, tuple(replaced))


def rebuilt(row: Mapping[str, Any], prepared: Prepared) -> Visit:
    """A visit from its row; what no column holds comes from the present rules."""
    rules, department = prepared.rules, next(share.department for share in prepared.shares if share.department.id == row["department"])
    kind = row["kind"] if row["kind"] in (*rules.triggers, DRAW, FLOOR) else REQUIRED
    day: dt.date = row["earliest"]
    return Visit(
        row["visit"], row["department"], row["enterprise"], row["district"], kind, row["clause"], row["ticket"], row["grade"],
        prepared.grades.ranks[row["grade"]], row["stratum"] or "", day, row["latest"], rules.team, department.skills,
        tuple(filter(None, (row["manner"] or "").split(", "))), rules.quiet_for(kind), rules.counts(kind) if rules.caps else True, row["debt"],
        probability=None if row["probability_exact"] is None else Fraction(row["probability_exact"]), lead=row["lead"], authority=row["authority"],
    )  # fmt: skip
