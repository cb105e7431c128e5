"""`regengine synth`: make synthetic populations, with the figures that they should show and those that they reached."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..problems import Place, one_problem
from .common import format_option, lang_option, show

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import RenderableType

    from ..population.figures import Figure

__all__ = ["command"]

CHINESE = {
    "high_tech": "高新技术企业", "foreign_invested": "外商投资企业", "exporter": "有进出口实绩企业", "above_scale_industrial": "规模以上工业企业",
}  # fmt: skip


@click.group("synth")
def command() -> None:
    """Make synthetic populations: nobody in them exists."""


@command.command("netdz")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--size", type=click.IntRange(min=1), default=20_000, show_default=True, help="How many enterprises.")
@click.option("--seed", type=click.IntRange(min=0), default=7, show_default=True, help="The same seed gives the same bytes.")
@click.option("--zone", help="Put all of them into one zone, by its name.")
@lang_option
@format_option
def netdz(out: Path, size: int, seed: int, zone: str | None, lang: str, form: str) -> None:
    """Write enterprises of the 232 national zones with their registers to the folder OUT.

    OUT gets a folder of Parquet files for `enterprises` and one for each register of cn/henan-2022; all of it holds on 1 November 2026.
    Shares that are wanted and shares that were reached are printed. `regengine run scenarios/netdz.yaml` makes the same enterprises and grades them.

    \b
      regengine synth netdz --size 20000 --seed 7 zones
    """
    from ..population import write_netdz
    from ..population.figures import reached
    from ..run_record import output_folder

    if out.is_symlink() or (out.exists() and not out.is_dir()) or (out.is_dir() and any(out.iterdir())):
        raise one_problem("output-exists", "there is something here already", place=Place(str(out)), hint="name a new folder")
    with output_folder(out) as folder:
        with click.progressbar(length=size, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
            rows = write_netdz(folder, size, seed, zone=zone, done=bar.update)
        figures = reached(folder)
    show(form, lambda: as_data(out, rows, figures), lambda: as_tables(out, rows, figures, lang))


def as_data(out: Path, rows: Mapping[str, int], figures: list[Figure]) -> dict[str, Any]:
    told = [{"figure": figure.name, "target": figure.target, "reached": round(figure.reached, 6)} for figure in figures]
    return {"out": str(out), "rows": dict(rows), "figures": told}


def as_tables(out: Path, rows: Mapping[str, int], figures: list[Figure], lang: str) -> list[RenderableType]:
    from rich.text import Text

    from ..report.tables import plain_table
    from ..words import pick

    table = plain_table(*(pick(head, lang) for head in (("share of enterprises", "占企业比例"), ("target", "目标"), ("reached", "实际"))))
    for figure in figures:
        table.add_row(CHINESE[figure.name] if lang == "zh" else figure.name.replace("_", " "), f"{figure.target:.2%}", f"{figure.reached:.2%}")
    for column in table.columns[1:]:
        column.justify = "right"
    entries = sum(rows.values()) - rows["enterprises"]
    line = pick(("{:,} made-up enterprises with {:,} entries in {} registers: {}", "{:,}户虚构企业，共{:,}条登记，{}个登记簿：{}"), lang)
    return [table, Text(), Text(line.format(rows["enterprises"], entries, len(rows) - 1, out), no_wrap=True, overflow="ignore")]
