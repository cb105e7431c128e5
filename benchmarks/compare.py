"""regengine beside its peers, in one run, on the same facts and rules: `python benchmarks/compare.py [--out FILE.json]`.

Each peer works in a process of its own that times itself (`worker.py`), and the processes take turns, so that what disturbs the
machine disturbs all alike; of several rounds the best counts. Before any timing all must give the same score and grade to the same
enterprises. What is timed starts with the facts in the peer's own form (dictionaries, arrays, frames) and ends with a score and a grade
for each enterprise; regengine checks every fact in that time. Then the engines of regengine alone, at four sizes, each in a fresh
process; single decisions; start-up. Results are printed as the tables of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import Any

from population import population

import regengine as rg
from regengine.bench import AS_OF, ENGINES, RULEBOOK, Latency, enterprises, latency, machine, start_up, throughput

HERE = Path(__file__).resolve().parent
PEERS = HERE.parent / ".venv-peers" / "bin" / "python"
MANY, FEW, CHECKED = 1_000_000, 5_000, 2_000  # enterprises for what works by columns, for what works by rows, and those that are compared
SIZES = (10_000, 100_000, 1_000_000, 4_900_000)
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer and a way of using it; `here` where the project's own environment has it, `one` where a call is one enterprise."""

    name: str
    module: str
    way: str
    rows: int
    here: bool = False
    one: bool = False


@dataclass(frozen=True, slots=True)
class Took:
    """Microseconds for one enterprise: of the processor, on the clock over all, and on the clock for the one in the middle."""

    processor: float
    clock: float
    median: float


OURS, WHOLE = "regengine", "regengine, all columns with reasons, Parquet to Parquet"
SINGLE = "regengine, one at a time, with reasons"
COMPARED = (
    Peer(OURS, "ours", "grades", MANY, here=True),
    Peer(WHOLE, "ours", "everything", MANY, here=True),
    Peer("regengine, the same without reasons", "ours", "without reasons", MANY, here=True),
    Peer("Polars by hand, all columns with reasons, Parquet to Parquet", "with_polars", "everything", MANY, here=True),
    Peer("Polars by hand", "with_polars", "grades", MANY, here=True),
    Peer("NumPy by hand", "with_numpy", "batch", MANY, here=True),
    Peer("OpenFisca-Core, words encoded before", "openfisca", "encoded", MANY),
    Peer("OpenFisca-Core", "openfisca", "from words", MANY),
    Peer("ZEN, expression node, batch", "zen", "expressions", FEW),
    Peer("ZEN, decision tables, batch", "zen", "tables", FEW),
    Peer("pandas apply", "with_pandas", "batch", FEW, here=True),
    Peer("durable-rules", "durable", "batch", FEW),
    Peer("rule-engine, rules", "rules", "rules", FEW),
    Peer("rule-engine, chains", "rules", "chains", FEW),
    Peer(SINGLE, "ours", "one", FEW, here=True, one=True),
    Peer("regengine, one at a time", "ours", "one without reasons", FEW, here=True, one=True),
    Peer("ZEN, one at a time, with its trace", "zen", "one with its trace", FEW, one=True),
    Peer("ZEN, one at a time", "zen", "one", FEW, one=True),
)
FILES = ("everything", "without reasons")


