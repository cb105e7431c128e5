"""What of a plan is published: which enterprises a department will inspect, in which month, of what kind and how, and how soon the results follow.

Guarantees: nothing personal and nothing that would harm a visit. What is not in it, and why:

- inspectors, by name or id: they are persons, and are drawn for the enterprise to learn at the door, with its right to ask for avoidance;
- the day: the month lets the public hold the plan against what was done, the day would announce the visit;
- visits that something triggered: a complaint, a lead or a warning is never made known before it is looked into;
- grade, stratum, clause, probability and ticket: the grade serves to share out visits and is no public mark of an enterprise ("not published", as the
  first provinces to grade put it), and the other four give it away. Who was drawn is verified by the draw's own files;
- the manner of a visit where visits of its kind differ in it, since it then goes by the grade; under a rulebook whose grades are public it stays;
- which departments go together, how long a visit takes, what is owed from before, and the districts of one's own: they serve the office only.
"""

from __future__ import annotations

import polars as pl

from ...words import pick
from ..tables import PlanTables
from ..visit import DRAW, FLOOR, REQUIRED
from .words import manner_words, publication_words, worded

__all__ = ["PUBLIC", "public_visits"]

PUBLIC = ("month", "department", "enterprise", "name", "kind", "manner", "publication")
PUBLISHED_KINDS = (DRAW, FLOOR, REQUIRED)


def public_visits(tables: PlanTables, lang: str) -> pl.DataFrame:
    """The visits that may be published, with the columns `PUBLIC`, `lat` and `lon`, by month, department and enterprise.

    A visit that could not be placed has no month: it was drawn, and is not hidden.
    """
    visits = tables.visits.filter(pl.col("kind").is_in(PUBLISHED_KINDS))
    if tables.rulebook.audience != "public":
        visits = visits.with_columns(pl.when(pl.col("manner").n_unique().over("kind") == 1).then("manner"))
    return visits.select(
        pl.col("date").dt.strftime("%Y-%m").alias("month"),
        worded(visits, "department", lambda id_: tables.department(id_, lang)),
        "enterprise", "name",
        pl.col(pick(("kind_en", "kind_zh"), lang)).alias("kind"),
        worded(visits, "manner", lambda manner: manner_words(manner, lang)),
        pl.lit(publication_words(tables.rulebook.publish_within, lang)).alias("publication"),
        "lat", "lon",
    ).sort("month", "department", "enterprise", "kind", nulls_last=True, maintain_order=True)  # fmt: skip
