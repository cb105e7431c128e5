"""Reforms: what they set, add and remove, from when; what they rest on; what is refused; and that they can be taken back."""

from __future__ import annotations

import doctest
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import regengine as rg
from regengine.problems import ProblemError
from regengine.rulebook.changes import Change
from regengine.rulebook.law import Basis
from regengine.rulebook.located import dotted
from regengine.rulebook.paths import follow, known_paths

RULEBOOK = """\
rulebook: x/shops
edition: "1"
title: Shops
authority: X
in_force: {from: 2022-01-01, until: 2030-12-31}
audience: internal
sources:
  act: {instrument: Act 1, seen: official}
  order: {instrument: Order 2, seen: official}
facts:
  fines: {type: integer, min: 0, max: 100, missing: 0}
  size: {type: category, values: [small, large], missing: small}
  listed: {type: boolean, missing: false}
  closed: {type: boolean, missing: false}
indicators:
  conduct:
    cite: act#1
    at_most: 50
    items:
      fines:
        points: [{when: fines >= 10, give: 40}, {when: fines >= 3, give: 20}, {otherwise: 0}]
      size:
        bins: {of: fines, table: {"[0, 2.5]": 0, "(2.5, 10]": 5, "> 10": 10}}
score: {is: conduct, between: [0, 50], worse: higher}
grades:
  order: [A, B, C]
  cite: act#2
  bands: {A: "[0, 20)", B: "[20, 40)", C: "[40, 50]"}
adjust:
  - {id: large, when: size == "large", at_best: B, cite: act#3}
  - {id: listed, when: listed, grade: C, cite: act#3}
inspection:
  cite: act#4
  by_grade:
    A: {ratio: 1%}
    B: {ratio: {2022-01-01: 5%, 2026-01-01: 4%}}
    C: {ratio: 20%, visits: 2, manner: [document, site], cite: act#5}
service:
  cite: act#6
  paths:
    - {id: commitment, when: grade == "A", grants: {decision: same day}}
    - {id: ordinary, otherwise: true}
"""


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> rg.Book:
    path = tmp_path_factory.mktemp("rules") / "shops.yaml"
    path.write_text(RULEBOOK, encoding="utf-8")
    return rg.load(path)


def reform(**parts: Any) -> rg.Reform:
    return rg.Reform(reform="r", over="x/shops", **parts)


def from_text(folder: Path, text: str) -> rg.Reform:
    path = folder / "reform.yaml"
    path.write_text(f"reform: r\nover: x/shops\n{text}", encoding="utf-8")
    return rg.read_reform(path)


def refused(book: rg.Book, *reforms: rg.Reform) -> list[tuple[str, int | None, int | None, str, str | None]]:
    with pytest.raises(ProblemError) as caught:
        book.with_reform(*reforms)
    return [(one.code, one.place.line, one.place.column, one.message, one.hint) for one in caught.value.problems]


def grades(book: rg.Book, as_of: str, **facts: Any) -> str:
    return book.decide(facts, as_of=as_of).grade


def ratio(book: rg.Book, grade: str, law_at: str) -> Fraction | None:
    inspection = book.at(law_at).law.document.inspection
    assert inspection is not None and inspection.by_grade is not None
    found = inspection.by_grade[grade].ratio
    return None if found is None else found.at_least


def texts(book: rg.Book) -> Any:
    return book.rulebook.text.plain()


# setting


