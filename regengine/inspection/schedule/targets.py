"""Where each trip would best be, before anything stands in its way: riskier earlier, at an even load over the weeks.

Trips are taken from the riskiest on, and each goes to the earliest of its weeks that is below the even level of its inspectors' load, or else to the
one that is least above it; those with less than half of the plan to choose from are taken first, since they can least give way. Inspectors of one
department who share visits, directly or over others, are one pool, and the load is even in each pool. A trip of an earlier plan stays on its day; one
that is owed is best made on the first day that is open to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .board import Board, Days, Job
from .groups import groups
from .weeks import Ints, Weeks, open_to_team

__all__ = ["set_targets"]


class Pool:
    """Inspectors of one department who share visits: what they can do in each week, what is asked of them in all, and what is laid on each week."""

    def __init__(self, room: Ints, need: int) -> None:
        self.room, self.even = room, need / max(int(room.sum()), 1)
        self.load = np.zeros(len(room))

    def over(self, weeks: Ints, size: int) -> npt.NDArray[np.float64]:
        """By how much one more team would bring weeks over the even level; half a team over is even still."""
        return (self.load[weeks] + size / 2) / np.maximum(self.room[weeks], 1e-9) - self.even


def set_targets(board: Board, weeks: Weeks, jobs: Sequence[Job]) -> None:
    """Give each job the day on which it would best be."""
    group = groups((eligible for job in jobs for eligible in job.eligible if eligible), len(board.inspectors))
    pools = pools_of(board, weeks, jobs, group)
    taken: dict[str, list[int]] = defaultdict(list)
    half = len(board.days) / 2
    for job in sorted(jobs, key=lambda job: (job.wish is None, not owed(job), job.base.sum() >= half, -job.trip.rank, job.trip.ticket, job.trip.id)):
        days = open_to_team(board, job) if job.teams else board.open_days(job)
        if not days.any():
            days = job.base
        if not days.any():
            continue
        those = [(pools[group[eligible[0]]], visit.team) for visit, eligible in zip(job.trip.visits, job.eligible, strict=True) if eligible]
        if job.wish is not None and days[job.wish]:
            job.target = job.wish
        else:
            job.target = int(np.flatnonzero(days)[0]) if owed(job) else best_day(board, weeks, days, taken[job.trip.enterprise], those)
        taken[job.trip.enterprise].append(job.target)
        for pool, size in those:
            pool.load[weeks.of_day[job.target]] += size


def owed(job: Job) -> bool:
    """Whether an earlier plan did not make the trip: it is best made at once."""
    return any(visit.debt for visit in job.trip.visits)


def pools_of(board: Board, weeks: Weeks, jobs: Sequence[Job], group: Sequence[int]) -> dict[int, Pool]:
    """The pools of the jobs' inspectors; only days that are open to some job count to what a pool can do."""
    need: dict[int, int] = defaultdict(int)
    days: dict[int, Days] = defaultdict(lambda: np.zeros(len(board.days), np.bool_))
    for job in jobs:
        for visit, eligible in zip(job.trip.visits, job.eligible, strict=True):
            if eligible:
                need[group[eligible[0]]] += visit.team
                days[group[eligible[0]]] |= job.base
    members = defaultdict(list)
    for one, pool in enumerate(group):
        members[pool].append(one)
    return {pool: Pool(weeks.sums(board.left[members[pool]].sum(axis=0) * days[pool]), size) for pool, size in need.items()}


def best_day(board: Board, weeks: Weeks, days: Days, taken: Sequence[int], pools: Sequence[tuple[Pool, int]]) -> int:
    """The first day of the earliest week at which all pools are below their even level, or of the one that is least above.

    Where the window allows it, it is no nearer than the gap to the targets of other trips to the enterprise.
    """
    far = days.copy()
    for place in taken:
        far &= np.abs(board.ordinals - board.ordinals[place]) >= board.gap
    days = far if far.any() else days
    among = weeks.any(days)
    over = np.max([pool.over(among, size) for pool, size in pools], axis=0) if pools else np.zeros(len(among))
    below = np.flatnonzero(over <= 0)
    week = among[below[0] if len(below) else np.argmin(over)]
    return int(np.flatnonzero(days & (weeks.of_day == week))[0])
