"""What a plan is made of: inspectors, visits of one department to one enterprise, trips of visits that go together, and where they were placed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction

from ..rulebook.parts import Words

__all__ = ["DRAW", "FLOOR", "REQUIRED", "Change", "Inspector", "Leave", "Placed", "Replaced", "Trip", "Unplaced", "Visit"]

DRAW, FLOOR, REQUIRED = "draw", "floor", "required"  # kinds of a visit; every other kind is a trigger of the rulebook


@dataclass(frozen=True, slots=True)
class Leave:
    """Days on which an inspector is away, both included."""

    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True)
class Inspector:
    """One inspector of one department: where and on what they may inspect, and when they can.

    `certificate` holds the first and the last day of the enforcement certificate, `capacity` is visits in a day, `interests` are the
    enterprises in which an interest is declared. `name` is personal and never leaves in anything public.
    """

    id: str
    department: str
    districts: frozenset[str]
    certificate: tuple[dt.date, dt.date]
    capacity: int
    skills: frozenset[str] = frozenset()
    interests: frozenset[str] = frozenset()
    leave: tuple[Leave, ...] = ()
    name: str | None = None

    def works_on(self, day: dt.date) -> bool:
        """Whether the certificate holds on a day and the inspector is not away."""
        return self.certificate[0] <= day <= self.certificate[1] and not any(away.first <= day <= away.last for away in self.leave)


@dataclass(frozen=True, slots=True)
class Visit:
    """One department's visit to one enterprise, with what must hold of its day and of its team.

    `kind` is `draw`, `floor`, `required`, or the id of a trigger; `clause` names the rule that brings the visit. `ticket` orders the draw of teams.
    `rank` is 0 for the best grade. `earliest` and `latest` are the days between which it must take place, both included; `quiet` names the quiet
    times that it must keep (places in `PlanRules.quiet`). `counts` tells whether it counts to the caps; `entry` is the entry
    of the rulebook's `inspection` that holds for the enterprise, which may have a cap of its own. `debt` marks a visit that an earlier
    plan did not make. `probability` is that of being drawn; visits outside the draw have none.
    """

    id: str
    department: str
    enterprise: str
    district: str
    kind: str
    clause: str
    ticket: str
    grade: str
    rank: int
    stratum: str
    earliest: dt.date
    latest: dt.date
    team: int
    skills: frozenset[str] = frozenset()
    manner: tuple[str, ...] = ()
    quiet: tuple[int, ...] = ()
    counts: bool = True
    debt: bool = False
    entry: str = ""
    probability: Fraction | None = None
    lead: str | None = None
    authority: str | None = None


@dataclass(frozen=True, slots=True)
class Trip:
    """Visits of one or more departments to one enterprise that go together, on one day; never empty, and no department twice.

    It may be on days that suit every visit. `id` is that of its first visit.
    """

    visits: tuple[Visit, ...]

    @property
    def id(self) -> str:
        return self.visits[0].id

    @property
    def enterprise(self) -> str:
        return self.visits[0].enterprise

    @property
    def district(self) -> str:
        return self.visits[0].district

    @property
    def earliest(self) -> dt.date:
        return max(visit.earliest for visit in self.visits)

    @property
    def latest(self) -> dt.date:
        return min(visit.latest for visit in self.visits)

    @property
    def rank(self) -> int:
        """The rank of the riskiest visit."""
        return max(visit.rank for visit in self.visits)

    @property
    def ticket(self) -> str:
        return min(visit.ticket for visit in self.visits)

    @property
    def counts(self) -> bool:
        return any(visit.counts for visit in self.visits)


@dataclass(frozen=True, slots=True)
class Placed:
    """A trip with its day, and for each of its visits (by id) the inspectors that go, in the order of their tickets."""

    trip: Trip
    day: dt.date
    teams: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that would have to be otherwise for a trip to be placed on a day: the rule, by how much, and for which visit and inspector.

    `amount` is in the units of the rule: visits (capacity, cap), working days (window), days (gap), inspectors (team, interest), else 1.
    """

    rule: str
    day: dt.date
    amount: int = 1
    visit: str | None = None
    inspector: str | None = None


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A trip that found no day: the hard rule that stands in its way, what it says here, and the smallest change that would place it.

    `changes` is that change as data, all of it needed; none where the plan has no working day at all.
    """

    trip: Trip
    rule: str
    why: Words
    relaxation: Words | None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Replaced:
    """An inspector whose place on a visit was taken by the next in order of tickets, and why; `challenge` marks avoidance (回避)."""

    visit: str
    out: str
    by: str
    why: Words
    challenge: bool = False