def test_a_plain_value_replaces_and_the_rulebook_stays_as_it_was(shops: rg.Book) -> None:
    before = shops.digest
    stricter = shops.with_reform(reform(set={"grades.bands": {"A": "[0, 5)", "B": "[5, 40)", "C": "[40, 50]"}}))
    assert (grades(shops, "2025-01-01", fines=3), grades(stricter, "2025-01-01", fines=3)) == ("B", "B")  # 20 + 5 points
    assert (grades(shops, "2025-01-01", fines=2), grades(stricter, "2025-01-01", fines=2)) == ("A", "A")
    moved = shops.with_reform(reform(set={"indicators.conduct.items.fines.points.2.when": "fines >= 2"}))
    assert (grades(shops, "2025-01-01", fines=2), grades(moved, "2025-01-01", fines=2)) == ("A", "B")
    assert shops.digest == before and stricter.digest != before
    assert repr(stricter.at("2025-01-01")) == "<Book x/shops with r at 2025-01-01>"


def test_a_dated_value_leaves_what_held_before(shops: rg.Book) -> None:
    book = shops.with_reform(reform(set={"inspection.by_grade.C.ratio": {"2027-01-01": "50%"}}))
    assert [ratio(book, "C", day) for day in ("2022-01-01", "2026-12-31", "2027-01-01", "2030-12-31")] == [Fraction(1, 5)] * 2 + [Fraction(1, 2)] * 2
    # the law of every day before the reform is the law as it was, to the letter
    assert book.at("2026-12-31").digest == shops.at("2026-12-31").digest
    assert book.at("2027-01-01").digest != shops.at("2027-01-01").digest


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("9%", ["9%", "9%", "9%"]),
        ({"2025-01-01": "9%"}, ["5%", "9%", "9%"]),  # what was enacted for later goes
        ({"2027-01-01": "9%"}, ["5%", "5%", "4%"]),
        ({"2022-01-01": "9%", "2026-01-01": "8%"}, ["9%", "9%", "8%"]),
    ],
)
def test_a_value_over_a_dated_one(value: Any, found: list[str], shops: rg.Book) -> None:
    book = shops.with_reform(reform(set={"inspection.by_grade.B.ratio": value}))
    days = ("2022-01-01", "2025-06-01", "2026-06-01")
    assert [ratio(book, "B", day) for day in days] == [Fraction(text[:-1]) / 100 for text in found]


def test_one_day_of_a_dated_value(shops: rg.Book) -> None:
    book = shops.with_reform(reform(set={"inspection.by_grade.B.ratio.2026-01-01": "3%", "inspection.by_grade.B.ratio.2028-01-01": "2%"}))
    assert [ratio(book, "B", day) for day in ("2025-01-01", "2026-01-01", "2028-01-01")] == [Fraction(5, 100), Fraction(3, 100), Fraction(2, 100)]


def test_a_value_that_is_not_written_yet(shops: rg.Book) -> None:
    book = shops.with_reform(reform(set={"inspection.by_grade.A.visits.at_most": 1, "adjust.listed.final": True, "notice": "For planning only."}))
    document = book.law.document
    assert document.inspection is not None and document.inspection.by_grade is not None
    visits = document.inspection.by_grade["A"].visits
    assert visits is not None and (visits.at_least, visits.at_most) == (None, 1)
    assert document.adjust[1].final and document.notice is not None and document.notice.say("en") == "For planning only."


def test_a_value_that_ends_on_a_day(shops: rg.Book) -> None:
    book = shops.with_reform(reform(set={"inspection.by_grade.C.visits": {"2028-01-01": None}, "adjust.listed": {"2028-01-01": None}}))
    assert grades(book, "2027-12-31", listed=True) == "C" and grades(book, "2028-01-01", listed=True) == "A"
    assert [rule.id for rule in book.at("2028-01-01").law.document.adjust] == ["large"]
    assert book.at("2027-12-31").digest == shops.at("2027-12-31").digest


# adding and removing


