"""Grading on a Spark of several processes: the same answers as Polars, also where an executor dies, and clear problems."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import regengine as rg
from regengine.cluster import grade_folder

Run = Callable[..., Any]  # the fixture of conftest.py
HUD, DAY = "us/hud-reac", ("--as-of", "2026-11-01")
pytestmark = pytest.mark.xdist_group("spark")


def scores_of(count: int) -> pl.DataFrame:
    """Properties with scores from 0 to 102, the last two of which no property can have, and one key twice."""
    table = pl.DataFrame({"enterprise": [f"p{number:07}" for number in range(count)], "inspection_score": [number % 103 for number in range(count)]})
    return pl.concat([table, table[5:6]])


def read(folder: Path) -> pl.DataFrame:
    """What Spark wrote into a folder."""
    return pl.read_parquet(folder / "part-*.parquet")


def digest(table: pl.DataFrame) -> str:
    """A digest of rows that does not depend on their order, nor on the files that held them."""
    lines = sorted(repr(row) for row in table.rows())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def test_folders_hold_what_files_of_polars_hold(run: Run, spark: Any, tmp_path: Path) -> None:
    source = tmp_path / "scores"
    source.mkdir()
    table = scores_of(2_000)
    table[:900].write_parquet(source / "a.parquet")
    table[900:].write_parquet(source / "b.parquet")
    straight = run("grade", HUD, source, *DAY, "--out", tmp_path / "one.parquet", "--allow-rejects")
    for _ in range(2):  # a second run takes the place of the first
        ran = run("grade", HUD, source, *DAY, "--engine", "spark", "--out", tmp_path / "graded", "--rejects", tmp_path / "refused", "--allow-rejects")
        assert ran.code == straight.code == 0
        assert "2,001 rows in = 1,961 graded + 40 rejected" in ran.out  # 101 and 102 nineteen times each, and both rows of one key
        assert digest(read(tmp_path / "graded")) == digest(pl.read_parquet(tmp_path / "one.parquet"))
        assert digest(read(tmp_path / "refused")) == digest(pl.read_parquet(tmp_path / "one.rejects.parquet"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["graded", "one.parquet", "one.rejects.parquet", "refused", "scores"]
    for line in straight.out.splitlines():
        if line.startswith(("standard", "failing")):
            assert line in ran.out


def test_rejected_rows_end_a_run_with_2_and_are_named(run: Run, spark: Any, tmp_path: Path) -> None:
    pl.DataFrame({"enterprise": ["a", "b", None], "inspection_score": [101, 90, 50]}).write_parquet(tmp_path / "scores.parquet")
    ran = run("grade", HUD, tmp_path / "scores.parquet", *DAY, "--engine", "spark", "--out", tmp_path / "graded")
    assert ran.code == 2
    assert "key `a`, column `inspection_score`: `101` is outside 0 to 100 [fact-out-of-range]" in ran.err
    assert "the row has no key [key-column]" in ran.err
    assert read(tmp_path / "graded").select("enterprise", "grade").rows() == [("b", "standard_1")]


def executors(spark: Any) -> list[int]:
    """The process numbers of this session's executors: the children of its own Java process, for other tests may have a Spark, too."""
    driver = spark.sparkContext._jvm.java.lang.ProcessHandle.current().pid()
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                command, stat = (folder / "cmdline").read_bytes(), (folder / "stat").read_text()
            except OSError:  # it has ended meanwhile
                continue
            if b"CoarseGrainedExecutorBackend" in command and int(stat.rpartition(")")[2].split()[1]) == driver:
                found.append(int(folder.name))
    return found


def test_an_executor_that_is_killed_changes_no_row(spark: Any, tmp_path: Path) -> None:
    """One of two executors is killed when a part of the work is done: what it had in hand is done again elsewhere."""
    scores_of(300_000).write_parquet(tmp_path / "whole.parquet")
    many = tmp_path / "scores"
    spark.read.parquet(str(tmp_path / "whole.parquet")).repartition(48).write.parquet(str(many))
    book = rg.load(HUD)
    before, killed = set(executors(spark)), None
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(
            grade_folder, book, str(many), str(tmp_path / "graded"), str(tmp_path / "refused"), as_of=dt.date(2026, 11, 1), key="enterprise"
        )  # fmt: skip
        tracker = spark.sparkContext.statusTracker()
        while not work.done() and killed is None:
            stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
            if any(stage and stage.numCompletedTasks >= 1 for stage in stages):
                killed = executors(spark)[0]
                os.kill(killed, signal.SIGKILL)
            time.sleep(0.01)
        made = work.result()
    assert killed in before, "the work was done before an executor could be killed"
    assert killed not in executors(spark)
    assert (made.rows, made.graded + made.rejected) == (300_001, 300_001)
    straight = book.split_frame(scores_of(300_000), as_of="2026-11-01", keep="key")
    assert digest(read(tmp_path / "graded")) == digest(straight.graded)
    assert digest(read(tmp_path / "refused").select(straight.rejects.columns)) == digest(straight.rejects)


