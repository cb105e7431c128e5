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


# findings

SCORED = Path(__file__).parents[1] / "faulty" / "scored.yaml"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A sound rulebook in which five penalties weigh less than two: penalties 4 is B, 5 is A."""
    path = tmp_path / "scored.yaml"
    text = SCORED.read_text(encoding="utf-8")
    path.write_text(text.replace("{when: penalties >= 5, give: 40}", "{when: penalties >= 5, give: 10}"), encoding="utf-8")
    path.with_name("scored.tests.yaml").write_text(SCORED.with_name("scored.tests.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    return path


@pytest.fixture
def population(tmp_path: Path) -> Path:
    path = tmp_path / "population.csv"
    path.write_text("enterprise,listed,penalties\na,false,3\nb,false,6\nc,false,0\nd,true,3\ne,,3\n", encoding="utf-8")
    return path


def unbroken(text: str) -> str:
    """A text without its blanks: a long path is broken over lines."""
    return "".join(text.split())


def test_a_finding_is_told_with_its_place_and_its_witness(run: Run, broken: Path) -> None:
    ran = run("check", broken)
    assert (ran.code, ran.err) == (1, "")
    told = unbroken(ran.out)
    assert unbroken(f"{broken}:15:66: error: a worse `penalties` brings a better grade: 5 A, 4 B [monotony-grade]") in told
    assert unbroken("witness 1 (2020-01-01): listed = false, penalties = 4; grade B") in told
    assert unbroken("witness 2 (2020-01-01): listed = false, penalties = 5; grade A") in told
    assert unbroken("1 broken, 0 not decided") in told


def test_a_finding_in_chinese(run: Run, broken: Path) -> None:
    told = unbroken(run("check", broken, "--lang", "zh").out)
    assert "错误:a" not in told
    assert "`penalties`变差反而得到更好的等级：5A，4B[monotony-grade]" in told
    assert "示例企业1（2020-01-01）：listed=false,penalties=4；等级B" in told


@pytest.mark.parametrize(("options", "code"), [((), 1), (("--fail-on", "never"), 0), (("--no-proofs",), 0), (("--no-proofs", "--fail-on", "note"), 1)])
def test_exit_codes(options: tuple[str, ...], code: int, run: Run, broken: Path) -> None:
    assert run("check", broken, *options).code == code


def test_findings_as_json(run: Run, broken: Path) -> None:
    (report,) = json.loads(run("check", broken, "--format", "json").out)
    finding = report["findings"][0]
    assert (finding["code"], finding["severity"]) == ("monotony-grade", "error")
    assert finding["place"] == {"file": str(broken), "line": 15, "column": 66, "path": "facts.penalties.worse"}
    assert finding["witness"][0] == {"facts": {"listed": False, "penalties": 4}, "as_of": "2020-01-01", "grade": "B"}
    assert {"en": "every enterprise gets exactly one grade", "zh": "每家企业恰好得到一个等级"} in [proof["claim"] for proof in report["proofs"]]
    assert report["coverage"]["edges"]["all"] == 22


def test_findings_as_sarif(run: Run, broken: Path, faulty: Path) -> None:
    ran = run("check", broken, faulty, "--format", "sarif")
    assert ran.code == 2
    sarif = json.loads(ran.out)
    assert sarif["version"] == "2.1.0"
    (one,) = sarif["runs"]
    assert one["tool"]["driver"]["name"] == "regengine"
    assert [rule["id"] for rule in one["tool"]["driver"]["rules"]] == ["monotony-grade", "rules-untested", "edges-untested", "name-unknown"]
    first, last = one["results"][0], one["results"][-1]
    assert (first["ruleId"], first["level"]) == ("monotony-grade", "error")
    assert first["locations"] == [{"physicalLocation": {"artifactLocation": {"uri": str(broken)}, "region": {"startLine": 15, "startColumn": 66}}}]
    assert (last["ruleId"], last["level"]) == ("name-unknown", "error")


def test_findings_for_github(run: Run, broken: Path) -> None:
    line = run("check", broken, "--format", "github").out.splitlines()[0]
    assert line == (
        f"::error file={broken},line=15,col=66,title=monotony-grade::a worse `penalties` brings a better grade: 5 A, 4 B"
        "%0Alisted = false, penalties = 4%0Alisted = false, penalties = 5"
    )


def test_real_enterprises_are_counted(run: Run, broken: Path, population: Path) -> None:
    """`a` has 3 penalties (B) and would be A with 5; `b` is A, `c` is A, `d` is listed and D, and of `e` it is not known whether it is listed."""
    text = population.read_text(encoding="utf-8").replace("penalties\n", "penalties,fines,untrained,trained,size,opened\n", 1)
    lines = [text.splitlines()[0], *(f"{line},,,,," for line in text.splitlines()[1:])]
    population.write_text("\n".join(lines) + "\n", encoding="utf-8")
    ran = run("check", broken, "--population", population, "--as-of", "2026-11-01", "--format", "json")
    (report,) = json.loads(ran.out)
    assert report["enterprises"] == 4
    assert report["findings"][0]["enterprises"] == 1


def test_a_population_needs_a_day(run: Run, broken: Path, population: Path) -> None:
    ran = run("check", broken, "--population", population)
    assert (ran.code, ran.out) == (2, "")
    assert "[date-missing]" in ran.err


def test_suggested_cases_are_written(run: Run, broken: Path, tmp_path: Path) -> None:
    broken.with_name("scored.tests.yaml").unlink()
    assert run("check", broken, "--suggest", tmp_path / "more.yaml", "--fail-on", "never").code == 0
    text = (tmp_path / "more.yaml").read_text(encoding="utf-8")
    assert '  - case: "penalties = 4"\n    as_of: 2020-01-01\n    facts: {listed: false, penalties: 4}\n' in text
    assert run("check", broken, "us/hud-reac", "--suggest", tmp_path / "more.yaml").code == 2
    (tmp_path / "folder").mkdir()
    assert "[output-failed]" in run("check", broken, "--suggest", tmp_path / "folder").err


def test_two_rulebooks_compared(run: Run, broken: Path) -> None:
    ran = run("check", SCORED, "--against", broken)
    assert (ran.code, ran.err) == (0, "")
    wanted = f"{broken} against {SCORED}: laxer for some, stricter for none grade: laxer laxer (2020-01-01): listed = false, penalties = 5; C → A"
    assert unbroken(wanted) in unbroken(ran.out)
    assert json.loads(run("check", SCORED, "--against", broken, "--format", "json").out)["verdict"] == "laxer"
    assert "更宽" in run("check", SCORED, "--against", broken, "--lang", "zh").out
    assert run("check", SCORED, "--against", broken, "--format", "sarif").code == 2
    assert run("check", SCORED, "--against", SCORED).out.splitlines()[1] == "the text is the same: nothing changes"
    assert run("check", SCORED, "us/hud-reac", "--against", broken).code == 2


def test_a_reform_compared(run: Run, tmp_path: Path) -> None:
    reform = tmp_path / "reform.yaml"
    reform.write_text("reform: r\nover: xx/scored\nset: {inspection.by_grade.B.ratio: {2027-01-01: 8%}}\n", encoding="utf-8")
    ran = run("check", SCORED, "--against", reform)
    assert (ran.code, ran.err) == (0, "")
    assert "from 2020-01-01: equal\nfrom 2027-01-01: stricter\ngrade: equal\nleast ratio: stricter\n" in ran.out
    assert "2027-01-01 起：更严" in run("check", SCORED, "--against", reform, "--lang", "zh").out
    data = json.loads(run("check", SCORED, "--against", reform, "--format", "json").out)
    assert [(period["since"], period["until"], period["verdict"]) for period in data["periods"]] == [
        ("2020-01-01", "2026-12-31", "equal"), ("2027-01-01", None, "stricter"),
    ]  # fmt: skip
    assert data["periods"][1]["aspects"][1]["stricter"]["values"] == ["5%", "8%"]
    reform.write_text("reform: r\nover: xx/scored\nset: {inspection.by_grade.E.ratio: 8%}\n", encoding="utf-8")
    ran = run("check", SCORED, "--against", reform)
    assert ran.code == 2 and "[reform-wrong]" in ran.err and "reform.yaml:3:7" in ran.err


def test_without_the_solver_nothing_is_called_proved(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regengine.check.check.find_spec", lambda _: None)
    ran = run("check", SCORED, "--fail-on", "warning")
    assert ran.code == 1
    assert "nothing was proved, since z3 is not installed: pip install 'regengine[check]' [not-decided]" in " ".join(ran.out.split())


@pytest.mark.parametrize("options", [("--as-of", "2026-11-01"), ("--against", SCORED, "--no-proofs"), ("--against", SCORED, "--population", "x.csv")])
def test_options_that_would_do_nothing_are_refused(options: tuple[object, ...], run: Run) -> None:
    ran = run("check", SCORED, *options)
    assert (ran.code, ran.out) == (2, "")
    assert "[option-wrong]" in ran.err
