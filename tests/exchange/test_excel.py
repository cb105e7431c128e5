"""A rulebook as a workbook and back: nothing changed is an empty reform, a change is a patch that loads, and tampering is refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from regengine.exchange.edited import from_excel
from regengine.exchange.excel import to_excel
from regengine.problems import ProblemError
from regengine.rulebook.form import read_model
from regengine.rulebook.located import read_yaml_text
from regengine.rulebook.reform import Reform
from regengine.rulebook.shipped import rulebook_ids, rules_folder

Book = Any  # openpyxl has no types
Edit = Callable[[Book], object]

BINS = "indicators.conduct.items.fines.bins.table"
RULEBOOK = """\
rulebook: xx/shops-2026
edition: "1.0"
title: {en: Shops, zh: 商店}
authority: Town of X
in_force: {from: 2026-01-01}
audience: public
sources:
  act: {instrument: Act 1, issued: 2025-11-20, seen: official}
  old: {instrument: Act 0, seen: press}
facts:
  fines: {type: decimal, places: 2, min: 0, max: 100, missing: 0, label: "=1+1 is a text"}
  size: {type: category, values: ["1", "2", big], missing: "1"}
terms:
  large: size == "big"
indicators:
  conduct:
    cite: [act#1, old]
    at_most: 50
    items:
      fines:
        bins:
          of: fines
          table: {"<= 2.5": 0, "(2.5, 10]": {give: 7.5, label: Some}, "> 10": 40}
      size:
        points: [{when: large, give: 10}, {otherwise: 0}]
score: {is: conduct, between: [0, 50], worse: higher}
grades:
  order: [A, B]
  cite: act#2
  bands: {A: "[0, 20)", B: "[20, 50]"}
adjust:
  - {id: big, when: large, at_best: B, cite: act#3}
  - {id: fined, when: fines > 50, grade: B, cite: act#3, final: true}
inspection:
  cite: act#4
  by_grade:
    A: {ratio: {2026-01-01: 2%, 2027-01-01: 1%}}
    B: {ratio: 30%, visits: 2, manner: [document, site]}
"""


@pytest.fixture
def shops(tmp_path: Path) -> Path:
    path = tmp_path / "shops-2026.yaml"
    path.write_text(RULEBOOK, encoding="utf-8")
    return path


@pytest.fixture
def sheets(shops: Path, tmp_path: Path) -> Path:
    path = tmp_path / "shops.xlsx"
    to_excel(shops, path)
    return path


def edit(path: Path, *edits: Edit) -> Path:
    """Change a workbook as a person would, and save it."""
    book = openpyxl.load_workbook(path)
    for one in edits:
        one(book)
    book.save(path)
    return path


def cell(book: Book, row: str, column: str) -> Any:
    """The cell of a row by its hidden id, in the column of a key."""
    for sheet in book.worksheets:
        for number in range(3, sheet.max_row + 1):
            if sheet.cell(number, 1).value == row:
                place = next(one.column for one in sheet[1] if one.value == column)
                return sheet.cell(number, place)
    raise AssertionError(row)


def put(row: str, column: str, value: object) -> Edit:
    return lambda book: setattr(cell(book, row, column), "value", value)


def told(path: Path, rulebook: Path) -> list[tuple[str, str | None]]:
    """The codes and places of what is refused."""
    with pytest.raises(ProblemError) as caught:
        from_excel(path, rulebook)
    return [(problem.code, problem.place.path) for problem in caught.value.problems]


# nothing changed


@pytest.mark.parametrize(("name", "lang"), [*((name, "en") for name in rulebook_ids()), ("cn/henan-2022", "zh")])
def test_a_workbook_left_alone_gives_an_empty_reform(name: str, lang: str, tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    to_excel(name, path, lang=lang)
    edited = from_excel(edit(path))  # read and saved by another program
    assert edited.reform.empty and edited.changes == ()
    assert edited.reform.over == name


def test_the_sheets_of_a_rulebook(sheets: Path) -> None:
    book = openpyxl.load_workbook(sheets)
    assert book.sheetnames == ["Rulebook", "Sources", "Facts", "Terms", "Family conduct", "Grades", "Adjustments", "Inspection", "Dated values", "regengine"]
    assert book["regengine"].sheet_state == "hidden"
    family = book["Family conduct"]
    assert [one.value for one in family[2]] == [
        "id", "where", "at most", "bins: of", "interval", "points", "label", "when", "otherwise", "source", "basis", "note",
    ]  # fmt: skip
    assert [[one.value for one in row] for row in family.iter_rows(min_row=3, max_row=6)] == [
        ["indicators.conduct", "conduct", 50, None, None, None, None, None, None, "act#1\nold", None, None],
        ["indicators.conduct.items.fines", "conduct › fines", None, "fines"] + [None] * 8,
        [f"{BINS}.<= 2.5", "conduct › fines › <= 2.5", None, None, "<= 2.5", 0] + [None] * 6,
        [f"{BINS}.(2.5, 10]", "conduct › fines › (2.5, 10]", None, None, "(2.5, 10]", 7.5, "Some"] + [None] * 5,
    ]  # fmt: skip


def test_a_sheet_can_be_read_and_not_be_spoilt_by_a_slip(sheets: Path) -> None:
    sheet = openpyxl.load_workbook(sheets)["Adjustments"]
    assert sheet.freeze_panes == "C3" and sheet.column_dimensions["A"].hidden and sheet.row_dimensions[1].hidden
    assert sheet.protection.sheet and sheet["A3"].protection.locked and sheet["B3"].protection.locked and not sheet["D3"].protection.locked
    assert [sheet[f"{column}3"].number_format for column in "CD"] == ["@", "@"]
    assert all(8 <= sheet.column_dimensions[column].width <= 62 for column in "BCDEF")


def test_every_row_has_columns_for_where_it_comes_from(sheets: Path) -> None:
    for sheet in openpyxl.load_workbook(sheets).worksheets[1:-1]:
        keys = [one.value for one in sheet[1]]
        assert keys[-3:] == ["cite", "basis", "note"] or keys == [sheet["A1"].value, "where", "."], sheet.title


# changes


def test_changes_are_a_patch_of_paths_and_values(sheets: Path, shops: Path) -> None:
    edit(
        sheets,
        put("indicators.conduct", "at_most", 45.5),
        put("adjust[0]", "when", "large or fines > 90"),
        put("adjust[1]", "final", None),
        put("grades.bands.A", ".", "[0, 15)"),
        put("grades.bands.B", ".", "[15, 50]"),
        put("inspection.by_grade.A.ratio.2027-01-01", ".", "5%"),
        put("inspection.by_grade.B", "manner", "site\nremote"),
        put("inspection.by_grade.B", "note", "As decided."),
    )
    edited = from_excel(sheets, shops, reform="stricter")
    assert edited.reform.set == {
        "indicators.conduct.at_most": 45.5,
        "grades.bands.A": "[0, 15)",
        "grades.bands.B": "[15, 50]",
        "adjust[0].when": "large or fines > 90",
        "inspection.by_grade.A.ratio.2027-01-01": "5%",
        "inspection.by_grade.B.manner": ["site", "remote"],
        "inspection.by_grade.B.note": "As decided.",
    }
    assert edited.reform.remove == ["adjust[1].final"]
    assert [(one.path, one.old, one.new) for one in edited.changes if one.path.startswith(("adjust", "indicators"))] == [
        ("indicators.conduct.at_most", 50, 45.5),
        ("adjust[0].when", "large", "large or fines > 90"),
        ("adjust[1].final", True, None),
    ]


def test_a_table_of_bins_is_one_value(sheets: Path, shops: Path) -> None:
    edit(
        sheets,
        put(f"{BINS}.(2.5, 10]", "[key]", "(2.5, 20]"),
        put(f"{BINS}.> 10", "[key]", "> 20"),
        put(f"{BINS}.> 10", "note", "Heavy."),
        put(f"{BINS}.(2.5, 10]", "give", 8),
    )
    table = {"<= 2.5": 0, "(2.5, 20]": {"give": 8, "label": "Some"}, "> 20": {"give": 40, "note": "Heavy."}}
    assert from_excel(sheets, shops).reform.set == {BINS: table}


def test_a_row_that_is_emptied_is_removed(sheets: Path, shops: Path) -> None:
    edit(sheets, *(put("adjust[0]", column, None) for column in ("id", "when", "at_best", "cite")))
    reform = from_excel(sheets, shops).reform
    assert reform.set == {} and reform.remove == ["adjust[0]"]


def test_rows_may_be_sorted_and_sheets_renamed_and_moved(sheets: Path, shops: Path) -> None:
    def shuffle(book: Book) -> None:
        sheet = book["Adjustments"]
        rows = [[one.value for one in row] for row in sheet.iter_rows(min_row=3, max_row=4)]
        for number, row in enumerate(reversed(rows), 3):
            for place, value in enumerate(row, 1):
                sheet.cell(number, place).value = value
        sheet.title = "Ours"
        book.move_sheet(sheet, -3)

    assert from_excel(edit(sheets, shuffle), shops).reform.empty


def test_the_reform_as_yaml_says_the_same(sheets: Path, shops: Path) -> None:
    reform = from_excel(
        edit(sheets, put("facts.fines", "label", 'a: "b", #c'), put("facts.fines", "max", 99.99), put("adjust[1]", "final", None)), shops
    ).reform
    text = reform.as_yaml()
    assert text.splitlines()[4:] == [
        "set:",
        "  facts.fines.max: 99.99",
        '  facts.fines.label: "a: \\"b\\", #c"',
        "remove:",
        '  - "adjust[1].final"',
        'basis: illustrative',
    ]  # fmt: skip
    read, faults = read_model(Reform, read_yaml_text(text), "reform.yaml")
    assert faults == () and read is not None
    assert (read.over, read.digest, read.remove) == (reform.over, reform.digest, reform.remove)
    assert read.set == reform.set


# refused


def test_a_value_that_the_rulebook_cannot_have_is_told_at_its_cell(sheets: Path, shops: Path) -> None:
    edit(
        sheets,
        put("adjust[0]", "when", "lrge"),
        put("grades.bands.A", ".", "[0, 15)"),
        put("inspection.by_grade.B", "ratio", 0.3),
        put("adjust[1]", "cite", "akt"),
    )
    assert sorted(told(sheets, shops)) == [
        ("citation-unknown", "Adjustments!H4"),
        ("name-unknown", "Adjustments!D3"),
        ("table-gap", "Grades!B4"),
        ("value-wrong", "Inspection!C4"),
    ]


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        (put("adjust[0]", "when", "=A1"), "workbook-formula", "Adjustments!D3"),
        (lambda book: book["Adjustments"].merge_cells("D3:E3"), "workbook-changed", "Adjustments!D3:E3"),
        (lambda book: setattr(book["Adjustments"]["A3"], "value", "adjust[7]"), "workbook-changed", "Adjustments!A3"),
        (lambda book: setattr(book["Adjustments"]["A3"], "value", "adjust[1]"), "workbook-changed", "Adjustments!B3"),
        (lambda book: setattr(book["Adjustments"]["A5"], "value", "adjust[1]"), "workbook-changed", "Adjustments!A5"),
        (lambda book: setattr(book["Adjustments"]["D5"], "value", "large"), "workbook-changed", "Adjustments!A5"),
        (lambda book: setattr(book["Adjustments"]["D1"], "value", "whom"), "workbook-changed", "Adjustments!A1"),
        (lambda book: book["Adjustments"].delete_cols(4), "workbook-changed", "Adjustments!A1"),
        (lambda book: book["Adjustments"].delete_rows(4), "workbook-changed", "Adjustments"),
        (lambda book: setattr(book["Adjustments"]["A1"], "value", None), "workbook-changed", "Adjustments"),
        (lambda book: book.create_sheet("Notes"), "workbook-changed", "Notes"),
        (lambda book: book.remove(book["Adjustments"]), "workbook-changed", None),
        (lambda book: book.remove(book["regengine"]), "workbook-changed", None),
        (lambda book: setattr(book["regengine"]["B2"], "value", "xx/other"), "workbook-stale", None),
        (lambda book: setattr(book["regengine"]["B4"], "value", "0" * 64), "workbook-stale", None),
    ],
)
def test_what_may_not_be_changed(change: Edit, code: str, place: str | None, sheets: Path, shops: Path) -> None:
    found = told(edit(sheets, change), shops)
    assert (code, place) in found, found


def test_a_workbook_of_an_older_text_is_refused(sheets: Path, shops: Path) -> None:
    shops.write_text(RULEBOOK.replace("give: 10}", "give: 9}"), encoding="utf-8")
    assert told(sheets, shops) == [("workbook-stale", None)]


def test_a_part_that_is_one_value_cannot_be_written_in_parts(tmp_path: Path) -> None:
    path = tmp_path / "labels.yaml"
    path.write_text(RULEBOOK.replace('missing: "1"}', 'missing: "1", label: {en: Size}}'), encoding="utf-8")
    to_excel(path, tmp_path / "labels.xlsx")
    assert told(edit(tmp_path / "labels.xlsx", put("facts.fines", "label.en", "Fines")), path) == [("workbook-changed", "Facts!J3")]


def test_two_bins_with_one_interval(sheets: Path, shops: Path) -> None:
    assert told(edit(sheets, put(f"{BINS}.> 10", "[key]", "<= 2.5")), shops) == [("key-duplicate", BINS)]


@pytest.mark.parametrize("name", ["empty.xlsx", "text.xlsx", "missing.xlsx", "cut.xlsx"])
def test_a_file_that_is_no_workbook(name: str, sheets: Path, shops: Path, tmp_path: Path) -> None:
    path = tmp_path / name
    content = {"empty.xlsx": b"", "text.xlsx": b"a,b\n1,2\n", "cut.xlsx": sheets.read_bytes()[:2000]}
    if name in content:
        path.write_bytes(content[name])
    assert [code for code, _ in told(path, shops)] == ["file-missing" if name == "missing.xlsx" else "file-unreadable"]


def test_a_text_that_no_cell_can_hold(shops: Path, tmp_path: Path) -> None:
    shops.write_text(RULEBOOK.replace('label: "=1+1 is a text"', 'label: "a bell: \\x07"'), encoding="utf-8")
    with pytest.raises(ProblemError) as caught:
        to_excel(shops, tmp_path / "bell.xlsx")
    assert [(one.code, one.place.path) for one in caught.value.problems] == [("value-wrong", "facts.fines.label")]


# the commands


def test_the_commands(run: Callable[..., Any], shops: Path, tmp_path: Path) -> None:
    ran = run("rules", "to-excel", shops, tmp_path / "shops.xlsx")
    assert (ran.code, ran.out) == (0, f"{tmp_path / 'shops.xlsx'}: 9 sheets\n")
    path = tmp_path / "hud.xlsx"
    assert run("rules", "to-excel", "us/hud-reac", path).code == 0
    ran = run("rules", "from-excel", path)
    assert (ran.code, ran.out) == (0, "The workbook changes nothing in us/hud-reac.\n")
    edit(path, put("inspection.by_grade.failing", "every", "6 months"))
    ran = run("rules", "from-excel", path, "--output", tmp_path / "reform.yaml", "--lang", "zh")
    assert (ran.code, ran.out) == (0, 'us/hud-reac：1 处改动\ninspection.by_grade.failing.every\n  - "1 year"\n  + "6 months"\n')
    assert (tmp_path / "reform.yaml").read_text("utf-8").splitlines()[4:6] == ["set:", '  inspection.by_grade.failing.every: "6 months"']
    ran = run("rules", "from-excel", path, "--format", "json")
    assert '"path": "inspection.by_grade.failing.every",\n      "old": "1 year",\n      "new": "6 months"' in ran.out


def test_the_commands_refuse(run: Callable[..., Any], tmp_path: Path) -> None:
    assert "[file-kind]" in run("rules", "to-excel", "us/hud-reac", tmp_path / "hud.csv").err
    run("rules", "to-excel", "us/hud-reac", tmp_path / "hud.xlsx")
    ran = run("rules", "from-excel", tmp_path / "hud.xlsx", "--rulebook", "uk/fhrs")
    assert ran.code == 2 and "[workbook-stale]" in ran.err
    assert "[option-wrong]" in run("rules", "from-excel", tmp_path / "hud.xlsx", "--name", "My reform").err


def test_the_rulebook_itself_stays(tmp_path: Path) -> None:
    copied = tmp_path / "hud-reac.yaml"
    shutil.copy(rules_folder() / "us/hud-reac.yaml", copied)
    before = copied.read_bytes()
    to_excel(copied, tmp_path / "hud.xlsx")
    from_excel(edit(tmp_path / "hud.xlsx", put("inspection.by_grade.failing", "every", "6 months")), copied)
    assert copied.read_bytes() == before
