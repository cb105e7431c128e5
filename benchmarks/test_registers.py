"""Registers to facts to grades, Parquet to Parquet, at one, two and four times a size; `REGENGINE_ENTRIES` sets the largest.

The issue's size is 20 million entries of 4.9 million enterprises: `REGENGINE_ENTRIES=20000000 pytest benchmarks/test_registers.py`.
Relations are half as many as entries: with that size, 10 million between 4.9 million enterprises.
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


def related(folder: Path, relations: int) -> tuple[Path, dict[str, Path]]:
    """Enterprises, one in a hundred of them listed, and relations: 4 in 10 to enterprises, the others to persons, some of whom have very many."""
    enterprises = relations * 49 // 100
    draw = np.random.default_rng(1)
    code, other, person = (
        pl.format(head + "{}", pl.col(name).cast(pl.String).str.zfill(16)) for head, name in (("91", "n"), ("91", "other"), ("P0", "person"))
    )
    paths = {name: folder / f"{name}-{relations}.parquet" for name in ("enterprises", "serious_list", "relations")}
    pl.select(n=pl.int_range(enterprises)).select(enterprise=code).write_parquet(paths["enterprises"])
    listed = pl.DataFrame({"n": draw.integers(0, enterprises, enterprises // 100)})
    no_day = pl.lit(None, pl.Date)
    listed.select(enterprise=code, listed=pl.date(2024, 1, 1), removed=no_day).write_parquet(paths["serious_list"])
    many = np.where(draw.random(relations) < 0.1, np.minimum(draw.zipf(1.6, relations), enterprises), draw.integers(0, enterprises, relations))
    since = draw.integers(15_000, 20_700, relations)
    frame = pl.DataFrame(
        {
            "n": draw.integers(0, enterprises, relations),
            "other": draw.integers(0, enterprises, relations),
            "person": many,
            "to_person": draw.random(relations) < 0.6,
            "since": pl.Series(since.astype("int32")).cast(pl.Date),
            "until": pl.Series((since + draw.integers(30, 4_000, relations)).astype("int32")).cast(pl.Date),
            "kind": pl.Series(["legal_representative", "shareholder", "branch"]).gather(draw.integers(0, 3, relations)),
            "share": draw.integers(1, 10_000, relations) / 100,
        }
    )
    other = pl.when("to_person").then(person).otherwise(other)
    until = pl.when(pl.int_range(pl.len()) % 10 == 0).then("until").alias("until")
    frame.select(code.alias("enterprise"), other.alias("other"), "since", until, "kind", "share").write_parquet(paths["relations"])
    return paths.pop("enterprises"), paths


@pytest.mark.parametrize("part", [4, 2, 1], ids=["quarter", "half", "whole"])
def test_a_fact_over_related_enterprises(benchmark: BenchmarkFixture, tmp_path: Path, part: int) -> None:
    book = rg.load(RULEBOOK.with_name("relations.yaml")).at("2026-11-01")
    people, registers = related(tmp_path, LARGEST // 2 // part)

    def work() -> None:
        found = book.work_out(pl.scan_parquet(people), {name: pl.scan_parquet(path) for name, path in registers.items()})
        book.split_frame(found.facts, keep="key").graded.sink_parquet(tmp_path / "graded.parquet")

    benchmark.pedantic(work, rounds=3, warmup_rounds=1)
