"""A million enterprises, Parquet to Parquet, beside the same scheme written by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
from by_hand import grade
from polars.testing import assert_frame_equal
from pytest_benchmark.fixture import BenchmarkFixture

import regengine as rg


def test_by_hand_gives_the_same_table(book: rg.Book, as_of: dt.date, million: Path) -> None:
    frame = pl.scan_parquet(million).head(100_000)
    assert_frame_equal(book.decide_frame(frame, keep="key").collect(), grade(frame, as_of).collect())


def test_frame_with_reasons(benchmark: BenchmarkFixture, book: rg.Book, million: Path, tmp_path: Path) -> None:
    benchmark.pedantic(lambda: book.split_frame(pl.scan_parquet(million), keep="key").graded.sink_parquet(tmp_path / "out.parquet"), rounds=5, warmup_rounds=1)


def test_frame_without_reasons(benchmark: BenchmarkFixture, book: rg.Book, million: Path, tmp_path: Path) -> None:
    names = ["enterprise", *(output.name for output in book.program.outputs if not output.name.startswith("reasons_"))]
    work = lambda: book.split_frame(pl.scan_parquet(million), keep="key").graded.select(names).sink_parquet(tmp_path / "out.parquet")  # noqa: E731
    benchmark.pedantic(work, rounds=5, warmup_rounds=1)


def test_by_hand(benchmark: BenchmarkFixture, as_of: dt.date, million: Path, tmp_path: Path) -> None:
    benchmark.pedantic(lambda: grade(pl.scan_parquet(million), as_of).sink_parquet(tmp_path / "out.parquet"), rounds=5, warmup_rounds=1)
