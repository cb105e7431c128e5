"""The rows that could not be graded, told: how many for which reason, and single rows with the value that was wrong.

Both are read from a frame of rejects, as they were written: the columns of the table and `rejected_for`, which holds
`code: fact` for each fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..problems import Place, Problem, nearest
from ..rulebook.facts import FactSpec
from .frame import KINDS, REASON
from .one import shown

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Fault", "faults", "rejected_rows"]

NUMBER, WHY = f"{REASON}.row", f"{REASON}.why"
KEYS = {"duplicate": "the key stands in more than one row", "empty": "the row has no key"}


@dataclass(frozen=True, slots=True)
class Fault:
    """A reason why rows were rejected: its code, the column, how many rows, and the key and value of the first of them.

    `detail` tells the faults of a key apart: "duplicate" or "empty". A row with two faults counts under both.
    """

    code: str
    column: str
    detail: str | None
    rows: int
    first_key: str | None
    first_value: str | None


def faults(rejects: pl.LazyFrame, key: str) -> list[Fault]:
    """The reasons among some rejects, the most frequent first."""
    import polars as pl

    numbered = rejects.with_row_index(NUMBER)
    each = numbered.select(NUMBER, pl.col(REASON).str.split("; ").alias(WHY)).explode(WHY)
    found = (
        each.group_by(WHY)
        .agg(pl.len().alias("rows"), pl.col(NUMBER).min())
        .sort("rows", NUMBER, WHY, descending=[True, False, False])
        .collect(engine="streaming")
    )
    firsts = numbered.filter(pl.col(NUMBER).is_in(found[NUMBER].unique().to_list())).collect(engine="streaming")
    rows = {row[NUMBER]: row for row in firsts.iter_rows(named=True)}
    told: list[Fault] = []
    for reason, count, number in found.select(WHY, "rows", NUMBER).iter_rows():
        code, column, detail = parted(reason, key)
        told.append(Fault(code, column, detail, count, text(rows[number][key]), text(rows[number].get(column))))
    return told


def rejected_rows(rejects: pl.LazyFrame, key: str, facts: Mapping[str, FactSpec], most: int) -> list[Problem]:
    """A problem for each of the first `most` rejects: its key, the column, the value, and what is wrong with it."""
    return [row_problem(row, key, facts) for row in rejects.head(most).collect(engine="streaming").iter_rows(named=True)]


def row_problem(row: Mapping[str, Any], key: str, facts: Mapping[str, FactSpec]) -> Problem:
    first, *others = str(row[REASON]).split("; ")
    code, column, detail = parted(first, key)
    message, hint = wrong(code, row.get(column), detail, facts.get(column))
    more = f", and {len(others)} more fault{'s' * (len(others) > 1)}" if others else ""
    return Problem(code, message + more, Place(key=text(row[key]), field=column), hint)


def parted(reason: str, key: str) -> tuple[str, str, str | None]:
    """The code, the column and the detail of `code: fact`; of a fault of the key, the fact's place holds the detail."""
    code, _, what = reason.partition(": ")
    return (code, key, what) if code == "key-column" else (code, what, None)


def wrong(code: str, value: Any, detail: str | None, fact: FactSpec | None) -> tuple[str, str | None]:
    """What is wrong with a value, and a hint."""
    quoted = f"`{text(value)}`"
    match code:
        case "key-column":
            return KEYS.get(str(detail), str(detail)), None
        case "fact-missing":
            return "the fact must be known and has no value", None
        case "fact-wrong-type" if fact:
            return f"{quoted} is not {KINDS[fact.type]}", "write YYYY-MM-DD" if fact.type == "date" else None
        case "fact-unknown-value" if fact:
            return f"{quoted} is not a value of `{fact.name}`", nearest(str(value), fact.values or ())
        case "fact-out-of-range" if fact and fact.low is not None and fact.high is not None:
            return f"{quoted} is outside {shown(fact.low, fact)} to {shown(fact.high, fact)}", None
        case "row-not-unique":
            return "not exactly one row of the grades holds", None
        case _:
            return f"{quoted} is not fit", None


def text(value: Any) -> str | None:
    """A value as a table shows it; long texts are cut."""
    if value is None:
        return None
    whole = str(value)
    return whole if len(whole) <= 60 else whole[:59] + "…"
