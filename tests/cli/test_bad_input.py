"""`regengine grade` on what it cannot grade: each fault is named, the exit code is 2, and nothing stands where it failed."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

Run = Callable[..., Any]
HUD, DAY = "us/hud-reac", ("--as-of", "2026-11-01")
HEADER = b"enterprise,inspection_score\n"


def parquet(**columns: list[object]) -> Callable[[Path], None]:
    return lambda path: pl.DataFrame({"enterprise": ["p1"], **columns}).write_parquet(path)


def truncated(path: Path) -> None:
    parquet(inspection_score=[95])(path)
    path.write_bytes(path.read_bytes()[:-20])


def damaged(path: Path) -> None:
    """A Parquet file whose end, with columns and row count, is whole, and whose pages are not."""
    parquet(inspection_score=[95])(path)
    data = path.read_bytes()
    path.write_bytes(data[:4] + b"\xff" * 60 + data[64:])


FAULTY: dict[str, tuple[str, bytes | Callable[[Path], None], str, str]] = {
    "missing column": ("t.csv", b"enterprise,city\np1,x\n", "column-missing", "there is no column for the fact `inspection_score`"),
    "misspelt column": ("t.csv", b"enterprise,inspection_scor\np1,95\n", "column-missing", "inspection_score"),
    "missing key column": ("t.csv", b"enterprize,inspection_score\np1,95\n", "key-column", "did you mean `enterprize`?"),
    "text for a number": ("t.parquet", parquet(inspection_score=["95"]), "column-wrong-type", "`inspection_score` is a whole number"),
    "truth for a number": ("t.parquet", parquet(inspection_score=[True]), "column-wrong-type", "`inspection_score` is a whole number"),
    "bytes for a number": ("t.parquet", parquet(inspection_score=[b"95"]), "column-wrong-type", "`inspection_score` is a whole number"),
    "nested value": ("t.jsonl", b'{"enterprise": "p1", "inspection_score": [95]}\n', "column-wrong-type", "`inspection_score` is a whole number"),
    "no bytes": ("t.csv", b"", "file-empty", "the file holds nothing"),
    "header only": ("t.csv", HEADER, "file-empty", "the file has a header and no rows"),
    "Parquet without rows": ("t.parquet", lambda path: pl.DataFrame({"enterprise": []}).write_parquet(path), "file-empty", "no rows"),
    "truncated Parquet": ("t.parquet", truncated, "file-unreadable", "the file cannot be read"),
    "damaged Parquet": ("t.parquet", damaged, "file-unreadable", "the file cannot be read"),
    "another kind under the name": ("t.parquet", HEADER + b"p1,95\n", "file-unreadable", "the file cannot be read"),
    "Latin-1": ("t.csv", HEADER + b"p1,95\ncaf\xe9,95\n", "file-encoding", "t.csv:3: the line is neither UTF-8 nor GB18030"),
    "row too long": ("t.csv", HEADER + b"p1,95\np2,95,x\n", "file-unreadable", "t.csv:3: the row has 3 values and the header 2"),
    "row too short": ("t.csv", HEADER + b"p1,95\np2\n", "file-unreadable", "t.csv:3: the row has 1 value and the header 2"),
    "ragged deep inside": ("t.csv", HEADER + b"".join(b"p%d,95\n" % n for n in range(300_000)) + b"x\n", "file-unreadable", "t.csv:300002: "),
    "column twice": ("t.csv", b"enterprise,inspection_score,enterprise\np1,95,p1\n", "file-unreadable", "t.csv:1: two columns have the name `enterprise`"),
    "unknown ending": ("t.xls", b"PK", "file-kind", "use .csv, .parquet or .jsonl"),
    "broken JSON": ("t.jsonl", b'{"enterprise": "p1", "inspection_score": 95}\n{"enter', "file-unreadable", "t.jsonl:2: the line is not JSON"),
    "column of ours": ("t.csv", b"enterprise,inspection_score,check:rejected\np1,95,x\n", "column-clash", "column `check:rejected`"),
}


@pytest.mark.parametrize("name", FAULTY)
def test_a_table_that_cannot_be_graded(run: Run, tmp_path: Path, name: str) -> None:
    file, data, code, words = FAULTY[name]
    table, out = tmp_path / file, tmp_path / "out"
    if isinstance(data, bytes):
        table.write_bytes(data)
    else:
        data(table)
    ran = run("grade", HUD, table, *DAY, "--out", out / "o.parquet")
    assert (ran.code, ran.out) == (2, "")
    assert f"[{code}]" in ran.err
    assert words in ran.err
    assert not list(out.glob("*"))
    assert [path.name for path in tmp_path.iterdir() if path != out] == [file]


ROWS = {
    "no value": ("p1,\n", "fact-missing", "the fact must be known and has no value"),
    "out of bounds": ("p1,101\n", "fact-out-of-range", "`101` is outside 0 to 100"),
    "below zero": ("p1,-1\n", "fact-out-of-range", "`-1` is outside 0 to 100"),
    "not a number": ("p1,ninety\n", "fact-wrong-type", "`ninety` is not a whole number"),
    "a fraction": ("p1,89.5\n", "fact-wrong-type", "`89.5` is not a whole number"),
    "past 64 bits": ("p1,99999999999999999999\n", "fact-wrong-type", "is not a whole number"),
    "empty key": (",95\n", "key-column", "the row has no key"),
    "duplicate key": ("p0,95\n", "key-column", "the key stands in more than one row"),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_row_that_cannot_be_graded(run: Run, tmp_path: Path, name: str) -> None:
    row, code, words = ROWS[name]
    table = tmp_path / "t.csv"
    table.write_bytes(HEADER + b"p0,95\nq,95\n" + row.encode())
    ran = run("grade", HUD, table, *DAY, "--out", tmp_path / "o.csv")
    rejected = 2 if name == "duplicate key" else 1  # both rows of a key are out
    assert ran.code == 2
    assert f"3 rows in = {3 - rejected} graded + {rejected} rejected" in ran.out
    assert f"{words} [{code}]" in ran.err
    assert len((tmp_path / "o.rejects.csv").read_text(encoding="utf-8").splitlines()) == 1 + rejected
    assert run("grade", HUD, table, *DAY, "--out", tmp_path / "o.csv", "--allow-rejects").code == 0


CATEGORIES_AND_DAYS = """
rulebook: xx/small
edition: "1.0"
title: {en: Small}
authority: {en: Nobody}
in_force: {from: 2020-01-01}
audience: public
facts:
  size: {type: category, values: [small, large], missing: reject}
  opened: {type: date, missing: reject}
  fined: {type: decimal, places: 2, min: 0, max: 1000, missing: 0}
