"""YAML as located data: what a text means, and where each value stands."""

from __future__ import annotations

from decimal import Decimal

import pytest

from regengine.problems import Place, ProblemError
from regengine.rulebook.located import Plain, dotted, read_yaml_text

# columns count characters, a Chinese one as one; each text below is counted by hand
TEXT = """\
plain: fines > 3
double: "fines > 3"
single: 'fines > 3'
flow: {a: 1, b: "two", 标签: 罚款次数, c: 3}
list:
  - one
  - {deep: [x, 'y', "z"]}
folded: >-
  fines
  > 3
literal: |
  fines > 3
long: fines
  > 3
罚款: {zh: 河南, en: "He nan"}
empty:
"""


@pytest.mark.parametrize(
    ("path", "line", "column", "shown"),
    [
        ((), 1, 1, ""),
        (("plain",), 1, 8, "plain"),
        (("double",), 2, 10, "double"),  # of the text, after the quote
        (("single",), 3, 10, "single"),
        (("flow",), 4, 7, "flow"),
        (("flow", "a"), 4, 11, "flow.a"),
        (("flow", "b"), 4, 18, "flow.b"),
        (("flow", "标签"), 4, 28, "flow.标签"),
        (("flow", "c"), 4, 37, "flow.c"),
        (("list", 0), 6, 5, "list[0]"),
        (("list", 1, "deep", 1), 7, 17, "list[1].deep[1]"),
        (("list", 1, "deep", 2), 7, 22, "list[1].deep[2]"),
        (("folded",), 8, 9, "folded"),
        (("literal",), 11, 10, "literal"),
        (("long",), 13, 7, "long"),
        (("罚款", "zh"), 15, 10, "罚款.zh"),
        (("罚款", "en"), 15, 19, "罚款.en"),
        (("empty",), 16, 1, "empty"),  # nothing stands after the key
        (("flow", "none", "below"), 4, 7, "flow.none.below"),  # the deepest value that is there
        (("list", 5), 6, 3, "list[5]"),
    ],
)
def test_places(path: tuple[str | int, ...], line: int, column: int, shown: str) -> None:
    assert read_yaml_text(TEXT).place(path, "file.yaml") == Place("file.yaml", line, column, shown)


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        (("plain",), 1, 1),
        (("flow", "标签"), 4, 24),
        (("flow", "c"), 4, 34),
        (("list", 1, "deep"), 7, 6),
        (("罚款",), 15, 1),
        (("罚款", "en"), 15, 14),
        (("list", 0), 6, 5),
    ],
)
def test_places_of_keys(path: tuple[str | int, ...], line: int, column: int) -> None:
    place = read_yaml_text(TEXT).place(path, None, key=True)
    assert (place.line, place.column) == (line, column)


@pytest.mark.parametrize(
    ("path", "column"),
    [
        (("plain",), 16),
        (("double",), 18),
        (("single",), 18),
        (("flow", "标签"), 36),
        (("folded",), 9),  # over several lines a character has no column: the place of the whole
        (("literal",), 10),
        (("long",), 7),
        (("none",), 1),
    ],
)
def test_the_ninth_character_of_a_text(path: tuple[str | int, ...], column: int) -> None:
    assert read_yaml_text(TEXT).place(path, None, offset=8).column == column


