"""Scenarios with a `backtest`: what is written and told, and what is refused before anything runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

SCENARIO = """
scenario: past
title: Past visits
rulebook: us/hud-reac
as_of: 2016-06-01
data: {file: scores.parquet}
columns: {inspection_score: score}
key: [property, day]
backtest:
  enterprise: property
  date: day
  found: [{name: failing, columns: score, less_than: 60, label: {en: below 60, zh: 低于60分}}]
  first: 2014-01-01
  last: 2016-06-01
  split: 2015-06-01
  follow_ups: 60 days
  previous: {inspection_score: score}
  resamples: 100
  seed: 4
"""
ROWS = [
    ("p", "2014-01-01", 95), ("p", "2015-01-01", 50), ("p", "2015-02-01", 85), ("p", "2016-01-01", 90),
    ("q", "2014-03-01", 55), ("q", "2015-03-01", 58), ("q", "2016-03-01", 40), ("r", "2014-05-01", 99), ("r", "2016-05-01", 98),
]  # fmt: skip


@pytest.fixture
def scenario(tmp_path: Path) -> Callable[..., Path]:
    """The scenario beside its table, with some of its text replaced."""

    def written(*changes: tuple[str, str]) -> Path:
        text = SCENARIO
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        table = pl.DataFrame(ROWS, schema={"property": pl.String, "day": pl.String, "score": pl.Int64}, orient="row")
        table.with_columns(pl.col("day").str.to_date()).write_parquet(tmp_path / "scores.parquet")
        path = tmp_path / "past.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_a_backtest_is_run_recorded_and_told(scenario: Callable[..., Path], run: Callable[..., Any], tmp_path: Path) -> None:
    ran = run("run", scenario(), "--out", tmp_path / "out", "--format", "json")
    assert ran.code == 0, ran.err
    tables = {table["table"]: table for table in json.loads(ran.out)["tables"]}
    assert [name for name in tables if name.startswith("backtest")] == [
        "backtest", "backtest_grades", "backtest_calibration", "backtest_gains", "backtest_years", "backtest_stability",
    ]  # fmt: skip
    # compared: p in January 2015 (after 95: failed) and 2016 (after 85: not), q in 2015 (after 55) and 2016 (after 58), both failed, r in 2016 (after 99: not)
    visits = pl.read_parquet(tmp_path / "out" / "compared.parquet")
    assert visits.select("enterprise", "score", "found_failing").rows() == [
        ("p", 95, True), ("q", 55, True), ("p", 85, False), ("q", 58, True), ("r", 99, False),
    ]  # fmt: skip
    first = tables["backtest"]["rows"][0]
    assert (first["visits"], first["base"]) == (5, 0.6)
    # by grade: p's 95 and r's 99 are equal, p's 85 is worse than 95; both of q before all: 2/2 + 2/2 + (1/2 + 0)/2 of three over two
    assert first["auc"] == pytest.approx((2 + 2 + 0.5) / 6)
    assert "1 follow-ups" in tables["backtest"]["notes"][1]["en"]
    assert run("verify", tmp_path / "out", "--scenario", tmp_path / "past.yaml", "--data", tmp_path).code == 0
    shown = run("run", scenario(), "--out", tmp_path / "out", "--lang", "zh").out
    assert "等级能否提示检查结果" in shown and "低于60分" in shown


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("columns: score, less", "columns: scor, less", "no column `scor`"),
        ("columns: score, less", "columns: property, less", "`property` of the visits holds no numbers"),
        ("date: day\n", "date: dai\n", "no column `dai`"),
        ("date: day\n", "date: score\n", "`score` of the visits holds no dates"),
        ("{inspection_score: score}\n  resamples", "{inspection_scor: score}\n  resamples", "`inspection_scor` is not a fact"),
        ("less_than: 60", "less_than: 60, more_than: 2", "`more_than` or `less_than`, not both"),
        ("split: 2015-06-01", "split: 2014-01-01", "leaves no days on one of its sides"),
        ("follow_ups: 60 days", "follow_ups: 2 months", "is not counted in days"),
        ("  date: day\n", "", "names the register of the `visits`"),
        ("  enterprise: property\n", "  visits: scores\n", "leave `enterprise` and `date` out"),
        ("first: 2014-01-01", "first: 2017-01-01", "before it begins"),
        ("seed: 4", "seed: 4\n  capacity: 0%", "with no capacity nothing is captured"),
    ],
)
def test_a_backtest_that_does_not_fit_is_refused(scenario: Callable[..., Path], run: Callable[..., Any], tmp_path: Path, old: str, new: str, said: str) -> None:
    ran = run("run", scenario((old, new)), "--out", tmp_path / "out")
    assert ran.code == 2
    assert said in ran.err.replace("\n", " ")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("name", "auc"), [("backtest-toronto", 0.705), ("backtest-hud", 0.75)])
def test_the_shipped_backtests_tell_what_the_data_notes_say(run: Callable[..., Any], shared_data: Path, tmp_path: Path, name: str, auc: float) -> None:
    path = Path(__file__).resolve().parent.parent / "scenarios" / f"{name}.yaml"
    ran = run("run", path, "--data", shared_data, "--out", tmp_path / "out", "--format", "json")
    assert ran.code == 0, ran.err
    rows = next(table["rows"] for table in json.loads(ran.out)["tables"] if table["table"] == "backtest")
    assert max(row["auc"] for row in rows if row["part"]["en"] == "all") >= auc


@pytest.mark.parametrize("name", ["backtest-toronto", "backtest-hud"])
def test_without_the_data_they_say_so(run: Callable[..., Any], tmp_path: Path, name: str) -> None:
    path = Path(__file__).resolve().parent.parent / "scenarios" / f"{name}.yaml"
    ran = run("run", path, "--data", tmp_path, "--out", tmp_path / "out", "--skip-without-data")
    assert ran.code == 0
    assert f"{name} skipped" in ran.out
