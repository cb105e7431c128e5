"""What a rulebook's `inspection` says, as plans read it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

import regengine as rg
from regengine.inspection.outcomes import check_ratios, outcomes_of
from regengine.inspection.quotas import check_caps, quotas_of, strata_of
from regengine.inspection.rules import PlanRules, VisitCap, period_of, rules_of
from regengine.rulebook.values import parse_day

HENAN = rg.load("cn/henan-2022").at("2026-11-01")


def test_shares_of_henan_by_class_with_the_clause_behind_each() -> None:
    found = outcomes_of(HENAN.program)
    assert [(one.id, one.rank, one.ratio_at_least, one.ratio_at_most) for one in found] == [
        ("A", 0, Fraction(1, 100), None),
        ("B", 1, Fraction(2, 100), Fraction(2, 100)),
        ("C", 2, Fraction(10, 100), Fraction(10, 100)),
        ("D", 3, Fraction(30, 100), Fraction(30, 100)),
    ]
    assert found[0].clause == "inspection.A: 豫市监办〔2022〕100号; 国市监信发〔2022〕6号"
    assert found[0].initiative == "on_trigger" and found[0].drawn and not found[0].required
    assert found[3].manner == ("site",)


def test_rows_stand_in_the_order_of_what_they_ask_for() -> None:
    """Lindian: zero-risk entities are drawn by no share, then 5 % at most, 5, 21 and 61 % at least."""
    found = outcomes_of(rg.load("cn/lindian-2024").at("2026-11-01").program)
    assert [(one.id, one.ratio()) for one in found] == [
        ("zero", 0), ("a", Fraction(5, 100)), ("b", Fraction(5, 100)), ("c", Fraction(21, 100)), ("d", Fraction(61, 100))
    ]  # fmt: skip
    assert found[2].visits_at_least == 1 and not found[2].required  # once a year for those that are drawn


def test_a_floor_is_met_and_a_ceiling_is_not_passed(rules: PlanRules) -> None:
    """5 % at most of 30 is 1.5: one; of 19 it is 0.95: none. 10 % at least of 31 is 3.1: four."""
    quotas = quotas_of(rules, {"B": 30, "C": 31, "B/north": 19})
    assert {name: quota.number(n) for (name, quota), n in zip(sorted(quotas.items()), (30, 19, 31), strict=True)} == {"B": 1, "B/north": 0, "C": 4}


def test_a_chosen_share_stays_inside_what_the_rulebook_allows(rules: PlanRules) -> None:
    assert quotas_of(rules, {"C": 50}, {"C": Fraction(1, 4)})["C"].number(50) == 13
    by = {one.id: one for one in rules.outcomes}
    for share, allowed in ((Fraction(1, 20), "at least 1/10 and at most 2/5"), (Fraction(1, 2), "at least 1/10 and at most 2/5")):
        with pytest.raises(rg.ProblemError) as raised:
            check_ratios(by, {"C": share})
        assert raised.value.problems[0].code == "draw-quota" and allowed in str(raised.value.problems[0].hint)
    with pytest.raises(rg.ProblemError) as raised:
        check_ratios(by, {"X": Fraction(1, 2), "D": Fraction(1, 2)})
    assert [problem.message for problem in raised.value.problems] == [
        "the rulebook has no entry `X` in `inspection`", "`D` has no share to draw in the rulebook"
    ]  # fmt: skip


def test_a_stratum_without_a_share_is_told(rules: PlanRules) -> None:
    with pytest.raises(rg.ProblemError) as raised:
        quotas_of(rules, {"A": 3, "C": 5})
    (problem,) = raised.value.problems
    assert problem.code == "draw-quota" and "`A`" in problem.message


def test_inclusion_probabilities_are_exact_with_the_floor(rules: PlanRules) -> None:
    """60 of B and 40 of C: 3 and 4 are drawn, 93 remain, 1 % of them is 0.93: one. B: 3/60 + 57/60 × 1/93; C: 4/40 + 36/40 × 1/93."""
    population = {"B": 60, "C": 40}
    strata, floor = strata_of("office", rules, quotas_of(rules, population), population, Fraction(1, 100))
    assert floor == 1
    assert [(one.stratum, one.drawn, one.probability) for one in strata] == [
        ("B", 3, Fraction(1, 20) + Fraction(57, 60) * Fraction(1, 93)), ("C", 4, Fraction(1, 10) + Fraction(36, 40) * Fraction(1, 93))
    ]  # fmt: skip
    assert sum(one.probability * one.population for one in strata) == 8  # as many as are drawn


def test_a_cap_below_what_is_required_is_told_before_anything_is_drawn(rules: PlanRules) -> None:
    check_caps(rules)
    for cap, said in ((VisitCap(1, "year", "authority", ()), "1 a year"), (VisitCap(0, "month", "all", ()), "0 a month")):
        with pytest.raises(rg.ProblemError) as raised:
            check_caps(replace(rules, caps=(cap,)))
        first = raised.value.problems[0]
        assert first.code == "plan-rules" and first.message == f"`D` requires 2 visits a year, and the cap allows {said}"
    check_caps(replace(rules, caps=(VisitCap(1, "half-year", "authority", ()),)))  # twice a year fits once in each half


def test_what_is_excepted_from_caps_and_quiet_times(rules: PlanRules) -> None:
    assert [rules.counts(kind) for kind in ("draw", "floor", "required", "complaint", "case_lead")] == [True, True, True, False, True]
    assert [(cap.entry, cap.visits) for cap in rules.caps] == [(None, 2), (None, 4), ("D", 4)]
    assert rules.quiet_for("complaint") == () and rules.quiet_for("case_lead") == (0,)
    assert rules.closed((0,), parse_day("2026-03-15")) and not rules.closed((0,), parse_day("2026-03-16")) and not rules.closed((), parse_day("2026-03-15"))
    assert rules.gap_days == 30


@pytest.mark.parametrize(
    ("day", "per", "period"),
    [("2026-06-30", "year", (2026, 0)), ("2026-06-30", "half-year", (2026, 0)), ("2026-07-01", "half-year", (2026, 1)), ("2026-07-01", "quarter", (2026, 2)),
     ("2026-12-31", "month", (2026, 11))],
)  # fmt: skip
def test_periods_are_those_of_the_calendar(day: str, per: str, period: tuple[int, int]) -> None:
    assert period_of(parse_day(day), per) == period


def test_a_rulebook_without_inspections_makes_no_plan() -> None:
    with pytest.raises(rg.ProblemError) as raised:
        rules_of(rg.load("cn/tolerance-2019").at("2026-11-01").program)
    assert raised.value.problems[0].code == "plan-rules"
