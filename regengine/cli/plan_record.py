"""`regengine plan record`: what the visits of a plan found, as entries of a register, and how often they found a problem."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..problems import Place, one_problem
from ..words import pick
from .common import Day, format_option, lang_option, show

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..inspection.results import Recorded
    from ..report.table import Table

__all__ = ["record"]

PLAN = "plan.parquet"


@click.command("record")
@click.argument("plan_folder", type=click.Path(path_type=Path))
@click.option(
    "--findings", required=True, type=click.Path(path_type=Path), help="What was found: visit, date, finding; known, severity, note where there are any."
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File for the entries of the register: .parquet, .csv or .jsonl.")
@click.option("--open", "open_", type=click.Path(path_type=Path), help="File for the visits without a result, for the next plan.")
@click.option("--as-of", type=Day(), help="The day up to which results have come in.  [default: that of the last one]")
@lang_option
@format_option
def record(plan_folder: Path, findings: Path, out: Path, open_: Path | None, as_of: dt.date | None, lang: str, form: str) -> None:
    """Record the findings of a plan's visits and show how often they found a problem.

    PLAN_FOLDER is what `regengine plan` wrote: its plan.parquet is read, and the records of its draws. A finding is `pass`, `problem`, `not_found` or
    `refused`; one of an unknown visit, or of a wrong day, and nothing is recorded. OUT is a register of visits as `regengine facts` and later plans read it.

    \b
      regengine plan record out/plan-zone --findings findings.csv --out visits.parquet
    """
    from ..inspection.discovery import by_kind, discovery, strata_of_draws
    from ..inspection.draw.record import read_draw
    from ..inspection.results import record as recorded_of
    from ..intake.files import as_problems, scan_table, write_outputs
    from ..report.discovery import discovery_tables

    plan = plan_folder / PLAN
    check_outputs([out, *([open_] if open_ else [])], read=[plan, findings])
    with as_problems(plan):
        visits = scan_table(plan).lazy.collect()
    with as_problems(findings):
        found = scan_table(findings, empty=True).lazy.collect()
    recorded = recorded_of(visits, found, as_of=as_of, file=str(findings))
    strata = strata_of_draws([read_draw(path) for path in sorted(plan_folder.glob("*.draw.jsonl"))])
    tables = discovery_tables(discovery(recorded, strata), by_kind(recorded))
    write_outputs({out: recorded.entries.lazy(), **({open_: flat(recorded).lazy()} if open_ else {})})
    show(form, lambda: as_data(recorded, tables, out, open_), lambda: as_tables(recorded, tables, out, open_, lang))


def check_outputs(outputs: list[Path], read: list[Path]) -> None:
    """Refuse outputs of a kind that cannot be written, over what is read, or one over the other."""
    from ..intake.files import check_kind
    from .grade import same

    for place, path in enumerate(outputs):
        check_kind(path)
        if any(same(path, table) for table in read):
            raise one_problem("output-exists", "this is a table that is read", place=Place(str(path)), hint="name another file")
        if any(same(path, other) for other in outputs[:place]):
            raise one_problem("option-wrong", "entries and open visits cannot go to one file", place=Place(str(path)), hint="name another with `--open`")


def flat(recorded: Recorded) -> Any:
    """The open visits with the inspectors as one text, which every kind of file can hold."""
    import polars as pl

    return recorded.open.with_columns(pl.col("inspectors").list.join("; "))


def as_data(recorded: Recorded, tables: tuple[Table, ...], out: Path, open_: Path | None) -> dict[str, Any]:
    counts = {"results": len(recorded.entries), "repeated": recorded.repeated, "open": len(recorded.open), "missed": int(recorded.open["missed"].sum())}
    files = {"out": str(out), "open_file": str(open_) if open_ else None}
    return {**counts, "as_of": str(recorded.as_of) if recorded.as_of else None, **files, "tables": [table.as_data() for table in tables]}


def as_tables(recorded: Recorded, tables: tuple[Table, ...], out: Path, open_: Path | None, lang: str) -> list[RenderableType]:
    from rich.text import Text

    from ..report.drawn import Drawn

    grades = sorted(recorded.visits["grade"].unique())
    parts: list[RenderableType] = [line(pick(("{:,} results recorded: {}", "已登记{:,}条检查结果：{}"), lang).format(len(recorded.entries), out))]
    if recorded.repeated:
        parts.append(line(pick(("{:,} rows said again what another said", "{:,}行为重复报告"), lang).format(recorded.repeated)))
    missed = int(recorded.open["missed"].sum())
    said = pick(("visits without a result: {:,}, missed by {}: {:,}", "尚无结果的检查：{:,}次，截至{}已逾期：{:,}次"), lang)
    parts.append(line(said.format(len(recorded.open), recorded.as_of or "-", missed) + (f" ({open_})" if open_ else "")))
    for table in tables:
        parts += [Text(f"\n{table.title.say(lang)}\n", style="bold"), Drawn(table, grades, lang)]
        parts += [Text(f"\n{note.say(lang)}", style="dim") for note in table.notes]
    return parts


def line(text: str) -> RenderableType:
    from rich.text import Text

    return Text(text, no_wrap=True, overflow="ignore")
