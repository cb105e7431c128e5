"""Visits that were made, put in another order on the same days: how much earlier would what they found have been found?

Each working day keeps as many visits as were really made on it, within a window of days for which one plan is made. The visits of a window are
put in the order of a value, the higher the earlier, and take its days from the first on. Visits of equal value share their places: each is
reckoned to come on the mean of their days, which is what an order by lot among them gives on average. So no seed decides a figure.

Intervals come from a bootstrap over enterprises: they are drawn with replacement, all visits of one together, and capacities, places and means
are worked out anew from what was drawn. What the figures do not say: that a visit on another day would have found the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["AS_MADE", "BEST", "Gain", "compare", "planned"]

AS_MADE, BEST = "as_made", "best"  # orders that are always compared: the real one, and one that knew what would be found
PERCENTILES = (2.5, 97.5)
PLACE = "enterprise:place"
Numbers: TypeAlias = npt.NDArray[np.float64]
Places: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Gain:
    """What an order would have brought. `days` is how much earlier, on average, a visit that found something would have come, between `low` and
    `high` with 95 % confidence. `first_half` is the share of such visits among the first half of the visits. `auc` is the share of pairs, one
    visit that found something and one that did not, which the order has the right way round, ties counting half; an order by lot has 0.5.
    """

    days: float
    low: float
    high: float
    first_half: float
    auc: float


@dataclass(frozen=True, slots=True)
class Window:
    """The visits of one plan: their day numbers, the place of each day and of each visit's enterprise, what they found, and levels by order.

    Visits of one level stand equal in an order; level 0 comes first.
    """

    day: Numbers
    day_place: Places
    days: Numbers
    enterprise: Places
    found: Numbers
    levels: Mapping[str, Places]


def compare(visits: pl.DataFrame, orders: Sequence[str], *, resamples: int, seed: int) -> dict[str, Gain]:
    """The gain of each order, of the order in which the visits were made and of the best one.

    `visits` has a row for each visit: `window` (visits are reordered within it), `enterprise`, `day` (Date), `found` (Boolean), and for each of
    `orders` a column of numbers, the higher the earlier; nothing is null. At least one visit found something. `resamples` enterprises' samples
    are drawn with a PCG64 generator of `seed`.
    """
    number, windows = visits["enterprise"].n_unique(), [window_of(rows, orders) for rows in in_windows(visits)]
    once = np.ones(number, dtype=np.int64)
    rng = np.random.default_rng(seed)
    drawn = [rng.multinomial(number, np.full(number, 1 / number)) for _ in range(resamples)]
    gains: dict[str, Gain] = {}
    for name in (AS_MADE, *orders, BEST):
        days, half, found = totals(windows, name, once)
        sampled = np.array([totals(windows, name, times) for times in drawn])
        told = sampled[sampled[:, 2] > 0]  # a sample in which nothing was found has no mean
        low, high = np.percentile(told[:, 0] / told[:, 2], PERCENTILES) if len(told) else (np.nan, np.nan)
        gains[name] = Gain(days / found, float(low), float(high), half / found, area(windows, name))
    return gains


def planned(visits: pl.DataFrame, order: str) -> pl.DataFrame:
    """`visits`, as `compare` takes them, with `days_earlier`: how many days earlier each would come in an order, on average where several stand equal."""
    parts = []
    for rows in in_windows(visits):
        window = window_of(rows, [order])
        level = window.levels[order]
        mean, _ = shared(window, level, np.ones(len(level), dtype=np.int64))
        parts.append(rows.with_columns(days_earlier=pl.Series(window.day - mean[level])))
    return pl.concat(parts).drop(PLACE)


def in_windows(visits: pl.DataFrame) -> list[pl.DataFrame]:
    """The visits of each window, in the order of the windows, with the enterprises numbered from 0 over all of them."""
    numbered = visits.with_columns((pl.col("enterprise").rank("dense").cast(pl.Int64) - 1).alias(PLACE))
    return numbered.sort("window", maintain_order=True).partition_by("window", maintain_order=True)


def window_of(rows: pl.DataFrame, orders: Sequence[str]) -> Window:
    day = rows["day"].to_physical().to_numpy().astype(np.float64)
    days, day_place = np.unique(day, return_inverse=True)
    found = rows["found"].to_numpy().astype(np.float64)
    values = {name: rows[name].to_numpy().astype(np.float64) for name in orders} | {AS_MADE: -day, BEST: found}
    return Window(day, day_place, days, rows[PLACE].to_numpy(), found, {name: np.unique(-value, return_inverse=True)[1] for name, value in values.items()})


def totals(windows: Sequence[Window], order: str, times: Places) -> tuple[float, float, float]:
    """Over all windows, with each enterprise counted so many times: days earlier, visits in the first half, and visits, of those that found something."""
    days = half = found = 0.0
    for window in windows:
        weight, level = times[window.enterprise], window.levels[order]
        if not weight.any():
            continue
        mean, early = shared(window, level, weight)
        of_level = np.bincount(level, weight * window.found, minlength=len(mean))
        days += float(weight * window.found @ window.day - of_level @ mean)
        half += float(of_level @ early)
        found += float(of_level.sum())
    return days, half, found


def shared(window: Window, level: Places, weight: Places) -> tuple[Numbers, Numbers]:
    """For each level the mean of the days that its visits take, and the share of them among the first half of the visits.

    The sum of the first so many days of the window runs straight within a day, so it is read off between the days' ends.
    """
    each = np.bincount(level, weight)
    ends = np.concatenate([[0.0], np.cumsum(each)])
    capacity = np.bincount(window.day_place, weight)
    open_days = capacity > 0
    visits = np.concatenate([[0.0], np.cumsum(capacity[open_days])])
    sums = np.concatenate([[0.0], np.cumsum((capacity * window.days)[open_days])])
    taken = np.diff(np.interp(ends, visits, sums))
    early = np.diff(np.minimum(ends, ends[-1] / 2))
    some = np.maximum(each, 1)  # a level that was not drawn has nothing to share
    return taken / some, early / some


def area(windows: Sequence[Window], order: str) -> float:
    """The share of pairs within a window that stand the right way round; not a number where no window has a pair."""
    right = pairs = 0.0
    for window in windows:
        level = window.levels[order]
        found = np.bincount(level, window.found)
        not_found = np.bincount(level, 1 - window.found)
        after = not_found.sum() - np.cumsum(not_found)
        right += float(found @ (after + not_found / 2))
        pairs += float(found.sum() * not_found.sum())
    return right / pairs if pairs else float("nan")
