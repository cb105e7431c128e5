"""Results of visits: what is recorded and refused, and discovery rates by hand, over every possible draw, and over many draws of a known population."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from itertools import combinations, product
from pathlib import Path
from statistics import mean
from typing import Any

import polars as pl
import pytest

import regengine as rg
from regengine.inspection.discovery import Design, Interval, by_kind, discovery, variance, weighted, wilson
from regengine.inspection.draw import Quota, draw
from regengine.inspection.frame import history_of
from regengine.inspection.results import Recorded, record
from regengine.inspection.rules import PlanRules
from regengine.inspection.tables import VISITS
from regengine.problems import ProblemError

MARCH = dt.date(2026, 3, 2)


def visit(name: str, **more: Any) -> dict[str, Any]:
    """A visit of a plan for March 2026; the name is its id and its enterprise."""
    return {
        "visit": name, "trip": name, "joint": False, "date": MARCH, "department": "market", "enterprise": name, "district": "-", "grade": "B", "stratum": "B",
        "kind": "draw", "kind_en": "Double-random draw", "kind_zh": "双随机抽查", "debt": False, "earliest": dt.date(2026, 3, 1),
        "latest": dt.date(2026, 3, 31),
        **more,
    }  # fmt: skip


def plan(*visits: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([*visits], schema=VISITS)


PLAN = plan(visit("a"), visit("b"), visit("c", date=dt.date(2026, 3, 20)), visit("d", date=None), visit("e", kind="complaint"))


def findings(*rows: tuple[Any, ...]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"visit": pl.String, "date": pl.String, "finding": pl.String}, orient="row")


def faults(table: pl.DataFrame, **how: Any) -> list[tuple[str, int | None, str | None, str]]:
    with pytest.raises(ProblemError) as caught:
        record(PLAN, table, **how)
    return [(problem.code, problem.place.row, problem.place.field, problem.message) for problem in caught.value.problems]


# what comes back


def test_findings_become_entries_of_a_register(rules: PlanRules) -> None:
    table = findings(("b", "2026-03-05", "problem"), ("a", "2026-03-02", "pass"), ("e", "2026-03-04", "not_found"))
    more = table.with_columns(known=pl.Series([None, "2026-03-09", None]), severity=pl.Series(["serious", None, None]), note=pl.lit(" "))
    recorded = record(PLAN, more)
    assert recorded.entries.rows() == [
        ("a", "a", MARCH, dt.date(2026, 3, 9), "market", "draw", "B", "pass", None, None, True),
        ("e", "e", dt.date(2026, 3, 4), dt.date(2026, 3, 4), "market", "complaint", "B", "not_found", None, None, False),
        ("b", "b", dt.date(2026, 3, 5), dt.date(2026, 3, 5), "market", "draw", "B", "problem", "serious", None, True),
    ]  # fmt: skip
    # a later plan reads them as earlier visits
    assert history_of(recorded.entries, rules).select("enterprise", "date", "department", "kind").rows()[0] == ("a", MARCH, "market", "draw")


REGISTERED = """\
rulebook: xx/visited
edition: "1"
title: {en: By past visits}
authority: {en: Nobody}
in_force: {from: 2020-01-01}
audience: internal
basis: illustrative
registers:
  visits:
    {key: enterprise, date: date, known: known, id: visit, columns: {finding: {type: category, values: [pass, problem, not_found, refused], missing: reject}}}
facts:
  problems: {type: integer, min: 0, max: 100, missing: 0, from: {count: visits, where: finding == "problem", within: 12 months}}
