"""Registers to facts to grades, Parquet to Parquet, at one, two and four times a size; `REGENGINE_ENTRIES` sets the largest.

The issue's size is 20 million entries of 4.9 million enterprises: `REGENGINE_ENTRIES=20000000 pytest benchmarks/test_registers.py`.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import regengine as rg

LARGEST = int(os.environ.get("REGENGINE_ENTRIES", "2000000"))
RULEBOOK = Path(__file__).with_name("registers.yaml")


def made(folder: Path, entries: int) -> tuple[Path, Path]:
    """Enterprises and about four times as many penalties, some of nobody in the table."""
    enterprises = entries * 49 // 200
    draw = np.random.default_rng(1)
    keys = pl.format("91{}", pl.col("n").cast(pl.String).str.zfill(16)).alias("enterprise")
    people, register = folder / f"enterprises-{entries}.parquet", folder / f"penalties-{entries}.parquet"
    pl.select(n=pl.int_range(enterprises)).select(keys).write_parquet(people)
    decided = draw.integers(18_000, 20_800, entries)
    days = {"decided": decided, "published": decided + draw.integers(0, 60, entries), "repaired": decided + draw.integers(30, 900, entries)}
    columns = {name: pl.Series(values.astype("int32")).cast(pl.Date) for name, values in days.items()}
    severity = np.array(["light", "general", "serious"])[draw.integers(0, 3, entries)]
    frame = pl.DataFrame(
        {"n": draw.integers(0, int(enterprises * 1.02), entries), **columns, "severity": severity, "fine": draw.integers(0, 5_000, entries) / 100}
    )
    still_open = pl.when(pl.int_range(pl.len()) % 3 > 0).then("repaired").alias("repaired")
    frame.with_columns(keys, still_open).drop("n").write_parquet(register)
    return people, register


@pytest.mark.parametrize("part", [4, 2, 1], ids=["quarter", "half", "whole"])
def test_ten_facts_from_a_register(benchmark: BenchmarkFixture, tmp_path: Path, part: int) -> None:
    book = rg.load(RULEBOOK).at("2026-11-01")
    people, register = made(tmp_path, LARGEST // part)

    def work() -> None:
        found = book.work_out(pl.scan_parquet(people), {"penalties": pl.scan_parquet(register)})
        book.split_frame(found.facts, keep="key").graded.sink_parquet(tmp_path / "graded.parquet")

    benchmark.pedantic(work, rounds=3, warmup_rounds=1)
