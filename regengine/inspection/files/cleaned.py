"""Values that a file or a spreadsheet would not show as they are: made harmless where they could do harm, and told either way.

A cell of a CSV that begins as a formula does is run as one by spreadsheets, whatever quotes stand around it; it is written with an apostrophe before it.
A key such as 00123 or 914101000000000123 is shown as another number; it is left as it is, so that programs still find it, and told. The workbook
holds both as they are, since its cells have types. Control characters, which neither a workbook nor a calendar may hold, become U+FFFD. A place that
is not on the earth is left out, a text is cut at the end of a cell. The Parquet file has every value as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import polars as pl

from ...problems import Place, Problem
from ..tables import PlanTables

__all__ = ["cleaned", "shown_otherwise", "without_formulas"]

FORMULA = r"^\s*[=+\-@＝＋－＠]|^\t"
NUMBER = r"^0[0-9]+$|^[0-9]{16,}$|^[0-9]+[eE][0-9]+$"  # Excel keeps 15 digits
CONTROL = "[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]"  # all but tabs and line feeds
LONGEST = 32_767  # characters of a cell
SHOWN, MOST = 3, 60  # texts that are named, and characters of each


def cleaned(tables: PlanTables) -> tuple[PlanTables, list[Problem]]:
    """The plan without what a workbook or a calendar may not hold: control characters, texts that are too long, places not on the earth; what was changed."""
    visits, said = clean_texts(tables.visits, "visits")
    unplaced, more = clean_texts(tables.unplaced, "unplaced")
    people, of_people = clean_texts(pl.DataFrame({"name": [one.name for one in tables.inspectors]}, schema={"name": pl.String}), "inspectors")
    visits, astray = clean_places(visits)
    inspectors = tuple(replace(one, name=name) for one, name in zip(tables.inspectors, people.get_column("name"), strict=True))
    return replace(tables, visits=visits, unplaced=unplaced, inspectors=inspectors), [*said, *more, *of_people, *astray]


def clean_texts(table: pl.DataFrame, name: str) -> tuple[pl.DataFrame, list[Problem]]:
    """A table without control characters and without texts that are longer than a cell."""
    said = told(table, lambda text: text.str.contains(CONTROL), name, "hold a control character, which is shown as �")
    said += told(table, lambda text: text.str.len_chars() > LONGEST, name, f"have more than {LONGEST:,} characters, and are cut")
    return table.with_columns(pl.selectors.string().str.replace_all(CONTROL, "�").str.head(LONGEST)), said


def clean_places(visits: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """The visits without places that are not on the earth."""
    on_earth = pl.col("lat").is_between(-90, 90) & pl.col("lon").is_between(-180, 180)
    astray = visits.filter(pl.any_horizontal(pl.col("lat", "lon").is_not_null()) & on_earth.not_().fill_null(value=True))
    hint = "a latitude is from -90 to 90, a longitude from -180 to 180; were they exchanged?"
    said = [
        Problem("value-changed", f"the latitude {lat} and the longitude {lon} are no place on the earth, and are left out of the files", Place(key=key), hint)
        for key, lat, lon in astray.select("enterprise", "lat", "lon").unique(maintain_order=True).iter_rows()
    ]
    return visits.with_columns(pl.when(on_earth).then(pl.col("lat", "lon"))), said


def without_formulas(table: pl.DataFrame, file: str) -> tuple[pl.DataFrame, list[Problem]]:
    """The table with an apostrophe before each text that begins as a formula does; which those are."""
    what = "begin as a formula does and are written with an apostrophe before them"
    said = told(table, lambda text: text.str.contains(FORMULA), file, what)
    return table.with_columns(pl.selectors.string().str.replace(FORMULA, "'${0}")), said


def shown_otherwise(table: pl.DataFrame, column: str, file: str) -> list[Problem]:
    """The keys that a spreadsheet takes for numbers."""
    what = "are shown as other numbers by a spreadsheet that opens the file"
    return told(table.select(column), lambda text: text.str.contains(NUMBER), file, what, "plan.xlsx has them as they are")


def told(table: pl.DataFrame, wrong: Callable[[pl.Series], pl.Series], file: str, what: str, hint: str | None = None) -> list[Problem]:
    """One notice for each column that holds such texts, with the first of them."""
    problems = []
    for name in table.select(pl.selectors.string()).columns:
        texts = table.get_column(name).drop_nulls().unique(maintain_order=True)
        found = texts.filter(wrong(texts))
        if len(found):
            first = ", ".join(f"`{text[:MOST]}`" for text in found.head(SHOWN))
            more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
            problems.append(Problem("value-changed", f"texts of the column {what}: {first}{more}", Place(file, field=name), hint))
    return problems