grades: {order: [A, B], rows: [{when: problems >= 1, grade: B, id: b}, {otherwise: A, id: a}]}
"""


def test_entries_are_a_register_from_which_facts_are_worked_out(tmp_path: Path) -> None:
    """What was found on the 5th was known on the 9th."""
    path = tmp_path / "xx" / "visited.yaml"
    path.parent.mkdir()
    path.write_text(REGISTERED, encoding="utf-8")
    book = rg.load(path)
    table = findings(("a", "2026-03-05", "problem"), ("b", "2026-03-05", "pass")).with_columns(known=pl.lit("2026-03-09"))
    entries = record(PLAN, table).entries
    enterprises = pl.DataFrame({"enterprise": ["a", "b", "c"]})
    for known_at, problems in (("2026-03-08", [0, 0, 0]), ("2026-03-09", [1, 0, 0])):
        assert book.work_out(enterprises, {"visits": entries}, as_of="2026-03-08", known_at=known_at).facts["problems"].to_list() == problems


def test_visits_without_a_result_are_open_and_missed_when_their_day_is_over() -> None:
    recorded = record(PLAN, findings(("a", "2026-03-05", "pass")))
    assert recorded.as_of == dt.date(2026, 3, 5)
    assert recorded.open.select("visit", "missed").rows() == [("b", True), ("c", False), ("d", False), ("e", True)]
    assert recorded.open.columns == [*VISITS.names(), "missed"]
    later = record(PLAN, findings(("a", "2026-03-05", "pass")), as_of=dt.date(2026, 3, 20))
    assert later.open.filter("missed")["visit"].to_list() == ["b", "c", "e"]  # d never had a day


def test_results_and_open_visits_are_the_plan() -> None:
    recorded = record(PLAN, findings(("c", "2026-03-05", "refused"), ("d", "2026-03-30", "pass")))
    assert sorted([*recorded.entries["visit"], *recorded.open["visit"]]) == PLAN["visit"].to_list()
    assert recorded.visits["finding"].to_list() == [None, None, "refused", "pass", None]


def test_the_same_result_twice_counts_once() -> None:
    recorded = record(PLAN, findings(("a", "2026-03-05", "pass"), ("a", " 2026-03-05", "pass ")))
    assert (len(recorded.entries), recorded.repeated) == (1, 1)


def test_no_findings_are_no_fault() -> None:
    recorded = record(PLAN, findings())
    assert (len(recorded.entries), len(recorded.open), recorded.as_of) == (0, 5, None)
    assert not recorded.open["missed"].any()


def test_days_may_be_dates_or_times() -> None:
    table = pl.DataFrame({"visit": ["a", "b"], "date": [dt.datetime(2026, 3, 5, 14, 30), dt.datetime(2026, 3, 6)], "finding": ["pass", "pass"]})
    assert record(PLAN, table).entries["date"].to_list() == [dt.date(2026, 3, 5), dt.date(2026, 3, 6)]


def test_every_fault_is_told_and_nothing_is_recorded() -> None:
    table = findings(
        ("z", "2026-03-05", "pass"), (None, "2026-03-05", "pass"), ("a", "2026-03-05", "passed"), ("a", None, "pass"), ("a", "2026-02-30", "pass"),
        ("a", "2026-02-28", None), ("b", "2026-03-05", "pass"), ("b", "2026-03-05", "problem"), ("c", "2026-03-05", "pass"),
    )  # fmt: skip
    assert faults(table) == [
        ("finding-wrong", 1, "visit", "the plan has no visit `z`"),
        ("finding-wrong", 2, "visit", "no visit is named"),
        ("finding-wrong", 3, "finding", "`passed` is no finding"),
        ("finding-wrong", 4, "date", "the day of the visit is missing"),
        ("finding-wrong", 5, "date", "`2026-02-30` is not a real day"),
        ("finding-wrong", 6, "finding", "it is not said what was found"),
        ("finding-wrong", 6, "date", "2026-02-28 is before the plan, which begins on 2026-03-01"),
        ("finding-wrong", 8, "visit", "row 7 says something else of this visit"),
    ]


def test_days_that_do_not_fit_together() -> None:
    table = findings(("a", "2026-03-05", "pass"), ("b", "2026-03-09", "pass")).with_columns(known=pl.Series(["2026-03-04", None]))
    assert faults(table, as_of=dt.date(2026, 3, 8)) == [
        ("finding-wrong", 1, "known", "it was known on 2026-03-04, before the visit on 2026-03-05"),
        ("finding-wrong", 2, "date", "2026-03-09 is after 2026-03-08, up to which results have come in"),
    ]


def test_columns_that_are_missing_are_told_together() -> None:
    assert faults(pl.DataFrame({"visit": ["a"], "day": ["2026-03-05"]})) == [
        ("column-missing", None, "date", "the findings have no column `date`"),
        ("column-missing", None, "finding", "the findings have no column `finding`"),
    ]


# rates


def strata(*rows: tuple[str, str, int, int, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["department", "stratum", "population", "drawn", "floor"], orient="row")


def recorded_of(*groups: tuple[int, dict[str, Any]]) -> Recorded:
    """A plan whose visits came in groups: how many, and what they are; `finding` None is a visit that is not made yet."""
    rows = [(f"{place}-{one}", more) for place, (number, more) in enumerate(groups) for one in range(number)]
    table = plan(*(visit(name, **{key: value for key, value in more.items() if key != "finding"}) for name, more in rows))
    return record(table, findings(*((name, "2026-03-05", more["finding"]) for name, more in rows if more["finding"])))


def grade(name: str, finding: str | None, **more: Any) -> dict[str, Any]:
    return {"grade": name, "stratum": name, "finding": finding, **more}


@pytest.mark.parametrize(
    ("hits", "number", "low", "high"),
    [(5, 20, 0.1119, 0.4687), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (1, 1, 0.2065, 1.0)],
)
def test_wilson(hits: int, number: int, low: float, high: float) -> None:
    found = wilson(hits, number)
    assert found is not None
    assert (found.rate, found.low, found.high) == pytest.approx((hits / number, low, high), abs=5e-5)


def test_no_visits_have_no_rate() -> None:
    assert wilson(0, 0) is None


TWO = (  # of B one of ten has a problem, of D five of ten
    (1, grade("B", "problem")), (9, grade("B", "pass")), (5, grade("D", "problem")), (5, grade("D", "pass")),
)  # fmt: skip


def test_two_strata_by_hand() -> None:
    """10 of 100 and 10 of 20 are drawn: (1 · 10 + 5 · 2) / (10 · 10 + 10 · 2) = 1/6, where the plain rate is 6/20."""
    b, d, all_ = discovery(recorded_of(*TWO), strata(("market", "B", 100, 10, 0), ("market", "D", 20, 10, 0)))
    assert (all_.grade, all_.judged, all_.problems, all_.drawn, all_.why) == (None, 20, 6, 20, None)
    assert all_.naive is not None
    assert all_.weighted is not None
    assert all_.naive.rate == 0.3
    assert all_.weighted.rate == pytest.approx(1 / 6)
    # N² (1 - n/N) s²/n is 90 for B and 5.5556 for D; over 120² that is 0.0066358, the variance of 20.930 simple draws
    assert (all_.weighted.low, all_.weighted.high) == pytest.approx((0.062763, 0.373955), abs=5e-6)
    # within one stratum all weights are equal: the plain rate, with the error of a draw without replacement
    assert (b.grade, d.grade) == ("B", "D")
    assert b.weighted is not None
    assert d.weighted is not None
    assert (b.weighted.rate, d.weighted.rate) == pytest.approx((0.1, 0.5))
    assert (d.weighted.low, d.weighted.high) == pytest.approx((0.290310, 0.709690), abs=5e-6)  # half of D is drawn: 10 are as good as 18


def test_triggered_and_required_visits_have_no_part_in_the_weighted_rate() -> None:
    more = (
        (7, grade("D", "problem", kind="complaint", kind_en="Complaint", kind_zh="投诉")),
        (2, grade("D", "pass", kind="required", kind_en="R", kind_zh="R")),
    )
    recorded = recorded_of(*TWO, *more)
    *_, all_ = discovery(recorded, strata(("market", "B", 100, 10, 0), ("market", "D", 20, 10, 0)))
    assert (all_.judged, all_.problems, all_.drawn) == (29, 13, 20)
    assert all_.weighted is not None
    assert all_.weighted.rate == pytest.approx(1 / 6)
    assert [(one.kind, one.judged, one.problems) for one in by_kind(recorded)] == [("draw", 20, 6), ("complaint", 7, 7), ("required", 2, 0)]


def test_who_was_not_found_or_refused_is_no_pass() -> None:
    others = ((3, grade("B", "not_found")), (2, grade("B", "refused")), (4, grade("B", None)))
    b, *_ = discovery(recorded_of(*TWO, *others), strata(("market", "B", 190, 19, 0), ("market", "D", 20, 10, 0)))
    assert (b.judged, b.problems, b.not_found, b.refused, b.open, b.drawn) == (10, 1, 3, 2, 4, 10)
    assert b.naive is not None
    assert b.weighted is not None
    assert (b.naive.rate, b.weighted.rate) == pytest.approx((0.1, 0.1))


def test_a_stratum_that_was_never_drawn_has_no_weighted_rate_and_neither_have_all() -> None:
    found = discovery(recorded_of(*TWO), strata(("market", "A", 500, 0, 0), ("market", "B", 100, 10, 0), ("market", "D", 20, 10, 0)))
    told = {one.grade: (one.weighted is not None, one.why, one.strata) for one in found}
    assert told == {"A": (False, "never_drawn", ("A",)), "B": (True, None, ()), "D": (True, None, ()), None: (False, "never_drawn", ("A",))}
    # where the strata are no grades, it may hold enterprises of any
    other = recorded_of(*((number, more | {"stratum": "large"}) for number, more in TWO))
    kept = discovery(other, strata(("market", "large", 120, 20, 0), ("market", "small", 9, 0, 0)))
    assert [(one.grade, one.why, one.strata) for one in kept] == [(name, "never_drawn", ("small",)) for name in ("B", "D", None)]


def test_the_random_floor_reaches_who_was_not_drawn() -> None:
    """Of A nobody is drawn but by the floor, 22 of 440: a weight of 20 for the two who passed."""
    floor = (2, grade("A", "pass", kind="floor"))
    *_, all_ = discovery(recorded_of(*TWO, floor), strata(("market", "A", 400, 0, 22), ("market", "B", 60, 30, 22), ("market", "D", 20, 10, 22)))
    chance_b, chance_d = 0.5 + 0.5 * 22 / 440, 0.5 + 0.5 * 22 / 440
    assert all_.why is None
    assert all_.weighted is not None
    assert all_.weighted.rate == pytest.approx((1 / chance_b + 5 / chance_d) / (2 * 20 + 10 / chance_b + 10 / chance_d))


def test_where_one_is_drawn_there_is_a_rate_without_an_interval() -> None:
    single = recorded_of((1, grade("B", "problem")), (5, grade("D", "problem")), (5, grade("D", "pass")))
    *_, all_ = discovery(single, strata(("market", "B", 100, 1, 0), ("market", "D", 20, 10, 0)))
    assert (all_.why, all_.strata) == ("no_pair", ("B",))
    assert all_.weighted == Interval(pytest.approx((100 + 10) / (100 + 20)))


def test_all_alike_has_no_interval() -> None:
    *_, all_ = discovery(recorded_of((5, grade("B", "pass"))), strata(("market", "B", 100, 5, 0)))
    assert (all_.why, all_.weighted) == ("all_alike", Interval(0))


def test_without_a_draw_or_a_result_there_is_no_weighted_rate() -> None:
    *_, none = discovery(recorded_of(*TWO), strata())
    assert (none.why, none.weighted) == ("no_draw", None)
    *_, open_ = discovery(recorded_of((5, grade("B", None))), strata(("market", "B", 100, 5, 0)))
    assert (open_.why, open_.weighted, open_.naive, open_.open) == ("no_results", None, None, 5)
    *_, refused = discovery(recorded_of((5, grade("B", "refused"))), strata(("market", "B", 100, 5, 0)))
    assert (refused.why, refused.weighted, refused.naive, refused.refused) == ("none_judged", None, None, 5)


def test_open_visits_are_as_those_of_their_stratum_that_were_made() -> None:
    """Of ten drawn of B five have a result, one of them a problem: they stand for all 100, so (1 · 20 + 5 · 2) / (5 · 20 + 10 · 2) = 1/4."""
    half = recorded_of((1, grade("B", "problem")), (4, grade("B", "pass")), (5, grade("B", None)), *TWO[2:])
    *_, all_ = discovery(half, strata(("market", "B", 100, 10, 0), ("market", "D", 20, 10, 0)))
    assert all_.weighted is not None
    # N² (1 - n/N) s²/n is 380 for B, as where five are drawn, and 5.5556 for D; over 120² that is 0.026775, the variance of 7.0029 simple draws
    assert all_.weighted.rate == pytest.approx(0.25)
    assert (all_.weighted.low, all_.weighted.high) == pytest.approx((0.066049, 0.611070), abs=5e-6)
    none = recorded_of((10, grade("B", None)), *TWO[2:])
    *_, all_ = discovery(none, strata(("market", "B", 100, 10, 0), ("market", "D", 20, 10, 0)))
    assert (all_.weighted, all_.why, all_.strata) == (None, "no_results", ("B",))


def test_where_everyone_was_drawn_the_rate_is_known() -> None:
    *_, all_ = discovery(recorded_of((5, grade("D", "problem")), (5, grade("D", "pass"))), strata(("market", "D", 10, 10, 0)))
    assert all_.weighted == Interval(0.5, 0.5, 0.5)


def test_each_department_has_a_draw_of_its_own() -> None:
    """The same enterprises drawn by two departments: 1 of 10 at a weight of 10, and 5 of 10 at a weight of 2."""
    fire = [(number, more | {"department": "fire", "grade": "B", "stratum": "B"}) for number, more in TWO[2:]]
    *_, all_ = discovery(recorded_of(*TWO[:2], *fire), strata(("market", "B", 100, 10, 0), ("fire", "B", 20, 10, 0)))
    assert all_.weighted is not None
    assert (all_.weighted.rate, all_.weighted.low) == pytest.approx((1 / 6, 0.062763), abs=5e-6)


def test_a_visit_of_a_stratum_that_no_draw_has_is_refused() -> None:
    with pytest.raises(ProblemError) as caught:
        discovery(recorded_of(*TWO), strata(("market", "B", 100, 10, 0)))
    assert [problem.code for problem in caught.value.problems] == ["draw-record"]


# every draw there can be: 2 of 3 of B, 2 of 4 of D, then 1 of the 3 who remain

VALUES = {("B", 0): 1.0, ("B", 1): 0.0, ("B", 2): 5.0, ("D", 0): 2.0, ("D", 1): 7.0, ("D", 2): 0.0, ("D", 3): 1.0}
SMALL = Design({"B": 3, "D": 4}, {"B": 2, "D": 2}, 1)


def every_draw() -> list[tuple[tuple[str, int], ...]]:
    """All draws of SMALL, each as likely as any other."""
    b, d = ([key for key in VALUES if key[0] == name] for name in "BD")
    first = [(*one, *other) for one, other in product(combinations(b, 2), combinations(d, 2))]
    return [(*drawn, extra) for drawn in first for extra in VALUES if extra not in drawn]


def test_probabilities_of_one_and_of_two_are_those_over_every_draw() -> None:
    draws = every_draw()
    assert len(draws) == 3 * 6 * 3
    for one in VALUES:
        assert SMALL.one(one[0]) == Fraction(sum(one in drawn for drawn in draws), len(draws))
    for one, two in combinations(VALUES, 2):
        assert SMALL.pair(one[0], two[0]) == Fraction(sum(one in drawn and two in drawn for drawn in draws), len(draws))


def test_the_variance_is_right_on_average_over_every_draw() -> None:
    totals, variances = [], []
    for drawn in every_draw():
        expanded = {name: [VALUES[one] / float(SMALL.one(name)) for one in drawn if one[0] == name] for name in "BD"}
        totals.append(sum(map(sum, expanded.values())))
        variances.append(variance(SMALL, expanded))
    assert mean(totals) == pytest.approx(sum(VALUES.values()))
    assert mean(variances) == pytest.approx(mean((total - mean(totals)) ** 2 for total in totals))


# a known population, drawn with many seeds


@pytest.mark.parametrize("made", [1, 2], ids=["all visits made", "half of B open"])
def test_the_weighted_interval_holds_the_truth_about_95_times_in_100_and_the_plain_one_hardly_ever(made: int) -> None:
    """1,000 of B of whom 10 % have a problem and 200 of D of whom 40 % have: 180 of 1,200. A fifth of B and half of D are drawn, and 2 % of the rest."""
    truth, seeds = 180 / 1200, 200
    problems = {f"B{number}" for number in range(100)} | {f"D{number}" for number in range(80)}
    frame = pl.DataFrame({"enterprise": [*(f"B{number}" for number in range(1000)), *(f"D{number}" for number in range(200))]})
    frame = frame.with_columns(stratum=pl.col("enterprise").str.head(1))
    quotas = {"B": Quota(Fraction(1, 5)), "D": Quota(Fraction(1, 2))}
    design = Design({"B": 1000, "D": 200}, {"B": 200, "D": 100}, 18)
    rates, plain_rates, held, plain_held = [], [], 0, 0
    for seed in range(seeds):
        drawn = draw(frame, quotas, draw_id="x/market", seed=str(seed), random_floor=Fraction(1, 50))
        assert len(drawn) == 318
        visits = drawn.select(
            "enterprise", department=pl.lit("market"), grade=pl.col("enterprise").str.head(1), stratum=pl.col("enterprise").str.head(1),
            kind=pl.when(pl.col("stratum") == "floor").then(pl.lit("floor")).otherwise(pl.lit("draw")),
            finding=pl.when((pl.col("stratum") == "B") & (pl.col("position") % made != 0)).then(None)
            .when(pl.col("enterprise").is_in(list(problems))).then(pl.lit("problem")).otherwise(pl.lit("pass")),
        )  # fmt: skip
        found, why, _ = weighted(visits, {"market": design})
        plain = wilson(int((visits["finding"] == "problem").sum()), visits["finding"].count())
        assert why is None
        assert found is not None and found.low is not None and found.high is not None
        assert plain is not None and plain.low is not None and plain.high is not None
        rates.append(found.rate)
        plain_rates.append(plain.rate)
        held += found.low <= truth <= found.high
        plain_held += plain.low <= truth <= plain.high
    assert mean(rates) == pytest.approx(truth, abs=0.005)
    assert 0.90 <= held / seeds <= 0.99
    assert mean(plain_rates) > 1.2 * truth
    assert plain_held / seeds < 0.5
