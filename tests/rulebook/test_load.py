"""Loading: what comes out of a rulebook's file, and its identity."""

from __future__ import annotations

import datetime as dt
import hashlib
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from regengine.conditions import Boolean, Day, Number, Text
from regengine.problems import ProblemError
from regengine.rulebook.declared import fact_type
from regengine.rulebook.facts import fact_specs
from regengine.rulebook.law import Basis, Law
from regengine.rulebook.load import canonical_json, load_rulebook
from regengine.rulebook.parts import Words
from regengine.rulebook.shipped import find, rulebook_ids

TINY = """\
rulebook: x/tiny
edition: "1"
title: Tiny
authority: X
in_force: {from: 2020-01-01}
audience: internal
basis: illustrative
facts: {fines: {type: integer, min: 0, max: 10, missing: 0}}
grades: {order: [A, B], rows: [{when: fines >= 3, grade: B}, {otherwise: A}]}
"""
CANONICAL = (
    '{"audience":"internal","authority":"X","basis":"illustrative","edition":"1",'
    '"facts":{"fines":{"max":10,"min":0,"missing":0,"type":"integer"}},'
    '"grades":{"order":["A","B"],"rows":[{"grade":"B","when":"fines >= 3"},{"otherwise":"A"}]},'
    '"in_force":{"from":"2020-01-01"},"rulebook":"x/tiny","title":"Tiny"}'
)
DIGEST = "3a24afbff29fe50930bf0dad6b960dff47012e80f8da6ac437998fbff1749586"


def law_of(text: str, folder: Path) -> Law:
    path = folder / "tiny.yaml"
    path.write_text(text, encoding="utf-8")
    return load_rulebook(path).latest


# identity


def test_the_digest_is_that_of_the_canonical_text(tmp_path: Path) -> None:
    assert law_of(TINY, tmp_path).digest == DIGEST
    assert hashlib.sha256(CANONICAL.encode()).hexdigest() == DIGEST


@pytest.mark.parametrize(
    "text",
    [
        "# a comment\n\n" + TINY.replace("basis: illustrative\n", "basis: illustrative   # ours\n\n"),
        "\n".join(reversed(TINY.splitlines())) + "\n",
        TINY.replace("min: 0, max: 10", "max: 10, min: 0"),
        TINY.replace("title: Tiny", 'title: "Tiny"'),
        TINY.replace(
            "facts: {fines: {type: integer, min: 0, max: 10, missing: 0}}", "facts:\n  fines:\n    type: integer\n    min: 0\n    max: 10\n    missing: 0"
        ),
        TINY.replace("max: 10", "max: 10.0").replace("min: 0", "min: +0"),
        TINY.replace("title: Tiny", "title: {2019-01-01: Old, 2020-01-01: Tiny}"),
        TINY + "tests: [{case: one, facts: {fines: 1}, expect: {grade: A}}]\n",
    ],
    ids=["comments", "order of sections", "order of keys", "quotes", "block style", "the same number", "a date long past", "cases"],
)
def test_what_does_not_change_the_digest(text: str, tmp_path: Path) -> None:
    assert text != TINY
    assert law_of(text, tmp_path).digest == DIGEST


def test_cases_beside_the_file_do_not_change_the_digest(tmp_path: Path) -> None:
    (tmp_path / "tiny.tests.yaml").write_text("tests: [{case: one, facts: {fines: 1}, expect: {grade: A}}]\n", encoding="utf-8")
    assert law_of(TINY, tmp_path).digest == DIGEST


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("max: 10", "max: 11"),
        ("fines >= 3", "fines >= 4"),
        ("fines >= 3", "fines>=3"),
        ("order: [A, B]", "order: [B, A]"),
        ("x/tiny", "x/tine"),
        ('edition: "1"', 'edition: "2"'),
        ("2020-01-01", "2020-01-02"),
        ("audience: internal", "audience: public"),
    ],
)
def test_what_changes_the_digest(old: str, new: str, tmp_path: Path) -> None:
    assert law_of(TINY.replace(old, new), tmp_path).digest != DIGEST


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [True, False, None]}, b'{"a":[true,false,null],"b":1}'),
        ({"é": "é", "z": "\n", "罚": '"'}, '{"z":"\\n","é":"é","罚":"\\""}'.encode()),
        (Decimal("0.1"), b"0.1"),
        (Decimal("2.50"), b"2.5"),
        (Decimal("7.0"), b"7"),
        (Decimal("0.0001"), b"0.0001"),
        (Decimal("-0.0"), b"0"),
        (10**12, b"1000000000000"),
        (2**53 - 1, b"9007199254740991"),
        (2**53, b'"9007199254740992"'),  # past what a JSON number is sure to hold: as text
        (10**17 + 1, b'"100000000000000001"'),
        (Decimal("999999999999.0002"), b"999999999999.0002"),
        (Decimal("999999999999.0003"), b'"999999999999.0003"'),
    ],
)
def test_canonical_json(value: Any, text: bytes) -> None:
    assert canonical_json(value) == text


def test_no_two_numbers_have_one_canonical_text() -> None:
    numbers = [Decimal(f"999999999999.{n:04}") for n in range(10_000)]
    assert len({canonical_json(number) for number in numbers}) == 10_000


# what a law knows


