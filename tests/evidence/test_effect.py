"""What a register's times of effect may not say: each fault told once, at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

import regengine as rg

TEXT = Path(__file__).with_name("registers.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new", "code", "hint"),
    [
        ("of: class", "of: clas", "name-unknown", "did you mean `class`?"),
        ("longest: {light: 3 months, ", "longest: {", "table-gap", None),
        ("longest: {light:", "longest: {lihgt: 1 year, light:", "category-unknown", "did you mean `light`?"),
        ("general: 1 year", "general: 20 working days", "value-wrong", None),
        ("least: {general: 3 months", "least: {general: 13 months", "value-wrong", None),
        ("{count: listings, open: true}", "{count: visits, open: true}", "value-wrong", None),
        ("{count: listings, open: true}", "{count: listing, open: true}", "name-unknown", None),
        ("{sum: penalties.fine, within: 24 months}", "{sum: penalties.severity, within: 24 months}", "type-mismatch", None),
        ("{sum: penalties.fine, within: 24 months}", "{sum: penalties.fines, within: 24 months}", "name-unknown", "did you mean `fine`?"),
        ("{any: penalties}", "{count: penalties}", "type-mismatch", None),
        ("{any: penalties}", "{any: penalties, count: penalties}", "value-wrong", None),
        ('where: severity == "serious"', 'where: severity == "grave"', "category-unknown", None),
        ("where: known(appealed) and appealed", "where: appealed", "unknown-unguarded", "write `known(appealed) and ...` before it"),
        ("{12 months: 1, 24 months: 0.5}", "{12 months: 1, 24 months: 0.25}", "places-exceeded", None),
        ("{12 months: 1, 24 months: 0.5}", "{12 months: 1, two years: 0.5}", "value-wrong", "write `30 days`, `12 months`, `2 years` or `20 working days`"),
    ],
)
def test_faults(tmp_path: Path, old: str, new: str, code: str, hint: str | None) -> None:
    assert old in TEXT
    path = tmp_path / "registers.yaml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(rg.ProblemError) as caught:
        rg.load(path)
    (problem,) = caught.value.problems
    assert problem.code == code
    line = TEXT[: TEXT.index(old)].count("\n") + 1
    assert abs((problem.place.line or 0) - line) <= 1
    if hint:
        assert problem.hint == hint