def test_entries_are_added_at_the_end_but_before_otherwise(shops: rg.Book) -> None:
    added = reform(
        add={
            "adjust": [{"id": "repeat", "when": "fines >= 50", "at_best": "C", "cite": "order"}],
            "service.paths": [{"id": "tolerance", "when": 'grade == "B"', "cite": "order"}],
            "facts": {"branches": {"type": "integer", "min": 0, "max": 9, "missing": 0}},
            "warnings": [{"id": "many", "when": "fines > 90", "level": "alert", "message": "Many fines", "cite": "order"}],
        }
    )
    document = shops.with_reform(added).law.document
    assert [rule.id for rule in document.adjust] == ["large", "listed", "repeat"]
    assert document.service is not None and [path.id for path in document.service.paths] == ["commitment", "tolerance", "ordinary"]
    assert list(document.facts) == ["fines", "size", "listed", "closed", "branches"]
    assert [warning.id for warning in document.warnings] == ["many"]


def test_an_entry_that_is_added_from_a_day_on(shops: rg.Book) -> None:
    book = shops.with_reform(reform(add={"adjust": [{"2022-01-01": None, "2028-01-01": {"id": "closed", "when": "closed", "grade": "C", "cite": "order"}}]}))
    assert (grades(book, "2027-12-31", closed=True), grades(book, "2028-01-01", closed=True)) == ("A", "C")


def test_several_entries_go_and_the_others_stay(shops: rg.Book) -> None:
    # `adjust.2` is the second as the rulebook stands, whatever else the reform takes away
    book = shops.with_reform(reform(remove=["adjust.large", "service.paths.commitment"], set={"adjust.2.grade": "B"}))
    assert [(rule.id, rule.grade) for rule in book.law.document.adjust] == [("listed", "B")]
    assert book.law.document.service is not None and [path.id for path in book.law.document.service.paths] == ["ordinary"]


@pytest.mark.parametrize("path", ["adjust.listed.grade", "adjust.2.grade", "adjust[1].grade"])
def test_the_ways_to_write_a_path(path: str, shops: rg.Book) -> None:
    assert reform(set={path: "B"}).effect(shops) == (Change("adjust[1].grade", "C", "B"),)


ITEMS = ("indicators", "conduct", "items")


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("indicators.conduct.items.fines.points.1.give", (*ITEMS, "fines", "points", 0, "give")),  # as the rule `conduct.fines.1`
        ("indicators.conduct.items.fines.points.otherwise.otherwise", (*ITEMS, "fines", "points", 2, "otherwise")),
        ("indicators.conduct.items.size.bins.table.(2.5, 10]", (*ITEMS, "size", "bins", "table", "(2.5, 10]")),
        ("indicators.conduct.items.size.bins.table.2", (*ITEMS, "size", "bins", "table", "(2.5, 10]")),  # as the rule `conduct.size.2`
        ("indicators.conduct.items.size.bins.table.[0, 2.5]", (*ITEMS, "size", "bins", "table", "[0, 2.5]")),
        ("score.between.2", ("score", "between", 1)),
        ("inspection.by_grade.B.ratio.2026-01-01", ("inspection", "by_grade", "B", "ratio", "2026-01-01")),
    ],
)
def test_entries_are_counted_as_rule_ids_count_them(path: str, steps: tuple[str | int, ...], shops: rg.Book) -> None:
    assert follow(shops.rulebook.text, path) == (steps, ())


def test_every_path_as_it_is_written_leads_to_its_value(shops: rg.Book) -> None:
    paths = list(known_paths(shops.rulebook.text))
    assert len(paths) == len({follow(shops.rulebook.text, path)[0] for path in paths}) > 90
    assert {"adjust.listed.when", "service.paths.ordinary", "indicators.conduct.items.fines.points.otherwise"} <= set(paths)


# what a changed value rests on


def bases(book: rg.Book, day: str = "2030-01-01") -> dict[str, Basis]:
    return {dotted(path): basis for path, basis in book.at(day).law.bases.items()}


CITED: dict[str, Any] = {"basis": "published", "cite": ["order#1"]}
BY_ORDER = Basis("published", ("order#1",))


