"""Grade a folder of Parquet files on Spark, where a population outgrows one machine.

The workers read, grade and write; the program that asks gets counts, and a few rejected rows to name. Both outputs are written
beside their final names and take them when both are whole. Rows come in no order.
"""

from __future__ import annotations

import datetime as dt
import logging
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from .book import Book
from .intake.frame import REASON
from .intake.rejects import Fault, parted, row_problem, text
from .intake.spool import extra
from .problems import Place, Problem, ProblemError, one_problem

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["Folders", "grade_folder", "session"]

HUGE = "spark.sql.codegen.hugeMethodLimit"
KINDS_OF_FAULT = 10_000  # different sets of reasons that are counted one by one


@dataclass(frozen=True, slots=True)
class Folders:
    """What a run on Spark wrote: rows of each folder, how many of each grade, and what the rejected rows lack."""

    rows: int
    graded: int
    rejected: int
    grades: dict[str, int]
    faults: list[Fault]
    named: list[Problem]


def session(master: str | None = None) -> SparkSession:
    """A session on the cluster at `master`, or as the surroundings configure it (`spark-submit`, `SPARK_CONF_DIR`).

    Raises `ProblemError`: `extra-missing`, `spark-failed` where no session can be had.
    """
    spark = extra("pyspark.sql", "pyspark", "spark")
    logging.getLogger("DataFrameQueryContextLogger").setLevel(logging.CRITICAL)  # what Spark says there is told as a problem
    builder = spark.SparkSession.builder.appName("regengine").config("spark.log.level", "ERROR")
    with failing(master or "Spark", "Java 17 or later must be there, and the cluster reachable"):
        made: SparkSession = (builder.master(master) if master else builder).getOrCreate()
    return made


def grade_folder(
    book: Book,
    table: str,
    out: str,
    rejects: str,
    *,
    master: str | None = None,
    as_of: dt.date,
    key: str,
    absent: Collection[str] = (),
    keep: Literal["all", "key"] = "key",
    most: int = 5,
) -> Folders:
    """Grade the Parquet at `table` into the folders `out` and `rejects`, all three paths or addresses that the workers can reach.

    Where nothing is rejected, there is no folder `rejects`, and one of an earlier run is removed. At most `most` rejected rows
    are named. Raises `ProblemError`; both folders are then as they were.
    """
    if len({name.rstrip("/") for name in (table, out, rejects)}) < 3:
        raise one_problem("option-wrong", "the table, the graded rows and the rejects need a folder each", place=Place(out), hint="name another folder")
    spark = session(master)
    for path in (out, rejects):
        with failing(path):
            check_replaceable(spark, path)
    beside = {path: f"{path.rstrip('/')}.{secrets.token_hex(4)}.part" for path in (out, rejects)}
    with failing(table), settings(spark):
        frame = spark.read.parquet(table)
        split = book.split_frame(frame, as_of=as_of, key=key, absent=absent, keep=keep)
        try:
            for path, part in ((out, split.graded), (rejects, split.rejects)):
                part.write.mode("error").parquet(beside[path])
            rows, graded, rejected = frame.count(), spark.read.parquet(beside[out]), spark.read.parquet(beside[rejects])
            grades = {row["grade"]: row["count"] for row in graded.groupBy("grade").count().collect()}
            found, named = told(rejected, key, book, most)
            counts = rejected.count()
            if sum(grades.values()) + counts != rows:
                many = f"{rows:,} rows came in and {sum(grades.values()) + counts:,} would go out"
                raise one_problem("output-failed", many, place=Place(out), hint="was the input changed meanwhile?")
            for path in (out, rejects):
                moved(spark, beside[path], path, wanted=path == out or counts > 0)
        finally:
            for path in beside.values():
                removed(spark, path)
    return Folders(rows, sum(grades.values()), counts, grades, found, named)


@contextmanager
def settings(spark: SparkSession) -> Iterator[None]:
    """The session with what a run needs: Java never compiles a method of more than 8,000 bytes, and a whole program is one of many more."""
    before = str(spark.conf.get(HUGE))
    spark.conf.set(HUGE, "8000")
    try:
        yield
    finally:
        spark.conf.set(HUGE, before)


def told(rejected: DataFrame, key: str, book: Book, most: int) -> tuple[list[Fault], list[Problem]]:
    """The reasons among rejected rows, the most frequent first, and a problem for each of the first rows by key."""
    from pyspark.sql import functions as f

    sets = rejected.groupBy(REASON).agg(f.count("*").alias("rows"), f.min(f.col(key).cast("string")).alias("first")).limit(KINDS_OF_FAULT).collect()
    counts: dict[str, tuple[int, str | None]] = {}
    for row in sets:
        for reason in row[REASON].split("; "):
            many, first = counts.get(reason, (0, row["first"]))
            counts[reason] = (many + row["rows"], min(filter(None, (first, row["first"])), default=None))
    order = sorted(counts.items(), key=lambda one: (-one[1][0], one[0]))
    faults = [Fault(*parted(reason, key), many, text(first), None) for reason, (many, first) in order]
    rows = rejected.orderBy(f.col(key)).limit(most).collect()
    return faults, [row_problem(row.asDict(), key, book.facts) for row in rows]


def check_replaceable(spark: SparkSession, name: str) -> None:
    """Refuse a name under which something stands that no run of Spark wrote."""
    system, path = at(spark, name)
    if system.exists(path) and not system.exists(at(spark, f"{name.rstrip('/')}/_SUCCESS")[1]):
        raise one_problem("output-exists", "there is something here that Spark did not write", place=Place(name), hint="name another folder")


def moved(spark: SparkSession, beside: str, final: str, *, wanted: bool) -> None:
    """Put what was written under its final name, in place of what stood there; or only take that away."""
    removed(spark, final)
    if wanted:
        system, path = at(spark, beside)
        if not system.rename(path, at(spark, final)[1]):
            raise one_problem("output-failed", "the folder could not be given its name", place=Place(final))


def removed(spark: SparkSession, name: str) -> None:
    system, path = at(spark, name)
    system.delete(path, True)


def at(spark: SparkSession, name: str) -> tuple[Any, Any]:
    """The file system of a path, and the path in its words."""
    context: Any = spark.sparkContext
    path = context._jvm.org.apache.hadoop.fs.Path(name)
    return path.getFileSystem(context._jsc.hadoopConfiguration()), path


@contextmanager
def failing(name: str, hint: str | None = None) -> Iterator[None]:
    """Turn what Spark raises into a `ProblemError`."""
    py4j = extra("py4j.protocol", "pyspark", "spark")
    from pyspark.errors import PySparkException

    try:
        yield
    except ProblemError:
        raise
    except (PySparkException, py4j.Py4JError, ConnectionError) as error:
        said = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        if "PATH_NOT_FOUND" in said:
            raise one_problem("file-missing", "there is no such file or folder for Spark", place=Place(name)) from None
        raise one_problem("spark-failed", f"Spark failed: {said[:300]}", place=Place(name), hint=hint) from None
