"""A rulebook's file as tables: for each section the rows that hold its values, each value by its path.

Every value of the file stands in exactly one cell, but for its id and its cases. Dated values have a table of their own, a row for each day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from ..rulebook.law import Steps
from ..rulebook.located import Located, Scalar
from ..rulebook.paths import is_bins
from ..rulebook.values import is_dated

__all__ = ["KEY", "OWN", "Cell", "Row", "Table", "as_cell", "tables"]

Cell = str | int | float | bool | None
LEFT_OUT = ("rulebook", "tests")
SECTIONS = (
    "sources", "registers", "facts", "uses", "terms", "indicators", "score", "grades", "adjust", "always", "inspection", "service", "outcomes", "warnings",
)  # fmt: skip
ORIGIN = ("cite", "basis", "note")
OWN: Steps = ()  # the column of a row that is one value
KEY: Steps = ("[key]",)  # the column of a bin's interval, which is the key that it stands under


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: the path of what it shows in the file, and its values by their path below that."""

    path: Steps
    cells: dict[Steps, Scalar | list[Scalar]]

    @property
    def where(self) -> str:
        """The row's place for people, without the words that say nothing."""
        parts = [str(step + 1) if isinstance(step, int) else step for step in self.path if step not in ("indicators", "items", "outcomes", "bins", "table")]
        return " › ".join(parts)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a section and the columns that they have together; `key` names the section in the file."""

    key: Steps
    rows: tuple[Row, ...]

    @property
    def columns(self) -> tuple[Steps, ...]:
        """Every column once, in the order of first use, and where values come from at the end."""
        found = dict.fromkeys(column for row in self.rows for column in row.cells)
        ends = [(name,) for name in ORIGIN] if any(len(column) for column in found) else []
        return (*(column for column in found if column not in ends), *ends)


def tables(root: Located) -> list[Table]:
    """The tables of a file: its head, each section, each family and each further outcome, then the dated values."""
    found: dict[Steps, list[Row]] = {}
    dated: list[Row] = []
    order = sorted((name for name, _ in root if name not in LEFT_OUT), key=lambda name: SECTIONS.index(name) if name in SECTIONS else -1)
    for name in order:
        for row in rows_of((name,), root.down((name,))[0], dated):
            found.setdefault(table_of(row.path), []).append(row)
    if dated:
        found[("dated",)] = dated
    return [Table(key, tuple(rows)) for key, rows in found.items()]


def table_of(path: Steps) -> Steps:
    """Which table a row stands in."""
    match path:
        case (("indicators" | "outcomes"), _, *_):
            return path[:2]
        case ("score", *_):
            return ("grades",)
        case (name, *_) if name in SECTIONS:
            return (name,)
        case _:
            return ("rulebook",)


def rows_of(path: Steps, at: Located, dated: list[Row]) -> Iterator[Row]:
    """The row of what stands at `path`, if it has values of its own, then the rows below it; dated values go to `dated`."""
    cells: dict[Steps, Scalar | list[Scalar]] = {KEY: str(path[-1])} if is_bins(path[:-1]) else {}
    below: list[tuple[Steps, Located]] = []
    gather(path, OWN, at, cells, below, dated)
    if cells:
        yield Row(path, cells)
    for step, one in below:
        yield from rows_of(step, one, dated)


def gather(path: Steps, column: Steps, at: Located, cells: dict[Steps, Scalar | list[Scalar]], below: list[tuple[Steps, Located]], dated: list[Row]) -> None:
    """Sort what stands at `path` + `column` into the row's own values, the rows below and the dated values."""
    here = (*path, *column)
    if is_dated(at):
        for day, value in at:
            dated += rows_of((*here, day), value, dated)
    elif isinstance(at.value, list) and any(isinstance(one.value, dict | list) for one in at.value):
        below += [((*here, index), one) for index, one in enumerate(at.value)]
    elif isinstance(at.value, list):
        cells[column] = [one.value for one in at.value if not isinstance(one.value, dict | list)]
    elif not isinstance(at.value, dict):
        cells[("give",) if column == OWN and is_bins(path[:-1]) else column] = at.value
    elif is_named(here):
        below += [((*here, name), one) for name, one in at]
    else:
        for name, one in at:
            gather(path, (*column, name), one, cells, below, dated)


def is_named(path: Steps) -> bool:
    """Whether the mapping at `path` has a row for each of its keys, which are names of the rulebook's own."""
    match path:
        case (("sources" | "registers" | "facts" | "uses" | "terms" | "indicators" | "outcomes"),):
            return True
        case ("registers", _, "columns") | ("registers", _, "effect", ("longest" | "least")) | ("facts", _, "from", "weights"):
            return True
        case ("indicators", _, "items") | ("grades", ("bands" | "labels")):
            return True
        case ("inspection", "by_grade") | ("service", ("matters" | "labels")) | ("outcomes", _, "by_grade"):
            return True
        case _:
            return is_bins(path)


def as_cell(value: Scalar | list[Scalar]) -> Cell:
    """A value as a cell holds it: a list has a line for each of its values, and what is empty is no value."""
    match value:
        case list():
            return "\n".join(map(line_text, value)) or None
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case str():
            return value.replace("\r\n", "\n").replace("\r", "\n") or None
        case _:
            return value


def line_text(value: Scalar) -> str:
    """A value of a list as a line of text, as YAML writes it."""
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
