"""The scoring of `cn/henan-2022` in plain data: what the peers are given to say in their own words.

35 items in five families, each a first-match table over one or two facts or so many points for each; the caps, the bands and the
three direct judgements. Not in it, and asked of no peer but the Polars one: reasons, inspection and service outcomes, warnings.
"""

from __future__ import annotations

import atexit
import datetime as dt
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

__all__ = ["AS_OF", "BANDS", "CAPS", "DIRECT", "EACH", "FACTS", "TABLES", "Each", "Graded", "Pairs", "Table", "Ways", "filled", "scratch"]

Pairs = Iterator[tuple[Any, str]]  # a score and a grade after the other, each worked out when it is asked for
Graded = tuple[Sequence[Any], Sequence[Any]] | Pairs | None  # scores and grades; none where they went to a file
Ways = dict[str, Callable[[], Graded]]  # what a peer does in each of its ways, with the facts ready

AS_OF = dt.date(2026, 11, 1)
EPOCH = dt.date(1970, 1, 1)
TODAY = (AS_OF - EPOCH).days
NEW, YOUNG = ((AS_OF.replace(year=AS_OF.year - years) - EPOCH).days for years in (1, 3))
Test = tuple[str, str, int | float | str | bool]
Rows = tuple[tuple[Test, int], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """An item: the points of the first row whose test holds, or none."""

    family: str
    item: str
    rows: Rows


@dataclass(frozen=True, slots=True)
class Each:
    """An item: points for each of a number, up to a limit."""

    family: str
    item: str
    fact: str
    give: int
    most: int


def flag(family: str, fact: str, give: int) -> Table:
    return Table(family, fact, (((fact, "==", True), give),))


def steps(family: str, fact: str, *rows: tuple[int | float, int], over: str = ">=") -> Table:
    """The highest edge first, as every engine here can test a first row that holds."""
    return Table(family, fact, tuple(((fact, over, edge), give) for edge, give in rows))


TABLES = (
    Table("attributes", "industry", ((("industry_risk", "==", "high"), 60), (("industry_risk", "==", "raised"), 30))),
    Table("attributes", "new_business", ((("opened", ">", NEW), 40), (("opened", ">", YOUNG), 20))),
    Table("attributes", "size", ((("size_class", "==", "micro"), 10), (("size_class", "==", "small"), 5))),
    steps("attributes", "firms_at_address", (50, 50), (10, 25)),
    Table("attributes", "permit", ((("permit_expires", "<", TODAY), 40), (("permit_expires", "<=", TODAY + 30), 10))),
    flag("attributes", "capital_overdue", 20),
    flag("dynamics", "abnormal_listed", 120),
    flag("dynamics", "report_overdue", 80),
    flag("dynamics", "address_unreachable", 60),
    steps("dynamics", "registration_changes_12m", (6, 40), (3, 15)),
    flag("dynamics", "equity_frozen", 40),
    flag("dynamics", "in_liquidation", 60),
    flag("dynamics", "zero_finances", 50),
    steps("supervision", "penalties_24m", (3, 200), (2, 130), (1, 60)),
    steps("supervision", "fines_24m", (100, 100), (10, 60), (1, 30), (0, 10), over=">"),
    flag("supervision", "severe_penalty_36m", 120),
    steps("supervision", "other_penalties_24m", (3, 70), (1, 30)),
    steps("supervision", "penalties_24m + other_penalties_24m", (5, 60)),
    steps("supervision", "overdue_equipment", (3, 80), (1, 40)),
    flag("supervision", "false_disclosure", 90),
    flag("relations", "representative_revoked", 60),
    flag("relations", "representative_defaulter", 70),
    steps("relations", "related_abnormal", (4, 40), (1, 15)),
    steps("social", "upheld_complaints_12m", (10, 70), (3, 40), (1, 15)),
    Table("social", "tax", ((("tax_grade", "==", "D"), 50), (("tax_grade", "==", "C"), 25))),
    steps("social", "lawsuits_lost_24m", (10, 30), (3, 10)),
    steps("social", "liability_ratio", (100, 30), (85, 10), over=">"),
    flag("social", "wage_arrears", 50),
)
EACH = (
    Each("dynamics", "representative_changes", "representative_changes_24m", 15, 45),
    Each("supervision", "spot_checks", "failed_checks_12m", 40, 120),
    Each("supervision", "corrections", "uncorrected_findings", 30, 120),
    Each("supervision", "samples", "failed_samples_24m", 25, 100),
    Each("relations", "serious_list", "related_serious", 40, 120),
    Each("relations", "penalties", "related_penalties_24m", 5, 30),
    Each("social", "press", "negative_reports_12m", 3, 24),
)
CAPS = {"attributes": 150, "dynamics": 200, "supervision": 400, "relations": 150, "social": 100}
BANDS = ((750, "D"), (500, "C"), (200, "B"), (0, "A"))
DIRECT = ("serious_dishonesty", "judgment_defaulter", "social_concern")  # D, D, no better than C
FACTS = (
    *dict.fromkeys(part for table in TABLES for (fact, _, _), _ in table.rows for part in fact.split(" + ")),
    *(one.fact for one in EACH),
    *DIRECT,
)
FILL = {
    "size_class": "medium", "tax_grade": "unrated", "opened": 0, "permit_expires": 2**31 - 1, "liability_ratio": 0.0, "zero_finances": False,
}  # fmt: skip


def filled(path: str, rows: int) -> pl.DataFrame:
    """The facts of the scheme with the stand-in of what is missing and days as numbers, as a caller would hand them to a rule engine."""
    days = [pl.col(name).cast(pl.Int32) for name in ("opened", "permit_expires")]
    facts = pl.read_parquet(path, columns=list(FACTS), n_rows=rows).with_columns(days)
    return facts.with_columns(pl.col(name).fill_null(value) for name, value in FILL.items())


def scratch() -> Path:
    """A new folder that goes when the program ends."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    return Path(folder.name)
