"""Every engine behind one form: a scheme, a table of enterprises, a day; out come the graded rows and the rejects.

What comes out is a Polars frame in the order of the keys, so that the results of two engines are equal or they are not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol

import pandas as pd
import polars as pl

import regengine as rg
from regengine.rulebook.facts import FactSpec

from . import naive
from .form import Scheme

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["ENGINES", "FRAMES", "ONE_BY_ONE", "Engine", "Split", "Table", "naive_rows", "pyspark", "spark_session"]

KEY = "enterprise"
Row = dict[str, Any]
DTYPES = {"boolean": pl.Boolean(), "integer": pl.Int64(), "decimal": pl.Float64(), "date": pl.Date()}
OUTPUTS = {"integer": pl.Int64(), "number": pl.Float64(), "text": pl.String(), "boolean": pl.Boolean()}
PANDAS = {pl.Boolean(): "boolean", pl.Int64(): "Int64", pl.Float64(): "Float64", pl.Date(): "datetime64[ms]", pl.String(): "str"}

QUICK = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


@dataclass(frozen=True)
class Table:
    """Enterprises: their facts as Python values, each row with its key, and the same as a frame. With `texts` all columns are text."""

    facts: Mapping[str, FactSpec]
    rows: list[Row]
    texts: bool = False

    @cached_property
    def frame(self) -> pl.DataFrame:
        kinds = {name: pl.String() if self.texts else DTYPES.get(spec.type, pl.String()) for name, spec in self.facts.items()}
        held = {name: [self.cell(row.get(name)) for row in self.rows] for name in (KEY, *self.facts)}
        return pl.DataFrame(held, schema={KEY: pl.String(), **kinds})

    def cell(self, value: Any) -> Any:
        if not self.texts or value is None:
            return float(value) if isinstance(value, Decimal) else value
        return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class Split:
    """Graded rows as docs/columns.md has them, the key first; and of each rejected key, its faults."""

    graded: pl.DataFrame
    rejects: dict[str, frozenset[str]]


class Engine(Protocol):
    def __call__(self, scheme: Scheme, table: Table, law_at: dt.date, as_of: dt.date) -> Split: ...


# one enterprise after the other


def one_by_one(engine: Literal["program", "durable"]) -> Engine:
    """An engine that takes one enterprise at a time."""

    def run(scheme: Scheme, table: Table, law_at: dt.date, as_of: dt.date) -> Split:
        book = scheme.book.at(law_at)
        more: dict[str, Any] = {} if engine == "program" else {"engine": engine}
        graded: list[Row] = []
        rejects: dict[str, frozenset[str]] = {}
        for row in table.rows:
            try:
                decision = book.decide(row, as_of=as_of, **more)
            except rg.ProblemError as error:
                rejects[row[KEY]] = frozenset(f"{problem.code}: {problem.place.field or 'grades'}" for problem in error.problems)
                continue
            graded.append({KEY: row[KEY], **decision.columns(), "facts_filled": len(decision.filled) + len(decision.unknown)})
        schema = {KEY: pl.String(), **{output.name: OUTPUTS[output.type] for output in book.program.outputs}, "facts_filled": pl.Int64()}
        return Split(pl.DataFrame(graded, schema=schema).select(columns(book)).sort(KEY), rejects)

    return run


def columns(book: rg.Book) -> list[str]:
    """The columns of a decided table, in the order of docs/columns.md."""
    names = [output.name for output in book.program.outputs]
    reasons = [name for name in names if name.startswith("reasons_")]
    return [KEY, *names[: len(names) - len(reasons)], "facts_filled", *reasons]


# tables


def as_table(given: Callable[[pl.DataFrame], Any], back: Callable[[Any], pl.DataFrame]) -> Engine:
    """An engine that takes a frame; `given` makes one of its kind, `back` reads what it gives."""

    def run(scheme: Scheme, table: Table, law_at: dt.date, as_of: dt.date) -> Split:
        result = scheme.book.at(law_at).split_frame(given(table.frame), as_of=as_of, keep="key", texts=table.texts)
        return split(back(result.graded), back(result.rejects))

    return run


def split(graded: pl.DataFrame, rejects: pl.DataFrame) -> Split:
    told = {key: frozenset(reasons.split("; ")) for key, reasons in rejects.select(KEY, "rejected_for").rows()}
    assert len(told) == len(rejects), "a key stands twice among the rejects"
    return Split(graded.sort(KEY), told)


def pandas_frame(frame: pl.DataFrame) -> pd.DataFrame:
    """The same table in pandas, with its dtypes that know missing values."""
    return pd.DataFrame({name: pd.array(column.to_list(), dtype=PANDAS[column.dtype]) for name, column in zip(frame.columns, frame, strict=True)})


def from_pandas(frame: pd.DataFrame) -> pl.DataFrame:
    return pl.from_pandas(frame)


def duckdb_relation(frame: pl.DataFrame) -> Any:
    import duckdb

    return duckdb.connect().from_arrow(frame.to_arrow())


def spark_session() -> SparkSession:
    """A Spark inside this machine's process, for scripts; tests share the one of `tests/conftest.py`."""
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false", "spark.default.parallelism": "1", "spark.log.level": "OFF", "spark.ui.showConsoleProgress": "false",
        "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1", "spark.driver.memory": "3g",
        "spark.sql.ui.retainedExecutions": "1", "spark.ui.retainedJobs": "1", "spark.ui.retainedStages": "1",  # what it keeps of each plan fills the memory
        "spark.sql.maxPlanStringLength": "1000",
    }  # fmt: skip
    return SparkSession.builder.master("local[2]").appName("regengine conformance").config(map=settings).getOrCreate()


