"""The entries of a register made ready: every column checked as a fact is, dates as day numbers, and what is unfit apart.

An entry counts in a run where its event had happened by `as_of`, and had become known by `known_at` (an entry that does
not say when it became known was known on its day). The rest are not faults, but they are counted and told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import narwhals as nw

from ..intake.frame import ISO_DAY, REJECTED, Reading, day_numbers, faults_of, fits, inputs, marked, read
from ..problems import Place, Problem, ProblemError, nearest
from ..rulebook.facts import FactSpec, spec_of
from ..rulebook.model import Register

__all__ = ["Entries", "read_entries"]

Frame = TypeVar("Frame", "nw.DataFrame[Any]", "nw.LazyFrame[Any]")
KEY, DATE, KNOWN, ENDED = "entry.key", "entry.date", "entry.known_on", "entry.ended"


@dataclass(frozen=True, slots=True)
class Entries(Generic[Frame]):
    """A register's entries: `ready` with the columns `entry.…`, `rejects` as they came with the reason."""

    ready: Frame
    rejects: Frame


def read_entries(name: str, register: Register, table: Frame, *, texts: bool = False) -> Entries[Frame]:
    """Check a register's table; with `texts`, every column holds text, as read from CSV.

    Raises `ProblemError` for a column that is missing or of another type than declared.
    """
    columns: Mapping[str, Any] = table.collect_schema()
    specs: list[FactSpec] = [spec_of(column, fact) for column, fact in register.columns.items()]
    problems = [*missing_columns(name, register, columns), *wrong_columns(name, register, specs, columns, texts=texts)]
    if problems:
        raise ProblemError(problems)
    readings: list[Reading] = [read(spec, columns, texts=texts) for spec in specs]
    days = [(column, name) for column, name in ((register.date, DATE), (register.known, KNOWN), (register.ended, ENDED)) if column]
    table = table.with_columns(
        nw.col(register.key).alias(KEY),
        *(day_of(column, columns).alias(name) for column, name in days),
        *(reading.value.alias(f"fact.{reading.fact.name}") for reading in readings),
    )
    unreadable: list[tuple[str, nw.Expr]] = [(f"entry-wrong: unreadable {column}", nw.col(name).is_null() & ~nw.col(column).is_null()) for column, name in days]
    faults = [*entry_faults(register), *unreadable, *(fault for reading in readings for fault in faults_of(reading))]
    table, rejects = marked(table, faults, list(columns))
    return Entries(with_values(table.filter(~nw.col(REJECTED)), readings, register), rejects)


def with_values(table: Frame, readings: list[Reading], register: Register) -> Frame:
    """The entries with their values filled where the register says so; an entry that does not say was known on its day."""
    if readings:
        table = table.with_columns(*inputs(readings))
    return table.with_columns(nw.col(KNOWN).fill_null(nw.col(DATE)) if register.known else nw.col(DATE).alias(KNOWN))


def entry_faults(register: Register) -> list[tuple[str, nw.Expr]]:
    faults = [
        ("entry-wrong: empty key", nw.col(KEY).is_null()),
        ("entry-wrong: empty date", nw.col(register.date).is_null()),
    ]
    if register.ended:
        faults.append(("entry-wrong: ends before it begins", nw.col(ENDED) < nw.col(DATE)))
    return faults


def day_of(column: str, columns: Mapping[str, Any]) -> nw.Expr:
    """A column of dates as day numbers; a time of day is left out, as registers keep it only for the record."""
    if columns[column] == nw.String():
        written = nw.col(column).str.strip_chars()
        return day_numbers(nw.when(written.str.contains(ISO_DAY)).then(written).str.to_date(format="%Y-%m-%d"))
    return day_numbers(nw.col(column) if columns[column] == nw.Date() else nw.col(column).cast(nw.Date()))


def missing_columns(name: str, register: Register, columns: Mapping[str, Any]) -> list[Problem]:
    wanted = [register.key, register.date, *(column for column in (register.known, register.ended) if column), *register.columns]
    return [
        Problem("column-missing", f"the register `{name}` has no column `{column}`", Place(field=column), nearest(column, columns))
        for column in wanted
        if column not in columns
    ]


def wrong_columns(name: str, register: Register, specs: list[FactSpec], columns: Mapping[str, Any], *, texts: bool) -> list[Problem]:
    problems: list[Problem] = []
    for column in (register.date, register.known, register.ended):
        dtype = columns.get(column or "")
        if column and dtype is not None and dtype != nw.Date() and not isinstance(dtype, nw.Datetime) and not (texts and dtype == nw.String()):
            message = f"the column `{column}` of the register `{name}` holds {type(dtype).__name__.lower()} values and must hold dates"
            problems.append(Problem("column-wrong-type", message, Place(field=column), "cast the column first"))
    for spec in specs:
        dtype = columns.get(spec.name)
        if dtype is not None and not fits(spec, dtype, texts):
            message = f"the column `{spec.name}` of the register `{name}` holds {type(dtype).__name__.lower()} values and is declared `{spec.type}`"
            problems.append(Problem("column-wrong-type", message, Place(field=spec.name), "cast the column first"))
    return problems
