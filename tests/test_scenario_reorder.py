"""Scenarios that put visits in another order: grades of the day before by hand, what is refused, and the real inspections of Chicago."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from regengine.problems import ProblemError
from regengine.scenario import Run, read_scenario, run_scenario, verify

ROOT = Path(__file__).resolve().parent.parent
CHICAGO = ROOT / "scenarios" / "plan-chicago.yaml"
SCENARIO = """\
scenario: small
title: Small
rulebook: us/chicago-canvass
as_of: 2013-12-31
data: {enterprises_of: inspections, registers: {inspections: visits.parquet}}
key: license_id
report:
  counts: [grade]
  reorder:
    visits: inspections
    found: {column: n_critical, label: {en: critical violations, zh: 严重违规}}
    resamples: 100
    seed: 1
    periods:
      - label: January
        first: 2014-01-01
        last: 2014-01-31
        beside: [{column: score, label: {en: by another score, zh: 按另一得分}, worse: lower}]
        published: [{label: Elsewhere, days: 7.5, first_half: 69%, source: A paper}]
"""


def day(month: int, number: int, year: int = 2014) -> dt.date:
    return dt.date(year, month, number)


# 1 had a critical violation in June, 2 had none, 3 has no record; in January they are visited as 2, 3, 1, and 3 and 1 have one
VISITS = [
    (1, 10, day(6, 1, 2013), 2, 1, None), (2, 20, day(6, 1, 2013), 2, 0, None),
    (2, 21, day(1, 10), 2, 0, 1.0), (3, 30, day(1, 20), 2, 2, 2.0), (1, 11, day(1, 30), 2, 1, 3.0),
]  # fmt: skip
COLUMNS = {"license_id": pl.Int64, "inspection_id": pl.Int64, "inspection_date": pl.Date, "risk": pl.Int8, "n_critical": pl.Int16, "score": pl.Float64}


def small(folder: Path, scenario: str = SCENARIO) -> Path:
    table = pl.DataFrame(VISITS, schema=COLUMNS, orient="row").with_columns(n_serious=0, n_minor=0)
    table.write_parquet(folder / "visits.parquet")
    path = folder / "small.yaml"
    path.write_text(scenario, encoding="utf-8")
    return path


def rows_of(run: Run, name: str) -> list[dict[str, Any]]:
    """The rows of a table of a report, as plain data."""
    found: list[dict[str, Any]] = [row for table in run.report["tables"] if table["table"] == name for row in table["rows"]]  # type: ignore[attr-defined]
    return found


def test_grades_of_the_day_before_by_hand(tmp_path: Path) -> None:
    """On 31 December 3 is C (13 points), 1 is B (8) and 2 is A (0): so 3 comes on the 10th, 1 on the 20th, 2 on the 30th."""
    run = run_scenario(read_scenario(small(tmp_path)), tmp_path / "out")
    orders = {row["order"]["en"]: row for row in rows_of(run, "reorder")}
    assert list(orders) == ["as really made", "by grade", "by score", "by another score", "Elsewhere", "had one known"]
    ours = orders["by grade"]
    assert (ours["days_earlier"], ours["first_half"], ours["auc"]) == (10, 0.75, 1)
    assert (orders["as really made"]["days_earlier"], orders["as really made"]["low"], orders["as really made"]["first_half"]) == (0, None, 0.25)
    # the lowest other score first is the real order
    assert (orders["by another score"]["days_earlier"], orders["by another score"]["of_best"]) == (0, 0)
    assert (orders["Elsewhere"]["days_earlier"], orders["Elsewhere"]["first_half"], orders["Elsewhere"]["auc"]) == (7.5, 0.69, None)
    assert orders["had one known"]["days_earlier"] == 10  # 3 and 1 share the 10th and the 20th
    grades = {row["grade"]: (row["visits"], row["found"]) for row in rows_of(run, "reorder_grades") if isinstance(row["grade"], str)}
    assert grades == {"A": (1, 0), "B": (1, 1), "C": (1, 1), "D": (0, 0)}
    visits = pl.read_parquet(tmp_path / "out" / "reordered.parquet")
    assert visits.select("license_id", "grade", "score", "found", "days_earlier").rows() == [
        (2, "A", 0.0, False, -20.0), (3, "C", 13.0, True, 10.0), (1, "B", 8.0, True, 10.0),
    ]  # fmt: skip


def test_a_visit_does_not_know_itself(tmp_path: Path) -> None:
    """With a plan for every ten days, 1 is still graded for its visit on the 30th by what stood on the 20th: June, and not the visit itself."""
    run = run_scenario(read_scenario(small(tmp_path, SCENARIO.replace("        beside:", "        every: 10 days\n        beside:"))), tmp_path / "out")
    visits = pl.read_parquet(tmp_path / "out" / "reordered.parquet")
    assert visits.select("license_id", "window", "grade", "days_earlier").rows() == [
        (2, day(1, 1), "A", 0.0), (3, day(1, 11), "C", 0.0), (1, day(1, 21), "B", 0.0),
    ]  # fmt: skip
    assert {row["days_earlier"] for row in rows_of(run, "reorder")} == {0, 7.5}


def test_the_run_is_recorded_and_agrees(tmp_path: Path) -> None:
    run_scenario(read_scenario(small(tmp_path)), tmp_path / "out")
    record = json.loads((tmp_path / "out" / "record.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in record["inputs"]] == ["visits.parquet"]
    assert "reordered.parquet" in [one["name"] for one in record["outputs"]]
    assert "numpy" in record["versions"]
    checked = verify(tmp_path / "out", scenario=tmp_path / "small.yaml")
    assert checked.problems == ()
    assert checked.complete


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("visits: inspections", "visits: visits", 1, "the report reorders `visits`, and `data` gives no table of it"),
        ("enterprises_of: inspections", "enterprises_of: visits", 5, "`visits` is not among the `registers`"),
        ("enterprises_of: inspections", "file: a.csv, enterprises_of: inspections", 5, "data is a `file` or `enterprises_of`, with `registers`"),
        ("key: license_id", "key: licence", 6, "the register has no column `licence`"),
        ("last: 2014-01-31", "last: 2013-01-31", 15, "the period ends on 2013-01-31, before it begins on 2014-01-01"),
        ("last: 2014-01-31", "last: 2014-01-31\n        every: 5 working days", 15, "`5 working days` cannot be counted without a calendar of working days"),
        ("column: n_critical", "column: n_critcal", 11, "the table of `inspections` has no column `n_critcal`"),
        ("column: n_critical", "column: inspection_date", 11, "the column `inspection_date` of `inspections` holds no numbers"),
        ("last: 2014-01-31", "last: 2014-01-31\n        only: {split: test}", 18, "the table of `inspections` has no column `split`"),
        ("first: 2014-01-01", "first: 2013-01-01", 15, "2 of 5 visits of the period have no `score`"),
        ("last: 2014-01-31", "last: 2014-01-15", 15, "none of 1 visits of the period found anything"),
        ("first: 2014-01-01\n        last: 2014-01-31", "first: 2015-01-01\n        last: 2015-01-31", 15, "none of 0 visits of the period found anything"),
        ("key: license_id", "key: license_id\noutputs: {graded: reordered.parquet}", 1, "`reordered.parquet` is where the reordered visits go"),
    ],
)
def test_what_cannot_be_compared_is_refused_at_its_place(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    with pytest.raises(ProblemError) as caught:
        run_scenario(read_scenario(small(tmp_path, SCENARIO.replace(old, new, 1))), tmp_path / "out")
    (problem,) = caught.value.problems
    assert problem.code == "scenario-wrong"
    assert problem.message.startswith(message)
    assert problem.place.line == line
    assert not (tmp_path / "out").exists()


def test_a_register_as_text_is_refused(tmp_path: Path) -> None:
    path = small(tmp_path, SCENARIO.replace("visits.parquet", "visits.csv"))
    pl.read_parquet(tmp_path / "visits.parquet").write_csv(tmp_path / "visits.csv")
    with pytest.raises(ProblemError) as caught:
        run_scenario(read_scenario(path), tmp_path / "out")
    assert [problem.message for problem in caught.value.problems] == ["the table of `inspections` holds texts only"]


def test_chicago(shared_data: Path, tmp_path: Path) -> None:
    run = run_scenario(read_scenario(CHICAGO), tmp_path / "out", data=shared_data)
    rows = rows_of(run, "reorder")
    test, later, own = (
        {row["order"]["en"]: row for row in rows if row["group"]["en"].startswith(period)} for period in ("The City's test rows", "2014", "Sep 2012")
    )
    # what the City published of its model comes out of its scores: 69 % against 55 % in the first half, some 7.5 days; AUC as in the data notes
    city = test["by the City's model"]
    assert city["first_half"] == pytest.approx(0.69, abs=0.005)
    assert test["as really made"]["first_half"] == pytest.approx(0.55, abs=0.005)
    assert city["days_earlier"] == pytest.approx(7.5, abs=0.5)
    assert city["auc"] == pytest.approx(0.679, abs=0.0005)
    # ours is weak, and weaker than the City's: some 3 days, as on the visits that the points rest on and on later ones
    for period, days in ((test, 2.9), (later, 3.5), (own, 3.9)):
        assert period["by grade"]["days_earlier"] == pytest.approx(days, abs=0.05)
        assert 0 < period["by grade"]["low"] < days < period["by grade"]["high"]
        assert period["by grade"]["auc"] < 0.6
    assert test["by grade"]["high"] < city["days_earlier"]
    visits = pl.read_parquet(tmp_path / "out" / "reordered.parquet")
    assert visits.group_by("period").len().sort("period").rows() == [(1, 1_637), (2, 9_777), (3, 11_074)]
    assert visits["days_earlier"].sum() == pytest.approx(0, abs=1e-6)
