"""`regengine grade` on what registers really look like: mapped columns, workbooks, databases, and the report on their quality."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

Run = Callable[..., Any]  # the fixture of conftest.py
DAY = ("--as-of", "2026-11-01")
RULEBOOK = """
rulebook: cn/mapped
edition: "1"
title: {en: A rulebook for tests, zh: 测试规则}
authority: tests
audience: internal
in_force: {from: 2020-01-01}
basis: illustrative
facts:
  on_list: {type: boolean, missing: false}
  listed: {type: date, max: 2026-11-01, missing: unknown}
  tax_grade: {type: category, values: [A, B, M, C, D], missing: M}
  fines: {type: decimal, places: 4, min: 0, max: 1000, missing: 0}
  penalties: {type: integer, min: 0, max: 100, missing: reject}
  staff: {type: integer, min: 0, max: 100000, missing: 0}
grades:
  order: [A, B]
  rows:
    - {when: "on_list or penalties > 3 or fines >= 10 or tax_grade == 'D'", grade: B}
    - {otherwise: A}
"""
MAPPING = """\
mapping: dirty-register
key: {column: 统一社会信用代码, check: credit_code}
columns:
  on_list: {column: 是否列入异常名录, values: {是: true, 否: false}}
  listed: {column: 列入日期, format: [yyyymmdd, yyyy年m月d日]}
  tax_grade: {column: 信用等级, values: {无: null}}
  fines: {column: 罚款（元）, times: 0.0001}
  penalties: 行政处罚次数
clean: [trim, full_width]
absent: [staff]
"""
DIRTY = """\
统一社会信用代码,企业名称,是否列入异常名录,列入日期,信用等级,罚款（元）,行政处罚次数
91410100MA0000000T,甲,是,20260131,Ａ,12345,2
９１０００００００００００００００２,乙, 否 ,2026年1月31日,无,　５００　,１
A1000000000000000J,丙,,,,,0
91410100MA0000000R,丁,否,2026-01-31,M,0,4
91410100MA000000,戊,否,,B,0,0
10000000000000000Y,己,或,2026年2月30日,B,十元,2
01000000000000000W,庚,否,20261301,E,0,
000000000000000013,辛,否,20270101,C,99999999,101
000000000000000000,壬,否,,C,1,1
000000000000000000,癸,是,,C,1,1
  ,子,否,,C,1,1
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.yaml"
    path.write_text(RULEBOOK, encoding="utf-8")
    (tmp_path / "map.yaml").write_text(MAPPING, encoding="utf-8")
    return path


@pytest.fixture
def dirty(tmp_path: Path) -> Path:
    path = tmp_path / "dirty.csv"
    path.write_text(DIRTY, encoding="gb18030")
    return path


def graded(path: Path) -> list[tuple[str, str]]:
    return pl.read_csv(path, infer_schema=False).select("enterprise", "grade").rows()


