"""A synthetic population of the national zones: enterprises and their registers, as folders of Parquet files.

Guarantees: the same seed gives the same bytes (with the same versions of NumPy and Polars), whatever is drawn at a time, and a larger
population begins with the smaller; codes are valid and none is met twice. Does not guarantee anything about a real enterprise or zone:
how many enterprises a zone has, and every rate that is not in `SHARES`, is made up.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from ..problems import nearest, one_problem
from .credit_codes import MOST
from .enterprises import Block, draw_enterprises, zone_chances
from .registers import REGISTERS, draw_registers
from .tables import zones

__all__ = ["BLOCK", "LAST_DAY", "MOST", "draw_block", "write_netdz"]

BLOCK = 50_000  # enterprises drawn from one stream of random numbers; part of the meaning of a seed
GRIDS = 8  # parts of a zone, each the beat of some inspectors
LAST_DAY = dt.date(2026, 11, 1)
EPOCH = dt.date(1970, 1, 1)


def stream(*numbers: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(numbers)))


def draw_block(seed: int, number: int, zone: str | None = None) -> tuple[Block, dict[str, pl.DataFrame]]:
    """The enterprises of one block, counted from 0, and their registers. It does not depend on any other block.

    With `zone`, all of them are in that zone. Each is in one of its grids, drawn from a stream of its own.
    """
    random, last_day = stream(seed, number + 1), (LAST_DAY - EPOCH).days
    numbers = np.arange(number * BLOCK, (number + 1) * BLOCK)
    chances = zone_chances(stream(seed, 0)) if zone is None else np.array([float(one.zone == zone) for one in zones()])
    block = draw_enterprises(random, numbers, chances, last_day)
    grid = pl.Series("grid", stream(seed, number + 1, 1).integers(1, GRIDS + 1, BLOCK)).cast(pl.String)
    table = block.table.insert_column(block.table.columns.index("division_code") + 1, grid)
    return replace(block, table=table), draw_registers(random, block, last_day)


def write_netdz(folder: Path, size: int, seed: int, *, zone: str | None = None, jobs: int = 2, done: Callable[[int], None] = lambda _: None) -> dict[str, int]:
    """Write `size` enterprises (1 to `MOST`) and their registers into a folder; rows written, by table. With `zone`, all are in that one.

    `folder` must exist. Each table is a folder of part files, one for each block; `about.json` says what this is. `jobs` blocks are drawn at
    a time, `done` is told how many enterprises each added. Raises `ProblemError` (`option-wrong`) for a size, seed or zone that cannot be,
    `OSError` where writing fails.
    """
    if not 1 <= size <= MOST:
        raise one_problem("option-wrong", f"a population has 1 to {MOST:,} enterprises, not {size:,}")
    if seed < 0:
        raise one_problem("option-wrong", f"a seed is a whole number from 0, not {seed}")
    if zone is not None and zone not in (names := [one.zone for one in zones()]):
        raise one_problem("option-wrong", f"there is no zone `{zone}`", hint=nearest(zone, names))
    for name in ("enterprises", *REGISTERS):
        (folder / name).mkdir()
    rows = dict.fromkeys(("enterprises", *REGISTERS), 0)

    def make(number: int) -> dict[str, int]:
        return write_block(folder, seed, number, min(BLOCK, size - number * BLOCK), zone)

    pool = ThreadPoolExecutor(jobs)
    try:
        for written in pool.map(make, range(-(-size // BLOCK))):
            for name, count in written.items():
                rows[name] += count
            done(written["enterprises"])
    finally:
        pool.shutdown(cancel_futures=True)  # after a full disk, the blocks that wait are not tried
    where = {"zone": zone} if zone else {}
    what = {"synthetic": True, "what": "made-up enterprises of the national zones", "size": size, "seed": seed}
    about = {**what, **where, "last_day": str(LAST_DAY), "rows": rows}
    (folder / "about.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    return rows


def write_block(folder: Path, seed: int, number: int, count: int, zone: str | None) -> dict[str, int]:
    """Draw one whole block and write the part of its first `count` enterprises; rows written, by table."""
    block, registers = draw_block(seed, number, zone)
    tables = {"enterprises": block.table.head(count), **registers}
    if count < BLOCK:
        keys = tables["enterprises"].select("enterprise")
        tables |= {name: table.join(keys, on="enterprise", how="semi", maintain_order="left") for name, table in registers.items()}
    for name, table in tables.items():
        path = folder / name / f"part-{number:05}.parquet"
        try:
            table.write_parquet(path)
        except pl.exceptions.ComputeError as error:  # what Polars makes of a full disk
            raise OSError(str(error).rpartition(": ")[2]) from None
    return {name: table.height for name, table in tables.items()}
