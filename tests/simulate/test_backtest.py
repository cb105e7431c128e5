"""Grades against past visits: a record worked out by hand, what is set aside, what is refused, and the reference figures of real data."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import regengine as rg
from regengine.inspection.discovery import NEVER_DRAWN, NO_DRAW
from regengine.simulate.backtest import Backtest, backtest
from regengine.simulate.past import chosen, of_visit
from regengine.simulate.rates import Parts, by_grade, calibration, measures, resamples_of, stabilities, weighting_of

RULEBOOK = """
rulebook: xx/record
edition: "1.0"
title: A record
authority: Tests
in_force: {from: 2000-01-01}
audience: public
basis: illustrative
registers:
  visits: {key: shop, date: day, columns: {faults: {type: integer, min: 0, max: 9, missing: 0}}}
facts:
  faults: {type: integer, min: 0, max: 99, missing: 0, from: {sum: visits.faults, within: 12 months}}
score: {is: faults, between: [0, 99], worse: higher}
grades: {order: [A, B], bands: {A: "[0, 2)", B: "[2, 99]"}}
"""
Row = tuple[str, str, int]  # shop, day, faults found

# shop a: one fault, then two, then none; shop b: none, two, two; shop c is visited once
ROWS: list[Row] = [
    ("a", "2020-01-10", 1), ("a", "2020-06-10", 2), ("a", "2020-12-10", 0),
    ("b", "2020-02-01", 0), ("b", "2020-08-01", 2), ("b", "2020-08-15", 0), ("b", "2021-06-01", 2),
    ("c", "2020-03-03", 5),
]  # fmt: skip


@pytest.fixture
def book(tmp_path: Path) -> rg.Book:
    path = tmp_path / "record.yaml"
    path.write_text(RULEBOOK, encoding="utf-8")
    return rg.load(path)


def visits(rows: list[Row]) -> pl.DataFrame:
    made = pl.DataFrame(rows, schema={"shop": pl.String, "day": pl.String, "faults": pl.Int64}, orient="row")
    return made.with_columns(pl.col("day").str.to_date(), bad=pl.col("faults") > 0)


def compared(book: rg.Book, rows: list[Row], **options: Any) -> Backtest:
    table = visits(rows)
    return backtest(book, None, {"visits": table.drop("bad")}, table, found="bad", key="shop", date="day", resamples=100, seed=1, **options)


def test_a_record_by_hand(book: rg.Book) -> None:
    found = compared(book, ROWS, gap=30)
    told = found.accounted
    # the visit of b on 15 August follows up that of 1 August; the first visits of a, b and c have no history
    assert (told.visits, told.outside, told.follow_ups, told.no_history, told.short_history, told.rejected, told.graded) == (8, 0, 1, 3, 0, 0, 4)
    shown = [(row.enterprise, str(row.day.date()), str(row.as_of.date()), row.grade, row.score, row.found_bad) for row in found.visits.itertuples()]
    # the score is the number of faults of the twelve months before the day, that of the visit itself not among them
    assert shown == [
        ("a", "2020-06-10", "2020-06-09", "A", 1, True),
        ("b", "2020-08-01", "2020-07-31", "A", 0, True),
        ("a", "2020-12-10", "2020-12-09", "B", 3, False),
        ("b", "2021-06-01", "2021-05-31", "B", 2, True),
    ]
    # bad ones at 1, 0 and 2, the good one at 3: no pair stands the right way round
    assert found.measures["auc"].to_list() == [0.5 / 3, 0.0]  # by grade b's last visit is equal to it
    assert found.first.to_dict("records") == [{"found": "bad", "visits": 3, "with": 2, "rate": 2 / 3}]
    grades = found.grades.set_index("grade")
    assert grades.loc["A", ["visits", "with", "rate", "lift"]].to_list() == [2, 2, 1.0, 1 / 0.75]
    assert grades.loc["B", ["visits", "with", "rate"]].to_list() == [2, 1, 0.5]
    assert found.weighting.why == NO_DRAW


def test_what_is_set_aside_is_counted(book: rg.Book) -> None:
    told = compared(book, ROWS, first="2020-02-01", last="2021-06-01", earlier=2).accounted
    # outside: 10 January. Without a gap the follow-up counts; two earlier visits have a in December, b on 15 August and b in June
    assert (told.visits, told.outside, told.follow_ups, told.no_history, told.short_history, told.graded) == (8, 1, 0, 2, 2, 3)


def test_a_later_entry_changes_nothing_before(book: rg.Book) -> None:
    later = [*ROWS, ("a", "2021-06-09", 9), ("b", "2021-07-01", 9)]
    before, after = (compared(book, rows, gap=30, last="2021-06-01").visits for rows in (ROWS, later))
    assert before.equals(after)


def test_the_previous_visit_gives_a_fact_of_an_earlier_day() -> None:
    book = rg.load("us/hud-reac")
    rows = [("p", "2015-01-01", 95), ("p", "2015-01-01", 40), ("p", "2016-01-01", 50), ("q", "2015-01-01", 55), ("q", "2017-01-01", 90)]
    table = pl.DataFrame(rows, schema={"shop": pl.String, "day": pl.String, "score": pl.Int64}, orient="row").with_columns(pl.col("day").str.to_date())
    table = table.with_columns(bad=pl.col("score") < 60)
    found = backtest(book, None, {}, table, found="bad", key="shop", date="day", previous={"inspection_score": "score"}, gap=60, resamples=100)
    # of two visits on one day the later row counts; a visit never sees its own score
    assert [(row.enterprise, row.score, row.grade, row.found_bad) for row in found.visits.itertuples()] == [
        ("p", 40, "failing", True),
        ("q", 55, "failing", False),
    ]
    assert found.measures["auc"].to_list() == [0.5, 1.0]  # the lower score is the worse


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"capacity": 0}, "`0` is no share of the visits"),
        ({"earlier": 0}, "at least 1 is needed"),
        ({"gap": -1}, "`-1` days are no gap"),
        ({"first": "2021-01-01", "last": "2020-01-01"}, "before they begin"),
        ({"split": "2030-01-01", "last": "2021-12-31"}, "leaves no days on one of its sides"),
        ({"first": "2025-01-01"}, "no visit is left to compare"),
        ({"last": "2020-08-10"}, "each of 2 visits found `bad`"),
        ({"previous": {"fault": "faults"}}, "`fault` is not a fact"),
        ({"previous": {"faults": "faults"}}, "comes from a register"),
        ({"probability": "chance"}, "no column `chance`"),
    ],
)
def test_what_cannot_be_compared_is_refused(book: rg.Book, options: dict[str, Any], said: str) -> None:
    with pytest.raises(rg.ProblemError, match=said):
        compared(book, ROWS, **options)


def test_visits_of_which_something_is_missing_are_refused(book: rg.Book) -> None:
    table = visits(ROWS).with_columns(pl.when(pl.col("faults") < 5).then(pl.col("bad")))
    with pytest.raises(rg.ProblemError, match="1 of 8 visits have no `bad`"):
        backtest(book, None, {"visits": table}, table, found="bad", key="shop", date="day")
    with pytest.raises(rg.ProblemError, match="`faults` of the visits must hold true or false"):
        backtest(book, None, {"visits": table}, table, found="faults", key="shop", date="day")


# weights, samples and stability


def graded(rows: list[tuple[str, int, bool, float | None, str]]) -> pl.DataFrame:
    schema = {"enterprise": pl.String, "risk": pl.Int64, of_visit("bad"): pl.Boolean, of_visit("chance"): pl.Float64, of_visit("stratum"): pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def one_part(rows: pl.DataFrame) -> Parts:
    return Parts(np.zeros(len(rows), dtype=np.int64), 1)


def test_a_weighted_figure_counts_each_visit_for_those_it_stands_for() -> None:
    rows = graded([("a", 2, True, 0.5, "x"), ("b", 1, False, 0.5, "x"), ("c", 2, False, 0.1, "y"), ("d", 1, True, None, "y")])
    weighting = weighting_of(rows, "chance", "stratum")
    assert weighting.weight is not None
    assert weighting.weight.tolist() == [2, 2, 10, 0]
    told = measures(rows, ["bad"], {"score": "risk"}, one_part(rows), resamples_of(rows["enterprise"], 100, 1), weighting, 0.5).set_index("weighting")
    # naive: bad at 2 and 1, good at 1 and 2: pairs 1, 1/2, 1/2, 0; weighted: the bad one before 2 of 12, equal to 10
    assert told.loc["naive", "auc"] == 0.5
    assert told.loc["weighted", "auc"] == pytest.approx((2 + 10 / 2) / 12)
    assert told.loc["weighted", ["visits", "with"]].to_list() == [3, 1]
    assert told.loc["weighted", "base"] == pytest.approx(2 / 14)


def test_no_weighted_figure_where_a_stratum_was_never_drawn() -> None:
    rows = graded([("a", 2, True, 0.5, "x"), ("b", 1, False, None, "y")])
    assert weighting_of(rows, "chance", "stratum").strata == ("y",)
    assert weighting_of(rows, "chance", "stratum").why == NEVER_DRAWN
    assert weighting_of(rows.head(1), "chance", "stratum", ["x", "z"]).strata == ("z",)  # nobody of z was visited at all
    assert weighting_of(rows, None, None).why == NO_DRAW


def test_samples_take_all_visits_of_an_enterprise() -> None:
    """Two enterprises: of a all visits found something, of b none; a sample has a rate of 0, 1/2 or 1, and no other."""
    rows = graded([("a", 0, True, None, "x"), ("a", 0, True, None, "x"), ("b", 0, False, None, "x"), ("b", 0, False, None, "x")])
    samples = resamples_of(rows["enterprise"], 500, 7)
    assert {tuple(weight) for weight in samples.weights()} == {(2, 2, 0, 0), (1, 1, 1, 1), (0, 0, 2, 2)}
    told = by_grade(rows, ["bad"], "risk", ["A"], one_part(rows), samples)
    assert told.loc[0, ["rate", "low", "high"]].to_list() == [0.5, 0, 1]


def test_a_grade_keeps_its_meaning_where_the_later_interval_holds_the_earlier_rate() -> None:
    rows = graded([("a", 0, True, None, "x"), ("b", 0, False, None, "x"), ("c", 0, True, None, "x"), ("d", 0, True, None, "x")])
    parts = Parts(np.array([0, 0, 1, 1]), 2)
    told = calibration(by_grade(rows, ["bad"], "risk", ["A"], parts, resamples_of(rows["enterprise"], 200, 3)))
    assert told.loc[0, ["visits", "expected", "observed", "low", "high", "holds"]].to_list() == [2, 0.5, 1.0, 1.0, 1.0, False]


def test_stability_is_against_the_first_year() -> None:
    days = [dt.date(2019, 1, day) for day in range(1, 5)] + [dt.date(2020, 1, day) for day in range(1, 5)]
    rows = pl.DataFrame({"day": days, "risk": [0, 0, 1, 1, 0, 1, 1, 1], "size": ["s", "s", "l", "l", "s", "s", "l", None]})
    told = stabilities(rows, "day", "risk", ["A", "B"], ["size"]).to_dict("records")
    assert told[0] == {"year": 2020, "index": "psi", "of": "grade", "value": pytest.approx(0.25 * np.log(2) + 0.25 * np.log(1.5))}
    assert told[1]["index"] == "csi"
    assert np.isnan(told[1]["value"])  # an unknown size is a class that 2019 does not have


def test_follow_ups_count_from_the_visit_before_whatever_came_of_it() -> None:
    table = visits([("a", "2020-01-01", 0), ("a", "2020-01-20", 0), ("a", "2020-02-10", 0), ("a", "2020-03-12", 1)])
    past = chosen(table, key="shop", date="day", found=["bad"], more=[], previous={}, first=None, last=None, gap=30, earlier=1)
    # 19 and 21 days after the one before, then 31
    assert past.follow_ups == 2
    assert past.compared.select(pl.col("past:day").cast(pl.String)).to_series().to_list() == ["2020-03-12"]


# real inspections


def toronto(shared_data: Path) -> pl.DataFrame:
    table = pl.read_parquet(shared_data / "toronto_dinesafe_inspections.parquet")
    return table.with_columns(bad=pl.col("n_significant") + pl.col("n_crucial") > 0, crucial=pl.col("n_crucial") > 0)


def test_toronto_reaches_the_reference(shared_data: Path) -> None:
    table = toronto(shared_data)
    reform = Path(__file__).resolve().parents[2] / "scenarios" / "backtest-toronto" / "half-life.yaml"
    options: dict[str, Any] = {"first": "2004-01-01", "last": "2012-12-31", "gap": 30, "earlier": 2, "resamples": 100, "split": "2009-01-01"}
    book = rg.load("ca/toronto-dinesafe")
    register = table.select("establishment_id", "inspection_date", "n_minor", "n_significant", "n_crucial")
    for law, bad, crucial in ((book, 0.7040, 0.7407), (book.with_reform(reform), 0.7060, 0.7415)):
        found = backtest(law, None, {"inspections": register}, table, found=["bad", "crucial"], key="establishment_id", date="inspection_date", **options)
        assert (found.accounted.visits, found.accounted.graded, found.accounted.rejected) == (97_010, 58_718, 0)
        told = found.measures.set_index(["found", "part", "order"])
        assert told.loc[("bad", "all", "score"), "base"] == pytest.approx(0.216, abs=0.0005)
        assert told.loc[("bad", "all", "score"), "auc"] == pytest.approx(bad, abs=0.0001)
        assert told.loc[("crucial", "all", "score"), "auc"] == pytest.approx(crucial, abs=0.0001)
        assert (told["auc_low"] < told["auc"]).all() and (told["auc"] < told["auc_high"]).all()
        gains = found.gains.set_index(["found", "order"])["days"]
        assert 0 < gains["bad", "score"] < gains["bad", "best"]


@pytest.mark.parametrize(("program", "visits", "auc"), [("PH", 24_745, 0.771), ("MF", 30_333, 0.707)])
def test_the_previous_score_of_assisted_housing(shared_data: Path, program: str, visits: int, auc: float) -> None:
    table = pl.read_parquet(shared_data / "hud_reac_inspections.parquet").filter(pl.col("program") == program).with_columns(failing=pl.col("score") < 60)
    found = backtest(
        rg.load("us/hud-reac"), None, {}, table, found="failing", key="property_id", date="inspection_date", gap=60, previous={"inspection_score": "score"},
        resamples=100,
    )  # fmt: skip
    assert found.accounted.graded == visits
    assert found.measures.set_index("order").loc["score", "auc"] == pytest.approx(auc, abs=0.0005)


def test_chicago_is_hard_to_tell(shared_data: Path) -> None:
    """The record tells little here: most establishments have one or two visits on it."""
    table = pl.read_parquet(shared_data / "chicago_food_canvass.parquet").with_columns(critical=pl.col("n_critical") > 0)
    found = backtest(
        rg.load("us/chicago-canvass").at("2014-09-01"), None, {"inspections": table.drop("critical")}, table, found="critical", key="license_id",
        date="inspection_date", resamples=100,
    )  # fmt: skip
    # 12,367 establishments, nine of which were first visited twice on one day
    assert (found.accounted.visits, found.accounted.no_history, found.accounted.graded) == (27_600, 12_376, 15_224)
    told = found.measures.set_index("order")["auc"]
    assert told.to_dict() == {"grade": pytest.approx(0.594, abs=0.0005), "score": pytest.approx(0.605, abs=0.0005)}
