"""`regengine test` and `run_cases`: what is compared, what a difference says, and cases that could not fail."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from regengine.book import load
from regengine.cases import run_cases
from regengine.rulebook.shipped import rulebook_ids

Run = Callable[..., Any]

RULEBOOK = """
rulebook: xx/cases
edition: "1"
title: Cases
authority: Tests
in_force: {from: 2020-01-01}
audience: public
basis: illustrative
facts:
  listed: {type: boolean, missing: reject}
  fines: {type: integer, min: 0, max: 9, missing: 0}
  opened: {type: date, missing: unknown}
indicators:
  conduct: {items: {fines: {points: [{when: fines >= 2, give: 4.5}, {when: fines >= 1, give: 2}, {otherwise: 0}]}}}
  age: {items: {new: {points: [{when: known(opened) and opened > as_of - months(12), give: 1}, {otherwise: 0}]}}}
score: {is: conduct + age, between: [0, 10], worse: higher}
grades: {order: [A, B, C], bands: {A: "[0, 2)", B: "[2, 4)", C: "[4, 10]"}}
adjust: [{id: listed, when: listed, at_best: B}]
inspection:
  by_grade: {A: {ratio: 2%, manner: [remote, site]}, B: {ratio: {2020-01-01: 1/3, 2025-01-01: 50%}}, C: {every: 1 year}}
service: {paths: [{id: fast, when: not listed}, {id: ordinary, otherwise: true}]}
outcomes: {licence: {by_grade: {A: {years: 0.5, permanent: true}, B: {years: 2}, C: {years: 1}}}}
warnings: [{id: some, when: fines >= 1, level: info, message: some}, {id: many, when: fines >= 2, level: alert, message: many}]
"""


def differences(tmp_path: Path, case: str) -> tuple[str, ...]:
    """What one case, written in YAML, gives."""
    path = tmp_path / "cases.yaml"
    path.write_text(RULEBOOK, encoding="utf-8")
    (tmp_path / "cases.tests.yaml").write_text("tests:\n  - " + case.strip().replace("\n", "\n    "), encoding="utf-8")
    (result,) = run_cases(load(path))
    assert result.passed == (not result.differences)
    return result.differences


@pytest.mark.parametrize(
    "expect",
    [
        "{grade: B, score: 3, reasons: [conduct.fines.2, age.new.1, grades.B, adjust.listed], graded_by: grades.B, grade_before: B}",
        "{grade: B, inspection_ratio_at_least: 1/3, inspection_ratio_at_most: 1/3, service_path: ordinary, warnings: [some]}",
        "{grade: B, licence_years: 2, licence_permanent: null, inspection_every: null, warning_many: false, warning_some: true}",
    ],
)
def test_what_passes(tmp_path: Path, expect: str) -> None:
    facts = "{listed: true, fines: 1, opened: 2024-03-02}"
    assert differences(tmp_path, f"case: one\nfacts: {facts}\nas_of: 2025-03-01\nlaw_at: 2024-12-31\nexpect: {expect}") == ()


def test_values_as_yaml_writes_them(tmp_path: Path) -> None:
    expect = '{grade: A, score: 0, inspection_ratio_at_least: 2%, inspection_manner: [remote, site], service_path: "fast"}'
    assert differences(tmp_path, f"case: one\nfacts: {{listed: false}}\nexpect: {expect}") == ()
    assert differences(tmp_path, "case: one\nfacts: {listed: false}\nexpect: {grade: A, licence_years: 0.5, licence_permanent: true}") == ()
    assert differences(tmp_path, "case: one\nfacts: {listed: false, fines: 2}\nexpect: {grade: C, score: 4.5, inspection_every: 1 years}") == ()


def test_without_a_day_the_law_is_that_of_its_first(tmp_path: Path) -> None:
    at_first = "case: one\nfacts: {listed: true}\nexpect: {grade: B, inspection_ratio_at_least: 1/3}"
    assert differences(tmp_path, at_first) == ()
    later = "case: one\nas_of: 2025-01-01\nfacts: {listed: true}\nexpect: {grade: B, inspection_ratio_at_least: 50%}"
    assert differences(tmp_path, later) == ()


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ("{grade: A}", ["grade: expected `A`, got `C`"]),
        ("{grade: D}", ["grade: expected `D`, got `C` (known: `A`, `B`, `C`)"]),
        ("{grade: C, score: 5}", ["score: expected `5`, got `4.5`"]),
        ('{grade: C, score: "4.5"}', ["score: expected `4.5`, got `4.5` of another type: are there quotes too many or too few?"]),
        ("{grade: C, score: true}", ["score: expected `true`, got `4.5`"]),
        (
            "{grade: C, grade_before: B, graded_by: adjust.listed}",
            ["grade_before: expected `B`, got `C`", "graded_by: expected `adjust.listed`, got `grades.C`"],
        ),
        ("{grade: C, reasons: [grades.C]}", ["reasons: `conduct.fines.1` is not expected"]),
        ("{grade: C, reasons: [conduct.fine.1, conduct.fines.1, grades.C]}", ["reasons: `conduct.fine.1` is missing (did you mean `conduct.fines.1`?)"]),
        (
            "{grade: C, reasons: [grades.C, conduct.fines.1]}",
            ["reasons: expected in the order grades.C, conduct.fines.1, got conduct.fines.1, grades.C"],
        ),
        ("{grade: C, reasons: grades.C}", ["reasons: expected `grades.C`, which is not a list"]),
        ("{grade: C, warnings: [some]}", ["warnings: `many` is not expected"]),
        ("{grade: C, inspection_every: 2 years}", ["inspection_every: expected `2 years`, got `1 year`"]),
        ("{grade: C, inspection_ratio_at_least: 2%}", ["inspection_ratio_at_least: expected `2%`, got nothing"]),
        ("{grade: C, licence_years: 0.5}", ["licence_years: expected `0.5`, got `1`"]),
        ("{grade: C, licence_years: one}", ["licence_years: expected `one`, got `1`"]),
        ("{grade: C, warning_many: 1}", ["warning_many: expected `1`, got `true`"]),
        ("{grade: C, service_pat: fast}", ["`service_pat` is nothing that can be expected (did you mean `service_path`?)"]),
        ("{score: 4.5}", ["the case expects neither `grade` nor `problem`"]),
        ("{grade: C, fact: fines}", ["`fact` is expected only together with `problem`"]),
        ("{problem: fact-missing, fact: listed}", ["expected the problem `fact-missing` of `listed`, got the grade `C`"]),
        ("{problem: fact-mising}", ["`fact-mising` is not a problem code (did you mean `fact-missing`?)"]),
        ("{problem: fact-missing, grade: C}", ["`grade` cannot be expected together with `problem`", "expected the problem `fact-missing`, got the grade `C`"]),
    ],
)
def test_what_differs(tmp_path: Path, expect: str, said: list[str]) -> None:
    assert list(differences(tmp_path, f"case: one\nfacts: {{listed: false, fines: 2}}\nexpect: {expect}")) == said


@pytest.mark.parametrize(
    ("facts", "expect", "said"),
    [
        ("{}", "{problem: fact-missing, fact: listed}", []),
        ("{}", "{problem: fact-missing}", []),
        ("{listed: true, fines: 10}", "{problem: fact-out-of-range, fact: fines}", []),
        ("{listed: true, opened: soon}", "{problem: fact-wrong-type, fact: opened}", []),
        (
            "{}",
            "{problem: fact-missing, fact: fines}",
            ["expected the problem `fact-missing` of `fines`, got column `listed`: the fact `listed` must be known and has no value [fact-missing]"],
        ),
        (
            "{fines: 10}",
            "{problem: fact-missing, fact: listed}",
            ["besides the problem `fact-missing` of `listed` there is column `fines`: `10` is outside 0 to 9 [fact-out-of-range]"],
        ),
        ("{}", "{grade: A}", ["expected a decision, got the problem column `listed`: the fact `listed` must be known and has no value [fact-missing]"]),
    ],
)
def test_problems(tmp_path: Path, facts: str, expect: str, said: list[str]) -> None:
    assert list(differences(tmp_path, f"case: one\nfacts: {facts}\nexpect: {expect}")) == said


def test_a_case_outside_the_time_in_force(tmp_path: Path) -> None:
    assert differences(tmp_path, "case: one\nas_of: 2019-12-31\nfacts: {listed: true}\nexpect: {problem: not-in-force}") == ()
    (said,) = differences(tmp_path, "case: one\nas_of: 2019-12-31\nfacts: {listed: true}\nexpect: {grade: A}")
    assert said.startswith("expected a decision, got the problem `xx/cases` is in force from 2020-01-01, not on 2019-12-31 [not-in-force]")


def test_all_shipped_cases_pass(run: Run) -> None:
    ran = run("test")
    assert (ran.code, ran.err) == (0, "")
    for name in rulebook_ids():
        (line,) = (line.split() for line in ran.out.splitlines() if line.startswith(name))
        assert int(line[1]) > 0
        assert line[2] == "0"


def test_a_failing_case(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(RULEBOOK, encoding="utf-8")
    (tmp_path / "cases.tests.yaml").write_text(
        """