@pytest.mark.parametrize(
    ("entry", "changed"),
    [
        ({"set": {"inspection.by_grade.C.ratio": "50%"}}, {"inspection.by_grade.C"}),
        ({"set": {"adjust.large.at_best": "C"}}, {"adjust[0]"}),
        ({"set": {"grades.bands.A": "[0, 10)", "grades.bands.B": "[10, 40)"}}, {"grades.bands.A", "grades.bands.B", "grades.bands.C"}),
        ({"set": {"indicators.conduct.items.fines.points.2.give": 15}}, {"indicators.conduct.items.fines.points[1]"}),
        ({"set": {"indicators.conduct.at_most": 45}}, set()),  # a bound of a family has no citation of its own
        ({"set": {"title": "Small shops", "grades.labels": {"A": "fine"}}}, set()),  # words decide nothing
        ({"set": {"adjust.large.at_best": "C", "adjust.large.cite": "act#9"}}, set()),  # it says itself where it comes from
        ({"set": {"adjust.large.at_best": "B"}}, set()),  # as it was
        ({"add": {"adjust": [{"id": "repeat", "when": "fines > 50", "grade": "C"}]}}, {"adjust[2]"}),
    ],
)
def test_what_a_reform_changes_rests_on_the_reform(entry: dict[str, Any], changed: set[str], shops: rg.Book) -> None:
    old, new = bases(shops), bases(shops.with_reform(reform(**entry, **CITED)))
    assert {path for path, basis in new.items() if basis == BY_ORDER} == changed
    assert {path for path in old if new[path] != old[path]} - {"adjust[0]"} == changed - {"adjust[0]", "adjust[2]"}


def test_what_is_dated_rests_on_the_reform_from_that_day(shops: rg.Book) -> None:
    book = shops.with_reform(reform(set={"inspection.by_grade.C.ratio": {"2027-01-01": "50%"}}, basis="illustrative"))
    assert bases(book, "2026-12-31")["inspection.by_grade.C"] == Basis("published", ("act#5",))
    assert bases(book, "2027-01-01")["inspection.by_grade.C"] == Basis("illustrative")


def test_a_reform_without_an_origin_leaves_the_citations(shops: rg.Book) -> None:
    assert bases(shops.with_reform(reform(set={"inspection.by_grade.C.ratio": "50%"}))) == bases(shops)


# what is refused


def test_every_path_is_looked_up_and_the_nearest_is_named(shops: rg.Book, tmp_path: Path) -> None:
    wrong = """\
set:
  inspection.by_grade.C.ration: 50%
  facts.new: {type: boolean, missing: false}
  grades.bands.A.low: 3
  rulebook: x/other
add:
  facts: {fines: {type: boolean, missing: false}}
  score.worse: [higher]
  grades.labels: text
remove: [service.paths.comitment, adjust.3]
"""
    assert refused(shops, from_text(tmp_path, wrong)) == [
        ("reform-wrong", 4, 3, "`inspection.by_grade.C.ration` is not a value of `x/shops`", "did you mean `inspection.by_grade.C.ratio`?"),
        ("reform-wrong", 5, 3, "`facts.new` is not a value of `x/shops`", "did you mean `facts.fines`?"),
        ("reform-wrong", 6, 3, "`grades.bands.A.low` is not a value of `x/shops`", "did you mean `grades.bands.A`?"),
        ("reform-wrong", 7, 3, "`rulebook` is not a value of `x/shops`", "write what is new under `add`"),
        ("reform-wrong", 9, 11, "`fines` stands there already", "write what changes under `set`"),
        ("reform-wrong", 10, 3, "nothing can be added to a single value", "write another value under `set`"),
        ("reform-wrong", 12, 10, "`service.paths.comitment` is not a value of `x/shops`", "did you mean `service.paths.commitment`?"),
        ("reform-wrong", 12, 35, "`adjust.3` is not a value of `x/shops`", "did you mean `adjust`?"),
    ]