def test_the_quality_of_a_dirty_register(run: Run, book: Path, dirty: Path, tmp_path: Path) -> None:
    out, report = tmp_path / "o.csv", tmp_path / "new" / "q.json"
    ran = run("grade", book, dirty, *DAY, "--mapping", tmp_path / "map.yaml", "--out", out, "--quality", report, "--format", "json", "--allow-rejects")
    assert (ran.code, ran.err) == (0, "")
    assert graded(out) == [
        ("91410100MA0000000T", "B"), ("910000000000000002", "A"), ("A1000000000000000J", "A"), ("91410100MA0000000R", "B"), ("91410100MA000000", "A"),
    ]  # fmt: skip
    quality = json.loads(report.read_text(encoding="utf-8"))
    assert json.loads(ran.out)["quality"] == quality
    assert (quality["source"], quality["rulebook"], quality["as_of"]) == (str(dirty), "cn/mapped", "2026-11-01")
    assert quality["rows"] == {"in": 11, "graded": 5, "rejected": 6}
    assert quality["out_of_range"] == 3
    assert {(f["code"], f["column"], f["detail"], f["rows"], f["first_key"], f["first_value"]) for f in quality["rejected_for"]} == {
        ("key-column", "enterprise", "duplicate", 2, "000000000000000000", "000000000000000000"),
        ("key-column", "enterprise", "empty", 1, None, None),
        ("fact-wrong-type", "on_list", None, 1, "10000000000000000Y", "或"),
        ("fact-wrong-type", "listed", None, 2, "10000000000000000Y", "2026年2月30日"),
        ("fact-wrong-type", "fines", None, 1, "10000000000000000Y", "十元"),
        ("fact-unknown-value", "tax_grade", None, 1, "01000000000000000W", "E"),
        ("fact-missing", "penalties", None, 1, "01000000000000000W", None),
        ("fact-out-of-range", "listed", None, 1, "000000000000000013", "2027-01-01"),
        ("fact-out-of-range", "fines", None, 1, "000000000000000013", "9999.9999"),
        ("fact-out-of-range", "penalties", None, 1, "000000000000000013", "101"),
    }
    assert quality["filled"] == [
        {"fact": "on_list", "missing": "fill", "rows": 1, "absent": False},
        {"fact": "listed", "missing": "unknown", "rows": 2, "absent": False},
        {"fact": "tax_grade", "missing": "fill", "rows": 2, "absent": False},
        {"fact": "fines", "missing": "fill", "rows": 1, "absent": False},
        {"fact": "staff", "missing": "fill", "rows": 5, "absent": True},
    ]
    assert quality["keys"] == {
        "column": "统一社会信用代码", "failed": 3, "first": ["910000000000000002", "91410100MA0000000R", "91410100MA000000"], "rejected": False,
    }  # fmt: skip


def test_rejects_are_kept_as_they_came_and_can_be_mended(run: Run, book: Path, dirty: Path, tmp_path: Path) -> None:
    args = ("--mapping", tmp_path / "map.yaml", "--out", tmp_path / "o.csv")
    ran = run("grade", book, dirty, *DAY, *args)
    assert ran.code == 2
    assert "6 of 11 rows could not be graded; the first 5 are [rows-rejected]" in ran.err
    assert "key `10000000000000000Y`, column `on_list`: `或` is not true or false, and 2 more faults [fact-wrong-type]" in ran.err
    rejects = tmp_path / "o.rejects.csv"
    lines = rejects.read_text(encoding="utf-8").splitlines()
    assert lines[0] == DIRTY.splitlines()[0] + ",rejected_for"
    assert [line.rpartition(",")[0] for line in lines[1:]] == DIRTY.splitlines()[6:]
    rejects.rename(tmp_path / "again.csv")
    again = tmp_path / "again.csv"
    again.write_text(again.read_text(encoding="utf-8").replace("或,2026年2月30日,B,十元", "是,2026年2月28日,B,10"), encoding="utf-8")
    ran = run("grade", book, again, *DAY, *args, "--allow-rejects")
    assert "6 rows in = 1 graded + 5 rejected" in ran.out
    assert graded(tmp_path / "o.csv") == [("10000000000000000Y", "B")]


