"""`regengine facts`: from registers on disk to a table that `grade` takes."""

from __future__ import annotations

import json
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


def test_facts_are_written_and_every_entry_is_accounted_for(run: Any, folder: Path) -> None:
    ran = run(*arguments(folder, "--format", "json"))
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)["registers"]
    assert told["penalties"] == {"rows": 6, "rejected": 2, "entries": 4, "after_as_of": 1, "not_known_yet": 1, "of_unknown_enterprises": 1}
    assert told["visits"] == {"rows": 1, "rejected": 0, "entries": 1, "after_as_of": 0, "not_known_yet": 0, "of_unknown_enterprises": 0}
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
    assert "penalties      6          2               1               1           1" in english.out
    assert english.out.splitlines()[0].split("  ")[0] == "register"
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
    assert json.loads(ran.out)["registers"]["visits"] == {
        "rows": 0, "rejected": 0, "entries": 0, "after_as_of": 0, "not_known_yet": 0, "of_unknown_enterprises": 0,
    }  # fmt: skip
    assert pl.read_parquet(folder / "facts.parquet")["since"].to_list() == [None, None, None]
    bare = folder / "bare.yaml"
    bare.write_text(BARE, encoding="utf-8")
    ran = run("facts", bare, folder / "enterprises.csv", "--register", f"lists={folder / 'lists.csv'}", "--as-of", "2026-11-01", "--out", folder / "bare.csv")
    assert ran.code == 2
    (folder / "lists.csv").write_text("enterprise,day\na,2026-01-01\n", encoding="utf-8")
    ran = run("facts", bare, folder / "enterprises.csv", "--register", f"lists={folder / 'lists.csv'}", "--as-of", "2026-11-01", "--out", folder / "bare.csv")
    assert ran.code == 0, ran.err
    assert (folder / "bare.csv").read_text("utf-8").splitlines() == ["enterprise,name,listed", "a,甲,true", "b,乙,false", "c,丙,false"]


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
