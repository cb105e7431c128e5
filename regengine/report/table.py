"""A small table of results: rows of figures with columns that say what they are, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..rulebook.parts import Words

__all__ = ["GROUP", "Cell", "Column", "Groups", "Table", "words_as_data"]

GROUP = "group"  # the name of a first column whose values head groups of rows
Cell = str | int | float | bool | Words | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `name` for machines, `label` for people. A `share` is a part of 1, a `number` is shown with one decimal; None in a cell means
    that there is no figure.

    A `name` is an identifier and is never broken over lines, a `text` may be.
    """

    name: str
    label: Words
    kind: Literal["name", "text", "count", "number", "share"] = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """Figures under a title, with the notes without which they would be misread."""

    name: str
    title: Words
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[Words, ...] = ()

    def as_data(self) -> dict[str, object]:
        """The table as plain data, the same whatever the language of the reader."""
        names = [column.name for column in self.columns]
        return {
            "table": self.name,
            "title": words_as_data(self.title),
            "columns": [{"name": column.name, "label": words_as_data(column.label), "kind": column.kind} for column in self.columns],
            "rows": [{name: words_as_data(cell) if isinstance(cell, Words) else cell for name, cell in zip(names, row, strict=True)} for row in self.rows],
            "notes": [words_as_data(note) for note in self.notes],
        }


@dataclass(frozen=True, slots=True)
class Groups:
    """A column whose values stand side by side in a table, in this order, with what each is called."""

    column: str
    labels: Mapping[str, Words]


def words_as_data(words: Words) -> dict[str, str]:
    """A text by its languages."""
    return {lang: text for lang, text in (("en", words.en), ("zh", words.zh)) if text}
