"""`regengine check`: rulebooks loaded and proved, and how much of each rests on published law."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..problems import Problem, ProblemError
from .common import format_option, lang_option, show, show_problems

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..book import Book

__all__ = ["command", "load_all"]


@click.command("check")
@click.argument("rulebooks", nargs=-1, metavar="[RULEBOOK]...")
@lang_option
@format_option
def command(rulebooks: tuple[str, ...], lang: str, form: str) -> None:
    """Load rulebooks and print how many of their deciding values are published, derived and illustrative.

    RULEBOOK is the id of a shipped rulebook or a .yaml file; without any, all that are shipped are checked. Loading
    proves each period of the law: names and types, tables without gap or overlap, ranges, a citation or a basis for
    every value. The problems of faulty rulebooks go to standard error, and the exit code is then 2.
    """
    books, faults = load_all(rulebooks)
    rows = [
        (name, period.since, period.law.balance if period.law else None)
        for name, book in books.items()
        for period in book.rulebook.periods
    ]  # fmt: skip

    def data() -> list[dict[str, object]]:
        good: list[dict[str, object]] = [
            {"rulebook": name, "digest": book.digest, "periods": [{"since": str(since), "balance": balance} for of, since, balance in rows if of == name]}
            for name, book in books.items()
        ]
        return good + [{"rulebook": name, "problems": [problem.as_dict() for problem in problems]} for name, problems in faults.items()]

    def table() -> list[RenderableType]:
        from ..report.tables import balance_table

        return [balance_table(rows, lang)] if rows else []

    show(form, data, table)
    leave(faults)


def load_all(names: tuple[str, ...]) -> tuple[dict[str, Book], dict[str, tuple[Problem, ...]]]:
    """The named rulebooks (all shipped ones where none is named) that load, and the problems of those that do not."""
    from ..book import load
    from ..rulebook.shipped import rulebook_ids

    books: dict[str, Book] = {}
    faults: dict[str, tuple[Problem, ...]] = {}
    for name in dict.fromkeys(names or rulebook_ids()):
        try:
            books[name] = load(name)
        except ProblemError as error:
            faults[name] = error.problems
    return books, faults


def leave(faults: dict[str, tuple[Problem, ...]], failed: bool = False) -> None:
    """Show the problems of rulebooks that did not load and end with 2; else end with 1 where something failed."""
    for problems in faults.values():
        show_problems(problems)
    if faults or failed:
        click.get_current_context().exit(2 if faults else 1)
