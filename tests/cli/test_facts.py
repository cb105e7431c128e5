"""`regengine facts`: from registers on disk to a table that `grade` takes."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

RULEBOOK = Path(__file__).parents[1] / "evidence" / "registers.yaml"
PENALTIES = """\
统一社会信用代码,decided,published,repaired,severity,fine,appealed
a,2026-01-01,,,serious,12.50,true
a,2026-02-30,,,light,1,
x,2026-01-01,,,light,1,
b,2027-01-01,,,light,1,
c,2026-03-01,2026-12-01,,light,1,
c,2026-03-01,2026-02-01,2026-01-01,light,1,
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "enterprises.csv").write_text("enterprise,name\na,甲\nb,乙\nc,丙\n", encoding="utf-8")
    (tmp_path / "penalties.csv").write_text(PENALTIES, encoding="utf-8")
    (tmp_path / "visits.csv").write_text("enterprise,day,score\nb,2026-05-05,55\n", encoding="utf-8")
    (tmp_path / "listings.csv").write_text("enterprise,listed,repaired,class\na,2020-01-01,,serious\n", encoding="utf-8")
    return tmp_path


def arguments(folder: Path, *more: object) -> list[object]:
    registers = [part for name in ("penalties", "visits", "listings") for part in ("--register", f"{name}={folder / name}.csv")]
    return ["facts", RULEBOOK, folder / "enterprises.csv", *registers, "--as-of", "2026-11-01", "--out", folder / "facts.parquet", *more]


def registers_of(quality: Any) -> dict[str, tuple[int, ...]]:
    """What became of the entries of each register: entries, used, rejected, duplicates, after, not known, unmatched; enterprises without."""
    names = ("entries", "used", "rejected", "duplicates", "after_as_of", "not_known_yet", "of_unknown_enterprises", "enterprises_without")
    told = {one["register"]: tuple(one[name] for name in names) for one in quality["registers"]}
    assert all(entries == sum(parts[:-1]) for entries, *parts in told.values())
    return told


def test_facts_are_written_and_every_entry_is_accounted_for(run: Any, folder: Path) -> None:
    ran = run(*arguments(folder, "--format", "json"))
    assert ran.code == 0, ran.err
    told = registers_of(json.loads(ran.out)["quality"])
    assert told["penalties"] == (6, 1, 2, 0, 1, 1, 1, 0)
    assert told["visits"] == (1, 1, 0, 0, 0, 0, 0, 2)
    facts = pl.read_parquet(folder / "facts.parquet")
    assert facts.select("enterprise", "name", "listed", "all_time", "fines", "since").rows() == [
        ("a", "甲", True, 1, 12.5, None),
        ("b", "乙", False, 0, 0.0, 180),
        ("c", "丙", False, 0, 0.0, None),
    ]
    rejects = pl.read_parquet(folder / "facts.penalties.rejects.parquet")
    assert rejects["rejected_for"].to_list() == ["entry-wrong: unreadable decided", "entry-wrong: ends before it begins"]
    assert not (folder / "facts.visits.rejects.parquet").exists()


def test_grade_takes_what_facts_wrote(run: Any, folder: Path) -> None:
    assert run(*arguments(folder)).code == 0
    ran = run("grade", RULEBOOK, folder / "facts.parquet", "--as-of", "2026-11-01", "--out", folder / "graded.parquet")
    assert ran.code == 0, ran.err
    assert pl.read_parquet(folder / "graded.parquet").select("enterprise", "grade").rows() == [("a", "D"), ("b", "C"), ("c", "A")]


def test_what_was_known_later_is_asked_for(run: Any, folder: Path) -> None:
    assert run(*arguments(folder, "--known-at", "2026-12-31")).code == 0
    assert pl.read_parquet(folder / "facts.parquet")["all_time"].to_list() == [1, 0, 1]