def test_wrong_keys_are_rejected_where_the_mapping_says_so(run: Run, book: Path, dirty: Path, tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(MAPPING.replace("credit_code}", "credit_code, wrong: reject}"), encoding="utf-8")
    ran = run("grade", book, dirty, *DAY, "--mapping", path, "--out", tmp_path / "o.csv", "--format", "json", "--allow-rejects")
    made = json.loads(ran.out)
    assert made["rows"] == {"in": 11, "graded": 2, "rejected": 9}
    assert made["rejected_for"][0] == {
        "code": "key-column", "column": "enterprise", "detail": "not a unified social credit code", "rows": 3,
        "first_key": "910000000000000002", "first_value": "910000000000000002",
    }  # fmt: skip
    assert made["quality"]["keys"]["rejected"] is True


@pytest.mark.parametrize(
    ("lang", "words"), [("en", ["Without a value", "graded all the same", "15"]), ("zh", ["缺值", "照常评级", "主键不是有效的统一社会信用代码"])]
)
def test_the_report_as_a_page_and_on_a_terminal(run: Run, book: Path, dirty: Path, tmp_path: Path, lang: str, words: list[str]) -> None:
    dirty.write_text(DIRTY.replace("或", "<b>或&"), encoding="utf-8")
    page = tmp_path / "q.HTML"
    ran = run("grade", book, dirty, *DAY, "--mapping", tmp_path / "map.yaml", "--out", tmp_path / "o.csv", "--quality", page, "--lang", lang, "--allow-rejects")
    assert ran.code == 0
    html = page.read_text(encoding="utf-8")
    assert "&lt;b&gt;或&amp;" in html and "<b>" not in html
    assert not any(word in html for word in ("http", "<script", "src=", "@import", "url("))
    for word in words[:2]:
        assert word in html and word in ran.out
    assert sorted(path.name for path in tmp_path.glob("*.part")) == []


def test_a_table_without_a_mapping_has_a_report_too(run: Run, scores: Path, tmp_path: Path) -> None:
    run("grade", "us/hud-reac", scores, *DAY, "--out", tmp_path / "o.csv", "--quality", tmp_path / "q.json")
    quality = json.loads((tmp_path / "q.json").read_text(encoding="utf-8"))
    assert (quality["rows"], quality["rejected_for"], quality["keys"]) == ({"in": 7, "graded": 7, "rejected": 0}, [], None)


def test_a_workbook_is_graded(run: Run, book: Path, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    made = openpyxl.Workbook()
    for line in DIRTY.splitlines():
        made.active.append(line.split(","))
    made.create_sheet("other").append(["x"])
    made.save(tmp_path / "t.xlsx")
    ran = run("grade", book, tmp_path / "t.xlsx", *DAY, "--mapping", tmp_path / "map.yaml", "--out", tmp_path / "o.csv", "--allow-rejects")
    assert "11 rows in = 5 graded + 6 rejected" in ran.out
    assert run("grade", book, tmp_path / "t.xlsx", "--sheet", "no", *DAY, "--out", tmp_path / "o.csv").code == 2


def test_a_database_is_graded(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("sqlalchemy", reason="SQLAlchemy is not installed")
    connection = sqlite3.connect(tmp_path / "t.db")
    connection.execute("CREATE TABLE t (enterprise TEXT, inspection_score INTEGER)")
    connection.executemany("INSERT INTO t VALUES (?, ?)", [("p1", 95), ("p2", 59)])
    connection.commit()
    connection.close()
    address = f"sqlite:///{tmp_path}/t.db"
    for option in (("--table", "t"), ("--query", "SELECT * FROM t")):
        assert run("grade", "us/hud-reac", address, *option, *DAY, "--out", tmp_path / "o.csv", "--quality", tmp_path / "q.json").code == 0
        assert graded(tmp_path / "o.csv") == [("p1", "standard_1"), ("p2", "failing")]
        assert json.loads((tmp_path / "q.json").read_text(encoding="utf-8"))["source"] == address


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("t.csv", "--table", "x"), "`--table` is for a database [option-wrong]"),
        (("t.csv", "--sheet", "x"), "`--sheet` is for an Excel workbook [option-wrong]"),
        (("sqlite:///t.db", "--sheet", "x"), "a database has no sheets [option-wrong]"),
        (("sqlite:///t.db",), "a database is read by one of a table and a query [option-wrong]"),
        (("t.csv", "--quality", "q.pdf"), "a report on quality is a page or data [file-kind]"),
        (("t.csv", "--mapping", "no.yaml"), "cannot read the file: No such file or directory [file-missing]"),
        (("postgresql://u:geheim@127.0.0.1:1/d", "--table", "t"), "[database-failed]"),
        ((f"postgresql://u:{'geheim' * 100}@127.0.0.1:1/d", "--table", "t"), "[database-failed]"),
        (("postgresql//u:geheim@h/d", "--table", "t"), "this is neither a file nor the address of a database [option-wrong]"),
        (("jdbc:postgresql://u:geheim@h/d", "--table", "t"), "this is neither a file nor the address of a database [option-wrong]"),
    ],
)
def test_calls_that_cannot_be(run: Run, scores: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], code: str) -> None:
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    monkeypatch.chdir(tmp_path)
    scores.rename("t.csv")
    ran = run("grade", "us/hud-reac", args[0], *args[1:], *DAY, "--out", "o.csv")
    assert ran.code == 2
    assert code in ran.err
    assert "geheim" not in ran.err + ran.out
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_a_database_needs_its_extra(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    ran = run("grade", "us/hud-reac", "sqlite:///x.db", "--table", "t", *DAY, "--out", tmp_path / "o.csv")
    assert (ran.code, ran.err) == (2, "`sqlalchemy` is not installed [extra-missing]\n  hint: pip install 'regengine[sql]'\n")


def test_a_report_that_cannot_be_written(run: Run, scores: Path, tmp_path: Path) -> None:
    (tmp_path / "q.json").mkdir()
    ran = run("grade", "us/hud-reac", scores, *DAY, "--out", tmp_path / "o.csv", "--quality", tmp_path / "q.json")
    assert ran.code == 2
    assert "[output-failed]" in ran.err
    assert not (tmp_path / ".q.json.part").exists()


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("source", ["jsonl", "parquet"])
def test_typed_sources_give_their_rejects_in_every_kind(run: Run, book: Path, tmp_path: Path, source: str, ending: str) -> None:
    frame = pl.DataFrame(
        {
            "统一社会信用代码": ["A1000000000000000J", "x", None], "on_list": [True, None, False], "列入日期": [20260131, 20260230, None],
            "罚款（元）": [12345.0, 1.0, None], "行政处罚次数": [1, 2, 101], "tax_grade": ["", "A", None],
        }
    )  # fmt: skip
    path = tmp_path / f"t.{source}"
    frame.write_parquet(path) if source == "parquet" else frame.write_ndjson(path)
    mapping = tmp_path / "typed.yaml"
    mapping.write_text(
        "mapping: typed\nkey: {column: 统一社会信用代码, check: credit_code, wrong: reject}\nabsent: staff\ncolumns:\n"
        "  on_list: {column: on_list, values: {'true': true, 'false': false}}\n  listed: {column: 列入日期, format: yyyymmdd}\n"
        "  fines: {column: 罚款（元）, times: 0.0001}\n  penalties: 行政处罚次数\n  tax_grade: {column: tax_grade, values: {'': null}}\n",
        encoding="utf-8",
    )
    out = tmp_path / f"o.{ending}"
    ran = run("grade", book, path, *DAY, "--mapping", mapping, "--out", out, "--keep", "all", "--format", "json", "--allow-rejects")
    made = json.loads(ran.out)
    assert made["rows"] == {"in": 3, "graded": 1, "rejected": 2}
    assert {(f["code"], f["column"], f["detail"], f["first_key"], f["first_value"]) for f in made["rejected_for"]} == {
        ("key-column", "enterprise", "not a unified social credit code", "x", "x"), ("fact-wrong-type", "listed", None, "x", "20260230"),
        ("key-column", "enterprise", "empty", None, None), ("fact-out-of-range", "penalties", None, None, "101"),
    }  # fmt: skip
    assert {filled["fact"]: filled["rows"] for filled in made["quality"]["filled"]} == {"tax_grade": 1, "staff": 1}
    rejects = {"csv": pl.read_csv, "jsonl": pl.read_ndjson, "parquet": pl.read_parquet}[ending](tmp_path / f"o.rejects.{ending}")
    assert rejects.columns == [*frame.columns, "rejected_for"]
    if ending == "parquet":
        assert rejects.drop("rejected_for").rows() == frame.rows()[1:]


def test_a_mapping_under_another_key(run: Run, book: Path, dirty: Path, tmp_path: Path) -> None:
    ran = run("grade", book, dirty, *DAY, "--mapping", tmp_path / "map.yaml", "--key", "code", "--out", tmp_path / "o.csv", "--keep", "all", "--allow-rejects")
    assert ran.code == 0
    columns = pl.read_csv(tmp_path / "o.csv", infer_schema=False).columns
    assert columns[: len(DIRTY.splitlines()[0].split(",")) + 2] == [*DIRTY.splitlines()[0].split(","), "code", "on_list"]
