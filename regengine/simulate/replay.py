"""Enterprises graded on many days at once, each as it was known then: one row for each enterprise and day that is asked about.

An enterprise on a day stands in the table as an enterprise of its own, with the entries that were known by then. Two days on which every window
of the rulebook reaches equally many days back differ by a shift alone: entries and days moved by the same number of days give the same facts and
the same grade. So all days of one such class are moved to one day and graded together; with windows of whole years there are some ten classes,
where the leap days lie. The result is that of `Book.work_out` and `Book.split_frame` called for each day by itself, exactly.

Where a shift could change something, days are not put together: with relations between enterprises, and where a condition, a bound or a value that
stands in is a fixed day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

import narwhals as nw
import polars as pl

from ..book import Book
from ..conditions.tree import AsOf, Literal, Node, children
from ..evidence.entries import DAY, ENDED, KNOWN, read_entries
from ..evidence.related import as_read
from ..problems import Problem, ProblemError, nearest, one_problem
from ..rulebook.law import Law
from ..rulebook.registers import Fact, Register
from ..rulebook.values import day_number, months_before

__all__ = ["AS_OF", "REASON", "ROW", "Replayed", "replay"]

ROW, AS_OF, SHIFT = "replay:row", "replay:as_of", "replay:shift"
REASON = "rejected_for"
DateOf = Mapping[str, pl.Expr]


@dataclass(frozen=True, slots=True)
class Replayed:
    """The days that were asked about, each with `facts` worked out, `grade` and, where the rulebook has one, `score`; `rejects` are those that could not
    be graded, with `rejected_for`. Both have `replay:row`, the number of the row that asked. `entries` counts by register the entries that could not be read.
    """

    graded: pl.DataFrame
    rejects: pl.DataFrame
    entries: Mapping[str, int]


def replay(
    book: Book, enterprises: pl.DataFrame, registers: Mapping[str, pl.DataFrame], asked: pl.DataFrame, *, key: str, absent: Collection[str] = (),
    given: Collection[str] = (), together: bool = True,
) -> Replayed:  # fmt: skip
    """Grade enterprises on days: `asked` has the column `key`, the day `replay:as_of`, the number `replay:row`, and the facts that are `given` in it.

    `enterprises` has a row for each enterprise with the facts that no register gives; these are taken to be the same on every day. `known_at` is the day
    itself. With `together=False` each day is worked out by itself. Raises `ProblemError` as `Book.work_out` and `Book.split_frame` do, and `key-column`
    for an enterprise that `enterprises` does not have.
    """
    own = enterprises.drop([name for name in given if name in enterprises.columns])
    rows = asked.select(key, AS_OF, ROW, *given).join(own, on=key, how="left", maintain_order="left", validate="m:1")
    if strangers := rows.join(own.select(key), on=key, how="anti")[key].n_unique():
        raise one_problem("key-column", f"{strangers:,} of the enterprises that are asked about are not among the enterprises")
    ready, rejected = entries_of(book, registers)
    read = Given(own, ready, key, tuple(name for name in absent if name not in given))
    parts: list[tuple[pl.DataFrame, pl.DataFrame]] = []
    for days, at in classes(book, rows[AS_OF].unique().sort().to_list(), rows, together):
        chosen = rows.filter(pl.col(AS_OF).is_in(days))
        parts.append(of_class(book, read, chosen, at))
    graded, rejects = (pl.concat([part[place] for part in parts], how="diagonal_relaxed").sort(ROW) for place in (0, 1))
    return Replayed(graded, rejects, rejected)


def entries_of(book: Book, registers: Mapping[str, pl.DataFrame]) -> tuple[dict[str, pl.DataFrame], dict[str, int]]:
    """The entries of each register that can be read, with their days as dates, and how many cannot."""
    declared = book.law.document.registers
    if unknown := [name for name in registers if name not in declared]:
        raise ProblemError(Problem("name-unknown", f"`{name}` is not a register of `{book.id}`", hint=nearest(name, declared)) for name in unknown)
    made, rejected = {}, {}
    for name, table in registers.items():
        register = declared[name]
        read = read_entries(name, as_read(register), nw.from_native(table))
        days: DateOf = {
            register.date: pl.col(DAY),
            **{column: pl.col(at).cast(pl.Int32).cast(pl.Date) for column, at in ((register.known, KNOWN), (register.ended, ENDED)) if column},
        }
        made[name] = read.ready.to_native().with_columns(**days).select(table.columns)
        rejected[name] = len(read.rejects)
    return made, rejected


# which days may be graded together


def classes(book: Book, days: list[dt.date], rows: pl.DataFrame, together: bool) -> Iterator[tuple[list[dt.date], dt.date]]:
    """The days that differ by a shift alone, with the day to which all of them are moved: the last."""
    made: dict[object, list[dt.date]] = {}
    kept: dict[dt.date, list[int] | None] = {}
    for day in days:
        law = book.rulebook.at(book.law_at or day)
        if law.since not in kept:
            kept[law.since] = sorted(months_of(law)) if together and shifts(law, rows) else None
        months = kept[law.since]
        reach = day if months is None else tuple(day_number(day) - day_number(months_before(day, count)) for count in months)
        made.setdefault((law.since, reach), []).append(day)
    yield from ((group, group[-1]) for group in made.values())


def shifts(law: Law, rows: pl.DataFrame) -> bool:
    """Whether moving all days by as much changes nothing: no relations, no fixed days, and every day of a fact in a column of dates."""
    facts = law.document.facts
    if any(fact.from_ is not None and fact.from_.related is not None for fact in facts.values()):
        return False
    if any(rows.schema[name] != pl.Date for name in days_among(facts) if name in rows.columns):
        return False
    columns = chain.from_iterable(register.columns.values() for register in law.document.registers.values())
    if any(fixed(fact) for one in (law, *law.uses.values()) for fact in one.document.facts.values()) or any(map(fixed, columns)):
        return False
    return not any(isinstance(node, Literal) and isinstance(node.value, dt.date) for node in nodes_of(law))


def fixed(fact: Fact) -> bool:
    """Whether a day is bounded by fixed days, or a fixed day stands in for it."""
    return fact.type == "date" and (fact.min is not None or fact.max is not None or fact.missing not in ("unknown", "reject"))


def days_among(facts: Mapping[str, Fact]) -> list[str]:
    return [name for name, fact in facts.items() if fact.type == "date"]


def months_of(law: Law) -> set[int]:
    """The calendar months that any window or condition of a law reaches back."""
    found = {node.months for node in nodes_of(law) if isinstance(node, AsOf)}
    for fact in law.document.facts.values():
        if fact.from_ is not None:
            found |= {span.months or 0 for span in (fact.from_.within, *(fact.from_.weights or ())) if span is not None}
    for register in law.document.registers.values():
        if register.effect is not None:
            found |= {span.months or 0 for span in register.effect.longest.values()}
    return found - {0}


def nodes_of(law: Law) -> Iterator[Node]:
    """Every node of the conditions of a law and of those that it uses."""
    waiting = [node for one in laws_of(law) for node in one.conditions.values()]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(children(node))


def laws_of(law: Law) -> Iterator[Law]:
    yield law
    for used in law.uses.values():
        yield from laws_of(used)


# one class of days


@dataclass(frozen=True, slots=True)
class Given:
    """What a replay reads: all enterprises, the readable entries by register, the column of the enterprise, and facts without a column."""

    enterprises: pl.DataFrame
    entries: Mapping[str, pl.DataFrame]
    key: str
    absent: tuple[str, ...]


def of_class(book: Book, given: Given, rows: pl.DataFrame, at: dt.date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of one class of days, graded and rejected, under their own days."""
    book = book.at(book.law_at or at)
    facts = book.law.document.facts
    rows = rows.with_columns((pl.lit(at) - pl.col(AS_OF)).alias(SHIFT))
    related = any(fact.from_ is not None and fact.from_.related is not None for fact in facts.values())
    worked = by_name(book, given, rows, at) if related else by_row(book, given, rows, at)
    made = book.split_frame(worked, as_of=at, key=ROW, absent=given.absent)
    named = rows.select(ROW, given.key, AS_OF, SHIFT)
    own = [name for name in worked.columns if name != ROW]
    decided = [name for name in ("grade", "score") if name in made.graded.columns]
    graded = named.join(made.graded.select(ROW, *own, *decided), on=ROW, how="inner", maintain_order="right")
    back = [pl.col(name) - pl.col(SHIFT) for name in days_among(facts) if graded.schema.get(name) == pl.Date]
    return graded.with_columns(back).drop(SHIFT), named.drop(SHIFT).join(made.rejects.select(ROW, REASON), on=ROW, how="inner")


