"""`regengine grade --shadow` and `split_frame(shadow=...)`: two rulebooks over one table in one pass, on every kind of frame."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import regengine as rg

Run = Callable[..., Any]  # the fixtures of conftest.py
Frames = Any
HUD, DAY = "us/hud-reac", ("--as-of", "2026-11-01")
REFORM = """\
reform: strict
over: us/hud-reac
set:
  facts.inspection_score.min: 60
  facts.inspection_score.max: 101
  score.between: [60, 101]
  grades.bands: {standard_1: "[95, 101]", standard_2: "[80, 95)", standard_3: "[70, 80)", failing: "[60, 70)"}
basis: illustrative
"""
SCORES = {"enterprise": ["p1", "p2", "p3", "p4", "p5", "p6", "p7", None], "inspection_score": [95, 90, 80, 69, 59, 101, 102, 70]}
# worked out by hand from the bands of both: grade, shadow grade, shadow score, what gave it
GRADED = {
    "p1": ("standard_1", "standard_1", 95, "grades.standard_1"),
    "p2": ("standard_1", "standard_2", 90, "grades.standard_2"),
    "p3": ("standard_2", "standard_2", 80, "grades.standard_2"),
    "p4": ("standard_3", "failing", 69, "grades.failing"),
    "p5": ("failing", None, None, None),  # below what the reform lets through
}
REJECTED = {"p6": ("standard_1", "fact-out-of-range: inspection_score"), "p7": (None, "fact-out-of-range: inspection_score"), None: (None, "key-column: empty")}


@pytest.fixture
def strict(tmp_path: Path) -> Path:
    path = tmp_path / "strict.yaml"
    path.write_text(REFORM, encoding="utf-8")
    return path


def test_both_grades_on_every_kind_of_frame(kind: str, frames: Frames, strict: Path) -> None:
    book = rg.load(HUD)
    split = book.split_frame(frames.of(kind, pl.DataFrame(SCORES)), as_of="2026-11-01", keep="key", shadow=book.with_reform(strict))
    rows = {row["enterprise"]: row for row in frames.rows(split.graded)}
    assert {key: (row["grade"], *(row[f"shadow_{name}"] for name in ("grade", "score", "graded_by"))) for key, row in rows.items()} == GRADED
    assert [*rows["p1"]][-3:] == ["shadow_grade", "shadow_score", "shadow_graded_by"]
    rejects = {row["enterprise"]: (row["shadow_grade"], row["rejected_for"]) for row in frames.rows(split.rejects)}
    assert rejects == REJECTED


def test_the_columns_of_the_first_are_as_they_are_alone(kind: str, frames: Frames, strict: Path) -> None:
    book, table = rg.load(HUD), pl.DataFrame(SCORES)
    alone = book.split_frame(frames.of(kind, table), as_of="2026-11-01")
    both = book.split_frame(frames.of(kind, table), as_of="2026-11-01", shadow=book.with_reform(strict))
    for one, two in ((alone.graded, both.graded), (alone.rejects, both.rejects)):
        kept = [{name: value for name, value in row.items() if not name.startswith("shadow_")} for row in frames.rows(two)]
        assert kept == frames.rows(one)


def test_the_largest_rulebook_and_another_with_registers_of_its_own() -> None:
    """Equal to two runs, with adjustments, decimals, and facts that are not known."""
    book = rg.load("cn/henan-2022")
    other = book.with_reform(
        rg.Reform(
            reform="r",
            over="cn/henan-2022",
            set={"grades.bands.A": "[0, 50)", "grades.bands.B": "[50, 500)", "adjust.defaulter.when": "wage_arrears"},
            basis="illustrative",
        )
    )
    table = pl.DataFrame(
        {
            "enterprise": ["a", "b", "c", "d"],
            "serious_dishonesty": [False, False, True, False],
            "penalties_24m": [0, 1, 0, 3],
            "judgment_defaulter": [False, True, False, False],
            "wage_arrears": [True, False, False, None],
            "fines_24m": [0.0, 12.5, 0.0, 100.01],
            "liability_ratio": [None, 90.5, 120.0, None],
        }
    )
    absent = [name for name in book.facts if name not in table.columns]
    both = book.split_frame(table, as_of="2026-11-01", absent=absent, shadow=other, keep="key").graded
    there = other.split_frame(table, as_of="2026-11-01", absent=absent, keep="key").graded
    assert both.select("grade", "shadow_grade").rows() == [("A", "D"), ("D", "B"), ("D", "D"), ("B", "B")]
    names = ["grade", "score", "graded_by"]
    assert both.select(f"shadow_{name}" for name in names).rows() == there.select(names).rows()


@pytest.mark.parametrize(("engine", "ending"), [("polars", "csv"), ("polars", "parquet"), ("duckdb", "csv"), ("pandas", "parquet")])
def test_the_command_tells_who_moves(run: Run, strict: Path, tmp_path: Path, engine: str, ending: str) -> None:
    source, out = tmp_path / f"scores.{ending}", tmp_path / f"graded.{ending}"
    table = pl.DataFrame(SCORES).filter(pl.col("enterprise").is_not_null())
    table.write_csv(source) if ending == "csv" else table.write_parquet(source)
    ran = run("grade", HUD, source, *DAY, "--shadow", strict, "--engine", engine, "--out", out, "--allow-rejects")
    assert (ran.code, ran.err) == (0, "")
    assert "strict.yaml: another grade for 2 of 4 rows" in " ".join(ran.out.split())
    lines = [line.split() for line in ran.out.splitlines()]
    assert ["standard_1", "standard_2", "1"] in lines and ["standard_3", "failing", "1"] in lines
    assert "rows that only one of both can grade: 1 only the present rulebook, 1 only the other" in " ".join(ran.out.split())
    assert "7 rows in = 5 graded + 2 rejected" in ran.out
    read = pl.read_csv if ending == "csv" else pl.read_parquet
    wanted = ("grade", "shadow_grade", "shadow_score", "shadow_graded_by")
    assert {row["enterprise"]: tuple(row[name] for name in wanted) for row in read(out).rows(named=True)} == GRADED


def test_the_same_for_machines_and_in_chinese(run: Run, strict: Path, tmp_path: Path) -> None:
    source = tmp_path / "scores.csv"
    pl.DataFrame(SCORES).head(7).write_csv(source)
    call = ("grade", HUD, source, *DAY, "--shadow", strict, "--out", tmp_path / "graded.csv", "--allow-rejects")
    made = json.loads(run(*call, "--format", "json").out)["shadow"]
    assert made["moves"] == [
        {"grade": "standard_1", "shadow_grade": "standard_2", "rows": 1}, {"grade": "standard_3", "shadow_grade": "failing", "rows": 1},
    ]  # fmt: skip
    assert (made["only_here"], made["only_shadow"]) == (1, 1)
    assert made["digest"] == rg.load(HUD).with_reform(strict).at("2026-11-01").digest
    assert "仅现行规则可评级 1 行，仅对照规则可评级 1 行" in run(*call, "--lang", "zh").out


def test_rejects_come_back_with_their_columns(run: Run, strict: Path, tmp_path: Path) -> None:
    source, rejects = tmp_path / "scores.csv", tmp_path / "graded.rejects.csv"
    pl.DataFrame(SCORES).head(7).write_csv(source)
    run("grade", HUD, source, *DAY, "--shadow", strict, "--out", tmp_path / "graded.csv", "--allow-rejects")
    rejects.write_text(rejects.read_text("utf-8").replace("p6,101", "p6,100").replace("p7,102", "p7,70"), encoding="utf-8")
    ran = run("grade", HUD, rejects, *DAY, "--shadow", strict, "--out", tmp_path / "again.csv")
    assert (ran.code, ran.err) == (0, "") and "2 rows in = 2 graded + 0 rejected" in ran.out


def test_a_reform_that_changes_nothing_says_so(run: Run, scores: Path, tmp_path: Path) -> None:
    reform = tmp_path / "none.yaml"
    reform.write_text("reform: none\nover: us/hud-reac\nset: {facts.inspection_score.max: 100}\n", encoding="utf-8")
    ran = run("grade", HUD, scores, *DAY, "--shadow", reform, "--out", tmp_path / "o.csv")
    assert ran.code == 0 and "none.yaml: changes nothing" in " ".join(ran.out.split())


# refused before anything runs

NEEDS = """\
reform: needs
over: us/hud-reac
add: {facts: {units: {type: integer, min: 1, max: 100000, missing: reject}}}
set: {warnings.below_60.when: inspection_score < 60 and units > 10}
basis: illustrative
"""


def test_a_fact_for_which_only_the_reform_asks(run: Run, scores: Path, tmp_path: Path) -> None:
    reform = tmp_path / "needs.yaml"
    reform.write_text(NEEDS, encoding="utf-8")
    out = tmp_path / "o.csv"
    ran = run("grade", HUD, scores, *DAY, "--shadow", reform, "--out", out)
    assert ran.code == 2 and not out.exists()
    assert "there is no column for the fact `units`, for which only the second rulebook asks [column-missing]" in " ".join(ran.err.split())


def test_what_is_no_reform_of_the_rulebook(run: Run, scores: Path, tmp_path: Path) -> None:
    reform = tmp_path / "other.yaml"
    reform.write_text("reform: other\nover: us/fda-food-code\n", encoding="utf-8")
    ran = run("grade", HUD, scores, *DAY, "--shadow", reform, "--out", tmp_path / "o.csv")
    assert ran.code == 2 and "[reform-wrong]" in ran.err
    ran = run("grade", HUD, scores, *DAY, "--shadow", tmp_path / "none.yaml", "--out", tmp_path / "o.csv")
    assert ran.code == 2 and "[file-missing]" in ran.err


def test_a_column_of_the_same_name(strict: Path) -> None:
    book = rg.load(HUD)
    table = pl.DataFrame({"enterprise": ["a"], "inspection_score": [80], "shadow_grade": ["x"]})
    with pytest.raises(rg.ProblemError, match="the table has a column `shadow_grade` already"):
        book.split_frame(table, as_of="2026-11-01", shadow=book.with_reform(strict))


def test_a_column_named_as_a_step_comes_through(strict: Path) -> None:
    book = rg.load(HUD)
    table = pl.DataFrame({"enterprise": ["a", "b"], "inspection_score": [90, 102], "score": ["x", "y"]})
    split = book.split_frame(table, as_of="2026-11-01", keep="key", shadow=book.with_reform(strict))
    assert split.graded.select("grade", "score", "shadow_score").rows() == [("standard_1", 90, 90)]
    assert split.rejects.select("score", "shadow_score").rows() == [("y", None)]
