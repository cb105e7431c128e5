"""Excel workbooks (.xlsx) as sources: one sheet, names in its first row, read row by row into temporary files, all values as text.

Guarantees: a value is read as it is kept: 00123 written as text or shown by a format of zeros is 00123, a day is YYYY-MM-DD, a
formula is the value that was last worked out, an error is its word (`#N/A`). Refuses what cannot be read for sure: columns with
values and no name, merged cells, formulas that were never worked out, a workbook with several filled sheets of which none is named.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ..problems import Place, ProblemError, nearest, one_problem
from .files import Source
from .spool import CHUNK, Spool, as_text, extra

__all__ = ["scan_excel"]

LARGEST = 4 << 30  # bytes of a sheet when it is unpacked
ZEROS = re.compile(r"0{2,30}")
MARKS = re.compile(rb'<mergeCell [^>]*?ref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"|<f[ >/]')
BLOCK, OVERLAP = 1 << 20, 200
Row = tuple[Any, ...]


def scan_excel(path: Path, sheet: str | None = None) -> Source:
    """A sheet of the workbook at `path`: the one of this name, or the only one with rows.

    Raises `ProblemError`: `extra-missing`, `file-unreadable`, `file-empty`, `file-too-large`, `option-wrong` for a sheet that is
    not there or not named.
    """
    from .sql import spooled

    openpyxl = extra("openpyxl", "openpyxl", "excel")
    place = Place(str(path))
    with ExitStack() as undo, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles, charts and checks of input that are not read
        try:
            unpacked(path)
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            undo.callback(book.close)
            chosen = sheet_of(book, path, sheet)
            merged, formulas = marks(path, chosen)
            if merged:
                hint = "unmerge them, and write the value or the name into each cell"
                raise one_problem("file-unreadable", f"the cells {merged} of the sheet `{chosen.title}` are merged", place=place, hint=hint)
            rows = chosen.iter_rows()
            undo.callback(rows.close)  # it keeps the file open
            names = header(chosen.title, next(rows, ()), path)
            raw = None
            if formulas:
                source = openpyxl.load_workbook(path, read_only=True, data_only=False)
                undo.callback(source.close)
                raw = source[chosen.title].iter_rows(min_row=2)
                undo.callback(raw.close)
            spool = Spool([name for name in names if name], str(path))
            undo.callback(spool.end)
            fill(spool, rows, raw, names, chosen.title, path)
        except (ProblemError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - openpyxl raises any kind for a damaged file, from KeyError to ParseError
            said = next(iter(str(error).splitlines()), "") or type(error).__name__
            raise one_problem("file-unreadable", f"the workbook cannot be read: {said}", place=place, hint="it may be damaged, or have a password") from None
        book.close()
        made = spooled(spool, path)
        undo.pop_all()
    return made


def unpacked(path: Path) -> None:
    """Refuse a file that is no workbook, or that would unpack to more than can be read safely."""
    if not zipfile.is_zipfile(path):
        hint = "save it as .xlsx; files of old Excel (.xls), and those with a password, cannot be read"
        raise one_problem("file-unreadable", "the file is not an .xlsx workbook", place=Place(str(path)), hint=hint)
    with zipfile.ZipFile(path) as whole:
        size = sum(info.file_size for info in whole.infolist())
    if size > LARGEST:
        raise one_problem("file-too-large", f"the workbook unpacks to {size:,} bytes, the limit is {LARGEST:,}", place=Place(str(path)))


def sheet_of(book: Any, path: Path, name: str | None) -> Any:
    """The worksheet that is named, or the only one that has a value in its second row or below."""
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    for sheet in sheets.values():
        sheet.reset_dimensions()  # what a file says of its own size is often wrong
    place = Place(str(path))
    if name is not None:
        if name not in sheets:
            raise one_problem("option-wrong", f"the workbook has no sheet `{name}`", place=place, hint=nearest(name, sheets))
        return sheets[name]
    filled = [sheet for sheet in sheets.values() if sheet.sheet_state == "visible" and has_rows(sheet)]
    if len(filled) > 1:
        names = ", ".join(f"`{sheet.title}`" for sheet in filled[:5])
        raise one_problem("option-wrong", f"the workbook has several sheets with rows: {names}", place=place, hint="name one with `--sheet`")
    if not filled:
        raise one_problem("file-empty", "the workbook has no sheet with rows", place=place)
    return filled[0]


def has_rows(sheet: Any) -> bool:
    return any(value is not None for row in sheet.iter_rows(min_row=2, values_only=True) for value in row)


def marks(path: Path, sheet: Any) -> tuple[str | None, bool]:
    """The first merged cells of a sheet, and whether it holds formulas, from its text: openpyxl tells neither in one pass."""
    merged, formulas, rest = None, False, b""
    with zipfile.ZipFile(path) as whole, whole.open(sheet._worksheet_path.lstrip("/")) as file:
        while block := file.read(BLOCK):
            for found in MARKS.finditer(rest + block):
                formulas = formulas or found[1] is None
                merged = merged or (found[1].decode() if found[1] else None)
            rest = (rest + block)[-OVERLAP:]
    return merged, formulas


def header(title: str, cells: Row, path: Path) -> list[str | None]:
    """The names of the columns, None where a cell of the first row is empty."""
    names = [text_of(cell) for cell in cells]
    names = [name if name and name.strip() else None for name in names]
    place = Place(str(path), row=None)
    if not any(names):
        raise one_problem("file-unreadable", f"the first row of the sheet `{title}` is empty", place=place, hint="it holds the names of the columns")
    for name, times in Counter(filter(None, names)).items():
        if times > 1:
            raise one_problem("file-unreadable", f"two columns of the sheet `{title}` have the name `{name}`", place=place)
    return names


def fill(spool: Spool, rows: Iterator[Row], raw: Iterator[Row] | None, names: list[str | None], title: str, path: Path) -> None:
    """Write all rows that are not blank. `raw` are the same rows with their formulas."""
    chunk: list[list[str | None]] = []
    for number, row in enumerate(rows, 2):
        formulas = next(raw, ()) if raw is not None else ()
        texts = [text_of(cell) for cell in row]
        for place, cell in enumerate(formulas):
            if cell.data_type == "f" and (place >= len(texts) or (row[place].value is None and row[place].data_type != "str")):  # `str`: an empty text
                what = f"the cell {cell.coordinate} of the sheet `{title}` holds a formula that was never worked out"
                raise one_problem("file-unreadable", what, place=Place(str(path)), hint="open the workbook in Excel and save it")
        if all(text is None for text in texts):
            continue
        for place in range(len(texts)):
            if texts[place] is not None and (place >= len(names) or names[place] is None):
                what = f"row {number} of the sheet `{title}` has a value in column {letters(place)}, which has no name in the first row"
                raise one_problem("file-unreadable", what, place=Place(str(path)), hint="the first row holds a name for each column, and no title stands above")
        texts += [None] * (len(names) - len(texts))
        chunk.append([text for text, name in zip(texts, names, strict=False) if name])
        if len(chunk) == CHUNK:
            spool.add(chunk)
            chunk = []
    if chunk:
        spool.add(chunk)


def letters(place: int) -> str:
    """The letters of a column: 0 is A, 26 is AA."""
    return (letters(place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)


def text_of(cell: Any) -> str | None:
    """The value of a cell as text; a cell without characters has none."""
    value = cell.value
    if value.__class__ is str:
        return value or None
    if value is None:
        return None
    text = as_text(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and text is not None:
        shown = str(cell.number_format)
        return text.zfill(len(shown)) if ZEROS.fullmatch(shown) else text
    return text