def test_two_entries_for_one_value(shops: rg.Book, tmp_path: Path) -> None:
    wrong = """\
set:
  adjust.listed.grade: B
  adjust[1].grade: C
  grades.bands.A: "[0, 10)"
  grades.bands: {A: "[0, 10)", B: "[10, 40)", C: "[40, 50]"}
remove: [adjust.listed]
"""
    assert [(line, message) for _, line, _, message, _ in refused(shops, from_text(tmp_path, wrong))] == [
        (5, "`adjust[1].grade` stands twice in the reform"),
        (7, "`grades.bands.A` is a part of `grades.bands`, about which the reform has an entry too"),
        (8, "`adjust[1].grade` is a part of `adjust[1]`, about which the reform has an entry too"),
        (8, "`adjust[1].grade` is a part of `adjust[1]`, about which the reform has an entry too"),
    ]


def test_days_outside_the_time_in_force_and_no_value(shops: rg.Book, tmp_path: Path) -> None:
    wrong = """\
set:
  inspection.by_grade.A.ratio: {2021-01-01: 2%}
  inspection.by_grade.C.ratio: {2027-01-01: 2%, 2031-01-01: 3%}
  inspection.by_grade.C.visits: null
"""
    assert refused(shops, from_text(tmp_path, wrong)) == [
        ("reform-wrong", 4, 33, "the rulebook is in force from 2022-01-01 only", "write the value without a day"),
        ("reform-wrong", 5, 49, "the rulebook is in force until 2030-12-31 only", None),
        ("reform-wrong", 6, 33, "there is no value", "write the path under `remove`"),
    ]


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("edition: '2'", (3, 11), "the reform is over the edition `2`, and this is `1`"),
        (f"digest: {'0' * 64}", (3, 9), "`x/shops` has another text than the one that the reform is over"),
    ],
)
def test_a_reform_over_another_text(text: str, place: tuple[int, int], message: str, shops: rg.Book, tmp_path: Path) -> None:
    ((code, *found, told, _),) = refused(shops, from_text(tmp_path, text + "\n"))
    assert (code, tuple(found), told) == ("reform-wrong", place, message)


def test_a_reform_over_another_rulebook(shops: rg.Book) -> None:
    ((code, line, _, message, _),) = refused(shops, rg.Reform(reform="r", over="x/other", remove=["adjust.nothing"]))
    assert (code, line, message) == ("reform-wrong", None, "the reform is over `x/other`, not over `x/shops`")


def test_a_digest_of_the_text_or_of_a_law_fits(shops: rg.Book) -> None:
    for digest in (shops.rulebook.text_digest, shops.digest, shops.at("2022-01-01").digest):
        assert shops.with_reform(reform(digest=digest)).digest == shops.digest


def test_what_the_rulebook_cannot_have_is_told_in_the_reform(shops: rg.Book, tmp_path: Path) -> None:
    wrong = """\
set:
  inspection.by_grade.C.ratio: {2027-01-01: many}
  grades.bands.A: "[0, 10)"
  adjust.large.when: fines + 1
  indicators.conduct.items.fines.points.2.give: true
add:
  warnings: [{id: many, when: fine > 90, level: alert, message: Many, basis: illustrative}]
remove: [facts.listed]
"""
    with pytest.raises(ProblemError) as caught:
        shops.with_reform(from_text(tmp_path, wrong))
    found = sorted((Path(one.place.file or "").name, one.place.line, one.code) for one in caught.value.problems)
    assert found == [
        ("reform.yaml", 4, "value-wrong"),
        ("reform.yaml", 5, "table-gap"),
        ("reform.yaml", 6, "type-mismatch"),
        ("reform.yaml", 7, "value-wrong"),
        ("reform.yaml", 9, "name-unknown"),
        ("shops.yaml", 31, "name-unknown"),  # what still speaks of the fact that is gone
    ]