def test_a_law_by_its_parts(tmp_path: Path) -> None:
    law = law_of(TINY, tmp_path)
    assert law.id == "x/tiny"
    assert law.since == dt.date(2020, 1, 1)
    assert law.facts == {"fines": Number(0, Fraction(0), Fraction(10))}
    assert law.score is None
    assert law.bases == {("grades", "rows", 0): Basis("illustrative"), ("grades", "rows", 1): Basis("illustrative")}
    assert law.balance == {"published": 0, "derived": 0, "illustrative": 2}
    assert law.document.title == Words(en="Tiny")


@pytest.mark.parametrize(
    ("row", "basis"),
    [
        ("{when: fines >= 3, grade: B}", Basis("published", ("act#1",))),
        ("{when: fines >= 3, grade: B, cite: [act#2, act#3]}", Basis("published", ("act#2", "act#3"))),
        ("{when: fines >= 3, grade: B, basis: illustrative}", Basis("illustrative")),
        ("{when: fines >= 3, grade: B, basis: derived, cite: act, note: by hand}", Basis("derived", ("act",), "by hand")),
    ],
)
def test_a_value_rests_on_the_nearest_block(row: str, basis: Basis, tmp_path: Path) -> None:
    text = TINY.replace("basis: illustrative\n", "cite: act#1\nsources: {act: {instrument: Act, seen: official}}\n")
    law = law_of(text.replace("{when: fines >= 3, grade: B}", row), tmp_path)
    assert law.bases["grades", "rows", 0] == basis
    assert law.bases["grades", "rows", 1] == Basis("published", ("act#1",))


def test_facts_by_their_types(tmp_path: Path) -> None:
    facts = """\
facts:
  fines: {type: integer, missing: 0}
  amount: {type: decimal, places: 2, min: -1.5, max: 2.25, missing: 0.5}
  listed: {type: boolean, missing: reject}
  size: {type: category, values: [large, small], missing: small}
  owner: {type: code, missing: unknown}
  opened: {type: date, min: 1990-01-01, missing: 2000-03-01, changeable: false}
"""
    law = law_of(TINY.replace("facts: {fines: {type: integer, min: 0, max: 10, missing: 0}}\n", facts), tmp_path)
    assert law.facts == {
        "fines": Number(0, Fraction(-(10**12)), Fraction(10**12)),
        "amount": Number(2, Fraction(-3, 2), Fraction(9, 4)),
        "listed": Boolean(),
        "size": Text(("large", "small")),
        "owner": Text(None, "code"),
        "opened": Day(),
    }
    assert fact_type(law.document.facts["size"]) == Text(("large", "small"))
    specs = {spec.name: spec for spec in fact_specs(law)}
    assert [(s.name, s.low, s.high, s.missing, s.stand_in) for s in specs.values()] == [
        ("fines", -(10**12), 10**12, "fill", 0),
        ("amount", -150, 225, "fill", 50),
        ("listed", None, None, "reject", False),
        ("size", None, None, "fill", "small"),
        ("owner", None, None, "unknown", ""),
        ("opened", 7305, 2932896, "fill", 11017),
    ]
    assert [name for name, spec in specs.items() if not spec.changeable] == ["opened"]


def test_a_text_in_one_language_stands_for_both(tmp_path: Path) -> None:
    title = law_of(TINY.replace("title: Tiny", "title: {zh: 小}"), tmp_path).document.title
    assert (title.say("en"), title.say("zh")) == ("小", "小")
    title = law_of(TINY, tmp_path).document.title
    assert (title.say("en"), title.say("zh")) == ("Tiny", "Tiny")


@pytest.mark.parametrize(
    ("ratio", "at_least", "at_most"),
    [
        ("2%", Fraction(1, 50), Fraction(1, 50)),
        ("{at_least: 1%}", Fraction(1, 100), None),
        ("{at_most: 1/3}", None, Fraction(1, 3)),
        ("1", Fraction(1), Fraction(1)),
    ],
)
def test_a_plain_ratio_is_floor_and_ceiling(ratio: str, at_least: Fraction | None, at_most: Fraction | None, tmp_path: Path) -> None:
    inspection = law_of(TINY + f"inspection: {{by_grade: {{A: {{ratio: {ratio}}}, B: {{}}}}}}\n", tmp_path).document.inspection
    assert inspection is not None and inspection.by_grade is not None
    bound = inspection.by_grade["A"].ratio
    assert bound is not None
    assert (bound.at_least, bound.at_most) == (at_least, at_most)


# shipped rulebooks


def test_shipped_rulebooks_are_found_by_id_and_by_path() -> None:
    ids = rulebook_ids()
    assert {"cn/henan-2022", "us/hud-reac"} <= set(ids)
    assert ids == sorted(ids)
    assert load_rulebook("us/hud-reac").latest.digest == load_rulebook(find("us/hud-reac")).latest.digest


@pytest.mark.parametrize("name", rulebook_ids())
def test_every_shipped_rulebook_loads_and_bears_its_name(name: str) -> None:
    rulebook = load_rulebook(name)
    assert rulebook.id == name
    assert rulebook.file == f"rules/{name}.yaml"
    assert len(rulebook.cases) > 0


def test_problems_name_a_file_as_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tiny.yaml").write_text(TINY.replace("fines >= 3", "fine >= 3"), encoding="utf-8")
    with pytest.raises(ProblemError) as caught:
        load_rulebook("tiny.yaml")
    assert str(caught.value) == "tiny.yaml:9:39: `fine` is not declared [name-unknown]\n  hint: did you mean `fines`?"
