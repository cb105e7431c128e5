"""Deadlines as days: the day of the application is not counted, working days are those of a calendar, and no day is guessed."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..problems import one_problem
from ..rulebook.values import Span, months_before

if TYPE_CHECKING:
    from ..workdays import Calendar

__all__ = ["last_day", "reaching"]


def last_day(first: dt.date, span: Span, calendar: Calendar) -> dt.date:
    """The last day of a span that is counted from the day after `first`; of no working days it is `first` itself.

    Raises `ProblemError`, `calendar-unknown`, where the calendar does not reach that far.
    """
    if span.unit == "day":
        return first + dt.timedelta(days=span.count)
    if span.months is not None:
        return months_before(first, -span.months)
    if span.count == 0:
        return first
    place = bisect_right(calendar.working, first) + span.count - 1
    if first < calendar.first or place >= len(calendar.working):
        message = f"the calendar knows the days from {calendar.first} to {calendar.last}, and {span} after {first} are not among them"
        raise one_problem("calendar-unknown", message, hint="give a calendar that begins earlier and ends later")
    return calendar.working[place]


def reaching(make: Callable[[dt.date, dt.date], Calendar], first: dt.date, working_days: int) -> Calendar:
    """The calendar from `first` on that holds so many working days after it and no day more, so that no later year need be known."""
    calendar = make(first, first + dt.timedelta(days=working_days))
    while (short := working_days - (len(calendar.working) - bisect_right(calendar.working, first))) > 0:
        last = calendar.last
        calendar = make(first, last + dt.timedelta(days=short))
        if calendar.last <= last:  # a calendar of its own, which ends here; who counts in it says that it does not reach
            break
    return calendar
