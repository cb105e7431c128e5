"""Small plans for tests of the calendar: two departments, two districts, and what stands in the way of each other."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

from regengine.inspection.rules import PlanRules, QuietTime, VisitCap
from regengine.inspection.schedule import Schedule, schedule
from regengine.inspection.visit import DRAW, REQUIRED, Change, Inspector, Leave, Placed, Trip, Unplaced, Visit
from regengine.rulebook.parts import Words
from regengine.rulebook.values import Span
from regengine.workdays import Calendar

MONDAY = dt.date(2026, 3, 2)
COMPLAINT = Words(en="Complaint", zh="投诉举报")
DRAW_IDS = {"food": "food-2026-1", "fire": "fire-2026-1"}


def day(number: int) -> dt.date:
    """A day of the plan, counted from Monday, 2 March 2026 as 0."""
    return MONDAY + dt.timedelta(number)


def weekdays(weeks: int) -> Calendar:
    """So many weeks of Monday to Friday from 2 March 2026 on."""
    days = tuple(day(7 * week + one) for week in range(weeks) for one in range(5))
    return Calendar(days[0], days[-1], days, "by hand")


def rules(*, caps: Sequence[VisitCap] = (), gap: int = 0, quiet: Sequence[QuietTime] = ()) -> PlanRules:
    return PlanRules(
        rulebook="xx/plan", edition="1", digest="0" * 64, team=1, caps=tuple(caps), gap=Span(gap, "day") if gap else None, quiet=tuple(quiet),
        triggers={"complaint": COMPLAINT}, random_floor=None,
    )  # fmt: skip


def inspector(id_: str, **other: Any) -> Inspector:
    """An inspector of the food department in the north, whose certificate holds for the year, with one visit a day."""
    known: dict[str, Any] = {
        "department": "food",
        "districts": frozenset({"north"}),
        "certificate": (dt.date(2026, 1, 1), dt.date(2026, 12, 31)),
        "capacity": 1,
    }
    return Inspector(**(known | {"id": id_} | other))


def visit(id_: str, **other: Any) -> Visit:
    """A drawn visit of the food department to the enterprise of its id in the north, with one inspector, in March 2026."""
    known: dict[str, Any] = {
        "department": "food", "enterprise": id_, "district": "north", "kind": DRAW, "clause": "act#1", "ticket": hashlib.sha256(id_.encode()).hexdigest(),
        "grade": "A", "rank": 0, "entry": "A", "stratum": "A", "earliest": MONDAY, "latest": dt.date(2026, 3, 31), "team": 1,
    }  # fmt: skip
    return Visit(**(known | {"id": id_} | other))


def trip(id_: str, **other: Any) -> Trip:
    return Trip((visit(id_, **other),))


@dataclass(frozen=True)
class Plan:
    """Everything that a schedule is made of."""

    trips: tuple[Trip, ...]
    inspectors: tuple[Inspector, ...]
    calendar: Calendar = field(default_factory=lambda: weekdays(1))
    rules: PlanRules = field(default_factory=rules)
    history: dict[str, tuple[tuple[dt.date, str], ...]] = field(default_factory=dict)

    def made(self, *, kept: Sequence[Placed] = (), fixed: Sequence[Placed] = (), **other: Any) -> Schedule:
        return schedule(
            self.trips, self.inspectors, self.calendar, self.rules, draw_ids=DRAW_IDS, seed="7 12 31", history=self.history, kept=kept, fixed=fixed, **other
        )

    def but(self, **other: Any) -> Plan:
        return replace(self, **other)


# -- plans of chance

DAYS = st.integers(0, 25)


def mostly(usual: object, *others: object) -> st.SearchStrategy[Any]:
    """The usual value two times in three."""
    return st.sampled_from([usual] * 2 * len(others) + list(others))


@st.composite
def inspectors(draw: st.DrawFn, number: int) -> Inspector:
    begin, end, away, back = draw(mostly(-10, 4, 9, 14)), draw(mostly(40, 8, 16, 20)), draw(DAYS), draw(st.integers(0, 5))
    return Inspector(
        id=f"i{number}", department=draw(st.sampled_from(["food", "fire"])), certificate=(day(begin), day(max(begin, end))),
        districts=frozenset(draw(mostly(("north", "south"), ("north",), ("south",)))), capacity=draw(st.integers(1, 2)),
        skills=frozenset(draw(st.sampled_from([(), ("boilers",)]))), interests=frozenset(draw(mostly((), ("e1",), ("e2",)))),
        leave=draw(mostly((), (Leave(day(away), day(away + back)),))),
    )  # fmt: skip


@st.composite
def visits(draw: st.DrawFn, number: int) -> Visit:
    first, length = draw(mostly(0, 3, 8, 15, 24)), draw(mostly(25, 0, 3, 9))
    return visit(
        f"v{number}", department=draw(st.sampled_from(["food", "fire"])), enterprise=f"e{draw(st.integers(1, 12))}",
        district=draw(st.sampled_from(["north", "south"])), kind=draw(st.sampled_from([DRAW, REQUIRED, "complaint"])), rank=draw(st.integers(0, 3)),
        earliest=day(first), latest=day(first + length), team=draw(mostly(1, 2)), skills=frozenset(draw(mostly((), ("boilers",)))),
        quiet=draw(mostly((0,), ())), counts=draw(mostly(True, False)), debt=draw(mostly(False, True)),
    )  # fmt: skip


CAPS = st.builds(
    VisitCap, visits=st.integers(0, 3), per=st.sampled_from(["month", "quarter", "year"]), scope=st.sampled_from(["all", "authority"]),
    exempt=st.sampled_from([(), (COMPLAINT,)]),
)  # fmt: skip
QUIET = st.sampled_from([QuietTime((1, 6), frozenset(), ()), QuietTime(None, frozenset({2}), ())])


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """A plan of four weeks with an adjusted Saturday, loose or so tight that little of it can be placed."""
    from regengine.inspection.schedule.joint import join

    number, people = draw(st.integers(1, 20)), draw(st.integers(0, 8))
    off = draw(st.frozensets(DAYS, max_size=8) | st.just(frozenset(range(4, 26))))  # or one short week, which is tight
    working = tuple(day(one) for one in range(26) if one not in off and (day(one).weekday() < 5 or one == 12))
    made = [draw(visits(place)) for place in range(number)]
    place_of = {f"e{one}": ("north", "south")[one % 2] for one in range(1, 13)}
    made = [replace(one, district=place_of[one.enterprise]) for one in made]
    past = draw(
        st.dictionaries(
            st.sampled_from(["e1", "e2"]), st.lists(st.tuples(st.integers(-40, 3).map(day), st.sampled_from(["food", "fire"])), max_size=3).map(tuple)
        )
    )
    return Plan(
        join(made, window=draw(st.integers(0, 20))), tuple(draw(inspectors(place)) for place in range(people)), Calendar(day(0), day(25), working, "chance"),
        rules(caps=draw(st.just([]) | st.lists(CAPS, max_size=2)), gap=draw(st.sampled_from([0, 0, 2, 9])), quiet=[draw(QUIET)]), past,
    )  # fmt: skip


def relaxed(plan: Plan, made: Schedule, one: Unplaced) -> Plan:
    """The plan in which everything that an unplaced trip asks for is granted, with that trip and those that are placed."""
    trip, people, rule = one.trip, {who.id: who for who in plan.inspectors}, plan.rules
    for number, change in enumerate(one.changes):
        who, when = people.get(change.inspector or ""), change.day
        asked = next((visit for visit in trip.visits if visit.id == change.visit), trip.visits[0])
        match change.rule:
            case "window":
                trip = Trip(tuple(replace(v, earliest=min(v.earliest, when), latest=max(v.latest, when)) for v in trip.visits))
            case "quiet":
                trip = Trip(tuple(replace(v, quiet=()) if v.id == asked.id else v for v in trip.visits))
            case "gap":
                rule = replace(rule, gap=Span(rule.gap_days - change.amount, "day"))
            case "cap":
                cap = rule.caps[int(change.visit or "")]
                rule = replace(rule, caps=tuple(replace(c, visits=c.visits + change.amount) if c is cap else c for c in rule.caps))
            case "team" | "interest":
                new = [f"new{number}-{place}" for place in range(change.amount)]
                people |= {id_: inspector(id_, department=asked.department, districts=frozenset({asked.district}), skills=asked.skills) for id_ in new}
            case _:
                assert who is not None
                people[who.id] = granted(who, change, asked)
    return plan.but(trips=(*(placed.trip for placed in made.placed), trip), inspectors=tuple(people.values()), rules=rule)


def granted(who: Inspector, change: Change, asked: Visit) -> Inspector:
    match change.rule:
        case "capacity":
            return replace(who, capacity=who.capacity + 1)
        case "leave":
            return replace(who, leave=())
        case "certificate":
            return replace(who, certificate=(min(who.certificate[0], change.day), max(who.certificate[1], change.day)))
        case "district":
            return replace(who, districts=who.districts | {asked.district})
        case "skills":
            return replace(who, skills=who.skills | asked.skills)
    raise AssertionError(f"no inspector can be granted {change.rule}")
