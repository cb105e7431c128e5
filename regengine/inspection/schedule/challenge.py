"""A challenge (回避): one inspector leaves the team of one visit, the next by ticket takes the place, and all else stays.

Guarantees: no other visit, no day and no other place in the team changes; who comes in is eligible, free on the day, and the first such by ticket;
the change is recorded as `Replaced`, and a later plan does not send the challenged inspector to this visit again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ...problems import Place, nearest, one_problem
from ...rulebook.parts import Words
from ...workdays import Calendar
from ..rules import PlanRules
from ..visit import Inspector, Placed, Replaced
from .board import Board
from .place import Schedule
from .teams import by_ticket

__all__ = ["barred_by", "challenge"]

CHALLENGED = Words(en="challenged (avoidance)", zh="当事人申请或自行回避")


def challenge(
    schedule: Schedule,
    visit: str,
    inspector: str,
    inspectors: Sequence[Inspector],
    calendar: Calendar,
    rules: PlanRules,
    *,
    draw_ids: Mapping[str, str],
    seed: str,
) -> Schedule:
    """The schedule with one inspector replaced on one visit (both by id).

    Raises `ProblemError`: `option-wrong` where the visit is not placed or the inspector is not in its team, `team-short` where nobody is left to come in.
    """
    placed, team = found(schedule, visit, inspector)
    barred = {*barred_by(schedule.replaced), (visit, inspector)}
    board = Board(calendar, rules, tuple(sorted(inspectors, key=lambda one: one.id)), barred)
    for one in schedule.placed:
        board.put_fixed(one)
    asked = next(one for one in placed.trip.visits if one.id == visit)
    free = {place for place in board.candidates(asked) if board.left[place, board.index[placed.day]] > 0}
    order = [one.id for one in by_ticket(board.inspectors, draw_ids[asked.department], seed, asked)]
    come = [id_ for id_ in order if board.place_of[id_] in free and id_ not in team]
    if not come:
        message = f"nobody who is eligible and free on {placed.day} is left to take the place of `{inspector}` on the visit `{visit}`"
        raise one_problem("team-short", message, place=Place(key=asked.enterprise), hint="plan again without the inspector, or move the visit to another day")
    changed = tuple(id_ for id_ in order if id_ in {*team, come[0]} - {inspector})
    teams = tuple((id_, changed if id_ == visit else those) for id_, those in placed.teams)
    moved = tuple(replace(one, teams=teams) if one is placed else one for one in schedule.placed)
    return replace(schedule, placed=moved, replaced=(*schedule.replaced, Replaced(visit, inspector, come[0], CHALLENGED, challenge=True)))


def found(schedule: Schedule, visit: str, inspector: str) -> tuple[Placed, tuple[str, ...]]:
    teams = {id_: (placed, team) for placed in schedule.placed for id_, team in placed.teams}
    if visit not in teams:
        raise one_problem("option-wrong", f"no visit `{visit}` is placed", hint=nearest(visit, teams))
    placed, team = teams[visit]
    if inspector not in team:
        raise one_problem("option-wrong", f"`{inspector}` is not in the team of the visit `{visit}`", hint=nearest(inspector, team))
    return placed, team


def barred_by(replaced: Iterable[Replaced]) -> set[tuple[str, str]]:
    """The visits and inspectors that challenges keep apart."""
    return {(one.visit, one.out) for one in replaced if one.challenge}