def problem(book: rg.Book, table: Any) -> rg.ProblemError:
    with pytest.raises(rg.ProblemError) as error:
        book.split_frame(table, as_of="2026-11-01")
    return error.value


def test_a_column_of_another_type_is_named(spark: Any, tmp_path: Path) -> None:
    pl.DataFrame({"enterprise": ["a"], "inspection_score": ["90"]}).write_parquet(tmp_path / "scores.parquet")
    found = problem(rg.load(HUD), spark.read.parquet(str(tmp_path / "scores.parquet")))
    assert [(one.code, one.place.field) for one in found.problems] == [("column-wrong-type", "inspection_score")]


def test_a_dot_in_a_name_is_named(spark: Any) -> None:
    found = problem(rg.load(HUD), spark.sql("SELECT 'a' AS enterprise, 90 AS inspection_score, 1 AS `a.b`"))
    assert [(one.code, one.place.field) for one in found.problems] == [("frame-unsupported", "a.b")]


def test_an_instant_is_no_day_on_spark(spark: Any) -> None:
    """What Spark reads as a timestamp is an instant, and which day that is depends on who asks."""
    book = rg.load("cn/henan-2022")
    dated = next(name for name, fact in book.facts.items() if fact.type == "date")
    found = problem(book, spark.sql(f"SELECT 'a' AS enterprise, current_timestamp() AS {dated}"))
    assert ("column-wrong-type", dated) in {(one.code, one.place.field) for one in found.problems}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{}/nothing", "--out", "{}/o"], "no such file or folder for Spark [file-missing]"),
        (["{}/in.parquet", "--out", "{}/in.parquet"], "need a folder each [option-wrong]"),
        (["{}/in.parquet", "--out", "{}/taken"], "something here that Spark did not write [output-exists]"),
        (["{}/in.parquet", "--out", "{}/o", "--sheet", "one"], "`--sheet` does not go with Spark [option-wrong]"),
        (["{}/in.parquet", "--out", "{}/o", "--quality", "q.html"], "`--quality` does not go with Spark [option-wrong]"),
    ],
    ids=["missing", "onto itself", "taken", "sheet", "quality"],
)
def test_what_cannot_be_done_is_told_and_leaves_nothing(run: Run, spark: Any, tmp_path: Path, arguments: list[str], said: str) -> None:
    scores_of(5).with_columns(inspection_score=pl.lit(90)).write_parquet(tmp_path / "in.parquet")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "letter.txt").write_text("mine")
    ran = run("grade", HUD, *(part.format(tmp_path) for part in arguments), *DAY, "--engine", "spark")
    assert ran.code == 2
    assert said in ran.err
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["in.parquet", "letter.txt", "taken"]


GONE = """
import sys
import regengine as rg
from pyspark.sql import SparkSession
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
frame = spark.sql("SELECT 'a' AS enterprise, 90 AS inspection_score")
spark.stop()
try:
    rg.load("us/hud-reac").split_frame(frame, as_of="2026-11-01")
except rg.ProblemError as error:
    print(error.problems[0].code, error.problems[0].message)
from regengine.cluster import session
try:
    session("spark://127.0.0.1:1")
except rg.ProblemError as error:
    print(error.problems[0].code, error.problems[0].hint)
"""


def test_a_session_that_is_gone_and_a_master_that_is_not_there(spark: Any) -> None:
    ran = subprocess.run([sys.executable, "-c", GONE], capture_output=True, text=True, timeout=300, check=False)
    assert ran.stdout.splitlines() == [
        "spark-failed the Spark session of this DataFrame has ended",
        "spark-failed Java 17 or later must be there, and the cluster reachable",
    ], ran.stderr[-2_000:]
