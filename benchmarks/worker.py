"""One peer in a process of its own: `python benchmarks/worker.py PEER WAY FACTS.parquet ROWS`.

It prepares (reads the facts into the peer's own form, compiles the rules), says so in a line, and then answers each line it is given:
`time` with the seconds of one run (of the processor, on the clock, and the median of one decision where they come one at a time),
`grades` with the scores and grades that came out.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from statistics import median

from peers.scheme import Graded


def run(work: Callable[[], Graded]) -> tuple[list[float | None], list[tuple[int, str]]]:
    """The seconds that one run takes, and what comes out."""
    each: list[float] = []
    processor, start = time.process_time(), time.perf_counter()
    found = work()
    if isinstance(found, Iterator):
        before, pairs = time.perf_counter(), []
        for pair in found:
            pairs.append(pair)
            now = time.perf_counter()
            each.append(now - before)
            before = now
        found = tuple(zip(*pairs, strict=True))
    spent = [time.process_time() - processor, time.perf_counter() - start, median(each) if each else None]
    return spent, [] if found is None else [(int(score), str(grade)) for score, grade in zip(*found, strict=True)]


def main() -> None:
    peer, way, path, rows = sys.argv[1:]
    work = import_module(f"peers.{peer}").prepare(path, int(rows))[way]
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        spent, graded = run(work)
        print(json.dumps(graded if line.strip() == "grades" else spent), flush=True)


if __name__ == "__main__":
    main()
