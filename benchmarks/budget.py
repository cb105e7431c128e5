"""Measure the ratios of `budget.toml` in one run and fail past their limits: `python benchmarks/budget.py [--json]`.

Each ratio is taken from rounds in which the pieces of work alternate, by the least processor time of each (of all threads):
on a shared machine the time on the clock tells as much of the neighbours as of the work.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import polars as pl
from by_hand import grade
from population import AS_OF, population
from test_single import FACTS

import regengine as rg

HERE = Path(__file__).resolve().parent
ROUNDS = 7
MEMORY = """
import resource, sys
from pathlib import Path
import polars as pl
import regengine as rg
from regengine.intake.files import write_outputs
book = rg.load("cn/henan-2022").at("{as_of}")
result = book.split_frame(pl.scan_parquet(sys.argv[1]), keep="key")
folder = Path(sys.argv[2])
rows = write_outputs({{folder / "graded.parquet": result.graded, folder / "rejects.parquet": result.rejects}})
assert sum(rows.values()) == {size}, rows
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6)
"""


def best(work: dict[str, Callable[[], object]]) -> dict[str, float]:
    """The least processor time of each piece of work, in seconds, over rounds in which they alternate."""
    times: dict[str, float] = {}
    for number in range(ROUNDS + 1):
        for name, do in work.items():
            start = time.process_time()
            do()
            took = time.process_time() - start
            if number:  # the first round warms up
                times[name] = min(took, times.get(name, took))
    return times


def measure(budget: dict[str, object], folder: Path) -> dict[str, float]:
    book = rg.load("cn/henan-2022").at(AS_OF)
    as_of = dt.date.fromisoformat(AS_OF)
    path, out = population(book, int(str(budget["size"]))), folder / "out.parquet"
    plain = ["enterprise", *(output.name for output in book.program.outputs if not output.name.startswith("reasons_"))]
    ready = book.ready(book.law)
    facts = {**{name: value for name, value in book.decide(FACTS).facts.items() if value is not None}, "enterprise": "x"}
    arguments = (*ready.reader.read(facts, "enterprise").values, *ready.single.days_at(as_of).values())
    many = range(5_000)
    times = best(
        {
            "frame": lambda: book.split_frame(pl.scan_parquet(path), keep="key").graded.sink_parquet(out),
            "by_hand": lambda: grade(pl.scan_parquet(path), as_of).sink_parquet(out),
            "none": lambda: book.split_frame(pl.scan_parquet(path), keep="key").graded.select(plain).sink_parquet(out),
            "decide": lambda: [book.decide(facts).reasons for _ in many],
            "closure": lambda: [ready.single.run(*arguments) for _ in many],
        }
    )
    return {
        "frame_to_by_hand": times["frame"] / times["by_hand"],
        "reasons_to_none": times["frame"] / times["none"],
        "decide_to_closure": times["decide"] / times["closure"],
        "frame_seconds": times["frame"],
        "by_hand_seconds": times["by_hand"],
        "decide_microseconds": times["decide"] / len(many) * 1e6,
        "closure_microseconds": times["closure"] / len(many) * 1e6,
    }


def memory(size: int, folder: Path) -> float:
    """Peak memory in GB of a process of its own that grades `size` enterprises."""
    path = population(rg.load("cn/henan-2022").at(AS_OF), size)
    code = MEMORY.format(as_of=AS_OF, size=size)
    done = subprocess.run([sys.executable, "-c", code, str(path), str(folder)], check=True, capture_output=True, text=True)
    return float(done.stdout)


def main() -> int:
    budget = tomllib.loads((HERE / "budget.toml").read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        found = measure(budget, Path(folder))
        found["memory"] = memory(budget["memory"]["size"], Path(folder))
    lines = [(name, entry["says"], found[name], entry["target"], entry["limit"]) for name, entry in budget["ratio"].items()]
    lines.append(("memory", budget["memory"]["says"], found["memory"], budget["memory"]["target_gb"], budget["memory"]["limit_gb"]))
    if "--json" in sys.argv:
        print(json.dumps(found, indent=2))
    else:
        print(f"{'':18} {'measured':>9} {'target':>7} {'limit':>7}")
        for name, says, value, target, limit in lines:
            print(f"{name:18} {value:9.2f} {target:7.2f} {limit:7.2f}  {says}")
        print(", ".join(f"{name.replace('_', ' ')} {value:.2f}" for name, value in found.items() if name.endswith("seconds")))
    past = [name for name, _, value, _, limit in lines if value > limit]
    if past:
        print("past the budget: " + ", ".join(past))
    return 1 if past else 0


if __name__ == "__main__":
    sys.exit(main())
