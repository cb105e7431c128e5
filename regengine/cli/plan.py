"""`regengine plan`: from a scenario's grades to who is inspected, when, by whom, and why; and what came of it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..problems import Place, one_problem
from .common import Day, format_option, lang_option, show
from .plan_record import record
from .run import at_work, shown

if TYPE_CHECKING:
    from ..scenario.planning import Again

__all__ = ["command"]


class ScenarioOrCommand(click.Group):
    """A group whose first word may be a scenario file as well: `regengine plan SCENARIO` is `regengine plan make SCENARIO`."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["make", *args]
        return super().resolve_command(ctx, args)


@click.group("plan", cls=ScenarioOrCommand)
def command() -> None:
    """Plan inspections: `regengine plan SCENARIO`, and `regengine plan record` when results come back.

    \b
      regengine plan scenarios/plan-zone.yaml                     a plan by the scenario's own seed
      regengine plan SCENARIO --commit --out committed            commit to the draws, before the seed exists
      regengine plan SCENARIO --committed committed --seed TEXT   the plan, by the draws that were committed to
    """


@command.command("make")
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the plan.  [default: out/<scenario>]")
@click.option("--commit", is_flag=True, help="End with the commitments of the draws, to be published before the seed exists.")
@click.option("--committed", type=click.Path(path_type=Path), help="The folder of the commitments; another rulebook, frame or quota is refused.")
@click.option("--seed", help="The public seed of the draws.  [default: what the scenario says]")
@click.option("--earlier", type=click.Path(path_type=Path), help="The folder of the plan that this one continues: its draws hold, and little changes.")
@click.option("--today", type=Day(), help="With --earlier, the day on which is planned again.")
@click.option("--freeze-until", type=Day(), help="With --earlier, the day up to which nothing moves.  [default: the day before --today]")
@click.option("--made", type=click.Path(path_type=Path), help="With --earlier, the visits that were made: what `plan record` wrote.")
@click.option(
    "--challenge", "challenges", multiple=True, metavar="VISIT=INSPECTOR", help="With --earlier, an inspector who does not go; the next by ticket does."
)
@click.option("--data", type=click.Path(path_type=Path), help="The table, or the folder that holds the tables.")
@click.option("--size", type=click.IntRange(min=1), help="How many enterprises, where the scenario makes them.")
@lang_option
@format_option
def make(
    scenario: Path, out: Path | None, commit: bool, committed: Path | None, seed: str | None, earlier: Path | None, today: dt.date | None,
    freeze_until: dt.date | None, made: Path | None, challenges: tuple[str, ...], data: Path | None, size: int | None, lang: str, form: str,
) -> None:  # fmt: skip
    """Grade a scenario's table and plan the inspections (`regengine plan SCENARIO` is enough)."""
    from ..scenario import read_scenario, run_scenario
    from ..scenario.planning import PlanOptions

    read = read_scenario(scenario)
    if read.document.plan is None:
        raise one_problem("scenario-wrong", f"`{read.id}` has no `plan`", hint="`regengine run` runs it")
    if commit and (seed or committed):
        raise one_problem("option-wrong", "`--commit` ends before there is a seed", hint="leave `--seed` and `--committed` out")
    again = again_of(earlier, today, freeze_until, made, challenges)
    if again and (commit or seed or committed):
        raise one_problem("option-wrong", "with `--earlier` the draws are those of the earlier plan", hint="leave `--seed`, `--commit` and `--committed` out")
    with at_work():
        run = run_scenario(read, out or Path("out") / read.id, data=data, size=size, plan=PlanOptions(seed, committed, commit, again))
    show(form, lambda: {**run.report, "folder": str(run.folder), "record": run.record_sha256}, lambda: list(shown(run, lang)))


def again_of(earlier: Path | None, today: dt.date | None, freeze_until: dt.date | None, made: Path | None, challenges: tuple[str, ...]) -> Again | None:
    """What the options say of planning again."""
    from ..intake.files import scan_table
    from ..scenario.planning import Again

    if earlier is None:
        if today or freeze_until or made or challenges:
            message = "`--today`, `--freeze-until`, `--made` and `--challenge` are for planning again"
            raise one_problem("option-wrong", message, hint="name the earlier plan with `--earlier`")
        return None
    if today is None:
        raise one_problem("option-wrong", "planning again needs the day on which it is done", hint="give `--today YYYY-MM-DD`")
    done: frozenset[str] = frozenset()
    if made is not None:
        table = scan_table(made, empty=True).lazy
        if "visit" not in table.collect_schema().names():
            raise one_problem("column-missing", "the table of visits that were made has no column `visit`", place=Place(str(made), field="visit"))
        done = frozenset(table.select("visit").collect().to_series().to_list())
    pairs = [one.rpartition("=") for one in challenges]
    if wrong := [one for one, (visit, _, inspector) in zip(challenges, pairs, strict=True) if not visit or not inspector]:
        raise one_problem("option-wrong", f"`{wrong[0]}` names no visit and inspector", hint="write `--challenge VISIT=INSPECTOR`")
    return Again(earlier, today, freeze_until or today - dt.timedelta(days=1), done, tuple((visit, inspector) for visit, _, inspector in pairs))


command.add_command(record)
