"""Scenarios: the form of the file, where data is found, what is refused, and figures worked out by hand and by plain Polars."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regengine.problems import Problem, ProblemError
from regengine.report.due import Columns, schedule
from regengine.rulebook.values import months_before, parse_span
from regengine.scenario import read_scenario, run_scenario
from regengine.scenario.data import find_data

ROOT = Path(__file__).resolve().parent.parent
QUICKSTART, HUD = ROOT / "scenarios" / "quickstart.yaml", ROOT / "scenarios" / "hud-housing.yaml"
SCENARIO = """\
scenario: small
title: Small
rulebook: us/hud-reac
as_of: 2020-12-31
data: {file: visits.csv}
columns: {inspection_score: points}
key: [program, property, day]
rejects: allowed
report:
  counts: [grade, warnings]
  by: {column: program, labels: {PH: {en: Public, zh: 公共}}}
  due: {inspected: day, latest: window_latest, enterprise: [program, property]}
"""
VISITS = """\
program,property,day,points
MF,a,2016-02-29,95
MF,a,2019-02-28,85
MF,b,2018-01-31,70
MF,b,2019-04-30,50
MF,b,2020-08-01,90
PH,a,2019-12-31,59
"""


def small(folder: Path, scenario: str = SCENARIO, visits: str = VISITS) -> Path:
    """A scenario file with its table."""
    (folder / "visits.csv").write_text(visits, encoding="utf-8")
    path = folder / "small.yaml"
    path.write_text(scenario, encoding="utf-8")
    return path


def faults(path: Path) -> list[tuple[str, int | None, int | None, str]]:
    """Code, line, column and message of everything for which a scenario is refused, reading or running it."""
    with pytest.raises(ProblemError) as caught:
        run_scenario(read_scenario(path), path.parent / "out")
    assert not (path.parent / "out").exists()
    return [(p.code, p.place.line, p.place.column, p.message) for p in caught.value.problems]


def rows_of(run: Any, name: str) -> list[dict[str, Any]]:
    """The rows of a table of a report, as plain data."""
    return next(table.as_data()["rows"] for table in run.tables if table.name == name)


# form


def test_every_fault_of_the_form_is_told_at_its_place(tmp_path: Path) -> None:
    text = (
        SCENARIO.replace("as_of: 2020-12-31", "as_of: 2020-02-30")
        .replace("rejects: allowed", "reject: allowed")
        .replace("file: visits.csv", "file: ../visits.csv")
    )
    assert faults(small(tmp_path, text)) == [
        ("date-wrong", 4, 8, "`2020-02-30` is not a real day"),
        ("scenario-wrong", 5, 7, "`../visits.csv` leads out of the folder"),
        ("key-unknown", 8, 1, "`reject` is not a key here"),
    ]


def test_unknown_key_has_a_hint(tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        read_scenario(small(tmp_path, SCENARIO.replace("rejects:", "reject:")))
    assert [problem.hint for problem in caught.value.problems] == ["did you mean `rejects`?"]


@pytest.mark.parametrize(
    ("old", "new", "code", "message"),
    [
        ("scenario: small", "scenario: ../small", "value-wrong", "`../small` is not written as a name of this kind"),
        ("data: {file: visits.csv}", "data: {file: /etc/passwd}", "scenario-wrong", "`/etc/passwd` leads out of the folder"),
        ("data: {file: visits.csv}", "data: {file: visits.csv, from: shared}", "scenario-wrong", "data that the user brings needs a `source`"),
        ("rejects: allowed", "outputs: {graded: ../graded.parquet}", "scenario-wrong", "`../graded.parquet` cannot be the name of an output"),
        ("rejects: allowed", "outputs: {graded: graded.csv}", "scenario-wrong", "`graded.csv` cannot be the name of an output"),
        ("rejects: allowed", "outputs: {graded: a.parquet, rejects: A.parquet}", "scenario-wrong", "`a.parquet` is the name of both outputs"),
        ("rejects: allowed", "rejects: maybe", "value-wrong", "`maybe` is not a value of `rejects`"),
        ("as_of: 2020-12-31\n", "", "key-missing", "`as_of` is missing"),
    ],
)
def test_form_is_refused(tmp_path: Path, old: str, new: str, code: str, message: str) -> None:
    assert [(found[0], found[3]) for found in faults(small(tmp_path, SCENARIO.replace(old, new)))] == [(code, message)]


def test_one_column_stands_for_one_fact(tmp_path: Path) -> None:
    found = faults(small(tmp_path, SCENARIO.replace("{inspection_score: points}", "{inspection_score: points, other: points}")))
    assert [message for *_, message in found] == ["the column `points` is given to two facts"]


# against rulebook and table


def test_unknown_rulebook_is_told_at_its_place(tmp_path: Path) -> None:
    assert faults(small(tmp_path, SCENARIO.replace("us/hud-reac", "us/hud-raec"))) == [("rulebook-unknown", 3, 11, "`us/hud-raec` is not a shipped rulebook")]


def test_rulebook_beside_the_scenario(tmp_path: Path) -> None:
    own = (ROOT / "rules" / "us" / "hud-reac.yaml").read_text(encoding="utf-8").replace("rulebook: us/hud-reac", "rulebook: us/own")
    (tmp_path / "own.yaml").write_text(own, encoding="utf-8")
    run = run_scenario(read_scenario(small(tmp_path, SCENARIO.replace("us/hud-reac", "own.yaml"))), tmp_path / "out")
    assert run.record.rulebook.id == "us/own"


def test_law_date_before_the_rulebook(tmp_path: Path) -> None:
    assert [code for code, *_ in faults(small(tmp_path, SCENARIO.replace("as_of:", "law_at: 1999-01-01\nas_of:")))] == ["not-in-force"]


def test_names_that_the_table_does_not_have_are_told_together(tmp_path: Path) -> None:
    text = (
        SCENARIO.replace("points}", "pints, size: points}")
        .replace("key: [program", "key: [programme")
        .replace("[grade, warnings]", "[grade, score]")
        .replace("column: program", "column: state")
        .replace("enterprise: [program, property]", "enterprise: [program, place]")
    )
    assert faults(small(tmp_path, text)) == [
        ("scenario-wrong", 6, 29, "the table has no column `pints`"),
        ("scenario-wrong", 6, 42, "`size` is not a fact of `us/hud-reac`"),
        ("scenario-wrong", 7, 7, "the table has no column `programme`"),
        ("scenario-wrong", 10, 19, "`score` is not a decided column with values to count"),
        ("scenario-wrong", 11, 16, "the graded table has no column `state`"),
        ("scenario-wrong", 12, 70, "the graded table has no column `place`"),
    ]


def test_columns_of_the_table_are_not_overwritten(tmp_path: Path) -> None:
    visits = (
        VISITS.replace("program,property,day,points", "program,property,day,points,inspection_score,enterprise")
        .replace("\n", ",1,x\n")
        .replace("enterprise,1,x", "enterprise")
    )
    assert [message for *_, message in faults(small(tmp_path, visits=visits))] == [
        "the table has a column `inspection_score` itself",
        "the table has a column `enterprise` itself, so no key can be joined under that name",
    ]


def test_too_many_groups(tmp_path: Path) -> None:
    visits = "program,property,day,points\n" + "".join(f"P{number},a,2020-01-01,90\n" for number in range(7))
    assert [message for *_, message in faults(small(tmp_path, visits=visits))] == ["`program` has 7 values; 6 can stand side by side"]


# data


def test_data_is_looked_for_in_one_place_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REGENGINE_DATA", raising=False)
    source = "source: {publisher: The Publisher, where: https://example.org/scores, terms: Free.}\n"
    path = small(tmp_path, SCENARIO.replace("visits.csv}", "visits.csv, from: shared}") + source)
    scenario = read_scenario(path)

    def refused(given: Path | None = None) -> Problem:
        with pytest.raises(ProblemError) as caught:
            find_data(scenario, given)
        (problem,) = caught.value.problems
        assert problem.code == "data-missing"
        return problem

    problem = refused()
    assert (problem.message, str(problem.place)) == ("`visits.csv` is not part of regengine and was not given", f"{path}:5:14")
    hint = "The Publisher offers it at https://example.org/scores; give the file, or the folder that holds it, with `--data`, or the folder in REGENGINE_DATA"
    assert problem.hint == hint
    assert find_data(scenario, tmp_path) == find_data(scenario, tmp_path / "visits.csv") == tmp_path / "visits.csv"
    monkeypatch.setenv("REGENGINE_DATA", str(tmp_path))
    assert find_data(scenario) == tmp_path / "visits.csv"
    (tmp_path / "empty").mkdir()
    assert refused(tmp_path / "empty").message == f"`{tmp_path / 'empty'}` does not hold `visits.csv`"
    monkeypatch.setenv("REGENGINE_DATA", str(tmp_path / "nowhere"))
    assert refused().message == f"`{tmp_path / 'nowhere'}` (from REGENGINE_DATA) does not exist"


# running


def test_grades_by_group(tmp_path: Path) -> None:
    run = run_scenario(read_scenario(small(tmp_path)), tmp_path / "out")
    assert run.record.rows.model_dump(by_alias=True) == {"in": 6, "graded": 6, "rejected": 0}
    rows = rows_of(run, "grade")
    assert [(row["value"], row["rows.PH"], row["rows.MF"], row["rows"], row["share"]) for row in rows] == [
        ("standard_1", 0, 2, 2, 0.333333), ("standard_2", 0, 1, 1, 0.166667), ("standard_3", 0, 1, 1, 0.166667), ("failing", 1, 1, 2, 0.333333),
    ]  # fmt: skip
    assert [column.label.say("zh") for column in run.tables[0].columns] == ["等级", "名称", "公共", "%", "MF", "%", "合计", "%"]
    assert [(row["value"], row["rows"]) for row in rows_of(run, "warnings")] == [("warnings.below_60", 2)]


def test_due_inspections_by_year(tmp_path: Path) -> None:
    run = run_scenario(read_scenario(small(tmp_path)), tmp_path / "out")
    found = [(row["year"], row["inspected.MF"], row["inspected.PH"], row["due.MF"], row["due.PH"], row["due"]) for row in rows_of(run, "due_by_year")]
    assert found == [
        ("2016", 1, 0, 0, 0, 0),
        ("2017", 0, 0, 0, 0, 0),
        ("2018", 1, 0, 0, 0, 0),
        ("2019", 2, 1, 2, 0, 2),
        ("2020", 1, 0, 1, 1, 2),
        ("2021", None, None, 1, 0, 1),
        ("2022", None, None, 0, 0, 0),
        ("2023", None, None, 1, 0, 1),
    ]


def test_next_inspection_in_time(tmp_path: Path) -> None:
    """Three years after 29 February is 28 February; a day late is late; who is not yet due is not judged; MF a is not PH a."""
    run = run_scenario(read_scenario(small(tmp_path)), tmp_path / "out")
    rows = rows_of(run, "followed_in_time")
    found = {
        (str(row["group"]["en"]), row["grade"] if isinstance(row["grade"], str) else "all"): tuple(
            row[name] for name in ("over", "followed", "by_due", "by_latest", "by_latest.share", "median_days")
        )
        for row in rows
    }
    nothing = (0, 0, 0, 0, None, None)
    assert found == {
        ("MF", "standard_1"): (1, 1, 1, 1, 1.0, 1095), ("MF", "standard_2"): nothing, ("MF", "standard_3"): (1, 1, 0, 1, 1.0, 454),
        ("MF", "failing"): (1, 1, 0, 0, 0.0, 459), ("MF", "all"): (3, 3, 1, 2, 0.666667, 459),
        ("Public", "standard_1"): nothing, ("Public", "standard_2"): nothing, ("Public", "standard_3"): nothing, ("Public", "failing"): nothing,
        ("Public", "all"): nothing,
        ("All", "standard_1"): (1, 1, 1, 1, 1.0, 1095), ("All", "standard_2"): nothing, ("All", "standard_3"): (1, 1, 0, 1, 1.0, 454),
        ("All", "failing"): (1, 1, 0, 0, 0.0, 459), ("All", "all"): (3, 3, 1, 2, 0.666667, 459),
    }  # fmt: skip


@given(day=st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1)), span=st.sampled_from(["1 year", "3 years", "1 month", "15 months", "39 months", "30 days"]))
def test_intervals_are_calendar_months(day: dt.date, span: str) -> None:
    frame = pl.LazyFrame({"grade": ["A"], "day": [day], "every": [span], "who": ["x"]})
    (due,) = schedule(frame, Columns("day", "every", None, ("who",)), None)["due"]
    months = parse_span(span).months
    assert due == (day + dt.timedelta(days=30) if months is None else months_before(day, -months))


def test_working_days_cannot_be_counted_without_a_calendar() -> None:
    frame = pl.LazyFrame({"grade": ["A"], "day": [dt.date(2020, 1, 1)], "every": ["20 working days"], "who": ["x"]})
    with pytest.raises(ProblemError, match="cannot be counted without a calendar"):
        schedule(frame, Columns("day", "every", None, ("who",)), None)


@pytest.mark.parametrize(
    ("due", "message"),
    [
        ("inspected: inspection_score", "the column `inspection_score` holds no days"),
        ("inspected: day, every: grade", "`standard_1` is not a span of time"),
    ],
)
def test_due_needs_days_and_spans(tmp_path: Path, due: str, message: str) -> None:
    path = small(tmp_path, SCENARIO.replace("visits.csv", "visits.parquet").replace("inspected: day", due))
    pl.read_csv(VISITS.encode()).head(1).write_parquet(tmp_path / "visits.parquet")
    assert [(code, said) for code, _, _, said in faults(path)] == [("scenario-wrong", message)]


def test_records_without_a_day_are_told(tmp_path: Path) -> None:
    run = run_scenario(read_scenario(small(tmp_path, SCENARIO.replace("[program, property, day]", "points"), VISITS + "PH,z,,60\n")), tmp_path / "out")
    table = next(table for table in run.tables if table.name == "due_by_year")
    assert [note.say("en") for note in table.notes[1:]] == ["Records without a day, in no year: 1."]
    assert sum(row["inspected"] or 0 for row in rows_of(run, "due_by_year")) == 6


def test_names_in_chinese(tmp_path: Path) -> None:
    path = small(tmp_path, SCENARIO.replace("visits.csv", "检查.csv").replace("rejects: allowed", "outputs: {graded: 评级.parquet}"))
    (tmp_path / "visits.csv").rename(tmp_path / "检查.csv")
    record = run_scenario(read_scenario(path), tmp_path / "out").record
    assert [used.name for used in (*record.inputs, *record.outputs)] == ["检查.csv", "rejects.parquet", "report.json", "评级.parquet"]
    assert (tmp_path / "out" / "评级.parquet").is_file()


def test_a_key_with_an_empty_part_is_a_reject(tmp_path: Path) -> None:
    run = run_scenario(read_scenario(small(tmp_path, visits=VISITS.replace("MF,b,2018", "MF,,2018") + "PH,c,2020-01-01,101\n")), tmp_path / "out")
    assert run.record.rows.model_dump(by_alias=True) == {"in": 7, "graded": 5, "rejected": 2}
    rejects = pl.read_parquet(tmp_path / "out" / "rejects.parquet")
    assert rejects["rejected_for"].to_list() == ["key-column: empty", "fact-out-of-range: inspection_score"]
    assert [(row["rejected_for"], row["rows"], row["first_key"]) for row in rows_of(run, "rejected")] == [
        ("key-column (empty)", 1, None),
        ("fact-out-of-range", 1, "PH|c|2020-01-01"),
    ]


def test_rejects_are_refused_by_default(tmp_path: Path) -> None:
    path = small(tmp_path, SCENARIO.replace("rejects: allowed\n", ""), VISITS.replace(",95", ",195"))
    assert [(code, message) for code, _, _, message in faults(path)] == [
        ("rows-rejected", "1 of 6 rows could not be graded, and the scenario refuses rejects"),
        ("fact-out-of-range", "`195` is outside 0 to 100"),
    ]


def test_quickstart(tmp_path: Path) -> None:
    run = run_scenario(read_scenario(QUICKSTART), tmp_path / "out")
    assert run.record.rows.model_dump(by_alias=True) == {"in": 2_000, "graded": 1_997, "rejected": 3}
    graded = pl.read_parquet(tmp_path / "out" / "graded.parquet")
    for column, table in (("grade", "grade"), ("graded_by", "graded_by"), ("service_path", "service_path")):
        counted = dict(graded.group_by(column).len().iter_rows())
        assert {row["value"]: row["rows"] for row in rows_of(run, table) if row["rows"]} == counted
    warned = {row["value"]: row["rows"] for row in rows_of(run, "warnings")}
    assert warned == {name.replace("warning_", "warnings.", 1): int(graded[name].sum()) for name in graded.columns if name.startswith("warning_")}


# real inspections


def test_hud_grades_are_those_of_the_section(shared_data: Path, tmp_path: Path) -> None:
    """24 CFR 200.857(b)(1), and the base rates under 60 that the description of the data gives."""
    run = run_scenario(read_scenario(HUD), tmp_path / "out", data=shared_data)
    assert run.record.rows.model_dump(by_alias=True) == {"in": 93_237, "graded": 93_237, "rejected": 0}
    score = pl.col("score")
    by_hand = pl.read_parquet(shared_data / "hud_reac_inspections.parquet").with_columns(
        grade=pl.when(score >= 90).then(pl.lit("standard_1")).when(score >= 80).then(pl.lit("standard_2"))
        .when(score >= 60).then(pl.lit("standard_3")).otherwise(pl.lit("failing")),
        key=pl.concat_str("program", "property_id", "inspection_date", separator="|"),
    )  # fmt: skip
    graded = pl.read_parquet(tmp_path / "out" / "graded.parquet", columns=["enterprise", "grade"])
    assert graded.rename({"enterprise": "key"}).equals(by_hand.select("key", "grade"))
    rows = rows_of(run, "grade")
    assert {row["value"]: row["rows"] for row in rows} == dict(by_hand.group_by("grade").len().iter_rows())
    for program, below_60 in (("MF", 4.1), ("PH", 10.8)):
        part = by_hand.filter(pl.col("program") == program)
        assert {row["value"]: row[f"rows.{program}"] for row in rows} == dict(part.group_by("grade").len().iter_rows())
        assert next(round(100 * row[f"share.{program}"], 1) for row in rows if row["value"] == "failing") == below_60
    assert sum(row["inspected"] or 0 for row in rows_of(run, "due_by_year")) == 93_237
    assert sum(row["due"] for row in rows_of(run, "due_by_year")) == 93_237


def test_hud_next_inspections(shared_data: Path, tmp_path: Path) -> None:
    """The same figures from a self-join over Python dates, without windows, offsets or the rulebook."""
    run = run_scenario(read_scenario(HUD), tmp_path / "out", data=shared_data)
    records = pl.read_parquet(shared_data / "hud_reac_inspections.parquet").select("program", "property_id", "inspection_date", "score")
    days: dict[tuple[str, str], list[dt.date]] = {}
    for program, number, day, _ in records.iter_rows():
        days.setdefault((program, number), []).append(day)
    met = {"over": 0, "followed": 0, "by_due": 0, "by_latest": 0}
    for program, number, day, score in records.iter_rows():
        months = 36 if score >= 90 else 24 if score >= 80 else 12
        if months_before(day, -months - 3) > dt.date(2021, 1, 6):
            continue
        met["over"] += 1
        later = [other for other in days[program, number] if other > day]
        if later:
            met["followed"] += 1
            met["by_due"] += min(later) <= months_before(day, -months)
            met["by_latest"] += min(later) <= months_before(day, -months - 3)
    (total,) = (row for row in rows_of(run, "followed_in_time") if row["group"] == row["grade"] == {"en": "All", "zh": "合计"})
    assert {name: total[name] for name in met} == met
