"""Measuring: each engine on a synthetic population, single decisions, and the start of a program; for `regengine bench` and `benchmarks/`.

Guarantees: each engine runs in a process of its own and reads and writes Parquet, all decided columns with their reasons, rejects beside;
memory is the most that this process and those it started held; of several rounds the best counts. Times are given twice: on the clock,
and of the processor (all threads), which on a shared machine tells of the work alone. Does not guarantee that times can be
compared between machines: ratios of one run can.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from .problems import ProblemError, nearest, one_problem

if TYPE_CHECKING:
    from .book import Book

__all__ = [
    "AS_OF", "ENGINES", "RULEBOOK", "Latency", "Spent", "Throughput", "alternate", "enterprises", "latency", "machine", "netdz_facts",
    "require", "start_up", "throughput",
]  # fmt: skip

RULEBOOK = "cn/henan-2022"
AS_OF = dt.date(2026, 11, 1)
MOST = {"single": 20_000, "durable": 500}  # enterprises that are decided one by one, whatever the size of the population
PACKAGES = {"pandas": "pyarrow", "duckdb": "duckdb", "spark": "pyspark", "durable": "durable"}
START_UP = f"""
from time import perf_counter as now
start = now()
import regengine as rg
imported = now()
rg.load("{RULEBOOK}").at("{AS_OF}").decide({{"serious_dishonesty": False}}).reasons
print(imported - start, now() - start)
"""


@dataclass(frozen=True, slots=True, order=True)
class Spent:
    """Seconds of the processor, of all threads, and on the clock."""

    processor: float
    clock: float


@dataclass(frozen=True, slots=True)
class Throughput:
    """An engine that graded `rows` enterprises; `memory` is its peak in MB, where the system tells."""

    engine: str
    rows: int
    spent: Spent
    memory: float | None

    def as_data(self) -> dict[str, Any]:
        """For machines, with the rates."""
        rates = {"rows_per_second": round(self.rows / self.spent.clock), "rows_per_core_second": round(self.rows / self.spent.processor)}
        return {"engine": self.engine, "rows": self.rows, **asdict(self.spent), **rates, "memory_mb": self.memory}


@dataclass(frozen=True, slots=True)
class Latency:
    """Microseconds of one decision on the clock, of `threads` at a time: the median, and what 99 in 100 are under."""

    threads: int
    reasons: bool
    p50: float
    p99: float
    per_second: int


def netdz_facts(path: Path, size: int, seed: int = 7) -> None:
    """Write the facts of `size` synthetic enterprises under `RULEBOOK`, worked out from their registers, to a Parquet file."""
    import polars as pl

    from .book import load
    from .population import REGISTERS, write_netdz

    book = load(RULEBOOK).at(AS_OF)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_netdz(folder, size, seed)
        tables = {register: pl.scan_parquet(folder / register / "*.parquet") for register in REGISTERS}
        facts = book.work_out(pl.scan_parquet(folder / "enterprises" / "*.parquet"), tables).facts
        facts.select("enterprise", *book.facts).sink_parquet(path)


def enterprises(path: Path, count: int) -> list[dict[str, Any]]:
    """The first enterprises of a table, each with the facts that are known of it, as a service would be asked about them."""
    import polars as pl

    return [{name: value for name, value in row.items() if value is not None} for row in pl.read_parquet(path, n_rows=count).to_dicts()]


def alternate(work: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Spent]:
    """The best of each piece of work over rounds in which they alternate, after one that warms up."""
    found: dict[str, Spent] = {}
    for number in range(rounds + 1):
        for name, do in work.items():
            spent = timed(do)
            if number:
                found[name] = min(spent, found.get(name, spent))
    return found


def timed(do: Callable[[], object]) -> Spent:
    """What one piece of work takes in this process and in those that it started."""
    processor, clock = processor_seconds(), time.perf_counter()
    do()
    return Spent(processor_seconds() - processor, time.perf_counter() - clock)


def processor_seconds() -> float:
    """Seconds of the processor that this process and those that it started (Spark's) have had."""
    return time.process_time() + sum(ticks(place / "stat") for place in started(Path("/proc/self"))) / os.sysconf("SC_CLK_TCK")


def ticks(stat: Path) -> int:
    return sum(map(int, stat.read_text("utf-8").rpartition(")")[2].split()[11:13]))


def started(process: Path) -> list[Path]:
    """The processes that a process started and that live, and those that they started; none where the system does not tell."""
    found: list[Path] = []
    for children in process.glob("task/*/children"):
        for number in children.read_text("utf-8").split():
            found += [Path("/proc") / number, *started(Path("/proc") / number)]
    return found


def peak_megabytes() -> float | None:
    """The most memory that this process and those that it started held; None where the system does not tell.

    `getrusage` does not do: its figure starts with that of the process that started this one.
    """
    peaks = [line.split()[1] for place in (Path("/proc/self"), *started(Path("/proc/self"))) if (place / "status").exists()
             for line in (place / "status").read_text("utf-8").splitlines() if line.startswith("VmHWM")]  # fmt: skip
    return round(sum(map(int, peaks)) / 1024, 1) if peaks else None


# ── Engines: each takes a book, the file to read and the file to write ──────────────────────────────────────────────────


def with_polars(book: Book, path: Path, out: Path) -> int:
    import polars as pl

    from .intake.files import write_outputs

    split = book.split_frame(pl.scan_parquet(path), keep="key")
    return sum(write_outputs({out: split.graded, beside(out): split.rejects}).values())


def with_pandas(book: Book, path: Path, out: Path) -> int:
    import pandas as pd

    table = pd.read_parquet(path, dtype_backend="numpy_nullable")  # truth values that may be missing would be objects otherwise
    days = {name: pd.to_datetime(table[name]) for name, spec in book.facts.items() if spec.type == "date"}  # as days are
    split = book.split_frame(table.assign(**days), keep="key")
    split.graded.to_parquet(out)
    split.rejects.to_parquet(beside(out))
    return len(split.graded) + len(split.rejects)


def with_duckdb(book: Book, path: Path, out: Path) -> int:
    import duckdb

    split = book.split_frame(duckdb.read_parquet(str(path)), keep="key")
    split.graded.write_parquet(str(out))
    split.rejects.write_parquet(str(beside(out)))
    return sum(duckdb.read_parquet(str(file)).shape[0] for file in (out, beside(out)))


def with_spark(book: Book, path: Path, out: Path) -> int:
    from .cluster import grade_folder

    made = grade_folder(book, str(path), str(out), str(beside(out)), master="local[*]", as_of=book.dates(None)[1], key="enterprise")
    return made.graded + made.rejected


def with_single(book: Book, path: Path, out: Path, engine: Literal["single", "durable"] = "single") -> int:
    rows = enterprises(path, MOST[engine])
    with out.open("w", encoding="utf-8") as file:
        for row in rows:
            decision = book.decide(row, engine=engine)
            print(decision.grade, *(reason.rule for reason in decision.reasons), file=file)
    return len(rows)


def with_durable(book: Book, path: Path, out: Path) -> int:
    return with_single(book, path, out, "durable")


ENGINES: Mapping[str, Callable[[Book, Path, Path], int]] = MappingProxyType(
    {"polars": with_polars, "pandas": with_pandas, "duckdb": with_duckdb, "spark": with_spark, "single": with_single, "durable": with_durable}
)


def beside(out: Path) -> Path:
    return out.with_name(f"rejects.{out.name}")


def throughput(engine: str, path: Path, rows: int, rounds: int = 3) -> Throughput:
    """Grade a table of `rows` enterprises in a process of its own.

    Raises `ProblemError`: as `require`, what grading raised, and `option-wrong` where the process ended before it was through.
    """
    require(engine)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", __spec__.name, engine, str(path), str(Path(folder) / "graded.parquet"), str(rounds)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - this module, by its own name
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it was ended by the system"])[-1]
        raise one_problem("option-wrong", f"`{engine}` did not come through {rows:,} enterprises: {last}", hint="give a smaller `--size`")
    told = json.loads(done.stdout.splitlines()[-1])
    if "problem" in told:
        raise one_problem(told["problem"]["code"], told["problem"]["message"], hint=told["problem"].get("hint"))
    if told["rows"] != min(rows, MOST.get(engine, rows)):
        raise one_problem("output-failed", f"`{engine}` wrote {told['rows']:,} of {rows:,} enterprises")
    return Throughput(engine, told["rows"], Spent(told["processor"], told["clock"]), told["memory"])


def require(engine: str) -> None:
    """Raise `ProblemError` where an engine is not known (`option-wrong`) or a package of it is not installed (`extra-missing`)."""
    from importlib.util import find_spec

    if engine not in ENGINES:
        raise one_problem("option-wrong", f"`{engine}` is not an engine", hint=nearest(engine, ENGINES))
    package = PACKAGES.get(engine)
    if package is not None and find_spec(package) is None:
        hint = "pip install pyarrow" if engine == "pandas" else f"pip install 'regengine[{engine}]'"
        raise one_problem("extra-missing", f"`{package}` is not installed, which the engine `{engine}` needs", hint=hint)


def run_engine(engine: str, path: str, out: str, rounds: str) -> dict[str, Any]:
    """Grade a table several times; the best time, and the most memory. What a process of `throughput` does."""
    from .book import load

    book = load(RULEBOOK).at(AS_OF)
    rows: list[int] = []
    try:
        best = min(timed(lambda: rows.append(ENGINES[engine](book, Path(path), Path(out)))) for _ in range(int(rounds)))
    except ProblemError as error:
        return {"problem": error.problems[0].as_dict()}
    return {"rows": rows[0], **asdict(best), "memory": peak_megabytes()}


# ── One enterprise at a time ────────────────────────────────────────────────────────────────────────────────────────────


def latency(book: Book, rows: list[dict[str, Any]], *, threads: int, reasons: bool) -> Latency:
    """Decide about each of some enterprises in every thread."""

    def decide_all(_: int) -> list[int]:
        took: list[int] = []
        for row in rows:
            start = time.perf_counter_ns()
            decision = book.decide(row)
            if reasons:
                decision.reasons  # noqa: B018 - worked out when asked for
            took.append(time.perf_counter_ns() - start)
        return took

    decide_all(0)
    with ThreadPoolExecutor(threads) as pool:
        start = time.perf_counter()
        took = sorted(one for part in pool.map(decide_all, range(threads)) for one in part)
        whole = time.perf_counter() - start
    p50, p99 = (round(took[int(len(took) * share)] / 1000, 1) for share in (0.5, 0.99))
    return Latency(threads, reasons, p50, p99, round(len(took) / whole))


def start_up(rounds: int = 3) -> dict[str, float]:
    """Milliseconds on the clock of `import regengine`, and of that with a first decision, each in a fresh process."""
    found: list[tuple[float, ...]] = []
    for _ in range(rounds):
        done = subprocess.run([sys.executable, "-c", START_UP], capture_output=True, text=True, check=True)  # noqa: S603 - the text above
        found.append(tuple(round(float(part) * 1000, 1) for part in done.stdout.split()))
    imports, decisions = zip(*found, strict=True)
    return {"import_ms": min(imports), "first_decision_ms": min(decisions)}


def machine() -> dict[str, Any]:
    """What the figures come from: processor, cores that this process may use, memory, system and versions."""
    from .run_record import versions_here

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    told = Path("/proc/cpuinfo")
    names = [line.partition(":")[2].strip() for line in told.read_text("utf-8").splitlines() if line.startswith("model name")] if told.exists() else []
    memory = round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30)
    versions = {**versions_here(), **{name: version(name) for name in ("numpy", "pandas")}}
    return {"processor": names[0] if names else platform.machine(), "cores": cores, "memory_gb": memory, "system": platform.system(), "versions": versions}


if __name__ == "__main__":
    print(json.dumps(run_engine(*sys.argv[1:])))  # noqa: T201 - what `throughput` reads