def test_tables_in_both_languages(run: Any, folder: Path) -> None:
    english, chinese = run(*arguments(folder)), run(*arguments(folder, "--lang", "zh"))
    assert "penalties        6     1         2           0              1              1          1                    0" in english.out
    assert "penalties  entry-wrong (unreadable)             decided      1          2  a          2026-02-30" in english.out
    assert "3户主体的事实" in chinese.out


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (["--register", "visit=x.csv"], "file-missing"),
        (["--out", "enterprises.csv"], "output-exists"),
        (["--key", "credit_code"], "key-column"),
    ],
)
def test_bad_calls_write_nothing(run: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, more: list[str], code: str) -> None:
    monkeypatch.chdir(folder)
    ran = run(*arguments(folder, *more))
    assert ran.code == 2
    assert f"[{code}]" in ran.err
    assert not (folder / "facts.parquet").exists()


def test_a_register_is_named_once_and_has_a_file(run: Any, folder: Path) -> None:
    assert "given twice" in run(*arguments(folder, "--register", "visits=v.csv")).err
    assert "is not NAME=FILE" in run(*arguments(folder, "--register", "visits")).err


def test_a_register_may_have_no_entries_and_no_columns_of_its_own(run: Any, folder: Path) -> None:
    (folder / "visits.csv").write_text("enterprise,day,score\n", encoding="utf-8")
    ran = run(*arguments(folder, "--format", "json"))
    assert ran.code == 0, ran.err
    assert registers_of(json.loads(ran.out)["quality"])["visits"] == (0, 0, 0, 0, 0, 0, 0, 3)
    assert pl.read_parquet(folder / "facts.parquet")["since"].to_list() == [None, None, None]
    bare = folder / "bare.yaml"
    bare.write_text(BARE, encoding="utf-8")
    ran = run("facts", bare, folder / "enterprises.csv", "--register", f"lists={folder / 'lists.csv'}", "--as-of", "2026-11-01", "--out", folder / "bare.csv")
    assert ran.code == 2
    (folder / "lists.csv").write_text("enterprise,day\na,2026-01-01\n", encoding="utf-8")
    ran = run("facts", bare, folder / "enterprises.csv", "--register", f"lists={folder / 'lists.csv'}", "--as-of", "2026-11-01", "--out", folder / "bare.csv")
    assert ran.code == 0, ran.err
    assert (folder / "bare.csv").read_text("utf-8").splitlines() == ["enterprise,name,listed", "a,甲,true", "b,乙,false", "c,丙,false"]


# a register as it should not come


DIRTY = """\
决定书文号,统一社会信用代码,decided,published,repaired,severity,fine,appealed,loaded
1号,a,2026-01-01,,,serious,12.50,true,2026-02-01
1号,a,2026-01-01,,,serious,12.50,true,2026-03-01
2号,a,2026-02-30,,,light,1,,
3号,x,2026-01-01,,,light,1,,
4号,b,2027-01-01,,,light,1,,
5号,c,2026-03-01,2026-12-01,,light,1,,
6号,c,2026-03-01,2026-02-01,2026-01-01,light,1,,
7号,c,2026-03-02,,,light,1,,
7号,c,2026-03-03,,,light,1,,
,c,2026-03-04,,,grave,2,,
,c,2026-03-04,,,general,2,,
,c,2026-03-04,,,general,2,,
8号,,2026-03-04,,,general,2,,
9号,c,,,,general,-1,perhaps,
3号,x,2026-01-01,,,light,1,,
10号,x,2027-01-01,,,light,1,,
"""


@pytest.fixture
def dirty(folder: Path) -> Path:
    """The folder with a register of penalties that name their decisions, in GB18030, and with an enterprise that has no entry at all."""
    text = RULEBOOK.read_text("utf-8").replace("    key: 统一社会信用代码\n", "    key: 统一社会信用代码\n    id: 决定书文号\n")
    (folder / "dirty.yaml").write_text(text, encoding="utf-8")
    (folder / "penalties.csv").write_text(DIRTY, encoding="gb18030")
    (folder / "enterprises.csv").write_text("enterprise,name\na,甲\nb,乙\nc,丙\nd,丁\n", encoding="utf-8")
    return folder