def test_the_form_of_a_reform(tmp_path: Path) -> None:
    path = tmp_path / "reform.yaml"
    path.write_text("reform: Tighter\nover: shops\nsets: {}\nremove: adjust\ndigest: abc\n", encoding="utf-8")
    with pytest.raises(ProblemError) as caught:
        rg.read_reform(path)
    assert sorted((one.code, one.place.line) for one in caught.value.problems) == [
        ("key-unknown", 3), ("value-wrong", 1), ("value-wrong", 2), ("value-wrong", 4), ("value-wrong", 5),
    ]  # fmt: skip
    with pytest.raises(ProblemError, match="cannot read the file"):
        rg.read_reform(tmp_path / "none.yaml")


# several reforms


def test_reforms_are_laid_in_their_order(shops: rg.Book) -> None:
    add = rg.Reform(reform="add", over="x/shops", add={"adjust": [{"id": "repeat", "when": "fines > 50", "grade": "B", "cite": "order"}]})
    change = rg.Reform(reform="change", over="x/shops", set={"adjust.repeat.grade": "C"})
    book = shops.with_reform(add, change)
    assert book.law.document.adjust[2].grade == "C" and book.rulebook.reforms == ("add", "change")
    assert shops.with_reform(add).with_reform(change).digest == book.digest
    assert refused(shops, change, add)[0][3] == "`adjust.repeat.grade` is not a value of `x/shops`"


def test_only_the_last_need_load(shops: rg.Book) -> None:
    gone = rg.Reform(reform="gone", over="x/shops", remove=["facts.listed"])
    rest = rg.Reform(reform="rest", over="x/shops", remove=["adjust.listed"])
    assert "listed" not in shops.with_reform(gone, rest).facts


def test_a_used_rulebook_is_not_touched(tmp_path: Path) -> None:
    general = RULEBOOK.replace("x/shops", "x/general")
    food = """\
rulebook: x/food
edition: "1"
title: Food
authority: X
in_force: {from: 2024-01-01}
audience: internal
basis: illustrative
uses: {general: x/general}
facts: {samples: {type: integer, min: 0, max: 10, missing: 0}}
grades: {order: [A, B], rows: [{when: 'general.grade == "C" or samples > 2', grade: B}, {otherwise: A}]}
"""
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "general.yaml").write_text(general, encoding="utf-8")
    (tmp_path / "x" / "food.yaml").write_text(food, encoding="utf-8")
    book = rg.load(tmp_path / "x" / "food.yaml")
    reformed = book.with_reform(rg.Reform(reform="r", over="x/food", set={"grades.rows.1.when": 'general.grade == "C" or samples > 1'}))
    assert reformed.law.uses["general"].digest == book.law.uses["general"].digest
    assert (grades(book, "2025-01-01", samples=2), grades(reformed, "2025-01-01", samples=2)) == ("A", "B")
    # the used rulebook has its own reforms; its values are no paths here
    assert refused(book, rg.Reform(reform="r", over="x/food", set={"general.grades.bands.A": "[0, 1)"}))[0][0] == "reform-wrong"
    assert refused(book, rg.Reform(reform="r", over="x/general"))[0][3] == "the reform is over `x/general`, not over `x/food`"


# nothing, and back

