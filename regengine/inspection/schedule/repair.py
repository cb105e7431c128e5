"""Stage three of the calendar: every trip that has no day is tried on every day, with the exact rules.

Trips come in the order of their importance. One that fits takes the nearest day to its target, first among those on which its whole team is free;
where somebody of the team is not, the next by ticket goes. One that fits nowhere may move one other trip to another day; where none can be moved, it takes
the place of one that is less important, which is then tried in its turn. A joint trip that fits nowhere is taken apart.

Guarantees: no hard rule is broken, and after it no trip without a day would fit on any day as the plan stands. Does not guarantee that no longer chain of
moves would have placed more: no more than `TRIES` moves are tried for one trip and `ALL_TRIES` for all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from heapq import heappop, heappush

import numpy as np

from .board import Board, Job, narrowed
from .sheet import Sheet

__all__ = ["repair"]

TRIES, ALL_TRIES = 400, 60_000


def repair(sheet: Sheet, jobs: Iterable[Job]) -> list[Job]:
    """Place what can be placed; the jobs that are left, some of them parts of joint trips."""
    waiting = sorted((job for job in jobs if job not in sheet.placed), key=first_things_first)
    waiting = [job for job in waiting if not place(sheet, job)]
    tries, progress = ALL_TRIES, True
    while progress and tries:
        waiting, tries, progress = one_round(sheet, waiting, tries)
    waiting = [job for job in waiting if not place(sheet, job)]  # where the tries ran out, the last move may have made room
    return [rest for job in waiting for rest in taken_apart(sheet, job)]


def one_round(sheet: Sheet, waiting: list[Job], tries: int) -> tuple[list[Job], int, bool]:
    """Try each job once, and those that lose their day to it; what is left, the tries that are left, and whether anything was placed."""
    queue = [(*first_things_first(job), job) for job in waiting]
    left, progress = [], False
    while queue:
        job = heappop(queue)[-1]
        if place(sheet, job):
            progress = True
            continue
        used, out, done = make_room(sheet, job, min(TRIES, tries))
        tries -= used
        progress = progress or done
        if out is not None:
            heappush(queue, (*first_things_first(out), out))
        if not done:
            left.append(job)
    return left, tries, progress


def first_things_first(job: Job) -> tuple[int, str, str]:
    return -job.weight, job.trip.ticket, job.trip.id


def place(sheet: Sheet, job: Job) -> bool:
    """Place a job on the best day that it has, if any."""
    board = sheet.board
    days = np.flatnonzero(board.open_days(job) & board.free(job))
    if not len(days):
        return False
    whole = board.team_free(job)[days] if job.teams else np.zeros(len(days), np.bool_)
    best = int(days[np.lexsort((days, np.abs(days - job.target), ~whole))[0]])
    sheet.put(job, best, board.team_on(job, best))
    return True


def make_room(sheet: Sheet, job: Job, tries: int) -> tuple[int, Job | None, bool]:
    """Place a job by moving another, or in the place of a less important one: the tries used, who lost the day, whether it was placed."""
    board, used = sheet.board, 0
    lowest: tuple[Job, int] | None = None
    for day in sorted(np.flatnonzero(board.open_days(job)).tolist(), key=lambda day: (abs(day - job.target), day)):
        for other in in_the_way(sheet, job, day):
            if used >= tries:
                break
            used += 1
            stood = sheet.take(other)
            fits = fits_on(board, job, day)
            if fits:
                sheet.put(job, day, board.team_on(job, day))
                if place(sheet, other):
                    return used, None, True
                sheet.take(job)
            sheet.put(other, *stood)
            if fits and other.weight < job.weight and (lowest is None or other.weight < lowest[0].weight):
                lowest = other, day
    if lowest is None:
        return used, None, False
    other, day = lowest
    sheet.take(other)
    sheet.put(job, day, board.team_on(job, day))
    return used, other, True


def in_the_way(sheet: Sheet, job: Job, day: int) -> list[Job]:
    """The trips of a day each of which alone holds all the inspectors whom a job lacks there, the least important first."""
    left, holders = sheet.board.left, None
    for visit, eligible in zip(job.trip.visits, job.eligible, strict=True):
        busy = [one for one in eligible if left[one, day] <= 0]
        lack = visit.team - (len(eligible) - len(busy))
        if lack > 0:
            held = Counter(holder for one in busy for holder in sheet.who.get((one, day), ()))
            enough = {holder for holder, freed in held.items() if freed >= lack}
            holders = enough if holders is None else holders & enough
    return sorted(holders or (), key=lambda holder: (holder.weight, holder.trip.ticket, holder.trip.id))


def fits_on(board: Board, job: Job, day: int) -> bool:
    return all(sum(board.left[one, day] > 0 for one in eligible) >= visit.team for visit, eligible in zip(job.trip.visits, job.eligible, strict=True))


def taken_apart(sheet: Sheet, job: Job) -> list[Job]:
    """Try the visits of a joint trip one by one, the most important first; what is left of it, as one job or none."""
    visits: Sequence[int] = range(len(job.trip.visits))
    if len(visits) == 1:
        return [job]
    alone = [narrowed(job, [one], sheet.board) for one in visits]
    left = [one for one in sorted(visits, key=lambda one: (-alone[one].trip.rank, alone[one].trip.ticket)) if not place(sheet, alone[one])]
    return [narrowed(job, sorted(left), sheet.board)] if left else []
