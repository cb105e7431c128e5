"""Which visits a plan must place and between which days, worked out by hand."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import polars as pl
import pytest

import regengine as rg
from regengine.inspection.demand import Grades, drawn_visits, owed_visits, required_visits, shares, triggered_visits
from regengine.inspection.frame import Department, frame_of, history_of
from regengine.inspection.quotas import Stratum
from regengine.inspection.rules import PlanRules
from regengine.inspection.triggered import triggers_of
from regengine.rulebook.parts import Words

D = dt.date
OFFICE = Department("office", Words(en="Office"), "office-2026", D(2026, 1, 1), D(2026, 12, 31), skills=frozenset({"food"}))
RANKS = {"A": 0, "B": 1, "C": 2, "D": 3, "E": 4}
Graded = Callable[..., pl.DataFrame]


def grades(decisions: pl.DataFrame) -> Grades:
    keys = decisions.get_column("enterprise").to_list()
    return Grades(dict(zip(keys, decisions.get_column("grade").to_list(), strict=True)), dict.fromkeys(keys, "north"), RANKS)


def past(*rows: tuple[str, str]) -> pl.DataFrame:
    table = pl.DataFrame([(key, day, "office") for key, day in rows], schema=["enterprise", "date", "department"], orient="row")
    return table.with_columns(pl.col("date").str.to_date())


def windows(rules: PlanRules, decisions: pl.DataFrame, department: Department = OFFICE, history: pl.DataFrame | None = None) -> list[tuple[str, D, D]]:
    before = history_of(history, rules)
    frame = frame_of(decisions, department, rules, history=before)
    return [(one.id, one.earliest, one.latest) for one in required_visits(frame, department, rules, grades(decisions), "s", before)]


def test_stretches_are_even_and_leave_no_day_out() -> None:
    assert shares(D(2026, 1, 1), D(2026, 1, 10), 3) == [(D(2026, 1, 1), D(2026, 1, 3)), (D(2026, 1, 4), D(2026, 1, 6)), (D(2026, 1, 7), D(2026, 1, 10))]


def test_two_visits_a_year_lie_in_its_halves(rules: PlanRules, graded: Graded) -> None:
    """365 days in two: 182 and 183."""
    assert windows(rules, graded({"d": "d"})) == [
        ("office/d/required-1", D(2026, 1, 1), D(2026, 7, 1)), ("office/d/required-2", D(2026, 7, 2), D(2026, 12, 31))
    ]  # fmt: skip


def test_what_was_visited_in_the_year_counts(rules: PlanRules, graded: Graded) -> None:
    """One of two was made on 10 January; the gap of 30 days is over on 9 February."""
    assert windows(rules, graded({"d": "d"}), history=past(("d", "2026-01-10"))) == [("office/d/required-1", D(2026, 2, 9), D(2026, 12, 31))]
    assert windows(rules, graded({"d": "d"}), history=past(("d", "2025-06-10")))[0][1] == D(2026, 1, 1)  # of another year


def test_a_plan_of_a_part_of_the_year_asks_for_its_part(rules: PlanRules, graded: Graded) -> None:
    """2 a year: none are due by the end of March (3/12 of 2 is 0.5), one by the end of June."""
    decisions = graded({"d": "d"})
    assert windows(rules, decisions, replace(OFFICE, last=D(2026, 3, 31))) == []
    assert windows(rules, decisions, replace(OFFICE, last=D(2026, 6, 30))) == [("office/d/required-1", D(2026, 1, 1), D(2026, 6, 30))]


def test_by_interval_since_the_last_visit(rules: PlanRules, graded: Graded) -> None:
    """Every 6 months: last on 15 November 2025, so by 15 May, then by 15 November; the next is due after the plan."""
    decisions = graded({"e": "e"})
    assert windows(rules, decisions, history=past(("e", "2025-11-15"))) == [
        ("office/e/required-1", D(2026, 1, 1), D(2026, 5, 15)), ("office/e/required-2", D(2026, 5, 16), D(2026, 11, 15))
    ]  # fmt: skip
    january = replace(OFFICE, last=D(2026, 1, 31))
    assert windows(rules, decisions, january, past(("e", "2025-11-15"))) == []
    assert windows(rules, decisions, january, past(("e", "2024-01-01"))) == [("office/e/required-1", D(2026, 1, 1), D(2026, 1, 31))]  # overdue
    assert windows(rules, decisions, january) == [("office/e/required-1", D(2026, 1, 1), D(2026, 1, 31))]  # never visited


def test_drawn_visits_carry_what_the_calendar_needs(rules: PlanRules, graded: Graded) -> None:
    decisions = graded({"b": "b", "c": "c"})
    frame = frame_of(decisions, OFFICE, rules, history=history_of(None, rules))
    row = Stratum("office", "C", "C", 1, Fraction(1, 10), Fraction(2, 5), 1, Fraction(1), "inspection.C: illustrative", "illustrative")
    other = replace(row, stratum="B", entry="B", probability=Fraction(1, 3))
    drawn = pl.DataFrame({"stratum": ["C", "floor"], "enterprise": ["c", "b"]})
    first, second = drawn_visits(drawn, frame, [row, other], OFFICE, rules, grades(decisions), "seed")
    assert (first.id, first.kind, first.stratum, first.probability) == ("office/c/draw-1", "draw", "C", Fraction(1))
    assert (second.id, second.kind, second.stratum, second.probability) == ("office/b/floor-1", "floor", "B", Fraction(1, 3))
    assert first.ticket == hashlib.sha256(b"office-2026|seed|c").hexdigest()
    assert (first.rank, first.team, first.skills, first.quiet, first.counts) == (2, 2, frozenset({"food"}), (0,), True)
    assert (first.earliest, first.latest) == (OFFICE.first, OFFICE.last)


def test_leads_become_visits_outside_the_draw(rules: PlanRules, graded: Graded) -> None:
    decisions = graded({"a": "a", "b": "b"})
    table = pl.DataFrame({
        "enterprise": ["a", "a", "b"], "department": ["office", "office", "fire"], "kind": ["complaint", "complaint", "case_lead"],
        "received": ["2026-03-02", "2025-12-30", "2026-01-01"], "due": ["2026-03-20", None, None], "lead": ["12345-2", "12345-1", "case 9"],
    })  # fmt: skip
    leads = triggers_of(table, rules, enterprises=["a", "b"], departments=["office", "fire"])
    frame = frame_of(decisions, OFFICE, rules, history=history_of(None, rules), triggered=frozenset({"a"}))
    found = triggered_visits(leads, frame, OFFICE, rules, grades(decisions), "s")
    assert [(one.id, one.lead, one.earliest, one.latest) for one in found] == [
        ("office/a/complaint-1", "12345-1", D(2026, 1, 1), D(2026, 12, 31)), ("office/a/complaint-2", "12345-2", D(2026, 3, 2), D(2026, 3, 20))
    ]  # fmt: skip
    assert not found[0].counts and found[0].quiet == () and found[0].probability is None and found[0].clause == "inspection.complaint: illustrative"


def test_every_lead_that_is_wrong_is_told(rules: PlanRules) -> None:
    table = pl.DataFrame({
        "enterprise": ["a", "z", None, "a", "a"], "department": ["office", "office", "office", "offfice", "office"],
        "kind": ["complant", "complaint", "complaint", "complaint", "complaint"], "received": ["2026-03-02", "2026-02-30", "2026-01-01", "2026-01-01", None],
        "due": [None, None, None, "2025-12-31", None],
    })  # fmt: skip
    with pytest.raises(rg.ProblemError) as raised:
        triggers_of(table, rules, enterprises=["a", "b"], departments=["office"])
    assert [(one.code, one.place.row, one.place.field, one.hint) for one in raised.value.problems] == [
        ("trigger-wrong", 1, "kind", "did you mean `complaint`?"), ("trigger-wrong", 2, "enterprise", None), ("trigger-wrong", 2, "received", None),
        ("trigger-wrong", 3, "enterprise", None), ("trigger-wrong", 4, "department", "did you mean `office`?"), ("trigger-wrong", 4, "due", None),
        ("trigger-wrong", 5, "received", None),
    ]  # fmt: skip
    with pytest.raises(rg.ProblemError) as raised:
        triggers_of(table.drop("received"), rules, enterprises=[], departments=[])
    assert raised.value.problems[0].code == "column-missing"


def test_what_was_not_made_comes_back_as_debt(rules: PlanRules, graded: Graded) -> None:
    decisions = graded({"d": "d"})
    frame = frame_of(decisions, OFFICE, rules, history=history_of(None, rules))
    first, *_ = required_visits(frame, replace(OFFICE, last=D(2026, 6, 30)), rules, grades(decisions), "s", history_of(None, rules))
    later = replace(OFFICE, first=D(2026, 7, 1))
    (owed,) = owed_visits([first], later)
    assert owed.debt and (owed.earliest, owed.latest) == (D(2026, 7, 1), D(2026, 12, 31)) and owed.id == first.id
    assert list(owed_visits([first], replace(later, id="fire"))) == []
