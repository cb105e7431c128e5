"""Which visits go together, and how many trips are joint."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regengine.inspection.schedule.joint import JointRate, join, joint_rate
from regengine.inspection.visit import Visit

from .small import day, visit, visits


def two(first: tuple[int, int], second: tuple[int, int], **other: str) -> list[Visit]:
    """A visit of the food department and one of the fire department to e1, with their windows."""
    known = {"enterprise": "e1"}
    return [
        visit("a", department="food", earliest=day(first[0]), latest=day(first[1]), **known),
        visit("b", earliest=day(second[0]), latest=day(second[1]), **(known | {"department": "fire"} | other)),
    ]


@pytest.mark.parametrize(
    ("pair", "window", "together"),
    [
        (two((0, 20), (0, 20)), 0, True),
        (two((0, 20), (10, 30)), 10, True),
        (two((0, 20), (10, 30)), 9, False),
        (two((0, 20), (20, 30)), 30, True),
        (two((0, 20), (21, 30)), 30, False),
        (two((0, 20), (0, 20), department="food"), 30, False),
        (two((0, 20), (0, 20), enterprise="e2"), 30, False),
    ],
    ids=["same", "within the window", "past the window", "one day in common", "no day in common", "one department", "two enterprises"],
)
def test_what_goes_together(pair: list[Visit], window: int, together: bool) -> None:
    trips = join(pair, window=window)
    assert [[one.id for one in trip.visits] for trip in trips] == ([["b", "a"]] if together else [["a"], ["b"]])


def test_quarters_meet_their_own_quarters() -> None:
    """Two departments with two visits each make two trips, and not one and two halves."""
    made = [
        visit(f"{department}{first}", department=department, enterprise="e1", earliest=day(first), latest=day(first + 90))
        for department in ("food", "fire")
        for first in (0, 91)
    ]
    assert [[one.id for one in trip.visits] for trip in join(made, window=30)] == [["fire0", "food0"], ["fire91", "food91"]]


@given(made=st.lists(st.integers(), max_size=12, unique=True).flatmap(lambda ids: st.tuples(*(visits(id_) for id_ in ids))), window=st.integers(0, 20))
def test_every_visit_is_in_one_trip_that_it_may_be_in(made: tuple[Visit, ...], window: int) -> None:
    trips = join(made, window=window)
    assert sorted(one.id for trip in trips for one in trip.visits) == sorted(one.id for one in made)
    for trip in trips:
        assert len({one.department for one in trip.visits}) == len(trip.visits)
        assert len({one.enterprise for one in trip.visits}) == 1
        assert trip.earliest <= trip.latest
        assert (max(one.earliest for one in trip.visits) - min(one.earliest for one in trip.visits)).days <= window
    shuffled = list(made)
    Random(1).shuffle(shuffled)
    assert join(shuffled, window=window) == trips


def test_the_joint_rate_of_trips_and_of_visits() -> None:
    """Three trips of which one is joint; two of the four visits are made on it."""
    rate = joint_rate(join([*two((0, 20), (0, 20)), visit("c"), visit("d")], window=0))
    assert rate == JointRate(trips=3, joint_trips=1, visits=4, joint_visits=2)
    assert (rate.of_trips, rate.of_visits) == (Fraction(1, 3), Fraction(1, 2))
    assert (joint_rate([]).of_trips, joint_rate([]).of_visits) == (0, 0)
