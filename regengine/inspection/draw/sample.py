"""A draw: the first of each stratum by ticket, then a random floor over all who remain, whatever their stratum.

Guarantees: the same enterprises are drawn on Polars, pandas, DuckDB and Spark, whatever the order of the table; within a stratum they are ordered by
ticket, then by the bytes of the key (see `tickets`); numbers and probabilities are exact. On DuckDB and Spark only what must be known
of the whole table is computed at once (that its keys can be drawn from, and how many each stratum holds); the draw itself stays a query.

Refuses: an empty or doubled key, a key or a stratum that would not fit into a line of the manifest, a stratum without a quota, a quota without a stratum.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any, Literal, TypeVar, cast

import polars as pl

from ...problems import Problem, ProblemError, nearest, one_problem
from ..visit import FLOOR
from .frame import checked, framed, write_manifest
from .tickets import DUCKDB, SPARK, Dialect, prefix_of, tickets, tickets_of

__all__ = ["ALGORITHM", "Quota", "draw", "floor_number", "numbers_of", "probabilities", "tickets", "write_manifest"]

Native = TypeVar("Native")
ALGORITHM: Literal["sha256-ticket-1"] = "sha256-ticket-1"
COLUMNS = ("stratum", "position", "enterprise", "ticket")


@dataclass(frozen=True, slots=True)
class Quota:
    """How many of a stratum are drawn: a share, rounded up, raised to `at_least` and held to `at_most`. A share of 0 draws none."""

    ratio: Fraction
    at_least: int | None = None
    at_most: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.ratio <= 1:
            raise one_problem("draw-quota", f"the ratio {self.ratio} is not between 0 and 1")
        if min(self.at_least or 0, self.at_most or 0) < 0 or (self.at_most is not None and (self.at_least or 0) > self.at_most):
            raise one_problem("draw-quota", f"at least {self.at_least} and at most {self.at_most} cannot both be drawn")

    def number(self, population: int) -> int:
        """How many are drawn of so many."""
        if not self.ratio:
            return 0
        number = max(ceil(self.ratio * population), min(self.at_least or 0, population))
        return number if self.at_most is None else min(number, self.at_most)


def numbers_of(population: Mapping[str, int], quotas: Mapping[str, Quota]) -> dict[str, int]:
    """How many of each stratum are drawn. Raises `ProblemError` (`draw-quota`) unless strata and quotas are the same."""
    problems = [Problem("draw-quota", f"the stratum `{name}` has no quota", hint=nearest(name, quotas)) for name in sorted({*population} - {*quotas})]
    problems += [Problem("draw-quota", f"nobody is in the stratum `{name}`", hint=nearest(name, population)) for name in sorted({*quotas} - {*population})]
    if problems:
        raise ProblemError(problems)
    return {name: quotas[name].number(count) for name, count in population.items()}


def floor_number(population: Mapping[str, int], numbers: Mapping[str, int], random_floor: Fraction | None) -> int:
    """How many the random floor draws of those who remain."""
    if random_floor is not None and not 0 <= random_floor <= 1:
        raise one_problem("draw-quota", f"the random floor {random_floor} is not between 0 and 1")
    return ceil((random_floor or 0) * (sum(population.values()) - sum(numbers.values())))


def probabilities(population: Mapping[str, int], quotas: Mapping[str, Quota], random_floor: Fraction | None = None) -> dict[str, Fraction]:
    """The chance of an enterprise of each stratum to be drawn, by its stratum or by the random floor."""
    numbers = numbers_of(population, quotas)
    remaining = sum(population.values()) - sum(numbers.values())
    floor = Fraction(floor_number(population, numbers, random_floor), remaining or 1)
    shares = {name: Fraction(numbers[name], count) for name, count in population.items()}
    return {name: share + (1 - share) * floor for name, share in shares.items()}


def draw(
    frame: Native,
    quotas: Mapping[str, Quota],
    *,
    draw_id: str,
    seed: str,
    key: str = "enterprise",
    stratum: str = "stratum",
    random_floor: Fraction | None = None,
) -> Native:
    """Those who are drawn: `stratum`, `position` (from 1), `enterprise` and `ticket`, ordered by the bytes of the stratum, then by position.

    `frame` is a pandas or Polars frame, a DuckDB relation or a Spark DataFrame with the columns `key` and `stratum`, texts or whole numbers; the same
    kind comes back. Those of the random floor follow last, under the stratum `floor`, with tickets of the draw id `DRAW_ID/floor`.
    """
    prefix, floor_prefix = prefix_of(draw_id, seed), f"{draw_id}/floor|{seed}|".encode()
    engine, table = framed(frame, key, stratum)
    population = checked(table)
    numbers = numbers_of(population, quotas)
    more = floor_number(population, numbers, random_floor)
    native: Any = frame
    made: Any
    match engine:
        case "duckdb":
            sql = query(DUCKDB, "draw_frame", key, stratum, numbers, more, prefix, floor_prefix)
            made = native.query("draw_frame", sql)
        case "spark":
            sql = query(SPARK, "{draw_frame}", key, stratum, numbers, more, prefix, floor_prefix)
            made = native.sparkSession.sql(sql, draw_frame=native)
        case _:
            drawn = first_by_ticket(table.to_native(), numbers, more, prefix, floor_prefix)
            made = as_given(drawn, native)
    return cast(Native, made)


def first_by_ticket(table: pl.DataFrame, numbers: Mapping[str, int], more: int, prefix: bytes, floor_prefix: bytes) -> pl.DataFrame:
    """The draw on Polars: all whose ticket is no later than the last one drawn of their stratum, so that only these are sorted."""
    if table.is_empty():
        return pl.DataFrame(schema={"stratum": pl.String, "position": pl.Int64, "enterprise": pl.String, "ticket": pl.String})
    stratum, ticket = pl.col("stratum"), pl.col("ticket")
    ticketed = table.lazy().select("enterprise", "stratum", tickets_of(pl.col("enterprise"), prefix).alias("ticket")).collect()
    wanted = stratum.replace_strict(dict(numbers), return_dtype=pl.Int64)
    last = ticketed.lazy().group_by("stratum").agg(ticket.bottom_k(wanted.first()).max().alias("last")).collect()
    is_drawn = (ticket <= stratum.replace_strict(dict(last.iter_rows()), return_dtype=pl.String)).fill_null(False)
    drawn = ticketed.filter(is_drawn).sort("stratum", "ticket", "enterprise")
    drawn = drawn.with_columns(pl.int_range(1, pl.len() + 1).over("stratum").alias("position")).select(COLUMNS)
    if not more:
        return drawn
    rest = ticketed.lazy().filter(~is_drawn).select("enterprise").collect()
    del ticketed
    rest = rest.with_columns(tickets_of(pl.col("enterprise"), floor_prefix).alias("ticket"))
    floor = rest.bottom_k(more, by=["ticket", "enterprise"]).sort("ticket", "enterprise")
    return pl.concat([drawn, floor.select(pl.lit(FLOOR).alias("stratum"), pl.int_range(1, pl.len() + 1).alias("position"), "enterprise", "ticket")])


def query(
    sql: Dialect, frame: str, key: str, stratum: str, numbers: Mapping[str, int], more: int, prefix: bytes, floor_prefix: bytes
) -> str:  # fmt: skip
    """The draw as one query of DuckDB or Spark over the table `frame`; keys and strata are compared by their bytes."""
    wanted = ", ".join(f"({sql.literal(name.encode())}, {number})" for name, number in {"": 0, **numbers}.items())
    return f"""
