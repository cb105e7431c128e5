"""A million enterprises: all columns from Parquet to Parquet, and score and grade in memory, beside the same scheme written by hand.

`compare.py` sets these beside further peers, which have an environment of their own.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import polars as pl
import pytest
from by_hand import grade
from polars.testing import assert_frame_equal
from pytest_benchmark.fixture import BenchmarkFixture

import regengine as rg
from regengine.bench import AS_OF

COLUMNS = [("ours", "everything"), ("ours", "without reasons"), ("with_polars", "everything")]
GRADES = [("ours", "grades"), ("with_polars", "grades"), ("with_numpy", "batch")]


def test_by_hand_gives_the_same_table(book: rg.Book, million: Path) -> None:
    frame = pl.scan_parquet(million).head(100_000)
    assert_frame_equal(book.decide_frame(frame, keep="key").collect(), grade(frame, AS_OF).collect())


@pytest.mark.parametrize(("peer", "way", "rows"), [*((*one, 100_000) for one in GRADES), ("with_pandas", "batch", 2_000)])
def test_peers_give_the_same_grades(book: rg.Book, million: Path, peer: str, way: str, rows: int) -> None:
    graded = book.decide_frame(pl.read_parquet(million, n_rows=rows), keep="key")
    scores, grades = import_module(f"peers.{peer}").prepare(str(million), rows)[way]()
    assert [int(score) for score in scores] == graded["score"].cast(int).to_list()
    assert [str(grade) for grade in grades] == graded["grade"].to_list()


@pytest.mark.parametrize(("peer", "way"), [*COLUMNS, *GRADES])
def test_a_million(benchmark: BenchmarkFixture, million: Path, peer: str, way: str) -> None:
    benchmark.pedantic(import_module(f"peers.{peer}").prepare(str(million), 1_000_000)[way], rounds=5, warmup_rounds=1)