ENTRIES: list[tuple[str, str, Any]] = [
    ("set", "inspection.by_grade.A.ratio", "3%"),
    ("set", "inspection.by_grade.A.ratio", {"2027-01-01": "3%"}),
    ("set", "inspection.by_grade.B.ratio", {"2025-01-01": "7%", "2029-01-01": None}),
    ("set", "inspection.by_grade.B.ratio", "7%"),
    ("set", "inspection.by_grade.C", {"ratio": "30%", "cite": "order"}),
    ("set", "inspection.gap", "10 days"),
    ("set", "grades.bands", {"2026-01-01": {"A": "[0, 10)", "B": "[10, 40)", "C": "[40, 50]"}}),
    ("set", "indicators.conduct.items.size.bins.table", {"[0, 2.5]": 1, "> 2.5": {"give": 7.5, "label": "some"}}),
    ("set", "indicators.conduct.items.fines.points.2", {"2026-01-01": {"when": "fines >= 2", "give": 25}}),
    ("set", "indicators.conduct.at_most", 45),
    ("add", "adjust", [{"id": "repeat", "when": "fines > 50", "grade": "C", "cite": "order"}]),
    ("add", "facts", {"branches": {"type": "integer", "min": 0, "max": 9, "missing": 0}}),
    ("add", "warnings", [{"2024-01-01": {"id": "many", "when": "fines > 90", "level": "alert", "message": "Many", "cite": "order"}, "2022-01-01": None}]),
    ("remove", "adjust.large", None),
    ("remove", "facts.closed", None),
    ("remove", "inspection.by_grade.C.visits", None),
    ("remove", "service", None),
]
ORIGINS = st.sampled_from([{}, {"basis": "illustrative"}, CITED, {"basis": "derived", "note": "Doubled.", "cite": ["order"]}])


def made(entries: list[tuple[str, str, Any]], **origin: Any) -> rg.Reform:
    parts: dict[str, Any] = {"set": {}, "add": {}, "remove": []}
    for kind, path, value in entries:
        if kind == "remove":
            parts["remove"].append(path)
        else:
            parts[kind][path] = value
    return reform(**parts, **origin)


def section(entry: tuple[str, str, Any]) -> str:
    return entry[1].partition(".")[0]


def apart(entries: list[tuple[str, str, Any]]) -> list[tuple[str, str, Any]]:
    """The entries of which none is about a part of another."""
    kept: list[tuple[str, str, Any]] = []
    for entry in entries:
        if not any(f"{one[1]}.".startswith(f"{entry[1]}.") or f"{entry[1]}.".startswith(f"{one[1]}.") for one in kept):
            kept.append(entry)
    return kept


@given(st.lists(st.sampled_from(ENTRIES), unique_by=lambda entry: entry[1]), ORIGINS)
@settings(deadline=None, max_examples=60)
def test_an_inverse_restores_the_text(shops: rg.Book, entries: list[tuple[str, str, Any]], origin: dict[str, Any]) -> None:
    laid = made(apart(entries), **origin)
    book = shops.with_reform(laid)
    back = book.with_reform(laid.inverse(shops))
    assert texts(back) == texts(shops)
    assert [back.at(day).digest for day in back.rulebook.change_days] == [shops.at(day).digest for day in shops.rulebook.change_days]
    assert [rule.id for rule in back.program.rules] == [rule.id for rule in shops.program.rules]
    assert bool(laid.effect(shops)) == (book.rulebook.text_digest != shops.rulebook.text_digest)


@given(st.lists(st.sampled_from(ENTRIES), unique_by=section, min_size=2), st.integers(min_value=1, max_value=8))
@settings(deadline=None, max_examples=40)
def test_reforms_that_do_not_touch_may_change_places(shops: rg.Book, entries: list[tuple[str, str, Any]], cut: int) -> None:
    one, two = made(entries[:cut], **CITED), made(entries[cut:], basis="illustrative")
    here, there = shops.with_reform(one, two), shops.with_reform(two, one)
    assert texts(here) == texts(there) and here.rulebook.text_digest == there.rulebook.text_digest
    assert [here.at(day).digest for day in here.rulebook.change_days] == [there.at(day).digest for day in there.rulebook.change_days]


@given(st.lists(st.sampled_from(ENTRIES), unique_by=lambda entry: entry[1], min_size=1))
@settings(deadline=None, max_examples=30)
def test_a_reform_is_laid_as_its_parts_are(shops: rg.Book, entries: list[tuple[str, str, Any]]) -> None:
    whole = made([entry for entry in apart(entries) if entry[0] != "remove"], **CITED)
    assert texts(shops.with_reform(*whole.parts())) == texts(shops.with_reform(whole))


