"""What commands share: options, tables on a terminal or JSON, problems on standard error."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..problems import Problem

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

__all__ = ["Day", "Engine", "console", "format_option", "lang_option", "show", "show_problems"]

Command = TypeVar("Command", bound=Callable[..., Any])


class Day(click.ParamType[dt.date]):
    """A day written as YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        from ..rulebook.values import parse_day

        try:
            return parse_day(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Engine(click.ParamType[str]):
    """The name of an engine; Spark may be followed by the address of its master."""

    name = "engine"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from ..intake.native import ENGINES

        if value not in (*ENGINES, "spark") and not str(value).startswith("spark:"):
            self.fail(f"`{value}` is none of {', '.join(ENGINES)}, spark and spark:MASTER", param, ctx)
        return str(value)


def lang_option(command: Command) -> Command:
    """`--lang en|zh`."""
    return click.option("--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language of texts.")(command)


def format_option(command: Command) -> Command:
    """`--format table|json`."""
    return click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True, help="For people, or for machines.")(
        command
    )


def console(*, stderr: bool = False) -> Console:
    """A console for this call; outside a terminal it is plain text of a fixed width."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else 120
    return Console(stderr=stderr, width=width, highlight=False, soft_wrap=False)


def show(form: str, data: Callable[[], Any], table: Callable[[], RenderableType | Sequence[RenderableType]]) -> None:
    """Print a result for people or for machines."""
    if form == "json":
        click.echo(json.dumps(data(), ensure_ascii=False, indent=2))
        return
    made = table()
    out = console()
    for part in made if isinstance(made, list | tuple) else [made]:
        whole = getattr(part, "no_wrap", None)  # a path is not broken into lines; printing a text by itself would forget it
        out.print(part, no_wrap=whole, overflow="ignore" if whole else None, crop=not whole)


def show_problems(problems: Iterable[Problem]) -> None:
    """Print problems on standard error, each with its place, code and hint."""
    for problem in problems:
        place = str(problem.place)
        click.echo((f"{place}: " if place else "") + f"{problem.message} [{problem.code}]", err=True)
        if problem.hint:
            click.echo(f"  hint: {problem.hint}", err=True)