def test_the_quality_of_a_dirty_register(run: Any, dirty: Path) -> None:
    """Penalties: 1号 once more is a duplicate; of 7号 nobody can say which is right; two entries without a number are two."""
    args = arguments(dirty, "--format", "json", "--quality", dirty / "q.json")
    ran = run("facts", dirty / "dirty.yaml", *args[2:])
    assert (ran.code, ran.err) == (0, "")
    quality = json.loads((dirty / "q.json").read_text("utf-8"))
    assert json.loads(ran.out)["quality"] == quality
    assert (quality["source"], quality["rulebook"], quality["as_of"], quality["known_at"], quality["enterprises"]) == (
        str(dirty / "enterprises.csv"), "xx/registers", "2026-11-01", "2026-11-01", 4,
    )  # fmt: skip
    assert registers_of(quality) == {
        "penalties": (16, 3, 7, 2, 1, 1, 2, 1), "listings": (1, 1, 0, 0, 0, 0, 0, 3), "visits": (1, 1, 0, 0, 0, 0, 0, 3),
    }  # fmt: skip
    (penalties, *_) = quality["registers"]
    assert penalties["source"] == str(dirty / "penalties.csv")
    assert [tuple(fault[name] for name in ("code", "column", "detail", "rows", "first_row", "first_key", "first_value")) for fault in penalties["faults"]] == [
        ("entry-wrong", "决定书文号", "duplicate id", 2, 8, "c", "7号"),
        ("entry-wrong", "decided", "unreadable", 1, 3, "a", "2026-02-30"),
        ("entry-wrong", "repaired", "ends before it begins", 1, 7, "c", "2026-01-01"),
        ("fact-unknown-value", "severity", None, 1, 10, "c", "grave"),
        ("entry-wrong", "统一社会信用代码", "empty key", 1, 13, None, None),
        ("entry-wrong", "decided", "empty date", 1, 14, "c", None),
        ("fact-out-of-range", "fine", None, 1, 14, "c", "-1"),
        ("fact-wrong-type", "appealed", None, 1, 14, "c", "perhaps"),
    ]
    assert pl.read_parquet(dirty / "facts.parquet").select("enterprise", "all_time", "fines").rows() == [("a", 1, 12.5), ("b", 0, 0), ("c", 2, 4), ("d", 0, 0)]


def test_the_quality_page_in_both_languages(run: Any, dirty: Path) -> None:
    for lang, words in (("en", ("Data quality", "Entries that could not be read", "entry-wrong (duplicate id)")), ("zh", ("数据质量报告", "未能读取的条目"))):
        page = dirty / f"{lang}.html"
        assert run("facts", dirty / "dirty.yaml", *arguments(dirty, "--lang", lang, "--quality", page)[2:]).code == 0
        text = page.read_text("utf-8")
        assert [word for word in words if word not in text] == []
        assert "<script" not in text
        assert "http" not in text


def test_the_row_of_a_bad_day_is_told_however_far_down_it_is(run: Any, folder: Path) -> None:
    good = "".join(f"a,2026-01-{1 + number % 28:02},,,light,1,\n" for number in range(200_000))
    header, *_ = PENALTIES.splitlines()
    (folder / "penalties.csv").write_text(f"{header}\n{good}b,2026-02-31,,,light,1,\n{good}", encoding="utf-8")
    ran = run(*arguments(folder, "--format", "json"))
    assert ran.code == 0, ran.err
    quality = json.loads(ran.out)["quality"]
    assert registers_of(quality)["penalties"] == (400_001, 400_000, 1, 0, 0, 0, 0, 2)
    (fault,) = quality["registers"][0]["faults"]
    assert (fault["first_row"], fault["column"], fault["first_key"], fault["first_value"]) == (200_001, "decided", "b", "2026-02-31")


