"""What a draw costs: `python benchmarks/draw.py [--size N] [--json]`.

Tickets, order and quotas of 4.9 million enterprises, with and without a random floor; tickets alone by DuckDB and by hashlib; the manifest; and the
stand-alone script of docs/. Each piece of work has a process of its own, so that its peak memory is its own; the table that it draws from is in it.
Ratios are of processor time to that of hashlib's tickets in the same run: the clock of a shared machine tells as much of its neighbours.
"""

from __future__ import annotations

import argparse
import json
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import redirect_stdout
from fractions import Fraction
from io import StringIO
from pathlib import Path

import numpy as np
import polars as pl

import regengine as rg
from regengine.bench import AS_OF, RULEBOOK, peak_megabytes, timed
from regengine.inspection.draw import Quota, draw, write_manifest
from regengine.inspection.draw.record import commit, read_draw, reveal, verify
from regengine.inspection.draw.tickets import by_duckdb, by_hashlib
from regengine.inspection.rules import rules_of

SHARES = {"A": Fraction(1, 100), "B": Fraction(1, 50), "C": Fraction(1, 10), "D": Fraction(3, 10)}
QUOTAS = {name: Quota(share) for name, share in SHARES.items()}
DRAW_ID, SEED = "zone-2026-q1", "2026-01-05 06 11 19 23 31 07"
SCRIPT = Path(__file__).resolve().parent.parent / "docs" / "verify_draw.py"
WORK = ("hashlib", "duckdb", "draw", "draw with floor", "manifest", "verify", "script", "script with floor")


def enterprises(size: int) -> pl.DataFrame:
    """Keys like credit codes in no order, seven in ten of them in class A; the same for the same size."""
    random = np.random.default_rng(7)
    number = pl.format("9141{}MA{}", pl.Series(random.permutation(size)).cast(pl.String).str.zfill(7), pl.lit("0000000000"))
    return pl.DataFrame({"stratum": random.choice(list(QUOTAS), size, p=[0.7, 0.2, 0.08, 0.02])}).with_columns(number.alias("enterprise"))


def prepared(work: str, size: int, folder: Path) -> Callable[[], object]:
    """A piece of work, ready to be timed."""
    if work.startswith("script"):
        again(work.replace("script", "record"), size, folder)
        return lambda: script(folder / "big.draw.jsonl")
    frame, prefix = enterprises(size), f"{DRAW_ID}|{SEED}|".encode()
    floor = Fraction(1, 200) if work.endswith("floor") else None
    if work in ("hashlib", "duckdb"):
        way = by_hashlib if work == "hashlib" else by_duckdb
        return lambda: way(frame["enterprise"], prefix)
    if work.startswith("draw"):
        return lambda: draw(frame, QUOTAS, draw_id=DRAW_ID, seed=SEED, random_floor=floor)
    if work == "manifest":
        return lambda: write_manifest(frame, folder / "x.manifest.txt")
    rules = rules_of(rg.load(RULEBOOK).at(AS_OF).program)
    options = {"draw_id": DRAW_ID, "random_floor": floor, "rules": rules, "law_at": AS_OF, "as_of": AS_OF, "seed_from": "a lottery"}
    (made,) = reveal([commit(folder, "big", frame, QUOTAS, **options)], SEED)
    return lambda: verify(read_draw(made.record)) if work == "verify" else None


def script(record: Path) -> None:
    """The stand-alone script in this process."""
    sys.argv = [str(SCRIPT), str(record)]
    try:
        with redirect_stdout(StringIO()):
            runpy.run_path(str(SCRIPT), run_name="__main__")
    except SystemExit as ended:
        if ended.code:
            raise


def again(work: str, size: int, folder: Path) -> dict[str, float]:
    """A piece of work in a process of its own, with its files in a folder."""
    call = [sys.executable, __file__, "--work", work, "--size", str(size), "--folder", str(folder)]
    found: dict[str, float] = json.loads(subprocess.run(call, check=True, capture_output=True, text=True).stdout)
    return found


def measured(work: str, size: int, folder: Path) -> dict[str, float]:
    """The seconds of a piece of work, and the most memory that its process held, in GB."""
    spent = timed(prepared(work, size, folder))
    return {"processor": spent.processor, "clock": spent.clock, "memory": (peak_megabytes() or 0) / 1000}


def main() -> int:
    options = argparse.ArgumentParser(description="What a draw costs.")
    options.add_argument("--size", type=int, default=4_900_000)
    options.add_argument("--json", action="store_true")
    options.add_argument("--work", help="one piece of work, in this process")
    options.add_argument("--folder", type=Path, help="where its files go")
    chosen = options.parse_args()
    if chosen.work:
        print(json.dumps(measured(chosen.work, chosen.size, chosen.folder)))
        return 0
    found: dict[str, dict[str, float]] = {}
    for work in WORK:
        with tempfile.TemporaryDirectory() as folder:
            found[work] = again(work, chosen.size, Path(folder))
    if chosen.json:
        print(json.dumps(found, indent=2))
        return 0
    print(f"{chosen.size:,} enterprises{'':4} {'processor s':>12} {'clock s':>8} {'to hashlib':>11} {'peak GB':>8}")
    for work, one in found.items():
        print(f"{work:25} {one['processor']:>12.2f} {one['clock']:>8.2f} {one['processor'] / found['hashlib']['processor']:>11.2f} {one['memory']:>8.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
