"""Stage one of the calendar: which trip goes in which week, by HiGHS.

A week here is a calendar week cut at the end of the month, so that no week lies in two of the periods for which caps hold. Trips are moved as little as can be
from their targets (`targets`) so that every inspector's week, every cap and every gap holds; where not all fit, those of the least weight are left out.

Guarantees: what inspectors can do in a week, caps, and gaps that hold between any two days of two weeks. Does not guarantee an optimum: a trip may go to
`NEAR` weeks around its target only, weights are held to `LEVELS` levels, and `solver` rounds; `repair` sees to the rest, exactly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .board import Board, Days, Job, counted_as
from .solver import Question

__all__ = ["Weeks", "assign", "open_to_team", "weeks_of"]

NEAR = 9  # weeks around the target that are looked at
LEVELS, STEP = 7, 4  # a trip of one level weighs as much as so many of the level below
WORTH = 100.0  # of a trip of the lowest level: more than any week costs
JOINT = 0.1  # a joint trip is worth a little more for each further department
LATE, WISHED = 2, 5  # what a week costs: later than the target (more where riskier); other than in the earlier plan

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Weeks:
    """The weeks of a plan: the place of each working day's week, and of each week the place of its first day and its first and last ordinal."""

    of_day: Ints
    starts: Ints
    first: Ints
    last: Ints

    def sums(self, days: npt.NDArray[np.integer]) -> Ints:
        """Sums over the days (the last axis) of each week."""
        return np.add.reduceat(days, self.starts, axis=-1, dtype=np.int64)

    def any(self, days: Days) -> Ints:
        """The weeks in which there is a day."""
        return np.unique(self.of_day[days])


def weeks_of(board: Board) -> Weeks:
    """The weeks of the board's working days, cut at the ends of months."""
    keys = [(*day.isocalendar()[:2], day.month) for day in board.days]
    starts = np.array([place for place, key in enumerate(keys) if place == 0 or key != keys[place - 1]], np.int64)
    of_day = np.repeat(np.arange(len(starts)), np.diff([*starts, len(keys)]))
    return Weeks(of_day, starts, board.ordinals[starts], board.ordinals[[*(starts[1:] - 1), len(keys) - 1]])


def open_to_team(board: Board, job: Job) -> Days:
    """The days on which the trip may be and all who were drawn are free."""
    return board.open_days(job) & board.team_free(job)


def assign(board: Board, weeks: Weeks, jobs: Sequence[Job]) -> dict[Job, int]:
    """The week of each job that finds one; jobs come in the order of their tickets."""
    choices = Choices(Question())
    room = weeks.sums(board.left)
    top = max((job.weight for job in jobs), default=0)
    by_week: dict[tuple[int, int], list[int]] = defaultdict(list)
    by_enterprise: dict[str, list[int]] = defaultdict(list)
    for place, job in enumerate(jobs):
        if job.teams is None:
            continue
        own = [choices.add(job, week, cost + place / len(jobs)) for week, cost in costs(board, weeks, job, top)]  # between equals, by ticket
        choices.question.at_most(1, own)
        by_enterprise[job.trip.enterprise] += own
        for choice in own:
            for one in (one for team in job.teams for one in team):
                by_week[one, choices.week[choice]].append(choice)
    for (one, week), those in by_week.items():
        choices.question.at_most(int(room[one, week]), those)
    for those in by_enterprise.values():
        if len({choices.job[choice] for choice in those}) > 1:
            choices.keep_apart(board, weeks, those)
            choices.keep_caps(board, weeks, those)
    return {choices.job[choice]: choices.week[choice] for choice in choices.question.taken()}


def costs(board: Board, weeks: Weeks, job: Job, top: int) -> list[tuple[int, float]]:
    """The weeks that a job may go to, each with its cost; below zero, so that going is always better than not."""
    target = int(weeks.of_day[job.target])
    among = weeks.any(open_to_team(board, job))
    near = sorted(among.tolist(), key=lambda week: (abs(week - target), week))[:NEAR]
    worth = WORTH * STEP ** max(LEVELS - 1 - (top - job.weight), 0) * (1 + JOINT * (len(job.trip.visits) - 1))
    late = LATE + min(job.trip.rank, LEVELS)
    other = 0 if job.wish is None else WISHED
    return [(week, (week != target) * other + (week - target) * (late if week > target else -1) - worth) for week in near]


class Choices:
    """The choices of a question, each a job in a week."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.job: list[Job] = []
        self.week: list[int] = []

    def add(self, job: Job, week: int, cost: float) -> int:
        self.job.append(job)
        self.week.append(week)
        return self.question.choice(cost)

    def keep_apart(self, board: Board, weeks: Weeks, those: Sequence[int]) -> None:
        """Trips to one enterprise: no two of them in weeks of which any two days are nearer than the gap."""
        for first in sorted({self.week[choice] for choice in those}):
            near = [choice for choice in those if self.week[choice] >= first and weeks.last[self.week[choice]] - weeks.first[first] < board.gap]
            self.question.at_most(1, near)

    def keep_caps(self, board: Board, weeks: Weeks, those: Sequence[int]) -> None:
        """Trips to one enterprise: in each period no more than a cap leaves over what stands on the board already."""
        for number, cap in enumerate(board.rules.caps):
            by_period = defaultdict(list)
            for choice in those:
                day = weeks.starts[self.week[choice]]
                for one in counted_as(cap, self.job[choice].counted[number]):
                    by_period[board.periods[cap.per][day], one].append((choice, day))
            for (_, one), group in by_period.items():
                made = board.counted_to(self.job[those[0]].trip.enterprise, number, frozenset([one]))
                self.question.at_most(max(cap.visits - int(made[group[0][1]]), 0), [choice for choice, _ in group])
