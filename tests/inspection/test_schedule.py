"""No schedule breaks a hard rule or loses a visit; what stands in the way is named, and the change that is asked for is enough."""

from __future__ import annotations

import datetime as dt
import sys
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regengine.inspection.rules import QuietTime, VisitCap
from regengine.inspection.visit import REQUIRED, Change, Leave, Placed, Trip
from regengine.problems import ProblemError
from regengine.workdays import Calendar

from .hard_rules import accounts, broken
from .small import COMPLAINT, Plan, day, inspector, plans, relaxed, rules, trip, visit, weekdays

MANY = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
ONE = (inspector("i1"),)


@MANY
@given(plan=plans())
def test_no_schedule_breaks_a_hard_rule_or_loses_a_visit(plan: Plan) -> None:
    made = plan.made()
    assert broken(made.placed, plan.inspectors, plan.calendar.working, plan.rules, plan.history) == []
    assert accounts(plan.trips, made.placed, made.unplaced)


@MANY
@given(plan=plans(), seed=st.integers(0, 9))
def test_the_order_of_the_input_changes_nothing(plan: Plan, seed: int) -> None:
    mix, trips, inspectors = Random(seed), list(plan.trips), list(plan.inspectors)
    mix.shuffle(trips)
    mix.shuffle(inspectors)
    assert plan.but(trips=tuple(trips), inspectors=tuple(inspectors)).made() == plan.made() == plan.made()


@MANY
@given(plan=plans())
def test_what_an_unplaced_trip_asks_for_is_enough(plan: Plan) -> None:
    made = plan.made()
    for one in made.unplaced:
        again = relaxed(plan, made, one).made(kept=made.placed)
        assert again.unplaced == ()
        assert [placed for placed in again.placed if placed.trip.id != one.trip.id] == list(made.placed)


JANUARY, FEBRUARY = dt.date(2026, 1, 5), dt.date(2026, 2, 27)
TWICE = {"e1": ((JANUARY, "food"), (FEBRUARY, "food"))}
YEAR_CAP = VisitCap(2, "year", "authority", ())
FIVE = tuple(trip(f"e{n}") for n in range(2, 7))  # with these the week of one inspector is full

# what stands in the way of the trip e1 in the week of 2 to 6 March, and the smallest change, worked out by hand
IN_THE_WAY = {
    "capacity: the week is full": (
        Plan((trip("e1", ticket="~"), *FIVE), ONE),
        Change("capacity", day(0), 1, "e1", "i1"),
        "one more visit by `i1` on 2026-03-02",
    ),
    "window: leave until its last day, free on the next": (
        Plan((trip("e1", latest=day(1)),), (inspector("i1", leave=(Leave(day(0), day(1)),)),)),
        Change("window", day(2), 1),
        "2026-03-04 as the latest date, 1 working day later",
    ),
    "window: it begins after the plan": (
        Plan((trip("e1", earliest=day(8)),), ONE),
        Change("window", day(4), 1),
        "2026-03-06 as the earliest date, 1 working day earlier",
    ),
    "leave": (Plan((trip("e1"),), (inspector("i1", leave=(Leave(day(-3), day(9)),)),)), Change("leave", day(0), 1, "e1", "i1"), "`i1` works on 2026-03-02"),
    "certificate": (
        Plan((trip("e1"),), (inspector("i1", certificate=(JANUARY, FEBRUARY)),)),
        Change("certificate", day(0), 1, "e1", "i1"),
        "a certificate of `i1` that holds on 2026-03-02",
    ),
    "interest: nobody is asked to disregard it": (
        Plan((trip("e1"),), (inspector("i1", interests=frozenset({"e1"})),)),
        Change("interest", day(0), 1, "e1"),
        "1 more of `food` without an interest in the enterprise, free on 2026-03-02",
    ),
    "skills": (
        Plan((trip("e1", skills=frozenset({"boilers"})),), ONE),
        Change("skills", day(0), 1, "e1", "i1"),
        "`i1` has the skills `boilers` on 2026-03-02",
    ),
    "district": (Plan((trip("e1", district="south"),), ONE), Change("district", day(0), 1, "e1", "i1"), "`i1` works in `south` too, on 2026-03-02"),
    "team: two are needed, and the other is of another department": (
        Plan((trip("e1", team=2),), (*ONE, inspector("i2", department="fire"))),
        Change("team", day(0), 1, "e1"),
        "1 more of `food` with the skills and the district, free on 2026-03-02",
    ),
    "quiet": (
        Plan((trip("e1", quiet=(0,)),), ONE, rules=rules(quiet=[QuietTime((1, 10), frozenset(), ())])),
        Change("quiet", day(0), 1, "e1"),
        "an exception from the quiet time on 2026-03-02",
    ),
    "gap: Friday is 7 days after the last visit, 30 are asked": (
        Plan((trip("e1"),), ONE, rules=rules(gap=30), history=TWICE),
        Change("gap", day(4), 23),
        "a gap shorter by 23 days, and the visit on 2026-03-06",
    ),
    "cap: two visits of the department in the year": (
        Plan((trip("e1"),), ONE, rules=rules(caps=[YEAR_CAP]), history=TWICE),
        Change("cap", day(0), 1, "0"),
        "1 more in the cap of 2 visits in a year of each department, and the visit on 2026-03-02",
    ),
}