def test_plain() -> None:
    assert read_yaml_text(TEXT).plain() == {
        "plain": "fines > 3",
        "double": "fines > 3",
        "single": "fines > 3",
        "flow": {"a": 1, "b": "two", "标签": "罚款次数", "c": 3},
        "list": ["one", {"deep": ["x", "y", "z"]}],
        "folded": "fines > 3",
        "literal": "fines > 3\n",
        "long": "fines > 3",
        "罚款": {"zh": "河南", "en": "He nan"},
        "empty": None,
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-1", -1),
        ("+1", 1),
        ("007", 7),
        ("1.5", Decimal("1.5")),
        ("1.50", Decimal("1.50")),
        (".5", Decimal("0.5")),
        ("1.", Decimal(1)),
        ("0.1", Decimal("0.1")),
        ("true", True),
        ("True", True),
        ("false", False),
        ("False", False),
        ("null", None),
        ("~", None),
        ("'true'", "true"),
        ('"1"', "1"),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("TRUE", "TRUE"),
        ("1e3", "1e3"),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("2022-07-25", "2022-07-25"),
        ("2%", "2%"),
        ("12:30", "12:30"),
        ("999999999999999999", 999999999999999999),
        ("9999999999999999999", "9999999999999999999"),  # past 18 digits it is no number here
    ],
)
def test_what_a_text_means(text: str, value: Plain) -> None:
    found = read_yaml_text(f"key: {text}\n").plain()
    assert isinstance(found, dict)
    assert found["key"] == value
    assert type(found["key"]) is type(value)


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: 1\nb: 2\na: 3\n", "key-duplicate", 3, 1),
        ("a: {b: 1, c: 2, b: 3}\n", "key-duplicate", 1, 17),
        ("a: &x 1\nb: *x\n", "yaml-syntax", 1, 4),
        ("a: {<<: *x}\n", "yaml-syntax", 1, 9),
        ("a: !!python/object:os.system x\n", "yaml-syntax", 1, 4),
        ("a: !!map {b: 1}\n", "yaml-syntax", 1, 4),
        ("a: 1\n---\nb: 2\n", "yaml-syntax", 2, 1),
        ("{a: 1}: 2\n", "yaml-syntax", 1, 1),
        ("? [a, b]\n: 1\n", "yaml-syntax", 1, 3),
        ("a: [1, 2\n", "yaml-syntax", 2, 1),
        ("a: 'x\n", "yaml-syntax", 2, 1),
        ("\ta: 1\n", "yaml-syntax", 1, 1),
        ("a: b: c\n", "yaml-syntax", 1, 5),
        ("a: .inf\n", "value-wrong", 1, 4),
        ("a: -.INF\n", "value-wrong", 1, 4),
        ("a: .NaN\n", "value-wrong", 1, 4),
        ('a: "\\ud800"\n', "yaml-syntax", 1, 4),
        ("", "file-empty", None, None),
        ("~\n", "file-empty", None, None),
    ],
)
def test_what_is_refused(text: str, code: str, line: int | None, column: int | None) -> None:
    with pytest.raises(ProblemError) as caught:
        read_yaml_text(text)
    (problem,) = caught.value.problems
    assert (problem.code, problem.place.line, problem.place.column) == (code, line, column)


def test_every_duplicate_key_is_told() -> None:
    with pytest.raises(ProblemError) as caught:
        read_yaml_text("a: 1\na: 2\nb: {c: 1, c: 2}\na: 3\n")
    assert [(problem.place.line, problem.message) for problem in caught.value.problems] == [
        (2, "the key `a` stands here and in line 1"),
        (3, "the key `c` stands here and in line 3"),
        (4, "the key `a` stands here and in line 1"),
    ]


def test_a_control_character_is_refused() -> None:
    with pytest.raises(ProblemError) as caught:
        read_yaml_text("a: x\x07y\n")
    assert [problem.code for problem in caught.value.problems] == ["yaml-syntax"]


@pytest.mark.parametrize(("path", "text"), [((), ""), (("a",), "a"), (("a", 0, "b"), "a[0].b"), (("a", 0, 1), "a[0][1]"), (("a", "b", "c"), "a.b.c")])
def test_paths_as_text(path: tuple[str | int, ...], text: str) -> None:
    assert dotted(path) == text


def test_the_limits() -> None:
    assert read_yaml_text("a: " + "[" * 39 + "]" * 39 + "\n").plain() is not None
    with pytest.raises(ProblemError) as caught:
        read_yaml_text("a: " + "[" * 40 + "]" * 40 + "\n")
    assert [(problem.code, problem.place.column) for problem in caught.value.problems] == [("yaml-limit", 43)]
    # the list and its 19,997 entries, the mapping and its key
    assert read_yaml_text("a: [" + "1, " * 19_997 + "]\n").plain() is not None
    with pytest.raises(ProblemError) as caught:
        read_yaml_text("a: [" + "1, " * 19_998 + "]\n")
    assert [problem.code for problem in caught.value.problems] == ["yaml-limit"]
    with pytest.raises(ProblemError) as caught:
        read_yaml_text("a: " + "字" * 700_000 + "\n")
    assert [(problem.code, problem.message) for problem in caught.value.problems] == [("yaml-limit", "the text is over 2,000,000 bytes")]
