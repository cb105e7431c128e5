"""Sweeps and sensitivity: each point is what the whole comparison says of it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import regengine as rg
from regengine.simulate.sweep import sensitivity, sweep

RULES = Path(__file__).parent / "rules.yaml"
DAY = "2026-11-01"
NAMES = ["enterprise", "penalties", "late", "listed"]
MANY = pl.DataFrame([(f"e{number}", number % 11, number % 3 == 0, number % 7 == 0) for number in range(600)], schema=NAMES, orient="row")


@pytest.fixture(scope="module")
def book() -> rg.Book:
    return rg.load(RULES)


def test_each_point_is_what_compare_says(book: rg.Book) -> None:
    found = sweep(book, {"grades.bands.B.from": [10, 20, 35]}, MANY, as_of=DAY)
    for begins, row in zip((10, 20, 35), found.points.to_dict("records"), strict=True):
        reform = rg.Reform(reform="point", over=book.id, set={"grades.bands.A": f"[0, {begins})", "grades.bands.B": f"[{begins}, 50)"})
        compared = rg.compare(book, reform, MANY, as_of=DAY)
        assert [row[grade] for grade in "ABC"] == compared.matrix.sum().tolist()
        assert row["up"] + row["down"] == compared.moved
        assert row["visits"] == pytest.approx(compared.workload["visits_after"].sum())
    assert found.points.iloc[1][["up", "down"]].tolist() == [0, 0]


def test_two_values_at_once(book: rg.Book) -> None:
    found = sweep(book, {"grades.bands.B.from": [10, 20], "grades.bands.C.from": [40, 50, 60]}, MANY, as_of=DAY)
    assert len(found.points) == 6
    assert found.points.iloc[4][["up", "down"]].tolist() == [0, 0]  # 20 and 50: the rulebook as it is


REFUSED: list[dict[str, list[int]]] = [
    {}, {"grades.bands.B.from": []}, {"grades.bands.A.from": [5]}, {"grades.bands.Z.from": [5]}, {"grades.bands.C.from": [10]}, {"no.such": [1]},
]  # fmt: skip


@pytest.mark.parametrize("over", REFUSED)
def test_what_is_refused(book: rg.Book, over: dict[str, list[int]]) -> None:
    with pytest.raises(rg.ProblemError):
        sweep(book, over, MANY, as_of=DAY)


def test_every_threshold_and_weight(book: rg.Book) -> None:
    values = sensitivity(book, MANY, as_of=DAY).values.set_index("path")
    assert set(values.index) == {
        "grades.bands.B.from", "grades.bands.C.from", "indicators.all.items.penalties.each.give", "indicators.all.items.penalties.each.at_most",
        "indicators.all.items.late.points.1.give", "inspection.by_grade.B.ratio",
    }  # fmt: skip
    row = values.loc["grades.bands.C.from"]
    assert (row["less"], row["more"]) == ("45", "55")
    compared = rg.compare(book, rg.Reform(reform="p", over=book.id, set={"grades.bands.B": "[20, 45)", "grades.bands.C": "[45, 120]"}), MANY, as_of=DAY)
    assert row["moved_less"] == compared.moved > 0
    assert values.loc["inspection.by_grade.B.ratio", "moved_more"] == 0
