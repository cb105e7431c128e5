"""Rulebooks as workbooks of Excel.

A workbook has a sheet for each table. Column A is hidden and holds the id of each row, row 1 the keys of the columns; what may not be
changed is locked. What was changed in a workbook comes back with `edited`.
"""

from __future__ import annotations

import io
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..intake.excel import letters
from ..intake.spool import extra
from ..problems import Place, one_problem
from ..rulebook.law import Steps
from ..rulebook.load import Rulebook, load_rulebook
from ..rulebook.located import dotted
from .rows import OWN, Row, Table, as_cell, tables
from .words import column_words, sheet_words

__all__ = ["ABOUT", "FIRST_COLUMN", "FIRST_ROW", "key_text", "to_excel"]

ABOUT = "regengine"  # the hidden sheet that says which rulebook the workbook shows
LONGEST = 32_767  # characters of a cell
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
WIDEST, NARROWEST = 60, 8  # widths of columns, in characters
FIRST_ROW, FIRST_COLUMN = 3, 3  # of the values; before them stand keys and headings, ids and places


def to_excel(name: str | Path, path: Path, *, lang: str = "en") -> int:
    """Write a rulebook as a workbook to `path`; the number of its sheets. Raises `ProblemError`."""
    openpyxl = extra("openpyxl", "openpyxl", "excel")
    if path.suffix.lower() != ".xlsx":
        raise one_problem("file-kind", f"`{path.suffix}` is not a kind of workbook that is written", place=Place(str(path)), hint="name it .xlsx")
    rulebook = load_rulebook(name)
    book = openpyxl.Workbook()
    book.remove(book.active)
    found = tables(rulebook.text)
    titles: set[str] = set()
    for table in found:
        write_table(book.create_sheet(title_of(table.key, lang, titles)), table, rulebook, lang)
    about = book.create_sheet(ABOUT)
    about.append([ABOUT])
    for line in (("rulebook", rulebook.id), ("edition", rulebook.latest.document.edition), ("digest", rulebook.text_digest)):
        about.append(line)
    about.sheet_state = "hidden"
    made = io.BytesIO()
    book.save(made)
    beside = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(made.getvalue())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise one_problem("output-failed", f"the file could not be written: {error.strerror or error}", place=Place(str(path))) from None
    return len(found)


def title_of(key: Steps, lang: str, taken: set[str]) -> str:
    """A name for a sheet: at most 31 characters, and not one that is taken."""
    whole = sheet_words(key, lang)
    names = (whole[: 31 - len(end)] + end for end in ("", *(f" {number}" for number in range(2, 1000))))
    title = next(name for name in names if name.lower() not in taken)
    taken.add(title.lower())
    return title


def write_table(sheet: Any, table: Table, rulebook: Rulebook, lang: str) -> None:
    """Write a table: keys and headings, then the rows, each value in a cell that can be changed."""
    styles = extra("openpyxl.styles", "openpyxl", "excel")
    columns = table.columns
    sheet.append([dotted(table.key), "where", *map(key_text, columns)])
    sheet.append(["id", "位置" if lang == "zh" else "where", *(column_words(column, lang) for column in columns)])
    for number, row in enumerate(table.rows, FIRST_ROW):
        sheet.cell(number, 1, dotted(row.path)).data_type = "s"
        sheet.cell(number, 2, row.where).data_type = "s"
        for place, column in enumerate(columns, FIRST_COLUMN):
            write_value(sheet.cell(number, place), row, column, numeric(table, column))
    folded = styles.Alignment(vertical="top", wrap_text=True)
    for heading in sheet[2]:
        heading.font, heading.fill, heading.alignment = styles.Font(bold=True), styles.PatternFill("solid", fgColor="FFDCE6F1"), folded
    for cells in sheet.iter_rows(min_row=FIRST_ROW):
        cells[1].font, cells[1].alignment = styles.Font(color="FF7F7F7F"), folded
        for cell in cells[2:]:
            cell.protection, cell.alignment = styles.Protection(locked=False), folded
    sheet.column_dimensions["A"].hidden = sheet.row_dimensions[1].hidden = True
    for place in range(2, len(columns) + FIRST_COLUMN):
        sheet.column_dimensions[letters(place - 1)].width = width_of(sheet, place)
    sheet.freeze_panes = sheet.cell(FIRST_ROW, FIRST_COLUMN)
    sheet.protection.sheet = True  # no password: it keeps a slip from changing an id, no one from changing the law
    sheet.protection.formatColumns = sheet.protection.formatRows = sheet.protection.formatCells = False  # these stay allowed
    offer(sheet, table, rulebook.latest.document.grades.order)


def write_value(cell: Any, row: Row, column: Steps, number: bool) -> None:
    """Put a value into its cell: text as text, whatever it looks like."""
    value = as_cell(row.cells.get(column))
    if isinstance(value, str):
        if len(value) > LONGEST or NOT_XML.search(value):
            what = f"has {len(value):,} characters" if len(value) > LONGEST else "has a character that no workbook can hold"
            raise one_problem("value-wrong", f"the text {what}", place=Place(path=dotted((*row.path, *column))))
        cell.value, cell.data_type = value, "s"
    else:
        cell.value = value
    cell.number_format = "General" if number else "@"


def numeric(table: Table, column: Steps) -> bool:
    """Whether the values of a column are numbers, so that what is written into its empty cells is one as well."""
    values = [row.cells[column] for row in table.rows if row.cells.get(column) is not None]
    return bool(values) and all(isinstance(value, int | Decimal) and not isinstance(value, bool) for value in values)


def width_of(sheet: Any, place: int) -> int:
    """The width that shows the longest line of a column, within bounds."""
    from rich.cells import cell_len

    lines = [line for (value,) in sheet.iter_rows(min_row=2, min_col=place, max_col=place, values_only=True) for line in str(value or "").split("\n")]
    return min(max(NARROWEST, *map(cell_len, lines)) + 2, WIDEST)


def offer(sheet: Any, table: Table, grades: list[str]) -> None:
    """Offer the words that a cell may hold, where they are few."""
    validation = extra("openpyxl.worksheet.datavalidation", "openpyxl", "excel")
    offered = {("basis",): ["published", "derived", "illustrative"], **{(key,): grades for key in ("grade", "at_best", "at_worst", "stop_at")}}
    for place, column in enumerate(table.columns, FIRST_COLUMN):
        if column in offered:
            choice = validation.DataValidation(type="list", formula1=f'"{",".join(offered[column])}"', allow_blank=True)
            choice.add(f"{letters(place - 1)}{FIRST_ROW}:{letters(place - 1)}{FIRST_ROW + len(table.rows) - 1}")
            sheet.add_data_validation(choice)


def key_text(column: Steps) -> str:
    """The key of a column in row 1."""
    return "." if column == OWN else dotted(column)
