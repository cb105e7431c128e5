"""The condition language: what it accepts, what it says of what it refuses, and where."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regengine.conditions import Boolean, Day, Number, Scope, Text, parse


def whole(low: int, high: int) -> Number:
    return Number(0, Fraction(low), Fraction(high))


SCOPE = Scope(
    names={
        "penalties": whole(0, 100),
        "fine": Number(2, Fraction(0), Fraction(1000)),
        "listed": Boolean(),
        "opened": Day(),
        "menu": Text(("A", "B")),
        "grade": Text(("A", "B", "C", "D"), "grade"),
        "owner": Text(None, "code"),
        "years": whole(0, 200),
        "huge": whole(-(10**12), 10**12),
        "general.grade": Text(("A", "B"), "grade"),
    },
    unknown=frozenset({"years"}),
    later=frozenset({"score"}),
)


@pytest.mark.parametrize(
    "text",
    [
        "penalties >= 3",
        "penalties >= 3 and not listed or fine < 2.55",
        "1 < penalties <= 5",
        'menu == "A"',
        'grade in ["C", "D"]',
        'grade not in ["A"]',
        'general.grade == "B"',
        'owner == "91410100MA0000000X"',
        "opened <= as_of - months(24)",
        "opened > as_of - years(2)",
        'opened == date("2022-07-25")',
        "days_between(opened, as_of) > 30",
        "min(penalties, 5) + max(1, 2) * 3 > abs(penalties - 7)",
        "known(years) and years > 3",
        "not known(years) or years > 3",
        "listed == false",
        "-penalties < -2",
        "penalties in [1, 2, 3]",
        "  listed  ",
        "true",
    ],
)
def test_accepts(text: str) -> None:
    node, faults = parse(text, SCOPE)
    assert faults == ()
    assert node is not None
    assert isinstance(node.type, Boolean)


REFUSED = [
    # text, code, a word of the message, offset, hint
    ("penaltis >= 3", "name-unknown", "`penaltis`", 0, "did you mean `penalties`?"),
    ("listed and penaltis >= 3", "name-unknown", "`penaltis`", 11, "did you mean `penalties`?"),
    ("score > 3", "name-unknown", "worked out only after", 0, "a section sees only the sections before it"),
    ('menu == "C"', "category-unknown", "`C` is not a value of `menu`", 8, "known: `A`, `B`"),
    ('grade in ["A", "E"]', "category-unknown", "`E` is not a grade", 15, "known: `A`, `B`, `C`, `D`"),
    ('penalties == "3"', "type-mismatch", "`penalties` is a whole number", 0, None),
    ('opened > "2022-01-01"', "type-mismatch", "is a date", 0, 'write `date("2022-01-01")`'),
    ("listed > listed", "type-mismatch", "has no order", 0, "write `==`, `!=` or `in [...]`"),
    ("penalties and listed", "type-mismatch", "true or false is needed", 0, None),
    ("years > 3", "unknown-unguarded", "`years` may be unknown", 0, "write `known(years) and ...` before it"),
    ("years > 3 and known(years)", "unknown-unguarded", "`years` may be unknown", 0, "write `known(years) and ...` before it"),
    ("penalties / 2 > 1", "condition-forbidden", "`penalties / 2`", 0, "write a term `share(a, b, places)` for a ratio"),
    ("penalties = 3", "condition-syntax", "is not an expression", 10, "compare with `==`"),
    ("", "condition-syntax", "empty", 0, None),
    ('__import__("os").system("x")', "condition-forbidden", "not part of the condition language", 0, "see the condition language in docs/rulebook.md"),
    ("().__class__.__bases__", "condition-forbidden", "not part of", 0, "see the condition language in docs/rulebook.md"),
    ("[x for x in [1]]", "condition-forbidden", "not part of", 0, "see the condition language in docs/rulebook.md"),
    ("lambda: listed", "condition-forbidden", "not part of", 0, "see the condition language in docs/rulebook.md"),
    ("penalties ** 9 > 1", "condition-forbidden", "not part of", 0, None),
    ("eval(owner)", "condition-forbidden", "`eval()`", 0, None),
    ("listed if listed else listed", "condition-forbidden", "not part of", 0, "see the condition language in docs/rulebook.md"),
    ("fine > 2.55555", "places-exceeded", "5 decimal places", 7, None),
    ("huge * huge * huge > 1", "range-exceeded", "could leave 64 bits", 0, "give its facts `min` and `max`"),
    ("penalties > 9999999999999999", "range-exceeded", "is past", 12, None),
    ("penalties > 0x10", "condition-forbidden", "plain number", 12, None),
    ("opened - months(3) > as_of", "type-mismatch", "stands only in `as_of - months(...)`", 0, None),
    ("months(3) == 3", "type-mismatch", "stands only next to `as_of`", 0, None),
    ("opened > as_of - months(2.5)", "type-mismatch", "one whole number", 17, None),
    ('opened > date("2022-02-30")', "date-wrong", "`2022-02-30`", 9, None),
    ("opened - as_of > 3", "type-mismatch", "dates are not added", 0, None),
    ("share(penalties, 3, 2) > 1", "condition-forbidden", "stands alone in a term", 0, None),
    ('owner == "' + "x" * 201 + '"', "condition-limit", "201 characters", 9, None),
    ("listed\\", "condition-forbidden", "backslash", 0, None),
    ("listed is listed", "condition-forbidden", "`is`", 0, "write `==`"),
]


@pytest.mark.parametrize(("text", "code", "message", "offset", "hint"), REFUSED, ids=[row[0][:40] for row in REFUSED])
def test_refuses(text: str, code: str, message: str, offset: int, hint: str | None) -> None:
    node, faults = parse(text, SCOPE)
    assert node is None
    assert len(faults) == 1
    fault = faults[0]
    assert fault.code == code
    assert message in fault.message
    if hint is not None:
        assert fault.hint == hint
    if offset:
        assert fault.offset == offset


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("(" * 20_000 + "listed" + ")" * 20_000, "condition-limit"),
        ("not " * 20_000 + "listed", "condition-limit"),
        ("not " * 900 + "listed", "condition-limit"),
        ("-" * 3_900 + "1 > 0", "condition-limit"),
        ("listed and " * 300 + "listed", "condition-limit"),
        (" + ".join(["penalties"] * 150) + " > 1", "condition-limit"),
        ("(" * 300 + "listed" + ")" * 300, "condition-syntax"),
    ],
)
def test_is_bounded(text: str, code: str) -> None:
    node, faults = parse(text, SCOPE)
    assert node is None
    assert [fault.code for fault in faults] == [code]


def test_finds_every_fault_of_one_text() -> None:
    _, faults = parse('penaltis > 1 and menu == "Z" and fine > 1.00001', SCOPE)
    assert [fault.code for fault in faults] == ["name-unknown", "category-unknown", "places-exceeded"]
    assert [fault.offset for fault in faults] == [0, 25, 40]


def test_offsets_count_characters_after_chinese_text() -> None:
    _, faults = parse('owner == "企业" and penaltis > 1', SCOPE)
    assert [fault.offset for fault in faults] == [18]


def test_a_row_may_rest_on_what_earlier_rows_proved() -> None:
    node, faults = parse("years > 3", SCOPE, known=frozenset({"years"}))
    assert faults == ()
    assert node is not None


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    node, faults = parse(text, SCOPE)
    assert (node is None) == bool(faults)


def joined(parts: tuple[str, str, str]) -> str:
    left, word, right = parts
    return f"({left} {word} not {right})"


GOOD_PARTS = st.sampled_from(["listed", "penalties > 1", 'menu == "A"', "known(years)"])
COMBINED = st.recursive(GOOD_PARTS, lambda inner: st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(joined), max_leaves=12)


@given(COMBINED)
def test_any_combination_of_good_parts_is_good(text: str) -> None:
    _, faults = parse(text, SCOPE)
    assert all(fault.code == "condition-limit" for fault in faults)
