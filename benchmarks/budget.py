"""Measure the ratios of `budget.toml` in one run and fail past their limits: `python benchmarks/budget.py [--json]`.

Each ratio is taken from rounds in which the pieces of work alternate, by the least processor time of each (of all threads):
on a shared machine the time on the clock tells as much of the neighbours as of the work.
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

from peers import ours, with_numpy, with_polars
from population import population
from test_single import FACTS

import regengine as rg
from regengine.bench import AS_OF, RULEBOOK, alternate, throughput

HERE = Path(__file__).resolve().parent
ROUNDS = 7


def measure(budget: dict[str, Any]) -> dict[str, float]:
    """The ratios, and the seconds and microseconds that they come from."""
    book = rg.load(RULEBOOK).at(AS_OF)
    size, whole = budget["size"], budget["whole"]
    path, every = population(size), population(whole)
    ready = book.ready(book.law)
    facts = {**{name: value for name, value in book.decide(FACTS).facts.items() if value is not None}, "enterprise": "x"}
    arguments = (*ready.reader.read(facts, "enterprise").values, *ready.single.days_at(AS_OF).values())
    frame, numpy = ours.prepare(str(path), size), with_numpy.prepare(str(path), size)
    many = range(5_000)
    spent = alternate(
        {
            "frame": frame["everything"],
            "by_hand": with_polars.prepare(str(path), size)["everything"],
            "none": frame["without reasons"],
            "grades": frame["grades"],
            "numpy": numpy["batch"],
            "reasons": lambda: [book.decide(facts).reasons for _ in many],
            "decide": lambda: [book.decide(facts) for _ in many],
            "closure": lambda: [ready.single.run(*arguments) for _ in many],
        },
        ROUNDS,
    )
    took = {name: one.processor for name, one in spent.items()}
    growing = alternate({"some": frame["everything"], "whole": ours.prepare(str(every), whole)["everything"]}, 2)
    memory = throughput("polars", every, whole, 1).memory
    if memory is None:
        raise SystemExit("this system does not tell how much memory a process held")
    return {
        "frame_to_polars": took["frame"] / took["by_hand"],
        "reasons_to_none": took["frame"] / took["none"],
        "grades_to_numpy": took["grades"] / took["numpy"],
        "growth": growing["whole"].processor / whole / (growing["some"].processor / size),
        "decide_to_closure": took["reasons"] / took["closure"],
        "reasons_to_decide": took["reasons"] / took["decide"],
        "memory": memory / 1000,
        **{f"{name}_seconds": took[name] for name in ("frame", "by_hand", "grades", "numpy")},
        **{f"{name}_microseconds": took[name] / len(many) * 1e6 for name in ("reasons", "decide", "closure")},
    }


def main() -> int:
    budget = tomllib.loads((HERE / "budget.toml").read_text("utf-8"))
    found = measure(budget)
    held = {**budget["ratio"], "memory": budget["memory"]}
    if "--json" in sys.argv:
        print(json.dumps(found, indent=2))
    else:
        print(f"{'':18} {'measured':>9} {'target':>7} {'limit':>7}")
        for name, one in held.items():
            print(f"{name:18} {found[name]:9.2f} {one['target']:7.2f} {one['limit']:7.2f}  {one['says']}")
        print(", ".join(f"{name.replace('_', ' ')} {value:.2f}" for name, value in found.items() if name.endswith("seconds")))
    past = [name for name, one in held.items() if found[name] > one["limit"]]
    if past:
        print("past the budget: " + ", ".join(past))
    return 1 if past else 0


if __name__ == "__main__":
    sys.exit(main())
