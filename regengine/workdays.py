"""Which days are worked: of China with its adjusted days, of other countries, or of a file; a year that is not known is a fault and no guess.

Guarantees: every day from the first to the last was known to the source, or the calendar is refused (`calendar-unknown`). China's days are those that
the State Council announced for the year, days of rest that were moved to weekends and weekends that are worked included; those of other countries follow from
their laws, and a day that `holidays` marks as estimated is refused. Does not know local days of rest that a source leaves out, nor guesses that it does not
mark (those of Saudi Arabia are not): give a file then.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .intake.files import as_problems, scan_table
from .intake.frame import FALSE_WORDS, TRUE_WORDS
from .intake.spool import as_text, extra
from .problems import Place, Problem, ProblemError, nearest, one_problem
from .rulebook.values import parse_day

__all__ = ["Calendar", "china", "country", "from_file"]

ESTIMATED = "(estimated)"  # as `holidays` marks a day that hangs on the moon
FILE_HINT = "give a file with the columns `day` and `working`, a row for each day"


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days from `first` to `last`, both included, in order; `source` says who knew them."""

    first: dt.date
    last: dt.date
    working: tuple[dt.date, ...]
    source: str


def china(first: dt.date, last: dt.date) -> Calendar:
    """The working days of China. Raises `ProblemError`: `calendar-unknown` for a year that is not announced, `extra-missing`, `option-wrong`."""
    known = extra("chinese_calendar", "chinesecalendar", "plan")
    days = span(first, last)
    try:
        working = tuple(day for day in days if known.is_workday(day))
    except NotImplementedError:
        years = sorted({day.year for day in known.constants.holidays})
        message = f"the working days of China are known from {years[0]} to {years[-1]}, and the plan runs from {first} to {last}"
        raise one_problem("calendar-unknown", message, hint=f"a newer `chinesecalendar` may know the year; or {FILE_HINT}") from None
    return Calendar(first, last, working, f"chinesecalendar {version('chinesecalendar')}")


def country(code: str, first: dt.date, last: dt.date, subdivision: str | None = None) -> Calendar:
    """The working days of a country by its two letters, and of a part of it such as a state. `CN` is `china`.

    Raises `ProblemError`: `calendar-unknown` for a country, a part or a year that is not known or only estimated, `extra-missing`, `option-wrong`.
    """
    if code == "CN" and subdivision is None:
        return china(first, last)
    known = extra("holidays", "holidays", "plan")
    days = span(first, last)
    name = f"{code}-{subdivision}" if subdivision else code
    supported: dict[str, Any] = known.list_supported_countries(include_aliases=False)
    if code not in supported:
        raise one_problem("calendar-unknown", f"no country `{code}` is known", hint=nearest(code, supported) or "write its two letters, such as `US`")
    if subdivision is not None and subdivision not in supported[code]:
        raise one_problem("calendar-unknown", f"`{code}` has no part `{subdivision}`", hint=nearest(subdivision, supported[code]))
    rest = known.country_holidays(code, subdiv=subdivision, years=range(first.year, last.year + 1))
    guessed = {getattr(rest, "estimated_label", ESTIMATED).replace("%s", "").strip(), ESTIMATED}  # in the country's language or in English
    unsure = [day for day in days if any(mark in rest.get(day, "") for mark in guessed)]
    if not rest.start_year <= first.year <= last.year <= rest.end_year or unsure:
        message = (
            f"the holiday of {unsure[0]} in `{name}` is only estimated"
            if unsure
            else f"the holidays of `{name}` are known from {rest.start_year} to {rest.end_year}"
        )
        raise one_problem("calendar-unknown", message, hint=FILE_HINT)
    return Calendar(first, last, tuple(day for day in days if rest.is_working_day(day)), f"holidays {version('holidays')} {name}")


def from_file(path: Path, first: dt.date | None = None, last: dt.date | None = None) -> Calendar:
    """The working days of a table with the columns `day` and `working`; without `first` and `last`, from its first day to its last.

    Raises `ProblemError`: `calendar-unknown` for days of the plan that have no row, `column-missing`, `value-wrong` for a day that is none, stands twice,
    or is said to be neither worked nor not, `option-wrong`, and as `scan_table`. All rows that are wrong are told together.
    """
    source = scan_table(path)
    with as_problems(path):
        columns = source.lazy.collect_schema().names()
        missing = [column for column in ("day", "working") if column not in columns]
        if missing:
            raise ProblemError(Problem("column-missing", f"there is no column `{name}`", Place(str(path)), nearest(name, columns)) for name in missing)
        rows = source.lazy.select("day", "working").collect().rows()
    known, problems = read_days(path, rows)
    if problems:
        raise ProblemError(problems)
    first, last = first or min(known), last or max(known)
    unknown = [day for day in span(first, last) if day not in known]
    if unknown:
        message = f"{len(unknown)} days from {first} to {last} have no row, the first is {unknown[0]}"
        raise one_problem("calendar-unknown", message, place=Place(str(path)), hint="every day of the plan stands in the file, worked or not")
    return Calendar(first, last, tuple(day for day in span(first, last) if known[day]), path.name)


def read_days(path: Path, rows: list[tuple[Any, ...]]) -> tuple[dict[dt.date, bool], list[Problem]]:
    known: dict[dt.date, bool] = {}
    problems = []
    for number, (day_cell, working_cell) in enumerate(rows, 1):
        day_text, working = (as_text(day_cell) or "").strip(), (as_text(working_cell) or "").strip()
        try:
            day = parse_day(day_text)
        except ValueError:
            problems.append(Problem("value-wrong", f"`{day_text}` is not a day written as YYYY-MM-DD", Place(str(path), row=number, field="day")))
            continue
        if day in known:
            problems.append(Problem("value-wrong", f"the day {day} stands twice", Place(str(path), row=number, field="day")))
        if working not in TRUE_WORDS and working not in FALSE_WORDS:
            message = f"`{working}` does not say whether {day} is worked"
            problems.append(Problem("value-wrong", message, Place(str(path), row=number, field="working"), "write `true` or `false`"))
        known[day] = working in TRUE_WORDS
    return known, problems


def span(first: dt.date, last: dt.date) -> list[dt.date]:
    """All days from the first to the last. Raises `ProblemError` (`option-wrong`) where there are none."""
    if last < first:
        raise one_problem("option-wrong", f"the last day {last} is before the first day {first}")
    return [first + dt.timedelta(days) for days in range((last - first).days + 1)]


def version(package: str) -> str:
    from importlib.metadata import version as installed

    return installed(package)
