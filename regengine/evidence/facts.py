"""Facts worked out from registers: counts, sums and days inside windows of calendar months, joined to the enterprises.

A window `within: 24 months` holds the days after `as_of` less 24 calendar months, up to and with `as_of`; without one,
everything up to `as_of` counts. `open: true` keeps entries that have not ended by `as_of`. Entries that became known after
`known_at` are left out, so that a grade can be worked out as it was known then, and as it should have been.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, Generic, TypeVar, cast

import narwhals as nw

from ..engines.frame import column
from ..engines.single import days_of
from ..problems import Place, Problem, ProblemError, nearest
from ..program.expr import AsOf, walk
from ..program.expr import Column as Col
from ..program.lower import Lowering
from ..rulebook.law import Law
from ..rulebook.model import From, Register
from ..rulebook.values import day_number, window_start
from .entries import DATE, ENDED, KEY, KNOWN, Entries, read_entries

__all__ = ["Evidence", "work_out"]

Frame = TypeVar("Frame", "nw.DataFrame[Any]", "nw.LazyFrame[Any]")
EVERY, LATER, UNKNOWN_YET = "count.entries", "count.later", "count.unknown_yet"


Table = TypeVar("Table")


@dataclass(frozen=True, slots=True)
class Evidence(Generic[Table]):
    """Enterprises with the facts that registers give, and what became of the entries.

    `facts` is the enterprises' table with a column for each fact worked out. `rejects` are, by register, the entries that
    could not be read. `told` is, by register, a table of one row: entries read, those after `as_of`, those not known by
    `known_at`, and those of enterprises that are not in the table.
    """

    facts: Table
    rejects: Mapping[str, Table]
    told: Mapping[str, Table]


def work_out(
    law: Law, enterprises: Frame, registers: Mapping[str, Frame], *, key: str, as_of: dt.date, known_at: dt.date, texts: Collection[str] = ()
) -> Evidence[Frame]:
    """Work out every fact of `law` that says `from`, for the enterprises named by `key`.

    `texts` names the registers whose columns all hold text, as read from CSV.

    Raises `ProblemError` for a register that is not given, not declared, or of another form than declared, and for a
    column of the enterprises' table that has the name of a fact that is worked out.
    """
    facts = {name: fact.from_ for name, fact in law.document.facts.items() if fact.from_ is not None}
    check_given(law, facts, registers, enterprises.collect_schema().names(), key)
    rejects: dict[str, Frame] = {}
    told: dict[str, Frame] = {}
    for name, register in law.document.registers.items():
        uses = {fact: use for fact, use in facts.items() if use.register == name}
        if not uses:
            continue
        entries: Entries[Frame] = read_entries(name, register, registers[name], texts=name in texts)
        rejects[name] = entries.rejects
        check_key(name, register.key, entries.ready.collect_schema()[KEY], enterprises.collect_schema()[key])
        totals = totalled(law, entries.ready, uses, as_of, known_at)
        told[name] = tell(totals, enterprises, key)
        enterprises = joined(enterprises, totals.drop(EVERY, LATER, UNKNOWN_YET), key)
        enterprises = with_facts(law, enterprises, uses, as_of)
    return Evidence(enterprises, rejects, told)


def check_given(law: Law, facts: Mapping[str, From], registers: Mapping[str, Any], columns: list[str], key: str) -> None:
    problems = [
        Problem("name-unknown", f"`{name}` is not a register of `{law.id}`", hint=nearest(name, law.document.registers))
        for name in registers
        if name not in law.document.registers
    ]
    needed = dict.fromkeys(use.register for use in facts.values())
    problems += [
        Problem("register-missing", f"the register `{name}` is needed and was not given", hint="give a table for it, without rows if it has none")
        for name in needed
        if name not in registers
    ]
    problems += [
        Problem("column-clash", f"the fact `{name}` comes from a register and is a column too", Place(field=name), "leave the column out")
        for name in facts
        if name in columns
    ]
    if key not in columns:
        problems.append(Problem("key-column", f"there is no column `{key}` that names the enterprise", Place(field=key), nearest(key, columns)))
    if problems:
        raise ProblemError(problems)


def check_key(name: str, column: str, own: Any, wanted: Any) -> None:
    """A register's keys must be of the kind of the enterprises': `007` and 7 are not the same enterprise."""
    if own.is_numeric() != wanted.is_numeric() or isinstance(own, nw.String) != isinstance(wanted, nw.String):
        kinds = " and ".join(f"{type(kind).__name__.lower()} values" for kind in (own, wanted))
        message = f"the key `{column}` of the register `{name}` and the key of the enterprises hold {kinds}"
        raise ProblemError([Problem("column-wrong-type", message, Place(field=column), "cast one of them")])


def totalled(law: Law, entries: Frame, uses: Mapping[str, From], as_of: dt.date, known_at: dt.date) -> Frame:
    """One row for each key: what each fact needs, and the counts that are told."""
    today, knowing = day_number(as_of), day_number(known_at)
    later, unknown = nw.col(DATE) > today, nw.col(KNOWN) > knowing
    marks = [nw.lit(1).alias(EVERY), one_where(later).alias(LATER), one_where(unknown & ~later).alias(UNKNOWN_YET)]
    entries = entries.with_columns(*marks, *(amount(law, fact, use, as_of, knowing).alias(f"use.{fact}") for fact, use in uses.items()))
    totals = [nw.col(name).sum() for name in (EVERY, LATER, UNKNOWN_YET)]
    for fact, use in uses.items():
        of = nw.col(f"use.{fact}")
        match use.kind:
            case "count" | "any" | "sum":
                totals.append(of.sum())
            case "min" | "earliest":
                totals.append(of.min())
            case _:
                totals.append(of.max())
    return entries.group_by(KEY).agg(*totals)


def joined(enterprises: Frame, totals: Frame, key: str) -> Frame:
    """The enterprises in their order, each with its totals; Polars keeps the order of a join only where it is asked to."""
    if enterprises.implementation.is_polars():
        native = enterprises.to_native().join(totals.to_native(), left_on=key, right_on=KEY, how="left", maintain_order="left")
        made: Frame = nw.from_native(native)
        return made
    return enterprises.join(totals, left_on=key, right_on=KEY, how="left")


def one_where(held: nw.Expr) -> nw.Expr:
    return nw.when(held).then(nw.lit(1, nw.Int64())).otherwise(nw.lit(0, nw.Int64()))


def amount(law: Law, fact: str, use: From, as_of: dt.date, knowing: int) -> nw.Expr:
    """What one entry adds to a fact: a scaled number for counts and sums, a value or day (null where it does not count) else."""
    today = day_number(as_of)
    held = [nw.col(DATE) <= today, nw.col(KNOWN) <= knowing]
    if use.within is not None:
        held.append(nw.col(DATE) > window_start(as_of, use.within))
    if use.open:
        held += still_open(law.document.registers[use.register], as_of)
    if use.where is not None:
        held.append(condition(law, fact, as_of))
    counts = reduce(lambda a, b: a & b, held)
    value = nw.col(DATE) if use.kind in ("latest", "earliest", "days_since") else nw.col(f"fact.{use.column}") if use.column else nw.lit(1, nw.Int64())
    if use.kind in ("count", "any", "sum"):
        weight = weighed(use, as_of, law.document.facts[fact].places or 0, column_places(law, use))
        return nw.when(counts).then(value * weight).otherwise(nw.lit(0, nw.Int64()))
    return nw.when(counts).then(value)


def still_open(register: Register, as_of: dt.date) -> list[nw.Expr]:
    """An open entry has not ended by `as_of`, and the longest time of its class has not run out."""
    held: list[nw.Expr] = []
    if register.ended is not None:
        held.append(nw.col(ENDED).is_null() | (nw.col(ENDED) > day_number(as_of)))
    if register.effect is not None:
        of = nw.col(f"fact.{register.effect.of}")
        lasting = [(of == value) & (nw.col(DATE) > window_start(as_of, span)) for value, span in register.effect.longest.items()]
        held.append(reduce(lambda a, b: a | b, lasting))
    return held


def weighed(use: From, as_of: dt.date, places: int, own: int) -> nw.Expr:
    """The weight of an entry by its age, scaled so that weight times value is a number of the fact's places."""
    scale = 10 ** (places - own)
    if not use.weights:
        return nw.lit(scale if use.kind == "sum" or places else 1, nw.Int64())
    made = nw.lit(0, nw.Int64())
    for span, weight in sorted(use.weights.items(), key=lambda pair: window_start(as_of, pair[0])):
        made = nw.when(nw.col(DATE) > window_start(as_of, span)).then(nw.lit(int(weight * scale), nw.Int64())).otherwise(made)
    return made