def pyspark(started: SparkSession) -> Engine:
    """Spark's engine, in a session of its own whose plans are run as they are: for a small table, compiling costs more than running."""
    session = started.newSession()
    for name, value in QUICK.items():
        session.conf.set(name, value)
    return as_table(lambda frame: session.createDataFrame(frame.to_arrow()), lambda frame: pl.DataFrame(pl.from_arrow(frame.toArrow())))


# the naive interpreter


def naive_rows(scheme: Scheme, table: Table, law_at: dt.date, as_of: dt.date) -> Iterator[tuple[str, naive.Answer | frozenset[str]]]:
    """What the naive interpreter says of each enterprise."""
    plain, library = scheme.at(law_at)
    for row in table.rows:
        try:
            yield row[KEY], naive.decide(plain, row, as_of, library)
        except naive.Refused as refused:
            yield row[KEY], refused.faults


def by_naive(scheme: Scheme, table: Table, law_at: dt.date, as_of: dt.date) -> Split:
    """The naive interpreter's answers as a decided table; the ids of its rules become bits."""
    book = scheme.book.at(law_at)
    rules = {rule.id: rule for rule in book.program.rules}
    graded: list[Row] = []
    rejects: dict[str, frozenset[str]] = {}
    for key, answer in naive_rows(scheme, table, law_at, as_of):
        if isinstance(answer, frozenset):
            rejects[key] = answer
            continue
        assert len(set(answer.rules)) == len(answer.rules)
        words = dict.fromkeys(range(1, book.program.words + 1), 0)
        for rule in map(rules.__getitem__, answer.rules):
            words[rule.word] += rule.mask
        score = {} if answer.score is None else {"score": float(answer.score)}
        row = {KEY: key, "grade": answer.grade, **score, "graded_by": answer.graded_by, **answer.columns, "facts_filled": answer.facts_filled}
        graded.append(row | {f"reasons_{word}": bits for word, bits in words.items()})
    names = columns(book)
    assert all(set(row) == set(names) for row in graded), "the columns are not those of the decided table"
    schema = {KEY: pl.String(), **{output.name: OUTPUTS[output.type] for output in book.program.outputs}, "facts_filled": pl.Int64()}
    return Split(pl.DataFrame(graded, schema=schema).select(names).sort(KEY), rejects)


ONE_BY_ONE: dict[str, Engine] = {"naive": by_naive, "single": one_by_one("program"), "durable": one_by_one("durable")}
FRAMES: dict[str, Engine] = {
    "polars": as_table(lambda frame: frame, lambda frame: frame),
    "polars-lazy": as_table(lambda frame: frame.lazy(), lambda frame: frame.collect()),
    "pandas": as_table(pandas_frame, from_pandas),
    "duckdb": as_table(duckdb_relation, lambda relation: relation.pl()),
}
ENGINES = ONE_BY_ONE | FRAMES  # and `pyspark(session)`
