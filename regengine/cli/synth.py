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

    import polars as pl
    from rich.console import RenderableType

    from ..population.figures import Figure

__all__ = ["command"]

RULEBOOK = "cn/henan-2022"
BY = ("zone", "province", "section")
CHINESE = {
    "high_tech": "高新技术企业", "foreign_invested": "外商投资企业", "exporter": "有进出口实绩企业", "above_scale_industrial": "规模以上工业企业",
    "grade A": "A类", "grade B": "B类", "grade C": "C类", "grade D": "D类", "Bayannur 2022": "巴彦淖尔2022", "Dandong 2023": "丹东2023",
    "zone": "开发区", "province": "省份", "section": "行业门类",
}  # fmt: skip


@click.group("synth")
def command() -> None:
    """Make synthetic populations: nobody in them exists."""


@command.command("netdz")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--size", type=click.IntRange(min=1), default=20_000, show_default=True, help="How many enterprises.")
@click.option("--seed", type=click.IntRange(min=0), default=7, show_default=True, help="The same seed gives the same bytes.")
@click.option("--grade", is_flag=True, help=f"Work out facts and grades under {RULEBOOK} too, and show their distribution.")
@click.option("--by", type=click.Choice(BY), help="With --grade, the grades in each zone, province or section of industry too.")
@lang_option
@format_option
def netdz(out: Path, size: int, seed: int, grade: bool, by: str | None, lang: str, form: str) -> None:
    """Write enterprises of the 232 national zones with their registers to the folder OUT.

    OUT gets a folder of Parquet files for `enterprises` and one for each register of cn/henan-2022; all of it holds on 1 November 2026.
    Figures that are wanted and figures that were reached are printed.

    \b
      regengine synth netdz --size 20000 --seed 7 --grade zones
    """
    from ..population import write_netdz
    from ..population.figures import grade_figures, reached
    from ..run_record import output_folder

    if by and not grade:
        raise click.UsageError("`--by` counts grades and needs `--grade`")
    if out.is_symlink() or (out.exists() and not out.is_dir()) or (out.is_dir() and any(out.iterdir())):
        raise one_problem("output-exists", "there is something here already", place=Place(str(out)), hint="name a new folder")
    with output_folder(out) as folder:
        with click.progressbar(length=size, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
            rows = write_netdz(folder, size, seed, done=bar.update)
        figures = reached(folder)
        counts = graded(folder, size) if grade else None
        if counts is not None:
            figures += grade_figures(dict(counted(counts, "grade")), size)
    show(form, lambda: as_data(out, rows, figures, counts, by), lambda: as_tables(out, rows, figures, counts, by, lang))


def counted(counts: pl.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """The values of some columns, each with its number of enterprises, in their order."""
    import polars as pl

    return counts.group_by(columns).agg(pl.col("count").sum()).sort(columns).rows()


def graded(folder: Path, size: int) -> pl.DataFrame:
    """How many enterprises of each zone, province and section fall into each grade of the rulebook on the population's last day."""
    import polars as pl

    from ..book import load
    from ..population import LAST_DAY, REGISTERS

    book = load(RULEBOOK)
    tables = {name: pl.scan_parquet(folder / name / "*.parquet") for name in REGISTERS}
    worked = book.work_out(pl.scan_parquet(folder / "enterprises" / "*.parquet"), tables, as_of=LAST_DAY)
    decided = book.split_frame(worked.facts, as_of=LAST_DAY).graded
    counts = decided.group_by(*BY, "grade").agg(pl.len().alias("count")).collect(engine="streaming")
    if (left := size - int(counts["count"].sum())) != 0:
        raise one_problem("rows-rejected", f"{left:,} rows could not be graded", hint="work out the facts with `regengine facts` and grade them to see which")
    return counts.with_columns(pl.col("grade").cast(pl.String))


def grades_by(counts: pl.DataFrame, column: str) -> dict[str, dict[str, int]]:
    """The number of enterprises in each grade, for each value of a column, the largest first."""
    made: dict[str, dict[str, int]] = {}
    for name, grade, count in counted(counts, column, "grade"):
        made.setdefault(name, dict.fromkeys(sorted(counts["grade"].unique()), 0))[grade] = count
    return dict(sorted(made.items(), key=lambda pair: -sum(pair[1].values())))


def as_data(out: Path, rows: Mapping[str, int], figures: list[Figure], counts: pl.DataFrame | None, by: str | None) -> dict[str, Any]:
    told = [{"figure": figure.name, "low": figure.low, "high": figure.high, "reached": round(figure.reached, 6)} for figure in figures]
    data = {"out": str(out), "rows": dict(rows), "figures": told}
    return data if counts is None or by is None else {**data, "by": by, "grades": grades_by(counts, by)}


def as_tables(out: Path, rows: Mapping[str, int], figures: list[Figure], counts: pl.DataFrame | None, by: str | None, lang: str) -> list[RenderableType]:
    from rich.text import Text

    from ..population.figures import PUBLISHED
    from ..report.tables import plain_table

    def say(en: str) -> str:
        return CHINESE[en] if lang == "zh" else en.replace("_", " ")

    entries = sum(rows.values()) - rows["enterprises"]
    heads = ("占企业比例", "目标", "实际") if lang == "zh" else ("share of enterprises", "target", "reached")
    table = plain_table(*heads, *(say(city) for city in PUBLISHED if counts is not None))
    for figure in figures:
        target = f"{figure.low:.2%}" if figure.low == figure.high else f"{figure.low:.1%} – {figure.high:.1%}"
        grade = figure.name.removeprefix("grade ")
        cities = [f"{city[grade] / sum(city.values()):.2%}" if grade in city else "" for city in PUBLISHED.values() if counts is not None]
        table.add_row(say(figure.name), target, f"{figure.reached:.2%}", *cities)
    tables = [table]
    if counts is not None and by is not None:
        found = grades_by(counts, by)
        grades = sorted(counts["grade"].unique())
        table = plain_table(say(by), *grades)
        for name, own in found.items():
            table.add_row(name, *(f"{own[grade]:,}" for grade in grades))
        tables.append(table)
    for one in tables:
        for column in one.columns[1:]:
            column.justify = "right"
    line = (
        f"{rows['enterprises']:,}户虚构企业，{len(rows) - 1}个登记簿共{entries:,}条：{out}"
        if lang == "zh"
        else f"{rows['enterprises']:,} made-up enterprises with {entries:,} entries in {len(rows) - 1} registers: {out}"
    )
    return [*(part for one in tables for part in (one, Text(""))), Text(line)]
