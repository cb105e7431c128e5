"""The calendar of a plan: each trip gets a day and its teams, or is told why not.

`schedule` draws the teams by ticket (`teams`), gives each trip a week by HiGHS (`weeks`), then a day (`days`), and tries what has none day by day
with the exact rules (`repair`); what is left gets its reason and the smallest relaxation (`hindrance`). Inspectors and enterprises that share no
trip, directly or over others, are solved apart.

Guarantees: no hard rule is ever broken (window, quiet times, working days, gap, caps, capacity, team size, department, district, skills, certificate,
leave, interest); every visit is placed or unplaced, none twice; the same input gives the same schedule whatever its order; what is `fixed` stands as
it stood, and what is `kept` stays where it is unless it no longer may, or another trip could otherwise not be placed. Wishes, in order: joint trips
stay together, riskier earlier, an even load over the weeks, days in one district. Does not guarantee a proven optimum of these: see `weeks` and
`repair`. The gap holds between all trips to an enterprise, whatever their kinds: rulebooks name no exception from it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...rulebook.parts import Words
from ...workdays import Calendar
from ..rules import PlanRules
from ..visit import Inspector, Placed, Replaced, Trip, Unplaced
from .board import Board, History, Job, importance
from .days import fill
from .groups import groups
from .hindrance import hindrance
from .repair import repair
from .sheet import Sheet
from .targets import set_targets
from .teams import draw_teams
from .weeks import assign, weeks_of

__all__ = ["Schedule", "schedule"]

NO_DAY = Words(en="not free on any day that was left for the visit", zh="在可安排的日期均无余量")


@dataclass(frozen=True, slots=True)
class Schedule:
    """Trips with their days, by day and id; those without, by id; and who took whose place, by visit."""

    placed: tuple[Placed, ...]
    unplaced: tuple[Unplaced, ...]
    replaced: tuple[Replaced, ...]


def schedule(
    trips: Sequence[Trip],
    inspectors: Sequence[Inspector],
    calendar: Calendar,
    rules: PlanRules,
    *,
    draw_ids: Mapping[str, str],
    seed: str,
    history: History | None = None,
    fixed: Sequence[Placed] = (),
    kept: Sequence[Placed] = (),
    wish: Mapping[str, dt.date] | None = None,
    barred: Collection[tuple[str, str]] = (),
) -> Schedule:
    """Place trips on the working days of a calendar.

    `draw_ids` has the draw id of each department, `history` the days on which enterprises were visited before (those of one day count as one joint visit, and
    count to every cap), `wish` the days of an earlier plan by trip id. `fixed` are trips that are not among `trips` and stand whatever the rules say;
    `kept` are placements of some of `trips`, each of which is taken over where no hard rule forbids it. `barred` are pairs of a visit and an
    inspector that a challenge keeps apart. Raises `ProblemError` (`extra-missing`) where HiGHS is not installed.
    """
    board = Board(calendar, rules, tuple(sorted(inspectors, key=lambda one: one.id)), frozenset(barred))
    for one in fixed:
        board.put_fixed(one)
    board.remember(history or {}, [trip.enterprise for trip in trips])
    levels = {level: place for place, level in enumerate(sorted({importance(trip) for trip in trips}))}
    jobs = [
        board.job(trip, levels[importance(trip)], (wish or {}).get(trip.id), draw_ids, seed) for trip in sorted(trips, key=lambda one: (one.ticket, one.id))
    ]
    sheet = Sheet(board)
    keep(sheet, jobs, {one.trip.id: one for one in kept})
    left = [job for part in apart(board, jobs) for job in solve(sheet, part)] if len(board.days) else jobs
    unplaced = [hindrance(board, job) for job in left]  # after all parts, since a relaxation may ask for an inspector of another
    made = [placed(board, job, day, teams) for job, (day, teams) in sheet.placed.items()]
    return Schedule(
        tuple(sorted([*fixed, *made], key=lambda one: (one.day, one.trip.id))),
        tuple(sorted(unplaced, key=lambda one: one.trip.id)),
        tuple(sorted((one for job, (_, teams) in sheet.placed.items() for one in replaced(board, job, teams)), key=lambda one: (one.visit, one.out))),
    )


def keep(sheet: Sheet, jobs: Sequence[Job], kept: Mapping[str, Placed]) -> None:
    """Place again what an earlier plan placed, where every rule still allows it: first those with the same teams, then those with somebody replaced."""
    board = sheet.board
    order = sorted((job for job in jobs if job.trip.id in kept), key=lambda job: (-job.weight, job.trip.ticket, job.trip.id))
    for same in (True, False):
        for job in order:
            day, teams = board.index.get(kept[job.trip.id].day), dict(kept[job.trip.id].teams)
            if job in sheet.placed or day is None or not board.open_days(job)[day] or not board.free(job)[day]:
                continue
            was = [tuple(board.place_of.get(one, -1) for one in teams.get(visit.id, ())) for visit in job.trip.visits]
            job.wish = day
            job.teams = tuple(tuple(one for one in team if one >= 0) for team in was)
            now = board.team_on(job, day)
            if not same or all(not before or set(before) == set(after) for before, after in zip(was, now, strict=True)):
                sheet.put(job, day, now)


def apart(board: Board, jobs: Sequence[Job]) -> Iterator[list[Job]]:
    """The jobs in parts that share neither an inspector nor an enterprise."""
    size = len(board.inspectors)
    enterprises = {key: size + place for place, key in enumerate(sorted({job.trip.enterprise for job in jobs}))}
    links = [[enterprises[job.trip.enterprise], *(one for eligible in job.eligible for one in eligible)] for job in jobs]
    group = groups(links, size + len(enterprises))
    parts: dict[int, list[Job]] = defaultdict(list)
    for job, link in zip(jobs, links, strict=True):
        parts[group[link[0]]].append(job)
    yield from (parts[key] for key in sorted(parts))


def solve(sheet: Sheet, jobs: Sequence[Job]) -> list[Job]:
    """Place the jobs of a part; those that are left."""
    board, waiting = sheet.board, [job for job in jobs if job not in sheet.placed]
    weeks = weeks_of(board)
    draw_teams(board, waiting)
    set_targets(board, weeks, waiting)
    for job in jobs:
        if job in sheet.placed:
            job.target = sheet.placed[job][0]
    fill(sheet, weeks, assign(board, weeks, waiting))
    return repair(sheet, jobs)


def placed(board: Board, job: Job, day: int, teams: tuple[tuple[int, ...], ...]) -> Placed:
    names = tuple((visit.id, tuple(board.inspectors[one].id for one in team)) for visit, team in zip(job.trip.visits, teams, strict=True))
    return Placed(job.trip, board.days[day], names)


def replaced(board: Board, job: Job, teams: tuple[tuple[int, ...], ...]) -> Iterator[Replaced]:
    """Who of the team that was drawn does not go, and who goes instead."""
    for visit, drawn, went in zip(job.trip.visits, job.teams or (), teams, strict=False):
        out, by = [one for one in drawn if one not in went], [one for one in went if one not in drawn]
        for one, other in zip(out, by, strict=False):  # who has left the list altogether is not named
            yield Replaced(visit.id, board.inspectors[one].id, board.inspectors[other].id, NO_DAY)
