"""`regengine grade` on tables that can be graded: what it writes, what it prints, and how it exits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

Run = Callable[..., Any]  # the fixture of conftest.py
HUD, DAY = "us/hud-reac", ("--as-of", "2026-11-01")
QUICKSTART = Path(__file__).parents[2] / "scenarios" / "quickstart" / "enterprises.csv"
GRADES = ["standard_1", "standard_2", "standard_2", "standard_3", "standard_3", "standard_3", "failing"]  # of the fixture `scores`


def read(path: Path) -> pl.DataFrame:
    match path.suffix:
        case ".parquet":
            return pl.read_parquet(path)
        case ".csv":
            return pl.read_csv(path, infer_schema=False)
        case _:
            return pl.read_ndjson(path)


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_a_table_is_graded_into_each_kind_of_file(run: Run, scores: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / "new" / f"graded.{ending}"
    ran = run("grade", HUD, scores, *DAY, "--out", out)
    assert (ran.code, ran.err) == (0, "")
    assert "7 rows in = 7 graded + 0 rejected" in ran.out
    assert [path.name for path in out.parent.iterdir()] == [out.name]
    graded = read(out)
    assert graded["enterprise"].to_list() == ["p1", "p2", "p3", "p4", "p5", "p6", "p7"]
    assert graded["grade"].to_list() == GRADES
    assert "inspection_score" not in graded.columns


def test_the_table_of_grades(run: Run, scores: Path, tmp_path: Path) -> None:
    ran = run("grade", HUD, scores, *DAY, "--out", tmp_path / "o.csv")
    lines = [line.split() for line in ran.out.splitlines()]
    assert ["standard_1", "standard", "1", "performing", "1", "14.3%"] in lines
    assert ["standard_2", "standard", "2", "performing", "2", "28.6%"] in lines
    assert ["standard_3", "standard", "3", "performing", "3", "42.9%"] in lines
    assert ["failing", "standard", "3,", "below", "the", "passing", "score", "1", "14.3%"] in lines
    chinese = run("grade", HUD, scores, *DAY, "--out", tmp_path / "o.csv", "--lang", "zh").out
    assert ["standard_2", "二级达标", "2", "28.6%"] in [line.split() for line in chinese.splitlines()]
    assert "读入 7 行 = 评级 7 行 + 剔除 0 行" in chinese


def test_json_for_machines(run: Run, scores: Path, tmp_path: Path) -> None:
    scores.write_text(scores.read_text(encoding="utf-8") + "p8,101\np9,\n", encoding="utf-8")
    ran = run("grade", HUD, scores, *DAY, "--out", tmp_path / "o.csv", "--format", "json", "--allow-rejects")
    assert (ran.code, ran.err) == (0, "")
    made = json.loads(ran.out)
    assert (made["rulebook"]["id"], made["law_at"], made["as_of"]) == (HUD, "2026-11-01", "2026-11-01")
    assert made["rows"] == {"in": 9, "graded": 7, "rejected": 2}
    assert [(grade["grade"], grade["rows"], grade["share"]) for grade in made["grades"]] == [
        ("standard_1", 1, 0.142857), ("standard_2", 2, 0.285714), ("standard_3", 3, 0.428571), ("failing", 1, 0.142857),
    ]  # fmt: skip
    assert made["grades"][1]["label"] == {"en": "standard 2 performing", "zh": "二级达标"}
    assert made["rejected_for"] == [
        {"code": "fact-out-of-range", "column": "inspection_score", "detail": None, "rows": 1, "first_key": "p8", "first_value": "101"},
        {"code": "fact-missing", "column": "inspection_score", "detail": None, "rows": 1, "first_key": "p9", "first_value": None},
    ]
    assert made["files"] == {"graded": str(tmp_path / "o.csv"), "rejects": str(tmp_path / "o.rejects.csv")}


def test_the_quickstart_has_three_rejects(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "graded.parquet"
    ran = run("grade", "cn/henan-2022", QUICKSTART, *DAY, "--out", out)
    assert ran.code == 2
    assert "2,000 rows in = 1,997 graded + 3 rejected" in ran.out
    assert "3 of 2,000 rows could not be graded [rows-rejected]" in ran.err
    assert ran.err.count("the fact must be known and has no value [fact-missing]") == 3
    assert (read(out).height, read(tmp_path / "graded.rejects.parquet").height) == (1997, 3)


def test_rejects_are_written_and_named(run: Run, scores: Path, tmp_path: Path) -> None:
    scores.write_text("enterprise,inspection_score,city\np1,95,x\np2,101,y\np3,abc,\np2,50,y\n,9,z\n", encoding="utf-8")
    ran = run("grade", HUD, scores, *DAY, "--out", tmp_path / "o.csv")
    assert ran.code == 2
    assert "5 rows in = 1 graded + 4 rejected" in ran.out
    assert ran.err.splitlines() == [
        f"{tmp_path / 'o.rejects.csv'}: 4 of 5 rows could not be graded [rows-rejected]",
        "  hint: mend them, or give `--allow-rejects`",
        "key `p2`, column `inspection_score`: `101` is outside 0 to 100, and 1 more fault [fact-out-of-range]",
        "key `p3`, column `inspection_score`: `abc` is not a whole number [fact-wrong-type]",
        "key `p2`, column `enterprise`: the key stands in more than one row [key-column]",
        "column `enterprise`: the row has no key [key-column]",
    ]
    assert (tmp_path / "o.rejects.csv").read_text(encoding="utf-8") == (
        "enterprise,inspection_score,city,rejected_for\n"
        "p2,101,y,fact-out-of-range: inspection_score; key-column: duplicate\n"
        "p3,abc,,fact-wrong-type: inspection_score\n"
        "p2,50,y,key-column: duplicate\n"
        ",9,z,key-column: empty\n"
    )


def test_at_most_five_rejects_are_named(run: Run, scores: Path, tmp_path: Path) -> None:
    scores.write_text("enterprise,inspection_score\n" + "".join(f"p{n},200\n" for n in range(8)), encoding="utf-8")
    ran = run("grade", HUD, scores, *DAY, "--out", tmp_path / "o.jsonl")
    assert "0 graded + 8 rejected" in ran.out
    assert "8 of 8 rows could not be graded; the first 5 are" in ran.err
    assert ran.err.count("[fact-out-of-range]") == 5
    assert (tmp_path / "o.jsonl").read_bytes() == b""


def test_mended_rejects_are_graded_as_they_come(run: Run, scores: Path, tmp_path: Path) -> None:
    scores.write_text("enterprise,inspection_score\np1,95\np2,\n", encoding="utf-8")
    rejects = tmp_path / "again.csv"
    assert run("grade", HUD, scores, *DAY, "--out", tmp_path / "o.csv", "--rejects", rejects).code == 2
    rejects.write_text(rejects.read_text(encoding="utf-8").replace("p2,,", "p2,60,"), encoding="utf-8")
    assert run("grade", HUD, rejects, *DAY, "--out", tmp_path / "o2.csv").code == 0
    assert read(tmp_path / "o2.csv").select("enterprise", "grade").rows() == [("p2", "standard_3")]


def test_rejects_of_an_earlier_run_do_not_stay(run: Run, scores: Path, tmp_path: Path) -> None:
    out, rejects = tmp_path / "o.parquet", tmp_path / "o.rejects.parquet"
    bad = tmp_path / "bad.csv"
    bad.write_text("enterprise,inspection_score\np1,\n", encoding="utf-8")
    assert run("grade", HUD, bad, *DAY, "--out", out, "--allow-rejects").code == 0
    assert rejects.exists()
    assert run("grade", HUD, scores, *DAY, "--out", out).code == 0
    assert not rejects.exists()


def test_chinese_columns_come_through_whatever_the_encoding(run: Run, tmp_path: Path) -> None:
    table, out = tmp_path / "t.csv", tmp_path / "o.csv"
    text = 'enterprise,名称,inspection_score\np1,"河南, 郑州",90\np2,开封,89\n'
    written = set()
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        table.write_text(text, encoding=encoding)
        assert run("grade", HUD, table, *DAY, "--out", out, "--keep", "all").code == 0
        written.add(out.read_bytes())
    assert len(written) == 1
    graded = read(out)
    assert graded.select("名称", "inspection_score", "grade").rows() == [("河南, 郑州", "90", "standard_1"), ("开封", "89", "standard_2")]


def test_another_key_and_a_folder_of_parquet_files(run: Run, tmp_path: Path) -> None:
    for number, score in enumerate((90, 10)):
        (tmp_path / "in").mkdir(exist_ok=True)
        pl.DataFrame({"property": [number], "inspection_score": [score]}).write_parquet(tmp_path / "in" / f"{number}.parquet")
    ran = run("grade", HUD, tmp_path / "in", *DAY, "--key", "property", "--out", tmp_path / "o.parquet")
    assert (ran.code, ran.err) == (0, "")
    assert read(tmp_path / "o.parquet").select("property", "grade").rows() == [(0, "standard_1"), (1, "failing")]


def test_facts_that_are_absent(run: Run, tmp_path: Path) -> None:
    columns = pl.read_csv(QUICKSTART, infer_schema=False).drop("tax_grade", "wage_arrears", "rejected_for", strict=False)
    columns.head(3).write_csv(tmp_path / "t.csv")
    args = ("grade", "cn/henan-2022", tmp_path / "t.csv", *DAY, "--out", tmp_path / "o.csv")
    ran = run(*args)
    assert (ran.code, ran.err.count("[column-missing]")) == (2, 2)
    assert run(*args, "--absent", "tax_grade, wage_arrears").code == 0
    assert run(*args, "--absent", "tax_grade", "--absent", "wage_arrears").code == 0


def test_the_day_of_the_law_stands_for_that_of_the_facts(run: Run, scores: Path, tmp_path: Path) -> None:
    ran = run("grade", HUD, scores, "--law-at", "2019-06-01", "--out", tmp_path / "o.csv", "--format", "json")
    assert (json.loads(ran.out)["law_at"], json.loads(ran.out)["as_of"]) == ("2019-06-01", "2019-06-01")
    ran = run("grade", HUD, scores, "--law-at", "2019-06-01", *DAY, "--out", tmp_path / "o.csv", "--format", "json")
    assert (json.loads(ran.out)["law_at"], json.loads(ran.out)["as_of"]) == ("2019-06-01", "2026-11-01")


def test_the_same_table_gives_the_same_bytes(run: Run, scores: Path, tmp_path: Path) -> None:
    for name in ("a.parquet", "b.parquet"):
        run("grade", HUD, scores, *DAY, "--out", tmp_path / name)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_it_is_silent_in_a_pipe_and_shows_work_on_a_terminal(scores: Path, tmp_path: Path) -> None:
    call = [sys.executable, "-c", "from regengine.cli import main; main()", "grade", HUD, str(scores), *DAY, "--out", str(tmp_path / "o.csv")]
    piped = subprocess.run(call, capture_output=True, text=True, timeout=60, check=True)
    assert piped.stderr == ""
    assert "7 rows in = 7 graded + 0 rejected" in piped.stdout
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    subprocess.run(call, stdout=subprocess.DEVNULL, stderr=theirs, timeout=60, check=True)
    os.close(theirs)
    shown = os.read(ours, 4096)
    os.close(ours)
    assert "grading …" in shown.decode()