tests:
  - {case: listed is B, facts: {listed: true}, expect: {grade: B}}
  - {case: two fines are B, facts: {listed: false, fines: 2}, expect: {grade: B, warnings: [many]}}
""",
        encoding="utf-8",
    )
    ran = run("test", path)
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.endswith(f"\n{path}: two fines are B\n  grade: expected `B`, got `C`\n  warnings: `some` is not expected\n")
    assert f"{path}        1        1" in ran.out
    assert "未通过" in run("test", path, "--lang", "zh").out
    ran = run("test", path, "--format", "json")
    assert ran.code == 1
    assert json.loads(ran.out) == [
        {
            "rulebook": str(path),
            "passed": 1,
            "failed": 1,
            "cases": [
                {"case": "listed is B", "passed": True, "differences": []},
                {"case": "two fines are B", "passed": False, "differences": ["grade: expected `B`, got `C`", "warnings: `some` is not expected"]},
            ],
        }
    ]


def test_an_unknown_rulebook_is_a_problem_with_a_hint(run: Run) -> None:
    ran = run("test", "us/hud-reac", "cn/henan")
    assert ran.code == 2
    assert "us/hud-reac" in ran.out
    assert ran.err == "`cn/henan` is not a shipped rulebook [rulebook-unknown]\n  hint: did you mean `cn/henan-2022`?\n"
