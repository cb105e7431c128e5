"""What was changed in the workbook of a rulebook, as a reform.

Guarantees: a workbook in which nothing was changed gives an empty reform, and a reform that is returned loads. Refuses formulas, merged cells, ids
and names that were changed, rows and sheets that were added or are gone, and the workbook of another text of the rulebook.
"""

from __future__ import annotations

import copy
import datetime as dt
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..intake.excel import letters, marks, unpacked
from ..intake.spool import extra
from ..problems import Place, Problem, ProblemError, nearest, one_problem
from ..rulebook.changes import GONE, Change, Gone, changes, located, standing
from ..rulebook.law import Steps
from ..rulebook.load import Rulebook, load_rulebook, read_rulebook
from ..rulebook.located import Scalar, dotted, read_yaml_text
from ..rulebook.paths import is_bins
from ..rulebook.reform import REFORM_NAME, Reform
from ..rulebook.shipped import find
from .excel import ABOUT, FIRST_COLUMN, FIRST_ROW, key_text
from .rows import KEY, OWN, Cell, Row, Table, as_cell, tables

__all__ = ["Edited", "from_excel"]


@dataclass(frozen=True, slots=True)
class Edited:
    """What was changed in a workbook: the reform, and each of its changes beside the value that it replaces."""

    reform: Reform
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as it was read: its name, its key, and the values of each row by the row's number."""

    title: str
    key: str
    rows: Mapping[int, tuple[Cell, ...]]


def from_excel(path: Path, name: str | Path | None = None, *, reform: str = "edited") -> Edited:
    """What was changed in a workbook, as a reform of its rulebook: the shipped one that it shows, or `name`.

    Raises `ProblemError` with everything that is wrong with the workbook, or with the rulebook as the workbook would have it.
    """
    if not re.fullmatch(REFORM_NAME, reform):
        raise one_problem("option-wrong", f"`{reform}` is not a name of a reform", hint="use small letters, digits and `-`")
    sheets = read_workbook(path)
    about = about_of(sheets, path)
    source = find(name or about.get("rulebook", ""))
    rulebook = load_rulebook(source)
    same_text(about, rulebook, path)
    old = rulebook.text.plain()
    new = copy.deepcopy(old)
    cells, problems = read_changes(sheets, tables(rulebook.text), path, new)
    prune(old, new)
    if not problems:
        problems = [at_cell(problem, cells, path) for problem in read_rulebook(located(new), source)[1]]
    if problems:
        raise ProblemError(problems)
    found = list(changes(old, new))
    made = Reform(
        reform=reform,
        over=rulebook.id,
        edition=about["edition"],
        digest=about["digest"],
        set={dotted(at): value for at, value in found if not isinstance(value, Gone)},
        remove=[dotted(at) for at, value in found if isinstance(value, Gone)],
        basis="illustrative",
    )
    return Edited(made, tuple(Change(dotted(at), standing(old, at), None if isinstance(value, Gone) else value) for at, value in found))