@pytest.mark.parametrize(("plan", "change", "words"), IN_THE_WAY.values(), ids=IN_THE_WAY)
def test_the_smallest_change_is_named_and_places_the_trip(plan: Plan, change: Change, words: str) -> None:
    made = plan.made()
    (one,) = made.unplaced
    assert (one.trip.id, one.rule, one.changes) == ("e1", change.rule, (change,))
    assert one.relaxation is not None
    assert one.relaxation.en == words
    assert one.relaxation.zh
    assert relaxed(plan, made, one).made(kept=made.placed).unplaced == ()


def test_two_who_lack_are_two_changes() -> None:
    """Both inspectors are full on every day: what is asked is one more visit of each, on the first day."""
    pair = tuple(inspector(id_) for id_ in ("i1", "i2"))
    plan = Plan((trip("e1", team=2, ticket="~"), *(trip(f"e{n}", team=2) for n in range(2, 7))), pair)
    (one,) = plan.made().unplaced
    assert {(change.rule, change.inspector, change.day) for change in one.changes} == {("capacity", "i1", day(0)), ("capacity", "i2", day(0))}


def test_a_plan_without_days_says_so() -> None:
    (one,) = Plan((trip("e1"),), ONE, Calendar(day(5), day(6), (), "a weekend")).made().unplaced
    assert (one.rule, one.relaxation, one.changes) == ("window", None, ())
    assert one.why.en == "the plan has no working day on which the enterprise is not visited already"


def days_of(plan: Plan) -> dict[str, dt.date]:
    return {one.trip.id: one.day for one in plan.made().placed}


def test_what_a_cap_exempts_is_not_stopped_by_it() -> None:
    """The cap of the year is reached; a complaint is exempt, and so is a visit that counts to no cap."""
    caps = [VisitCap(2, "year", "authority", (COMPLAINT,))]
    three = trip("e1"), trip("e1-complaint", enterprise="e1", kind="complaint"), trip("e1-other", enterprise="e1", counts=False)
    assert set(days_of(Plan(three, ONE, rules=rules(caps=caps), history=TWICE))) == {"e1-complaint", "e1-other"}


def test_a_joint_visit_counts_once_to_the_cap_of_all() -> None:
    """Both departments came on 5 January, which is one visit of the two that are allowed: one more trip, joint again, and no third."""
    people = (inspector("i1"), inspector("i2", department="fire"))
    joint = Trip((visit("a", enterprise="e1", department="fire"), visit("b", enterprise="e1")))
    past = {"e1": ((JANUARY, "food"), (JANUARY, "fire"))}
    made = Plan((joint, trip("c", enterprise="e1", ticket="~")), people, rules=rules(caps=[VisitCap(2, "year", "all", ())]), history=past).made()
    assert [one.trip.id for one in made.placed] == ["a"]
    assert [(one.trip.id, one.rule) for one in made.unplaced] == [("c", "cap")]


def test_a_cap_of_the_month_begins_anew_inside_a_week() -> None:
    """30 March to 3 April is one week and two months: one trip on either side of the end of March."""
    days = tuple(dt.date(2026, 3, 30) + dt.timedelta(n) for n in range(5))
    three = tuple(trip(f"v{n}", enterprise="e1", latest=days[-1]) for n in range(3))
    made = Plan(three, ONE, Calendar(days[0], days[-1], days, "by hand"), rules(caps=[VisitCap(1, "month", "all", ())])).made()
    assert sorted(one.day.month for one in made.placed) == [3, 4]
    assert [one.rule for one in made.unplaced] == ["cap"]


def test_the_gap_is_kept_between_trips_and_to_history() -> None:
    """The last visit was on 27 February: with a gap of 7 days one can be on 6 March, one on 13 March, and no third in these two weeks."""
    three = tuple(trip(f"v{n}", enterprise="e1") for n in range(3))
    made = Plan(three, ONE, weekdays(2), rules(gap=7), {"e1": ((FEBRUARY, "food"),)}).made()
    assert [one.day for one in made.placed] == [day(4), day(11)]
    assert [one.rule for one in made.unplaced] == ["gap"]


def test_no_two_trips_to_an_enterprise_share_a_day() -> None:
    two = tuple(trip(f"v{n}", enterprise="e1", latest=day(0)) for n in range(2))
    made = Plan(two, (inspector("i1", capacity=5),)).made()
    assert len(made.placed) == len(made.unplaced) == 1
    assert made.unplaced[0].changes == (Change("window", day(1), 1),)


