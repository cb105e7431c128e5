"""Past visits made ready to be compared with what was known before them: which of them count, and which are set aside for what reason.

Every visit is counted in one place: outside the days asked about, a follow-up (no more than `gap` days after the enterprise's visit before), of an
enterprise without any earlier visit, of one with too few of them, or to be graded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from ..problems import Place, Problem, ProblemError, nearest

__all__ = ["DAY", "EARLIER", "SINCE", "Accounted", "Chosen", "chosen", "of_visit"]

DAY, SINCE, EARLIER = "past:day", "past:since", "past:earlier"


def of_visit(column: str) -> str:
    """What a column of the visits is called beside facts, which may have the same name."""
    return f"visit:{column}"


@dataclass(frozen=True, slots=True)
class Accounted:
    """What became of the visits; all but `visits` add up to it. `rejected` could not be graded, `graded` are compared."""

    visits: int
    outside: int
    follow_ups: int
    no_history: int
    short_history: int
    rejected: int
    graded: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """The visits that are `compared`, those of enterprises without history (`first`), and the counts of the others."""

    compared: pl.DataFrame
    first: pl.DataFrame
    visits: int
    outside: int
    follow_ups: int
    short_history: int

    def accounted(self, rejected: int) -> Accounted:
        """What became of all visits, where so many of those to be compared could not be graded."""
        return Accounted(
            self.visits, self.outside, self.follow_ups, len(self.first), self.short_history, rejected, len(self.compared) - rejected
        )  # fmt: skip


def chosen(
    visits: pl.DataFrame, *, key: str, date: str, found: Sequence[str], more: Sequence[str], previous: Mapping[str, str], first: dt.date | None,
    last: dt.date | None, gap: int, earlier: int,
) -> Chosen:  # fmt: skip
    """The visits from `first` to `last` that are no follow-ups and have at least so many `earlier` visits, in the order of their days.

    They have the column `key`, their day in `past:day`, the days since the visit before in `past:since`, the number of visits on earlier days in
    `past:earlier`, `found` and `more` under the names of `of_visit`, and for each fact of `previous` the value of its column at the last visit on an
    earlier day. Raises `ProblemError` for columns that are missing or of another type, and for empty values.
    """
    check(visits, key, date, found, [*more, *previous.values()])
    ordered = visits.with_columns(pl.col(date).alias(DAY)).sort(key, DAY, maintain_order=True)
    before = pl.col(DAY).shift(1).over(key)
    table = ordered.select(
        key, DAY, (pl.col(DAY) - before).dt.total_days().alias(SINCE), (pl.col(DAY).rank("min").over(key).cast(pl.Int64) - 1).alias(EARLIER),
        *(pl.col(name).alias(of_visit(name)) for name in (*found, *more)),
    )  # fmt: skip
    if previous:
        table = with_previous(table, ordered, key, previous)
    inside = pl.lit(True)
    if first is not None:
        inside &= pl.col(DAY) >= first
    if last is not None:
        inside &= pl.col(DAY) <= last
    within = table.filter(inside)
    follow_up = (pl.col(SINCE) <= gap).fill_null(False) if gap else pl.lit(False)
    apart = within.filter(~follow_up)
    known = apart.filter(pl.col(EARLIER) > 0)
    compared = known.filter(pl.col(EARLIER) >= earlier)
    return Chosen(
        compared.sort(DAY, key, maintain_order=True), apart.filter(pl.col(EARLIER) == 0), len(table), len(table) - len(within), len(within) - len(apart),
        len(known) - len(compared),
    )  # fmt: skip


def with_previous(table: pl.DataFrame, ordered: pl.DataFrame, key: str, previous: Mapping[str, str]) -> pl.DataFrame:
    """The visits with what the last visit on an earlier day left behind, as facts."""
    left = ordered.select(key, DAY, *(pl.col(column).alias(fact) for fact, column in previous.items())).sort(DAY, maintain_order=True)
    asked = table.with_row_index("past:row").sort(DAY, maintain_order=True)
    # sorted just above; Polars cannot check that inside groups, and says so
    found = asked.join_asof(left, on=DAY, by=key, strategy="backward", allow_exact_matches=False, check_sortedness=False)
    return found.sort("past:row").drop("past:row")


def check(visits: pl.DataFrame, key: str, date: str, found: Sequence[str], more: Sequence[str]) -> None:
    """Refuse visits without a column that is needed, or with an empty value in one that may have none."""
    columns = visits.schema
    problems = [
        Problem("column-missing", f"the visits have no column `{name}`", Place(field=name), nearest(name, columns))
        for name in dict.fromkeys((key, date, *found, *more))
        if name not in columns
    ]
    wanted = [(date, pl.Date, "dates"), *((name, pl.Boolean, "true or false") for name in found)]
    problems += [
        Problem("column-wrong-type", f"the column `{name}` of the visits must hold {said}", Place(field=name), "cast it first")
        for name, kind, said in wanted
        if name in columns and columns[name] != kind
    ]
    if not problems:
        problems = [
            Problem("fact-missing", f"{count:,} of {len(visits):,} visits have no `{name}`", Place(field=name), "leave out or mend these visits")
            for name in (key, date, *found)
            if (count := visits[name].null_count())
        ]
    if problems:
        raise ProblemError(problems)
