"""`regengine rules to-excel`, `from-excel` and `to-dmn`: a rulebook in the forms of other tools, and back."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .common import Day, format_option, lang_option, show

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..exchange.edited import Edited

__all__ = ["COMMANDS"]


@click.command("to-excel")
@click.argument("rulebook")
@click.argument("workbook", type=click.Path(path_type=Path))
@lang_option
def to_excel(rulebook: str, workbook: Path, lang: str) -> None:
    """Write RULEBOOK as the workbook WORKBOOK (.xlsx), a sheet for each table.

    RULEBOOK is the id of a shipped rulebook or a .yaml file. What is changed in the workbook comes back with `from-excel`.
    """
    from ..exchange import excel

    sheets = excel.to_excel(rulebook, workbook, lang=lang)
    click.echo(f"{workbook}：{sheets} 张工作表" if lang == "zh" else f"{workbook}: {sheets} sheets")


@click.command("from-excel")
@click.argument("workbook", type=click.Path(path_type=Path))
@click.option("--rulebook", metavar="RULEBOOK", help="The rulebook that the workbook shows.  [default: the shipped one of its id]")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the reform as YAML.")
@click.option("--name", default="edited", show_default=True, help="The name of the reform.")
@lang_option
@format_option
def from_excel(workbook: Path, rulebook: str | None, output: Path | None, name: str, lang: str, form: str) -> None:
    """Show what was changed in WORKBOOK, as a reform of its rulebook.

    The reform is a patch of paths and values; the rulebook itself stays as it is. A workbook in which nothing was changed
    gives an empty reform.
    """
    from ..exchange.edited import from_excel as edited_in
    from ..report.html import write_whole

    edited = edited_in(workbook, rulebook, reform=name)
    if output is not None:
        write_whole(edited.reform.as_yaml(), output)
    show(form, lambda: as_data(edited), lambda: as_lines(edited, lang))


def as_data(edited: Edited) -> dict[str, Any]:
    """A reform for machines, as in its file, with what it replaces."""
    from ..report.written import plain

    reform = {key: plain(value) for key, value in edited.reform.model_dump(exclude_none=True).items()}
    return {**reform, "changes": [{"path": one.path, "old": plain(one.old), "new": plain(one.new)} for one in edited.changes]}


def as_lines(edited: Edited, lang: str) -> list[RenderableType]:
    """A reform for people: each path, with what goes and what comes."""
    from rich.text import Text

    from ..rulebook.reform import flow

    reform = edited.reform
    if reform.empty:
        return [Text(f"工作簿未改动 {reform.over}。" if lang == "zh" else f"The workbook changes nothing in {reform.over}.")]
    count = len(edited.changes)
    lines = [Text(f"{reform.over}：{count} 处改动" if lang == "zh" else f"{reform.over}: {count} change{'s' * (count > 1)}", style="bold")]
    for one in edited.changes:
        lines.append(Text(one.path))
        lines += [Text(f"  - {flow(one.old)}", style="red")] if one.old is not None else []
        lines += [Text(f"  + {flow(one.new)}", style="green")] if one.new is not None else []
    return list(lines)


@click.command("to-dmn")
@click.argument("rulebook")
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--law-at", type=Day(), help="The day of the law.  [default: the latest]")
@lang_option
def to_dmn(rulebook: str, model: Path, law_at: dt.date | None, lang: str) -> None:
    """Write RULEBOOK as a DMN 1.5 model to MODEL (.dmn): from the facts to the grade, as decisions for other tools.

    RULEBOOK is the id of a shipped rulebook or a .yaml file.
    """
    from ..book import load
    from ..exchange import dmn
    from ..report.html import write_whole

    book = load(rulebook)
    if law_at is not None:
        book = book.at(law_at)
    made = dmn.to_dmn(book, lang)
    write_whole(made.text, model)
    click.echo(f"{model}：{made.inputs} 项输入，{made.decisions} 项决策" if lang == "zh" else f"{model}: {made.inputs} inputs, {made.decisions} decisions")


COMMANDS = (to_excel, from_excel, to_dmn)
