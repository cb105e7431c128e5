"""The tables of a plan, as everything reads them that writes files or pages of it.

Guarantees: each table has exactly the columns of its schema, whatever it holds, and every inspector of a visit or a load is one of the plan's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from ..problems import Problem
from ..rulebook.parts import Words
from ..rulebook.values import Span
from .visit import Inspector

__all__ = ["FEASIBILITY", "LEFT_OUT", "LOAD", "STRATA", "TABLES", "UNPLACED", "VISITS", "DrawUsed", "PlanTables", "RulebookUsed"]

TEXT, FLAG, DAY, NUMBER, WHOLE = pl.String(), pl.Boolean(), pl.Date(), pl.Float64(), pl.Int64()
VISITS = pl.Schema(
    {
        "visit": TEXT, "trip": TEXT, "joint": FLAG, "date": DAY, "department": TEXT, "enterprise": TEXT, "name": TEXT,
        "district": TEXT, "grade": TEXT, "stratum": TEXT, "kind": TEXT, "kind_en": TEXT, "kind_zh": TEXT, "clause": TEXT,
        "manner": TEXT, "inspectors": pl.List(TEXT), "ticket": TEXT, "probability": NUMBER, "probability_exact": TEXT,
        "lead": TEXT, "authority": TEXT, "debt": FLAG, "earliest": DAY, "latest": DAY, "lat": NUMBER, "lon": NUMBER,
        "hours": NUMBER,
    }
)  # fmt: skip
STRATA = pl.Schema(
    {
        "department": TEXT, "stratum": TEXT, "population": WHOLE, "ratio_at_least": TEXT, "ratio_at_most": TEXT, "drawn": WHOLE,
        "floor": WHOLE, "probability": TEXT, "clause": TEXT,
    }
)  # fmt: skip
LEFT_OUT = pl.Schema({"department": TEXT, "enterprise": TEXT, "reason": TEXT})
UNPLACED = pl.Schema(
    {
        "visit": TEXT, "trip": TEXT, "department": TEXT, "enterprise": TEXT, "rule": TEXT, "why_en": TEXT, "why_zh": TEXT,
        "relaxation_en": TEXT, "relaxation_zh": TEXT,
    }
)  # fmt: skip
LOAD = pl.Schema({"inspector": TEXT, "department": TEXT, "week": DAY, "visits": WHOLE, "capacity": WHOLE})
FEASIBILITY = pl.Schema(
    {
        "department": TEXT, "drawn": WHOLE, "floor": WHOLE, "required": WHOLE, "triggered": WHOLE, "owed": WHOLE, "visits": WHOLE,
        "team": WHOLE, "needed": WHOLE, "inspectors": WHOLE, "capacity": WHOLE,
    }
)  # fmt: skip
TABLES = {"visits": VISITS, "strata": STRATA, "left_out": LEFT_OUT, "unplaced": UNPLACED, "load": LOAD, "feasibility": FEASIBILITY}


@dataclass(frozen=True, slots=True)
class RulebookUsed:
    """The rulebook by which a plan was made. `publish_within` is how soon the result of a visit is to be published, where it says so."""

    id: str
    edition: str
    digest: str
    audience: str
    notice: Words | None = None
    publish_within: Span | None = None


@dataclass(frozen=True, slots=True)
class DrawUsed:
    """A draw behind a plan: what is needed to recompute it, and the file in which it is recorded."""

    name: str
    draw_id: str
    seed: str
    manifest_sha256: str
    record: str


@dataclass(frozen=True, slots=True)
class PlanTables:
    """A plan as tables. `visits` has one row for each visit of a department, in the order of the plan; those without a `date` are in `unplaced` too.

    `probability_exact` and the ratios of `strata` are fractions as text (`1/50`); `manner` joins several with `, `. `week` is a Monday. In `load` and
    `feasibility` one visit counts once for each inspector: `needed` and `capacity` are places on teams. `departments` says what each is called.
    """

    title: Words
    rulebook: RulebookUsed
    law_at: dt.date
    as_of: dt.date
    first: dt.date
    last: dt.date
    draws: tuple[DrawUsed, ...]
    inspectors: tuple[Inspector, ...]
    visits: pl.DataFrame
    strata: pl.DataFrame
    left_out: pl.DataFrame
    unplaced: pl.DataFrame
    load: pl.DataFrame
    feasibility: pl.DataFrame
    notices: tuple[Problem, ...] = ()
    departments: Mapping[str, Words] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, schema in TABLES.items():
            if (found := getattr(self, name).schema) != schema:
                raise ValueError(f"the table {name!r} has the columns {dict(found)}, not {dict(schema)}")
        sent = {*self.visits.get_column("inspectors").explode().drop_nulls(), *self.load.get_column("inspector")}
        if unknown := sorted(sent - {one.id for one in self.inspectors}):
            raise ValueError(f"the plan has visits or load of inspectors that it does not know: {unknown}")

    @property
    def placed(self) -> pl.DataFrame:
        """The visits that have a day."""
        return self.visits.filter(pl.col("date").is_not_null())

    def department(self, id_: str, lang: str) -> str:
        """What a department is called."""
        words = self.departments.get(id_)
        return words.say(lang) if words else id_
