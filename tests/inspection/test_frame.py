"""Who may be drawn, who must be visited, and who is left out, worked out by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import regengine as rg
from regengine.inspection.frame import Department, frame_of, history_of, periods_between
from regengine.inspection.rules import PlanRules
from regengine.rulebook.parts import Words

YEAR = (dt.date(2026, 1, 1), dt.date(2026, 12, 31))
OFFICE = Department("office", Words(en="Office"), "office-2026", *YEAR)
Graded = Callable[..., pl.DataFrame]


def visits(*rows: tuple[str, str, str, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["enterprise", "date", "department", "kind"], orient="row").with_columns(pl.col("date").str.to_date())


def reasons(frame: pl.DataFrame) -> dict[str, str]:
    return dict(frame.select("enterprise", "reason").iter_rows())


def test_each_entry_goes_its_way(rules: PlanRules, graded: Graded) -> None:
    decisions = graded({"a": "a", "b": "b", "c": "c", "d": "d", "e": "e"})
    made = frame_of(decisions, OFFICE, rules, history=history_of(None, rules))
    assert made.drawn_from.select("enterprise", "stratum").rows() == [("b", "B"), ("c", "C")]
    assert made.required.get_column("enterprise").to_list() == ["d", "e"]
    assert reasons(made.left_out) == {"a": "on_trigger"}


def test_who_is_left_out_and_why(rules: PlanRules, graded: Graded) -> None:
    names = ["complained", "tolerated", "drawn", "drawn last year", "full", "full together", "late gap", "gap over", "exempt"]
    decisions = graded(dict.fromkeys(names, "c"))
    past = visits(
        ("drawn", "2026-02-02", "office", "draw"),
        ("drawn last year", "2025-12-30", "office", "draw"),  # the gap of 30 days ends on 2026-01-29
        ("full", "2026-01-20", "office", "case_lead"), ("full", "2026-03-20", "office", "case_lead"),
        *(("full together", f"2026-0{month}-20", "fire", "draw") for month in (1, 2, 3, 4)),
        ("late gap", "2026-12-10", "fire", "draw"),  # over on 2027-01-09
        ("gap over", "2026-12-01", "fire", "draw"),  # over on 2026-12-31, the last day of the plan
        ("exempt", "2026-01-20", "office", "complaint"), ("exempt", "2026-03-20", "office", "complaint"),  # complaints do not count
    )  # fmt: skip
    made = frame_of(
        decisions, OFFICE, rules, history=history_of(past, rules), triggered=frozenset({"complained"}),
        tolerance={"tolerated": dt.date(2026, 12, 31), "exempt": dt.date(2026, 6, 30)},
    )  # fmt: skip
    assert reasons(made.left_out) == {
        "complained": "triggered", "tolerated": "tolerance", "drawn": "drawn_before", "full": "cap", "full together": "cap", "late gap": "gap"
    }  # fmt: skip
    assert dict(made.drawn_from.select("enterprise", "earliest").iter_rows()) == {
        "drawn last year": dt.date(2026, 1, 29), "gap over": dt.date(2026, 12, 31), "exempt": dt.date(2026, 7, 1)
    }  # fmt: skip


def test_two_visits_on_one_day_are_one_trip(rules: PlanRules, graded: Graded) -> None:
    """Four visits on three days: the cap of four together is not reached, and two departments went on one of the days."""
    past = visits(("x", "2026-01-20", "fire", "draw"), ("x", "2026-01-20", "health", "draw"), ("x", "2026-03-20", "fire", "draw"),
                  ("x", "2026-05-20", "health", "draw"))  # fmt: skip
    assert frame_of(graded({"x": "c"}), OFFICE, rules, history=history_of(past, rules)).left_out.is_empty()


def test_a_cap_by_quarter_leaves_out_only_who_has_no_room_in_any(rules: PlanRules, graded: Graded) -> None:
    from regengine.inspection.rules import VisitCap

    quarterly = replace(rules, caps=(VisitCap(1, "quarter", "authority", ()),), gap=None)
    past = visits(*(("x", f"2026-{month:02}-10", "office", "case_lead") for month in (1, 4, 7, 10)), ("y", "2026-01-10", "office", "case_lead"))
    assert reasons(frame_of(graded({"x": "c", "y": "c"}), OFFICE, quarterly, history=history_of(past, quarterly)).left_out) == {"x": "cap"}


def test_the_ceiling_of_a_class_is_a_cap(rules: PlanRules, graded: Graded) -> None:
    """Class D: at most 4 visits of a department in the year; the cap of 2 is lifted here."""
    alone = replace(rules, caps=tuple(cap for cap in rules.caps if cap.entry), gap=None)
    assert [(cap.entry, cap.visits, cap.per) for cap in alone.caps] == [("D", 4, "year")]
    past = visits(*(("x", f"2026-0{month}-10", "office", "case_lead") for month in (1, 2, 3, 4)), ("y", "2026-01-10", "office", "case_lead"))
    assert reasons(frame_of(graded({"x": "d", "y": "d"}), OFFICE, alone, history=history_of(past, alone)).left_out) == {"x": "cap"}


def test_strata_and_departments_by_columns(rules: PlanRules, graded: Graded) -> None:
    decisions = graded({"x": "c", "y": "b", "z": "c"}, district=["n", "s", "s"], section=["C", "C", "H"])
    own = replace(OFFICE, where={"section": frozenset({"C"})}, strata=("district",))
    made = frame_of(decisions, own, rules, history=history_of(None, rules))
    assert made.drawn_from.select("enterprise", "stratum").rows() == [("x", "C/n"), ("y", "B/s")]


def test_rows_are_read_from_their_bits() -> None:
    """Lindian by rows: the entry of each enterprise is the row that held."""
    book = rg.load("cn/lindian-2024").at("2026-11-01")
    cases = [case for case in book.cases if case.expect.get("grade")]
    table = pl.DataFrame(
        [{"enterprise": str(n), **{fact: case.facts.get(fact) for fact in book.facts}} for n, case in enumerate(cases)], infer_schema_length=None
    )
    from regengine.inspection.rules import rules_of

    decided = book.decide_frame(table)
    ruled = rules_of(book.program)
    made = frame_of(decided, OFFICE, ruled, history=history_of(None, ruled))
    entries = dict([*made.drawn_from.select("enterprise", "entry").iter_rows(), *made.left_out.select("enterprise", "entry").iter_rows()])
    grades = dict(decided.select("enterprise", "grade").iter_rows())
    assert len(entries) == len(cases) and set(entries.values()) == {"zero", "a", "b", "c", "d"}
    assert all(entries[key] in ("zero", grades[key].lower()) for key in entries)


def test_the_periods_that_a_plan_touches() -> None:
    assert periods_between(dt.date(2026, 5, 20), dt.date(2026, 10, 1), "quarter") == [
        (dt.date(2026, 4, 1), dt.date(2026, 6, 30)), (dt.date(2026, 7, 1), dt.date(2026, 9, 30)), (dt.date(2026, 10, 1), dt.date(2026, 12, 31))
    ]  # fmt: skip


DEPARTMENTS, KINDS = st.sampled_from(["office", "fire"]), st.sampled_from(["draw", "complaint", "case_lead"])


@given(
    classes=st.lists(st.sampled_from("abcde"), min_size=1, max_size=40),
    past=st.lists(st.tuples(st.integers(0, 39), st.integers(0, 500), DEPARTMENTS, KINDS), max_size=60),
    triggered=st.sets(st.integers(0, 39), max_size=3),
)  # fmt: skip
def test_everybody_stands_in_exactly_one_place(
    book: rg.Book, rules: PlanRules, classes: list[str], past: list[tuple[int, int, str, str]], triggered: set[int]
) -> None:
    decisions = book.decide_frame(pl.DataFrame({"enterprise": [f"e{n}" for n in range(len(classes))], "tier": classes}))
    rows = [(f"e{n}", str(dt.date(2025, 6, 1) + dt.timedelta(days=days)), department, kind) for n, days, department, kind in past]
    history = history_of(visits(*rows) if rows else None, rules)
    made = frame_of(decisions, OFFICE, rules, history=history, triggered=frozenset(f"e{n}" for n in triggered))
    together = [key for part in (made.drawn_from, made.required, made.left_out) for key in part.get_column("enterprise")]
    assert sorted(together) == sorted(decisions.get_column("enterprise"))


def test_a_history_says_what_counts(rules: PlanRules) -> None:
    found = history_of(visits(("x", "2026-01-20", "office", "complaint"), ("x", "2026-01-21", "office", "draw")), rules)
    assert found.get_column("counts").to_list() == [False, True]
    with pytest.raises(rg.ProblemError) as raised:
        history_of(pl.DataFrame({"enterprise": ["x"], "date": ["soon"]}), rules)
    assert [(problem.code, problem.place.field) for problem in raised.value.problems] == [("column-missing", "department")]
    with pytest.raises(rg.ProblemError) as raised:
        history_of(pl.DataFrame({"enterprise": ["x"], "date": ["soon"], "department": ["office"]}), rules)
    assert raised.value.problems[0].code == "date-wrong"
