"""A table of results on a terminal, whatever its width: figures are whole, headings and texts give way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .table import GROUP, Cell, Column, Table
from .tables import add, colour_of, plain_table, value_words

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

__all__ = ["Drawn"]

GAP = 2  # blanks between two columns
GRADES = ("value", "grade")  # columns that may hold grades
LEAST_TEXT = 12  # a column of text is not made narrower for the others


@dataclass(frozen=True, slots=True)
class Drawn:
    """A table of the report for a terminal. Groups of rows stand under a line with their name; grades have their colour.

    Where it is narrow, headings are broken between words and texts wherever they must. Names and numbers are whole as long
    as the terminal has room for them, and then folded; they are cut off only where a column has no room at all.
    """

    table: Table
    grades: Sequence[str]
    lang: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.text import Text

        grouped = self.table.columns[0].name == GROUP
        columns = self.table.columns[grouped:]
        heads = [column.label.say(self.lang) for column in columns]
        rows = [[written(cell, column, self.lang) for cell, column in zip(row[grouped:], columns, strict=True)] for row in self.table.rows]
        made = plain_table(*heads)
        made.padding = (0, GAP - 1, 0, 0)  # the box has a blank of its own
        groups = [written(row[0], self.table.columns[0], self.lang) for row in self.table.rows if grouped]
        for column, width, drawn in zip(columns, widths(columns, heads, rows, groups, options.max_width), made.columns, strict=True):
            drawn.width = width
            drawn.justify = "left" if column.kind in ("name", "text") else "right"
        before: Cell = None
        for row, cells in zip(self.table.rows, rows, strict=True):
            if grouped and row[0] != before:
                before = row[0]
                if made.rows:
                    made.add_row()
                add(made, Text(written(before, self.table.columns[0], self.lang), style="bold"))
            add(made, *(Text(cell, style=self.style(cell, column)) for cell, column in zip(cells, columns, strict=True)))
        yield made

    def style(self, cell: str, column: Column) -> str:
        """The colour of a grade; a section of industry may be called `A` as well."""
        return f"bold {colour_of(cell, self.grades)}" if column.name in GRADES and cell in self.grades else ""


def widths(columns: Sequence[Column], heads: Sequence[str], rows: Sequence[Sequence[str]], groups: Sequence[str], room: int) -> list[int | None]:
    """How wide each column is drawn; None leaves it to the terminal, where all fits as it is or nothing would help."""
    from rich.cells import cell_len

    whole = [max(map(cell_len, (head, *cells))) for head, *cells in zip(heads, *rows, strict=True)]
    least = [max(map(cell_len, (*head.split(), *cells))) for head, *cells in zip(heads, *rows, strict=True)]
    whole[0] = max([whole[0], *map(cell_len, groups)])
    least[0] = max([least[0], *(cell_len(word) for group in groups for word in group.split())])
    room -= (len(columns) - 1) * GAP
    texts = [number for number, column in enumerate(columns) if column.kind == "text"]
    left = room - sum(least[number] for number in range(len(columns)) if number not in texts)
    if sum(whole) <= room or left < LEAST_TEXT * len(texts):
        return [None] * len(columns)
    return [max(LEAST_TEXT, min(whole[number], left // len(texts))) if number in texts else least[number] for number in range(len(columns))]


def written(cell: Cell, column: Column, lang: str) -> str:
    """A cell as text, by the kind of its column."""
    if cell is None:
        return "" if column.kind in ("name", "text") else "–"
    match column.kind:
        case "count":
            return f"{cell:,}"
        case "number":
            return f"{cell:,.1f}"
        case "share":
            assert isinstance(cell, float)
            return f"{100 * cell:.1f}"
        case _:
            if isinstance(cell, bool):
                return value_words(cell, lang)
            return str(cell) if isinstance(cell, str | int | float) else cell.say(lang)
