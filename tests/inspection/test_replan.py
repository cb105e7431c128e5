"""Planning again keeps what is fixed, changes no more than it must, carries debt, and says what changed."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regengine.inspection.schedule import Schedule
from regengine.inspection.schedule.challenge import challenge
from regengine.inspection.schedule.replan import Difference, Replanned, missed, replan
from regengine.inspection.visit import Leave, Trip

from .hard_rules import broken
from .small import DRAW_IDS, Plan, day, inspector, plans, trip, visit, weekdays

SEED = "7 12 31"
MANY = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def again(plan: Plan, earlier: Schedule, *, as_of: int, freeze: int, made: set[str] | None = None) -> Replanned:
    """Plan again as of a day, with everything made that was to be made before it unless said otherwise."""
    past = {visit.id for one in earlier.placed if one.day < day(as_of) for visit in one.trip.visits} if made is None else made
    return replan(
        earlier, plan.trips, plan.inspectors, plan.calendar, plan.rules, draw_ids=DRAW_IDS, seed=SEED, as_of=day(as_of), freeze_until=day(freeze),
        made=past, history=plan.history,
    )  # fmt: skip


@MANY
@given(plan=plans(), as_of=st.integers(0, 12), frozen=st.integers(-1, 8))
def test_where_nothing_happened_nothing_changes(plan: Plan, as_of: int, frozen: int) -> None:
    earlier = plan.made()
    assert again(plan, earlier, as_of=as_of, freeze=as_of + frozen).difference == ()


@MANY
@given(plan=plans(), other=plans(), as_of=st.integers(0, 12), frozen=st.integers(-1, 8), done=st.booleans())
def test_whatever_happened_the_frozen_days_stand_and_no_rule_is_broken(plan: Plan, other: Plan, as_of: int, frozen: int, done: bool) -> None:
    """The visits of another plan come in, and the first inspector leaves."""
    earlier = plan.made()
    known = {visit.id for one in plan.trips for visit in one.visits}
    new = [Trip(tuple(v for v in one.visits if v.id not in known)) for one in other.trips if any(v.id not in known for v in one.visits)]
    changed = plan.but(trips=(*plan.trips, *new), inspectors=plan.inspectors[1:])
    freeze = as_of + frozen
    found = again(changed, earlier, as_of=as_of, freeze=freeze, made=None if done else set())
    stays = [one for one in earlier.placed if one.day <= day(freeze) and (done or one.day >= day(as_of))]
    assert [one for one in stays if one not in found.schedule.placed] == []
    assert broken(found.schedule.placed, plan.inspectors, plan.calendar.working, plan.rules, plan.history) == []
    assert not any(one.day < day(as_of) and one not in stays for one in found.schedule.placed)
    told = {row.visit for row in found.difference}
    assert all(told.isdisjoint({visit.id for visit in one.trip.visits}) for one in stays)


PAIR = (inspector("i1"), inspector("i2"))
FULL = Plan(tuple(trip(f"v{n}") for n in range(4)), PAIR[:1], weekdays(2))


def days_of(found: Schedule) -> dict[str, object]:
    return {one.trip.id: one.day for one in found.placed}


def test_a_new_trip_is_added_and_the_others_stay() -> None:
    earlier = FULL.made()
    found = again(FULL.but(trips=(*FULL.trips, trip("new", rank=3))), earlier, as_of=0, freeze=2)
    (row,) = found.difference
    assert (row.change, row.visit, row.old_day, row.old_team, row.new_team, row.debt) == ("added", "new", None, (), ("i1",), False)
    assert row.new_day is not None
    assert row.new_day > day(2)


def test_a_trip_that_is_not_wanted_goes_unless_it_is_frozen() -> None:
    """One visit on each of the first two Mondays and more: those of the frozen first week stay though nobody asks for them any more."""
    earlier = FULL.made()
    frozen = {one.trip.id for one in earlier.placed if one.day <= day(4)}
    assert 0 < len(frozen) < 4
    found = again(FULL.but(trips=()), earlier, as_of=0, freeze=4)
    assert set(days_of(found.schedule)) == frozen
    assert {(row.change, row.visit, row.new_day) for row in found.difference} == {("gone", f"v{n}", None) for n in range(4) if f"v{n}" not in frozen}


def test_a_missed_visit_is_debt_and_comes_first() -> None:
    """v0 was due on Monday and was not made. On Friday, the only free day, it comes before a riskier visit that is new."""
    plan = Plan((trip("v0", latest=day(0)),), PAIR[:1])
    earlier = plan.made()
    assert missed(earlier, set(), day(1)) == (visit("v0", latest=day(0)),)
    found = again(plan.but(trips=(trip("new", rank=3),)), earlier, as_of=3, freeze=3, made=set())
    assert days_of(found.schedule) == {"v0": day(4)}
    assert [(one.trip.id, one.rule) for one in found.schedule.unplaced] == [("new", "capacity")]
    assert found.difference == (Difference("day", "v0", "food", "v0", day(0), day(4), ("i1",), ("i1",), True),)
    assert [one.id for one in found.debt] == ["v0"]
    assert found.schedule.placed[0].trip.visits[0].debt


def test_of_a_joint_trip_only_what_was_not_made_is_owed() -> None:
    people = (inspector("i1"), inspector("i2", department="fire"))
    plan = Plan((Trip((visit("a", enterprise="e1", department="fire"), visit("b", enterprise="e1"))),), people)
    earlier = plan.made()
    assert [one.day for one in earlier.placed] == [day(0)]
    found = again(plan, earlier, as_of=1, freeze=0, made={"a"})
    assert [(one.trip.id, one.day, one.trip.visits[0].debt) for one in found.schedule.placed] == [("a", day(0), False), ("b", day(1), True)]
    assert [(row.change, row.visit, row.debt) for row in found.difference] == [("day", "b", True)]


def test_leave_changes_the_team_and_not_the_day() -> None:
    plan = Plan((trip("v0"),), PAIR)
    earlier = plan.made()
    (went,) = earlier.placed[0].teams[0][1]
    (other,) = {"i1", "i2"} - {went}
    away = tuple(inspector(id_, leave=(Leave(day(0), day(1)),) if id_ == went else ()) for id_ in ("i1", "i2"))
    found = again(plan.but(inspectors=away), earlier, as_of=0, freeze=-1)
    assert found.difference == (Difference("team", "v0", "food", "v0", day(0), day(0), (went,), (other,), False),)
    assert [(one.visit, one.out, one.by) for one in found.schedule.replaced] == [("v0", went, other)]


def test_a_trip_whose_day_is_lost_moves() -> None:
    """The only inspector is on leave on Monday and Tuesday: the visit moves to Wednesday, the nearest day."""
    plan = Plan((trip("v0"),), PAIR[:1])
    found = again(plan.but(inspectors=(inspector("i1", leave=(Leave(day(0), day(1)),)),)), plan.made(), as_of=0, freeze=-1)
    assert found.difference == (Difference("day", "v0", "food", "v0", day(0), day(2), ("i1",), ("i1",), False),)


def test_who_was_challenged_does_not_come_back() -> None:
    plan = Plan((trip("v0"),), PAIR)
    made = plan.made()
    (out,) = made.placed[0].teams[0][1]
    after = challenge(made, "v0", out, plan.inspectors, plan.calendar, plan.rules, draw_ids=DRAW_IDS, seed=SEED)
    (by,) = after.placed[0].teams[0][1]
    found = again(plan, after, as_of=0, freeze=-1)
    assert found.difference == ()
    assert found.schedule.replaced == after.replaced
    gone = plan.but(inspectors=tuple(one for one in PAIR if one.id == out))
    assert [one.rule for one in again(gone, after, as_of=0, freeze=-1).schedule.unplaced] == ["interest"]
    assert by != out


def test_what_must_be_made_on_frozen_days_is_laid_on_them() -> None:
    """A complaint that is due within the frozen days takes a free one of them; what can wait does not."""
    found = again(FULL.but(trips=(*FULL.trips, trip("urgent", latest=day(3), rank=3), trip("other"))), FULL.made(), as_of=0, freeze=4)
    when = {row.visit: row.new_day for row in found.difference}
    assert set(when) == {"urgent", "other"}
    assert when["urgent"] is not None
    assert when["other"] is not None
    assert when["urgent"] <= day(3) < day(4) < when["other"]