def column_places(law: Law, use: From) -> int:
    register = law.document.registers[use.register]
    return (register.columns[use.column].places or 0) if use.column else 0


def condition(law: Law, fact: str, as_of: dt.date) -> nw.Expr:
    """The `where` of a fact over the entries' columns."""
    lowering = Lowering(lambda name: f"fact.{name}", lambda name: Col(f"known.{name}"))
    expr = lowering.expr(law.conditions["facts", fact, "from", "where"])
    return column(expr, days_of([part for part in walk(expr) if isinstance(part, AsOf)], as_of))


def with_facts(law: Law, frame: Frame, uses: Mapping[str, From], as_of: dt.date) -> Frame:
    """The totals as facts, in the types in which users give facts."""
    made: list[nw.Expr] = []
    dates: list[str] = []
    for fact, use in uses.items():
        of, spec = nw.col(f"use.{fact}"), law.document.facts[fact]
        if use.kind in ("count", "any", "sum"):
            of = of.fill_null(0).cast(nw.Int64())
        if use.kind == "any":
            of = of > 0
        elif use.kind == "days_since":
            of = day_number(as_of) - of
        elif use.kind in ("latest", "earliest"):
            dates.append(fact)
        elif spec.type == "decimal":
            scale: int = 10 ** (spec.places or 0)
            own = scale if use.kind in ("count", "sum") else 10 ** column_places(law, use)
            of = of.cast(nw.Float64()) / own
        made.append(of.alias(fact))
    frame = frame.with_columns(*made).drop(*(f"use.{fact}" for fact in uses))
    for fact in dates:
        frame = as_dates(frame, fact)
    return frame


def as_dates(frame: Frame, fact: str) -> Frame:
    """A column of day numbers as dates; pandas has no date of its own and takes midnight."""
    if frame.implementation.is_pandas():
        import pandas as pd

        native = cast(pd.DataFrame, frame.to_native()).copy()
        native[fact] = pd.to_datetime(native[fact].astype("float64"), unit="D")
        return nw.from_native(native)
    return frame.with_columns((nw.col(fact) * 86_400_000).cast(nw.Datetime("ms")).cast(nw.Date()).alias(fact))


def tell(totals: Frame, enterprises: Frame, key: str) -> Frame:
    """How many entries there were, came later, were not known yet, and belong to no enterprise of the table."""
    strangers = totals.join(enterprises.select(nw.col(key).alias(KEY)), on=KEY, how="anti").select(nw.col(EVERY).sum().alias("of_unknown_enterprises"))
    sums = totals.select(nw.col(EVERY).sum().alias("entries"), nw.col(LATER).sum().alias("after_as_of"), nw.col(UNKNOWN_YET).sum().alias("not_known_yet"))
    return sums.join(strangers, how="cross")
