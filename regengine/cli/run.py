"""`regengine run`: run a scenario file and show its report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..problems import Problem, ProblemError
from ..report.table import GROUP
from ..report.tables import add, colour_of, pick, plain_table, value_words
from ..run_record import RECORD
from .common import console, format_option, lang_option, show

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from rich.table import Table as RichTable

    from ..report.table import Cell, Column, Table
    from ..scenario import Run, Scenario

__all__ = ["command"]

GAP = 2  # blanks between two columns
LEAST_TEXT = 12  # a column of text is not made narrower for the others
AUDIENCES = {"internal": ("internal", "内部使用"), "public": ("public", "可以公开")}


@click.command("run")
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the outputs.  [default: out/<scenario>]")
@click.option("--data", type=click.Path(path_type=Path), help="The table, or the folder that holds it.")
@click.option("--skip-without-data", is_flag=True, help="Say so and end well where the data is not there.")
@lang_option
@format_option
def command(scenario: Path, out: Path | None, data: Path | None, skip_without_data: bool, lang: str, form: str) -> None:
    """Run a scenario file: grade its table, write the outputs with a run record, and show the report.

    The folder of the outputs is replaced where an earlier run wrote it, and appears whole or not at all.
    """
    from ..scenario import read_scenario, run_scenario

    read = read_scenario(scenario)
    try:
        with at_work():
            run = run_scenario(read, out or Path("out") / read.id, data=data)
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
        yield Drawn(table, run.program.law.document.grades.order, lang)
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
    document, used, balance = law.document, record.inputs[0], law.balance
    data = f"{used.name} ({used.bytes:,} {pick(('bytes', '字节'), lang)}), SHA-256 {used.sha256[:12]}…"
    days = pick(("law of {}, facts of {}", "规则适用日 {}，事实截至 {}"), lang).format(record.law_at, record.as_of)
    values = pick(("{} published, {} derived, {} illustrative", "有据可查 {} 项，推导 {} 项，示例 {} 项"), lang)
    rows = pick(("{:,} in = {:,} graded + {:,} rejected", "读入 {:,} 行 = 评级 {:,} 行 + 剔除 {:,} 行"), lang)
    told = [
        (pick(("Rulebook", "规则"), lang), f"{document.title.say(lang)} ({law.id} {document.edition}, {law.digest[:12]}…)"),
        (pick(("Days", "日期"), lang), days),
        (pick(("Values", "取值依据"), lang), values.format(balance["published"], balance["derived"], balance["illustrative"])),
        (pick(("Data", "数据"), lang), data),
    ]
    if source := run.scenario.document.source:
        told += [("", pick((", ", "，"), lang).join((source.publisher.say(lang), source.where))), ("", source.terms.say(lang))]
    told.append((pick(("Rows", "行数"), lang), rows.format(record.rows.came_in, record.rows.graded, record.rows.rejected)))
    told.append((pick(("Use", "用途"), lang), pick(AUDIENCES[document.audience], lang)))
    if document.notice:
        told.append(("", document.notice.say(lang)))
    return pairs(told)


def foot(run: Run, lang: str) -> RichTable:
    """Where the outputs are, and the SHA-256 by which the record can be told from any other."""
    names = ", ".join([*(output.name for output in run.record.outputs), RECORD])
    return pairs([(pick(("Written", "输出"), lang), f"{run.folder}: {names}"), (pick(("Record", "运行记录"), lang), f"SHA-256 {run.record_sha256}")])


@dataclass(frozen=True, slots=True)
class Drawn:
    """A table of the report for a terminal. Groups of rows stand under a line with their name; grades have their colour.

    Where it is narrow, headings are broken between words and texts wherever they must; names and numbers are whole as long as
    the terminal has room for them, and nothing is ever cut off.
    """

    table: Table
    grades: Sequence[str]
    lang: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.text import Text

        grouped = self.table.columns[0].name == GROUP
        columns = self.table.columns[grouped:]
        heads = [column.label.say(self.lang) for column in columns]
        rows = [[written(cell, column, self.lang) for cell, column in zip(row[grouped:], columns, strict=True)] for row in self.table.rows]
        made = plain_table(*heads)
        made.padding = (0, GAP - 1, 0, 0)  # the box has a blank of its own
        groups = [written(row[0], self.table.columns[0], self.lang) for row in self.table.rows if grouped]
        for column, width, drawn in zip(columns, widths(columns, heads, rows, groups, options.max_width), made.columns, strict=True):
            drawn.width = width
            drawn.justify = "left" if column.kind in ("name", "text") else "right"
        before: Cell = None
        for row, cells in zip(self.table.rows, rows, strict=True):
            if grouped and row[0] != before:
                before = row[0]
                if made.rows:
                    made.add_row()
                add(made, Text(written(before, self.table.columns[0], self.lang), style="bold"))
            add(made, *(Text(cell, style=f"bold {colour_of(cell, self.grades)}" if cell in self.grades else "") for cell in cells))
        yield made


def widths(columns: Sequence[Column], heads: Sequence[str], rows: Sequence[Sequence[str]], groups: Sequence[str], room: int) -> list[int | None]:
    """How wide each column is drawn; None leaves it to the terminal, where all fits as it is or nothing would help."""
    from rich.cells import cell_len

    whole = [max(map(cell_len, (head, *cells))) for head, *cells in zip(heads, *rows, strict=True)]
    least = [max(map(cell_len, (*head.split(), *cells))) for head, *cells in zip(heads, *rows, strict=True)]
    whole[0] = max([whole[0], *map(cell_len, groups)])
    least[0] = max([least[0], *(cell_len(word) for group in groups for word in group.split())])
    room -= (len(columns) - 1) * GAP
    texts = [number for number, column in enumerate(columns) if column.kind == "text"]
    left = room - sum(least[number] for number in range(len(columns)) if number not in texts)
    if sum(whole) <= room or left < LEAST_TEXT * len(texts):
        return [None] * len(columns)
    return [max(LEAST_TEXT, min(whole[number], left // len(texts))) if number in texts else least[number] for number in range(len(columns))]


def written(cell: Cell, column: Column, lang: str) -> str:
    """A cell as text, by the kind of its column."""
    if cell is None:
        return "" if column.kind in ("name", "text") else "–"
    match column.kind:
        case "count":
            return f"{cell:,}"
        case "share":
            assert isinstance(cell, float)
            return f"{100 * cell:.1f}"
        case _:
            if isinstance(cell, bool):
                return value_words(cell, lang)
            return str(cell) if isinstance(cell, str | int | float) else cell.say(lang)
