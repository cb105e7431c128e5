"""`regengine compare`: what a reform would do to a population, as tables, data or a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..problems import one_problem
from .common import Day, format_option, lang_option, show
from .grade import names
from .run import at_work, pairs

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..report.table import Table
    from ..simulate.compare import Comparison

__all__ = ["command"]

FIRST = 20  # groups that a terminal shows


class Hours(click.ParamType[Fraction]):
    """Hours, such as 2 or 1.5."""

    name = "hours"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        if isinstance(value, Fraction):
            return value
        try:
            made = Fraction(Decimal(str(value)))
        except (InvalidOperation, ValueError, OverflowError):
            self.fail(f"`{value}` is not a number of hours", param, ctx)
        if not 0 <= made <= 24:
            self.fail("a visit takes 0 to 24 hours", param, ctx)
        return made


@click.command("compare")
@click.option("--population", required=True, type=click.Path(path_type=Path), help="The enterprises: .parquet, .csv, .jsonl or a folder of .parquet files.")
@click.option("--reform", "reforms", required=True, multiple=True, type=click.Path(path_type=Path), help="A reform; several are laid in their order.")
@click.option("--rulebook", metavar="ID", help="The rulebook, by its id or its file.  [default: what the first reform is over]")
@click.option("--as-of", type=Day(), required=True, help="The day of the facts.")
@click.option("--law-at", type=Day(), help="The day of the law, for a reform of a later day.  [default: the day of the facts]")
@click.option("--by", metavar="COLUMN,COLUMN", multiple=True, callback=names, help="Columns by whose values the figures are given too.")
@click.option("--hours", type=Hours(), help="Hours that a visit costs each inspector.")
@click.option("--enterprise-hours", type=Hours(), help="Hours that a visit costs the enterprise.")
@click.option("--key", default="enterprise", show_default=True, help="The column that names the enterprise.")
@click.option("--absent", metavar="FACT,FACT", multiple=True, callback=names, help="Facts that the population is known not to hold.")
@click.option("--out", type=click.Path(path_type=Path), help="A page for the result: .html, one file without network.")
@lang_option
@format_option
def command(
    population: Path, reforms: tuple[Path, ...], rulebook: str | None, as_of: dt.date, law_at: dt.date | None, by: tuple[str, ...], hours: Fraction | None,
    enterprise_hours: Fraction | None, key: str, absent: tuple[str, ...], out: Path | None, lang: str, form: str,
) -> None:  # fmt: skip
    """Compare a rulebook with a reform of it on a population: who moves, what moves them, what it costs and saves.

    Counts below 5 in a group are hidden, with as many others as it takes that they cannot be worked out.

    \b
      regengine compare --population facts.parquet --reform tighter-c.yaml --as-of 2026-11-01 --by zone --out compare.html
    """
    from ..book import load
    from ..rulebook.reform import read_reform
    from ..simulate.compare import Costs, compare

    if (hours is None) != (enterprise_hours is None):
        raise one_problem("option-wrong", "a visit costs both sides hours", hint="give `--hours` and `--enterprise-hours`")
    if out is not None and out.suffix.lower() != ".html":
        raise one_problem("file-kind", f"`{out}` is not the name of a page", hint="use .html")
    with at_work():
        read = [read_reform(path) for path in reforms]
        book = load(rulebook or read[0].over)
        costs = None if hours is None or enterprise_hours is None else Costs(hours, enterprise_hours)
        found = compare(book if law_at is None else book.at(law_at), read, population, as_of=as_of, by=by, costs=costs, key=key, absent=absent)
        if out is not None:
            from ..report.html import write_whole
            from ..report.reform_page import reform_page

            write_whole(reform_page(found, lang), out)
    show(form, lambda: as_data(found, out), lambda: list(shown(found, out, lang)))


def as_data(found: Comparison, out: Path | None) -> dict[str, Any]:
    """The result for machines, the same in every language."""
    from ..report.reform_tables import reform_tables

    counted = found.counted
    return {
        "rulebook": {"id": found.book.id, "digest": found.book.digest},
        "reforms": [one.reform for one in found.reforms],
        "reformed": {"digest": found.reformed.digest},
        "law_at": str(found.law_at),
        "as_of": str(found.as_of),
        "rows": {"in": counted.came_in, "graded": counted.graded, "rejected": counted.rejected},
        "moved": found.moved,
        "idle": list(found.idle),
        "tables": [table.as_data() for table in reform_tables(found)],
        "page": None if out is None else str(out),
    }


def shown(found: Comparison, out: Path | None, lang: str) -> Iterator[RenderableType]:
    """The result for people."""
    from rich.text import Text

    from ..report.reform_tables import reform_tables

    def say(en: str, zh: str) -> str:
        return zh if lang == "zh" else en

    law, counted = found.book.law, found.counted
    rows = say("{:,} in = {:,} graded + {:,} rejected", "读入 {:,} 行 = 评级 {:,} 行 + 剔除 {:,} 行").format(counted.came_in, counted.graded, counted.rejected)
    yield pairs([
        (say("Rulebook", "规则"), f"{law.document.title.say(lang)} ({law.id} {law.document.edition}, {law.digest[:12]}…)"),
        (say("Reform", "改革"), ", ".join(one.reform for one in found.reforms) + f" ({found.reformed.digest[:12]}…)"),
        (say("Days", "日期"), say(f"law of {found.law_at}, facts of {found.as_of}", f"规则适用日 {found.law_at}，事实截至 {found.as_of}")),
        (say("Rows", "行数"), rows),
    ])  # fmt: skip
    for table in reform_tables(found):
        yield from drawn(table, law.document.grades.order, lang)
    if out is not None:
        yield Text(f"\n{say('page', '报告')}  {out}", no_wrap=True, overflow="ignore")


def drawn(table: Table, grades: Any, lang: str) -> Iterator[RenderableType]:
    from dataclasses import replace

    from rich.text import Text

    from ..report.drawn import Drawn

    yield Text(f"\n{table.title.say(lang)}\n", style="bold")
    yield Drawn(replace(table, rows=table.rows[:FIRST]), grades, lang)
    if (more := len(table.rows) - FIRST) > 0:
        yield Text(f"其余{more:,}组见报告" if lang == "zh" else f"and {more:,} more groups in the page or with --format json", style="dim")
    for note in table.notes:
        yield Text(f"\n{note.say(lang)}", style="dim")