def by_row(book: Book, given: Given, rows: pl.DataFrame, at: dt.date) -> pl.DataFrame:
    """The facts of each row, which stands as an enterprise of its own with its days moved to `at`."""
    document = book.law.document
    moved = [pl.col(name) + pl.col(SHIFT) for name in days_among(document.facts) if rows.schema.get(name) == pl.Date]
    table = rows.with_columns(moved).drop(given.key, AS_OF, SHIFT)
    registers = {name: known_then(table_, document.registers[name], rows, given.key) for name, table_ in given.entries.items()}
    return book.work_out(table, registers, as_of=at, key=ROW).facts


def by_name(book: Book, given: Given, rows: pl.DataFrame, at: dt.date) -> pl.DataFrame:
    """The facts of the rows of one day, where enterprises keep their names, since relations lead from one to another."""
    worked = book.work_out(given.enterprises, given.entries, as_of=at, key=given.key).facts
    own = [name for name in worked.columns if name not in rows.columns]
    of_the_day = [name for name in rows.columns if name not in (AS_OF, SHIFT, *given.enterprises.columns)]
    kept = [name for name in given.enterprises.columns if name != given.key]
    return rows.select(given.key, *of_the_day).join(worked.select(given.key, *kept, *own), on=given.key, how="left", maintain_order="left").drop(given.key)


def known_then(entries: pl.DataFrame, register: Register, rows: pl.DataFrame, key: str) -> pl.DataFrame:
    """The entries of a register that had happened and were known on the day of each row, moved as the row is, under the row's number."""
    then = pl.col(register.date) <= pl.col(AS_OF)
    if register.known:
        then &= pl.col(register.known) <= pl.col(AS_OF)
    own = entries.join(rows.select(pl.col(key).alias(register.key), AS_OF, SHIFT, ROW), on=register.key).filter(then)
    days = [column for column in (register.date, register.known, register.ended, *days_among(register.columns)) if column]
    moved = [pl.col(column) + pl.col(SHIFT) for column in dict.fromkeys(days)]
    # one entry stands for many rows, so its id is of no use here; doubles were taken out before
    ids = [pl.lit(None, entries.schema[register.id]).alias(register.id)] if register.id else []
    return own.with_columns(*moved, *ids).with_columns(pl.col(ROW).alias(register.key)).select(entries.columns)