WITH keyed AS (
  SELECT {", ".join(sql.framed(key, stratum))} FROM {frame}),
ticketed AS (SELECT *, {sql.ticket(prefix, "k")} AS ticket FROM keyed),
quotas AS (SELECT * FROM (VALUES {wanted}) AS quotas(of, n)),
ranked AS (
  SELECT ticketed.*, n, row_number() OVER (PARTITION BY s ORDER BY ticket, k) AS place FROM ticketed JOIN quotas ON s = of),
rest AS (SELECT enterprise, k, {sql.ticket(floor_prefix, "k")} AS lot FROM ranked WHERE place > n ORDER BY lot, k LIMIT {more}),
drawn AS (
  SELECT 0 AS part, s, place, stratum, enterprise, ticket FROM ranked WHERE place <= n
  UNION ALL SELECT 1, unhex(''), row_number() OVER (ORDER BY lot, k), '{FLOOR}', enterprise, lot FROM rest)
SELECT stratum, CAST(place AS BIGINT) AS position, enterprise, ticket FROM drawn ORDER BY part, s, place"""  # noqa: S608 - no text of a user is in it


def as_given(drawn: pl.DataFrame, frame: Any) -> Any:
    """A Polars frame as the kind of frame that was given: eager or lazy Polars, or pandas."""
    if isinstance(frame, pl.DataFrame):
        return drawn
    if isinstance(frame, pl.LazyFrame):
        return drawn.lazy()
    import pandas as pd

    return pd.DataFrame({name: pd.Series(drawn.get_column(name).to_list(), dtype="int64" if name == "position" else "str") for name in COLUMNS})
