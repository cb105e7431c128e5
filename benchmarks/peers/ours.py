"""regengine: score and grade of a table in memory, every decided column from Parquet to Parquet, and one enterprise at a time."""

from __future__ import annotations

from pathlib import Path

import polars as pl

import regengine as rg
from regengine.bench import RULEBOOK, enterprises

from .scheme import AS_OF, Graded, Pairs, Ways, scratch


def prepare(path: str, rows: int) -> Ways:
    book = rg.load(RULEBOOK).at(AS_OF)
    frame = pl.read_parquet(path, n_rows=rows)
    facts = enterprises(Path(path), min(rows, 20_000))
    out = scratch() / "graded.parquet"
    plain = ["enterprise", *(output.name for output in book.program.outputs if not output.name.startswith("reasons_"))]

    def grades() -> Graded:
        table = book.split_frame(frame.lazy(), keep="key").graded.select("score", "grade").collect()
        return table["score"], table["grade"]

    def write(columns: pl.Expr) -> Graded:
        book.split_frame(pl.scan_parquet(path, n_rows=rows), keep="key").graded.select(columns).sink_parquet(out)
        return None

    def one(*, reasons: bool) -> Pairs:
        for row in facts:
            decision = book.decide(row)
            if reasons:
                decision.reasons  # noqa: B018 - worked out when asked for
            yield decision.score, decision.grade

    return {
        "grades": grades,
        "everything": lambda: write(pl.all()),
        "without reasons": lambda: write(pl.col(plain)),
        "one": lambda: one(reasons=True),
        "one without reasons": lambda: one(reasons=False),
    }
