"""Would the rulebook have told what visits found? Each past visit against the grade of the day before it, worked out from what was known then.

Guarantees: nothing of the visit's own day or of any later one is known to its grade. Every visit is accounted for: compared, set aside for a reason that
is told, or rejected. Follow-up visits are set aside as declared, and visits to enterprises without history are told apart, since a grade from the
record cannot know them.

What it does not say: facts that no register gives (size, branch) are those of the table, the same on every day, so they may know more than
was known then. Visits were not made by lot: where the office went to whom it distrusted, the figures hold for whom it went to. Only the weighted ones, from
visits that were drawn with a known probability, hold for all; they are refused where a stratum was never drawn at random.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from ..book import Book, DayLike, as_day
from ..inspection.reorder import Gain
from ..inspection.reorder import compare as reordered
from ..problems import Place, one_problem
from ..rulebook.values import Span, months_before
from .metrics import ratio
from .past import DAY, Accounted, Chosen, chosen, of_visit
from .rates import GRADE, SCORE, Parts, Weighting, by_grade, by_year, calibration, measures, resamples_of, stabilities, weighting_of
from .replay import AS_OF, REASON, ROW, Replayed, replay
from .tally import population_of

__all__ = ["Backtest", "backtest"]

QUARTER = Span(3, "month")
COUNTED = ("boolean", "integer", "decimal", "category")  # types of facts that fall into classes


@dataclass(frozen=True, slots=True, eq=False)
class Backtest:
    """What grades told of visits. All figures are pandas frames; `rates` has their columns.

    `measures` are AUC, KS and capture at the `capacity`, for all visits and for those `before` and `after` the split, by grade and by score, naive and
    weighted (where there are no weighted ones, `weighting` says why). `grades` has the rate and lift of each grade, `calibration` what a grade stood for
    before the split against what it found after it, `years` the AUC of each year, `stability` how the visited have shifted since the first year. `gains`
    says how many days earlier things would have been found at the same daily capacity. `first` are visits to enterprises without history.
    `visits` is a row for each visit compared, `rejects` those that could not be graded.
    """

    book: Book
    found: tuple[str, ...]
    accounted: Accounted
    capacity: float
    split: dt.date | None
    seed: int
    measures: pd.DataFrame
    weighting: Weighting
    grades: pd.DataFrame
    calibration: pd.DataFrame
    years: pd.DataFrame
    stability: pd.DataFrame
    gains: pd.DataFrame
    first: pd.DataFrame
    visits: pd.DataFrame
    rejects: pd.DataFrame
    unread: Mapping[str, int]


def backtest(
    book: Book, enterprises: Any | None, registers: Mapping[str, Any], visits: Any, *,
    found: str | Sequence[str] = "found", key: str = "enterprise", date: str = "date", first: DayLike | None = None, last: DayLike | None = None,
    gap: int = 0, earlier: int = 1, previous: Mapping[str, str] | None = None, capacity: float = 0.2, split: DayLike | None = None,
    every: Span = QUARTER, probability: str | None = None, stratum: str | None = None, strata: Sequence[str] = (),
    absent: Collection[str] = (), resamples: int = 200, seed: int = 0,
) -> Backtest:  # fmt: skip
    """Set the grades of a book against what past visits found.

    `visits` has a row for each visit: `key`, `date`, and for each of `found` whether it found that (true or false). Compared are visits from `first` to
    `last` that come more than `gap` days after the enterprise's visit before, of enterprises with at least so many `earlier` visits. Grades are
    worked out from `registers` and from the facts of `enterprises` (left out, those visited, with nothing else known); `previous` takes a fact
    from a column of the enterprise's last visit on an earlier day. The law is that of the book's day, or of each day. `probability` is the column with the
    probability with which a visit was drawn, empty where it was not; `strata` names those of `stratum` that may not have been visited at all.

    Plans for the days found earlier are made every so long (`every`), the day before their first day. Tables are paths, Polars or pandas frames. Raises
    `ProblemError`, before anything is graded, for what does not fit, and where no visit or no finding is left to compare.
    """
    names = (found,) if isinstance(found, str) else tuple(dict.fromkeys(found))
    days = [None if day is None else as_day(day, name) for name, day in (("first", first), ("last", last), ("split", split))]
    check(capacity, earlier, gap, resamples, days)
    table = population_of(visits).lazy.collect()
    facts = check_facts(book, previous or {})
    more = [name for name in (probability, stratum) if name is not None]
    past = chosen(
        table, key=key, date=date, found=names, more=more, previous=previous or {}, first=days[0], last=days[1], gap=gap, earlier=earlier
    )  # fmt: skip
    check_found(past.compared, names)
    own = past.compared.select(key).unique(maintain_order=True) if enterprises is None else population_of(enterprises).lazy.collect()
    tables = {name: population_of(register).lazy.collect() for name, register in registers.items()}
    eve = (pl.col(DAY) - pl.duration(days=1)).alias(AS_OF)
    graded = graded_on(book, own, tables, past.compared, eve, key, facts, absent)
    rows = with_risks(book, past.compared, graded, names, [of_visit(name) for name in more])
    check_found(rows, names)
    orders = {GRADE: "risk_grade", **({SCORE: "risk_score"} if "risk_score" in rows.columns else {})}
    parts = parts_of(rows, days[2])
    samples = resamples_of(rows[key], resamples, seed)
    weighting = weighting_of(rows, probability, stratum, strata)
    order = book.law.document.grades.order
    grades = by_grade(rows, names, "risk_grade", order, parts, samples)
    counted = [name for name, spec in book.law.document.facts.items() if spec.type in COUNTED and name in rows.columns]
    planned = plans(past.compared, every, first=days[0])
    eves = graded_on(book, own, tables, planned, (pl.col("window") - pl.duration(days=1)).alias(AS_OF), key, facts, absent)
    earlier_found = gains(with_risks(book, planned, eves, names, ["window"]), names, orders, key, resamples, seed)
    told = measures(rows, names, orders, parts, samples, weighting, capacity)
    rejects = graded.rejects.select(pl.col(key).alias("enterprise"), pl.col(AS_OF).alias("as_of"), REASON).to_pandas()
    return Backtest(
        book, names, past.accounted(len(graded.rejects)), capacity, days[2], seed, told, weighting, grades, calibration(grades),
        by_year(rows, DAY, names, orders), stabilities(rows, DAY, "risk_grade", order, counted), earlier_found, first_visits(past, names),
        shown(rows, key, names), rejects, graded.entries,
    )  # fmt: skip


def check(capacity: float, earlier: int, gap: int, resamples: int, days: Sequence[dt.date | None]) -> None:
    """Refuse options that cannot be used."""
    wrong = [
        ("capacity", not 0 < capacity <= 1, f"`{capacity}` is no share of the visits: it is more than 0 and at most 1"),
        ("earlier", earlier < 1, f"`{earlier}`: a visit without any earlier one cannot be told from the record, so at least 1 is needed"),
        ("gap", gap < 0, f"`{gap}` days are no gap"),
        ("resamples", resamples < 100, f"{resamples} samples say too little of an interval; at least 100 are needed"),
    ]
    first, last, split = days
    wrong.append(("last", first is not None and last is not None and last < first, f"the days end on {last}, before they begin on {first}"))
    outside = split is not None and ((first is not None and split <= first) or (last is not None and split > last))
    wrong.append(("split", outside, f"the split on {split} leaves no days on one of its sides"))
    for field, held, message in wrong:
        if held:
            raise one_problem("option-wrong", message, place=Place(field=field))


def check_facts(book: Book, previous: Mapping[str, str]) -> list[str]:
    """The facts that a previous visit gives. Refuses what is no fact of the rulebook, or comes from a register."""
    for name in previous:
        fact = book.law.document.facts.get(name)
        if fact is None:
            raise one_problem("fact-unknown-name", f"`{name}` is not a fact of `{book.id}`", place=Place(field=name))
        if fact.from_ is not None:
            raise one_problem("column-clash", f"the fact `{name}` comes from a register, and cannot come from the previous visit too", place=Place(field=name))
    return list(previous)


def check_found(visits: pl.DataFrame, found: Sequence[str]) -> None:
    """Refuse visits among which nothing can be told apart."""
    if not len(visits):
        raise one_problem("option-wrong", "no visit is left to compare", hint="look at the days, at `gap` and at `earlier`")
    for name in found:
        hits = int(visits[of_visit(name)].sum())
        if hits in (0, len(visits)):
            said = "none" if not hits else "each"
            raise one_problem("option-wrong", f"{said} of {len(visits):,} visits found `{name}`, so nothing is told apart", place=Place(field=name))


# grades


def graded_on(
    book: Book, enterprises: pl.DataFrame, registers: Mapping[str, pl.DataFrame], visits: pl.DataFrame, as_of: pl.Expr, key: str,
    facts: Sequence[str], absent: Collection[str],
) -> Replayed:  # fmt: skip
    """The visits graded as of a day that goes before each."""
    asked = visits.with_columns(as_of).with_row_index(ROW)
    return replay(book, enterprises, registers, asked, key=key, absent=absent, given=facts)


def with_risks(book: Book, visits: pl.DataFrame, graded: Replayed, found: Sequence[str], more: Sequence[str]) -> pl.DataFrame:
    """The visits that were graded with `risk_grade` (0 for the best) and `risk_score`, each the higher the worse."""
    document = book.law.document
    worse = None if document.score is None else (1 if document.score.worse == "higher" else -1)
    ranks = pl.col("grade").replace_strict(document.grades.order, range(len(document.grades.order)), return_dtype=pl.Int64).alias("risk_grade")
    risks = [ranks, *([(pl.col("score") * worse).cast(pl.Float64).alias("risk_score")] if worse else [])]
    own = visits.with_row_index(ROW).select(ROW, DAY, *map(of_visit, found), *more)
    return graded.graded.join(own, on=ROW, how="left", maintain_order="left").with_columns(risks)


def parts_of(visits: pl.DataFrame, split: dt.date | None) -> Parts:
    """The parts of the time: one, or where it is split what lies before and after."""
    if split is None:
        return Parts(np.zeros(len(visits), dtype=np.int64), 1)
    return Parts((visits[DAY] >= split).to_numpy().astype(np.int64), 2)


# plans


def plans(visits: pl.DataFrame, every: Span, first: dt.date | None) -> pl.DataFrame:
    """The visits with the first day of the plan in which each stands."""
    day, last = first or visits[DAY].min(), visits[DAY].max()
    assert isinstance(day, dt.date) and isinstance(last, dt.date)
    start, days = day, []
    while day <= last:
        days.append(day)
        day = start + dt.timedelta(len(days) * every.count) if every.months is None else months_before(start, -len(days) * every.months)
    return visits.sort(DAY, maintain_order=True).join_asof(pl.DataFrame({"window": days}), left_on=DAY, right_on="window", coalesce=False)


def gains(visits: pl.DataFrame, found: Sequence[str], orders: Mapping[str, str], key: str, resamples: int, seed: int) -> pd.DataFrame:
    """A row for each kind of finding and order: how many days earlier it would have been found, with the interval, within plans of equal daily capacity."""
    rows: list[dict[str, object]] = []
    for name in found:
        table = visits.select("window", pl.col(key).alias("enterprise"), pl.col(DAY).alias("day"), pl.col(of_visit(name)).alias("found"), *orders.values())
        made: dict[str, Gain] = reordered(table, list(orders.values()), resamples=resamples, seed=seed)
        called = {column: order for order, column in orders.items()}
        rows += [
            {"found": name, "order": called.get(order, order), "days": gain.days, "low": gain.low, "high": gain.high, "first_half": gain.first_half}
            for order, gain in made.items()
        ]
    return pd.DataFrame(rows)


def first_visits(past: Chosen, found: Sequence[str]) -> pd.DataFrame:
    """A row for each kind of finding: the visits to enterprises without history, and how many found it."""
    number = len(past.first)
    hits = {name: int(past.first[of_visit(name)].sum()) for name in found}
    rows = [(name, number, hits[name], ratio(hits[name], number)) for name in found]
    return pd.DataFrame(rows, columns=["found", "visits", "with", "rate"])


def shown(rows: pl.DataFrame, key: str, found: Sequence[str]) -> pd.DataFrame:
    """The visits that were compared, as `Backtest.visits` has them."""
    decided = [name for name in ("grade", "score") if name in rows.columns]
    hits = [pl.col(of_visit(name)).alias(f"found_{name}") for name in found]
    return rows.select(pl.col(key).alias("enterprise"), pl.col(DAY).alias("day"), pl.col(AS_OF).alias("as_of"), *decided, *hits).to_pandas()
