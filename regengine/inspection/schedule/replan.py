"""Planning again in the course of a plan: what is fixed stays, as little as can be changes, and what was missed is owed.

Guarantees: trips of the earlier plan up to `freeze_until` stand as they stood, so long as they were made or are still to come; a visit that was to be
made before `as_of` and was not is debt, and is placed before others; a trip that comes later keeps its day and its teams unless a hard rule forbids
that now, or another trip could otherwise not be placed; the difference has one row for each visit that changed. Nothing new is laid on frozen days
but visits that must be made on them. Does not guarantee that no other plan would change less.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ...workdays import Calendar
from ..rules import PlanRules
from ..visit import Inspector, Placed, Replaced, Trip, Visit
from .board import History
from .challenge import barred_by
from .place import Schedule, schedule

__all__ = ["Difference", "Replanned", "missed", "replan"]

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of one visit: `added`, `gone`, `day` (moved, perhaps with another team) or `team` (another team on the same day), old and new."""

    change: str
    visit: str
    department: str
    enterprise: str
    old_day: dt.date | None
    new_day: dt.date | None
    old_team: tuple[str, ...]
    new_team: tuple[str, ...]
    debt: bool


@dataclass(frozen=True, slots=True)
class Replanned:
    """The new schedule (with what was made and what is frozen), its difference from the earlier one by visit, and the visits that were missed."""

    schedule: Schedule
    difference: tuple[Difference, ...]
    debt: tuple[Visit, ...]


def missed(earlier: Schedule, made: Collection[str], as_of: dt.date) -> tuple[Visit, ...]:
    """The visits that were to be made before a day and were not, by id."""
    late = (visit for one in earlier.placed if one.day < as_of for visit in one.trip.visits if visit.id not in made)
    return tuple(sorted(late, key=lambda visit: visit.id))


def replan(
    earlier: Schedule,
    trips: Sequence[Trip],
    inspectors: Sequence[Inspector],
    calendar: Calendar,
    rules: PlanRules,
    *,
    draw_ids: Mapping[str, str],
    seed: str,
    as_of: dt.date,
    freeze_until: dt.date,
    made: Collection[str] = (),
    history: History | None = None,
) -> Replanned:
    """Plan again as of a day.

    `trips` are all that is wanted now, `made` the ids of the visits that were made. A visit of the earlier plan that is not wanted any more goes, unless it is
    frozen or was made. Raises `ProblemError` as `schedule` does.
    """
    owed = missed(earlier, made, as_of)
    fixed = [part for one in earlier.placed if one.day <= freeze_until and (part := standing(one, made, as_of)) is not None]
    stands = {visit.id for one in fixed for visit in one.trip.visits}
    wanted = [part for trip in wanted_trips(trips, stands, owed, freeze_until, calendar) for part in as_before(trip, earlier)]
    later = {one.trip.id: one for one in earlier.placed if one.day > freeze_until}
    days = {visit.id: one.day for one in later.values() for visit in one.trip.visits}
    wish = {trip.id: min(days[visit.id] for visit in trip.visits if visit.id in days) for trip in wanted if any(visit.id in days for visit in trip.visits)}
    kept = [replace(one, trip=trip) for trip in wanted for one in later.values() if ids(one.trip) <= ids(trip)]
    rest = Calendar(max(calendar.first, as_of), calendar.last, tuple(day for day in calendar.working if day >= as_of), calendar.source)
    barred = barred_by(earlier.replaced)
    new = schedule(
        wanted, inspectors, rest, rules, draw_ids=draw_ids, seed=seed, history=history, fixed=fixed, kept=kept, wish=wish, barred=barred
    )  # fmt: skip
    new = replace(new, replaced=tuple(sorted({*new.replaced, *still_true(earlier.replaced, new)}, key=lambda one: (one.visit, one.out))))
    return Replanned(new, tuple(differences(earlier, new)), owed)