def test_a_damaged_register_is_named(run: Any, folder: Path) -> None:
    pl.DataFrame({"enterprise": ["a"] * 100, "day": [dt.date(2026, 1, 1)] * 100, "score": [1] * 100}).write_parquet(folder / "v.parquet")
    data = (folder / "v.parquet").read_bytes()
    (folder / "v.parquet").write_bytes(data[:4] + b"\xff" * 80 + data[84:])
    (folder / "visits.csv").unlink()
    args = [f"visits={folder / 'v.parquet'}" if str(part).startswith("visits=") else part for part in arguments(folder)]
    ran = run(*args)
    assert ran.code == 2
    assert ran.err.startswith(f"{folder / 'v.parquet'}: the file cannot be read")
    assert not list(folder.glob("facts*"))


def test_a_full_disk_leaves_what_was_there_and_the_run_can_be_repeated(run: Any, folder: Path) -> None:
    assert run(*arguments(folder)).code == 0
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500)); from regengine.cli import main; main()"
    ran = subprocess.run([sys.executable, "-c", limited, *map(str, arguments(folder))], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == f"{folder / 'facts.parquet'}: the file could not be written: file too large [output-failed]\n"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert run(*arguments(folder)).code == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("quality", "code"), [("q.txt", "file-kind"), ("enterprises.csv", "file-kind"), ("facts.parquet", "file-kind"), ("nowhere/../visits.csv", "file-kind")]
)
def test_a_report_cannot_go_where_a_table_is(run: Any, folder: Path, quality: str, code: str) -> None:
    ran = run(*arguments(folder, "--quality", folder / quality))
    assert ran.code == 2
    assert f"[{code}]" in ran.err
    assert not (folder / "facts.parquet").exists()


BARE = """\
rulebook: xx/bare
edition: "1.0"
title: Bare
authority: Tests
in_force: {from: 2000-01-01}
audience: public
basis: illustrative
registers: {lists: {key: enterprise, date: day}}
facts: {listed: {type: boolean, missing: false, from: {any: lists}}}
grades: {order: [A, B], rows: [{when: listed, grade: B}, {otherwise: A}]}
"""


def test_the_ways_to_related_enterprises_are_written_beside(run: Any, tmp_path: Path) -> None:
    """`a` and `b` have one representative, and `b` is listed; nobody else is."""
    tables = {
        "enterprises": "enterprise,defaulter,unlicensed\na,false,false\nb,false,false\nc,false,false\n",
        "serious_list": "enterprise,listed,removed\nb,2026-01-01,\n",
        "legal_representative": "enterprise,法定代表人,since,published,until\na,Zhang,2020-01-01,,\nb,Zhang,2020-01-01,,\nc,Li,2020-01-01,,\n",
        "relations": "enterprise,other,since,published,until,kind,share\n",
    }
    for name, text in tables.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    given = [part for name in list(tables)[1:] for part in ("--register", f"{name}={tmp_path / name}.csv")]
    rulebook, out = Path(__file__).parents[1] / "evidence" / "related.yaml", tmp_path / "facts.csv"
    for _ in range(2):  # a run can be repeated
        ran = run("facts", rulebook, tmp_path / "enterprises.csv", *given, "--as-of", "2026-11-01", "--out", out)
        assert (ran.code, ran.err) == (0, "")
        assert f"ways behind represented: {tmp_path / 'facts.represented.paths.csv'}" in ran.out
        assert (tmp_path / "facts.represented.paths.csv").read_text("utf-8") == "enterprise,through,related,steps\na,Zhang,b,2\n"
        assert [path.name for path in sorted(tmp_path.glob("facts.*"))] == ["facts.csv", "facts.represented.paths.csv"]
