"""`regengine facts`: from registers to a table of facts, with what became of every entry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .common import Day, format_option, lang_option, show
from .grade import check_outputs
from .intake import write_report

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..report.quality import EvidenceQuality

__all__ = ["command"]


def pairs(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> dict[str, Path]:
    """`NAME=FILE`, from an option that is given once for each register."""
    found: dict[str, Path] = {}
    for part in value:
        name, sign, path = part.partition("=")
        if not (name and sign and path):
            raise click.BadParameter(f"`{part}` is not NAME=FILE", ctx, param)
        if name in found:
            raise click.BadParameter(f"the register `{name}` is given twice", ctx, param)
        found[name] = Path(path)
    return found


@click.command("facts")
@click.argument("rulebook")
@click.argument("enterprises", type=click.Path(path_type=Path))
@click.option("--register", "registers", metavar="NAME=FILE", multiple=True, callback=pairs, help="The table of a register; once for each.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File for the facts: .parquet, .csv or .jsonl.")
@click.option("--as-of", type=Day(), required=True, help="The day up to which events count.")
@click.option("--known-at", type=Day(), help="The day up to which they had become known.  [default: --as-of]")
@click.option("--quality", type=click.Path(path_type=Path), help="File for the report on the quality of the registers: .html or .json.")
@click.option("--key", default="enterprise", show_default=True, help="The column of ENTERPRISES that names the enterprise.")
@lang_option
@format_option
def command(
    rulebook: str,
    enterprises: Path,
    registers: dict[str, Path],
    out: Path,
    as_of: dt.date,
    known_at: dt.date | None,
    quality: Path | None,
    key: str,
    lang: str,
    form: str,
) -> None:
    """Work out the facts of RULEBOOK that come from registers, for each of ENTERPRISES, and write the table to OUT.

    OUT has the columns of ENTERPRISES and one for each such fact; `regengine grade` takes it as its table. Entries that
    cannot be read go to a file beside it, one for each register, with the reason in `rejected_for`. The ways that led to related
    enterprises go to one for each such fact.

    \b
      regengine facts my-rulebook.yaml enterprises.csv --register penalties=penalties.csv --as-of 2026-11-01 --out facts.parquet
    """
    from ..book import load
    from ..intake.files import scan_table
    from ..scenario.facts import write_facts

    book = load(rulebook)
    rejects, ways = beside(out, "rejects"), beside(out, "paths")
    for name, path in {"enterprises": enterprises, **registers}.items():
        check_outputs(str(path), out, rejects(name), quality)
    tables = {name: scan_table(path, empty=True) for name, path in registers.items()}
    told = write_facts(book, scan_table(enterprises), tables, out, as_of=as_of, known_at=known_at, key=key, rejects=rejects, paths=ways)
    if quality is not None:
        write_report(told, quality, lang)
    found = {name: ways(name) for name, fact in book.facts.items() if fact.from_registers and ways(name).exists()}
    show(form, lambda: as_data(told, out, found), lambda: as_tables(told, out, found, lang))


def beside(out: Path, what: str) -> Callable[[str], Path]:
    """Where what belongs to a register or a fact goes."""
    return lambda name: out.with_name(f"{out.stem}.{name}.{what}{out.suffix}")


def as_data(quality: EvidenceQuality, out: Path, ways: Mapping[str, Path]) -> dict[str, Any]:
    from ..report.quality import as_data as quality_data

    rejects = beside(out, "rejects")
    files = {one.register: str(rejects(one.register)) for one in quality.registers if one.rejected}
    paths = {fact: str(path) for fact, path in ways.items()}
    return {"enterprises": quality.enterprises, "out": str(out), "quality": quality_data(quality), "rejects": files, "paths": paths}


def as_tables(quality: EvidenceQuality, out: Path, ways: Mapping[str, Path], lang: str) -> list[RenderableType]:
    from rich.text import Text

    from ..report.quality import as_tables as quality_tables
    from ..words import pick

    rejects = beside(out, "rejects")
    rejected = pick(("rejected entries of {}: {}", "{}剔除条目：{}"), lang)
    led = pick(("ways behind {}: {}", "{}的关联路径：{}"), lang)
    lines = [pick(("{:,} enterprises with their facts: {}", "{:,}户主体的事实：{}"), lang).format(quality.enterprises, out)]
    lines += [rejected.format(one.register, rejects(one.register)) for one in quality.registers if one.rejected]
    lines += [led.format(fact, path) for fact, path in ways.items()]
    return [*quality_tables(quality, lang), Text(), *(Text(line, no_wrap=True, overflow="ignore") for line in lines)]
