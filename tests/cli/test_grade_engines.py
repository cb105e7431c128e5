"""`regengine grade --engine`: the same files from every engine of one machine, and DuckDB files as a source."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

Run = Callable[..., Any]  # the fixture of conftest.py
HUD, DAY = "us/hud-reac", ("--as-of", "2026-11-01")
ROWS = {"enterprise": ["p1", "p2", "p3", None, "p2"], "inspection_score": [95, 101, 59, 80, 70], "city": ["x", "y", None, "z", "w"]}
GRADED = [("p1", "standard_1", "x"), ("p3", "failing", None)]
REJECTED = [
    ("p2", 101, "y", "fact-out-of-range: inspection_score; key-column: duplicate"),
    (None, 80, "z", "key-column: empty"),
    ("p2", 70, "w", "key-column: duplicate"),
]


@pytest.fixture
def market(tmp_path: Path) -> Path:
    """A DuckDB file with the table `scores` and another."""
    path = tmp_path / "market.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.register("rows", pl.DataFrame(ROWS).to_arrow())
        connection.execute("CREATE TABLE scores AS SELECT * FROM rows")
        connection.execute("CREATE TABLE nothing (enterprise VARCHAR)")
    return path


def by_score(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=lambda row: row[1])


@pytest.mark.parametrize("engine", ["polars", "pandas", "duckdb"])
@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_engines_write_the_same_rows(run: Run, tmp_path: Path, engine: str, ending: str) -> None:
    source, out = tmp_path / "scores.parquet", tmp_path / f"graded.{ending}"
    pl.DataFrame(ROWS).write_parquet(source)
    ran = run("grade", HUD, source, *DAY, "--engine", engine, "--out", out, "--keep", "all", "--allow-rejects")
    assert (ran.code, ran.err) == (0, "")
    assert "5 rows in = 2 graded + 3 rejected" in ran.out
    read = pl.read_parquet if ending == "parquet" else pl.read_csv
    assert sorted(read(out).select("enterprise", "grade", "city").rows()) == GRADED
    assert by_score(read(tmp_path / f"graded.rejects.{ending}").rows()) == by_score(REJECTED)


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_text_files_go_through_duckdb_as_well(run: Run, tmp_path: Path, engine: str) -> None:
    source = tmp_path / "scores.csv"
    pl.DataFrame(ROWS).write_csv(source)
    ran = run("grade", HUD, source, *DAY, "--engine", engine, "--out", tmp_path / "graded.parquet", "--allow-rejects")
    assert "5 rows in = 2 graded + 3 rejected" in ran.out
    assert sorted(pl.read_parquet(tmp_path / "graded.parquet").select("enterprise", "grade").rows()) == [row[:2] for row in GRADED]


def test_pandas_reads_no_texts(run: Run, scores: Path, tmp_path: Path) -> None:
    ran = run("grade", HUD, scores, *DAY, "--engine", "pandas", "--out", tmp_path / "graded.parquet")
    assert ran.code == 2
    assert "texts are not read in a pandas frame [frame-unsupported]" in ran.err


def test_an_engine_that_there_is_not(run: Run, scores: Path, tmp_path: Path) -> None:
    ran = run("grade", HUD, scores, *DAY, "--engine", "dask", "--out", tmp_path / "graded.parquet")
    assert ran.code == 2
    assert "`dask` is none of polars, pandas, duckdb, spark and spark:MASTER" in ran.err


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("chosen", [("--table", "scores"), ("--query", "SELECT enterprise, inspection_score FROM scores WHERE city = 'x'")])
def test_a_duckdb_file_is_a_source(run: Run, market: Path, tmp_path: Path, engine: str, chosen: tuple[str, str]) -> None:
    ran = run("grade", HUD, market, *chosen, *DAY, "--engine", engine, "--out", tmp_path / "graded.parquet", "--allow-rejects")
    assert ran.code == 0
    many = 2 if chosen[0] == "--table" else 1
    assert sorted(pl.read_parquet(tmp_path / "graded.parquet").select("enterprise", "grade").rows()) == [row[:2] for row in GRADED][:many]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "a database is read by one of a table and a query [option-wrong]"),
        (["--table", "score"], "the database has no table `score` [option-wrong]\n  hint: did you mean `scores`?"),
        (["--table", "nothing"], "the table has no rows [file-empty]"),
        (["--query", "SELECT * FROM elsewhere"], "DuckDB failed: Catalog Error"),
        (["--query", "SELECT * FROM read_csv('/etc/passwd')"], "DuckDB failed: Permission Error"),
        (["--query", "DROP TABLE scores"], "DuckDB failed: Invalid Input Error"),
    ],
    ids=["neither", "no such table", "empty", "no such relation", "another file", "writing"],
)
def test_what_a_duckdb_file_cannot_give_is_told(run: Run, market: Path, tmp_path: Path, arguments: list[str], said: str) -> None:
    ran = run("grade", HUD, market, *arguments, *DAY, "--out", tmp_path / "graded.parquet")
    assert ran.code == 2
    assert said in ran.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["market.duckdb"]


def test_a_file_that_is_none_of_duckdb(run: Run, tmp_path: Path) -> None:
    (tmp_path / "market.duckdb").write_bytes(b"not a database" * 500)
    ran = run("grade", HUD, tmp_path / "market.duckdb", "--table", "scores", *DAY, "--out", tmp_path / "graded.parquet")
    assert ran.code == 2
    assert "[database-failed]" in ran.err


HOLD = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); c.execute('CREATE TABLE t (a INT)'); print('held', flush=True); sys.stdin.read()"


def test_a_file_that_another_process_holds(run: Run, market: Path, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(market)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        ran = run("grade", HUD, market, "--table", "scores", *DAY, "--out", tmp_path / "graded.parquet")
        holder.communicate("")
    assert ran.code == 2
    assert "another process holds the file [database-failed]\n  hint: close the program that has it open" in ran.err
