"""Small counts in tables by groups: none is shown, and none follows from what is shown."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from regengine.simulate.hidden import Sum, hide

counts = arrays(np.int64, st.tuples(st.integers(2, 4), st.integers(2, 3)), elements=st.sampled_from([0, 1, 2, 3, 5, 8, 20, 50]))


def solutions(table: np.ndarray, mask: np.ndarray) -> list[tuple[int, ...]]:
    """All tables of hidden counts from 0 to the largest row that give the same rows and columns."""
    places = list(zip(*np.nonzero(mask), strict=True))
    found = []
    for values in product(range(10), repeat=len(places)):
        tried = table.copy()
        for place, value in zip(places, values, strict=True):
            tried[place] = value
        if (tried.sum(axis=0) == table.sum(axis=0)).all() and (tried.sum(axis=1) == table.sum(axis=1)).all():
            found.append(values)
    return found


def test_a_small_count_takes_three_others_with_it() -> None:
    table = np.array([[2, 40, 30], [25, 60, 10], [35, 20, 90]])
    mask = hide({"zone": table})["zone"]
    assert mask.tolist() == [[True, False, True], [True, False, True], [False, False, False]]


def test_without_small_counts_nothing_is_hidden() -> None:
    assert not hide({"zone": np.array([[5, 0], [0, 9]])})["zone"].any()


@settings(deadline=None, max_examples=60)
@given(counts)
def test_no_small_count_is_shown_or_follows(table: np.ndarray) -> None:
    mask = hide({"zone": table})["zone"]
    assert mask[(table > 0) & (table < 5)].all()
    if not mask.any() or mask.all():
        return
    shown = {tuple(place) for place in np.argwhere((table > 0) & (table < 5))}
    for place in shown:
        others = solve(table, mask, place)
        assert others, f"{place} follows from what is shown of {table.tolist()}"


def solve(table: np.ndarray, mask: np.ndarray, place: tuple[int, ...]) -> bool:
    """Whether some change of the hidden cells that keeps every row and column changes the one at `place`, by its equations."""
    cells = [tuple(one) for one in np.argwhere(mask)]
    lines = [[float(cell[axis] == number) for cell in cells] for axis in (0, 1) for number in range(table.shape[axis])]
    wanted = [float(cell == place) for cell in cells]
    return int(np.linalg.matrix_rank(np.array([*lines, wanted]))) > int(np.linalg.matrix_rank(np.array(lines)))


def test_a_coarser_table_gives_nothing_away() -> None:
    fine = np.array([[2, 40], [30, 60], [25, 50]])
    coarse = np.array([[32, 100], [25, 50]])
    nested = [Sum((("zone", 0, column), ("zone", 1, column)), ("province", 0, column), wide=True) for column in (0, 1)]
    nested += [Sum((("zone", 2, column),), ("province", 1, column), wide=True) for column in (0, 1)]
    masks = hide({"zone": fine, "province": coarse}, nested)
    assert masks["zone"].tolist() == [[True, True], [True, True], [False, False]]  # not the third: it is its whole province
    assert not masks["province"].any()


def test_what_counts_add_up_to_is_shown_where_it_can_be() -> None:
    """Two ways down and one to stay: 2 and 30 go down, so that 32 may be told if neither of them is."""
    cells, ways = np.array([[2, 30, 100], [40, 50, 90]]), np.array([[32, 100], [90, 90]])
    linked = [Sum((("cells", row, 0), ("cells", row, 1)), ("ways", row, 0)) for row in (0, 1)]
    linked += [Sum((("cells", row, 2),), ("ways", row, 1)) for row in (0, 1)]
    masks = hide({"cells": cells, "ways": ways}, linked)
    assert masks["cells"].tolist() == [[True, True, False], [True, True, False]]
    assert not masks["ways"].any()


@pytest.mark.parametrize("table", [[[3, 2], [40, 50]], [[1, 1, 60], [30, 30, 30]]])
def test_hidden_counts_of_a_row_add_up_to_five_or_more(table: list[list[int]]) -> None:
    made = np.array(table)
    mask = hide({"zone": made})["zone"]
    for row, hidden in zip(made, mask, strict=True):
        assert not hidden.any() or row[hidden].sum() >= 5