grades:
  order: [A, B]
  basis: illustrative
  note: made for a test
  rows: [{when: size == "small" and fined == 0, grade: A}, {otherwise: B}]
"""


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_categories_days_and_amounts(run: Run, tmp_path: Path, kind: str) -> None:
    (tmp_path / "small.yaml").write_text(CATEGORIES_AND_DAYS, encoding="utf-8")
    table = tmp_path / f"t.{kind}"
    if kind == "csv":
        table.write_text(
            "enterprise,size,opened,fined\n"
            "a,small,2020-02-29,\nb,smal,2020-02-29,1\nc,small,2021-02-29,1\nd,small,2020-1-1,1\n"
            "e,small,2020-01-01,0.001\nf,small,2020-01-01,1000.01\ng,large,2020-01-01,0.1\n",
            encoding="utf-8",
        )
    else:
        sizes = ["small", "smal", "small", "small", "small", "small", "large"]
        opened = [dt.datetime(2020, 2, 29, hour) for hour in (0, 0, 1, 2, 0, 0, 0)]
        fined = [None, 1.0, 1.0, 1.0, 0.001, 1000.01, 0.1]
        pl.DataFrame({"enterprise": list("abcdefg"), "size": sizes, "opened": opened, "fined": fined}).write_parquet(table)
    ran = run("grade", tmp_path / "small.yaml", table, *DAY, "--out", tmp_path / "o.parquet")
    assert ran.code == 2
    assert "7 rows in = 2 graded + 5 rejected" in ran.out
    assert pl.read_parquet(tmp_path / "o.parquet").select("enterprise", "grade").rows() == [("a", "A"), ("g", "B")]
    rejects = pl.read_parquet(tmp_path / "o.rejects.parquet").select("enterprise", "rejected_for").rows()
    assert rejects == [
        ("b", "fact-unknown-value: size"),
        ("c", "fact-wrong-type: opened"),
        ("d", "fact-wrong-type: opened"),
        ("e", "fact-wrong-type: fined"),
        ("f", "fact-out-of-range: fined"),
    ]
    assert "key `b`, column `size`: `smal` is not a value of `size` [fact-unknown-value]\n  hint: did you mean `small`?" in ran.err


def test_outputs_that_cannot_be_written(run: Run, scores: Path, tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    before = scores.read_bytes()
    (tmp_path / "link.csv").symlink_to(scores)
    for options, code in [
        (["--out", scores], "output-exists"),
        (["--out", tmp_path / "folder.csv" / ".." / scores.name], "output-exists"),
        (["--out", tmp_path / "link.csv"], "output-exists"),
        (["--out", tmp_path / "o.csv", "--rejects", scores], "output-exists"),
        (["--out", tmp_path / "folder.csv"], "output-exists"),
        (["--out", scores / "below" / "o.csv"], "output-failed"),
        (["--out", tmp_path / "o.txt"], "file-kind"),
        (["--out", tmp_path / "o.csv", "--rejects", tmp_path / "o.xlsx"], "file-kind"),
        (["--out", tmp_path / "o.csv", "--rejects", tmp_path / "o.csv"], "option-wrong"),
    ]:
        ran = run("grade", HUD, scores, *DAY, *options)
        assert (ran.code, ran.out) == (2, ""), options
        assert f"[{code}]" in ran.err, options
        assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.csv", "link.csv", "scores.csv"], options
        assert not list((tmp_path / "folder.csv").iterdir())
    assert scores.read_bytes() == before


def test_an_output_inside_the_folder_that_is_read(run: Run, tmp_path: Path) -> None:
    parquet(inspection_score=[95])(tmp_path / "in.parquet")
    ran = run("grade", HUD, tmp_path, *DAY, "--out", tmp_path / "o.parquet")
    assert (ran.code, ran.out) == (2, "")
    assert "this is inside the folder that is read [output-exists]" in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]


def test_calls_that_do_not_hold_together(run: Run, scores: Path, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "o.csv")
    for args, words in [
        ((HUD, scores, *out), "the day of the facts is needed [date-missing]"),
        ((HUD, scores, *DAY), "Missing option '--out'"),
        ((HUD, scores, *out, "--as-of", "2026-02-30"), "Invalid value for '--as-of'"),
        ((HUD, scores, *out, "--as-of", "1999-12-31"), "[not-in-force]"),
        (("us/hud-react", scores, *out, *DAY), "[rulebook-unknown]"),
        ((HUD, tmp_path / "no.csv", *out, *DAY), "there is no such file or folder [file-missing]"),
        ((HUD, scores, *out, *DAY, "--absent", "inspection_scor"), "did you mean `inspection_score`?"),
        ((HUD, scores, *out, *DAY, "--absent", "inspection_score"), "`inspection_score` is said to be absent and has a column"),
    ]:
        ran = run("grade", *args)
        assert (ran.code, ran.out) == (2, ""), args
        assert words in ran.err, args
        assert [path.name for path in tmp_path.iterdir()] == ["scores.csv"], args


@pytest.mark.parametrize("name", ["damaged Parquet", "row too short", "no bytes"])
def test_through_the_shell(tmp_path: Path, name: str) -> None:
    file, data, code, _ = FAULTY[name]
    table = tmp_path / file
    if isinstance(data, bytes):
        table.write_bytes(data)
    else:
        data(table)
    call = [sys.executable, "-c", "from regengine.cli import main; main()", "grade", HUD, file, *DAY, "--out", "o.csv"]
    ran = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith(file)
    assert f"[{code}]" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "panicked" not in ran.stderr
    assert [path.name for path in tmp_path.iterdir()] == [file]
