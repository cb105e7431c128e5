"""Teams can be recomputed with `sha256sum`, and a challenge changes one place and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from regengine.inspection.schedule.challenge import challenge
from regengine.inspection.schedule.teams import by_ticket, team_ticket
from regengine.inspection.visit import Leave, Replaced
from regengine.problems import ProblemError

from .hard_rules import broken
from .small import DRAW_IDS, Plan, day, inspector, plans, trip, visit, weekdays

SEED = "7 12 31"
FOUR = tuple(inspector(f"i{n}") for n in range(1, 5))
# printf '%s' 'food-2026-1|7 12 31|e1|i1' | sha256sum
TICKETS = {
    "i1": "e06a00dea820caa67a0891d983942da5c12ac5fcda39850f33e4291d8d9f2ea6",
    "i2": "1657d6500b8245394221cee28047f601e9b63ec96a7471c40dd87bf34b820aa8",
    "i3": "08ad064bafe9b9b1dd9b03250c59e2c844195e87cbff74b9f5f3fb15c4594684",
    "i4": "8b2dfdfa1884b7199cb585e6623395a37abde706479343a9ebf9680109902e12",
}


def test_a_ticket_is_the_hash_of_draw_seed_enterprise_and_inspector() -> None:
    assert {one.id: team_ticket("food-2026-1", SEED, "e1", one.id) for one in FOUR} == TICKETS


def test_the_first_by_ticket_go_in_that_order() -> None:
    order = sorted(TICKETS, key=lambda id_: TICKETS[id_])
    assert [one.id for one in by_ticket(FOUR, "food-2026-1", SEED, visit("e1"))] == order
    (placed,) = Plan((trip("e1", team=2),), FOUR).made().placed
    assert placed.teams == (("e1", tuple(order[:2])),)


def test_whoever_may_not_go_is_passed_over() -> None:
    """Of the first three by ticket one has an interest, one is away all week and one lacks the district: the fourth goes."""
    order = sorted(TICKETS, key=lambda id_: TICKETS[id_])
    kept = [{"interests": frozenset({"e1"})}, {"leave": (Leave(day(0), day(9)),)}, {"districts": frozenset({"south"})}, {}]
    people = tuple(inspector(id_, **other) for id_, other in zip(order, kept, strict=True))
    (placed,) = Plan((trip("e1"),), people).made().placed
    assert placed.teams == (("e1", (order[3],)),)


def test_who_leaves_no_common_day_is_passed_over() -> None:
    """The first by ticket works on Monday alone, the second not on Monday: the third goes with the first."""
    order = sorted(TICKETS, key=lambda id_: TICKETS[id_])
    away = [(Leave(day(1), day(9)),), (Leave(day(0), day(0)),), (), ()]
    people = tuple(inspector(id_, leave=leave) for id_, leave in zip(order, away, strict=True))
    (placed,) = Plan((trip("e1", team=2),), people).made().placed
    assert (placed.day, placed.teams) == (day(0), (("e1", (order[0], order[2])),))


def test_who_is_full_over_the_plan_comes_after_those_who_are_not() -> None:
    """Five visits fill the week of one inspector, so ten visits are five of each, whatever their tickets."""
    made = Plan(tuple(trip(f"v{n}") for n in range(10)), FOUR[:2]).made()
    teams = [one.teams[0][1][0] for one in made.placed]
    assert (teams.count("i1"), teams.count("i2"), made.replaced) == (5, 5, ())


PLAN = Plan((trip("e1", team=2), trip("e2"), trip("e3")), FOUR, weekdays(2))


def challenged(plan: Plan, visit_id: str, out: str) -> object:
    return challenge(plan.made(), visit_id, out, plan.inspectors, plan.calendar, plan.rules, draw_ids=DRAW_IDS, seed=SEED)


def test_a_challenge_takes_the_next_by_ticket_and_leaves_all_else() -> None:
    order = sorted(TICKETS, key=lambda id_: TICKETS[id_])
    plan = PLAN.but(trips=PLAN.trips[:1])
    before = plan.made()
    after = challenge(before, "e1", order[0], plan.inspectors, plan.calendar, plan.rules, draw_ids=DRAW_IDS, seed=SEED)
    assert after.placed[0].teams == (("e1", (order[1], order[2])),)
    assert after.placed[0].day == before.placed[0].day
    (told,) = after.replaced
    assert (told.visit, told.out, told.by, told.challenge) == ("e1", order[0], order[2], True)
    again = challenge(after, "e1", order[1], plan.inspectors, plan.calendar, plan.rules, draw_ids=DRAW_IDS, seed=SEED)
    assert again.placed[0].teams == (("e1", (order[2], order[3])),), "who was challenged before does not come back"
    with pytest.raises(ProblemError, match=r"nobody who is eligible and free .* \[team-short\]"):
        challenge(again, "e1", order[2], plan.inspectors, plan.calendar, plan.rules, draw_ids=DRAW_IDS, seed=SEED)


@settings(max_examples=60, deadline=None)
@given(plan=plans())
def test_a_challenge_changes_one_place_and_breaks_no_rule(plan: Plan) -> None:
    made, refused = plan.made(), set[str]()
    for one in made.placed:
        id_, team = one.teams[0]
        try:
            after = challenge(made, id_, team[0], plan.inspectors, plan.calendar, plan.rules, draw_ids=DRAW_IDS, seed=SEED)
        except ProblemError as error:
            refused.add(error.problems[0].code)
            continue
        assert broken(after.placed, plan.inspectors, plan.calendar.working, plan.rules, plan.history) == []
        told = [other for other in after.replaced if other.challenge]
        assert told == [Replaced(id_, team[0], told[0].by, told[0].why, challenge=True)]
        assert [other for other in after.placed if other.trip.id != one.trip.id] == [other for other in made.placed if other is not one]
        (changed,) = [other for other in after.placed if other.trip.id == one.trip.id]
        assert {**dict(changed.teams), id_: frozenset(dict(changed.teams)[id_])} == {**dict(one.teams), id_: frozenset(team) - {team[0]} | {told[0].by}}
    assert refused <= {"team-short"}


def test_a_challenge_of_nobody_is_refused() -> None:
    with pytest.raises(ProblemError, match=r"no visit `e9` is placed \[option-wrong\]"):
        challenged(PLAN, "e9", "i1")
    with pytest.raises(ProblemError, match=r"`i9` is not in the team of the visit `e1` \[option-wrong\]"):
        challenged(PLAN, "e1", "i9")