@pytest.mark.parametrize("name", ["cn/henan-2022", "us/hud-reac", "cn/anhui-food-2022"])
def test_an_empty_reform_changes_nothing(name: str) -> None:
    book = rg.load(name)
    empty = rg.Reform(reform="r", over=name, basis="illustrative")
    assert empty.empty and empty.effect(book) == ()
    assert book.with_reform(empty).digest == book.digest and book.with_reform().digest == book.digest


def test_a_reform_without_effect_says_so(shops: rg.Book) -> None:
    same = reform(set={"adjust.listed.grade": "C", "inspection.by_grade.B.ratio": {"2026-01-01": "4%"}}, add={"warnings": []}, **CITED)
    assert not same.empty and same.effect(shops) == ()
    assert shops.with_reform(same).rulebook.text_digest == shops.rulebook.text_digest


def test_the_effect_is_told_by_value(shops: rg.Book) -> None:
    changed = reform(
        set={"inspection.by_grade.C.ratio": {"2027-01-01": "50%"}},
        add={"adjust": [{"id": "repeat", "when": "fines > 50", "grade": "C", "cite": "order"}]},
        remove=["adjust.large"],
    )
    repeat = {"id": "repeat", "when": "fines > 50", "grade": "C", "cite": "order"}
    assert changed.effect(shops) == (
        Change("adjust.large", {"id": "large", "when": 'size == "large"', "at_best": "B", "cite": "act#3"}, None),
        Change("adjust.repeat", None, repeat),
        Change("inspection.by_grade.C.ratio", "20%", {"2022-01-01": "20%", "2027-01-01": "50%"}),
    )


def test_a_reform_as_yaml_reads_the_same(shops: rg.Book, tmp_path: Path) -> None:
    whole = made(apart(ENTRIES), **CITED)
    path = tmp_path / "written.yaml"
    path.write_text(whole.as_yaml(), encoding="utf-8")
    read = rg.read_reform(path)
    assert read.model_dump() == whole.model_dump()
    assert shops.with_reform(path).digest == shops.with_reform(whole).digest


def test_another_copy_of_a_reform_is_laid_as_it_says(shops: rg.Book, tmp_path: Path) -> None:
    read = from_text(tmp_path, "set: {inspection.by_grade.C.ratio: 50%}\n")
    other = read.model_copy(update={"set": {"inspection.by_grade.C.ratio": "40%"}})
    assert ratio(shops.with_reform(other), "C", "2025-01-01") == Fraction(2, 5)


# the page

PAGE = Path(__file__).parents[2] / "docs" / "reforms.md"


def test_the_reform_of_the_page(tmp_path: Path) -> None:
    path = tmp_path / "tighter-c.yaml"
    path.write_text(PAGE.read_text("utf-8").partition("```yaml\n")[2].partition("```")[0], encoding="utf-8")
    book = rg.load("cn/henan-2022")
    tighter = book.with_reform(path)
    assert [str(day) for day in tighter.rulebook.change_days] == ["2022-07-25", "2027-01-01"]
    facts = {"serious_dishonesty": False, "penalties_24m": 5}
    assert [tighter.decide(facts, as_of=day).graded_by for day in ("2026-11-01", "2027-11-01")] == ["adjust.repeat"] * 2
    assert (ratio(tighter, "C", "2026-12-31"), ratio(tighter, "C", "2027-01-01")) == (Fraction(1, 10), Fraction(1, 2))
    assert bases(tighter, "2027-01-01")["inspection.by_grade.C"] == Basis("illustrative")


def test_the_examples_of_the_page() -> None:
    found = doctest.testfile(str(PAGE), module_relative=False, optionflags=doctest.FAIL_FAST)
    assert (found.failed, found.attempted) == (0, 8)
