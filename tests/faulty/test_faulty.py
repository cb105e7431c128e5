"""Planted faults: each, planted alone in a sound rulebook, is found with exactly one finding, of its kind and at its place.

The cases of a sound rulebook stay as they are, so what they leave untried is looked at only where a case is taken away.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from regengine.book import load
from regengine.cases import run_cases
from regengine.check.check import check
from regengine.check.findings import CODES, Finding
from regengine.problems import ProblemError

HERE = Path(__file__).parent
SOUND = ("scored", "rows", "matrix")
OF_CASES = ("rules-untested", "edges-untested")


class Fault(NamedTuple):
    name: str
    old: str
    new: str
    code: str
    path: str
    severity: str | None = None


SCORED = [
    # rows, bins and conditions
    Fault(
        "row below a wider one",
        "- {when: penalties >= 5, give: 40}",
        "- {when: penalties >= 1, give: 40}",
        "rule-unreached",
        "indicators.conduct.items.penalties.points[1]",
    ),
    Fault("row never", "when: penalties >= 5", "when: penalties >= 25", "condition-never", "indicators.conduct.items.penalties.points[0].when"),
    Fault("row always", 'when: size == "large"', "when: untrained >= 0", "condition-always", "indicators.scale.items.size.points[0].when"),
    Fault("part always", "when: penalties >= 10,", "when: penalties >= 10 and fines >= 0,", "condition-always", "adjust[1].when"),
    Fault("part never", "when: listed,", "when: listed or penalties > 20,", "condition-never", "adjust[0].when"),
    Fault("part under not", "not new, closed", "not (new and penalties > 30), closed", "condition-always", "service.paths[0].when"),
    Fault("term never", "opened > as_of - months(12)", 'opened > date("9999-12-31")', "condition-never", "terms.new"),
    Fault("bin never", "of: fines\n", 'of: "max(fines, 200 - fines)"\n', "rule-unreached", "indicators.conduct.items.fines.bins.table.0"),
    Fault(
        "outcome row below a wider one",
        '- {when: grade == "D", years: 1}',
        '- {when: grade == "D" or size == "micro", years: 1}',
        "rule-unreached",
        "outcomes.licence.rows[1]",
    ),
    Fault("outcome row always", '- {when: grade == "D", years: 1}', "- {when: true, years: 1}", "condition-always", "outcomes.licence.rows[0].when"),
    Fault("path never", 'when: \'grade in ["A", "B"]\'', 'when: grade == "B" and listed', "condition-never", "service.paths[1].when"),
    Fault("warning never", "when: penalties >= 12", "when: penalties >= 12 and fines < 0", "condition-never", "warnings[0].when"),
    Fault("warning always", "when: penalties >= 12", "when: score >= 0", "condition-always", "warnings[0].when"),
    Fault(
        "adjustment below a final one",
        "grade: D, cite: act#4}\n",
        "grade: D, final: true, cite: act#4}\n  - {id: after, when: listed and penalties >= 3, at_best: C, cite: act#4}\n",
        "rule-unreached",
        "adjust[1]",
    ),
    Fault("adjustment never", "when: penalties >= 10", "when: penalties >= 21", "condition-never", "adjust[1].when"),
    Fault("band past the score", 'C: "[40, 55)", D: "[55, 200]"', 'C: "[40, 150)", D: "[150, 200]"', "rule-unreached", "grades.bands.D"),
    # points, bounds, adjustments without effect
    Fault("points of nothing", 'when: size == "large", give: 10', 'when: size == "large", give: 0', "points-idle", "indicators.scale.items.size"),
    Fault("family left out", "is: conduct + scale", "is: conduct", "points-idle", "indicators.scale"),
    Fault("cap of a family", "at_most: 60", "at_most: 95", "cap-idle", "indicators.conduct.at_most"),
    Fault("floor of a family", "at_most: 60", "at_least: -1\n    at_most: 60", "cap-idle", "indicators.conduct.at_least"),
    Fault("cap of an item", "give: 2, at_most: 10", "give: 2, at_most: 20", "cap-idle", "indicators.scale.items.untrained.each.at_most"),
    Fault("clip", "worse: higher, cite: act#3", "worse: higher, clip: true, cite: act#3", "cap-idle", "score.clip"),
    Fault("adjustment to the best", "at_best: D, cite", "at_best: A, cite", "adjust-idle", "adjust[1]"),
    # proofs
    Fault("grade without a way to it", "order: [A, B, C, D]", "order: [A, B, C, D, E]", "grade-unreached", "grades.order[4]"),
    Fault("fewer points for more", "when: penalties >= 5, give: 40", "when: penalties >= 5, give: 10", "monotony-grade", "facts.penalties.worse"),
    Fault("better when listed", "when: listed, grade: D", "when: listed, at_worst: B", "monotony-grade", "facts.listed.worse"),
    Fault("the wrong way", "missing: 5, worse: lower", "missing: 5, worse: higher", "monotony-grade", "facts.trained.worse"),
    Fault("a category the wrong way", 'when: size == "large", give', 'when: size == "micro", give', "monotony-grade", "facts.size.worse"),
    Fault("a lower ratio", "D: {ratio: 50%", "D: {ratio: 10%", "monotony-inspection", "inspection.by_grade.D"),
    Fault("a lower ceiling", "C: {ratio: 20%", "C: {ratio: {at_least: 20%, at_most: 60%}", "monotony-inspection", "inspection.by_grade.D"),
    Fault("fewer visits", "D: {ratio: 50%, visits: {at_least: 2}}", "D: {ratio: 50%, visits: {at_least: 0}}", "monotony-inspection", "inspection.by_grade.D"),
    Fault(
        "a better path",
        'grade == "A" and not new',
        '(grade == "A" and not new) or (grade == "B" and penalties >= 2)',
        "monotony-path",
        "service.paths[0]",
        "warning",
    ),
    Fault("a closed path", "closed_to: [D]", "closed_to: [B, D]", "path-closed", "service.paths[1].closed_to[0]"),
    Fault("a cap below a floor", "cap: {visits: 4}", "cap: {visits: 1}", "cap-below-floor", "inspection.cap[0].visits"),
    Fault(
        "a cap below a floor of another period", "visits: {at_least: 2}}", "visits: {at_least: 1, per: month}}", "cap-below-floor", "inspection.cap[0].visits"
    ),
    Fault("not always", "penalties >= 10 or score >= 55", "penalties >= 10 or score >= 60", "always-broken", "always[0]"),
    Fault(
        "the law's own exception",
        "  basis: derived\n  note: Worked out from the act.\n  by_grade:\n    A: {ratio: 1%}",
        "  by_grade:\n    A: {ratio: 6%}",
        "monotony-inspection",
        "inspection.by_grade.B",
        "warning",
    ),
    # sources
    Fault("a source of later", "issued: 2019-12-01", "issued: 2020-06-01", "source-early", "sources.act.issued"),
    Fault("a source that ended", "issued: 2019-12-01", "issued: 2018-12-01, until: 2019-12-31", "source-ended", "sources.act.until"),
    Fault("a source without use", "\nfacts:", "  memo: {instrument: Memo, seen: press}\n\nfacts:", "source-unused", "sources.memo"),
    Fault(
        "a value without a source", "message: Many penalties, cite: act#8", "message: Many penalties, basis: derived, note: By us", "source-none", "warnings[0]"
    ),
]
ROWS = [
    Fault("gap between rows", "when: beds < 5", "when: beds < 4", "rows-gap", "grades.rows"),
    Fault("overlap of rows", "when: beds < 5", "when: beds <= 5 and not open or beds < 5", "rows-overlap", "grades.rows[2]"),
    Fault(
        "row never",
        "    - {when: beds >= 5 and not open",
        "    - {when: beds > 10, grade: B}\n    - {when: beds >= 5 and not open",
        "condition-never",
        "grades.rows[2].when",
    ),
]
MATRIX = [Fault("cell never", "down: {of: open,", 'down: {of: open and size == "large",', "rule-unreached", "grades.matrix.cells[1][0]")]
BY_LOADER = [
    Fault("gap between bins", '"(0, 100]": 10', '"(1, 100]": 10', "table-gap", "indicators.conduct.items.fines.bins.table"),
    Fault("overlap of bins", '"> 100": 50', '">= 100": 50', "table-overlap", "indicators.conduct.items.fines.bins.table.>= 100"),
    Fault("gap between bands", 'B: "[20, 40)"', 'B: "[21, 40)"', "table-gap", "grades.bands"),
    Fault("overlap of bands", 'B: "[20, 40)"', 'B: "[19, 40)"', "table-overlap", "grades.bands.B"),
    Fault("no otherwise", "- {otherwise: true, years: 3}", '- {when: size == "large", years: 3}', "row-order", "outcomes.licence.rows[2]"),
    Fault("a grade without an outcome", "    B: {ratio: 5%}\n", "", "table-gap", "inspection.by_grade"),
    Fault("no source", "cite: act#8", "note: none", "citation-missing", "warnings[0]"),
    Fault("no such path to close", "closed_to: [D]", "closed_to: [E]", "name-unknown", "service.paths[1].closed_to[0]"),
    Fault(
        "a code has no order",
        "opened:    {type: date, missing: unknown}",
        "opened:    {type: date, missing: unknown}\n  owner: {type: code, missing: unknown, worse: higher}",
        "value-wrong",
        "facts.owner.worse",
    ),
    Fault("always of an unknown name", 'grade != "D" or listed', 'grade != "D" or lisetd', "name-unknown", "always[0]"),
]
EVERY = [("scored", fault) for fault in SCORED] + [("rows", fault) for fault in ROWS] + [("matrix", fault) for fault in MATRIX]


def planted(name: str, fault: Fault, folder: Path) -> Path:
    """A sound rulebook with one fault planted in it."""
    text = (HERE / f"{name}.yaml").read_text(encoding="utf-8")
    assert text.count(fault.old) == 1, fault.name
    text = text.replace(fault.old, fault.new)
    if fault.code == "grade-unreached":  # a grade must have an outcome, or the rulebook does not load
        text = text.replace("visits: {at_least: 2}}\n", "visits: {at_least: 2}}\n    E: {ratio: 60%, visits: {at_least: 2}}\n")
    made = folder / f"{name}.yaml"
    made.write_text(text, encoding="utf-8")
    return made


def of_law(findings: tuple[Finding, ...]) -> list[Finding]:
    return [finding for finding in findings if finding.code not in OF_CASES]


@pytest.mark.parametrize("name", SOUND)
def test_nothing_is_found_in_the_sound_rulebooks(name: str) -> None:
    checked = check(HERE / f"{name}.yaml")
    assert checked.report.findings == ()
    assert {proof.result for proof in checked.report.proofs} == {"proved"}
    assert [result.differences for result in run_cases(checked.book) if not result.passed] == []


@pytest.mark.parametrize(("name", "fault"), EVERY, ids=[f"{name}: {fault.name}" for name, fault in EVERY])
def test_each_planted_fault_is_found_once(name: str, fault: Fault, tmp_path: Path) -> None:
    made = planted(name, fault, tmp_path)
    (finding,) = of_law(check(made).report.findings)
    assert (finding.code, finding.place.path) == (fault.code, fault.path)
    assert finding.grave == (fault.severity or CODES[fault.code].severity)
    assert finding.place.file == str(made)
    assert finding.place.line is not None
    assert finding.message.en
    assert finding.message.zh


@pytest.mark.parametrize("fault", BY_LOADER, ids=[fault.name for fault in BY_LOADER])
def test_what_the_loader_refuses_is_told_by_it_alone(fault: Fault, tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        check(planted("scored", fault, tmp_path))
    assert [(problem.code, problem.place.path) for problem in caught.value.problems] == [(fault.code, fault.path)]


@pytest.mark.parametrize(
    ("case", "code", "what"),
    [
        ("a micro enterprise keeps", "rules-untested", "1 of 30 rules are fired by no case: `licence.2`"),
        ("penalties = 9", "edges-untested", "on 1 of 22 sides of thresholds stands no case: `penalties = 9`"),
    ],
)
def test_a_case_taken_away_is_found_once(case: str, code: str, what: str, tmp_path: Path) -> None:
    shutil.copy(HERE / "scored.yaml", tmp_path)
    head, *cases = (HERE / "scored.tests.yaml").read_text(encoding="utf-8").split("  - case: ")
    kept = [one for one in cases if not one.strip('"').startswith(case)]
    assert len(kept) == len(cases) - 1
    (tmp_path / "scored.tests.yaml").write_text("  - case: ".join([head, *kept]), encoding="utf-8")
    (finding,) = check(tmp_path / "scored.yaml").report.findings
    assert (finding.code, finding.grave, finding.message.en) == (code, "note", what)


@pytest.mark.parametrize(("name", "fault"), [one for one in EVERY if one[1].code.startswith(("rows", "monotony", "path", "cap-below", "always"))], ids=str)
def test_every_witness_shows_its_fault_when_it_is_decided(name: str, fault: Fault, tmp_path: Path) -> None:
    """The public engine, from the facts as they are reported, says of the witness what the finding says."""
    made = planted(name, fault, tmp_path)
    (finding,) = of_law(check(made).report.findings)
    book = load(made)
    decided = []
    for one in finding.witness:
        if one.grade is None:
            with pytest.raises(ProblemError) as caught:
                book.decide(one.facts, as_of=one.as_of)
            assert [problem.code for problem in caught.value.problems] == ["row-not-unique"]
        else:
            decided.append(book.decide(one.facts, as_of=one.as_of))
            assert decided[-1].grade == one.grade
    order = ["A", "B", "C", "D"]
    columns = [one.columns() for one in decided]
    match fault.code:
        case "monotony-grade":
            assert order.index(decided[1].grade) < order.index(decided[0].grade)
        case "monotony-inspection":
            names = ("inspection_ratio_at_least", "inspection_ratio_at_most", "inspection_visits_at_least", "inspection_visits_at_most")
            both = [(columns[0].get(key), columns[1].get(key)) for key in names]
            assert any(had is not None and gets is not None and gets < had for had, gets in both)
        case "monotony-path":
            paths = ["quick", "simple", "ordinary"]
            assert paths.index(columns[1]["service_path"]) < paths.index(columns[0]["service_path"])
        case "path-closed":
            assert (columns[0]["service_path"], decided[0].grade) == ("simple", "B")
        case "cap-below-floor":
            assert columns[0]["inspection_visits_at_least"] == (1 if columns[0]["inspection_visits_per"] == "month" else 2)
        case "always-broken":
            assert decided[0].grade == "D"
            assert 55 <= int(decided[0].score or 0) < 60
