"""`regengine grade`: a table of enterprises graded from disk to disk, with every row that came in accounted for."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from ..problems import Place, Problem, ProblemError, one_problem
from .common import Day, Engine, console, format_option, lang_option, show
from .intake import REPORTS, mapping_of, quality_of, source_of, write_report
from .shadow import Shadow, alone_in, shadow_data, shadow_parts

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..book import Book
    from ..intake.files import Source
    from ..intake.mapping import Mapping_
    from ..intake.rejects import Fault
    from ..report.quality import Quality

__all__ = ["command"]

NAMED = 5  # rejected rows that are named one by one


@dataclass(frozen=True, slots=True)
class Result:
    """What a run wrote and how it came out. `grades` has every grade of the rulebook, best first; `out` and `rejects` are as given.

    `named` are the first of the rejected rows, each with what is wrong with it.
    """

    book: Book
    law_at: dt.date
    as_of: dt.date
    rows: int
    out: str
    graded: int
    grades: dict[str, int]
    rejects: str
    rejected: int
    faults: list[Fault]
    named: list[Problem]
    quality: Quality | None
    shadow: Shadow | None = None


def names(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:  # noqa: ARG001 - click's signature
    """Names separated by commas, from an option that may be given again."""
    return tuple(name.strip() for part in value for name in part.split(",") if name.strip())


@click.command("grade")
@click.argument("rulebook")
@click.argument("table")
@click.option("--table", "name", metavar="NAME", help="The table of the database to read, where TABLE is the address of one.")
@click.option("--query", metavar="SELECT", help="The query to read instead of a table of the database.")
@click.option("--sheet", metavar="NAME", help="The sheet of an Excel workbook.  [default: the only one with rows]")
@click.option("--engine", type=Engine(), default="polars", show_default=True, help="polars, pandas, duckdb, spark, or spark:MASTER; see docs/engines.md.")
@click.option("--mapping", type=click.Path(path_type=Path), help="A .yaml file that says which column holds which fact; see docs/intake.md.")
@click.option("--quality", type=click.Path(path_type=Path), help="File for the report on the quality of the data: .html or .json.")
@click.option("--out", required=True, metavar="FILE", help="File for the graded rows: .parquet, .csv or .jsonl; with Spark a folder or an address.")
@click.option("--rejects", metavar="FILE", help="File for rows that cannot be graded.  [default: beside OUT, NAME.rejects.ENDING]")
@click.option("--as-of", type=Day(), help="The day of the facts.")
@click.option("--law-at", type=Day(), help="The day of the law.  [default: the day of the facts]")
@click.option("--key", default="enterprise", show_default=True, help="The column that names the enterprise.")
@click.option("--absent", metavar="FACT,FACT", multiple=True, callback=names, help="Facts that the table is known not to hold.")
@click.option("--keep", type=click.Choice(["key", "all"]), default="key", show_default=True, help="Columns of the table to keep in OUT.")
@click.option("--shadow", metavar="OTHER", help="A reform, or another rulebook, by which the rows are graded as well: columns shadow_...; see docs/columns.md.")
@click.option("--allow-rejects", is_flag=True, help="Exit with 0 even where rows were rejected.")
@lang_option
@format_option
def command(
    rulebook: str,
    table: str,
    name: str | None,
    query: str | None,
    sheet: str | None,
    engine: str,
    mapping: Path | None,
    quality: Path | None,
    out: str,
    rejects: str | None,
    as_of: dt.date | None,
    law_at: dt.date | None,
    key: str,
    absent: tuple[str, ...],
    keep: Literal["key", "all"],
    shadow: str | None,
    allow_rejects: bool,
    lang: str,
    form: str,
) -> None:
    """Grade every enterprise of TABLE by RULEBOOK and write the graded rows to OUT.

    RULEBOOK is the id of a shipped rulebook or a .yaml file. TABLE is a .csv, .parquet, .jsonl or .xlsx file, a folder of
    .parquet files, or the address of a database (postgresql://…, sqlite:///…), with a column for each fact, or with the
    columns that `--mapping` names. Rows that cannot be graded go to a file of their own, each with its reasons
    in `rejected_for`; the exit code is then 2 unless they are allowed.

    \b
      regengine grade cn/henan-2022 scenarios/quickstart/enterprises.csv --as-of 2026-11-01 --out out/graded.parquet
    """
    from ..book import load, load_beside

    if as_of is None and law_at is None:
        raise one_problem("date-missing", "the day of the facts is needed", hint="give `--as-of YYYY-MM-DD`")
    book = load(rulebook)
    second = load_beside(book, shadow) if shadow is not None else None
    if law_at is not None:
        book = book.at(law_at)
    if engine.startswith("spark"):
        alone = {"--table": name, "--query": query, "--sheet": sheet, "--mapping": mapping, "--quality": quality, "--shadow": shadow}
        for option in (option for option, given in alone.items() if given is not None):
            raise one_problem("option-wrong", f"`{option}` does not go with Spark", hint="Spark reads folders of Parquet whose columns are the facts")
        with at_work():
            result = on_spark(book, table, out, rejects or f"{out.rstrip('/')}.rejects", as_of, engine.partition(":")[2], key=key, absent=absent, keep=keep)
    else:
        file = Path(out)
        refused = Path(rejects) if rejects else file.with_name(f"{file.stem}.rejects{file.suffix}")
        check_outputs(table, file, refused, quality)
        mapped = mapping_of(mapping, book, as_of)
        with at_work():
            source = source_of(table, name=name, query=query, sheet=sheet)
            result = grade(
                book, source, file, refused, as_of, engine=engine, mapping=mapped, key=key, absent=absent, keep=keep, quality=quality is not None,
                shadow=second, shadow_name=shadow or "",
            )  # fmt: skip
        if quality is not None and result.quality is not None:
            write_report(result.quality, quality, lang)
    show(form, lambda: as_data(result), lambda: as_tables(result, lang))
    if result.rejected and not allow_rejects:
        if sys.stdout.isatty() and sys.stderr.isatty():
            click.echo(err=True)
        raise ProblemError(rejected_problems(result))


def check_outputs(given: str, out: Path, rejects: Path, quality: Path | None) -> None:
    """Refuse output names that cannot be written, or that would destroy or join what is read."""
    from ..intake.files import check_kind
    from ..intake.sql import is_address

    table = None if is_address(given) else Path(given)
    if quality is not None and quality.suffix.lower() not in REPORTS:
        raise one_problem("file-kind", "a report on quality is a page or data", place=Place(str(quality)), hint="use .html or .json")
    for path in (out, rejects, *([quality] if quality is not None else [])):
        if path is not quality:
            check_kind(path)
        if table is None:
            continue
        if same(path, table):
            raise one_problem("output-exists", "this is the table that is read", place=Place(str(path)), hint="name another file")
        if table.is_dir() and path.resolve().is_relative_to(table.resolve()):
            raise one_problem("output-exists", "this is inside the folder that is read", place=Place(str(path)), hint="name a file elsewhere")
    if same(out, rejects):
        raise one_problem("option-wrong", "graded rows and rejects cannot go to one file", place=Place(str(rejects)), hint="name another with `--rejects`")


def same(one: Path, other: Path) -> bool:
    return one.samefile(other) if one.exists() and other.exists() else one.resolve() == other.resolve()


@contextmanager
def at_work() -> Iterator[None]:
    """A sign on a terminal that work goes on; silent elsewhere."""
    if not sys.stderr.isatty():
        yield
        return
    with console(stderr=True).status("grading …"):
        yield


def grade(
    book: Book, source: Source, out: Path, rejects: Path, as_of: dt.date | None, *, engine: str,
    mapping: Mapping_ | None, key: str, absent: tuple[str, ...], keep: Literal["key", "all"], quality: bool,
    shadow: Book | None = None, shadow_name: str = "",
) -> Result:  # fmt: skip
    """Grade the table into both files and read back what stands in them."""
    import polars as pl

    from ..intake.files import as_problems, scan_output, write_outputs
    from ..intake.frame import REASON
    from ..intake.mapping import apply, as_it_came
    from ..intake.native import lazily, opened
    from ..intake.rejects import faults, rejected_rows
    from ..tables import SHADOWED

    law_day, facts_day = book.dates(as_of)
    book = book.at(law_day)
    added = [REASON, *(f"shadow_{column}" for column in SHADOWED if shadow is not None)]  # rejects that were mended come back with these columns
    came = replace(source, lazy=source.lazy.drop(added, strict=False))
    absent = tuple(dict.fromkeys([*absent, *(mapping.document.absent if mapping else ())]))
    with as_problems(source.path):
        table = apply(mapping, came, key) if mapping else came
        split = book.split_frame(opened(table, engine), as_of=facts_day, key=key, absent=absent, keep=keep, texts=table.texts, shadow=shadow)
        graded, refused = lazily(split.graded, str(source)), lazily(split.rejects, str(source))
        told = as_it_came(mapping, refused, key) if mapping else refused
        rows = write_outputs({out: graded, rejects: told}, unless_empty={rejects}, rows_in=source.rows)
    by = ["grade", *(["shadow_grade"] if shadow is not None else [])]
    with as_problems(out):
        found_rows = scan_output(out).group_by(by).agg(pl.len()).collect(engine="streaming").rows() if rows[out] else []
    counted: dict[str, int] = {}
    for grade, *_, many in found_rows:
        counted[grade] = counted.get(grade, 0) + many
    beside = None
    if shadow is not None:
        beside = Shadow(shadow_name, shadow.at(law_day), {(one, two): many for one, two, many in found_rows}, alone_in(rejects) if rows[rejects] else 0)
    found: list[Fault] = []
    named: list[Problem] = []
    if rows[rejects]:
        with as_problems(rejects):
            bad = scan_output(rejects)
            if mapping:  # the values in question are those of the facts
                bad = apply(mapping, replace(source, lazy=bad), key, wrong_keys=True).lazy
            found = faults(bad, key)
            named = rejected_rows(bad, key, book.facts, NAMED)
    measured = None
    if quality or mapping:
        with as_problems(source.path):
            measured = quality_of(
                book, came, table.lazy, refused, mapping, as_of=facts_day, key=key, absent=absent, faults=found, rows=(rows[out], rows[rejects])
            )
    grades = in_order(book, counted)
    return Result(book, law_day, facts_day, source.rows, str(out), rows[out], grades, str(rejects), rows[rejects], found, named, measured, beside)


def in_order(book: Book, counted: Mapping[str, int]) -> dict[str, int]:
    """Every grade of a book's law with its count, best first."""
    return {grade: counted.get(grade, 0) for grade in book.law.document.grades.order}


def on_spark(
    book: Book, table: str, out: str, rejects: str, as_of: dt.date | None, master: str, *, key: str, absent: tuple[str, ...], keep: Literal["key", "all"]
) -> Result:
    """Grade a folder of Parquet into two others on Spark."""
    from ..cluster import grade_folder

    law_day, facts_day = book.dates(as_of)
    book = book.at(law_day)
    made = grade_folder(book, table, out, rejects, master=master or None, as_of=facts_day, key=key, absent=absent, keep=keep, most=NAMED)
    return Result(
        book, law_day, facts_day, made.rows, out, made.graded, in_order(book, made.grades), rejects, made.rejected, made.faults, made.named, None
    )  # fmt: skip


def rejected_problems(result: Result) -> list[Problem]:
    rows = f"{result.rejected:,} of {result.rows:,} rows could not be graded"
    few = f"; the first {len(result.named)} are" if result.rejected > len(result.named) else ""
    return [Problem("rows-rejected", rows + few, Place(result.rejects), "mend them, or give `--allow-rejects`"), *result.named]


def as_data(result: Result) -> dict[str, Any]:
    """The result for machines, the same in every language."""
    from ..report.quality import as_data as quality_data
    from ..report.table import words_as_data

    law = result.book.law
    labels = {grade: words_as_data(label) for grade, label in law.document.grades.labels.items()}
    return {
        "rulebook": {"id": law.id, "edition": law.document.edition, "digest": law.digest, "audience": law.document.audience},
        "law_at": str(result.law_at),
        "as_of": str(result.as_of),
        "rows": {"in": result.rows, "graded": result.graded, "rejected": result.rejected},
        "grades": [
            {"grade": grade, "label": labels.get(grade), "rows": rows, "share": round(rows / result.graded, 6) if result.graded else None}
            for grade, rows in result.grades.items()
        ],
        "rejected_for": [asdict(fault) for fault in result.faults],
        "files": {"graded": result.out, "rejects": result.rejects if result.rejected else None},
        **({"quality": quality_data(result.quality)} if result.quality is not None else {}),
        **({"shadow": shadow_data(result.shadow)} if result.shadow is not None else {}),
    }


def as_tables(result: Result, lang: str) -> list[RenderableType]:
    """The result for people."""
    from rich.cells import cell_len
    from rich.text import Text

    def say(en: str, zh: str) -> str:
        return zh if lang == "zh" else en

    document = result.book.law.document
    days = say(f"law of {result.law_at}, facts of {result.as_of}", f"规则适用日 {result.law_at}，事实截至 {result.as_of}")
    sum_ = say("{:,} rows in = {:,} graded + {:,} rejected", "读入 {:,} 行 = 评级 {:,} 行 + 剔除 {:,} 行").format(result.rows, result.graded, result.rejected)
    parts: list[RenderableType] = [Text(f"{document.title.say(lang)}  ({document.rulebook})", style="bold"), Text(f"{days}\n", style="dim")]
    if result.graded:
        parts += [grades_table(result, lang), Text()]
    if result.shadow is not None:
        parts += shadow_parts(result.shadow, result.book, lang)
    parts.append(Text(sum_, style="bold"))
    if result.quality is not None:
        from ..report.quality import as_tables as quality_tables

        parts += [*quality_tables(result.quality, lang), Text()]
    elif result.faults:
        parts += [Text(), faults_table(result, lang), Text()]
    files = [(say("graded rows", "评级结果"), result.out), *([(say("rejected rows", "剔除行"), result.rejects)] if result.rejected else [])]
    wide = max(cell_len(name) for name, _ in files)
    parts += [Text(f"{name}{' ' * (wide - cell_len(name))}  {path}", no_wrap=True, overflow="ignore") for name, path in files]
    if document.notice:
        parts.append(Text(f"\n{document.notice.say(lang)}", style="italic"))
    return parts


def grades_table(result: Result, lang: str) -> RenderableType:
    from rich.text import Text

    from ..report.tables import add, colour_of, plain_table
    from ..words import pick

    grades = result.book.law.document.grades
    heads = [("grade", "等级"), ("label", "名称"), ("rows", "行数"), ("share", "占比")]
    made = plain_table(*(pick(head, lang) for head in heads))
    made.columns[2].justify = made.columns[3].justify = "right"
    for grade, rows in result.grades.items():
        label = grades.labels.get(grade)
        style = f"bold {colour_of(grade, grades.order)}"
        add(made, Text(grade, style=style), label.say(lang) if label else "", f"{rows:,}", f"{rows / result.graded:.1%}")
    return made


def faults_table(result: Result, lang: str) -> RenderableType:
    from ..report.tables import add, plain_table
    from ..words import pick

    heads = [("rejected for", "剔除原因"), ("column", "列"), ("rows", "行数"), ("first key", "首个主键"), ("its value", "取值")]
    made = plain_table(*(pick(head, lang) for head in heads))
    made.columns[2].justify = "right"
    for fault in result.faults:
        code = f"{fault.code} ({fault.detail})" if fault.detail else fault.code
        add(made, code, fault.column, f"{fault.rows:,}", fault.first_key or "-", fault.first_value if fault.first_value is not None else "-")
    return made
