"""Visits of several departments to one enterprise, put together into trips, and how many there are of them.

Guarantees: every visit is in exactly one trip; a trip has at most one visit of a department, at least one day that is inside the windows of all its visits, and
visits whose first days are at most `window` days apart; the result does not hang on the order of the visits. Does not look at quiet times or at
inspectors: a trip that finds no day for their sake is taken apart again by `schedule`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from ..visit import Trip, Visit

__all__ = ["JointRate", "join", "joint_rate"]


@dataclass(frozen=True, slots=True)
class JointRate:
    """How many trips are joint, that is of two departments or more, and how many visits are made on them.

    Published targets (40 to 80 %) speak of tasks of inspection without saying how a joint one is counted: `of_trips` counts a joint trip once,
    as an enterprise does; `of_visits` counts it for each of its departments, as the departments do. Both are 0 where there are no trips.
    """

    trips: int
    joint_trips: int
    visits: int
    joint_visits: int

    @property
    def of_trips(self) -> Fraction:
        return Fraction(self.joint_trips, max(self.trips, 1))

    @property
    def of_visits(self) -> Fraction:
        return Fraction(self.joint_visits, max(self.visits, 1))


def join(visits: Sequence[Visit], *, window: int) -> tuple[Trip, ...]:
    """Put visits of several departments to one enterprise together: each goes with the first trip that it fits, in the order of their latest days."""
    trips = []
    for _, group in groupby(sorted(visits, key=lambda visit: (visit.enterprise, visit.latest, visit.earliest, visit.id)), key=lambda visit: visit.enterprise):
        together: list[list[Visit]] = []
        for visit in group:
            found = next((trip for trip in together if fits(visit, trip, window)), None)
            if found is None:
                together.append([visit])
            else:
                found.append(visit)
        trips += [Trip(tuple(sorted(trip, key=lambda visit: (visit.department, visit.id)))) for trip in together]
    return tuple(sorted(trips, key=lambda trip: trip.id))


def fits(visit: Visit, trip: list[Visit], window: int) -> bool:
    """Whether a visit may go with others: another department, windows that meet, and first days that are not too far apart."""
    all_of_them = [*trip, visit]
    first = [one.earliest for one in all_of_them]
    return (
        all(one.department != visit.department for one in trip)
        and max(first) <= min(one.latest for one in all_of_them)
        and (max(first) - min(first)).days <= window
    )


def joint_rate(trips: Iterable[Trip]) -> JointRate:
    """The share of joint trips among trips, and of visits on joint trips among visits."""
    sizes = [len(trip.visits) for trip in trips]
    joint = [size for size in sizes if size > 1]
    return JointRate(len(sizes), len(joint), sum(sizes), sum(joint))
