"""Scenarios that compare a rulebook with a reform of it: what they write, and what they refuse."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from regengine.problems import ProblemError
from regengine.scenario import read_scenario, run_scenario, verify

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"


def table_of(folder: Path, name: str) -> list[dict[str, object]]:
    report = json.loads((folder / "report.json").read_text("utf-8"))
    return next(table["rows"] for table in report["tables"] if table["table"] == name)


def test_tighter_c(tmp_path: Path) -> None:
    run = run_scenario(read_scenario(SCENARIOS / "reform-tighter-c.yaml"), tmp_path / "out", size=3000)
    folder = run.folder
    rows = table_of(folder, "migration")
    assert rows[-1]["all"] == 3000
    moved = table_of(folder, "moved_by")
    assert moved[-1]["moved"] == sum(int(str(row["moved"])) for row in moved[:-1]) > 0
    assert moved[-1]["up"] == 0
    page = (folder / "reform.html").read_text("utf-8")
    assert run.record.rulebook.digest in page
    with (folder / "reform_workload.csv").open(encoding="utf-8") as file:
        work = list(csv.DictReader(file))
    assert [row["grade"] for row in work] == ["A", "B", "C", "D"]
    assert float(work[2]["visits_after"]) >= int(work[2]["enterprises_after"]) / 2
    assert {one.name for one in run.record.inputs[1:]} == {"reform.yaml"}
    assert not verify(folder).problems


def test_every_two_years_on_real_scores(shared_data: Path, tmp_path: Path) -> None:
    run = run_scenario(read_scenario(SCENARIOS / "reform-hud-2-1.yaml"), tmp_path / "out", data=shared_data / "hud_reac_inspections.parquet")
    assert table_of(run.folder, "moved_by") == [
        {"kind": {"en": "this part alone", "zh": "仅由该项引起"}, "parts": part, "up": 0, "down": 0, "moved": 0}
        for part in ("inspection.by_grade.standard_1.every", "outcomes.window.by_grade.standard_1.earliest", "outcomes.window.by_grade.standard_1.latest")
    ] + [{"kind": {"en": "all", "zh": "合计"}, "parts": "", "up": 0, "down": 0, "moved": 0}]
    work = {str(row["grade"]): row for row in table_of(run.folder, "workload")[:-1]}
    best = work["standard_1"]
    number = int(str(best["enterprises_before"]))
    assert (best["visits_before"], best["visits_after"]) == (round(number / 3), round(number / 2))
    counts = [int(str(row["number"])) for row in table_of(run.folder, "next_visits")]
    assert counts[0] == run.record.rows.graded
    assert counts[:2] == sorted(counts[:2], reverse=True)
    assert counts[5] == 0  # nobody is found later by a shorter interval
    assert 0 < counts[4] <= counts[3]
    days = table_of(run.folder, "next_visits_estimates")[1]
    assert 0 < float(str(days["low"])) <= float(str(days["value"])) <= float(str(days["high"])) <= 366


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("by: [province,", "by: [provinces,", "did you mean `province`?"),
        ("reform-tighter-c/reform.yaml", "../reform.yaml", "leads out of the folder"),
        ("inspector_hours: 2,", "inspector_hours: 25,", "inspector_hours"),
        ("by: [province, section", "by: [province, province", "stands twice"),
    ],
)
def test_what_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    written = tmp_path / "scenario.yaml"
    written.write_text((SCENARIOS / "reform-tighter-c.yaml").read_text("utf-8").replace(old, new), encoding="utf-8")
    (tmp_path / "reform-tighter-c").mkdir()
    (tmp_path / "reform-tighter-c" / "reform.yaml").write_bytes((SCENARIOS / "reform-tighter-c" / "reform.yaml").read_bytes())
    with pytest.raises(ProblemError) as found:
        run_scenario(read_scenario(written), tmp_path / "out", size=100)
    assert said in str(found.value)


def test_two_plans(tmp_path: Path) -> None:
    run = run_scenario(read_scenario(SCENARIOS / "reform-merge-caps.yaml"), tmp_path / "out", size=4000)
    rows = {str(row["what"]["en"]): (row["before"], row["after"]) for row in table_of(run.folder, "plans")}  # type: ignore[index]  # texts by language
    asked, placed, left = (rows[name] for name in ("visits that the plan asks for", "of them with a day", "without a day"))
    assert asked[0] == placed[0] + left[0] and asked[1] == placed[1] + left[1]
    assert rows["of them joint, of two departments or more"][0] == 0 < rows["of them joint, of two departments or more"][1]
    assert rows["most days at one enterprise"][1] <= 2 < rows["most days at one enterprise"][0]
    assert rows["trips to enterprises"][1] < rows["trips to enterprises"][0]
    assert rows["visited on three days or more"][1] == 0
    assert {one.name for one in run.record.inputs[1:]} == {"reform.yaml", "inspectors.csv", "triggers.csv"}
    assert not verify(run.folder).problems


def test_two_plans_need_a_plan(tmp_path: Path) -> None:
    text = (SCENARIOS / "reform-tighter-c.yaml").read_text("utf-8")
    written = tmp_path / "scenario.yaml"
    written.write_text(text.replace("compare:\n", "compare:\n  plans: {join_within: {before: null, after: 0}}\n"), encoding="utf-8")
    with pytest.raises(ProblemError, match="nothing says how they are made"):
        read_scenario(written)
