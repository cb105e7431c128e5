"""A user's table made ready for a program, and the rows that are not fit for it.

Guarantees: each row comes out once, prepared or rejected; a prepared row has a value for every input, none of them null;
no value is changed, but a missing one is filled where its fact says so, and counted in `facts_filled`. Refuses at once
what concerns whole columns: one that is missing, or of another type than its fact.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, Generic, TypeVar

import narwhals as nw

from ..problems import Place, Problem, ProblemError, nearest, one_problem
from ..rulebook.facts import FactSpec

__all__ = ["Prepared", "prepare"]

Frame = TypeVar("Frame", "nw.DataFrame[Any]", "nw.LazyFrame[Any]")
KINDS = {"boolean": "true or false", "integer": "a whole number", "decimal": "a number", "category": "a text", "date": "a date", "code": "a text"}
INTEGER = r"^[+-]?[0-9]{1,18}$"
# a day that is in the calendar: engines stop at a text that has the form of a date and is none
ISO_DAY = (
    r"^(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    r"|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)$"
)
TRUE_WORDS, FALSE_WORDS = ["true", "True", "TRUE", "1"], ["false", "False", "FALSE", "0"]
# how near to a number of the fact's places a binary float must be to stand for it: beside a millionth, what a float of its size cannot tell
FEW = 8  # words
NEAR, GRAIN = 1e-6, 2.0**-52
REASON, REJECTED, ROWS = "rejected_for", "check:rejected", "check:rows"


@dataclass(frozen=True, slots=True)
class Prepared(Generic[Frame]):
    """A table before it is graded.

    `ready` has all rows, with the program's inputs, `facts_filled` and REJECTED beside the user's columns; `rejects` has the
    rows that cannot be graded, with the user's columns and why. The rejected rows are left in `ready`, with stand-ins for
    what is missing, since taking them out first would copy every column of every row; they are to be left out at the end.
    """

    ready: Frame
    rejects: Frame


@dataclass(frozen=True, slots=True)
class Reading:
    """How one fact is read from its column: the scaled value (null where missing or unfit) and what makes it unfit.

    With `floats`, the value is whole and still a float, since NumPy has no integer for a missing one; it is turned when filled.
    """

    fact: FactSpec
    value: nw.Expr
    faults: tuple[tuple[str, nw.Expr], ...]
    floats: bool = False


def prepare(frame: Frame, facts: Iterable[FactSpec], *, key: str, absent: Collection[str] = (), texts: bool = False) -> Prepared[Frame]:
    """Check a table against the facts and work out a program's inputs.

    `key` is the column that names the enterprise. `absent` are facts that the table is known not to hold: all rows take
    what the fact says of a missing value. With `texts`, every column holds text (as read from CSV) and is read by its
    fact's type; otherwise a text column for a number is a fault.
    """
    specs: tuple[FactSpec, ...] = tuple(facts)
    if texts and frame.implementation.is_pandas():  # of its texts, a missing number read from one would be a float
        raise one_problem("frame-unsupported", "texts are not read in a pandas frame", hint="give typed columns, or a Polars frame")
    columns: Mapping[str, Any] = {name: dtype for name, dtype in frame.collect_schema().items() if not holds_nothing(frame, name, dtype)}
    names: list[str] = frame.collect_schema().names()
    problems = [*key_problems(columns, key), *column_problems(columns, specs, absent, set(names) - set(columns), texts)]
    if problems:
        raise ProblemError(problems)
    readings = [read(fact, columns, texts=texts, sql=is_sql(frame)) for fact in specs if fact.name in columns]
    without = [fact for fact in specs if fact.name not in columns]
    named = [reading.value.alias(f"fact:{reading.fact.name}") for reading in readings]
    frame, twice = with_duplicates(frame, key)
    frame = frame.with_columns(*named)
    faults = [fault for reading in readings for fault in faults_of(reading)]
    faults.append(("key-column: empty", nw.col(key).is_null()))
    if twice is not None:
        faults.append(("key-column: duplicate", twice))
    frame, rejects = marked(frame, faults, names)
    return Prepared(frame.with_columns(*inputs(readings, without)), rejects)


def marked(frame: Frame, faults: list[tuple[str, nw.Expr]], names: list[str]) -> tuple[Frame, Frame]:
    """The frame with REJECTED where any fault holds, and those rows apart: the columns `names` and what they are rejected for.

    A comparison with a missing value is null, which is no fault: what must be there is asked for by a fault of its own.
    """
    if frame.implementation.is_pandas():  # which cannot join its own kinds of null
        faults = [(reason, fault.fill_null(False)) for reason, fault in faults]
    frame = frame.with_columns(either([fault for _, fault in faults]).fill_null(False).alias(REJECTED))
    reasons = [nw.when(fault).then(nw.lit(reason)) for reason, fault in faults]
    rejects = frame.filter(nw.col(REJECTED)).with_columns(nw.concat_str(reasons, separator="; ", ignore_nulls=True).alias(REASON))
    return frame, rejects.select(*names, REASON)


def with_duplicates(frame: Frame, key: str) -> tuple[Frame, nw.Expr | None]:
    """The frame, and what marks the rows whose key stands in more than one; None where no key does.

    The key column alone is read for this, before the table is: to mark duplicates while grading, an engine would have to
    hold the whole table in memory. A database or a cluster keeps the keys that it finds, and joins them.
    """
    if frame.implementation.is_polars() and all_different(frame.lazy().select(key).to_native()):
        return frame, None
    found = frame.select(key).group_by(key).agg(nw.len().alias(ROWS)).filter((nw.col(ROWS) > 1) & ~nw.col(key).is_null())
    if isinstance(frame, nw.LazyFrame) and is_sql(frame):
        return frame.join(found, on=key, how="left"), ~nw.col(ROWS).is_null()
    twice = found.collect() if isinstance(found, nw.LazyFrame) else found
    return frame, nw.col(key).is_in(twice.get_column(key).to_list()) if len(twice) else None


def is_sql(frame: nw.DataFrame[Any] | nw.LazyFrame[Any]) -> bool:
    """Whether a frame stands for a query of a database or a cluster, which runs elsewhere."""
    return not (frame.implementation.is_polars() or frame.implementation.is_pandas())


def all_different(keys: Any) -> bool:
    """Whether a lazy Polars frame of one column holds no value twice: as many hashes as rows, at a third of the cost of the keys."""
    import polars as pl

    hashes = keys.select(pl.all().hash()).collect(engine="streaming").to_series()
    return bool(hashes.n_unique() == len(hashes))


def either(exprs: list[nw.Expr]) -> nw.Expr:
    return reduce(lambda a, b: a | b, exprs)


def inputs(readings: Iterable[Reading], without: Collection[FactSpec] = ()) -> list[nw.Expr]:
    """The inputs without nulls, and how many of them were filled; `without` are facts that the table does not hold."""
    made: list[nw.Expr] = [stand_in(fact).alias(f"fact:{fact.name}") for fact in without]
    made += [nw.lit(False).alias(f"known:{fact.name}") for fact in without if fact.missing == "unknown"]
    missing: list[nw.Expr] = [nw.lit(len(without), nw.Int64())] if without else []
    for reading in readings:
        fact, column = reading.fact, nw.col(f"fact:{reading.fact.name}")
        made.append(column.fill_null(fact.stand_in).cast(nw.Int64()) if reading.floats else column.fill_null(fact.stand_in))
        if fact.missing != "reject":
            missing.append(column.is_null().cast(nw.Int64()))
        if fact.missing == "unknown":
            made.append((~column.is_null()).alias(f"known:{fact.name}"))
    filled = reduce(lambda a, b: a + b, missing) if missing else nw.lit(0, nw.Int64())
    return [*made, filled.alias("facts_filled")]


def stand_in(fact: FactSpec) -> nw.Expr:
    kind = {"boolean": nw.Boolean(), "category": nw.String(), "code": nw.String()}.get(fact.type, nw.Int64())
    return nw.lit(fact.stand_in, kind)


# whole columns


def key_problems(columns: Mapping[str, Any], key: str) -> list[Problem]:
    if key in columns:
        return []
    return [
        Problem("key-column", f"there is no column `{key}` that names the enterprise", Place(field=key), nearest(key, columns) or "name another with `key`")
    ]


def column_problems(columns: Mapping[str, Any], facts: tuple[FactSpec, ...], absent: Collection[str], empty: Collection[str], texts: bool) -> list[Problem]:
    problems: list[Problem] = []
    known = {fact.name for fact in facts}
    for name in sorted(set(absent) - known):
        problems.append(Problem("fact-unknown-name", f"`{name}` is said to be absent and is not a fact", hint=nearest(name, known)))
    for fact in facts:
        dtype = columns.get(fact.name)
        if dtype is None:
            if (fact.name in absent or fact.name in empty) and fact.missing != "reject":
                continue
            if fact.from_registers:
                problems.append(
                    Problem(
                        "registers-unavailable",
                        f"the fact `{fact.name}` is worked out from registers",
                        Place(field=fact.name),
                        "work it out with `work_out` first, or give it as a column",
                    )
                )
                continue
            spare = [column for column in columns if column not in known]
            hint = nearest(fact.name, spare) if len(spare) > 8 or any(spare) else None
            if hint is None or hint.startswith("known"):
                hint = "say that it is absent, if it truly is" if fact.missing != "reject" else "this fact must be known"
            problems.append(Problem("column-missing", f"there is no column for the fact `{fact.name}`", Place(field=fact.name), hint))
        elif not fits(fact, dtype, texts):
            hint = "cast the column first" + ("; pandas objects with `.astype`, booleans to `boolean`" if dtype in (nw.Object(), nw.String()) else "")
            held = type(dtype).__name__.lower()
            problems.append(
                Problem("column-wrong-type", f"the column holds {held} values and the fact `{fact.name}` is {KINDS[fact.type]}", Place(field=fact.name), hint)
            )
        elif fact.name in absent:
            problems.append(Problem("fact-unknown-name", f"`{fact.name}` is said to be absent and has a column", Place(field=fact.name)))
    return problems


def holds_nothing(frame: Frame, name: str, dtype: Any) -> bool:
    """Whether a Polars column is of the type that has no values, as Parquet keeps a column that was never filled."""
    if dtype != nw.Unknown() or not frame.implementation.is_polars():
        return False
    import polars as pl

    return bool(frame.select(name).to_native().lazy().collect_schema()[name] == pl.Null())


def fits(fact: FactSpec, dtype: Any, texts: bool) -> bool:
    """Whether a column of `dtype` can hold the fact."""
    if dtype == nw.Unknown() or dtype == nw.Object():
        return False
    if dtype == nw.String() and texts:
        return True
    match fact.type:
        case "boolean":
            return bool(dtype == nw.Boolean())
        case "integer" | "decimal":
            return bool(dtype.is_numeric())
        case "date":
            # with a time zone it is an instant, and which day that is depends on who asks
            return dtype == nw.Date() or (isinstance(dtype, nw.Datetime) and dtype.time_zone is None)
        case "category":
            return dtype == nw.String() or isinstance(dtype, nw.Categorical | nw.Enum)
        case _:
            return dtype == nw.String() or bool(dtype.is_integer()) or isinstance(dtype, nw.Categorical | nw.Enum)


# single columns


def read(fact: FactSpec, columns: Mapping[str, Any], *, texts: bool, sql: bool) -> Reading:
    """How `fact` is read from a column of its dtype; `sql` where the frame is one of those (see `is_sql`)."""
    dtype, column = columns[fact.name], nw.col(fact.name)
    if dtype == nw.String() and texts and fact.type not in ("category", "code"):
        return read_text(fact, column, sql=sql)
    match fact.type:
        case "boolean":
            return Reading(fact, column, ())
        case "integer" | "decimal":
            return read_number(fact, column, dtype)
        case "date":
            day = column.cast(nw.Date()) if isinstance(dtype, nw.Datetime) else column
            faults = () if dtype == nw.Date() else (("fact-wrong-type", day.cast(nw.Datetime("us")) != column.cast(nw.Datetime("us"))),)
            return Reading(fact, day_numbers(day, sql=sql), faults)
        case _:
            return Reading(fact, column if dtype == nw.String() else column.cast(nw.String()), ())


def read_number(fact: FactSpec, column: nw.Expr, dtype: Any) -> Reading:
    scale = 10**fact.places
    assert fact.low is not None and fact.high is not None
    if dtype.is_integer():
        outside = (column < fact.low // scale) | (column > fact.high // scale)
        fitting = column if dtype not in (nw.Int64(), nw.UInt64(), nw.Int128(), nw.UInt128()) else nw.when(~outside).then(column).otherwise(nw.lit(None))
        return Reading(fact, fitting.cast(nw.Int64()) * scale if scale > 1 else fitting.cast(nw.Int64()), (("fact-out-of-range", outside),))
    scaled = column.cast(nw.Float64()) * scale
    whole = scaled.round(0)
    finite = column.cast(nw.Float64()).is_finite()
    uneven = ~finite | ((scaled - whole).abs() > scaled.abs() * GRAIN + NEAR)
    outside = ~uneven & ((whole < fact.low) | (whole > fact.high))
    value = nw.when(~uneven & ~outside).then(whole).otherwise(nw.lit(None, nw.Float64()))
    return Reading(fact, value, (("fact-wrong-type", uneven & ~column.is_null()), ("fact-out-of-range", outside & ~column.is_null())), floats=True)


def read_text(fact: FactSpec, column: nw.Expr, *, sql: bool) -> Reading:
    """A fact read from text, as CSV holds it."""
    clean = column.str.strip_chars()
    if fact.type == "boolean":
        yes, no = clean.is_in(TRUE_WORDS), clean.is_in(FALSE_WORDS)
        value = nw.when(yes | no).then(yes).otherwise(nw.lit(None, nw.Boolean()))
        return Reading(fact, value, (("fact-wrong-type", ~(yes | no) & ~column.is_null()),))
    if fact.type == "date":
        return Reading(fact, day_numbers(written_dates(clean), sql=sql), (("fact-wrong-type", ~clean.str.contains(ISO_DAY) & ~column.is_null()),))
    fraction = rf"(?:\.[0-9]{{1,{fact.places}}})?" if fact.places else ""
    pattern = INTEGER if fact.type == "integer" else rf"^[+-]?[0-9]{{1,11}}{fraction}$"
    shaped = clean.str.contains(pattern)
    kind = nw.Int64() if fact.type == "integer" else nw.Float64()
    number = nw.when(shaped).then(clean).otherwise(nw.lit(None, nw.String())).cast(kind)
    value = number if fact.type == "integer" else (number * 10**fact.places).round(0).cast(nw.Int64())
    return Reading(fact, value, (("fact-wrong-type", ~shaped & ~column.is_null()),))


def written_dates(text: nw.Expr) -> nw.Expr:
    """Texts of the form YYYY-MM-DD as dates; null where a text is no such day."""
    return nw.when(text.str.contains(ISO_DAY)).then(text).otherwise(nw.lit(None, nw.String())).str.to_date(format="%Y-%m-%d")


def day_numbers(day: nw.Expr, *, sql: bool) -> nw.Expr:
    """Days as whole days since 1970-01-01. Databases have no common word for it, and count from the year and the day in it."""
    if not sql:
        return day.dt.timestamp("ms") // 86_400_000
    before: nw.Expr = day.dt.year().cast(nw.Int64()) - 1
    return before * 365 + before // 4 - before // 100 + before // 400 + day.dt.ordinal_day().cast(nw.Int64()) - 719_163


def one_of(value: nw.Expr, words: tuple[str, ...]) -> nw.Expr:
    """Whether a text is one of these. A few are compared sooner one by one than looked up by their hash."""
    if len(words) > FEW:
        return value.is_in(list(words))
    return reduce(lambda one, other: one | other, (value == word for word in words))


def faults_of(reading: Reading) -> list[tuple[str, nw.Expr]]:
    """Everything that makes a row unfit by this fact, each with `code: fact`; null where the fact has no value."""
    fact, value = reading.fact, nw.col(f"fact:{reading.fact.name}")
    found = list(reading.faults)
    if fact.missing == "reject":
        unread = either([expr.fill_null(False) for _, expr in found]) if found else nw.lit(False)
        found.append(("fact-missing", value.is_null() & ~unread))
    if fact.values is not None:
        found.append(("fact-unknown-value", ~one_of(value, fact.values) & ~value.is_null()))
    checked = any(code == "fact-out-of-range" for code, _ in found)
    if fact.low is not None and fact.high is not None and not checked:
        found.append(("fact-out-of-range", (value < fact.low) | (value > fact.high)))
    return [(f"{code}: {fact.name}", expr) for code, expr in found]
