"""`regengine bench`: how fast this machine grades, engine by engine, and one enterprise at a time."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..problems import ProblemError
from .common import console, format_option, lang_option, show

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..bench import Latency, Throughput

__all__ = ["command"]

DECIDED = 2_000  # enterprises that each thread decides about
THREADS = (1, 8)


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured, and on what. `left_out` are the engines that cannot run here, each with why."""

    size: int
    engines: list[Throughput]
    left_out: dict[str, str]
    decisions: list[Latency]
    start_up: dict[str, float]
    machine: dict[str, Any]


def names(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[str, ...]:
    """Engines separated by commas."""
    from ..bench import ENGINES

    made = tuple(dict.fromkeys(name.strip() for name in (value or "").split(",") if name.strip()))
    if unknown := [name for name in made if name not in ENGINES]:
        raise click.BadParameter(f"`{unknown[0]}` is not an engine; known: {', '.join(ENGINES)}", ctx, param)
    return made


@click.command("bench")
@click.option("--size", type=click.IntRange(min=1), default=100_000, show_default=True, help="How many enterprises.")
@click.option("--engine", "engines", metavar="NAME,NAME", callback=names, help="polars, pandas, duckdb, spark, single, durable.  [default: all here]")
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True, help="Rounds of which the best counts.")
@lang_option
@format_option
def command(size: int, engines: tuple[str, ...], rounds: int, lang: str, form: str) -> None:
    """Measure how fast this machine grades synthetic enterprises of the national zones under cn/henan-2022.

    Each engine grades the same facts from Parquet to Parquet, all decided columns with their reasons, in a process of its own; `single`
    and `durable` decide about up to 20,000 and 500 of them one after the other. Then come single decisions from 1 and 8 threads, and the start of a program.

    \b
      regengine bench --size 1000000 --engine polars,duckdb
    """
    if sys.stderr.isatty():
        with console(stderr=True).status("measuring …"):
            result = measure(size, engines, rounds)
    else:
        result = measure(size, engines, rounds)
    show(form, lambda: as_data(result), lambda: as_tables(result, lang))


def measure(size: int, named: tuple[str, ...], rounds: int) -> Result:
    """Measure the engines that are named, or all that can run here."""
    from .. import bench
    from ..book import load

    book = load(bench.RULEBOOK).at(bench.AS_OF)
    able, left_out = list(named or bench.ENGINES), {}
    for name in [*able]:
        try:
            bench.require(name)
        except ProblemError as error:
            if named:
                raise
            able.remove(name)
            left_out[name] = error.problems[0].message
    with tempfile.TemporaryDirectory() as folder:
        facts = Path(folder) / "facts.parquet"
        bench.netdz_facts(facts, size)
        graded = [bench.throughput(name, facts, size, rounds) for name in able]
        rows = bench.enterprises(facts, DECIDED)
    decided = [bench.latency(book, rows, threads=threads, reasons=reasons) for threads in THREADS for reasons in (False, True)]
    return Result(size, graded, left_out, decided, bench.start_up(), bench.machine())


def as_data(result: Result) -> dict[str, Any]:
    """The result for machines, the same in every language."""
    from ..bench import AS_OF, RULEBOOK

    return {
        "rulebook": RULEBOOK, "as_of": str(AS_OF), "size": result.size, "engines": [one.as_data() for one in result.engines], "left_out": result.left_out,
        "decisions": [asdict(one) for one in result.decisions], "start_up": result.start_up, "machine": result.machine,
    }  # fmt: skip


def as_tables(result: Result, lang: str) -> list[RenderableType]:
    """The result for people."""
    from rich.text import Text

    from ..report.tables import add, plain_table

    def say(en: str, zh: str) -> str:
        return zh if lang == "zh" else en

    whole = plain_table(
        say("engine", "引擎"), say("enterprises", "企业数"), say("seconds", "用时（秒）"), say("per second", "每秒户数"),
        say("per core-second", "每核秒户数"), say("memory, MB", "内存（MB）"),
    )  # fmt: skip
    for one in result.engines:
        told = one.as_data()
        memory = "-" if one.memory is None else f"{one.memory:,.0f}"
        add(whole, one.engine, f"{one.rows:,}", f"{one.spent.clock:.2f}", f"{told['rows_per_second']:,}", f"{told['rows_per_core_second']:,}", memory)
    single = plain_table(
        say("one at a time, threads", "逐户判定，线程"), say("reasons", "理由"), say("p50, µs", "p50（微秒）"), say("p99, µs", "p99（微秒）"),
        say("decisions per second", "每秒判定数"),
    )  # fmt: skip
    for part in result.decisions:
        add(
            single,
            str(part.threads),
            say(*(("with", "含") if part.reasons else ("without", "不含"))),
            f"{part.p50:.1f}",
            f"{part.p99:.1f}",
            f"{part.per_second:,}",
        )
    for made in (whole, single):
        for column in made.columns[1:]:
            column.justify = "right"
    imports, first = result.start_up["import_ms"], result.start_up["first_decision_ms"]
    here = result.machine
    lines = [
        *result.left_out.values(),
        say(f"start-up: import in {imports:.0f} ms, first decision after {first:.0f} ms", f"启动：导入{imports:.0f}毫秒，{first:.0f}毫秒后作出首个判定"),
        say(", ", "，").join([say(f"{here['cores']} cores", f"{here['cores']}核"), here["processor"], f"{here['memory_gb']} GB", here["system"]]),
        ", ".join(f"{name} {number}" for name, number in here["versions"].items()),
    ]
    return [whole, Text(""), single, Text(""), *(Text(line) for line in lines)]
