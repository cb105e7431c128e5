"""The entries of a register made ready: every column checked as a fact is, dates as day numbers, and what is unfit apart.

An entry counts in a run where its event had happened by `as_of`, and had become known by `known_at` (an entry that does
not say when it became known was known on its day). The rest are not faults, but they are counted and told.

Where the register names its entries with `id`, an entry that was delivered more than once counts once; entries of one id
that say different things are rejected, all of them, since nothing tells which is right. So the order of the rows is of no
matter. An entry without an id is compared with none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import narwhals as nw

from ..intake.frame import REJECTED, Reading, day_numbers, faults_of, fits, inputs, is_sql, marked, read, with_duplicates, written_dates
from ..problems import Place, Problem, ProblemError, nearest
from ..rulebook.facts import FactSpec, spec_of
from ..rulebook.registers import Register
from ..rulebook.values import day_number

__all__ = ["Entries", "accounted", "read_entries"]

Frame = TypeVar("Frame", "nw.DataFrame[Any]", "nw.LazyFrame[Any]")
KEY, DATE, KNOWN, ENDED = "entry:key", "entry:date", "entry:known_on", "entry:ended"
DAY = "entry:day"  # the date as a date, where the others are day numbers
FORMS = "entry:forms"  # in how many forms an id stands


@dataclass(frozen=True, slots=True)
class Entries(Generic[Frame]):
    """A register's entries: `ready` with the columns `entry:…`, `rejects` as they came with the reason.

    Of an entry that stands more than once by its `id`, one is in `ready`; the others are in neither.
    """

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
    readings: list[Reading] = [read(spec, columns, texts=texts, sql=is_sql(table)) for spec in specs]
    days = [(column, name) for column, name in ((register.date, DATE), (register.known, KNOWN), (register.ended, ENDED)) if column]
    table = table.with_columns(
        nw.col(register.key).alias(KEY),
        date_of(register.date, columns).alias(DAY),
        *(day_of(column, columns, sql=is_sql(table)).alias(name) for column, name in days),
        *(reading.value.alias(f"fact:{reading.fact.name}") for reading in readings),
    )
    unreadable: list[tuple[str, nw.Expr]] = [(f"entry-wrong: unreadable {column}", nw.col(name).is_null() & ~nw.col(column).is_null()) for column, name in days]
    faults = [*entry_faults(register), *unreadable, *(fault for reading in readings for fault in faults_of(reading))]
    twice = None
    if register.id:
        table, twice = with_duplicates(table, register.id)
        if twice is not None:
            table, differ = with_forms(table, register.id, declared(register))
            faults.append(("entry-wrong: duplicate id", differ))
    table, rejects = marked(table, faults, list(columns))
    ready = table.filter(~nw.col(REJECTED))
    if register.id and twice is not None:
        named = ~nw.col(register.id).is_null()
        ready = nw.concat([ready.filter(~named), ready.filter(named).unique(subset=[register.id], keep="any")])
    return Entries(with_values(ready, readings, register), rejects)


def with_forms(table: Frame, column: str, same: list[str]) -> tuple[Frame, nw.Expr]:
    """The table, and what marks the rows whose id, in `column`, stands with different values in the columns `same`."""
    forms = table.filter(~nw.col(column).is_null()).select(same).unique().group_by(column).agg(nw.len().alias(FORMS)).filter(nw.col(FORMS) > 1)
    if is_sql(table):
        return table.join(forms, on=column, how="left"), ~nw.col(FORMS).is_null()
    found = forms.collect() if isinstance(forms, nw.LazyFrame) else forms
    return table, nw.col(column).is_in(found.get_column(column).to_list())


def accounted(ready: Frame, enterprises: Frame, key: str, as_of: dt.date, known_at: dt.date) -> Frame:
    """What becomes of ready entries, in one row: each counts in one of the first four columns.

    `used`, `after_as_of`, `not_known_yet`, `of_unknown_enterprises`; and `with_entries`, the enterprises that have any.
    """
    ours = enterprises.select(nw.col(key).alias(KEY))
    later, unknown = nw.col(DATE) > day_number(as_of), nw.col(KNOWN) > day_number(known_at)
    kinds = {"used": ~later & ~unknown, "after_as_of": later, "not_known_yet": ~later & unknown}
    own = ready.join(ours, on=KEY, how="semi").select(
        *(held.cast(nw.Int64()).sum().fill_null(0).cast(nw.Int64()).alias(name) for name, held in kinds.items()), nw.col(KEY).n_unique().alias("with_entries")
    )
    return own.join(ready.join(ours, on=KEY, how="anti").select(nw.len().alias("of_unknown_enterprises")), how="cross")


def declared(register: Register) -> list[str]:
    """The columns of a register's table of which the rulebook knows; others may differ between two deliveries of an entry."""
    own = (register.key, register.date, register.known, register.ended, register.id, *register.columns)
    return list(dict.fromkeys(column for column in own if column))


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


def date_of(column: str, columns: Mapping[str, Any]) -> nw.Expr:
    """A column of dates as dates; a time of day is left out, as registers keep it only for the record."""
    if columns[column] == nw.String():
        return written_dates(nw.col(column).str.strip_chars())
    return nw.col(column) if columns[column] == nw.Date() else nw.col(column).cast(nw.Date())


def day_of(column: str, columns: Mapping[str, Any], *, sql: bool) -> nw.Expr:
    """A column of dates as day numbers."""
    return day_numbers(date_of(column, columns), sql=sql)


def missing_columns(name: str, register: Register, columns: Mapping[str, Any]) -> list[Problem]:
    return [
        Problem("column-missing", f"the register `{name}` has no column `{column}`", Place(field=column), nearest(column, columns))
        for column in declared(register)
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
