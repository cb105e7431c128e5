"""`regengine facts`: from registers to a table of facts, with what became of every entry."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..problems import Place, one_problem
from .common import Day, format_option, lang_option, show

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..book import Book

__all__ = ["command"]

TOLD = ("entries", "after_as_of", "not_known_yet", "of_unknown_enterprises")


@dataclass(frozen=True, slots=True)
class Result:
    """What a run wrote: the enterprises, and for each register what became of its entries."""

    rows: int
    out: Path
    told: dict[str, dict[str, int]]
    rejects: dict[str, Path]


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
@click.option("--key", default="enterprise", show_default=True, help="The column of ENTERPRISES that names the enterprise.")
@lang_option
@format_option
def command(
    rulebook: str, enterprises: Path, registers: dict[str, Path], out: Path, as_of: dt.date, known_at: dt.date | None, key: str, lang: str, form: str
) -> None:
    """Work out the facts of RULEBOOK that come from registers, for each of ENTERPRISES, and write the table to OUT.

    OUT has the columns of ENTERPRISES and one for each such fact; `regengine grade` takes it as its table. Entries that
    cannot be read go to a file beside it, one for each register, with the reason in `rejected_for`.

    \b
      regengine facts my-rulebook.yaml enterprises.csv --register penalties=penalties.csv --as-of 2026-11-01 --out facts.parquet
    """
    from ..book import load

    book = load(rulebook)
    for path in (enterprises, *registers.values()):
        if out.resolve() == path.resolve():
            raise one_problem("output-exists", "this is a table that is read", place=Place(str(out)), hint="name another file")
    result = work(book, enterprises, registers, out, as_of, known_at, key)
    show(form, lambda: as_data(result), lambda: as_tables(result, lang))


def work(book: Book, enterprises: Path, registers: dict[str, Path], out: Path, as_of: dt.date, known_at: dt.date | None, key: str) -> Result:
    """Work out the facts and write them, the rejects beside. Raises `ProblemError`."""
    import polars as pl

    from ..intake.files import as_problems, scan_table, write_outputs

    source = scan_table(enterprises)
    tables = {name: scan_table(path, empty=True) for name, path in registers.items()}
    texts = [name for name, table in tables.items() if table.texts]
    found = book.work_out(source.lazy, {name: table.lazy for name, table in tables.items()}, as_of=as_of, known_at=known_at, key=key, texts=texts)
    beside = {name: out.with_name(f"{out.stem}.{name}.rejects{out.suffix}") for name in found.rejects}
    frames = {out: found.facts, **{beside[name]: rejects for name, rejects in found.rejects.items()}}
    rows = write_outputs(frames, unless_empty=list(beside.values()))
    told: dict[str, dict[str, int]] = {}
    for name, frame in found.told.items():
        with as_problems(registers[name]):
            counts = frame.collect(engine="streaming")
        assert isinstance(counts, pl.DataFrame)
        told[name] = {"rows": tables[name].rows, "rejected": rows[beside[name]], **{column: int(counts[column].item() or 0) for column in TOLD}}
    return Result(rows[out], out, told, {name: path for name, path in beside.items() if rows[path]})


def as_data(result: Result) -> dict[str, Any]:
    return {"enterprises": result.rows, "out": str(result.out), "registers": result.told, "rejects": {name: str(path) for name, path in result.rejects.items()}}


def as_tables(result: Result, lang: str) -> list[RenderableType]:
    from rich.text import Text

    from ..report.tables import plain_table

    def say(en: str, zh: str) -> str:
        return zh if lang == "zh" else en

    heads = [
        *(say("register", "登记簿"), say("rows", "行数"), say("rejected", "退回"), say("after the day", "晚于基准日")),
        *(say("not known yet", "当时未知"), say("of others", "表外主体")),
    ]
    table = plain_table(*heads)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, told in result.told.items():
        table.add_row(name, *(f"{told[key]:,}" for key in ("rows", "rejected", "after_as_of", "not_known_yet", "of_unknown_enterprises")))
    lines = [say(f"{result.rows:,} enterprises with their facts: {result.out}", f"{result.rows:,}户主体的事实：{result.out}")]
    lines += [say(f"rejected entries of {name}: {path}", f"{name}退回条目：{path}") for name, path in result.rejects.items()]
    return [table, Text(""), *(Text(line) for line in lines)]
