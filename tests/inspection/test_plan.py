"""A whole plan, from decided enterprises to days: everything adds up, nothing hangs on the order of the input, and no hard rule is broken."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import regengine as rg
from regengine.inspection import plan
from regengine.inspection.draw.record import reveal
from regengine.inspection.frame import Department
from regengine.inspection.make_tables import tables_of
from regengine.inspection.plan import Plan, commit, place, prepare
from regengine.inspection.rules import PlanRules
from regengine.inspection.visit import Inspector
from regengine.rulebook.parts import Words
from regengine.workdays import Calendar

from .hard_rules import broken

D = dt.date
RANKS = {"A": 0, "B": 1, "C": 2, "D": 3, "E": 4}
CALENDAR = Calendar(
    D(2026, 1, 1), D(2026, 12, 31), tuple(day for n in range(365) if (day := D(2026, 1, 1) + dt.timedelta(days=n)).weekday() < 5), "Monday to Friday"
)
OFFICE = Department("office", Words(en="Office"), "zone-2026", CALENDAR.first, CALENDAR.last)
FIRE = replace(OFFICE, id="fire", label=Words(en="Fire"))


def inspector(id_: str, department: str, capacity: int = 2, **more: object) -> Inspector:
    return Inspector(id_, department, frozenset({"-"}), (D(2020, 1, 1), D(2030, 1, 1)), capacity, **more)


STAFF = (inspector("o1", "office"), inspector("o2", "office"), inspector("o3", "office"), inspector("f1", "fire"), inspector("f2", "fire"))
STEPS = {"ranks": RANKS, "law_at": D(2026, 1, 1), "as_of": D(2026, 1, 1), "seed_from": "dice"}


def decided(book: rg.Book, classes: str) -> pl.DataFrame:
    return book.decide_frame(pl.DataFrame({"enterprise": [f"e{n}" for n in range(len(classes))], "tier": list(classes)}))


def made(decisions: pl.DataFrame, rules: PlanRules, folder: Path, seed: str = "6-6-1", **registers: pl.DataFrame) -> Plan:
    return plan(decisions, registers, rules, STAFF, CALENDAR, seed, departments=[OFFICE, FIRE], folder=folder, **STEPS)


def leads(*rows: tuple[str, str, str, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["enterprise", "department", "kind", "received"], orient="row")


def test_a_plan_by_hand(book: rg.Book, rules: PlanRules, tmp_path: Path) -> None:
    """40 of C: 4 are drawn, and of 36 that remain the floor draws 1 (1 % is 0.36); 2 of D are visited twice; one of A had a complaint."""
    decisions = decided(book, "a" * 10 + "c" * 40 + "d" * 2)
    found = made(decisions, rules, tmp_path, triggers=leads(("e0", "office", "complaint", "2026-01-05")))
    tables = tables_of(found, book.program, Words(en="By hand"), law_at=D(2026, 1, 1), as_of=D(2026, 1, 1))
    counts = dict(
        tables.visits.group_by("department", "kind")
        .len()
        .sort("department", "kind")
        .select(pl.concat_str("department", "kind", separator="/"), "len")
        .iter_rows()
    )
    assert counts == {"fire/draw": 4, "fire/floor": 1, "fire/required": 4, "office/complaint": 1, "office/draw": 4, "office/floor": 1, "office/required": 4}
    assert tables.unplaced.is_empty()
    complaint = tables.visits.filter(pl.col("kind") == "complaint").row(0, named=True)
    assert complaint["enterprise"] == "e0" and complaint["probability"] is None and complaint["grade"] == "A"
    # the draws are alike, so every visit that both departments make to one enterprise is joint
    assert tables.visits.filter(pl.col("kind") != "complaint")["joint"].all()
    assert found.schedule.placed and len(found.trips) == 4 + 1 + 4 + 1


def test_the_order_of_the_input_is_of_no_matter(book: rg.Book, rules: PlanRules, tmp_path: Path) -> None:
    decisions = decided(book, "bcdce" * 12)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, second = made(decisions, rules, tmp_path / "a"), made(decisions.reverse(), rules, tmp_path / "b")
    assert first.schedule == second.schedule
    for name in ("office.draw.jsonl", "office.manifest.txt", "office.drawn.csv"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    classes=st.text("abcde", min_size=1, max_size=60), seed=st.text("0123456789", min_size=1, max_size=4), triggered=st.sets(st.integers(0, 59), max_size=4),
    visited=st.lists(st.tuples(st.integers(0, 59), st.integers(0, 200)), max_size=8), capacity=st.integers(1, 2), staff=st.integers(1, 5),
)  # fmt: skip
def test_everything_is_placed_or_told_and_no_hard_rule_is_broken(
    book: rg.Book, rules: PlanRules, classes: str, seed: str, triggered: set[int], visited: list[tuple[int, int]], capacity: int, staff: int
) -> None:
    decisions = decided(book, classes)
    keys = set(decisions["enterprise"])
    past = [(f"e{n}", D(2025, 6, 1) + dt.timedelta(days=days), "office") for n, days in visited if f"e{n}" in keys]
    registers = {"visits": pl.DataFrame(past, schema={"enterprise": pl.String, "date": pl.Date, "department": pl.String}, orient="row")}
    rows = [(f"e{n}", "office", "case_lead", "2025-12-30") for n in sorted(triggered) if f"e{n}" in keys]
    if rows:
        registers["triggers"] = leads(*rows)
    inspectors = tuple(replace(one, capacity=capacity) for one in STAFF[:staff])
    with TemporaryDirectory() as folder:
        found = plan(decisions, registers, rules, inspectors, CALENDAR, seed, departments=[OFFICE, FIRE], folder=Path(folder), **STEPS)
    for share in found.prepared.shares:
        frame = share.frame
        assert frame.drawn_from.height + frame.required.height + frame.left_out.height == len(keys)
        assert sum(one.population for one in share.strata) == frame.drawn_from.height
    asked = sorted(visit.id for trip in found.trips for visit in trip.visits)
    told = sorted(visit.id for one in (*found.schedule.placed, *found.schedule.unplaced) for visit in one.trip.visits)
    assert asked == told == sorted(set(asked))
    for share in found.prepared.shares:
        own = [name for name in asked if name.startswith(f"{share.department.id}/")]
        wanted = share.feasibility
        assert len(own) == wanted.visits
    history = {key: tuple((day, department) for one, day, department in past if one == key) for key, _, _ in past}
    assert broken(found.schedule.placed, inspectors, CALENDAR.working, rules, history) == []


def test_a_department_that_nobody_works_for_gets_no_visits_and_is_told(book: rg.Book, rules: PlanRules, tmp_path: Path) -> None:
    prepared = prepare(decided(book, "c" * 20), rules, [OFFICE, FIRE], STAFF[:3], CALENDAR, ranks=RANKS)
    assert [share.feasibility.enough for share in prepared.shares] == [True, False]
    draws = commit(prepared, tmp_path, law_at=D(2026, 1, 1), as_of=D(2026, 1, 1), seed_from="dice")
    found = place(prepared, reveal(draws, "4"), window=366)
    assert {visit.department for one in found.schedule.placed for visit in one.trip.visits} == {"office"}
    assert {visit.department for one in found.schedule.unplaced for visit in one.trip.visits} == {"fire"}


def test_an_inspector_of_no_department_of_the_plan_is_refused(book: rg.Book, rules: PlanRules) -> None:
    with pytest.raises(rg.ProblemError) as raised:
        prepare(decided(book, "c"), rules, [OFFICE], [inspector("x", "offise")], CALENDAR, ranks=RANKS)
    assert [(one.code, one.place.key, one.hint) for one in raised.value.problems] == [("inspector-wrong", "x", "did you mean `office`?")]


def test_what_is_owed_is_never_dropped(book: rg.Book, rules: PlanRules, tmp_path: Path) -> None:
    """Of two visits that are owed, one is to an enterprise that is visited anyway: that visit is the debt, and the other is made as well."""
    decisions = decided(book, "ad")
    earlier = made(decided(book, "dd"), rules, tmp_path)
    owed = [one for trip in earlier.trips for one in trip.visits if one.id in ("office/e0/required-1", "office/e1/required-1")]
    again = prepare(decisions, rules, [OFFICE], STAFF[:3], CALENDAR, ranks=RANKS, owed=owed)
    (tmp_path / "again").mkdir()
    draws = commit(again, tmp_path / "again", law_at=D(2026, 1, 1), as_of=D(2026, 1, 1), seed_from="dice")
    found = place(again, reveal(draws, "5"), window=366)
    assert sorted((one.id, one.debt) for trip in found.trips for one in trip.visits) == [
        ("office/e0/required-1", True), ("office/e1/required-1", True), ("office/e1/required-2", False)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("until", "code"), [({"till": ["2026-05-05"]}, "column-missing"), ({"until": ["soon"]}, "date-wrong"), ({"until": [None]}, "entry-wrong")]
)
def test_tolerance_periods_that_cannot_be_read(book: rg.Book, rules: PlanRules, until: dict[str, list[str | None]], code: str) -> None:
    table = pl.DataFrame({"enterprise": ["e0"], **until})
    with pytest.raises(rg.ProblemError) as raised:
        prepare(decided(book, "c"), rules, [OFFICE], STAFF[:3], CALENDAR, ranks=RANKS, registers={"tolerance": table})
    assert [one.code for one in raised.value.problems] == [code]


def test_draws_that_are_not_revealed_place_nothing(book: rg.Book, rules: PlanRules, tmp_path: Path) -> None:
    prepared = prepare(decided(book, "c" * 20), rules, [OFFICE], STAFF[:3], CALENDAR, ranks=RANKS)
    draws = commit(prepared, tmp_path, law_at=D(2026, 1, 1), as_of=D(2026, 1, 1), seed_from="dice")
    with pytest.raises(rg.ProblemError) as raised:
        place(prepared, draws, window=366)
    assert raised.value.problems[0].code == "draw-record"
