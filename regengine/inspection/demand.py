"""The visits that a plan must place: those drawn, those required by class or interval, those triggered, and those that an earlier plan still owes.

Each visit has the days between which it must take place. Several visits to one enterprise share its time evenly; the least gap between them is
the calendar's to keep.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import polars as pl

from ..rulebook.values import Span, months_before
from .draw.tickets import ticket_of
from .frame import Department, Frame, periods_between
from .outcomes import Outcome
from .quotas import Stratum
from .rules import PERIODS, PlanRules
from .triggered import Trigger
from .visit import DRAW, FLOOR, REQUIRED, Visit

__all__ = ["Grades", "drawn_visits", "owed_visits", "required_visits", "required_windows", "triggered_visits"]


@dataclass(frozen=True, slots=True)
class Grades:
    """What a plan knows of each enterprise besides the draw: its grade, its district, and the rank of each grade (0 is best)."""

    grade: Mapping[str, str]
    district: Mapping[str, str]
    ranks: Mapping[str, int]


def visit(
    department: Department, rules: PlanRules, grades: Grades, seed: str, enterprise: str, kind: str, number: int, clause: str,
    days: tuple[dt.date, dt.date], outcome: Outcome, stratum: str = "", probability: Fraction | None = None,
) -> Visit:  # fmt: skip
    """One visit; its id names the department, the enterprise, the kind, and which of its kind it is."""
    grade = grades.grade[enterprise]
    return Visit(
        f"{department.id}/{enterprise}/{kind}-{number}", department.id, enterprise, grades.district[enterprise], kind, clause,
        ticket_of(department.draw_id, seed, enterprise), grade, grades.ranks[grade], stratum, days[0], days[1],
        rules.team, department.skills, outcome.manner, rules.quiet_for(kind), rules.counts(kind) if rules.caps else True,
        entry=outcome.id, probability=probability,
    )  # fmt: skip


def drawn_visits(
    drawn: pl.DataFrame, frame: Frame, strata: Iterable[Stratum], department: Department, rules: PlanRules, grades: Grades, seed: str
) -> Iterator[Visit]:
    """The visits of a revealed draw: `drawn` has `stratum` (`floor` for the random floor) and `enterprise`.

    An enterprise of whose entry the rulebook asks for several visits gets that many.
    """
    from_ = {key: (stratum, earliest) for key, stratum, earliest in frame.drawn_from.select("enterprise", "stratum", "earliest").iter_rows()}
    by = {stratum.stratum: stratum for stratum in strata}
    outcomes = {outcome.id: outcome for outcome in rules.outcomes}
    for part, enterprise in drawn.select("stratum", "enterprise").iter_rows():
        stratum, earliest = from_[enterprise]
        row = by[stratum]
        outcome = outcomes[row.entry]
        kind = FLOOR if part == FLOOR else DRAW
        times = (outcome.visits_at_least or 1) if kind == DRAW else 1
        for number, days in enumerate(shares(earliest, department.last, times), 1):
            yield visit(department, rules, grades, seed, enterprise, kind, number, row.clause, days, outcome, stratum, row.probability)


def shares(first: dt.date, last: dt.date, times: int) -> list[tuple[dt.date, dt.date]]:
    """A stretch of days in so many parts of even length, in order."""
    days = (last - first).days + 1
    edges = [first + dt.timedelta(days=place * days // times) for place in range(times + 1)]
    return [(edges[place], edges[place + 1] - dt.timedelta(days=1)) for place in range(times)]


def required_visits(frame: Frame, department: Department, rules: PlanRules, grades: Grades, seed: str, history: pl.DataFrame) -> Iterator[Visit]:
    """The visits that class or interval require of enterprises that no draw chooses: one in each of `required_windows`."""
    for enterprise, outcome, number, days in required_windows(frame, department, rules, history):
        yield visit(department, rules, grades, seed, enterprise, REQUIRED, number, outcome.clause, days, outcome)


def required_windows(
    frame: Frame, department: Department, rules: PlanRules, history: pl.DataFrame
) -> Iterator[tuple[str, Outcome, int, tuple[dt.date, dt.date]]]:
    """When class or interval require visits: the enterprise, the entry that does, which visit of the enterprise it is, and between which days it must be.

    By number: as many as bring the enterprise up to its pace by the end of the plan, in each calendar period that the plan touches; what was
    visited earlier in the period counts. By interval: before the interval since the last visit ends; who was never visited is due within the plan.
    """
    outcomes = {outcome.id: outcome for outcome in rules.outcomes}
    own = history.filter(pl.col("department") == department.id)
    past: dict[str, list[dt.date]] = {key[0]: sorted(rows["date"]) for key, rows in own.group_by("enterprise")}
    for enterprise, entry, earliest in frame.required.select("enterprise", "entry", "earliest").iter_rows():
        outcome, made = outcomes[entry], past.get(enterprise, [])
        windows = by_number(outcome, department, earliest, made) if outcome.visits_at_least else by_interval(outcome, department, earliest, made)
        yield from ((enterprise, outcome, number, days) for number, days in enumerate(windows, 1))


def by_number(outcome: Outcome, department: Department, earliest: dt.date, made: list[dt.date]) -> Iterator[tuple[dt.date, dt.date]]:
    wanted, months = outcome.visits_at_least or 0, PERIODS[outcome.visits_per]
    for first, last in periods_between(department.first, department.last, outcome.visits_per):
        end = min(last, department.last)
        elapsed = (end.year - first.year) * 12 + end.month - first.month + 1
        due = wanted * elapsed // months - sum(first <= day <= end for day in made)
        begin = max(first, earliest)
        if due > 0 and begin <= end:
            yield from shares(begin, end, due)


def by_interval(outcome: Outcome, department: Department, earliest: dt.date, made: list[dt.date]) -> Iterator[tuple[dt.date, dt.date]]:
    assert outcome.every is not None
    begin, due = earliest, after(made[-1], outcome.every) if made else None
    if due is None or due < begin:  # never visited, or overdue: the first visit falls into this plan, however long the interval is
        due = after(begin, outcome.every)
        yield begin, min(due, department.last)
        begin, due = due + dt.timedelta(days=1), after(due, outcome.every)
    while due <= department.last:
        yield begin, due
        begin, due = due + dt.timedelta(days=1), after(due, outcome.every)


def after(day: dt.date, span: Span) -> dt.date:
    return months_before(day, -span.months) if span.months is not None else day + dt.timedelta(days=span.count)


def triggered_visits(triggers: Iterable[Trigger], frame: Frame, department: Department, rules: PlanRules, grades: Grades, seed: str) -> list[Visit]:
    """A visit for each lead of the department, from the day on which it came in to the day on which it is due."""
    entries = dict(row for part in (frame.left_out, frame.required, frame.drawn_from) for row in part.select("enterprise", "entry").iter_rows())
    outcomes = {outcome.id: outcome for outcome in rules.outcomes}
    made: list[Visit] = []
    numbers: Counter[tuple[str, str]] = Counter()
    for lead in sorted((one for one in triggers if one.department == department.id), key=lambda one: (one.enterprise, one.kind, one.received, one.lead or "")):
        numbers[lead.enterprise, lead.kind] += 1
        days = max(lead.received, department.first), min(lead.due or department.last, department.last)
        number, outcome = numbers[lead.enterprise, lead.kind], outcomes[entries[lead.enterprise]]
        one = visit(department, rules, grades, seed, lead.enterprise, lead.kind, number, rules.trigger_clauses[lead.kind], days, outcome)
        made.append(replace(one, lead=lead.lead, authority=lead.authority))
    return made


def owed_visits(owed: Iterable[Visit], department: Department) -> Iterator[Visit]:
    """The visits of an earlier plan that were not made, marked as debt, to be placed between the days of this plan."""
    for one in owed:
        if one.department == department.id:
            yield replace(one, debt=True, earliest=max(one.earliest, department.first), latest=department.last)
