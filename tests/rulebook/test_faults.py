"""Planted faults: each makes one problem, with its code, line and column, and what to do about it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from regengine.problems import Problem, ProblemError
from regengine.rulebook.load import load_rulebook

GOOD = """\
rulebook: x/good
edition: "1.0"
title: {en: A small scheme, zh: 小规则}
authority: Town of X
in_force: {from: 2020-01-01, until: 2030-12-31}
audience: internal

sources:
  act: {instrument: Act 1, issued: 2019-12-01, seen: official}
  memo: {instrument: Memo, seen: recalled}

facts:
  listed: {type: boolean, missing: reject}
  fines: {type: integer, min: 0, max: 10, missing: 0}
  amount: {type: decimal, places: 2, min: 0, max: 100, missing: 0}
  age: {type: integer, min: 0, max: 200, missing: unknown}
  size: {type: category, values: [small, large], missing: small}
  opened: {type: date, min: 1990-01-01, missing: unknown}

terms:
  old: known(age) and age > 10
  large: size == "large"

indicators:
  conduct:
    label: Conduct
    at_most: 100
    cite: act#2
    items:
      fines:
        points:
          - {when: fines >= 3, give: 60}
          - {when: fines >= 1, give: 30}
          - {otherwise: 0}
      amount:
        bins:
          of: amount
          table:
            "0": 0
            "(0, 50]": 10
            "> 50": 40

score: {is: conduct, between: [0, 100], worse: higher}

grades:
  order: [A, B, C]
  cite: act#3
  bands: {A: "[0, 30)", B: "[30, 60)", C: "[60, 100]"}