def ids(trip: Trip) -> frozenset[str]:
    return frozenset(visit.id for visit in trip.visits)


def as_before(trip: Trip, earlier: Schedule) -> list[Trip]:
    """A trip in the parts that the earlier plan made of it; visits that it did not know go with the first."""
    trips = [one.trip for one in earlier.unplaced] + [one.trip for one in earlier.placed]
    home = {visit.id: one.id for one in trips for visit in one.visits}
    first = next((home[visit.id] for visit in trip.visits if visit.id in home), "")
    parts: dict[str, list[Visit]] = {}
    for visit in trip.visits:
        parts.setdefault(home.get(visit.id, first), []).append(visit)
    return [Trip(tuple(part)) for part in parts.values()]


def standing(one: Placed, made: Collection[str], as_of: dt.date) -> Placed | None:
    """What stands of a frozen trip: all of it where it is still to come, of the past only what was made."""
    visits = tuple(visit for visit in one.trip.visits if one.day >= as_of or visit.id in made)
    if not visits:
        return None
    return Placed(Trip(visits), one.day, tuple((id_, team) for id_, team in one.teams if id_ in {visit.id for visit in visits}))


def wanted_trips(trips: Sequence[Trip], stands: Collection[str], owed: Sequence[Visit], freeze_until: dt.date, calendar: Calendar) -> list[Trip]:
    """The trips to be placed now: without visits that stand, with those that are owed, and on frozen days only where they must be."""
    known = {visit.id for trip in trips for visit in trip.visits}
    late = {visit.id for visit in owed}
    alone = [Trip((visit,)) for visit in owed if visit.id not in known]
    wanted = []
    for trip in [*trips, *alone]:
        visits = [indebted(visit, freeze_until, calendar) if visit.id in late else visit for visit in trip.visits if visit.id not in stands]
        if visits and min(visit.latest for visit in visits) > freeze_until:
            visits = [replace(visit, earliest=max(visit.earliest, freeze_until + DAY)) for visit in visits]
        if visits:
            wanted.append(Trip(tuple(visits)))
    return wanted


def indebted(visit: Visit, freeze_until: dt.date, calendar: Calendar) -> Visit:
    """A visit that is owed; one whose latest date is over by the end of the frozen days has until the end of the plan."""
    return replace(visit, debt=True, latest=visit.latest if visit.latest > freeze_until else calendar.last)


def still_true(replaced: Sequence[Replaced], new: Schedule) -> Iterator[Replaced]:
    """Replacements of the earlier plan that hold in the new one; challenges are kept whatever became of them."""
    teams = {id_: team for one in new.placed for id_, team in one.teams}
    yield from (one for one in replaced if one.challenge or (one.by in teams.get(one.visit, ()) and one.out not in teams[one.visit]))


def differences(earlier: Schedule, new: Schedule) -> Iterator[Difference]:
    """One row for each visit that changed, by visit."""
    old_places, new_places = places(earlier), places(new)
    trips = [one.trip for one in new.placed] + [one.trip for one in new.unplaced]
    debts = {visit.id for trip in trips for visit in trip.visits if visit.debt}
    for id_ in sorted({*old_places, *new_places}):
        old, now = old_places.get(id_), new_places.get(id_)
        if old and now and (old[1:] == now[1:]):
            continue
        visit, old_day, old_team = old or (None, None, ())
        visit, new_day, new_team = now or (visit, None, ())
        assert visit is not None
        change = "added" if old is None else "gone" if now is None else "day" if old_day != new_day else "team"
        yield Difference(change, id_, visit.department, visit.enterprise, old_day, new_day, old_team, new_team, id_ in debts)


def places(schedule: Schedule) -> dict[str, tuple[Visit, dt.date, tuple[str, ...]]]:
    return {visit.id: (visit, one.day, dict(one.teams)[visit.id]) for one in schedule.placed for visit in one.trip.visits}