@contextmanager
def at_work(peer: Peer, facts: Path, rows: int) -> Iterator[subprocess.Popen[str]]:
    """The process of a peer, ready."""
    python = sys.executable if peer.here else str(PEERS)
    command = [python, str(HERE / "worker.py"), peer.module, peer.way, str(facts), str(rows)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        answer(process)
        yield process
        assert process.stdin is not None
        process.stdin.close()


def answer(process: subprocess.Popen[str], ask: str | None = None) -> Any:
    assert process.stdin is not None and process.stdout is not None
    if ask is not None:
        print(ask, file=process.stdin, flush=True)
    line = process.stdout.readline()
    if not line:
        raise SystemExit(f"a peer ended before it answered: {process.args}")
    return json.loads(line)


def check(peers: list[Peer], facts: Path) -> int:
    """All give the same scores and grades to the first enterprises, or this is the end; how many were compared."""
    first: list[Any] | None = None
    for peer in peers:
        if peer.way in FILES:
            continue
        with at_work(peer, facts, CHECKED) as process:
            found = answer(process, "grades")
        first = first or found
        if found != first:
            wrong = next(number for number, (one, other) in enumerate(zip(first, found, strict=True)) if one != other)
            raise SystemExit(f"{peer.name} gives {found[wrong]} to enterprise {wrong}, regengine {first[wrong]}")
    assert first is not None and {grade for _, grade in first} == set("ABCD")
    return len(first)


def compare(peers: list[Peer], facts: Path) -> dict[str, Took]:
    """The best time of each peer for one enterprise over rounds in which they take turns."""
    found: dict[str, Took] = {}
    with ExitStack() as stack:
        processes = {peer: stack.enter_context(at_work(peer, facts, peer.rows)) for peer in peers}
        for number in range(ROUNDS + 1):
            for peer, process in processes.items():
                processor, clock, median = answer(process, "time")
                took = Took(*(round(seconds * 1e6, 4) for seconds in (processor / peer.rows, clock / peer.rows, median or clock / peer.rows)))
                before = found.get(peer.name, took)
                if number:  # the first round warms up
                    found[peer.name] = Took(*map(min, astuple(took), astuple(before)))
    return found


def engines(sizes: tuple[int, ...], names: list[str]) -> Iterator[dict[str, Any]]:
    """Every engine at every size; Spark up to a million and once each, and those that take single enterprises at one size."""
    for size in sizes:
        path = population(size)
        for name in names:
            if size <= {"single": sizes[0], "durable": sizes[0], "spark": MANY}.get(name, size):
                yield throughput(name, path, size, 1 if name == "spark" or size > MANY else 3).as_data()


def table(heads: list[str], rows: list[list[str]]) -> str:
    """A Markdown table, numbers to the right."""
    lines = [heads, ["---", *("---:" for _ in heads[1:])], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def peers_table(found: dict[str, Took]) -> str:
    """Whole tables: the processor's time of a peer to that of regengine, for the same work and for all its columns."""
    rows = [
        [
            peer.name,
            short(took.processor),
            short(took.clock),
            *("" if peer.module == "ours" else ratio(took.processor / found[name].processor) for name in (OURS, WHOLE)),
        ]
        for peer, took in ((peer, found[peer.name]) for peer in COMPARED if peer.name in found and not peer.one)
    ]
    return table(["one enterprise of many", "µs of processor", "µs on the clock", "to regengine", "to regengine with all columns"], rows)


def singles_table(found: dict[str, Took]) -> str:
    """One enterprise at a time: the median on the clock of a peer to that of regengine."""
    rows = [
        [peer.name, short(took.processor), short(took.median), "" if peer.module == "ours" else ratio(took.median / found[SINGLE].median)]
        for peer, took in ((peer, found[peer.name]) for peer in COMPARED if peer.name in found and peer.one)
    ]
    return table(["one enterprise at a time", "µs of processor", "µs on the clock, median", "to regengine with reasons"], rows)


def short(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def ratio(number: float) -> str:
    return f"{number:,.0f}×" if number >= 10 else f"{number:.2f}×"


def engines_table(rows: list[dict[str, Any]]) -> str:
    lines = [
        [f"{one['engine']}", f"{one['rows']:,}", f"{one['rows_per_second']:,}", f"{one['rows_per_core_second']:,}", f"{one['memory_mb']:,.0f}"] for one in rows
    ]
    return table(["engine", "enterprises", "per second", "per core-second", "memory, MB"], lines)


def decisions_table(rows: list[Latency]) -> str:
    lines = [[str(one.threads), "with" if one.reasons else "without", f"{one.p50:.1f}", f"{one.p99:.1f}", f"{one.per_second:,}"] for one in rows]
    return table(["threads", "reasons", "p50, µs", "p99, µs", "decisions per second"], lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="file for the result as JSON")
    parser.add_argument("--sizes", type=lambda text: tuple(map(int, text.split(","))), default=SIZES, help="sizes for the engines of regengine")
    parser.add_argument("--engines", type=lambda text: text.split(","), default=list(ENGINES), help="engines of regengine")
    given = parser.parse_args()
    peers = [peer for peer in COMPARED if peer.here or PEERS.exists()]
    facts = population(MANY)
    checked = check(peers, facts)
    found = compare(peers, facts)
    print(f"the same score and grade for {checked:,} enterprises by all\n\n{peers_table(found)}\n\n{singles_table(found)}\n", flush=True)
    if not PEERS.exists():
        print("left out, as they are not installed (`make bench` does): " + ", ".join(peer.name for peer in COMPARED if not peer.here) + "\n")
    graded = list(engines(given.sizes, given.engines))
    print(f"{engines_table(graded)}\n", flush=True)
    book = rg.load(RULEBOOK).at(AS_OF)
    decided = [latency(book, enterprises(facts, FEW), threads=threads, reasons=reasons) for threads in (1, 8) for reasons in (False, True)]
    print(f"{decisions_table(decided)}\n")
    started, here = start_up(), machine()
    print(f"start-up, ms: {started}\nmachine: {here}")
    if given.out is not None:
        result = {
            "machine": here, "checked": checked, "microseconds": {name: asdict(took) for name, took in found.items()},
            "engines": graded, "decisions": [asdict(one) for one in decided], "start_up": started,
        }  # fmt: skip
        given.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
