"""Stage two of the calendar: the day of each trip within its week, exactly.

A week's trips are first placed one after another, those with the fewest days first, each on the day on which its team is in the same district
already, or else on the earliest that keeps them from two districts in a day. Where some find no day so, HiGHS is asked for all trips of that week
together, without regard to travel. Guarantees every hard rule; what finds no day in its week is left to `repair`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from .board import Board, Job
from .sheet import Sheet
from .solver import Question
from .weeks import Weeks, open_to_team

__all__ = ["fill"]

WORTH, UNWISHED = 100.0, 10.0


def fill(sheet: Sheet, weeks: Weeks, week_of: Mapping[Job, int]) -> None:
    """Place the jobs that have a week, each with the team that was drawn."""
    by_week: dict[int, list[Job]] = defaultdict(list)
    for job, week in week_of.items():
        by_week[week].append(job)
    for week in sorted(by_week):
        inside = weeks.of_day == week
        options = {job: np.flatnonzero(inside & open_to_team(sheet.board, job)).tolist() for job in by_week[week]}
        order = sorted(by_week[week], key=lambda job: (len(options[job]), -job.weight, job.trip.ticket, job.trip.id))
        placed = [job for job in order if one_by_one(sheet, job, options[job])]
        if len(placed) < len(order):
            for job in placed:
                sheet.take(job)
            for job, day in together(sheet.board, order, options):
                sheet.put(job, day, job.teams or ())
            for job in order:
                if job not in sheet.placed:
                    one_by_one(sheet, job, options[job])


def one_by_one(sheet: Sheet, job: Job, options: Sequence[int]) -> bool:
    """Place a job on the day of its week that suits travel best; whether there was one."""
    open_ = open_to_team(sheet.board, job)
    days = [day for day in options if open_[day]]
    if not days:
        return False
    drawn = [one for team in job.teams or () for one in team]
    day = min(days, key=lambda day: (job.wish is not None and day != job.wish, -sheet.beside(drawn, day, job.trip.district), day))
    sheet.put(job, day, job.teams or ())
    return True


def together(board: Board, jobs: Sequence[Job], options: Mapping[Job, Sequence[int]]) -> list[tuple[Job, int]]:
    """The days of all jobs of a week at once, as many of them as can be, the weightier first."""
    question = Question()
    meant: list[tuple[Job, int]] = []
    by_day: dict[tuple[int, int], list[int]] = defaultdict(list)
    by_enterprise: dict[str, list[int]] = defaultdict(list)
    first, least = min((day for days in options.values() for day in days), default=0), min(job.weight for job in jobs)
    for job in jobs:
        choices = []
        for day in options[job]:
            unwished = UNWISHED if job.wish is not None and day != job.wish else 0.0
            choices.append(question.choice(day - first + unwished - WORTH * (1 + job.weight - least)))
            meant.append((job, day))
            for one in [one for team in job.teams or () for one in team]:
                by_day[one, day].append(choices[-1])
        question.at_most(1, choices)
        by_enterprise[job.trip.enterprise] += choices
    for (one, day), choices in by_day.items():
        question.at_most(int(board.left[one, day]), choices)
    for choices in by_enterprise.values():
        for choice in choices:
            job, day = meant[choice]
            near = [other for other in choices if meant[other][0] is not job and abs(board.ordinals[meant[other][1]] - board.ordinals[day]) < board.gap]
            for other in near:
                question.at_most(1, [choice, other])
    return [meant[choice] for choice in question.taken()]