@pytest.mark.parametrize(
    ("more", "less"),
    [
        ({"debt": True}, {"kind": REQUIRED, "rank": 3}),
        ({"kind": REQUIRED}, {"rank": 3}),
        ({"kind": "complaint"}, {"rank": 3}),
        ({"rank": 2}, {"rank": 1}),
    ],
    ids=["debt before required", "required before drawn", "triggered before drawn", "riskier first"],
)
def test_where_not_all_fit_the_more_important_is_placed(more: dict[str, object], less: dict[str, object]) -> None:
    """One day, one inspector, one visit: whichever way the tickets fall."""
    for tickets in ((" ", "~"), ("~", " ")):
        plan = Plan((trip("a", ticket=tickets[0], latest=day(0), **more), trip("b", ticket=tickets[1], latest=day(0), **less)), ONE)
        assert list(days_of(plan)) == ["a"]


def test_riskier_grades_come_earlier() -> None:
    assert days_of(Plan(tuple(trip(f"rank{rank}", rank=rank) for rank in range(5)), ONE)) == {f"rank{rank}": day(4 - rank) for rank in range(5)}


def test_the_load_is_even_over_the_weeks() -> None:
    """Twelve visits of one inspector who could do five in each of four weeks: three in each."""
    found = days_of(Plan(tuple(trip(f"v{n}") for n in range(12)), ONE, weekdays(4)))
    assert [sum(day(7 * week) <= when < day(7 * week + 7) for when in found.values()) for week in range(4)] == [3, 3, 3, 3]


def test_a_day_is_spent_in_one_district() -> None:
    """Two visits a day: on neither of two days is the inspector in both districts."""
    four = tuple(trip(f"{district}{n}", district=district, latest=day(1)) for district in ("north", "south") for n in range(2))
    found = days_of(Plan(four, (inspector("i1", districts=frozenset({"north", "south"}), capacity=2),)))
    assert found["north0"] == found["north1"] != found["south0"] == found["south1"]


def test_an_adjusted_saturday_is_worked_and_a_day_of_rest_is_not() -> None:
    days = (day(1), day(5))  # Tuesday, and a Saturday that is worked
    assert sorted(days_of(Plan((trip("a"), trip("b")), ONE, Calendar(day(0), day(6), days, "by hand"))).values()) == list(days)


def test_a_joint_trip_goes_together_and_is_taken_apart_only_where_it_must_be() -> None:
    joint = Trip((visit("a", enterprise="e1", department="fire"), visit("b", enterprise="e1")))
    monday, fire = inspector("i1", leave=(Leave(day(1), day(9)),)), inspector("i2", department="fire")
    together = Plan((joint,), (monday, fire)).made()
    assert [(one.trip.id, one.day, one.teams) for one in together.placed] == [("a", day(0), (("a", ("i2",)), ("b", ("i1",))))]
    apart = Plan((joint,), (monday, inspector("i2", department="fire", leave=(Leave(day(0), day(0)),)))).made()
    assert {one.trip.id: one.day for one in apart.placed} == {"a": day(1), "b": day(0)}
    assert apart.unplaced == ()


def test_somebody_without_a_day_left_is_replaced_by_the_next_and_that_is_told() -> None:
    """Both trips must be on Monday. Whoever is drawn for the second is the same inspector, whose Monday is taken; the other one goes."""
    pair = tuple(inspector(id_) for id_ in ("i1", "i2"))
    plan = Plan(tuple(trip(f"v{n}", enterprise="e1" if n else "e2", latest=day(0)) for n in range(2)), pair, weekdays(1))
    alone = {id_: plan.but(trips=(one,)).made().placed[0].teams[0][1][0] for one in plan.trips for id_ in [one.id]}
    made = plan.made()
    went = {one.trip.id: one.teams[0][1][0] for one in made.placed}
    assert sorted(went.values()) == ["i1", "i2"]
    assert {(one.visit, one.out, one.by) for one in made.replaced} == {(id_, alone[id_], who) for id_, who in went.items() if who != alone[id_]}


def test_what_is_fixed_stands_and_takes_its_capacity_gap_and_cap() -> None:
    fixed = Placed(trip("old", enterprise="e1"), day(0), (("old", ("i1",)),))
    plan = Plan((trip("a", latest=day(0)), trip("b", enterprise="e1", latest=day(3))), ONE, rules=rules(gap=3))
    made = plan.made(fixed=[fixed])
    assert {one.trip.id: one.day for one in made.placed} == {"old": day(0), "b": day(3)}
    assert [(one.trip.id, one.changes) for one in made.unplaced] == [("a", (Change("capacity", day(0), 1, "a", "i1"),))]


def test_a_wish_is_heard() -> None:
    assert days_of(Plan((trip("a"), trip("b")), ONE)) != {"a": day(4), "b": day(3)}
    found = Plan((trip("a"), trip("b")), ONE).made(wish={"a": day(4), "b": day(3)})
    assert {one.trip.id: one.day for one in found.placed} == {"a": day(4), "b": day(3)}


def test_a_missing_solver_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "highspy", None)
    with pytest.raises(ProblemError) as caught:
        Plan((trip("a"),), ONE).made()
    assert [(problem.code, problem.message, problem.hint) for problem in caught.value.problems] == [
        ("extra-missing", "`highspy` is not installed", "pip install 'regengine[plan]'")
    ]
