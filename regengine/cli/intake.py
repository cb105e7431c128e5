"""What commands do with a source besides grading: find it, read its mapping, measure and report its quality."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from ..problems import Place, one_problem

if TYPE_CHECKING:
    import polars as pl

    from ..book import Book
    from ..intake.files import Source
    from ..intake.mapping import Mapping_
    from ..intake.rejects import Fault
    from ..report.quality import EvidenceQuality, Quality

__all__ = ["REPORTS", "mapping_of", "quality_of", "source_of", "write_report"]

REPORTS = (".html", ".json")
NAMED = 5  # failing keys that are named one by one


def mapping_of(path: Path | None, book: Book, as_of: dt.date | None) -> Mapping_ | None:
    """The mapping file, held against the facts of the rulebook on the day of its law."""
    if path is None:
        return None
    from ..intake.mapping import check_facts, read_mapping

    mapping = read_mapping(path)
    check_facts(mapping, book.at(book.dates(as_of)[0]).facts.values())
    return mapping


def source_of(table: str, *, name: str | None, query: str | None, sheet: str | None) -> Source:
    """The table to grade: a file, a folder, or a table or query of a database."""
    from ..intake.files import EXCEL, as_problems, scan_table
    from ..intake.native import DUCKDB, scan_duckdb
    from ..intake.sql import is_address, scan_sql

    path = Path(table)
    if is_address(table):
        if sheet is not None:
            raise one_problem("option-wrong", "a database has no sheets", hint="leave `--sheet` out")
        return scan_sql(table, table=name, query=query)
    if re.search(r"//.*:.*@", table) and not path.exists():  # it may hold a password, so it is not shown
        raise one_problem("option-wrong", "this is neither a file nor the address of a database", hint="such as postgresql://user@host/database")
    if path.suffix.lower() in DUCKDB:
        return scan_duckdb(path, table=name, query=query)
    if name is not None or query is not None:
        given = "--table" if name is not None else "--query"
        raise one_problem("option-wrong", f"`{given}` is for a database", place=Place(table), hint="give its address, such as sqlite:///path")
    if sheet is not None and path.suffix.lower() not in EXCEL:
        raise one_problem("option-wrong", "`--sheet` is for an Excel workbook", place=Place(table), hint="leave it out")
    with as_problems(path):
        return scan_table(path, sheet=sheet)


def quality_of(
    book: Book, came: Source, table: pl.LazyFrame, rejects: pl.LazyFrame, mapping: Mapping_ | None, *,
    as_of: dt.date, key: str, absent: tuple[str, ...], faults: list[Fault], rows: tuple[int, int],
) -> Quality:  # fmt: skip
    """Measure the quality of a table that was graded; its rows are read once more."""
    from ..intake.mapping import apply, failed_keys
    from ..report.quality import Keys, Quality, filled_in

    graded, rejected = rows
    keys = None
    if mapping and mapping.document.key.check:
        failed, first = failed_keys(apply(mapping, came, key, wrong_keys=True).lazy, key, NAMED)
        keys = Keys(mapping.document.key.column, failed, tuple(first), mapping.document.key.wrong == "reject")
    filled = filled_in(table, rejects, book.facts.values(), absent, graded)
    return Quality(str(came), book.law.id, str(as_of), came.rows, graded, rejected, tuple(faults), filled, keys)


def write_report(quality: Quality | EvidenceQuality, path: Path, lang: str) -> None:
    """Write the report on quality under its name when it is whole. Raises `ProblemError` (`output-failed`)."""
    from ..report.html import write_whole
    from ..report.quality import as_data, as_html

    page = path.suffix.lower() == ".html"
    text = as_html(quality, lang) if page else json.dumps(as_data(quality), ensure_ascii=False, indent=2) + "\n"
    write_whole(text, path)
