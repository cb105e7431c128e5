"""`regengine check`: the balance of good rulebooks, the problems of faulty ones, and exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from regengine.rulebook.shipped import rulebook_ids

Run = Callable[..., Any]

DATED = """
rulebook: xx/dated
edition: "1"
title: Dated
authority: Tests
in_force: {from: 2020-01-01}
audience: public
sources: {act: {instrument: Act 7, seen: official}}
facts: {fines: {type: integer, min: 0, max: 9, missing: reject}}
score: {is: fines, between: [0, 9], worse: higher, cite: act}
grades:
  order: [A, B]
  cite: act
  basis: {2020-01-01: published, 2024-07-01: illustrative}
  bands: {A: "[0, 3)", B: "[3, 9]"}
"""


@pytest.fixture
def dated(tmp_path: Path) -> Path:
    path = tmp_path / "dated.yaml"
    path.write_text(DATED, encoding="utf-8")
    return path


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    path = tmp_path / "faulty.yaml"
    path.write_text(DATED.replace("is: fines", "is: fine"), encoding="utf-8")
    return path


def cells(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_all_shipped_rulebooks(run: Run) -> None:
    ran = run("check")
    assert (ran.code, ran.err) == (0, "")
    for name in rulebook_ids():
        assert name in ran.out
    assert cells(ran.out)[0] == "rulebook law from published △ derived ◇ illustrative"
    assert "us/hud-reac 2001-01-08 13 (100%) 0 (0%) 0 (0%)" in cells(ran.out)


def test_each_period_has_its_own_balance(run: Run, dated: Path) -> None:
    lines = cells(run("check", dated).out)  # a long path takes more than one line
    assert [line.partition(" ")[2] for line in lines if " 20" in line] == ["2020-01-01 2 (100%) 0 (0%) 0 (0%)", "2024-07-01 0 (0%) 0 (0%) 2 (100%)"]


def test_in_chinese(run: Run) -> None:
    assert cells(run("check", "us/hud-reac", "--lang", "zh").out)[0] == "规则集 自 有据可查 △ 推导 ◇ 示例"


def test_a_faulty_rulebook(run: Run, faulty: Path) -> None:
    ran = run("check", "us/hud-reac", faulty)
    assert ran.code == 2
    assert "us/hud-reac" in ran.out
    assert "faulty" not in ran.out
    assert ran.err == f"{faulty}:10:13: `fine` is not declared [name-unknown]\n  hint: did you mean `fines`?\n"


def test_as_json(run: Run, dated: Path, faulty: Path) -> None:
    ran = run("check", dated, faulty, "--format", "json")
    assert ran.code == 2
    good, bad = json.loads(ran.out)
    assert good["rulebook"] == str(dated)
    assert good["periods"] == [
        {"since": "2020-01-01", "balance": {"published": 2, "derived": 0, "illustrative": 0}},
        {"since": "2024-07-01", "balance": {"published": 0, "derived": 0, "illustrative": 2}},
    ]
    assert bad["rulebook"] == str(faulty)
    assert [problem["code"] for problem in bad["problems"]] == ["name-unknown"]
    assert bad["problems"][0]["place"]["line"] == 10


def test_an_unknown_rulebook_is_a_problem_with_a_hint(run: Run) -> None:
    ran = run("check", "us/hud")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "`us/hud` is not a shipped rulebook [rulebook-unknown]\n  hint: did you mean `us/hud-reac`?\n"


def test_a_missing_file(run: Run, tmp_path: Path) -> None:
    ran = run("check", tmp_path / "none.yaml")
    assert ran.code == 2
    assert ran.err.endswith("none.yaml: there is no such file [file-missing]\n")
