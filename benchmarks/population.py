"""Populations for benchmarks: the quickstart sample drawn over and over, typed, with a key for each row."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl

import regengine as rg

SAMPLE = Path(__file__).resolve().parent.parent / "scenarios" / "quickstart" / "enterprises.csv"
AS_OF = "2026-11-01"


def population(book: rg.Book, size: int) -> Path:
    """A Parquet file of `size` gradable enterprises for `cn/henan-2022`; made once and kept in the temporary folder."""
    path = Path(tempfile.gettempdir()) / f"regengine-benchmark-{book.digest[:12]}-{size}.parquet"
    if not path.exists():
        kinds = {"boolean": pl.Boolean(), "integer": pl.Int32(), "decimal": pl.Float64(), "date": pl.Date()}
        typed = [read(pl.col(spec.name), kinds.get(spec.type, pl.String())) for spec in book.facts.values()]
        sample = pl.read_csv(SAMPLE, infer_schema=False).filter(pl.col("serious_dishonesty").is_not_null()).with_columns(typed)
        keys = pl.format("91{}", pl.int_range(size).cast(pl.String).str.zfill(16))
        made = path.with_suffix(".partial")
        sample.sample(size, with_replacement=True, seed=1).with_columns(enterprise=keys).write_parquet(made)
        made.rename(path)
    return path


def read(column: pl.Expr, kind: pl.DataType) -> pl.Expr:
    if kind == pl.Boolean():
        return column.replace_strict({"true": True, "false": False}, default=None, return_dtype=pl.Boolean())
    return column.str.to_date() if kind == pl.Date() else column.cast(kind)
