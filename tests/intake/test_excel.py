"""Workbooks as sources: what Excel keeps is what is read, and what cannot be read for sure is refused with the cell."""

from __future__ import annotations

import datetime as dt
import sys
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from regengine.intake import excel
from regengine.intake.excel import letters, scan_excel
from regengine.intake.files import scan_table
from regengine.problems import Problem, ProblemError

openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed")


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., Path]:
    """Writes a workbook: sheets by name, each a list of rows; `then` may change it."""

    def written(then: Callable[[Any], None] = lambda book: None, **sheets: list[list[object]]) -> Path:
        made = openpyxl.Workbook()
        made.remove(made.active)
        for name, rows in sheets.items():
            sheet = made.create_sheet(name)
            for row in rows:
                sheet.append(row)
        then(made)
        path = tmp_path / "登记.XLSX"
        made.save(path)
        made.close()
        return path

    return written


def problem(call: Callable[[], object]) -> Problem:
    with pytest.raises(ProblemError) as error:
        call()
    [only] = error.value.problems
    return only


def rows(path: Path, sheet: str | None = None) -> list[tuple[object, ...]]:
    source = scan_table(path, sheet=sheet)
    assert source.texts and set(source.lazy.collect_schema().dtypes()) == {pl.String}
    found = source.lazy.collect(engine="streaming").rows()
    assert source.rows == len(found)
    return found


def test_values_are_read_as_they_are_kept(book: Callable[..., Path]) -> None:
    values = [
        "00123",
        123,
        12.5,
        0.1,
        3.0,
        10**14,
        True,
        dt.date(2026, 1, 31),
        dt.datetime(2026, 1, 31, 10, 30),
        "20260131",
        20260131,
        " 是 ",
        "１２",
        None,
        "x",
    ]
    texts = ["00123", "123", "12.5", "0.1", "3", "1" + "0" * 14, "true", "2026-01-31", "2026-01-31 10:30:00", "20260131", "20260131", " 是 ", "１２", None, "x"]
    path = book(s=[[f"c{number}" for number in range(len(values))], values])
    assert rows(path) == [tuple(texts)]


def test_zeros_that_a_format_shows_are_kept(book: Callable[..., Path]) -> None:
    def shown(made: Any) -> None:
        for cell, form in (("A2", "00000"), ("B2", "0"), ("C2", "0.00"), ("D2", "#,##0")):
            made["s"][cell].number_format = form

    assert rows(book(shown, s=[["a", "b", "c", "d"], [123, 123, 123, 1234]])) == [("00123", "123", "123", "1234")]


def test_blank_rows_and_empty_columns_are_left_out(book: Callable[..., Path]) -> None:
    assert rows(book(s=[["企业名称", None, "罚款"], [None, None, None], ["甲"], ["乙", None, 5], ["", None, ""]])) == [("甲", None), ("乙", "5")]


def test_the_only_sheet_with_rows_is_read_or_the_named_one(book: Callable[..., Path]) -> None:
    path = book(notes=[["to the reader"]], 处罚=[["a"], [1]], empty=[])
    assert rows(path) == [("1",)]
    path = book(x=[["a"], [1]], y=[["a"], [2]])
    assert rows(path, "y") == [("2",)]
    told = problem(lambda: scan_table(path))
    assert (told.code, told.message, told.hint) == ("option-wrong", "the workbook has several sheets with rows: `x`, `y`", "name one with `--sheet`")
    assert problem(lambda: scan_table(path, sheet="z")).message == "the workbook has no sheet `z`"


def test_a_hidden_sheet_is_not_taken_unless_it_is_named(book: Callable[..., Path]) -> None:
    def hide(made: Any) -> None:
        made["old"].sheet_state = "hidden"

    path = book(hide, old=[["a"], [1]], new=[["a"], [2]])
    assert rows(path) == [("2",)]
    assert rows(path, "old") == [("1",)]


