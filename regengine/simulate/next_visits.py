"""What another interval would have meant for the visits on record: how many more or fewer, and which failures would have been found earlier or later.

A row is a visit that another of the same enterprise followed on record. The next visit is taken to come as much earlier or later as it falls due,
but never earlier than it then falls due, and to find what it found. Where a visit came before it was due by both intervals, nothing moves. A visit of which
none on record follows says nothing here.

Intervals are percentiles of a bootstrap over enterprises: an enterprise is drawn with all its visits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..problems import one_problem
from ..rulebook.values import parse_span

__all__ = ["NextVisits", "Span", "next_visits"]

LEVELS = (2.5, 97.5)
Sums = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Span:
    """An estimate with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class NextVisits:
    """What the visits on record say of another interval.

    `visits` are those on record, `followed` those with a next one, `changed` those of them whose interval would be another. `failures` are next visits of
    these that failed; `earlier` and `later` those that would have come on another day, `days` how many days earlier in the mean, over those that move.
    """

    visits: int
    followed: int
    changed: int
    failures: int
    earlier: int
    later: int
    share: Span | None
    days: Span | None


def next_visits(visits: pl.DataFrame, failed: Sequence[str], *, resamples: int, seed: int) -> NextVisits:
    """Hold both intervals against the visits on record.

    `visits` has `enterprise`, `inspected` (Date), `grade`, and the intervals `before` and `after`, such as `3 years`. Raises `ProblemError` where an
    interval cannot be counted.
    """
    ordered = visits.sort("enterprise", "inspected")
    of = pl.col("inspected").shift(-1).over("enterprise"), pl.col("grade").shift(-1).over("enterprise")
    steps = {text: step_of(text) for name in ("before", "after") for text in visits.get_column(name).drop_nulls().unique().to_list()}
    due = [pl.col("inspected").dt.offset_by(pl.col(name).replace_strict(steps, default=None, return_dtype=pl.String)) for name in ("before", "after")]
    rows = ordered.with_columns(next=of[0], found=of[1], due=due[0], due_after=due[1]).filter(pl.col("next").is_not_null())
    changed = rows.filter(pl.col("before") != pl.col("after"))
    room = pl.max_horizontal((pl.col("next") - pl.max_horizontal("due_after", "inspected")).dt.total_days(), pl.lit(0))
    less = (pl.col("due") - pl.col("due_after")).dt.total_days()
    moved = changed.with_columns(earlier=pl.when(less > 0).then(pl.min_horizontal(less, room)).otherwise(less), fails=pl.col("found").is_in(list(failed)))
    fails = moved.filter("fails")
    shift = fails.filter(pl.col("earlier") != 0)
    share, days = resampled(moved, resamples, seed) if shift.height else (None, None)
    return NextVisits(
        visits.height, rows.height, changed.height, fails.height, fails.filter(pl.col("earlier") > 0).height, fails.filter(pl.col("earlier") < 0).height,
        share, days,
    )  # fmt: skip


def step_of(text: str) -> str:
    """An interval as Polars writes it."""
    span = parse_span(text)
    if span.months is None and span.unit != "day":
        raise one_problem("plan-rules", f"`{text}` cannot be counted without a calendar of working days", hint="write it in days, months or years")
    return f"{span.months}mo" if span.months is not None else f"{span.count}d"


def resampled(moved: pl.DataFrame, resamples: int, seed: int) -> tuple[Span, Span]:
    """The share of failures that would have come on another day, and by how many days earlier in the mean."""
    of = moved.group_by("enterprise", maintain_order=True).agg(
        fails=pl.col("fails").sum(), shifted=(pl.col("fails") & (pl.col("earlier") != 0)).sum(),
        days=pl.when("fails").then("earlier").otherwise(0).sum(),
    )  # fmt: skip
    table = of.select("fails", "shifted", "days").to_numpy().astype(np.float64)
    table = table[table[:, 0] > 0]  # an enterprise without a failure changes neither figure
    random = np.random.Generator(np.random.PCG64(seed))
    drawn = np.stack([table[random.integers(0, len(table), len(table))].sum(axis=0) for _ in range(resamples)])
    drawn = drawn[drawn[:, 1] > 0]
    whole = table.sum(axis=0)
    return span(whole, drawn, 1, 0), span(whole, drawn, 2, 1)


def span(whole: Sums, drawn: Sums, above: int, below: int) -> Span:
    """A quotient of two sums, with the interval that the resamples give."""
    low, high = np.percentile(drawn[:, above] / drawn[:, below], LEVELS)
    return Span(float(whole[above] / whole[below]), float(low), float(high))
