"""Years ahead: what must not move without events, counts whose expectation is known, the same luck for every policy, and what is refused."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import regengine as rg
from regengine.simulate.assumptions import Assumption, Assumptions
from regengine.simulate.project import Projection, project
from regengine.simulate.transitions import transitions

RULEBOOK = """
rulebook: xx/checks
edition: "1.0"
title: Checks
authority: Tests
in_force: {from: 2000-01-01}
audience: public
basis: illustrative
registers: {checks: {key: shop, date: day}}
facts:
  failed: {type: integer, min: 0, max: 100, missing: 0, from: {count: checks, within: 12 months}}
  large: {type: boolean, missing: false}
grades:
  order: [A, B]
  rows:
    - {when: failed >= 2 or failed >= 1 and large, grade: B}
    - {otherwise: A}
inspection: {by_grade: {A: {visits: {at_least: 2, per: year}}, B: {visits: {at_least: 4, per: year}}}}
"""
REFORM = """
reform: stricter
over: xx/checks
basis: illustrative
set: {inspection.by_grade.A.visits.at_least: 4}
"""
NEVER = Assumption(0, 0, 0)


def fixed(value: float) -> Assumption:
    return Assumption(value, value, value)


QUIET = Assumptions({"A": NEVER, "B": NEVER}, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, fixed(1200), NEVER, NEVER)


@pytest.fixture
def book(tmp_path: Path) -> rg.Book:
    path = tmp_path / "checks.yaml"
    path.write_text(RULEBOOK, encoding="utf-8")
    (tmp_path / "stricter.yaml").write_text(REFORM, encoding="utf-8")
    return rg.load(path)


def shops(number: int, failed: int = 0) -> pl.DataFrame:
    return pl.DataFrame({"enterprise": range(number), "failed": [failed] * number, "large": [place % 2 == 0 for place in range(number)]})


def projected(book: rg.Book, assumptions: Assumptions, number: int = 4000, failed: int = 0, **options: Any) -> Projection:
    policies = options.pop("policies", {"now": book})
    return project(policies, shops(number, failed), assumptions, moves="failed", as_of="2026-01-01", **{"years": 2, "runs": 20, "seed": 5, **options})


def of(found: Projection, measure: str, year: int = 1, case: str = "response", column: str = "median") -> float:
    rows = found.figures[found.figures["policy"] == "now"].set_index(["case", "year", "measure"])
    return float(rows.loc[(case, year, measure), column])


def test_the_table_is_the_rulebook(book: rg.Book) -> None:
    made = transitions(book.at("2026-01-01"), shops(3), "failed", as_of=dt.date(2026, 1, 1), key="enterprise", most=3)
    # large shops are B from the first failed check on, others from the second; A is visited twice a year, B four times
    assert [made.grade[made.of[place]].tolist() for place in (0, 1, 2)] == [[0, 1, 1, 1], [0, 0, 1, 1], [0, 1, 1, 1]]
    assert made.visits[made.of[1]].tolist() == [2, 2, 4, 4]


def test_nothing_moves_where_nothing_happens(book: rg.Book) -> None:
    found = projected(book, QUIET, number=500)
    for year in (1, 2):
        assert [of(found, name, year) for name in ("enterprises", "violations", "found", "in_violation", "grade A", "grade B")] == [500, 0, 0, 0, 500, 0]


def test_records_run_out_within_the_window(book: rg.Book) -> None:
    # one failed check each: the large shops are B now, and A when the 12 months of the rulebook are over
    assert of(projected(book, QUIET, number=500, failed=1), "grade B") == 0


def test_counts_are_what_the_rates_make_them(book: rg.Book) -> None:
    # at 0.4 a year, 1 - exp(-0.1) of those in order fall in a quarter; nothing is found and nothing ends
    found = projected(book, replace(QUIET, recurs={"A": fixed(0.4), "B": fixed(0.4)}), number=20_000, years=1)
    assert of(found, "violations") == pytest.approx(20_000 * (1 - np.exp(-0.4)), abs=80)  # 6,594; one run has a standard deviation of 66
    # two visits a year are a chance of one half in a quarter: 40,000 visits, one run with a standard deviation of 141
    assert of(found, "visits") == pytest.approx(40_000, abs=170)
    # all in violation at the start, and each inspection finds: half of those who remain in each quarter
    all_found = projected(book, replace(QUIET, present=fixed(1), found=fixed(1)), number=20_000, years=1)
    assert of(all_found, "violations") == 0
    assert of(all_found, "found") == pytest.approx(18_750, abs=40)  # all but 1 in 16; one run has a standard deviation of 34


def test_the_same_seed_gives_the_same_figures(book: rg.Book) -> None:
    some = replace(QUIET, recurs={"A": Assumption(0.2, 0.1, 0.3), "B": fixed(0.3)}, found=fixed(0.5))
    one, same, other = (projected(book, some, number=300, seed=seed) for seed in (1, 1, 2))
    assert one.figures.equals(same.figures)
    assert not one.figures.equals(other.figures)


def test_policies_meet_the_same_luck(book: rg.Book, tmp_path: Path) -> None:
    some = replace(QUIET, recurs={"A": Assumption(0.2, 0.1, 0.5), "B": fixed(0.3)}, found=fixed(0.5), ends=fixed(0.5), opens=fixed(0.1), closes=fixed(0.1))
    alike = projected(book, some, number=300, policies={"now": book, "again": book})
    assert (alike.differences[["median", "low", "high"]] == 0).all(axis=None)
    more = projected(book, some, number=3000, policies={"now": book, "stricter": book.with_reform(tmp_path / "stricter.yaml")})
    rows = more.differences.set_index(["case", "year", "measure"])
    assert rows.loc[("response", 1, "visits"), "low"] > 0
    assert rows.loc[("response", 1, "enterprises"), ["low", "high"]].to_list() == [0, 0]


def test_without_response_inspections_deter_nobody(book: rg.Book) -> None:
    some = replace(QUIET, recurs={"A": fixed(0.5), "B": fixed(0.5)}, deters=fixed(1), deters_for=fixed(12))
    found = projected(book, some)
    assert of(found, "violations") < of(found, "violations", case="no response")
    none = projected(book, replace(some, deters=NEVER)).figures
    assert none[none["case"] == "response"]["median"].to_list() == none[none["case"] == "no response"]["median"].to_list()


def test_bands_are_as_wide_as_the_ranges_make_them(book: rg.Book) -> None:
    widths = []
    for spread in (0, 0.1, 0.3):
        found = projected(book, replace(QUIET, recurs={grade: Assumption(0.4, 0.4 - spread, 0.4 + spread) for grade in "AB"}), runs=40, years=1)
        widths.append(of(found, "violations", column="high") - of(found, "violations", column="low"))
    assert widths[0] < widths[1] < widths[2]


@given(st.floats(0, 1), st.floats(0, 10), st.floats(0, 10), st.floats(0, 10))
def test_an_assumption_stays_in_its_range(quantile: float, a: float, b: float, c: float) -> None:
    low, value, high = sorted((a, b, c))
    assert low - 1e-9 <= Assumption(value, low, high).at(quantile) <= high + 1e-9


def test_points_of_a_triangle() -> None:
    assert Assumption(0.5, 0, 1).at(0.5) == 0.5
    assert Assumption(0.5, 0, 1).at(0.125) == 0.25  # the area under the first half of the rise is an eighth
    assert Assumption(2, 0, 2).at(0.25) == 1  # a quarter of the area of a rise lies below its middle


def test_what_cannot_be_supposed_is_refused(book: rg.Book) -> None:
    for value, low, high, source, said in ((3, 0, 2, "x", "does not lie in its range"), (1, -1, 2, "x", "below 0"), (1, 0, 2, "", "needs a source")):
        with pytest.raises(rg.ProblemError, match=said):
            Assumption(value, low, high, source)
    with pytest.raises(rg.ProblemError, match="`found` is a share and may reach 2"):
        replace(QUIET, found=fixed(2))
    with pytest.raises(rg.ProblemError, match="no rate for the grade B"):
        projected(book, replace(QUIET, recurs={"A": NEVER}), number=3)
    with pytest.raises(rg.ProblemError, match="`C` is not a grade"):
        projected(book, replace(QUIET, recurs={"A": NEVER, "B": NEVER, "C": NEVER}), number=3)
    with pytest.raises(rg.ProblemError, match="no column `failedd`"):
        project({"now": book}, shops(3), QUIET, moves="failedd", as_of="2026-01-01")
    with pytest.raises(rg.ProblemError, match="`large` is not a whole number"):
        project({"now": book}, shops(3), QUIET, moves="large", as_of="2026-01-01")
