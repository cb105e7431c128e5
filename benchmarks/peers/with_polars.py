"""Polars, by hand (`by_hand.py`): score and grade of a table in memory, or every decided column from Parquet to Parquet."""

from __future__ import annotations

import polars as pl
from by_hand import grade

from .scheme import AS_OF, Graded, Ways, scratch


def prepare(path: str, rows: int) -> Ways:
    frame = pl.read_parquet(path, n_rows=rows)
    out = scratch() / "graded.parquet"

    def grades() -> Graded:
        table = grade(frame.lazy(), AS_OF).select("score", "grade").collect()
        return table["score"], table["grade"]

    def everything() -> Graded:
        grade(pl.scan_parquet(path, n_rows=rows), AS_OF).sink_parquet(out)
        return None

    return {"grades": grades, "everything": everything}
