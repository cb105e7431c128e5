"""`plan.parquet` and `plan.csv` with all that the office knows of each visit, and `public.csv` with what is published (see `public`).

Guarantees: the Parquet file has the columns and values of the plan as they are. A CSV is in UTF-8 with a byte order mark, so that Excel reads its Chinese,
has its headings and words in one language, and runs nothing when it is opened (see `cleaned`).
"""

from __future__ import annotations

import io

import polars as pl

from ...problems import Problem
from ...words import pick
from ..tables import PlanTables
from .cleaned import shown_otherwise, without_formulas
from .public import PUBLIC, public_visits
from .words import heading, manner_words, worded, yes_or_no

__all__ = ["plan_csv", "plan_parquet", "public_csv"]

COLUMNS = (
    "date", "department", "enterprise", "name", "district", "grade", "stratum", "kind", "clause", "manner", "inspectors", "trip", "joint", "debt", "earliest",
    "latest", "hours", "lead", "authority", "ticket", "probability", "probability_exact", "visit", "lat", "lon",
)  # fmt: skip


def plan_parquet(tables: PlanTables) -> bytes:
    """All columns of the visits."""
    made = io.BytesIO()
    tables.visits.write_parquet(made)
    return made.getvalue()


def plan_csv(tables: PlanTables, lang: str) -> tuple[bytes, list[Problem]]:
    """All columns of the visits with headings and words in `lang`; what of it a spreadsheet would not show as it is."""
    yes, no = (pl.lit(yes_or_no(flag, lang)) for flag in (True, False))
    words = tables.visits.with_columns(
        worded(tables.visits, "department", lambda id_: tables.department(id_, lang)),
        pl.col(pick(("kind_en", "kind_zh"), lang)).alias("kind"),
        worded(tables.visits, "manner", lambda manner: manner_words(manner, lang)),
        pl.col("inspectors").list.join("; "),
        pl.when("joint").then(yes).otherwise(no).alias("joint"),
        pl.when("debt").then(yes).otherwise(no).alias("debt"),
    ).select(COLUMNS)
    return csv_of(words, "plan.csv", lang)


def public_csv(tables: PlanTables, lang: str) -> tuple[bytes, list[Problem]]:
    """What is published, with headings and words in `lang`."""
    return csv_of(public_visits(tables, lang).select(PUBLIC), "public.csv", lang)


def csv_of(table: pl.DataFrame, file: str, lang: str) -> tuple[bytes, list[Problem]]:
    """A table as CSV, with what a spreadsheet would not show as it is."""
    harmless, said = without_formulas(table, file)
    made = io.BytesIO()
    harmless.rename({column: heading(column, lang) for column in table.columns}).write_csv(made, include_bom=True)
    return made.getvalue(), [*said, *shown_otherwise(table, "enterprise", file)]
