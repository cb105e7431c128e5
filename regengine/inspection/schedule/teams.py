"""Who goes: for each visit the eligible inspectors in the order of their tickets, and what a challenge changes.

The ticket of an inspector is `sha256(draw_id|seed|key|inspector_id)` as lower-case hex, in UTF-8 (INSPECTION.md of the design), so anybody can
recompute the order. `draw_teams` takes the visits by their tickets. A visit gets the first inspectors by ticket who are eligible (department,
district, skills, no interest declared, not barred by an earlier challenge), who leave at least one day open to the whole trip, and who have capacity
left over the plan; where these are too few, those whose plan is full follow in the same order. Whoever of a team has no day left when days are given
is replaced by the next, which is recorded: see `repair`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..visit import Inspector, Visit

if TYPE_CHECKING:
    from .board import Board, Days, Job, Team

__all__ = ["by_ticket", "draw_teams", "team_ticket"]


def team_ticket(draw_id: str, seed: str, key: str, inspector_id: str) -> str:
    """The ticket of an inspector for the visits of a draw to an enterprise."""
    return hashlib.sha256(f"{draw_id}|{seed}|{key}|{inspector_id}".encode()).hexdigest()


def by_ticket(inspectors: Iterable[Inspector], draw_id: str, seed: str, visit: Visit) -> list[Inspector]:
    """Inspectors in the order of their tickets for a visit, those with equal tickets by id."""
    return sorted(inspectors, key=lambda one: (team_ticket(draw_id, seed, visit.enterprise, one.id), one.id))


def draw_teams(board: Board, jobs: Sequence[Job]) -> None:
    """Give each job its teams, visits in the order of their tickets; a job of which a visit finds no whole team has none."""
    left = board.left.sum(axis=1, dtype=np.int64)
    works = board.left > 0
    days = {place: board.open_days(job) for place, job in enumerate(jobs)}
    teams: dict[tuple[int, int], Team] = {}
    order = sorted((visit.ticket, visit.id, place, number) for place, job in enumerate(jobs) for number, visit in enumerate(job.trip.visits))
    for _, _, place, number in order:
        job = jobs[place]
        team, common = drawn(job.eligible[number], job.trip.visits[number].team, days[place], works, left)
        if len(team) == job.trip.visits[number].team:
            teams[place, number], days[place] = team, common
            left[list(team)] -= 1
    for place, job in enumerate(jobs):
        whole = [teams.get((place, number)) for number in range(len(job.trip.visits))]
        found = tuple(team for team in whole if team is not None)
        job.teams = found if len(found) == len(whole) else None


def drawn(eligible: Team, size: int, days: Days, works: Days, left: np.ndarray[tuple[int], np.dtype[np.int64]]) -> tuple[Team, Days]:
    """The first by ticket who leave a day in common, those with capacity left before those without; and the days in common."""
    team: list[int] = []
    for room in (True, False):
        for one in eligible:
            if len(team) < size and one not in team and (left[one] > 0) == room and (days & works[one]).any():
                team.append(one)
                days = days & works[one]
    return tuple(one for one in eligible if one in team), days