adjust:
  - {id: listed, when: listed, grade: C, cite: act#4}
  - {id: large, when: large and old, worse_by: 1, basis: derived, note: from act#4}

inspection:
  cite: act#5
  by_grade:
    A: {ratio: 1%}
    B: {ratio: 2%, every: 12 months}
    C: {ratio: {2020-01-01: 10%, 2025-01-01: 5%}}

service:
  cite: act#6
  matters:
    permit: {working_days: 10}
  paths:
    - {id: quick, when: not listed, open_to: [permit]}
    - {id: ordinary, otherwise: true}

outcomes:
  licence:
    basis: illustrative
    by_grade:
      A: {length: 3 years}
      B: {length: 2 years}
      C: {length: 1 year}

warnings:
  - {id: many, when: fines > 8, level: alert, message: Many fines, cite: act#7}
"""
MATRIX = """\
  matrix:
    across: {of: listed, values: [false, true]}
    down: {of: size, values: [small, large]}
    cells: [[A, B], [B, C]]
"""
BANDS = '  bands: {A: "[0, 30)", B: "[30, 60)", C: "[60, 100]"}\n'


class Fault(NamedTuple):
    name: str
    old: str
    new: str
    code: str
    line: int
    column: int
    hint: str | None


FAULTS = [
    Fault("unknown key", "at_most: 100", "at_mots: 100", "key-unknown", 27, 5, "did you mean `at_most`?"),
    Fault("unknown key top", "authority: Town", "autority: Town", "key-unknown", 4, 1, "did you mean `authority`?"),
    Fault("unknown key value comma", "message: Many fines", "message: Many, fines", "key-unknown", 78, 62, "a text with a comma needs quotes"),
    Fault("missing key", "type: boolean, ", "", "key-missing", 13, 11, None),
    Fault("missing key of block", "    items:\n      fines", "    itemz:\n      fines", "key-unknown", 29, 5, "did you mean `items`?"),
    Fault("missing section", "rulebook: x/good\n", "", "key-missing", 1, 1, None),
    Fault("duplicate key", "  memo: {", "  act: {", "key-duplicate", 10, 3, None),
    Fault("wrong type text", 'edition: "1.0"', "edition: 1.0", "value-wrong", 2, 10, None),
    Fault("wrong type number", "give: 60", "give: sixty", "value-wrong", 32, 38, "write a plain number such as 2.5"),
    Fault("wrong type list", "values: [small, large], missing", "values: small, missing", "value-wrong", 17, 34, None),
    Fault(
        "wrong type mapping", "sources:\n  act: {instrument: Act 1, issued: 2019-12-01, seen: official}", "sources:\n  act: Act 1", "value-wrong", 9, 8, None
    ),
    Fault("wrong choice", "audience: internal", "audience: intern", "value-wrong", 6, 11, "did you mean `internal`?"),
    Fault("wrong name", "  opened: {type", "  Opened: {type", "value-wrong", 18, 3, "use small letters, digits and `_` (a rulebook id: `country/name-year`)"),
    Fault("wrong id", "rulebook: x/good", "rulebook: Good", "value-wrong", 1, 11, "use small letters, digits and `_` (a rulebook id: `country/name-year`)"),
    Fault("gap", '"(0, 50]": 10', '"(1, 50]": 10', "table-gap", 39, 13, None),
    Fault("overlap", '"> 50": 40', '">= 50": 40', "table-overlap", 41, 13, None),
    Fault("outside", '"> 50": 40', '"(50, 100]": 40\n            "> 100": 50', "row-order", 42, 13, None),
    Fault("empty interval", '"(0, 50]": 10', '"(50, 0]": 10', "interval-wrong", 40, 13, "write `[a, b)`, `<= a`, or a number"),
    Fault("bad interval", '"(0, 50]": 10', '"0-50": 10', "interval-wrong", 40, 13, "write `[a, b)`, `<= a`, or a number"),
    Fault("band gap", 'C: "[60, 100]"', 'C: "[61, 100]"', "table-gap", 48, 10, None),
    Fault("band overlap", 'B: "[30, 60)"', 'B: "[29, 60)"', "table-overlap", 48, 29, None),
    Fault("band empty", 'B: "[30, 60)"', 'B: "[60, 30)"', "interval-wrong", 48, 29, "write `[a, b)`, `<= a`, or a number"),
    Fault("no otherwise", "          - {otherwise: 0}\n", "", "row-order", 33, 13, "add a last row `otherwise`"),
    Fault(
        "after otherwise",
        "          - {otherwise: 0}\n",
        "          - {otherwise: 0}\n          - {when: large, give: 1}\n",
        "row-order",
        35,
        13,
        "move `otherwise` to the end",
    ),
    Fault("unknown source", "cite: act#2", "cite: acts#2", "citation-unknown", 28, 11, "did you mean `act`?"),
    Fault("unknown source in list", "cite: act#3", "cite: [act, memos]", "citation-unknown", 47, 15, "did you mean `memo`?"),
    Fault("no citation", "C, cite: act#4", "C", "citation-missing", 51, 5, "add `cite: source`, or `basis: illustrative` where it is not law"),
    Fault("recalled", "cite: act#7", "cite: memo", "citation-recalled", 78, 74, "mark the value `basis: illustrative`"),
    Fault("derived", "basis: derived, note: from act#4", "basis: derived", "note-missing", 52, 58, None),
    Fault("published", "basis: illustrative", "basis: published", "citation-missing", 71, 12, None),
    Fault("score leaves", "between: [0, 100]", "between: [0, 99]", "range-exceeded", 43, 31, "bound a family, or say `clip: true`"),
    Fault("between", "between: [0, 100]", "between: [100, 0]", "value-wrong", 43, 31, None),
    Fault("bands no score", "score: {is: conduct, between: [0, 100], worse: higher}\n", "", "key-missing", 47, 10, None),
    Fault("unknown grade", "grade: C, cite", "grade: E, cite", "category-unknown", 51, 39, "known: `A`, `B`, `C`"),
    Fault("grade without outcome", "    B: {ratio: 2%, every: 12 months}\n", "", "table-gap", 57, 5, None),
    Fault(
        "outcome for no grade",
        "    B: {ratio: 2%, every: 12 months}\n",
        "    B: {ratio: 2%}\n    D: {ratio: 2%}\n",
        "category-unknown",
        59,
        5,
        "known: `A`, `B`, `C`",
    ),
    Fault("reserved fact", "  opened: {type", "  known: {type", "name-duplicate", 18, 3, "choose another name"),
    Fault("keyword fact", "  opened: {type", "  lambda: {type", "name-duplicate", 18, 3, "choose another name"),
    Fault("column fact", "  opened: {type", "  inspection_every: {type", "name-duplicate", 18, 3, "choose another name"),
    Fault("same name", '  large: size == "large"', '  large: size == "large"\n  listed: size == "small"', "name-duplicate", 23, 3, None),
    Fault("unguarded use", "when: large and old,", "when: age > 3 and old,", "unknown-unguarded", 52, 23, "write `known(age) and ...` before it"),
    Fault("category value", 'size == "large"', 'size == "lagre"', "category-unknown", 22, 18, "did you mean `large`?"),
    Fault("missing out of bounds", "max: 10, missing: 0", "max: 10, missing: 11", "value-wrong", 14, 52, "write `reject`, `unknown`, or a value of the fact"),
    Fault(
        "missing value",
        "[small, large], missing: small",
        "[small, large], missing: middle",
        "value-wrong",
        17,
        59,
        "write `reject`, `unknown`, or a value of the fact",
    ),
    Fault("min over max", "{type: integer, min: 0, max: 10", "{type: integer, min: 11, max: 10", "value-wrong", 14, 31, None),
    Fault("values missing", "type: category, values: [small, large]", "type: category", "value-wrong", 17, 9, None),
    Fault("places", "give: 60", "give: 60.00001", "places-exceeded", 32, 38, None),
    Fault("places in condition", "fines > 8", "fines > 8.00001", "places-exceeded", 78, 30, None),
    Fault("fact places", "min: 0, max: 100, missing", "min: 0, max: 100.001, missing", "places-exceeded", 15, 51, None),
    Fault("term itself", 'size == "large"', "not large", "name-unknown", 22, 14, "a section sees only the sections before it"),
    Fault("term later", "known(age) and age > 10", "known(age) and large", "name-unknown", 21, 23, "a section sees only the sections before it"),
    Fault("grade early", 'size == "large"', 'grade == "A"', "name-unknown", 22, 10, "a section sees only the sections before it"),
    Fault("name unknown", "not listed", "not lister", "name-unknown", 66, 29, "did you mean `listed`?"),
    Fault(
        "import", "when: fines > 8", 'when: __import__("os").system("true")', "condition-forbidden", 78, 22, "see the condition language in docs/rulebook.md"
    ),
    Fault("attribute", "when: fines > 8", "when: fines.real > 8", "name-unknown", 78, 22, "did you mean `fines`?"),
    Fault("lambda", "when: fines > 8", 'when: "(lambda: 1)() > 8"', "condition-forbidden", 78, 23, "see the condition language in docs/rulebook.md"),
    Fault("division", "when: fines > 8", "when: fines / 2 > 8", "condition-forbidden", 78, 22, "write a term `share(a, b, places)` for a ratio"),
    Fault("assign", "when: fines > 8", "when: fines = 8", "condition-syntax", 78, 28, "compare with `==`"),
    Fault("compare types", "when: fines > 8", 'when: fines == "8"', "type-mismatch", 78, 22, None),
    Fault("64 bits", 'size == "large"', "amount * amount * amount * amount * amount * amount > 3", "range-exceeded", 22, 10, "give its facts `min` and `max`"),
    Fault("anchor", "cite: act#5", "cite: &a act#5", "yaml-syntax", 55, 9, "write the value out"),
    Fault("alias", "cite: act#5", "cite: *a", "yaml-syntax", 55, 9, "write the value out"),
    Fault("tag", "cite: act#5", "cite: !!str act#5", "yaml-syntax", 55, 9, None),
    Fault("custom tag", "cite: act#5", "cite: !x act#5", "yaml-syntax", 55, 9, None),
    Fault("two docs", "warnings:", "---\nwarnings:", "yaml-syntax", 77, 1, None),
    Fault(
        "syntax",
        "  act: {instrument: Act 1,",
        "  act: {instrument: Act 1",
        "yaml-syntax",
        9,
        33,
        "inside { } and [ ] a text with a comma, a colon or a bracket needs quotes",
    ),
    Fault("tab", "    B: {ratio: 2%", "	B: {ratio: 2%", "yaml-syntax", 58, 1, None),
    Fault("colon", "label: Conduct", "label: Conduct: bad", "yaml-syntax", 26, 19, None),
    Fault("dated early", "A: {ratio: 1%}", "A: {ratio: {2031-01-01: 1%}}", "not-in-force", 57, 16, None),
    Fault("dated bad", "2025-01-01: 5%", "2025-02-30: 5%", "date-wrong", 59, 34, None),
    Fault("date", "issued: 2019-12-01", "issued: 2019-13-01", "date-wrong", 9, 36, "write YYYY-MM-DD"),
    Fault("date form", "from: 2020-01-01", "from: 1 January 2020", "date-wrong", 5, 18, "write YYYY-MM-DD"),
    Fault("until", "until: 2030-12-31", "until: 2019-12-31", "date-wrong", 5, 37, None),
    Fault("date condition", "when: fines > 8", 'when: known(opened) and opened > date("2020-2-1")', "date-wrong", 78, 49, None),
    Fault("two actions", "worse_by: 1", "worse_by: 1, at_best: B", "value-wrong", 52, 5, None),
    Fault("no action", "worse_by: 1, ", "", "value-wrong", 52, 5, None),
    Fault("stop_at", "grade: C, cite", "grade: C, stop_at: C, cite", "value-wrong", 51, 5, None),
    Fault("dup adjust", "id: large,", "id: listed,", "name-duplicate", 52, 10, None),
    Fault(
        "dup warning",
        "message: Many fines, cite: act#7}",
        "message: Many fines, cite: act#7}\n  - {id: many, when: large, level: info, message: Large, cite: act}",
        "name-duplicate",
        79,
        10,
        None,
    ),
    Fault("ratio", "ratio: 1%", "ratio: 0.01", "value-wrong", 57, 16, "write `2%` or `1/3`"),
    Fault("ratio over", "ratio: 1%", "ratio: 101%", "value-wrong", 57, 16, "write `2%` or `1/3`"),
    Fault("duration", "every: 12 months", "every: a year", "value-wrong", 58, 27, "write `30 days`, `12 months`, `2 years` or `20 working days`"),
    Fault("bounds", "A: {ratio: 1%}", "A: {ratio: {at_least: 2%, at_most: 1%}}", "value-wrong", 57, 16, None),
    Fault("by both", "  by_grade:\n    A: {ratio: 1%}", "  rows: [{otherwise: true}]\n  by_grade:\n    A: {ratio: 1%}", "value-wrong", 55, 3, None),
    Fault("matter", "open_to: [permit]", "open_to: [permits]", "name-unknown", 66, 47, "did you mean `permit`?"),
    Fault("path none", "{id: quick, when: not listed, ", "{id: quick, ", "value-wrong", 66, 7, None),
    Fault("row id", "give: 30}", "give: 30, id: otherwise}", "name-duplicate", 33, 46, "choose another name"),
    Fault("outcome column", "  licence:\n    basis", "  service:\n    basis", "name-duplicate", 70, 3, "choose another name"),
    Fault("outcome list", "A: {length: 3 years}", "A: {length: [3, 4]}", "value-wrong", 73, 19, None),
    Fault("matrix shape", BANDS, MATRIX.replace("[[A, B], [B, C]]", "[[A, B]]"), "table-gap", 51, 12, None),
    Fault("matrix value", BANDS, MATRIX.replace("[small, large]", "[small, huge]"), "category-unknown", 50, 38, "known: `large`, `small`"),
    Fault("matrix value missing", BANDS, MATRIX.replace("[small, large]", "[small]").replace("[[A, B], [B, C]]", "[[A, B]]"), "table-gap", 50, 30, None),
    Fault(
        "matrix number",
        BANDS,
        MATRIX.replace("of: size, values: [small, large]", "of: amount, values: [1, 2]"),
        "type-mismatch",
        50,
        16,
        "use a category, a boolean, or a whole number with `min` and `max`",
    ),
    Fault(
        "matrix twice",
        BANDS,
        MATRIX.replace("[false, true]", "[false, true, true]").replace("[[A, B], [B, C]]", "[[A, B, B], [B, C, C]]"),
        "table-overlap",
        49,
        48,
        None,
    ),
    Fault("unique otherwise", BANDS, "  hit: unique\n  rows: [{when: fines > 5, grade: C}, {otherwise: A}]\n", "row-order", 49, 39, None),
    Fault("rows unknown grade", BANDS, "  rows: [{when: fines > 5, grade: X}, {otherwise: A}]\n", "category-unknown", 48, 35, "known: `A`, `B`, `C`"),
    Fault("bands and rows", BANDS, BANDS + "  rows: [{when: fines > 5, grade: C}, {otherwise: A}]\n", "value-wrong", 46, 3, None),
    Fault("grade twice", "order: [A, B, C]", "order: [A, B, C, B]", "name-duplicate", 46, 10, None),
    Fault("label of no grade", BANDS, BANDS + "  labels: {X: odd}\n", "category-unknown", 49, 12, "known: `A`, `B`, `C`"),
    Fault("uses unknown", "terms:", "uses: {other: us/hud-raec}\n\nterms:", "rulebook-unknown", 20, 15, "did you mean `us/hud-reac`?"),
    Fault(
        "unknown language",
        "title: {en: A small scheme, zh: 小规则}",
        "title: {en: A small scheme, zh: 小规则, fr: Un}",
        "key-unknown",
        3,
        38,
        "known: `en`, `zh`",
    ),
    Fault("title empty", "title: {en: A small scheme, zh: 小规则}", "title: {}", "value-wrong", 3, 8, None),
    Fault(
        "chinese",
        "when: fines > 8, level: alert, message: Many fines",
        "message: 罚款很多, level: alert, when: fine > 8",
        "name-unknown",
        78,
        51,
        "did you mean `fines`?",
    ),
    Fault("nan", "give: 60", "give: .nan", "value-wrong", 32, 38, None),
    Fault("inf text", 'edition: "1.0"', "edition: .inf", "value-wrong", 2, 10, None),
    Fault("surrogate", "label: Conduct", 'label: "\\ud83d"', "yaml-syntax", 26, 12, None),
    Fault("key type", "warnings:", "? [a]\n: b\nwarnings:", "yaml-syntax", 77, 3, None),
    Fault("empty values", "warnings:\n", "registers:\nwarnings:\n", "value-wrong", 77, 1, None),
    Fault("register", "{type: boolean, missing: reject}", "{type: boolean, missing: reject, from: {any: penalties}}", "name-unknown", 13, 50, None),
    Fault("no bands", BANDS, "  bands: {}\n", "table-gap", 48, 10, None),
    Fault("mixed outcome", "A: {length: 3 years}", "A: {length: 3}", "type-mismatch", 70, 3, None),
    Fault("floor above ceiling", "    at_most: 100\n", "    at_most: 100\n    at_least: 101\n", "value-wrong", 28, 15, None),
    Fault(
        "row without condition",
        "  by_grade:\n    A: {ratio: 1%}\n    B: {ratio: 2%, every: 12 months}\n    C: {ratio: {2020-01-01: 10%, 2025-01-01: 5%}}",
        "  rows: [{ratio: 1%}]",
        "value-wrong",
        56,
        10,
        None,
    ),
    Fault(
        "unique row on its own",
        BANDS,
        "  hit: unique\n  rows: [{when: not known(age), grade: A}, {when: age > 3, grade: B}]\n",
        "unknown-unguarded",
        49,
        51,
        "write `known(age) and ...` before it",
    ),
    Fault(
        "path on its own",
        "{id: quick, when: not listed, open_to: [permit]}",
        "{id: quick, when: not known(age)}\n    - {id: slow, when: age > 3}",
        "unknown-unguarded",
        67,
        24,
        "write `known(age) and ...` before it",
    ),
    Fault("too many months", "known(age) and age > 10", "known(opened) and opened > as_of - months(3601)", "type-mismatch", 21, 43, None),
    Fault(
        "row id twice",
        "give: 60}\n          - {when: fines >= 1, give: 30}",
        "give: 60, id: many}\n          - {when: fines >= 1, give: 30, id: many}",
        "name-duplicate",
        33,
        46,
        None,
    ),
    Fault("matrix mapping value", BANDS, MATRIX.replace("[false, true]", "[false, {a: 1}]"), "category-unknown", 49, 42, "known: `false`, `true`"),
    Fault(
        "unguarded after known",
        "when: large and old,",
        "when: large and (known(age) or age > 3),",
        "unknown-unguarded",
        52,
        48,
        "write `known(age) and ...` before it",
    ),
    Fault("blank before a condition", "when: not listed", 'when: "  listed = true"', "condition-syntax", 66, 35, "compare with `==`"),
    Fault("many places in a condition", "fines > 8", "fines > 8.00000000000000000000000000000000001", "places-exceeded", 78, 30, None),
    Fault("many places", "give: 60", "give: 60.00000000000000000000000000000000001", "value-wrong", 32, 38, "write a plain number such as 2.5"),
    Fault("citation that decides nothing", "worse: higher", "worse: higher, cite: acts", "citation-unknown", 43, 62, "did you mean `act`?"),
    Fault("mistyped required key", "worse: higher", "wrose: higher", "key-unknown", 43, 41, "did you mean `worse`?"),
    Fault("mistyped key of a row", "give: 60", "giv: 60", "key-unknown", 32, 32, "did you mean `give`?"),
    Fault("missing key of a side", BANDS, MATRIX.replace(", values: [small, large]", ""), "key-missing", 50, 11, None),
    Fault("citation of the wrong type", "cite: act#5", "cite: 5", "value-wrong", 55, 9, None),
    Fault(
        "case twice",
        "warnings:",
        "tests:\n  - {case: one, facts: {}, expect: {}}\n  - {case: one, facts: {}, expect: {}}\nwarnings:",
        "name-duplicate",
        79,
        12,
        None,
    ),
]


def problems_of(path: Path) -> tuple[Problem, ...]:
    """What keeps a rulebook from being loaded."""
    with pytest.raises(ProblemError) as caught:
        load_rulebook(path)
    return caught.value.problems


def test_the_good_one_has_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "good.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert load_rulebook(path).id == "x/good"


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_one_fault_is_one_problem(fault: Fault, tmp_path: Path) -> None:
    assert GOOD.count(fault.old) == 1
    path = tmp_path / "faulty.yaml"
    path.write_text(GOOD.replace(fault.old, fault.new), encoding="utf-8")
    (problem,) = problems_of(path)
    assert (problem.code, problem.place.line, problem.place.column) == (fault.code, fault.line, fault.column)
    assert problem.hint == fault.hint
    assert problem.place.file == str(path)


def test_all_faults_of_a_file_are_told_at_once_in_its_order(tmp_path: Path) -> None:
    text = GOOD
    for old, new in [
        ("type: boolean, ", ""),
        ('size == "large"', 'size == "lagre"'),
        ('"(0, 50]": 10', '"(1, 50]": 10'),
        ("grade: C, cite", "grade: E, cite"),
        ("cite: act#7", "cite: memo"),
    ]:
        assert text.count(old) == 1
        text = text.replace(old, new)
    path = tmp_path / "faulty.yaml"
    path.write_text(text, encoding="utf-8")
    assert [(p.code, p.place.line, p.place.column) for p in problems_of(path)] == [
        ("key-missing", 13, 11),
        ("category-unknown", 22, 18),
        ("table-gap", 39, 13),
        ("category-unknown", 51, 39),
        ("citation-recalled", 78, 74),
    ]


# faults that are too large, or too odd, to be a replacement


def read_as(content: bytes, path: Path) -> Problem:
    path.write_bytes(content)
    (problem,) = problems_of(path)
    return problem


def test_an_expression_of_20_000_levels(tmp_path: Path) -> None:
    text = GOOD.replace("when: fines > 8", "when: " + "not " * 20_000 + "listed")
    problem = read_as(text.encode(), tmp_path / "deep.yaml")
    assert (problem.code, problem.place.line, problem.place.column) == ("condition-limit", 78, 22)


def test_an_expression_of_3_900_characters_and_1_900_levels(tmp_path: Path) -> None:
    text = GOOD.replace("when: fines > 8", "when: fines > " + "-" * 3_880 + "1")
    problem = read_as(text.encode(), tmp_path / "deep.yaml")
    assert (problem.code, problem.place.line, problem.place.column) == ("condition-limit", 78, 22)


def test_a_file_over_2_megabytes(tmp_path: Path) -> None:
    problem = read_as(b"#" * 2_000_001, tmp_path / "large.yaml")
    assert (problem.code, problem.place.line) == ("yaml-limit", None)
    assert problem.message == "the file has 2,000,001 bytes, the limit is 2,000,000"


def test_more_than_20_000_values(tmp_path: Path) -> None:
    problem = read_as(b"facts:\n" + b"".join(b"  f%05d: 1\n" % n for n in range(10_000)), tmp_path / "many.yaml")
    assert (problem.code, problem.place.line, problem.place.column) == ("yaml-limit", 10_000, 11)


def test_more_than_40_levels(tmp_path: Path) -> None:
    problem = read_as(b"facts: " + b"[" * 50 + b"]" * 50, tmp_path / "nested.yaml")
    assert (problem.code, problem.place.line, problem.place.column) == ("yaml-limit", 1, 47)


def test_100_000_levels(tmp_path: Path) -> None:
    problem = read_as(b"facts: " + b"[" * 100_000, tmp_path / "nested.yaml")
    assert (problem.code, problem.place.line, problem.place.column) == ("yaml-limit", 1, 47)


def test_a_file_that_is_not_utf_8(tmp_path: Path) -> None:
    problem = read_as(GOOD.encode("gb18030"), tmp_path / "gb.yaml")
    assert (problem.code, problem.place.line, problem.hint) == ("file-encoding", 3, "save it as UTF-8")


def test_a_file_that_begins_with_a_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "marked.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert load_rulebook(path).id == "x/good"


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"---\n", b"\xef\xbb\xbf"], ids=["no byte", "a comment", "a start", "a mark"])
def test_a_file_without_data(content: bytes, tmp_path: Path) -> None:
    problem = read_as(content, tmp_path / "empty.yaml")
    assert (problem.code, problem.message) == ("file-empty", "the file holds no data")


def test_a_file_that_is_a_list(tmp_path: Path) -> None:
    problem = read_as(b"- rulebook: x/good\n", tmp_path / "list.yaml")
    assert (problem.code, problem.place.line, problem.place.column) == ("value-wrong", 1, 1)


def test_no_file_and_no_such_rulebook(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path / "none.yaml")
    assert (problem.code, problem.place.file) == ("file-missing", str(tmp_path / "none.yaml"))
    with pytest.raises(ProblemError) as caught:
        load_rulebook("cn/henan-2021")
    (problem,) = caught.value.problems
    assert (problem.code, problem.hint) == ("rulebook-unknown", "did you mean `cn/henan-2022`?")


def test_a_case_beside_the_file_with_the_name_of_another(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD, encoding="utf-8")
    beside = tmp_path / "good.tests.yaml"
    case = "  - {case: one, facts: {listed: false}, expect: {grade: A}}\n"
    beside.write_text("tests:\n" + case + case, encoding="utf-8")
    (problem,) = problems_of(tmp_path / "good.yaml")
    assert (problem.code, problem.place.file, problem.place.line, problem.place.column) == ("name-duplicate", str(beside), 3, 12)


def test_a_case_beside_the_file_with_the_name_of_one_inside(tmp_path: Path) -> None:
    case = "tests:\n  - {case: one, facts: {listed: false}, expect: {grade: A}}\n"
    (tmp_path / "good.yaml").write_text(GOOD + case, encoding="utf-8")
    beside = tmp_path / "good.tests.yaml"
    beside.write_text(case, encoding="utf-8")
    (problem,) = problems_of(tmp_path / "good.yaml")
    assert (problem.code, problem.place.file, problem.place.line, problem.place.column) == ("name-duplicate", str(beside), 2, 12)


def test_a_faulty_case_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "good.tests.yaml").write_text("tests:\n  - {case: one, fact: {}, facts: {}, expect: {}}\n", encoding="utf-8")
    (problem,) = problems_of(tmp_path / "good.yaml")
    assert (problem.code, problem.place.line, problem.place.column, problem.hint) == ("key-unknown", 2, 17, "did you mean `facts`?")


def test_a_used_rulebook_that_uses_its_user(tmp_path: Path) -> None:
    folder = tmp_path / "x"
    folder.mkdir()
    (folder / "one.yaml").write_text(GOOD.replace("x/good", "x/one").replace("terms:", "uses: {two: x/two}\n\nterms:"), encoding="utf-8")
    (folder / "two.yaml").write_text(GOOD.replace("x/good", "x/two").replace("terms:", "uses: {one: x/one}\n\nterms:"), encoding="utf-8")
    (problem,) = problems_of(folder / "one.yaml")
    assert (problem.code, problem.place.file, problem.place.line, problem.place.column) == ("uses-cycle", str(folder / "two.yaml"), 20, 13)
    assert problem.message == "the rulebooks use each other: `x/one` → `x/two` → `x/one`"
