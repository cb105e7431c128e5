"""The group of all commands; each is imported when it is called, so that `regengine --help` answers at once."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from .. import __version__
from ..problems import ProblemError, nearest
from .common import show_problems

__all__ = ["main"]

COMMANDS = {
    "bench": "Measure how fast this machine grades.",
    "check": "Prove rulebooks and find what is wrong in them.",
    "draw": "Draw enterprises so that anyone can check it.",
    "compare": "Compare a rulebook with a reform on a population.",
    "explain": "Explain the decision on one enterprise.",
    "facts": "Work out facts from registers.",
    "grade": "Grade a table of enterprises.",
    "plan": "Plan inspections, and record what they found.",
    "route": "Find an applicant's service path for a matter.",
    "rules": "List and show the shipped rulebooks.",
    "run": "Run a scenario file.",
    "schema": "Print the JSON Schema of rulebooks, for editors.",
    "synth": "Make synthetic populations.",
    "test": "Run the cases of rulebooks.",
    "verify": "Check a scenario's outputs against its run record.",
}


class Commands(click.Group):
    """Finds commands by name without importing the others, and shows problems as problems."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"regengine.cli.{cmd_name}").command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            hint = nearest(args[0], COMMANDS)
            raise click.UsageError(
                error.message + (f"\n  hint: {hint}" if hint and "did you mean" in hint.lower() and "Did you mean" not in error.message else ""), ctx
            ) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ProblemError as error:
            show_problems(error.problems)
            ctx.exit(error.exit_code)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(__version__, prog_name="regengine")
def main() -> None:
    """Grade enterprises from a regulator's rulebook, with the reasons.

    Exit codes: 0 fine; 1 the answer is no (a case failed, a record differs); 2 the call or its input is wrong.
    """
