"""A decision: what it says, why, why not better, what would lift it. Expected values are worked out from the rulebook's text."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

import regengine as rg

HENAN = rg.load("cn/henan-2022").at("2026-11-01")
CLEAN: dict[str, Any] = {"enterprise": "91410100MA0000000X", "serious_dishonesty": False}


def test_the_example_of_the_readme() -> None:
    decision = HENAN.decide({**CLEAN, "penalties_24m": 3, "report_overdue": True, "fines_24m": Decimal("0.01")})
    # supervision 200 + 10, dynamics 80
    assert decision.grade == "B"
    assert decision.score == 290
    assert decision.families == {"attributes": 0, "dynamics": 80, "supervision": 210, "relations": 0, "social": 0}
    assert [(reason.rule, reason.points, reason.basis) for reason in decision.reasons] == [
        ("dynamics.annual_report.1", 80, "illustrative"),
        ("supervision.penalties.1", 200, "illustrative"),
        ("supervision.fines.2", 10, "illustrative"),
        ("grades.B", None, "published"),
    ]
    assert decision.reasons[1].text("en") == "Administrative penalties: 3 or more penalties in 24 months"
    assert decision.reasons[1].text("zh") == "行政处罚：近24个月行政处罚3次及以上"
    assert decision.reasons[3].text("en") == "B (general credit risk): score in [200, 500)"
    assert decision.reasons[3].text("zh") == "B（信用风险一般）：得分 [200, 500)"
    assert [str(cite) for cite in decision.reasons[3].citations] == ["豫市监办〔2022〕100号"]
    assert decision.graded_by == "grades.B"
    assert decision.inspection is not None
    assert decision.inspection.ratio is not None
    assert (decision.inspection.ratio.at_least, decision.inspection.ratio.at_most) == (Fraction(1, 50), Fraction(1, 50))
    assert [path.id for path in decision.service.offered] == ["commitment", "tolerance", "ordinary"]
    assert decision.law_at == decision.as_of == dt.date(2026, 11, 1)
    assert (decision.rulebook, decision.edition, len(decision.digest)) == ("cn/henan-2022", "1.0", 64)


def test_direct_judgement_tells_the_rule_that_changed_the_grade() -> None:
    decision = HENAN.decide({**CLEAN, "serious_dishonesty": True, "judgment_defaulter": True, "social_concern": True})
    assert (decision.grade_before, decision.grade, decision.graded_by) == ("A", "D", "adjust.serious")
    # the defaulter and the concern rule held too, though the grade was D by then
    assert [reason.rule for reason in decision.reasons] == ["grades.A", "adjust.serious", "adjust.defaulter", "adjust.concern"]


def test_missing_values_are_told() -> None:
    decision = HENAN.decide(CLEAN)
    assert "penalties_24m" in decision.filled
    assert decision.unknown == ("opened", "permit_expires", "liability_ratio")
    assert decision.facts["penalties_24m"] == 0
    assert decision.facts["opened"] is None
    assert len(decision.filled) + len(decision.unknown) + 1 == len(HENAN.facts) == 42


def test_refused_paths_tell_the_condition_that_failed() -> None:
    decision = HENAN.decide({**CLEAN, "commitment_declined": True, "main_papers_complete": False, "false_commitment": True})
    assert {path.id: path.failed for path in decision.service.refused} == {
        "commitment": ("not commitment_declined", "not commitment_barred"),
        "tolerance": ("main_papers_complete", "not false_commitment"),
    }
    assert decision.service.path is not None
    assert decision.service.path.id == "ordinary"


def test_why_not_measures_the_score() -> None:
    # 120 + 80 + 2 × 15 = 230, held at the family's 200: 1 over the 199 that A allows
    decision = HENAN.decide({**CLEAN, "abnormal_listed": True, "report_overdue": True, "representative_changes_24m": 2})
    assert (decision.grade, decision.score) == ("B", 200)
    (better,) = decision.why_not()
    assert better.grade == "A"
    (obstacle,) = better.obstacles
    assert (obstacle.by, obstacle.unit) == (1, "points")
    assert obstacle.text("en") == "the score is 200 and must be at most 199: 1 too many"
    assert obstacle.text("zh") == "得分为200，须不高于199，超出1"


def test_why_not_names_every_rule_in_the_way() -> None:
    decision = HENAN.decide({**CLEAN, "serious_dishonesty": True, "social_concern": True})
    found = {one.grade: [obstacle.rule for obstacle in one.obstacles] for one in decision.why_not()}
    assert found == {"C": ["adjust.serious"], "B": ["adjust.serious", "adjust.concern"], "A": ["adjust.serious", "adjust.concern"]}
    (only,) = decision.why_not("C")
    assert only.obstacles[0].facts == {"serious_dishonesty": True}
    with pytest.raises(rg.ProblemError, match="`E` is not a grade"):
        decision.why_not("E")


def test_the_best_grade_has_nothing_in_its_way() -> None:
    decision = HENAN.decide(CLEAN)
    assert decision.why_not() == ()
    assert decision.nearest_better().changes == ()
    assert decision.nearest_better().grade is None


def test_nearest_better_changes_the_fewest_facts() -> None:
    # 120 + 80 = 200: either one alone is enough; the overdue report is the cheaper by name, both are one step
    decision = HENAN.decide({**CLEAN, "abnormal_listed": True, "report_overdue": True})
    lift = decision.nearest_better()
    assert lift.grade == "A"
    assert [(change.fact, change.now, change.needed) for change in lift.changes] == [("abnormal_listed", True, False)]
    assert lift.complete


def test_nearest_better_takes_the_smallest_step_of_a_number() -> None:
    # 4 findings give 120 and 2 checks 80; three findings (90) are enough for A
    decision = HENAN.decide({**CLEAN, "uncorrected_findings": 4, "failed_checks_12m": 2})
    assert (decision.grade, decision.score) == ("B", 200)
    lift = decision.nearest_better()
    assert [(change.fact, change.now, change.needed) for change in lift.changes] == [("uncorrected_findings", 4, 3)]


def test_nearest_better_needs_two_facts_where_one_is_not_enough() -> None:
    decision = HENAN.decide({**CLEAN, "serious_dishonesty": True, "judgment_defaulter": True})
    lift = decision.nearest_better()
    assert lift.grade == "A"
    assert [(change.fact, change.needed) for change in lift.changes] == [("serious_dishonesty", False), ("judgment_defaulter", False)]
    assert "runs" in lift.bound("en")


def test_what_cannot_be_changed_is_not_proposed() -> None:
    # penalties are history: 200 points of them alone cannot be put right
    decision = HENAN.decide({**CLEAN, "penalties_24m": 3})
    lift = decision.nearest_better()
    assert (decision.grade, lift.grade, lift.changes) == ("B", None, ())
    assert lift.complete


def test_hud_measures_towards_a_higher_score() -> None:
    book = rg.load("us/hud-reac")
    decision = book.decide({"enterprise": "1", "inspection_score": 78}, as_of="2015-01-28")
    assert [(one.grade, [o.by for o in one.obstacles]) for one in decision.why_not()] == [("standard_2", [2]), ("standard_1", [12])]
    lift = decision.nearest_better()
    assert [(change.fact, change.now, change.needed) for change in lift.changes] == [("inspection_score", 78, 80)]


def test_as_dict_is_plain_json() -> None:
    decision = HENAN.decide({**CLEAN, "penalties_24m": 3})
    data = json.loads(json.dumps(decision.as_dict("en"), ensure_ascii=False))
    assert data["grade"] == "B"
    assert data["inspection"]["ratio"] == {"at_least": "2%", "at_most": "2%"}
    assert data["reasons"][0]["words"] == "Administrative penalties: 3 or more penalties in 24 months"
    assert data["rulebook"]["digest"] == HENAN.digest
    both = decision.as_dict()
    assert both["reasons"][0]["words"] == {"en": "Administrative penalties: 3 or more penalties in 24 months", "zh": "行政处罚：近24个月行政处罚3次及以上"}


@pytest.mark.parametrize(
    ("facts", "code", "field", "hint"),
    [
        ({}, "fact-missing", "serious_dishonesty", None),
        ({"serious_dishonesty": None}, "fact-missing", "serious_dishonesty", None),
        ({"serious_dishonesty": float("nan")}, "fact-missing", "serious_dishonesty", None),
        ({"serious_dishonesty": 1}, "fact-wrong-type", "serious_dishonesty", "write true or false"),
        ({**CLEAN, "penalties_24m": 1.5}, "fact-wrong-type", "penalties_24m", None),
        ({**CLEAN, "penalties_24m": -1}, "fact-out-of-range", "penalties_24m", None),
        ({**CLEAN, "penalties_24m": 10**5000}, "fact-out-of-range", "penalties_24m", None),
        ({**CLEAN, "penalties_24m": Decimal("1E999999")}, "fact-out-of-range", "penalties_24m", None),
        ({**CLEAN, "fines_24m": 10**400}, "fact-out-of-range", "fines_24m", None),
        ({**CLEAN, "fines_24m": Decimal("0.001")}, "fact-wrong-type", "fines_24m", "at most 2 decimal places"),
        ({**CLEAN, "fines_24m": 0.125}, "fact-wrong-type", "fines_24m", "at most 2 decimal places"),
        ({**CLEAN, "tax_grade": "E"}, "fact-unknown-value", "tax_grade", "known: `A`, `B`, `C`, `D`, `M`, `unrated`"),
        ({**CLEAN, "size_class": "smal"}, "fact-unknown-value", "size_class", "did you mean `small`?"),
        ({**CLEAN, "opened": "2026-02-30"}, "fact-wrong-type", "opened", "write YYYY-MM-DD"),
        ({**CLEAN, "opened": dt.datetime(2026, 1, 1, 12)}, "fact-wrong-type", "opened", "a day has no time of day"),
        ({**CLEAN, "penalties_24": 1}, "fact-unknown-name", "penalties_24", "did you mean `penalties_24m`?"),
    ],
)
def test_bad_facts_are_told_with_their_name(facts: dict[str, Any], code: str, field: str, hint: str | None) -> None:
    with pytest.raises(rg.ProblemError) as caught:
        HENAN.decide(facts)
    (problem,) = caught.value.problems
    assert (problem.code, problem.place.field, problem.hint) == (code, field, hint)
    assert problem.place.key == facts.get("enterprise")


def test_numpy_and_pandas_values_are_taken_as_what_they_are() -> None:
    import numpy as np
    import pandas as pd

    facts = {
        "serious_dishonesty": np.bool_(False),
        "penalties_24m": np.int64(3),
        "fines_24m": np.float64(0.5),
        "opened": pd.Timestamp("2020-01-01"),
        "tax_grade": None,
    }
    decision = HENAN.decide(facts)
    assert (decision.score, decision.facts["opened"]) == (210, dt.date(2020, 1, 1))


def test_dates() -> None:
    book = rg.load("cn/henan-2022")
    with pytest.raises(rg.ProblemError, match="date-missing"):
        book.decide(CLEAN)
    with pytest.raises(rg.ProblemError, match="not-in-force"):
        book.at("2022-07-24")
    with pytest.raises(rg.ProblemError, match="not-in-force"):
        book.decide(CLEAN, as_of="2022-07-24")
    decision = book.at("2026-01-01").decide(CLEAN, as_of="2021-01-01")
    assert (decision.law_at, decision.as_of) == (dt.date(2026, 1, 1), dt.date(2021, 1, 1))
    with pytest.raises(rg.ProblemError, match="2021-02-29"):
        book.at("2021-02-29")


def test_numbers_with_places_are_written_without_idle_zeros() -> None:
    book = rg.load("ca/toronto-dinesafe")
    decision = book.decide({"visits": 2, "minor": 1, "significant": 1}, as_of="2010-01-01")
    (better,) = decision.why_not()
    assert better.obstacles[0].text("en") == "the score is 4 and must be at most 3.9999: 0.0001 too many"
    assert decision.score == 4
