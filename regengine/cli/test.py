"""`regengine test`: the cases of rulebooks, run and compared with what they expect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .check import leave, load_all
from .common import format_option, lang_option, show

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["command"]


@click.command("test")
@click.argument("rulebooks", nargs=-1, metavar="[RULEBOOK]...")
@lang_option
@format_option
def command(rulebooks: tuple[str, ...], lang: str, form: str) -> None:
    """Run the cases of rulebooks: those in the file and those in NAME.tests.yaml beside it.

    RULEBOOK is the id of a shipped rulebook or a .yaml file; without any, all that are shipped are run. Each failed case is
    printed with what differs, and the exit code is then 1.
    """
    from ..cases import run_cases

    books, faults = load_all(rulebooks)
    results = {name: run_cases(book) for name, book in books.items()}

    def data() -> list[dict[str, object]]:
        return [
            {
                "rulebook": name,
                "passed": sum(one.passed for one in found),
                "failed": sum(not one.passed for one in found),
                "cases": [{"case": one.case.case, "passed": one.passed, "differences": list(one.differences)} for one in found],
            }
            for name, found in results.items()
        ]

    def table() -> list[RenderableType]:
        from ..report.tables import case_lines

        return case_lines(results, lang) if results else []

    show(form, data, table)
    leave(faults, any(not one.passed for found in results.values() for one in found))