@pytest.mark.parametrize(
    ("sheet", "code", "message"),
    [
        ([["a", None], [1, 2]], "file-unreadable", "row 2 of the sheet `s` has a value in column B, which has no name in the first row"),
        ([["a"], [1], [None, None, 2]], "file-unreadable", "row 3 of the sheet `s` has a value in column C, which has no name in the first row"),
        ([["名单", None], ["a", "b"], [1, 2]], "file-unreadable", "row 2 of the sheet `s` has a value in column B, which has no name in the first row"),
        ([[None, " "], [1, 2]], "file-unreadable", "the first row of the sheet `s` is empty"),
        ([["a", "b", "a"], [1, 2, 3]], "file-unreadable", "two columns of the sheet `s` have the name `a`"),
        ([["a", "b"], [1, "=A2*2"]], "file-unreadable", "the cell B2 of the sheet `s` holds a formula that was never worked out"),
        ([["a"], [None]], "file-empty", "the workbook has no sheet with rows"),
        ([], "file-empty", "the workbook has no sheet with rows"),
    ],
)
def test_sheets_that_cannot_be_read_for_sure(book: Callable[..., Path], sheet: list[list[object]], code: str, message: str) -> None:
    path = book(s=sheet)
    told = problem(lambda: scan_table(path, sheet="s" if "formula" in message else None))
    assert (told.code, told.message, told.place.file) == (code, message, str(path))


@pytest.mark.parametrize("cells", ["A1:B1", "A2:A3"])
def test_merged_cells_are_refused(book: Callable[..., Path], cells: str) -> None:
    path = book(lambda made: made["s"].merge_cells(cells), s=[["a", "b"], [1, 2], [3, 4]])
    told = problem(lambda: scan_table(path))
    assert (told.code, told.message) == ("file-unreadable", f"the cells {cells} of the sheet `s` are merged")


def worked_out(path: Path, value: bytes, kind: bytes = b"") -> None:
    """Put the value of a formula into a workbook, as Excel keeps it."""
    with zipfile.ZipFile(path) as old:
        parts = {info.filename: old.read(info) for info in old.infolist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b"</f><v />", b"</f><v>" + value + b"</v>").replace(b"</f><v></v>", b"</f><v>" + value + b"</v>")
    parts[sheet] = parts[sheet].replace(b"><f>", kind + b"><f>")
    with zipfile.ZipFile(path, "w") as new:
        for name, data in parts.items():
            new.writestr(name, data)


def test_a_formula_is_the_value_that_was_last_worked_out(book: Callable[..., Path]) -> None:
    path = book(s=[["a", "b"], [1, "=A2*2"]])
    worked_out(path, b"2")
    assert rows(path) == [("1", "2")]


def test_a_formula_may_be_an_empty_text(book: Callable[..., Path]) -> None:
    path = book(s=[["a", "b"], [1, '=IF(A2=1,"",2)']])
    worked_out(path, b"", b' t="str"')
    assert rows(path) == [("1", None)]


def test_an_error_is_its_word(book: Callable[..., Path]) -> None:
    assert rows(book(s=[["a", "b"], ["x", "#N/A"]])) == [("x", "#N/A")]


def test_many_rows_come_in_chunks(book: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "CHUNK", 10)
    monkeypatch.setattr(excel, "BLOCK", 500)
    path = book(s=[["n"], *([number] for number in range(95))])
    source = scan_excel(path)
    assert source.lazy.collect()["n"].to_list() == [str(number) for number in range(95)]
    assert len(source.kept.files) == 10  # type: ignore[attr-defined]  # a spool


@pytest.mark.parametrize("data", [b"a,b\n1,2\n", b"PK\x03\x04 and no more", b"\xd0\xcf\x11\xe0 old Excel"])
def test_what_is_no_workbook_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(data)
    told = problem(lambda: scan_table(path))
    assert (told.code, told.message) == ("file-unreadable", "the file is not an .xlsx workbook")


def test_damaged_and_foreign_archives_are_refused(book: Callable[..., Path], tmp_path: Path) -> None:
    path = book(s=[["a"], [1]])
    whole = path.read_bytes()
    for position in range(30, len(whole), 211):
        path.write_bytes(whole[:position] + b"\xff" * 20 + whole[position + 20 :])
        with suppress(ProblemError):  # some bytes do not matter; no other exception may come out
            scan_table(path)
    other = tmp_path / "o.xlsx"
    with zipfile.ZipFile(other, "w") as made:
        made.writestr("hello.txt", "hello")
    assert problem(lambda: scan_table(other)).code == "file-unreadable"


def test_an_archive_that_unpacks_to_too_much_is_refused(book: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "LARGEST", 1000)
    assert problem(lambda: scan_table(book(s=[["a"], [1]]))).code == "file-too-large"


def test_a_missing_package_names_its_extra(book: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    path = book(s=[["a"], [1]])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    told = problem(lambda: scan_table(path))
    assert (told.code, told.hint) == ("extra-missing", "pip install 'regengine[excel]'")


def test_columns_have_the_letters_of_excel() -> None:
    assert [letters(place) for place in (0, 25, 26, 51, 701, 702)] == ["A", "Z", "AA", "AZ", "ZZ", "AAA"]