def read_workbook(path: Path) -> list[Sheet]:
    """Every sheet's values. Raises `ProblemError` for formulas and merged cells, and where the file is no workbook."""
    openpyxl = extra("openpyxl", "openpyxl", "excel")
    if not path.is_file():
        raise one_problem("file-missing", "there is no such file", place=Place(str(path)))
    problems: list[Problem] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and checks of input that are not read
        try:
            unpacked(path)
            book = openpyxl.load_workbook(path, read_only=True)
            try:
                sheets = [read_sheet(sheet, path, problems) for sheet in book.worksheets]
            finally:
                book.close()
        except (ProblemError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - openpyxl raises any kind for a damaged file, from KeyError to ParseError
            said = next(iter(str(error).splitlines()), "") or type(error).__name__
            raise one_problem("file-unreadable", f"the workbook cannot be read: {said}", place=Place(str(path)), hint="it may be damaged") from None
    if problems:
        raise ProblemError(problems)
    return sheets


def read_sheet(sheet: Any, path: Path, problems: list[Problem]) -> Sheet:
    """The values of a sheet, and what is wrong with its cells."""
    merged, _ = marks(path, sheet)
    if merged:
        problems.append(Problem("workbook-changed", "cells are merged", place_of(path, sheet.title, merged), "unmerge them"))
    sheet.reset_dimensions()
    rows: dict[int, tuple[Cell, ...]] = {}
    for number, cells in enumerate(sheet.iter_rows(), 1):
        for cell in cells:
            if cell.data_type == "f":
                problems.append(Problem("workbook-formula", "the cell holds a formula", place_of(path, sheet.title, cell.coordinate), "write the value itself"))
        rows[number] = tuple(read_value(cell) for cell in cells)
    first = next(iter(rows.get(1, ())), None)
    return Sheet(sheet.title, str(first or ""), rows)


def read_value(cell: Any) -> Cell:
    """The value of a cell; a day that Excel made of a text is the text again."""
    value = cell.value
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return str(value.date())
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n") or None
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def about_of(sheets: list[Sheet], path: Path) -> dict[str, str]:
    """What the hidden sheet says of the rulebook."""
    rows = [sheet.rows for sheet in sheets if sheet.key == ABOUT]
    about = {str(key): str(value) for found in rows for key, value, *_ in (row for row in found.values() if len(row) > 1)}
    if len(rows) != 1 or not {"rulebook", "edition", "digest"} <= set(about):
        raise one_problem(
            "workbook-changed", "the workbook does not say of which rulebook it is", place=Place(str(path)), hint="write it with `rules to-excel`"
        )
    return about


def same_text(about: Mapping[str, str], rulebook: Rulebook, path: Path) -> None:
    """Refuse the workbook of another rulebook, or of another text of this one."""
    if about["rulebook"] != rulebook.id:
        raise one_problem("workbook-stale", f"the workbook shows `{about['rulebook']}`, not `{rulebook.id}`", place=Place(str(path)))
    if about["digest"] != rulebook.text_digest:
        hint = "write a new workbook with `rules to-excel` and make the changes there"
        raise one_problem("workbook-stale", f"`{rulebook.id}` has changed since the workbook was written", place=Place(str(path)), hint=hint)


def read_changes(sheets: list[Sheet], expected: list[Table], path: Path, new: Any) -> tuple[dict[str, Place], list[Problem]]:
    """Put every changed value into `new`; the cell of each path, and what is wrong with the sheets."""
    wanted = {dotted(table.key): table for table in expected}
    cells: dict[str, Place] = {}
    problems: list[Problem] = []
    renamed: dict[Steps, dict[str, str]] = {}
    seen: set[str] = set()
    for sheet in sheets:
        if sheet.key == ABOUT:
            continue
        if sheet.key not in wanted or sheet.key in seen:
            problems.append(changed("the sheet is not one of the workbook", place_of(path, sheet.title), "take it out, or undo what was done to its first row"))
            continue
        seen.add(sheet.key)
        reader = Reader(path, sheet, wanted[sheet.key], new, cells, renamed)
        reader.read()
        problems += reader.problems
    problems += [changed(f"the sheet `{key}` is gone", Place(str(path)), "sheets are not taken out here") for key in wanted if key not in seen]
    for at, names in renamed.items():
        rename(new, at, names)
    return cells, problems


class Reader:
    """Reads one sheet against its table."""

    def __init__(self, path: Path, sheet: Sheet, table: Table, new: Any, cells: dict[str, Place], renamed: dict[Steps, dict[str, str]]) -> None:
        self.path, self.sheet, self.table, self.new, self.cells, self.renamed = path, sheet, table, new, cells, renamed
        self.problems: list[Problem] = []

    def place(self, number: int, column: int) -> Place:
        return place_of(self.path, self.sheet.title, f"{letters(column - 1)}{number}")

    def read(self) -> None:
        """Every row by its id, which may stand in any order."""
        columns = self.table.columns
        wide = FIRST_COLUMN - 1 + len(columns)
        keys = self.sheet.rows.get(1, ())
        if filled(keys, wide) != (self.sheet.key, "where", *map(key_text, columns)):
            self.problems.append(changed("the keys of the columns were changed", self.place(1, 1), "columns stay in their order; none is added or taken out"))
            return
        rows = {dotted(row.path): row for row in self.table.rows}
        seen: set[str] = set()
        for number, values in self.sheet.rows.items():
            if number < FIRST_ROW or not any(value is not None for value in values):
                continue
            found, where, *cells = filled(values, wide)
            name, row = str(found), rows.get(str(found))
            if row is None or name in seen:
                self.strange(name if found is not None else None, number, rows, again=name in seen)
                continue
            seen.add(name)
            if where != row.where:
                hint = f"in this row belongs `{row.where}`; sort whole rows only"
                self.problems.append(changed("the row's hidden id and its place do not belong together", self.place(number, 2), hint))
                continue
            self.read_row(number, row, dict(zip(columns, cells, strict=True)))
        missing = [row.where for name, row in rows.items() if name not in seen]
        hint = "to remove what it stands for, empty its cells and leave the row"
        self.problems += [changed(f"the row `{where}` is gone", place_of(self.path, self.sheet.title), hint) for where in missing]

    def strange(self, name: str | None, number: int, rows: Mapping[str, Row], *, again: bool) -> None:
        """Note a row that is not one of the table."""
        if name is None:
            self.problems.append(changed("the row has no hidden id", self.place(number, 1), "rows cannot be added in a workbook; add them to the rulebook"))
        elif again:
            self.problems.append(changed(f"the hidden id `{name}` stands twice", self.place(number, 1)))
        else:
            self.problems.append(changed(f"the hidden id `{name}` is not one of this sheet", self.place(number, 1), nearest(name, rows)))

    def read_row(self, number: int, row: Row, values: Mapping[Steps, Cell]) -> None:
        """Put the changed values of a row into the new rulebook."""
        self.cells[dotted(row.path)] = self.place(number, 2)
        edited = {column for column, value in values.items() if not same(as_cell(row.cells.get(column)), value)}
        bare = is_bins(row.path[:-1]) and not isinstance(standing(self.new, row.path), dict)
        if bare and edited - {KEY, ("give",)}:  # points that stood alone get something beside them
            put(self.new, row.path, {"give": standing(self.new, row.path)})
            bare = False
        for place, (column, value) in enumerate(values.items(), FIRST_COLUMN):
            if column != OWN or column in row.cells:
                self.cells[dotted((*row.path, *column))] = self.place(number, place)
            if column not in edited:
                continue
            if column == KEY:
                self.renamed.setdefault(row.path[:-1], {})[str(row.path[-1])] = "" if value is None else str(value)
            elif not put(self.new, row.path if bare else (*row.path, *column), GONE if value is None else value_of(value, row.cells.get(column))):
                hint = "it stands here as one value" if len(column) > 1 else "it stands here in parts, in the columns beside"
                self.problems.append(changed(f"`{column[0]}` cannot be written into this cell", self.place(number, place), hint))


def filled(values: tuple[Cell, ...], wide: int) -> tuple[Cell, ...]:
    """A row with as many values as there are columns, and more only where there is one."""
    while len(values) > wide and values[-1] is None:
        values = values[:-1]
    return (*values, *[None] * (wide - len(values)))


def same(old: Cell, new: Cell) -> bool:
    """Whether a cell holds what it held; true is not 1."""
    return old == new and isinstance(old, bool) == isinstance(new, bool)


def value_of(cell: Cell, old: Scalar | list[Scalar]) -> Scalar | list[Scalar]:
    """A changed cell as a value of the file: a list where there was one, exact numbers."""
    if isinstance(old, list):
        lines = [line for line in str(cell).split("\n") if line]
        texts = all(isinstance(one, str) for one in old)
        return [line if texts else scalar(line) for line in lines]
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() else Decimal(repr(cell))
    return cell


def scalar(line: str) -> Scalar:
    """A line of a list that holds more than texts, as YAML reads it."""
    found = read_yaml_text(line).value
    return found if not isinstance(found, dict | list) else line


def put(new: Any, path: Steps, value: Any) -> bool:
    """Put a value at a path, with the mappings that lead to it; False where something else stands in the way."""
    *above, last = path
    at = new
    for step in above:
        at = at.setdefault(step, {}) if isinstance(at, dict) else at[step]
        if not isinstance(at, dict | list):
            return False
    if isinstance(at, dict) and isinstance(at.get(last), dict) and not isinstance(value, dict):
        return False
    at[last] = value
    return True


def rename(new: Any, path: Steps, names: Mapping[str, str]) -> None:
    """Write other intervals into a table of bins, which stay in their order. A bin without one goes."""
    table = standing(new, path)
    kept: dict[str, Any] = {}
    for key, value in table.items():
        name = names.get(key, key)
        if name in kept:
            raise one_problem("key-duplicate", f"two bins have the interval `{name}`", place=Place(path=dotted(path)))
        if name:
            kept[name] = value
    table.clear()
    table.update(kept)


def prune(old: Any, new: Any) -> None:
    """Take away what was emptied whole: a mapping all of whose values are gone is gone itself."""
    for key, value in list(new.items() if isinstance(new, dict) else enumerate(new)):
        before = old.get(key) if isinstance(old, dict) else old[key] if isinstance(old, list) and len(old) > key else None
        if isinstance(value, dict | list) and value:
            prune(before, value)
            left = value.values() if isinstance(value, dict) else value
            if isinstance(value, dict) and all(isinstance(one, Gone) for one in left):
                new[key] = GONE


def changed(message: str, place: Place, hint: str | None = None) -> Problem:
    return Problem("workbook-changed", message, place, hint)


def place_of(path: Path, title: str, cell: str | None = None) -> Place:
    """A place in a workbook, as Excel writes it."""
    return Place(str(path), path=f"{title}!{cell}" if cell else title)


def at_cell(problem: Problem, cells: Mapping[str, Place], path: Path) -> Problem:
    """A problem of the changed rulebook at the cell that it speaks of."""
    at = problem.place.path or ""
    names = [name for name in cells if at == name or at.startswith((f"{name}.", f"{name}["))]
    return replace(problem, place=cells[max(names, key=len)] if names else Place(str(path), path=at or None))
