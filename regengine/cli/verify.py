"""`regengine verify`: check the outputs of a run against its record, and by running the scenario again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .common import format_option, show, show_problems

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..scenario import Verification

__all__ = ["command"]


@click.command("verify")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--scenario", type=click.Path(path_type=Path), help="The scenario file, where it is not in scenarios/.")
@click.option("--data", type=click.Path(path_type=Path), help="The table, or the folder that holds the tables.")
@format_option
@click.pass_context
def command(ctx: click.Context, folder: Path, scenario: Path | None, data: Path | None, form: str) -> None:
    """Check a scenario's outputs against its run record.

    Each file is compared with its SHA-256. Where scenario and data can be found, the scenario is run again and must give the
    same bytes. Checks that could not be made are named. Ends with 1 where anything differs.
    """
    from ..scenario import verify

    found = verify(folder, scenario, data)
    show(form, lambda: as_data(found), lambda: shown(found))
    if found.problems:
        if form == "table":
            show_problems(found.problems)
        ctx.exit(1)


def as_data(found: Verification) -> dict[str, object]:
    return {
        "scenario": found.record.scenario.id,
        "agrees": not found.problems,
        "complete": found.complete,
        "checks": [{"check": check.name, "ended": check.ended, "about": check.about} for check in found.checks],
        "problems": [problem.as_dict() for problem in found.problems],
    }


def shown(found: Verification) -> list[RenderableType]:
    from rich.table import Table
    from rich.text import Text

    styles = {"agrees": "green", "differs": "red", "not made": "yellow"}
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for check in found.checks:
        grid.add_row(check.name, Text(check.ended, style=styles[check.ended]), Text(check.about))
    return [grid, Text(summary(found), style="bold")]


def summary(found: Verification) -> str:
    """The answer in one line; it never sounds better than the checks that were made."""
    made = sum(check.ended != "not made" for check in found.checks)
    if found.problems:
        return f"{len(found.problems)} difference{'s' * (len(found.problems) > 1)}"
    if found.complete:
        return "everything agrees"
    return f"what was checked agrees; {len(found.checks) - made} of {len(found.checks)} checks could not be made"
