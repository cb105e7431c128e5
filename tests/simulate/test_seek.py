"""A budget met with the fewest moves: every point worked out by hand, the frontier, and what cannot be met."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import regengine as rg
from regengine.simulate.seek import Budget, roundness, seek

RULEBOOK = """
rulebook: xx/points
edition: "1.0"
title: Points
authority: Tests
in_force: {from: 2000-01-01}
audience: public
basis: illustrative
facts: {points: {type: integer, min: 0, max: 100, missing: 0}}
score: {is: points, between: [0, 100], worse: higher}
grades: {order: [A, B], bands: {A: "[0, 50)", B: "[50, 100]"}}
inspection: {by_grade: {A: {visits: {at_least: 1, per: year}}, B: {visits: {at_least: 4, per: year}}}}
"""
RATE = "inspection.by_grade.B.visits.at_least"


@pytest.fixture
def book(tmp_path: Path) -> rg.Book:
    path = tmp_path / "points.yaml"
    path.write_text(RULEBOOK, encoding="utf-8")
    return rg.load(path)


PEOPLE = pl.DataFrame({"enterprise": range(100), "points": range(100)})  # one enterprise with each number of points: 50 of A, 50 of B, 250 visits


def test_the_budget_is_met_with_the_fewest_moves(book: rg.Book) -> None:
    found = seek(book, {"grades.bands.B.from": [40, 50, 60, 70, 80]}, PEOPLE, Budget(visits=200), as_of="2026-01-01")
    # B from 70 on: 70 visits for A and 120 for B; 20 move. From 60 on there are 220
    assert found.met[["visits", "moves"]].astype(float).to_numpy().tolist() == [[190, 20], [160, 30]]
    assert found.frontier[["visits", "moves"]].astype(float).to_numpy().tolist() == [[250, 0], [220, 10], [190, 20], [160, 30]]
    assert found.why == ()


def test_two_values_at_once(book: rg.Book) -> None:
    found = seek(book, {"grades.bands.B.from": [50, 60], RATE: [2, 3, 4]}, PEOPLE, Budget(visits=200), as_of="2026-01-01")
    # nobody moves where B is visited three times (200) or twice (150): fewer visits go first
    assert found.met[["visits", "moves"]].astype(float).to_numpy().tolist() == [[150, 0], [200, 0], [140, 10], [180, 10]]


def test_what_cannot_be_met_says_why(book: rg.Book) -> None:
    found = seek(book, {"grades.bands.B.from": [50, 60]}, PEOPLE, Budget(visits=100, shares={"B": 0.3}), as_of="2026-01-01")
    assert found.met.empty
    assert found.why == (
        "grade B: at least 0.4 with these values, and the budget is 0.3",
        "visits a year: at least 220 with these values, and the budget is 100",
    )


def test_a_budget_of_nothing_or_of_a_strange_grade_is_refused(book: rg.Book) -> None:
    for budget, said in ((Budget(), "asks for nothing"), (Budget(shares={"E": 0.1}), "`E` is not a grade")):
        with pytest.raises(rg.ProblemError, match=said):
            seek(book, {"grades.bands.B.from": [50]}, PEOPLE, budget, as_of="2026-01-01")


def test_round_numbers_have_few_digits() -> None:
    assert [roundness(value) for value in (500, "2.5%", 487, "[1, 2)")] == [1, 2, 3, 6]
