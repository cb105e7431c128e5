"""Rulebooks that use others: their names, their facts, their dates, and what keeps them apart."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

import regengine as rg
from regengine.problems import ProblemError
from regengine.rulebook.load import Rulebook, load_rulebook

GENERAL = """\
rulebook: x/general
edition: "1"
title: General
authority: X
in_force: {from: 2022-01-01}
audience: internal
basis: illustrative
facts:
  listed: {type: boolean, missing: false}
  fines: {type: integer, min: 0, max: 10, missing: 0}
  age: {type: integer, min: 0, max: 100, missing: unknown}
  since: {type: date, min: 2000-01-01, missing: unknown}
terms: {old: known(age) and age > 10}
score: {is: fines, between: [0, 10], worse: higher}
grades: {order: [A, B, C], bands: {A: "[0, 3)", B: "[3, 7)", C: "[7, 10]"}}
adjust: [{id: listed, when: listed or old, at_best: B}]
"""
FOOD = """\
rulebook: x/food
edition: "1"
title: Food
authority: X
in_force: {from: 2020-01-01}
audience: internal
basis: illustrative
uses: {general: x/general}
facts:
  samples: {type: integer, min: 0, max: 10, missing: 0}
terms: {poor: general.grade == "C" or general.score > 8}
grades: {order: [R1, R2, R3], rows: [{when: poor, grade: R3}, {when: samples > 0, grade: R2}, {otherwise: R1}]}
"""


def write(folder: Path, **texts: str) -> Path:
    """Rulebooks `x/NAME`; the path of the last one."""
    (folder / "x").mkdir(exist_ok=True)
    path = folder
    for name, text in texts.items():
        path = folder / "x" / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
    return path


def loaded(folder: Path, food: str = FOOD, general: str = GENERAL) -> Rulebook:
    return load_rulebook(write(folder, general=general, food=food))


def refused(folder: Path, food: str = FOOD, general: str = GENERAL, **more: str) -> list[tuple[str, str, int | None, int | None, str]]:
    path = write(folder, **more, general=general, food=food)
    with pytest.raises(ProblemError) as caught:
        load_rulebook(path)
    return [(p.code, Path(p.place.file or "").name, p.place.line, p.place.column, p.message) for p in caught.value.problems]


@pytest.mark.parametrize(
    ("facts", "grade"),
    [
        ({}, "R1"),
        ({"samples": 1}, "R2"),
        ({"fines": 7}, "R3"),
        ({"fines": 6, "samples": 1}, "R2"),
        ({"fines": 6, "listed": True}, "R1"),  # B in general: not poor
        ({"age": 50, "fines": 9}, "R3"),
    ],
)
def test_one_set_of_facts_serves_both(facts: dict[str, object], grade: str, tmp_path: Path) -> None:
    book = rg.load(write(tmp_path, general=GENERAL, food=FOOD)).at("2022-01-01")
    assert book.decide(facts).grade == grade


def test_the_facts_are_those_of_both(tmp_path: Path) -> None:
    book = rg.load(write(tmp_path, general=GENERAL, food=FOOD))
    assert list(book.facts) == ["samples", "listed", "fines", "age", "since"]
    assert sorted(book.law.uses) == ["general"]
    assert book.law.uses["general"].id == "x/general"


def test_a_fact_declared_alike_in_both_is_one_fact(tmp_path: Path) -> None:
    food = FOOD.replace("  samples:", "  fines: {type: integer, min: 0, max: 10, missing: 0}\n  samples:").replace("samples > 0", "samples + fines > 0")
    book = rg.load(write(tmp_path, general=GENERAL, food=food)).at("2022-01-01")
    assert list(book.facts) == ["fines", "samples", "listed", "age", "since"]
    assert book.decide({"fines": 1}).grade == "R2"


@pytest.mark.parametrize(
    "declared",
    [
        "fines: {type: integer, min: 0, max: 11, missing: 0}",
        "fines: {type: integer, min: 0, max: 10, missing: 1}",
        "fines: {type: integer, min: 0, max: 10, missing: reject}",
        "fines: {type: decimal, places: 1, min: 0, max: 10, missing: 0}",
        "fines: {type: decimal, places: 0, min: 0, max: 10, missing: 0}",
        "fines: {type: boolean, missing: false}",
        "since: {type: date, min: 2000-01-02, missing: unknown}",
        "since: {type: date, missing: unknown}",
    ],
)
def test_a_fact_declared_otherwise(declared: str, tmp_path: Path) -> None:
    found = refused(tmp_path, FOOD.replace("  samples:", f"  {declared}\n  samples:"))
    name = declared.partition(":")[0]
    assert found == [("uses-clash", "food.yaml", 8, 17, f"`{name}` is declared otherwise in `x/general`")]


def test_two_used_rulebooks_that_declare_a_fact_differently(tmp_path: Path) -> None:
    other = GENERAL.replace("x/general", "x/other").replace("max: 10, missing: 0", "max: 10, missing: 1")
    found = refused(tmp_path, FOOD.replace("{general: x/general}", "{general: x/general, other: x/other}"), other=other)
    assert found == [("uses-clash", "food.yaml", 8, 35, "`fines` is declared otherwise in `x/other`")]


def test_a_term_with_the_name_of_a_used_fact(tmp_path: Path) -> None:
    found = refused(tmp_path, FOOD.replace("terms: {poor", "terms: {listed: samples > 3, poor"))
    assert found == [("uses-clash", "food.yaml", 11, 9, "`listed` is a fact of `x/general`")]


def test_a_used_fact_is_seen_only_where_it_is_declared(tmp_path: Path) -> None:
    found = refused(tmp_path, FOOD.replace("general.score > 8", "fines > 8"))
    assert found == [("name-unknown", "food.yaml", 11, 39, "`fines` is not declared")]


def test_a_grade_of_another_rulebook(tmp_path: Path) -> None:
    found = refused(tmp_path, FOOD.replace('general.grade == "C"', 'general.grade == "R3"'))
    assert found == [("category-unknown", "food.yaml", 11, 32, "`R3` is not a grade of `general.grade`")]


def test_only_grade_and_score_are_lent(tmp_path: Path) -> None:
    found = refused(tmp_path, FOOD.replace("general.score > 8", "general.old"))
    assert found == [("name-unknown", "food.yaml", 11, 39, "`general.old` is not declared")]


def test_a_rulebook_without_a_score_lends_none(tmp_path: Path) -> None:
    general = GENERAL.replace("score: {is: fines, between: [0, 10], worse: higher}\n", "")
    general = general.replace('bands: {A: "[0, 3)", B: "[3, 7)", C: "[7, 10]"}', "rows: [{when: fines > 6, grade: C}, {otherwise: A}]")
    assert refused(tmp_path, FOOD, general) == [("name-unknown", "food.yaml", 11, 39, "`general.score` is not declared")]


def test_a_fault_of_the_used_rulebook_is_told_in_its_file_and_only_there(tmp_path: Path) -> None:
    found = refused(tmp_path, general=GENERAL.replace('C: "[7, 10]"', 'C: "[8, 10]"'))
    assert found == [("table-gap", "general.yaml", 15, 35, "no row covers 7")]


def test_a_rulebook_that_is_not_there(tmp_path: Path) -> None:
    found = refused(tmp_path, FOOD.replace("{general: x/general}", "{general: x/generl}"))
    assert found == [("rulebook-unknown", "food.yaml", 8, 17, "`x/generl` is not a shipped rulebook")]


def test_a_rulebook_that_is_not_there_for_the_used_one(tmp_path: Path) -> None:
    found = refused(tmp_path, general=GENERAL.replace("basis: illustrative\n", "basis: illustrative\nuses: {more: x/more}\n"))
    assert found == [("rulebook-unknown", "general.yaml", 8, 14, "`x/more` is not a shipped rulebook")]


def test_a_file_of_another_name_than_its_rulebook(tmp_path: Path) -> None:
    found = refused(tmp_path, general=GENERAL.replace("x/general", "x/special"))
    assert found == [("rulebook-unknown", "food.yaml", 8, 17, "the file of `x/general` says that it is `x/special`")]


def test_a_shipped_rulebook_may_be_used(tmp_path: Path) -> None:
    food = FOOD.replace("{general: x/general}", "{housing: us/hud-reac}").replace(
        'general.grade == "C" or general.score > 8', 'housing.grade == "failing" or housing.score < 70'
    )
    book = rg.load(write(tmp_path, food=food)).at("2022-01-01")
    assert book.decide({"inspection_score": 69}).grade == "R3"
    assert book.decide({"inspection_score": 70}).grade == "R1"


# circles


def test_a_rulebook_that_uses_itself(tmp_path: Path) -> None:
    found = refused(tmp_path, FOOD.replace("{general: x/general}", "{general: x/food}"))
    assert found == [("uses-cycle", "food.yaml", 8, 17, "the rulebooks use each other: `x/food` → `x/food`")]


def test_three_rulebooks_in_a_circle(tmp_path: Path) -> None:
    general = GENERAL.replace("basis: illustrative\n", "basis: illustrative\nuses: {third: x/third}\n")
    third = GENERAL.replace("x/general", "x/third").replace("basis: illustrative\n", "basis: illustrative\nuses: {food: x/food}\n")
    found = refused(tmp_path, general=general, third=third)
    assert found == [("uses-cycle", "third.yaml", 8, 14, "the rulebooks use each other: `x/food` → `x/general` → `x/third` → `x/food`")]


def test_a_file_that_goes_by_two_names_is_a_circle_too(tmp_path: Path) -> None:
    found = refused(tmp_path, FOOD.replace("rulebook: x/food", "rulebook: x/alias").replace("{general: x/general}", "{general: x/food}"))
    assert [code for code, *_ in found] == ["uses-cycle"]


# dates


def test_the_law_of_the_same_day_is_used(tmp_path: Path) -> None:
    general = GENERAL.replace(
        'A: "[0, 3)", B: "[3, 7)", C: "[7, 10]"',
        'A: "[0, 3)", B: {2022-01-01: "[3, 7)", 2024-01-01: "[3, 4)"}, C: {2022-01-01: "[7, 10]", 2024-01-01: "[4, 10]"}',
    )
    book = rg.load(write(tmp_path, general=general, food=FOOD))
    assert book.rulebook.change_days == (dt.date(2020, 1, 1), dt.date(2022, 1, 1), dt.date(2024, 1, 1))
    assert book.at("2023-12-31").decide({"fines": 5}).grade == "R1"
    assert book.at("2024-01-01").decide({"fines": 5}).grade == "R3"


@pytest.mark.parametrize(
    ("in_force", "fits", "fails"),
    [
        ("{from: 2022-01-01}", ["2022-01-01", "2030-01-01"], ["2020-01-01", "2021-12-31"]),
        ("{from: 2019-01-01, until: 2023-12-31}", ["2020-01-01", "2023-12-31"], ["2024-01-01", "2030-01-01"]),
    ],
)
def test_where_the_used_rulebook_is_not_in_force_neither_is_its_user(in_force: str, fits: list[str], fails: list[str], tmp_path: Path) -> None:
    rulebook = loaded(tmp_path, general=GENERAL.replace("{from: 2022-01-01}", in_force))
    for day in fits:
        assert rulebook.at(dt.date.fromisoformat(day)).uses["general"].id == "x/general"
    for day in fails:
        with pytest.raises(ProblemError) as caught:
            rulebook.at(dt.date.fromisoformat(day))
        assert [(p.code, p.message) for p in caught.value.problems] == [("not-in-force", f"`uses.general` has no value on {day}")]


def test_a_used_rulebook_that_is_never_in_force_with_its_user(tmp_path: Path) -> None:
    found = refused(tmp_path, FOOD.replace("{from: 2020-01-01}", "{from: 2020-01-01, until: 2021-12-31}"))
    assert found == [("not-in-force", "food.yaml", 8, 17, "`uses.general` never has a value while the rulebook is in force")]


# identity


def test_the_digest_holds_that_of_the_used_rulebook(tmp_path: Path) -> None:
    before = loaded(tmp_path).latest
    after = loaded(tmp_path, general=GENERAL.replace("age > 10", "age > 11")).latest
    assert before.uses["general"].digest != after.uses["general"].digest
    assert before.digest != after.digest
    assert loaded(tmp_path, general="# the same in other words\n" + GENERAL).latest.digest == before.digest


@pytest.mark.parametrize(("uses", "column"), [("{2020-01-01: {general: x/general}}", 20), ("{general: {2020-01-01: x/general}}", 17)])
def test_what_is_used_does_not_change_over_time(uses: str, column: int, tmp_path: Path) -> None:
    found = refused(tmp_path, FOOD.replace("{general: x/general}", uses))
    assert found == [("value-wrong", "food.yaml", 8, column, "`uses` has no dated values")]
