"""A rulebook over time: its periods, the law of a day, and what is not in force."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

import regengine as rg
from regengine.problems import ProblemError
from regengine.rulebook.load import Rulebook, load_rulebook

DATED = """\
rulebook: x/dated
edition: "1"
title: Dated
authority: X
in_force: {from: 2020-01-01, until: 2027-12-31}
audience: internal
basis: illustrative
facts:
  fines: {type: integer, min: 0, max: 10, missing: 0}
indicators:
  conduct:
    items:
      fines:
        points:
          - {when: fines >= 3, give: {2020-01-01: 50, 2024-07-01: 80}}
          - {otherwise: 0}
score: {is: conduct, between: [0, 100], worse: higher}
grades:
  order: [A, B]
  bands: {2019-06-01: {A: "[0, 60)", B: "[60, 100]"}, 2023-01-01: {A: "[0, 40)", B: "[40, 100]"}}
inspection:
  by_grade: {A: {ratio: 1%}, B: {ratio: {2020-01-01: 10%, 2024-07-01: 1/3}}}
"""


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def loaded(text: str, folder: Path) -> Rulebook:
    path = folder / "dated.yaml"
    path.write_text(text, encoding="utf-8")
    return load_rulebook(path)


def refused(text: str, folder: Path) -> list[tuple[str, int | None, int | None, str]]:
    with pytest.raises(ProblemError) as caught:
        loaded(text, folder)
    return [(problem.code, problem.place.line, problem.place.column, problem.message) for problem in caught.value.problems]


def ratio_of_b(rulebook: Rulebook, law_at: str) -> Fraction | None:
    inspection = rulebook.at(day(law_at)).document.inspection
    assert inspection is not None and inspection.by_grade is not None
    ratio = inspection.by_grade["B"].ratio
    assert ratio is not None
    return ratio.at_least


def points_of(rulebook: Rulebook, law_at: str) -> Decimal:
    rows = rulebook.at(day(law_at)).document.indicators["conduct"].items["fines"].points
    assert rows is not None
    return rows[0].points


def test_periods_begin_where_a_value_changes(tmp_path: Path) -> None:
    rulebook = loaded(DATED, tmp_path)
    # the change of 2019 is before the rulebook: it is in force from the first day
    assert rulebook.change_days == (day("2020-01-01"), day("2023-01-01"), day("2024-07-01"))
    assert rulebook.until == day("2027-12-31")
    assert rulebook.latest.since == day("2024-07-01")


@pytest.mark.parametrize(
    ("law_at", "since", "points", "band", "ratio"),
    [
        ("2020-01-01", "2020-01-01", 50, "[0, 60)", Fraction(1, 10)),
        ("2022-12-31", "2020-01-01", 50, "[0, 60)", Fraction(1, 10)),
        ("2023-01-01", "2023-01-01", 50, "[0, 40)", Fraction(1, 10)),
        ("2024-06-30", "2023-01-01", 50, "[0, 40)", Fraction(1, 10)),
        ("2024-07-01", "2024-07-01", 80, "[0, 40)", Fraction(1, 3)),
        ("2027-12-31", "2024-07-01", 80, "[0, 40)", Fraction(1, 3)),
    ],
)
def test_the_law_of_a_day(law_at: str, since: str, points: int, band: str, ratio: Fraction, tmp_path: Path) -> None:
    rulebook = loaded(DATED, tmp_path)
    law = rulebook.at(day(law_at))
    assert law.since == day(since)
    assert points_of(rulebook, law_at) == points
    assert law.document.grades.bands is not None
    assert law.document.grades.bands["A"].text == band
    assert ratio_of_b(rulebook, law_at) == ratio


@pytest.mark.parametrize("law_at", ["2019-12-31", "2019-06-01", "0001-01-01", "2028-01-01"])
def test_outside_the_time_in_force(law_at: str, tmp_path: Path) -> None:
    rulebook = loaded(DATED, tmp_path)
    with pytest.raises(ProblemError) as caught:
        rulebook.at(day(law_at))
    (problem,) = caught.value.problems
    assert problem.code == "not-in-force"
    assert problem.message == f"`x/dated` is in force from 2020-01-01 until 2027-12-31, not on {law_at}"


def test_the_digest_is_that_of_a_period(tmp_path: Path) -> None:
    rulebook = loaded(DATED, tmp_path)
    digest = {law_at: rulebook.at(day(law_at)).digest for law_at in ("2020-01-01", "2022-12-31", "2023-01-01", "2024-06-30", "2024-07-01", "2026-01-01")}
    assert digest["2020-01-01"] == digest["2022-12-31"]
    assert digest["2023-01-01"] == digest["2024-06-30"]
    assert digest["2024-07-01"] == digest["2026-01-01"]
    assert len(set(digest.values())) == 3


def test_a_period_has_the_digest_of_the_same_text_without_dates(tmp_path: Path) -> None:
    plain = DATED.replace("{2020-01-01: 50, 2024-07-01: 80}", "50").replace("{2020-01-01: 10%, 2024-07-01: 1/3}", "10%")
    plain = plain.replace('{2019-06-01: {A: "[0, 60)", B: "[60, 100]"}, 2023-01-01: {A: "[0, 40)", B: "[40, 100]"}}', '{A: "[0, 60)", B: "[60, 100]"}')
    assert loaded(plain, tmp_path).change_days == (day("2020-01-01"),)
    assert loaded(plain, tmp_path).latest.digest == loaded(DATED, tmp_path).at(day("2021-05-05")).digest


def test_a_law_decides_as_of_its_day(tmp_path: Path) -> None:
    (tmp_path / "dated.yaml").write_text(DATED, encoding="utf-8")
    book = rg.load(tmp_path / "dated.yaml")
    # two days, never mixed: the law of 2022 on facts of 2026, and the law of the facts' own day
    assert book.at("2022-01-01").decide({"fines": 3}, as_of="2026-01-01").grade == "A"
    assert book.decide({"fines": 3}, as_of="2022-12-31").grade == "A"
    assert book.decide({"fines": 3}, as_of="2023-01-01").grade == "B"
    decision = book.at("2022-01-01").decide({"fines": 3}, as_of="2026-01-01")
    assert (decision.law_at, decision.as_of) == (day("2022-01-01"), day("2026-01-01"))


def test_a_value_before_its_first_date(tmp_path: Path) -> None:
    rulebook = loaded(DATED.replace("A: {ratio: 1%}", "A: {ratio: {2021-01-01: 1%}}"), tmp_path)
    assert rulebook.change_days[0] == day("2020-01-01")
    assert rulebook.at(day("2021-01-01")).since == day("2021-01-01")
    with pytest.raises(ProblemError) as caught:
        rulebook.at(day("2020-12-31"))
    (problem,) = caught.value.problems
    assert (problem.code, problem.place.path) == ("not-in-force", "inspection.by_grade.A.ratio")
    assert problem.message == "`inspection.by_grade.A.ratio` has no value on 2020-12-31"


def test_a_value_that_never_comes_into_force(tmp_path: Path) -> None:
    text = DATED.replace("A: {ratio: 1%}", "A: {ratio: {2028-01-01: 1%}}")
    assert refused(text, tmp_path) == [("not-in-force", 22, 25, "`inspection.by_grade.A.ratio` never has a value while the rulebook is in force")]


def test_a_change_after_the_last_day_is_no_period(tmp_path: Path) -> None:
    rulebook = loaded(DATED.replace("A: {ratio: 1%}", "A: {ratio: {2020-01-01: 1%, 2028-01-01: 5%}}"), tmp_path)
    assert rulebook.latest.since == day("2024-07-01")


def test_a_change_on_the_last_day_is_one(tmp_path: Path) -> None:
    rulebook = loaded(DATED.replace("A: {ratio: 1%}", "A: {ratio: {2020-01-01: 1%, 2027-12-31: 5%}}"), tmp_path)
    assert rulebook.latest.since == day("2027-12-31")


def test_every_period_is_proved(tmp_path: Path) -> None:
    text = DATED.replace('2023-01-01: {A: "[0, 40)"', '2023-01-01: {A: "[0, 30)"').replace("2024-07-01: 80", "2024-07-01: 101")
    assert refused(text, tmp_path) == [
        ("range-exceeded", 17, 31, "the score can reach 0 to 101, which leaves `between`"),
        ("table-gap", 20, 67, "no row covers 30 to 39"),
    ]


def test_a_fault_of_all_periods_is_told_once(tmp_path: Path) -> None:
    assert refused(DATED.replace("fines >= 3", "fine >= 3"), tmp_path) == [("name-unknown", 15, 20, "`fine` is not declared")]


def test_a_mapping_with_other_keys_than_days_is_not_dated(tmp_path: Path) -> None:
    assert refused(DATED.replace("{A: {ratio: 1%}, B:", "{2020-01-01: {ratio: 1%}, B:"), tmp_path) == [
        ("table-gap", 22, 13, "the grade `A` has no outcome"),
        ("category-unknown", 22, 14, "`2020-01-01` is not a grade"),
    ]


@pytest.mark.parametrize("key", ["2020-02-30", "2021-02-29", "2020-13-01"])
def test_a_dated_value_of_no_real_day(key: str, tmp_path: Path) -> None:
    text = DATED.replace("2024-07-01: 1/3", f"{key}: 1/3")
    assert refused(text, tmp_path) == [("date-wrong", 22, 59, f"`{key}` is not a real day")]


def test_a_section_may_be_dated(tmp_path: Path) -> None:
    text = DATED.replace("inspection:\n  by_grade:", "inspection:\n  2020-01-01: {by_grade: {A: {ratio: 5%}, B: {ratio: 50%}}}\n  2022-01-01:\n    by_grade:")
    rulebook = loaded(text, tmp_path)
    assert ratio_of_b(rulebook, "2021-12-31") == Fraction(1, 2)
    assert ratio_of_b(rulebook, "2022-01-01") == Fraction(1, 10)
    assert ratio_of_b(rulebook, "2024-07-01") == Fraction(1, 3)


def test_without_an_end_the_law_goes_on(tmp_path: Path) -> None:
    rulebook = loaded(DATED.replace(", until: 2027-12-31", ""), tmp_path)
    assert rulebook.until is None
    assert rulebook.at(day("9999-12-31")).since == day("2024-07-01")
