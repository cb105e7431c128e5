"""Reports of `regengine check`: proofs, time limits, periods, counts among real enterprises, coverage, suggested cases, comparisons."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
import pytest

import regengine as rg
from regengine.cases import run_cases
from regengine.check.against import Comparison, Witness, against
from regengine.check.check import Checked, check
from regengine.check.findings import CODES, Finding
from regengine.check.prover import Prover
from regengine.check.touched import touched
from regengine.program import expr as e

FAULTY = Path(__file__).parents[1] / "faulty"
AS_OF = dt.date(2026, 11, 1)


def with_(folder: Path, name: str, *changes: tuple[str, str]) -> Path:
    """A sound rulebook with some of its text changed."""
    text = (FAULTY / f"{name}.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def of_law(checked: Checked) -> list[Finding]:
    return [finding for finding in checked.report.findings if finding.code not in ("rules-untested", "edges-untested")]


BROUGHT = ("a better grade", "fewer inspections", "a better path")


def test_what_is_proved_of_a_sound_rulebook() -> None:
    claims = {proof.what.en: proof.result for proof in check(FAULTY / "scored.yaml").report.proofs}
    assert claims == dict.fromkeys(
        [
            "every enterprise gets exactly one grade",
            *(f"some enterprise gets the grade {grade}" for grade in "ABCD"),
            *(f"a worse `{fact}` never brings {what}" for fact in ("listed", "penalties", "trained", "size") for what in BROUGHT),
            *("the path `quick` is never offered to C", "the path `quick` is never offered to D", "the path `simple` is never offered to D"),
            "no entry demands more visits than the cap allows",
            'always grade != "D" or listed or penalties >= 10 or score >= 55',
        ],
        "proved",
    )  # fmt: skip


def test_a_counter_example_is_two_enterprises_alike_but_for_one_fact(tmp_path: Path) -> None:
    path = with_(tmp_path, "scored", ("{when: penalties >= 5, give: 40}", "{when: penalties >= 5, give: 10}"))
    (finding,) = of_law(check(path))
    better, worse = finding.witness
    assert (better.facts, better.grade) == ({"listed": False, "penalties": 4}, "B")
    assert (worse.facts, worse.grade) == ({"listed": False, "penalties": 5}, "A")
    assert finding.message.en == "a worse `penalties` brings a better grade: 5 A, 4 B"
    assert finding.message.zh == "`penalties`变差反而得到更好的等级：5 A，4 B"


def test_equal_calls_find_equal_witnesses(tmp_path: Path) -> None:
    """Whatever was asked before: each check has a room of its own in the solver."""
    path = with_(tmp_path, "scored", ("{when: penalties >= 5, give: 40}", "{when: penalties >= 5, give: 10}"), ("or score >= 55", "or score >= 60"))
    first = check(path).report.findings
    assert len([finding for finding in first if finding.witness]) == 2
    check(FAULTY / "rows.yaml")
    assert check(path).report.findings == first


def test_what_is_not_decided_in_time_is_told_as_such(tmp_path: Path) -> None:
    """Whether a product of three free numbers can be one more than a cube is too much for a thousandth of a second."""
    hard = 'always:\n  - grade != "A" or a * a * a + b * b * b != c * c * c + 1\n  - '
    facts = "  opened:    {type: date, missing: unknown}\n" + "".join(f"  {name}: {{type: integer, min: 100, max: 9000, missing: reject}}\n" for name in "abc")
    path = with_(tmp_path, "scored", ("always:\n  - ", hard), ("  opened:    {type: date, missing: unknown}\n", facts))
    found = [finding for finding in of_law(check(path, timeout=0.001)) if finding.code == "not-decided"]
    assert all(finding.grave == "warning" for finding in found)
    assert [finding.place.path for finding in found if finding.message.en.startswith("not decided within 0.001 s: always grade")][:1] == ["always[0]"]
    assert not [finding for finding in found if finding.witness]


def test_without_proofs_what_can_never_matter_is_still_found(tmp_path: Path) -> None:
    path = with_(tmp_path, "scored", ("when: penalties >= 5, give: 40", "when: penalties >= 1, give: 40"), ("D: {ratio: 50%", "D: {ratio: 10%"))
    checked = check(path, proofs=False)
    assert [finding.code for finding in of_law(checked)] == ["rule-unreached"]
    assert checked.report.proofs == ()


def test_every_period_is_checked_and_its_findings_stand_at_the_dated_value(tmp_path: Path) -> None:
    path = with_(tmp_path, "scored", ("cap: {visits: 4}", "cap: {visits: {2020-01-01: 4, 2025-01-01: 1}}"))
    (finding,) = of_law(check(path))
    assert finding.code == "cap-below-floor"
    assert finding.witness[0].as_of == dt.date(2025, 1, 1)
    line = path.read_text(encoding="utf-8").splitlines()[(finding.place.line or 0) - 1]
    assert line.strip().startswith("cap: {visits: {2020-01-01")


def test_a_day_of_the_facts_is_a_real_one(tmp_path: Path) -> None:
    """Twelve months before a day in a leap year are 366 days: there is such a day, and the witness names one."""
    path = with_(tmp_path, "scored", ('grade != "D" or listed', "not known(opened) or opened != as_of - months(12) or opened != as_of - days(366) or listed"))
    findings = [finding for finding in of_law(check(path)) if finding.code == "always-broken"]
    (one,) = findings[0].witness
    assert one.as_of - dt.timedelta(days=366) == one.facts["opened"]
    assert rg.load(path).decide(one.facts, as_of=one.as_of).score == (0 if one.grade == "A" else 5)


def test_a_claim_that_no_day_bears_out_has_no_witness() -> None:
    program = rg.load(FAULTY / "scored.yaml").program
    prover = Prover(program, dt.date(2021, 1, 1), dt.date(2021, 12, 31), 10)
    a_year, days = e.AsOf(12, 0), e.Subtract(e.Column("fact.opened"), e.Column("fact.opened"))
    assert a_year in program.days
    opened = e.Compare("==", e.Column("fact.opened"), a_year)
    assert prover.some(opened)
    assert not prover.some(e.AllOf((opened, e.Compare("<", days, e.Constant(0)))))


def frame(rows: list[dict[str, Any]]) -> nw.LazyFrame[Any]:
    return nw.from_native(pl.DataFrame(rows).lazy())


ROWS = [
    {"enterprise": f"e{index}", "listed": listed, "penalties": penalties, "fines": 0.0, "untrained": 0, "trained": 5, "size": "small", "opened": None}
    for index, (listed, penalties) in enumerate([(False, 0), (False, 2), (False, 3), (False, 4), (False, 7), (True, 3), (None, 3)])
]


def test_real_enterprises_are_counted(tmp_path: Path) -> None:
    """Three of the six that can be graded have 2 to 4 penalties (B) and would be A with 5; the listed one is D whatever it has."""
    path = with_(
        tmp_path, "scored", ("{when: penalties >= 5, give: 40}", "{when: penalties >= 5, give: 10}"), ("or penalties >= 10 or", "or penalties >= 20 or")
    )
    checked = check(path)
    report = touched(checked.report, checked.book.program, frame(ROWS).with_columns(opened=nw.lit(None, nw.Date())), AS_OF, key="enterprise")
    assert report.counted == 6
    assert {finding.code: finding.touches for finding in report.findings} == {
        "monotony-grade": 3,
        "always-broken": 0,
        "rules-untested": None,
        "edges-untested": None,
    }


def test_real_enterprises_are_counted_by_a_category(tmp_path: Path) -> None:
    """With 10 points for micro enterprises those with 10 to 19 points besides would be A instead of B if they were larger."""
    path = with_(tmp_path, "scored", ('{when: size == "large", give: 10}', '{when: size == "micro", give: 10}'))
    checked = check(path)
    rows = [
        {**ROWS[0], "enterprise": f"{size} {points}", "size": size, "fines": 1.0 if points else 0.0}
        for size in ("micro", "small", "large")
        for points in (0, 10)
    ]
    report = touched(checked.report, checked.book.program, frame(rows).with_columns(opened=nw.lit(None, nw.Date())), AS_OF, key="enterprise")
    assert {finding.code: finding.touches for finding in report.findings if finding.pair} == {"monotony-grade": 1}  # micro 10: 20 points, B


def test_suggested_cases_stand_on_every_edge_and_pass(tmp_path: Path) -> None:
    path = with_(tmp_path, "scored")
    checked = check(path)
    assert checked.report.coverage is not None
    assert (checked.report.coverage.tested, checked.report.coverage.edges) == (0, 22)
    (tmp_path / "scored.tests.yaml").write_text(checked.suggest(), encoding="utf-8")
    again = check(path)
    assert again.report.coverage is not None
    assert (again.report.coverage.tested, again.report.coverage.untested) == (22, ())
    assert [result.differences for result in run_cases(again.book) if not result.passed] == []
    assert check(FAULTY / "scored.yaml").suggest().endswith("tests: []\n")


@pytest.mark.parametrize("name", rg.rulebook_ids())
def test_shipped_rulebooks_have_no_errors_and_leave_nothing_open(name: str) -> None:
    report = check(name).report
    assert [finding for finding in report.findings if finding.grave == "error"] == []
    broken = [finding for finding in report.findings if finding.code.startswith("monotony")]
    assert {proof.result for proof in report.proofs} == ({"proved", "broken"} if broken else {"proved"})
    assert [finding.code for finding in broken] == (["monotony-inspection"] if name == "cn/henan-coal-2025" else [])  # the law itself: D has a lower cap than C
    assert all(finding.cites for finding in broken)


def test_codes_have_both_languages() -> None:
    assert {code.severity for code in CODES.values()} == {"note", "warning", "error"}
    assert all(code.meaning.en and code.meaning.zh for code in CODES.values())


# two rulebooks


@pytest.mark.parametrize(
    ("changes", "verdict", "grade"),
    [
        ([], "equal", "equal"),
        ([("C: \"[40, 55)\", D: \"[55, 200]\"", "C: \"[40, 50)\", D: \"[50, 200]\"")], "stricter", "stricter"),
        ([("C: \"[40, 55)\", D: \"[55, 200]\"", "C: \"[40, 60)\", D: \"[60, 200]\"")], "laxer", "laxer"),
        ([("B: {ratio: 5%}", "B: {ratio: 3%}")], "laxer", "equal"),
        ([("A: \"[0, 20)\", B: \"[20, 40)\"", "A: \"[0, 15)\", B: \"[15, 45)\""), ("C: \"[40, 55)\"", "C: \"[45, 55)\"")], "neither", "neither"),
        ([("B: {ratio: 5%}", "B: {ratio: 3%}"), ("C: {ratio: 20%", "C: {ratio: 30%")], "neither", "equal"),
        # a rewording that changes nothing
        ([("{when: penalties >= 5, give: 40}", "{when: penalties > 4, give: 40}")], "equal", "equal"),
    ],
)  # fmt: skip
def test_two_rulebooks(changes: list[tuple[str, str]], verdict: str, grade: str, tmp_path: Path) -> None:
    other = with_(tmp_path, "scored", *changes)
    found = against(FAULTY / "scored.yaml", other)
    (period,) = found.periods
    assert (found.verdict, period.since, period.until, found.same_text) == (verdict, dt.date(2020, 1, 1), None, not changes)
    assert (period.aspects[0].what.en, period.aspects[0].verdict) == ("grade", grade)
    books = (rg.load(FAULTY / "scored.yaml"), rg.load(other))
    for one, sign in ((period.aspects[0].stricter, 1), (period.aspects[0].laxer, -1)):
        if one is not None:
            before, after = (decision.grade for decision in decided(books, one))
            assert (ORDER.index(after) - ORDER.index(before)) * sign > 0
            assert one.values == (before, after) == tuple(by.grade for by in one.enterprises)


ORDER = ["A", "B", "C", "D"]


def decided(books: tuple[rg.Book, rg.Book], witness: Witness) -> tuple[rg.Decision, rg.Decision]:
    """What both rulebooks decide of a witness, run once more."""
    one, two = (book.decide(by.facts, as_of=by.as_of) for book, by in zip(books, witness.enterprises, strict=True))
    return one, two


def a_reform(folder: Path, text: str, over: str = "xx/scored") -> Path:
    path = folder / "reform.yaml"
    path.write_text(f"reform: r\nover: {over}\n{text}\n", encoding="utf-8")
    return path


def verdicts(found: Comparison) -> dict[str, str]:
    """The verdict of each aspect of the only period that is not equal."""
    return {aspect.what.en: aspect.verdict for period in found.periods for aspect in period.aspects if aspect.verdict != "equal"}


@pytest.mark.parametrize(
    ("reform", "found", "values"),
    [
        ("remove: [service.paths.quick]", {"path quick": "stricter"}, ("offered", "not offered")),
        ("set: {service.paths.quick.when: 'grade == \"A\"'}", {"path quick": "laxer"}, ("not offered", "offered")),
        ("set: {service.paths.simple.grants: {working_days: 5}}", {"working days of the path": "laxer"}, ("-", "5")),
        ("set: {service.paths.simple.grants: {visits: 0}}", {"visits of the path": "laxer"}, ("-", "0")),
        ("set: {service.paths.ordinary.grants: {skip: [site_visit]}}", {"steps that the path saves": "laxer"}, ("0", "1")),
        ("set: {service.paths.quick.grants: {waive: [plan, lease]}}", {"documents that the path saves": "laxer"}, ("0", "2")),
        ("set: {inspection.by_grade.D.visits.at_least: 3}", {"least visits": "stricter"}, ("2", "3")),
        ("set: {inspection.by_grade.C.ratio: 1/3}", {"least ratio": "stricter", "greatest ratio": "stricter"}, ("20%", "33.3333%")),
    ],
)
def test_a_reform_against_its_rulebook(reform: str, found: dict[str, str], values: tuple[str, str], tmp_path: Path) -> None:
    path = a_reform(tmp_path, reform)
    comparison = against(FAULTY / "scored.yaml", path)
    assert verdicts(comparison) == found
    assert comparison.verdict == next(iter(found.values()))
    book = rg.load(FAULTY / "scored.yaml")
    for aspect in comparison.periods[0].aspects:
        for one in (aspect.stricter, aspect.laxer):
            if one is not None:
                assert one.values == values
                before, after = decided((book, book.with_reform(path)), one)
                # the same enterprise, the same grade; what differs is what the grade brings
                assert before.grade == after.grade and before.columns() != after.columns()


def test_a_path_for_some_and_not_for_others(tmp_path: Path) -> None:
    path = a_reform(tmp_path, "set: {service.paths.quick.when: 'grade == \"B\" and not new'}")
    comparison = against(FAULTY / "scored.yaml", path)
    assert verdicts(comparison) == {"path quick": "neither"} and comparison.verdict == "neither"
    (aspect,) = [aspect for aspect in comparison.periods[0].aspects if aspect.verdict == "neither"]
    assert aspect.stricter is not None and aspect.laxer is not None
    book = rg.load(FAULTY / "scored.yaml")
    offered = [[decision.columns()["service_path"] for decision in decided((book, book.with_reform(path)), one)] for one in (aspect.stricter, aspect.laxer)]
    assert offered == [["quick", "simple"], ["simple", "quick"]]


def test_every_period_is_compared(tmp_path: Path) -> None:
    """Stricter for a year, then laxer: over all days neither, though the latest laws alone would say laxer."""
    path = a_reform(tmp_path, "set: {inspection.by_grade.B.ratio: {2027-01-01: 8%, 2028-01-01: 3%}}")
    comparison = against(FAULTY / "scored.yaml", path)
    assert [(str(period.since), str(period.until), period.verdict) for period in comparison.periods] == [
        ("2020-01-01", "2026-12-31", "equal"), ("2027-01-01", "2027-12-31", "stricter"), ("2028-01-01", "None", "laxer"),
    ]  # fmt: skip
    assert comparison.verdict == "neither"
    for period in comparison.periods:
        for aspect in period.aspects:
            for one in (aspect.stricter, aspect.laxer):
                assert one is None or all(period.since <= by.as_of and (period.until is None or by.as_of <= period.until) for by in one.enterprises)


def test_only_days_in_common_are_compared(tmp_path: Path) -> None:
    (tmp_path / "later").mkdir()
    until = with_(tmp_path, "scored", ("in_force: {from: 2020-01-01}", "in_force: {from: 2020-01-01, until: 2024-12-31}"))
    later = with_(tmp_path / "later", "scored", ("in_force: {from: 2020-01-01}", "in_force: {from: 2023-01-01}"), ("B: {ratio: 5%}", "B: {ratio: 4%}"))
    (period,) = against(until, later).periods
    assert (period.since, period.until, period.verdict) == (dt.date(2023, 1, 1), dt.date(2024, 12, 31), "laxer")
    last = with_(tmp_path / "later", "scored", ("in_force: {from: 2020-01-01}", "in_force: {from: 2025-01-01}"))
    with pytest.raises(rg.ProblemError, match="never in force on the same day"):
        against(until, last)


def test_a_reform_that_changes_nothing(tmp_path: Path) -> None:
    comparison = against("us/hud-reac", a_reform(tmp_path, "set: {}", "us/hud-reac"))
    assert comparison.same_text and comparison.verdict == "equal"


def test_rulebooks_that_cannot_be_compared(tmp_path: Path) -> None:
    with pytest.raises(rg.ProblemError, match="the grades are not the same: A/B/C/D and A/B/C"):
        against(FAULTY / "scored.yaml", FAULTY / "rows.yaml")
    other = with_(tmp_path, "scored", ("penalties: {type: integer, min: 0, max: 20", "penalties: {type: integer, min: 0, max: 30"))
    with pytest.raises(rg.ProblemError, match="`penalties` is declared otherwise in `xx/scored`"):
        against(FAULTY / "scored.yaml", other)


def test_exact_decimals_stay_exact() -> None:
    """The threshold of fines is 100.00, and the witness of its other side is 100.01 and not a float near it."""
    checked = check(FAULTY / "scored.yaml")
    above = e.Compare(">", e.Column("fact.fines"), e.Constant(10_000))
    (one,) = checked.prover.some(above).found
    assert one.facts["fines"] == Decimal("100.01")


def test_the_page_lists_every_code() -> None:
    page = (Path(__file__).parents[2] / "docs/check.md").read_text(encoding="utf-8")
    assert [line for line in page.splitlines() if line.startswith("| `") and line.count("|") == 4] == [
        f"| `{name}` | {code.severity} | {code.meaning.en} |" for name, code in CODES.items()
    ]
