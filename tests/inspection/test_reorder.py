"""Visits in another order on the same days: orders worked out by hand, ties against every permutation, and what is drawn for the intervals."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise, permutations
from statistics import mean

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regengine.inspection.reorder import AS_MADE, BEST, compare, planned

Row = tuple[int, str, int, bool, int]  # window, enterprise, day of January, found, value


def visits(rows: list[Row]) -> pl.DataFrame:
    table = pl.DataFrame(rows, schema={"window": pl.Int64, "enterprise": pl.String, "day": pl.Int64, "found": pl.Boolean, "value": pl.Int64}, orient="row")
    return table.with_columns(day=pl.lit(dt.date(2013, 12, 31)) + pl.duration(days="day"))


# one visit on the 1st, two on the 3rd, one on the 8th; c and d found something
FOUR: list[Row] = [(1, "a", 1, False, 2), (1, "b", 3, False, 0), (1, "c", 3, True, 2), (1, "d", 8, True, 5)]


def test_four_visits_by_hand() -> None:
    gains = compare(visits(FOUR), ["value"], resamples=100, seed=1)
    assert list(gains) == [AS_MADE, "value", BEST]
    # d goes to the 1st, a and c to the 3rd, b to the 8th: d comes 7 days earlier, c on its day
    ours = gains["value"]
    assert ours.days == 3.5
    assert ours.first_half == 0.75  # d wholly, c with one of two chances to be second
    assert ours.auc == 0.875  # d before a and b, c before b, c and a equal
    real = gains[AS_MADE]
    assert (real.days, real.low, real.high, real.first_half, real.auc) == (0, 0, 0, 0.25, 0.125)
    # c and d share the 1st and the 3rd: c comes a day earlier and d six
    assert (gains[BEST].days, gains[BEST].first_half, gains[BEST].auc) == (3.5, 1, 1)


def test_equal_values_gain_what_a_lot_gains() -> None:
    rows: list[Row] = [(1, "a", 1, False, 7), (1, "b", 1, False, 7), (1, "c", 2, True, 7), (1, "d", 2, True, 7)]
    ours = compare(visits(rows), ["value"], resamples=100, seed=1)["value"]
    assert (ours.days, ours.first_half, ours.auc) == (0.5, 0.5, 0.5)


def test_visits_stay_in_their_window() -> None:
    # in each window what was found on the later day goes to the earlier one; over both windows, the second would come 11 days earlier
    rows: list[Row] = [(1, "a", 1, False, 0), (1, "b", 2, True, 1), (2, "c", 12, False, 0), (2, "d", 13, True, 9)]
    assert compare(visits(rows), ["value"], resamples=100, seed=1)["value"].days == 1
    assert planned(visits(rows), "value")["days_earlier"].to_list() == [-1, 1, -1, 1]


def test_enterprises_are_drawn_and_not_visits() -> None:
    """Drawn are x and x (all visits found something: nothing to gain), x and y (2 days), or y and y (nothing found, left out)."""
    rows: list[Row] = [(1, "y", 1, False, 0), (1, "y", 2, False, 0), (1, "x", 3, True, 1), (1, "x", 4, True, 1)]
    ours = compare(visits(rows), ["value"], resamples=500, seed=1)["value"]
    assert (ours.days, ours.low, ours.high) == (2, 0, 2)


def test_the_same_seed_gives_the_same_intervals() -> None:
    first, again, other = (compare(visits(FOUR), ["value"], resamples=101, seed=seed) for seed in (5, 5, 6))
    assert first == again
    assert first["value"].days == other["value"].days


def test_no_pair_has_no_auc() -> None:
    gain = compare(visits([(1, "a", 1, True, 1), (1, "b", 2, True, 2)]), ["value"], resamples=100, seed=1)["value"]
    assert gain.auc != gain.auc  # not a number


row = st.tuples(st.integers(1, 2), st.sampled_from("abcde"), st.integers(1, 9), st.booleans(), st.integers(0, 2))


@settings(deadline=None)
@given(st.lists(row, min_size=1, max_size=12))
def test_an_order_moves_days_about_and_the_best_is_never_beaten(rows: list[Row]) -> None:
    table = visits(rows)
    assert planned(table, "value")["days_earlier"].sum() == pytest.approx(0, abs=1e-9)
    if table["found"].any():
        gains = compare(table, ["value"], resamples=2, seed=1)
        assert gains["value"].days <= gains[BEST].days + 1e-9
        assert gains[AS_MADE].days == pytest.approx(0, abs=1e-9)
        again = compare(visits(rows[::-1]), ["value"], resamples=2, seed=1)["value"]
        assert again.days == pytest.approx(gains["value"].days)


@settings(deadline=None)
@given(st.lists(st.tuples(st.just(1), st.sampled_from("abcdef"), st.integers(1, 9), st.booleans(), st.integers(0, 1)), min_size=1, max_size=6))
def test_sharing_days_is_the_mean_over_all_orders(rows: list[Row]) -> None:
    table = visits(rows)
    days = sorted(day for _, _, day, _, _ in rows)
    orders = [order for order in permutations(range(len(rows))) if all(rows[a][4] >= rows[b][4] for a, b in pairwise(order))]
    by_hand = [rows[visit][2] - mean(days[order.index(visit)] for order in orders) for visit in range(len(rows))]
    assert planned(table, "value")["days_earlier"].to_list() == pytest.approx(by_hand)
