"""What stands on each working day, and the hard rules asked of it exactly: whoever places a trip asks here first.

A `Board` holds the working days, what each inspector has left on each of them, and the days on which each enterprise is visited. Guarantees: `open_days`
are the days that window, quiet times, gap and caps leave to a trip, and a team that `team_on` gives is whole, eligible and free on its day. Two trips to one
enterprise never share a day, whatever the gap: on one day they would be one visit to it.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from ...workdays import Calendar
from ..rules import PlanRules, VisitCap, period_of
from ..visit import DRAW, FLOOR, Inspector, Placed, Trip, Visit
from .teams import by_ticket

__all__ = ["Board", "Days", "History", "Job", "Team", "importance"]

Days = npt.NDArray[np.bool_]  # for each working day, whether it is meant
Team = tuple[int, ...]  # places of inspectors
Counted = tuple[frozenset[str], ...]  # for each cap, the departments whose visits count to it
ALL = frozenset([""])  # in the place of a department: all of them together
History = Mapping[str, Sequence[tuple[dt.date, str]]]


@dataclass(slots=True, eq=False)
class Job:
    """A trip that is to be placed: for each of its visits the inspectors who may go, by ticket; the teams drawn; and the days that it may be on.

    `base` are the days of window and quiet times, `target` is the working day on which it would best be, `weight` its importance among those of the plan
    (0 is the least).
    """

    trip: Trip
    eligible: tuple[Team, ...]
    base: Days
    counted: Counted
    weight: int
    wish: int | None
    teams: tuple[Team, ...] | None = None
    target: int = 0


@dataclass(slots=True)
class Entry:
    """A day on which an enterprise is visited, and who of the departments counts to each cap."""

    day: dt.date
    counted: Counted


@dataclass(slots=True)
class Board:
    """The state of a plan while it is made; inspectors and days are known by their places in order."""

    calendar: Calendar
    rules: PlanRules
    inspectors: tuple[Inspector, ...]
    barred: Collection[tuple[str, str]]
    ordinals: npt.NDArray[np.int64] = field(init=False)
    left: npt.NDArray[np.int16] = field(init=False)
    quiet: npt.NDArray[np.bool_] = field(init=False)
    index: dict[dt.date, int] = field(init=False)
    place_of: dict[str, int] = field(init=False)
    periods: dict[str, list[tuple[int, int]]] = field(init=False)
    entries: dict[str, list[Entry]] = field(default_factory=dict)
    staff: dict[tuple[str, str, frozenset[str]], Team] = field(default_factory=dict)

    def __post_init__(self) -> None:
        days = self.calendar.working
        self.index = {day: place for place, day in enumerate(days)}
        self.ordinals = np.array([day.toordinal() for day in days], np.int64)
        self.place_of = {inspector.id: place for place, inspector in enumerate(self.inspectors)}
        self.left = np.array([[one.capacity if one.works_on(day) else 0 for day in days] for one in self.inspectors], np.int16)
        self.left = self.left.reshape(len(self.inspectors), len(days))
        self.quiet = np.array([[quiet.closes(day) for day in days] for quiet in self.rules.quiet], np.bool_).reshape(len(self.rules.quiet), len(days))
        self.periods = {cap.per: [period_of(day, cap.per) for day in days] for cap in self.rules.caps}

    @property
    def days(self) -> tuple[dt.date, ...]:
        return self.calendar.working

    @property
    def gap(self) -> int:
        """The least number of days between two trips to one enterprise, at least one."""
        return max(self.rules.gap_days, 1)

    # -- what is known beforehand

    def job(self, trip: Trip, weight: int, wish: dt.date | None, draw_ids: Mapping[str, str], seed: str) -> Job:
        """A trip as a job: its eligible inspectors in the order of their tickets, and its days."""
        eligible = tuple(
            tuple(
                self.place_of[one.id]
                for one in by_ticket([self.inspectors[place] for place in self.candidates(visit)], draw_ids[visit.department], seed, visit)
            )
            for visit in trip.visits
        )
        return Job(trip, eligible, self.base(trip), self.counted(trip), weight, None if wish is None else self.index.get(wish))

    def base(self, trip: Trip) -> Days:
        """The working days inside the window of a trip that are quiet for none of its visits."""
        open_ = (self.ordinals >= trip.earliest.toordinal()) & (self.ordinals <= trip.latest.toordinal())
        for place in {place for visit in trip.visits for place in visit.quiet}:
            open_ &= ~self.quiet[place]
        return open_

    def counted(self, trip: Trip) -> Counted:
        """For each cap, the departments of a trip whose visits count to it."""
        return tuple(frozenset(visit.department for visit in trip.visits if self.counts(visit, cap)) for cap in self.rules.caps)

    def counts(self, visit: Visit, cap: VisitCap) -> bool:
        return visit.counts and cap.entry in (None, visit.entry) and not self.rules.exempts(cap.exempt, visit.kind)

    def candidates(self, visit: Visit) -> Team:
        """The inspectors of the department who work in the district, have the skills, have no interest in the enterprise and are not barred."""
        key = visit.department, visit.district, visit.skills
        if key not in self.staff:
            self.staff[key] = tuple(
                place
                for place, one in enumerate(self.inspectors)
                if one.department == visit.department and visit.district in one.districts and visit.skills <= one.skills
            )
        return tuple(
            place
            for place in self.staff[key]
            if visit.enterprise not in self.inspectors[place].interests and (visit.id, self.inspectors[place].id) not in self.barred
        )

    def remember(self, history: History, also: Iterable[str]) -> None:
        """Enter the days on which enterprises were visited before; departments on one day made one joint visit, and every one counts to every cap."""
        known = {(enterprise, entry.day) for enterprise, entries in self.entries.items() for entry in entries}
        for enterprise in sorted(set(also)):
            departments: dict[dt.date, set[str]] = {}
            for day, department in history.get(enterprise, ()):
                departments.setdefault(day, set()).add(department)
            for day, those in sorted(departments.items()):
                if (enterprise, day) not in known:
                    self.entries.setdefault(enterprise, []).append(Entry(day, (frozenset(those),) * len(self.rules.caps)))

    # -- what a day leaves

    def open_days(self, job: Job) -> Days:
        """The days that window, quiet times, gap and caps leave."""
        if job.trip.enterprise not in self.entries:
            return job.base & ~self.over_cap(job) if any(cap.visits == 0 for cap in self.rules.caps) else job.base
        return job.base & ~self.too_near(job) & ~self.over_cap(job)

    def too_near(self, job: Job) -> Days:
        """The days that are nearer than the gap to another visit of the enterprise."""
        near = np.zeros(len(self.days), np.bool_)
        for entry in self.entries.get(job.trip.enterprise, ()):
            day = entry.day.toordinal()
            near[bisect_right(self.ordinals, day - self.gap) : bisect_left(self.ordinals, day + self.gap)] = True
        return near

    def over_cap(self, job: Job) -> Days:
        """The days in periods for which a cap is reached."""
        over = np.zeros(len(self.days), np.bool_)
        for place, cap in enumerate(self.rules.caps):
            if own := job.counted[place]:
                over |= self.counted_to(job.trip.enterprise, place, own) >= cap.visits
        return over

    def counted_to(self, enterprise: str, place: int, own: frozenset[str]) -> npt.NDArray[np.int64]:
        """For each day, how many trips count to a cap in its period: of all departments together, or of that of `own` which has the most."""
        cap = self.rules.caps[place]
        made = Counter((period_of(entry.day, cap.per), one) for entry in self.entries.get(enterprise, ()) for one in counted_as(cap, entry.counted[place]))
        most = {period: max(made[period, one] for one in counted_as(cap, own)) for period in set(self.periods[cap.per])}
        return np.array([most[period] for period in self.periods[cap.per]], np.int64)

    def free(self, job: Job) -> Days:
        """The days on which each visit can have a whole team."""
        free = np.ones(len(self.days), np.bool_)
        for visit, eligible in zip(job.trip.visits, job.eligible, strict=True):
            free &= (self.left[list(eligible)] > 0).sum(axis=0) >= visit.team
        return free

    def team_free(self, job: Job) -> Days:
        """The days on which all who were drawn are free."""
        drawn = [place for team in job.teams or () for place in team]
        free: Days = np.all(self.left[drawn] > 0, axis=0)
        return free

    def team_on(self, job: Job, day: int) -> tuple[Team, ...]:
        """Who goes on a day: those drawn who are free, then the next by ticket; the day must be among `free`."""
        teams = []
        for place, (visit, eligible) in enumerate(zip(job.trip.visits, job.eligible, strict=True)):
            drawn = job.teams[place] if job.teams else ()
            order = sorted((one for one in eligible if self.left[one, day] > 0), key=lambda one: one not in drawn)[: visit.team]
            teams.append(tuple(one for one in eligible if one in order))
        return tuple(teams)

    # -- placing

    def put(self, job: Job, day: int, teams: Iterable[Team], by: int = 1) -> None:
        """Place a trip on a day with its teams; with `by=-1`, take it away again."""
        for team in teams:
            self.left[list(team), day] -= by
        entries = self.entries.setdefault(job.trip.enterprise, [])
        if by > 0:
            entries.append(Entry(self.days[day], job.counted))
        else:
            entries.remove(Entry(self.days[day], job.counted))
            if not entries:
                del self.entries[job.trip.enterprise]

    def put_fixed(self, placed: Placed) -> None:
        """Enter a trip that stands where it stands, whatever the rules say of it."""
        self.entries.setdefault(placed.trip.enterprise, []).append(Entry(placed.day, self.counted(placed.trip)))
        for _, team in placed.teams:
            for one in team:
                if one in self.place_of and placed.day in self.index:
                    where = self.place_of[one], self.index[placed.day]
                    self.left[where] = max(self.left[where] - 1, 0)


def counted_as(cap: VisitCap, departments: frozenset[str]) -> frozenset[str]:
    """As whom a trip counts to a cap: as each of its departments, or once for all."""
    return departments if cap.scope == "authority" else departments and ALL


def importance(trip: Trip) -> tuple[bool, bool, int]:
    """What is placed first where not all can be: debt, then what is required or triggered, then riskier grades."""
    visits = trip.visits
    return any(visit.debt for visit in visits), any(visit.kind not in (DRAW, FLOOR) for visit in visits), trip.rank


def narrowed(job: Job, visits: Sequence[int], board: Board) -> Job:
    """A job for some of the visits of another (by their places), with the same eligible inspectors and teams."""
    trip = Trip(tuple(job.trip.visits[place] for place in visits))
    teams = tuple(job.teams[place] for place in visits) if job.teams else None
    return replace(job, trip=trip, eligible=tuple(job.eligible[place] for place in visits), base=board.base(trip), counted=board.counted(trip), teams=teams)
