"""`regengine run`: run a scenario file and show its report."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..problems import Problem, ProblemError
from ..report.drawn import Drawn
from ..run_record import RECORD, FileHash, Synthesised
from ..words import pick
from .common import console, format_option, lang_option, show

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table as RichTable

    from ..scenario import Run, Scenario

__all__ = ["command"]

FIRST = 10  # rows of a table that are shown where the whole of it is a file of its own
AUDIENCES = {"internal": ("internal", "内部使用"), "public": ("public", "可以公开")}


@click.command("run")
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the outputs.  [default: out/<scenario>]")
@click.option("--data", type=click.Path(path_type=Path), help="The table, or the folder that holds the tables.")
@click.option("--size", type=click.IntRange(min=1), help="How many enterprises, where the scenario makes them.  [default: what the scenario says]")
@click.option("--seed", type=click.IntRange(min=0), help="The seed of what is made; the same gives the same.  [default: what the scenario says]")
@click.option("--skip-without-data", is_flag=True, help="Say so and end well where the data is not there.")
@lang_option
@format_option
def command(scenario: Path, out: Path | None, data: Path | None, size: int | None, seed: int | None, skip_without_data: bool, lang: str, form: str) -> None:
    """Run a scenario file: grade its table, write the outputs with a run record, and show the report.

    The folder of the outputs is replaced where an earlier run wrote it, and appears whole or not at all.
    """
    from ..scenario import read_scenario, run_scenario

    read = read_scenario(scenario)
    try:
        with at_work():
            run = run_scenario(read, out or Path("out") / read.id, data=data, size=size, seed=seed)
    except ProblemError as error:
        if not skip_without_data or any(problem.code != "data-missing" for problem in error.problems):
            raise
        skip(read, error.problems[0], lang, form)
        return
    show(form, lambda: {**run.report, "folder": str(run.folder), "record": run.record_sha256}, lambda: list(shown(run, lang)))


def at_work() -> AbstractContextManager[object]:
    """A sign on a terminal that work goes on; silent elsewhere."""
    screen = console(stderr=True)
    return screen.status("running …") if screen.is_terminal else nullcontext()


def skip(scenario: Scenario, problem: Problem, lang: str, form: str) -> None:
    """Say on standard output that nothing was run, and why."""
    if form == "json":
        show(form, lambda: {"scenario": scenario.id, "skipped": problem.as_dict()}, lambda: ())
        return
    click.echo(pick(("{} skipped: {} [{}]", "已跳过 {}：{} [{}]"), lang).format(scenario.id, problem.message, problem.code))
    if problem.hint:
        click.echo(f"  hint: {problem.hint}")


def shown(run: Run, lang: str) -> Iterator[RenderableType]:
    """The parts of the report, from head to foot."""
    from rich.text import Text

    document = run.scenario.document
    yield Text(f"{document.title.say(lang)}  ({run.scenario.id})\n", style="bold")
    yield head(run, lang)
    for table in run.tables:
        yield Text(f"\n{table.title.say(lang)}\n", style="bold")
        file, more = f"{table.name}.csv", len(table.rows) - FIRST
        cut = more > 0 and any(output.name == file for output in run.record.outputs)
        yield Drawn(replace(table, rows=table.rows[:FIRST]) if cut else table, run.program.law.document.grades.order, lang)
        if cut:
            yield Text(pick(("and {:,} more in {}", "其余 {:,} 行见 {}"), lang).format(more, run.folder / file), style="dim", no_wrap=True, overflow="ignore")
        for note in table.notes:
            yield Text(f"\n{note.say(lang)}", style="dim")
    if document.notes:
        yield Text(f"\n{pick(('Notes', '说明'), lang)}\n", style="bold")
        yield pairs([("-", note.say(lang)) for note in document.notes])
    yield Text()
    yield foot(run, lang)


def pairs(rows: list[tuple[str, str]]) -> RichTable:
    """Names and what they stand for, in two columns."""
    from rich.table import Table as RichTable
    from rich.text import Text

    grid = RichTable.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="bold")
    grid.add_column(overflow="fold")
    for name, what in rows:
        grid.add_row(Text(name), Text(what))
    return grid


def head(run: Run, lang: str) -> RichTable:
    """What was run: the rulebook, the days, the data and the rows."""
    law, record = run.program.law, run.record
    document, balance = law.document, law.balance
    known = run.scenario.document.known_at
    days = pick(("law of {}, facts of {}", "规则适用日 {}，事实截至 {}"), lang).format(record.law_at, record.as_of)
    days += pick((", as known on {}", "（截至{}所知）"), lang).format(known) if known else ""
    values = pick(("{} values published, {} derived, {} illustrative", "有据可查 {} 项，推导 {} 项，示例 {} 项"), lang)
    rows = pick(("{:,} in = {:,} graded + {:,} rejected", "读入 {:,} 行 = 评级 {:,} 行 + 剔除 {:,} 行"), lang)
    told = [
        (pick(("Rulebook", "规则"), lang), f"{document.title.say(lang)} ({law.id} {document.edition}, {law.digest[:12]}…)"),
        (pick(("Days", "日期"), lang), days),
        (pick(("Basis", "取值依据"), lang), values.format(balance["published"], balance["derived"], balance["illustrative"])),
        *zip((pick(("Data", "数据"), lang), *[""] * len(record.inputs)), (input_words(used, lang) for used in record.inputs), strict=False),
    ]
    if source := run.scenario.document.source:
        told += [("", pick((", ", "，"), lang).join((source.publisher.say(lang), source.where))), ("", source.terms.say(lang))]
    told.append((pick(("Rows", "行数"), lang), rows.format(record.rows.came_in, record.rows.graded, record.rows.rejected)))
    told.append((pick(("Use", "用途"), lang), pick(AUDIENCES[document.audience], lang)))
    if document.notice:
        told.append(("", document.notice.say(lang)))
    return pairs(told)


def input_words(used: FileHash | Synthesised, lang: str) -> str:
    """A table that was read, or a population that was made, with the beginning of its SHA-256."""
    if isinstance(used, FileHash):
        what = f"{used.name} ({used.bytes:,} {pick(('bytes', '字节'), lang)})"
    else:
        what = pick(("{:,} made-up enterprises of `{}`, seed {}", "`{1}`虚构企业{0:,}户，种子{2}"), lang).format(used.size, used.synth, used.seed)
    return f"{what}, SHA-256 {used.sha256[:12]}…"


def foot(run: Run, lang: str) -> RichTable:
    """Where the outputs are, and the SHA-256 by which the record can be told from any other."""
    names = ", ".join([*(output.name for output in run.record.outputs), RECORD])
    return pairs([(pick(("Written", "输出"), lang), f"{run.folder}: {names}"), (pick(("Record", "运行记录"), lang), f"SHA-256 {run.record_sha256}")])
