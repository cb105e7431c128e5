"""What stands in the way of a trip that found no day, and the smallest change that would place it.

Every working day is looked at for what would have to be otherwise on it: each rule that is broken is one change, each inspector who is lacking is one. The
smallest is that with the fewest changes; among those the one that asks least, in the order of `ASKS`, then of the least amount, then the
earliest day. The first of its changes names the rule. Guarantees: with all changes made, and all else as it stands, the trip fits on that day. Nobody is
ever asked to disregard an interest: another inspector is asked for instead.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..visit import Change, Inspector, Unplaced, Visit
from .board import Board, Days, Job
from .reasons import relaxation_words, why_words

__all__ = ["ASKS", "hindrance"]

ASKS = ("capacity", "window", "leave", "certificate", "district", "skills", "gap", "cap", "quiet", "team", "interest")  # what asks least comes first


def hindrance(board: Board, job: Job) -> Unplaced:
    """A trip that has no day, with its reason and the smallest relaxation."""
    changes = smallest(board, job)
    if not changes:
        return Unplaced(job.trip, "window", why_words(board, job.trip, ()), None)
    return Unplaced(job.trip, changes[0].rule, why_words(board, job.trip, changes), relaxation_words(board, job.trip, changes), changes)


def smallest(board: Board, job: Job) -> tuple[Change, ...]:
    """The smallest set of changes that would place a trip; none where there is no day for it at all."""
    if not len(board.days):
        return ()
    lacking = [np.maximum(visit.team - (board.left[list(eligible)] > 0).sum(axis=0), 0) for visit, eligible in zip(job.trip.visits, job.eligible, strict=True)]
    broken = broken_rules(board, job)
    count = np.sum(lacking, axis=0) + np.sum([amount > 0 for amount in broken.values()], axis=0)
    possible = ~same_day(board, job)
    if not possible.any():
        return ()
    fewest = np.flatnonzero(possible & (count == count[possible].min()))
    unbroken = ~np.any([amount > 0 for amount in broken.values()], axis=0)
    by_capacity = next((day for day in fewest if unbroken[day] and can_be_asked(board, job, lacking, int(day))), None)
    days = fewest if by_capacity is None else [by_capacity]
    return min((tuple(sorted(changes_on(board, job, broken, int(day)), key=asks)) for day in days), key=lambda changes: (*map(asks, changes), changes[0].day))


def asks(change: Change) -> tuple[int, int]:
    return ASKS.index(change.rule), change.amount


def same_day(board: Board, job: Job) -> Days:
    """The days on which the enterprise is visited already; no change makes two visits of one day apart."""
    taken = {entry.day.toordinal() for entry in board.entries.get(job.trip.enterprise, ())}
    return np.isin(board.ordinals, sorted(taken))


def broken_rules(board: Board, job: Job) -> dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """For each rule that is asked of the trip, by how much each day breaks it; 0 where it does not. Caps are numbered."""
    trip, ordinals = job.trip, board.ordinals
    first, last = np.searchsorted(ordinals, trip.earliest.toordinal()), np.searchsorted(ordinals, trip.latest.toordinal(), "right") - 1
    places = np.arange(len(ordinals))
    broken = {"window": np.maximum(np.maximum(first - places, places - last), 0)}
    for visit in trip.visits:
        broken[f"quiet {visit.id}"] = np.any(board.quiet[list(visit.quiet)], axis=0).astype(np.int64)
    near = np.min([np.full(len(ordinals), board.gap), *(np.abs(ordinals - entry.day.toordinal()) for entry in board.entries.get(trip.enterprise, ()))], axis=0)
    broken["gap"] = board.gap - near
    for number, cap in enumerate(board.rules.caps):
        if own := job.counted[number]:
            broken[f"cap {number}"] = np.maximum(board.counted_to(trip.enterprise, number, own) + 1 - cap.visits, 0)
    return broken


def can_be_asked(board: Board, job: Job, lacking: list[np.ndarray[tuple[int], np.dtype[np.int64]]], day: int) -> bool:
    """Whether one more visit of some who work on the day anyway would do for all who lack."""
    return all(lack[day] <= len(full_on(board, eligible, day)) for lack, eligible in zip(lacking, job.eligible, strict=True))


def full_on(board: Board, eligible: tuple[int, ...], day: int) -> list[int]:
    """Those who work on a day and have nothing left."""
    return [one for one in eligible if board.left[one, day] <= 0 and board.inspectors[one].works_on(board.days[day])]


def changes_on(board: Board, job: Job, broken: dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]], day: int) -> Iterator[Change]:
    """All that would have to be otherwise for a trip to be on a day."""
    when = board.days[day]
    for rule, amount in broken.items():
        if amount[day]:
            name, _, which = rule.partition(" ")
            yield Change(name, when, int(amount[day]), which or None)
    for visit, eligible in zip(job.trip.visits, job.eligible, strict=True):
        lack = visit.team - sum(board.left[one, day] > 0 for one in eligible)
        asked = sorted(
            (ASKS.index(rule), eligible.index(place) if place in eligible else len(eligible), board.inspectors[place].id, rule)
            for place, rule in obstacles(board, visit, eligible, day)
        )
        single = [(rule, id_) for _, _, id_, rule in asked if rule != "interest"][: max(lack, 0)]
        yield from (Change(rule, when, 1, visit.id, id_) for rule, id_ in single)
        if lack > len(single):
            interested = any(rule == "interest" for *_, rule in asked)
            yield Change("interest" if interested else "team", when, int(lack) - len(single), visit.id)


def obstacles(board: Board, visit: Visit, eligible: tuple[int, ...], day: int) -> Iterator[tuple[int, str]]:
    """The inspectors of the department whom one thing alone keeps from a visit on a day, with that thing."""
    for place, one in enumerate(board.inspectors):
        if one.department == visit.department and (place not in eligible or board.left[place, day] <= 0):
            kept = [*(() if place in eligible else what_keeps(board, visit, one)), *what_keeps_on(board, one, place, day)]
            if len(kept) == 1:
                yield place, kept[0]


def what_keeps(board: Board, visit: Visit, one: Inspector) -> list[str]:
    """What keeps an inspector from a visit whatever the day."""
    away = {
        "district": visit.district not in one.districts,
        "skills": not visit.skills <= one.skills,
        "interest": visit.enterprise in one.interests or (visit.id, one.id) in board.barred,
    }
    return [rule for rule, keeps in away.items() if keeps]


def what_keeps_on(board: Board, one: Inspector, place: int, day: int) -> list[str]:
    """What keeps an inspector from any visit on a day."""
    when = board.days[day]
    away = {
        "certificate": not one.certificate[0] <= when <= one.certificate[1],
        "leave": any(leave.first <= when <= leave.last for leave in one.leave),
    }
    kept = [rule for rule, keeps in away.items() if keeps]
    return kept or (["capacity"] if board.left[place, day] <= 0 else [])
