"""Measures against figures worked out by hand, and against every pair and every order of small sets."""

from __future__ import annotations

from itertools import pairwise, permutations, product
from math import isnan, log
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regengine.simulate.metrics import auc, bins, capture, ks, shares_of, split, stability

# risks 9, 5, 5, 5, 1; the visits at 9 and one of those at 5 found something
FIVE = [9, 5, 5, 5, 1], [True, True, False, False, False]
visits = st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=7)


def test_five_visits_by_hand() -> None:
    hits, misses = split(*FIVE)
    assert hits.tolist() == [1, 1, 0]
    assert misses.tolist() == [0, 2, 1]
    # six pairs: 9 before all three; 5 equal to two and before one: 3 + 1 + 2 / 2 = 5
    assert auc(hits, misses) == 5 / 6
    # after 9: 1/2 against 0; after 5: 1 against 2/3
    assert ks(hits, misses) == 0.5
    # two of five visits: the one at 9, and one of the three at 5, which finds a third of what is found there
    assert capture(hits, misses, 0.4) == pytest.approx((1 + 1 / 3) / 2)
    assert capture(hits, misses, 1) == 1


def test_a_weight_counts_a_visit_so_many_times() -> None:
    weighted = auc(*split(*FIVE, [1, 3, 2, 1, 1]))
    assert weighted == auc(*split([9, 5, 5, 5, 5, 5, 5, 1], [1, 1, 1, 1, 0, 0, 0, 0]))


def test_nothing_to_compare_is_no_figure() -> None:
    for found in (True, False):
        one = split([1, 2], [found, found])
        assert isnan(auc(*one))
        assert isnan(ks(*one))
    assert isnan(capture(*split([1, 2], [False, False]), 0.5))


@given(visits)
def test_auc_is_the_share_of_pairs(rows: list[tuple[int, bool]]) -> None:
    pairs = [(a > b) + (a == b) / 2 for (a, x), (b, y) in product(rows, rows) if x and not y]
    made = auc(*split(*zip(*rows, strict=True)))
    assert isnan(made) if not pairs else made == pytest.approx(mean(pairs))


@given(visits)
def test_ks_is_the_largest_distance_of_the_two_distributions(rows: list[tuple[int, bool]]) -> None:
    bad, good = [risk for risk, found in rows if found], [risk for risk, found in rows if not found]
    made = ks(*split(*zip(*rows, strict=True)))
    if not bad or not good:
        assert isnan(made)
        return
    assert made == pytest.approx(max(abs(mean(one <= edge for one in bad) - mean(one <= edge for one in good)) for edge in range(5)))


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=5), st.integers(1, 5))
def test_capture_is_the_mean_over_every_order_of_equals(rows: list[tuple[int, bool]], made: int) -> None:
    number = min(made, len(rows))
    orders = [order for order in permutations(rows) if all(a[0] >= b[0] for a, b in pairwise(order))]
    found = sum(found for _, found in rows)
    value = capture(*split(*zip(*rows, strict=True)), number / len(rows))
    if not found:
        assert isnan(value)
        return
    assert value == pytest.approx(mean(sum(one[1] for one in order[:number]) for order in orders) / found)


def test_stability_by_hand() -> None:
    assert stability([50, 50], [100, 100]) == 0
    # a quarter of the population moves from the first class to the second
    assert stability([50, 50], [25, 75]) == pytest.approx(0.25 * log(2) + 0.25 * log(1.5))
    assert stability([50, 50, 0], [25, 75, 0]) == stability([50, 50], [25, 75])
    assert isnan(stability([50, 50], [100, 0]))
    assert isnan(stability([1, 1], [0, 0]))


@given(st.lists(st.integers(1, 50), min_size=3, max_size=3), st.lists(st.integers(1, 50), min_size=3, max_size=3))
def test_stability_is_the_same_both_ways_and_never_negative(before: list[int], after: list[int]) -> None:
    assert stability(before, after) == pytest.approx(stability(after, before))
    assert stability(before, after) >= 0


def test_classes_of_a_fact() -> None:
    edges = bins(range(10), 5)
    assert edges.tolist() == [2, 4, 6, 8]
    assert shares_of(range(10), edges).tolist() == [2, 2, 2, 2, 2]
    # nine of ten are 0, so there are two classes: 0, and more
    few = bins([0] * 9 + [7], 10)
    assert few.tolist() == [7]
    assert shares_of([0, 6, 7, 8], few).tolist() == [2, 2]
    assert bins([3, 3, 3]).tolist() == []


@given(st.lists(st.integers(0, 20), min_size=1, max_size=60), st.integers(1, 10))
def test_no_class_of_the_base_is_empty(base: list[int], number: int) -> None:
    counts = shares_of(base, bins(base, number))
    assert counts.sum() == len(base)
    assert counts.min() > 0
