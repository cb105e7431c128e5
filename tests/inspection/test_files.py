"""The files of a plan: what is in each, what is published, what changes from plan to plan, and that nothing stands there half written."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Event

from regengine.inspection.files import write_files
from regengine.inspection.files.calendar_file import file_names
from regengine.inspection.files.workbook import sheet_titles
from regengine.inspection.tables import VISITS
from regengine.problems import ProblemError

from .sample_plan import NAMES, plan_of, sample_visits

FILES = {
    "plan.parquet", "plan.csv", "public.csv", "plan.geojson", "plan.xlsx", "calendar-F-01.ics", "calendar-M-01.ics", "calendar-M-02.ics",
    "calendar-f_02_乙-f6b12cb0.ics",  # printf '%s' 'f/02 乙' | sha256sum
}  # fmt: skip
BOM = b"\xef\xbb\xbf"
JOINT, REQUIRED, COMPLAINT = "market/91410100MA0000001A/draw-1", "market/91410100MA0000002B/required-1", "fire/00123/complaint-1"


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().removeprefix(BOM).decode(), newline="")))


def changed(id_: str, **values: Any) -> list[dict[str, Any]]:
    """The visits, one of them otherwise."""
    return [row | values if row["visit"] == id_ else row for row in sample_visits()]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_files_and_equal_bytes_twice(tmp_path: Path, lang: str) -> None:
    one, two = (write_files(plan_of(), tmp_path / name, lang=lang).files for name in ("one", "two"))
    assert {path.name for path in one} == {path.name for path in (tmp_path / "one").iterdir()} == FILES
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_parquet_has_the_visits_as_they_are(tmp_path: Path) -> None:
    tables = plan_of(changed(COMPLAINT, name="bad\x07name", lat=113.6, lon=34.7))
    write_files(tables, tmp_path)
    assert pl.read_parquet(tmp_path / "plan.parquet").equals(tables.visits)
    assert pl.read_parquet_schema(tmp_path / "plan.parquet") == VISITS


def test_csv_for_the_office(tmp_path: Path) -> None:
    written = write_files(plan_of(), tmp_path, lang="zh")
    path = tmp_path / "plan.csv"
    assert path.read_bytes().startswith(BOM + "日期,部门,检查对象代码,检查对象名称,".encode())
    joint, _, hard, complaint, unplaced = rows_of(path)
    assert (joint["检查对象名称"], joint["检查人员"], joint["联合检查"], joint["检查方式"]) == (
        '郑州"恒信"商贸有限公司, 第二分店',
        "F-01; f/02 乙",
        "是",
        "现场检查",
    )
    assert (hard["检查对象名称"], hard["检查方式"]) == ('\'=HYPERLINK("http://x","食品")', "书面检查、现场检查")
    assert (complaint["检查对象代码"], complaint["线索"], complaint["前期未完成"]) == ("00123", "工单2026-0042：邻居刘某举报", "是")
    assert (unplaced["日期"], unplaced["检查人员"], unplaced["抽中概率（分数）"]) == ("", "", "1/50")
    assert [(one.code, one.place.file, one.place.field) for one in written.notices] == [
        ("value-changed", "plan.csv", "name"), ("value-changed", "plan.csv", "enterprise"), ("value-changed", "public.csv", "name"),
    ]  # fmt: skip
    assert "`00123`" in written.notices[1].message


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t1", "＝1", "＠x"])
def test_no_cell_of_a_csv_begins_as_a_formula(tmp_path: Path, text: str) -> None:
    write_files(plan_of(changed(JOINT, name=text)), tmp_path)
    for name in ("plan.csv", "public.csv"):
        cells = [row["Name"] for row in rows_of(tmp_path / name)]
        assert "'" + text in cells and text not in cells


def test_what_is_published(tmp_path: Path) -> None:
    write_files(plan_of(), tmp_path)
    name, within = '郑州"恒信"商贸有限公司, 第二分店', "20 working days of the end of the visit"
    assert [list(row.values()) for row in rows_of(tmp_path / "public.csv")] == [
        ["2026-03", "Fire service", "91410100MA0000001A", name, "Double-random draw", "on site", within],
        ["2026-03", "Market supervision", "91410100MA0000001A", name, "Double-random draw", "on site", within],
        [
            "2026-03",
            "Market supervision",
            "91410100MA0000002B",
            '\'=HYPERLINK("http://x","食品")',
            "Required by class or interval",
            "of documents, on site",
            within,
        ],
        ["", "Market supervision", "91410100MA0000004D", "张记面馆", "Double-random draw", "on site", within],
    ]


@pytest.mark.parametrize(("audience", "manners"), [("internal", [""]), ("public", ["of documents", "on site"])])
def test_the_manner_of_a_visit_does_not_tell_the_grade(tmp_path: Path, audience: str, manners: list[str]) -> None:
    used = replace(plan_of().rulebook, audience=audience)
    write_files(plan_of(changed("fire/91410100MA0000001A/draw-1", grade="D", manner="document"), rulebook=used), tmp_path)
    drawn = [row["Manner"] for row in rows_of(tmp_path / "public.csv") if row["Kind"] == "Double-random draw"]
    assert len(drawn) == 3 and sorted(set(drawn)) == manners


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_public_holds_nothing_personal(tmp_path: Path, lang: str) -> None:
    write_files(plan_of(), tmp_path, lang=lang)
    for name in ("public.csv", "plan.geojson"):
        text = (tmp_path / name).read_text("utf-8")
        for row in sample_visits():
            assert not any(secret in text for secret in (*row["inspectors"], row["visit"], row["ticket"], row["clause"], str(row["date"])))
            assert not any(row[column] and row[column] in text for column in ("lead", "authority", "probability_exact"))
        assert not any(person in text for person in NAMES) and "00123" not in text
        assert "inspection.B" not in text and "举报" not in text and "omplaint" not in text


def test_the_map(tmp_path: Path) -> None:
    write_files(plan_of(), tmp_path, lang="zh")
    found = json.loads((tmp_path / "plan.geojson").read_text("utf-8"))
    assert (
        found["type"] == "FeatureCollection" and [one["geometry"] for one in found["features"]] == [{"type": "Point", "coordinates": [113.6253, 34.7466]}] * 2
    )
    assert found["features"][0]["properties"] == {
        "month": "2026-03", "department": "市场监管局", "enterprise": "91410100MA0000001A", "name": '郑州"恒信"商贸有限公司, 第二分店', "kind": "双随机抽查",
        "manner": "现场检查", "publication": "检查结束后20个工作日内",
    }  # fmt: skip


def test_a_place_that_is_not_on_the_earth_is_told_and_left_out(tmp_path: Path) -> None:
    visits = [row | {"lat": 113.6, "lon": 34.7} for row in sample_visits()]
    written = write_files(plan_of(visits), tmp_path)
    assert not (tmp_path / "plan.geojson").exists()
    assert [one.place.key for one in written.notices if "no place on the earth" in one.message] == [row["enterprise"] for row in visits[1:]]
    assert b"GEO:" not in (tmp_path / "calendar-F-01.ics").read_bytes()


def test_control_characters_are_told_and_shown(tmp_path: Path) -> None:
    written = write_files(plan_of(changed(REQUIRED, name="a\x07b\ufffec")), tmp_path)
    assert any("hold a control character" in one.message for one in written.notices)
    assert "Inspection: a�b�c" in [str(event["SUMMARY"]) for event in events_of(tmp_path, "M-01").values()]
    assert cells(tmp_path)["王伟 (M-01)"][4][1] == "a�b�c\n91410100MA0000002B"


def test_a_name_of_an_inspector_and_a_text_that_no_cell_holds(tmp_path: Path) -> None:
    plan = plan_of()
    people = tuple(replace(one, name="王\x0b伟") if one.id == "M-01" else one for one in plan.inspectors)
    written = write_files(plan_of(changed(REQUIRED, clause="c" * 32_768), inspectors=people), tmp_path)
    assert [(one.place.file, one.place.field) for one in written.notices[:2]] == [("visits", "clause"), ("inspectors", "name")]
    assert len(written.notices[0].message) < 200 and cells(tmp_path)["王�伟 (M-01)"][4][5] == "c" * 32_767


# the workbook


def cells(folder: Path) -> dict[str, list[list[Any]]]:
    book = openpyxl.load_workbook(folder / "plan.xlsx")
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book.worksheets}


def test_the_workbook_has_a_sheet_for_each_inspector(tmp_path: Path) -> None:
    write_files(plan_of(), tmp_path, lang="zh")
    found = cells(tmp_path)
    assert list(found) == ["汇总", "张三 (F-01)", "王伟 (M-01)", "李娜 (M-02)", "f_02 乙", "未安排"]
    assert found["张三 (F-01)"][2] == ["日期", "检查对象", "辖区", "检查类型", "检查方式", "依据", "同行人员", "线索", "检查结果", "签字", "检查编号"]
    assert found["张三 (F-01)"][3:] == [
        [
            dt.datetime(2026, 3, 2), '郑州"恒信"商贸有限公司, 第二分店\n91410100MA0000001A', "金水区", "双随机抽查", "现场检查",
            "inspection.B: Order 7, article 3", "f/02 乙\n市场监管局：王伟 (M-01)、李娜 (M-02)", None, None, None, "fire/91410100MA0000001A/draw-1",
        ],
        [
            dt.datetime(2026, 3, 4), "00123", "二七区", "投诉举报（前期未完成）", None, "inspection.B: Order 7, article 3", "f/02 乙",
            "工单2026-0042：邻居刘某举报\n12345热线", None, None, COMPLAINT,
        ],
    ]  # fmt: skip
    assert found["未安排"][2][:4] == ["market/91410100MA0000004D/draw-1", "市场监管局", "91410100MA0000004D", "capacity"]
    assert [row[:3] for row in found["汇总"][-4:]] == [
        ["张三 (F-01)", "消防救援局", 2], ["王伟 (M-01)", "市场监管局", 2], ["李娜 (M-02)", "市场监管局", 2], ["f/02 乙", "消防救援局", 2],
    ]  # fmt: skip


def test_the_workbook_prints_and_runs_nothing(tmp_path: Path) -> None:
    write_files(plan_of(), tmp_path)
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    assert not [cell.coordinate for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    sheet = book["王伟 (M-01)"]
    assert sheet["B5"].value == '=HYPERLINK("http://x","食品")\n91410100MA0000002B'
    assert sheet.page_setup.orientation == "landscape" and sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.freeze_panes, sheet.print_title_rows, sheet.print_area) == ("A4", "$1:$3", "'王伟 (M-01)'!$A$1:$J$5")
    assert sheet["I4"].value is None and sheet["I4"].border.left.style == "thin" and sheet["J5"].border.bottom.style == "thin"
    assert book.worksheets[0]["D13"].hyperlink.location == "'张三 (F-01)'!A1"
    assert book.properties.modified == book.properties.created == dt.datetime(2026, 2, 20)


def test_a_plan_without_unplaced_has_no_such_sheet(tmp_path: Path) -> None:
    plan = plan_of()
    write_files(plan_of(sample_visits()[:4], unplaced=plan.unplaced.clear()), tmp_path)
    assert list(cells(tmp_path))[-1] == "f_02 乙"


@given(st.lists(st.text(max_size=40), min_size=1, max_size=12))
def test_names_of_sheets_are_what_excel_takes(names: list[str]) -> None:
    titles = sheet_titles(names)
    assert len({title.lower() for title in titles}) == len(names) and "history" not in {title.lower() for title in titles}
    for title in titles:
        assert 0 < len(title.encode("utf-16-le")) // 2 <= 31 and not re.search(r"[\[\]:*?/\\]|^'|'$", title)


def test_names_of_sheets_by_hand() -> None:
    assert sheet_titles(["a/b", "A_b", "'x'", "History", ""]) == ["a_b", "A_b 2", "x", "History 2", "_"]
    assert sheet_titles(["检" * 40, "检" * 40]) == ["检" * 31, "检" * 29 + " 2"]


# the calendars


def events_of(folder: Path, inspector: str) -> dict[str, Event]:
    """The events of a calendar by the visit that they describe."""
    calendar = Calendar.from_ical((folder / f"calendar-{inspector}.ics").read_bytes())
    assert calendar.errors == [] and all(event.errors == [] for event in calendar.events)
    return {re.search(r"(?:Visit: |检查编号：)(.*)", str(event["DESCRIPTION"]))[1]: event for event in calendar.events}  # type: ignore[index]


def sequences(folder: Path, inspector: str) -> dict[str, tuple[int, str]]:
    return {visit: (int(event["SEQUENCE"]), str(event["STATUS"])) for visit, event in events_of(folder, inspector).items()}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_calendar_keeps_to_the_standard(tmp_path: Path, lang: str) -> None:
    write_files(plan_of(), tmp_path, lang=lang)
    for path in tmp_path.glob("*.ics"):
        lines = path.read_bytes().split(b"\r\n")
        assert lines[0] == b"BEGIN:VCALENDAR" and lines[-2:] == [b"END:VCALENDAR", b""] and b"\n" not in b"".join(lines)
        assert all(len(line) <= 75 for line in lines) and all(line.decode() for line in lines[:-1])  # folded between characters
        calendar = Calendar.from_ical(path.read_bytes())
        assert (calendar["VERSION"], calendar["CALSCALE"]) == ("2.0", "GREGORIAN") and calendar.get("METHOD") is None
        for event in calendar.events:
            assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE"} <= set(event) and event["CLASS"] == "PRIVATE"


def test_an_event_of_a_joint_trip(tmp_path: Path) -> None:
    write_files(plan_of(), tmp_path)
    event = events_of(tmp_path, "M-01")[JOINT]
    assert str(event["SUMMARY"]) == 'Inspection: 郑州"恒信"商贸有限公司, 第二分店'
    assert (event.start, event.end, event.DTSTAMP) == (dt.date(2026, 3, 2), dt.date(2026, 3, 3), dt.datetime(2026, 2, 20, tzinfo=dt.UTC))
    assert str(event["LOCATION"]) == "金水区" and event["GEO"].to_ical() == "34.7466;113.6253"
    assert str(event["DESCRIPTION"]).split("\n") == [
        "Enterprise: 91410100MA0000001A", "Department: Market supervision", "Kind: Double-random draw", "Manner: on site",
        "Clause: inspection.B: Order 7, article 3", "With: 李娜 (M-02); Fire service: 张三 (F-01), f/02 乙", f"Visit: {JOINT}",
    ]  # fmt: skip


def test_no_calendar_holds_a_lead(tmp_path: Path) -> None:
    write_files(plan_of(), tmp_path)
    text = b"".join(path.read_bytes().replace(b"\r\n ", b"") for path in tmp_path.glob("*.ics")).decode()
    assert "刘某" not in text and "12345" not in text and "Complaint" in text


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """The folder of a plan that another will replace."""
    write_files(plan_of(), tmp_path / "first")
    return tmp_path / "first"


def test_the_same_plan_again_changes_no_calendar(first: Path, tmp_path: Path) -> None:
    write_files(plan_of(as_of=dt.date(2026, 3, 15)), tmp_path / "again", earlier=first)
    for path in first.glob("*.ics"):
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


def test_the_sequence_rises_only_for_what_changed(first: Path, tmp_path: Path) -> None:
    second, third, fourth = (tmp_path / name for name in ("second", "third", "fourth"))
    moved = changed(REQUIRED, date=dt.date(2026, 3, 20))
    write_files(plan_of(moved, as_of=dt.date(2026, 3, 1)), second, earlier=first)
    assert sequences(second, "M-01") == {JOINT: (0, "CONFIRMED"), REQUIRED: (1, "CONFIRMED")}
    old, new = (events_of(folder, "M-01")[REQUIRED] for folder in (first, second))
    assert old["UID"] == new["UID"] and new.start == dt.date(2026, 3, 20) and str(new.DTSTAMP) == "2026-03-01 00:00:00+00:00"
    assert (second / "calendar-F-01.ics").read_bytes() == (first / "calendar-F-01.ics").read_bytes()
    write_files(plan_of([row for row in moved if row["visit"] != REQUIRED]), third, earlier=second)
    assert sequences(third, "M-01") == {JOINT: (0, "CONFIRMED"), REQUIRED: (2, "CANCELLED")}
    write_files(plan_of([row for row in moved if row["visit"] != REQUIRED]), third, earlier=third)
    assert sequences(third, "M-01")[REQUIRED] == (2, "CANCELLED")
    write_files(plan_of(moved), fourth, earlier=third)
    assert sequences(fourth, "M-01")[REQUIRED] == (3, "CONFIRMED")


@pytest.mark.parametrize(
    "other", [{"lat": 34.7467}, {"name": "改名商贸有限公司"}, {"district": "中原区"}, {"manner": "document"}], ids=lambda other: next(iter(other))
)
def test_whatever_changes_in_an_event_is_a_change(first: Path, tmp_path: Path, other: dict[str, Any]) -> None:
    write_files(plan_of(changed(JOINT, **other)), tmp_path, earlier=first)
    assert sequences(tmp_path, "M-01") == {JOINT: (1, "CONFIRMED"), REQUIRED: (0, "CONFIRMED")}


def test_another_inspector_takes_a_visit(first: Path, tmp_path: Path) -> None:
    visits = [row | {"inspectors": ["M-02"]} if row["department"] == "market" and row["date"] else row for row in sample_visits()]
    write_files(plan_of(visits), tmp_path, earlier=first)
    assert set(sequences(tmp_path, "M-01").values()) == {(1, "CANCELLED")}
    assert sequences(tmp_path, "M-02") == {JOINT: (1, "CONFIRMED"), REQUIRED: (1, "CONFIRMED")}  # the colleague went away


def test_an_inspector_who_left_is_told_of_it(first: Path, tmp_path: Path) -> None:
    plan = plan_of()
    visits = [row | {"inspectors": [one for one in row["inspectors"] if one != "F-01"]} for row in sample_visits()]
    write_files(plan_of(visits, inspectors=plan.inspectors[1:], load=plan.load.filter(pl.col("inspector") != "F-01")), tmp_path, earlier=first)
    assert set(sequences(tmp_path, "F-01").values()) == {(1, "CANCELLED")}


def test_what_lies_before_the_plan_stays_as_it_was(first: Path, tmp_path: Path) -> None:
    write_files(plan_of([], first=dt.date(2026, 3, 3), unplaced=plan_of().unplaced.clear()), tmp_path, earlier=first)
    assert sequences(tmp_path, "M-01") == {JOINT: (0, "CONFIRMED"), REQUIRED: (1, "CANCELLED")}


def test_another_draw_makes_other_events(first: Path, tmp_path: Path) -> None:
    write_files(plan_of(changed(REQUIRED, ticket="f" * 64)), tmp_path)
    assert events_of(first, "M-01")[REQUIRED]["UID"] != events_of(tmp_path, "M-01")[REQUIRED]["UID"]
    assert events_of(first, "M-01")[JOINT]["UID"] != events_of(first, "M-02")[JOINT]["UID"]


def test_an_earlier_plan_that_is_none(first: Path, tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="there is no earlier plan here"):
        write_files(plan_of(), tmp_path / "out", earlier=tmp_path)
    assert not (tmp_path / "out").exists()


DAMAGES = [
    (b"SEQUENCE:0\r\n", b""),
    (b"SEQUENCE:0", b"SEQUENCE:many"),
    (b"DTSTART;VALUE=DATE:20260302", b"DTSTART:20260302T090000Z"),
    (b"END:VCALENDAR", b""),
]


@pytest.mark.parametrize(("right", "wrong"), DAMAGES)
def test_a_damaged_earlier_calendar_is_refused(first: Path, tmp_path: Path, right: bytes, wrong: bytes) -> None:
    path = first / "calendar-M-01.ics"
    path.write_bytes(path.read_bytes().replace(right, wrong, 1))
    with pytest.raises(ProblemError) as refused:
        write_files(plan_of(), tmp_path / "out", earlier=first)
    assert [one.code for one in refused.value.problems] == ["file-unreadable"] and refused.value.problems[0].place.file == str(path)


def test_file_names_of_inspectors() -> None:
    assert file_names(["M-01", "王.伟", "a1", "A1", "../x"]) == {
        "M-01": "calendar-M-01.ics", "王.伟": "calendar-王.伟.ics",
        "a1": "calendar-a1-f55ff16f.ics", "A1": "calendar-A1-16a36e86.ics", "../x": "calendar-.._x-d6b96a97.ics",
    }  # fmt: skip


# whole or not at all


def test_nothing_takes_its_name_when_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "plan.xlsx").mkdir()
    with pytest.raises(ProblemError, match="a folder has this name"):
        write_files(plan_of(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["plan.xlsx"]


def test_tables_of_another_form_are_refused() -> None:
    plan = plan_of()
    with pytest.raises(ValueError, match="the table 'load' has the columns"):
        plan_of(load=plan.load.drop("week"))
    with pytest.raises(ValueError, match=r"does not know: \['F-01', 'f/02 乙'\]"):
        plan_of(inspectors=plan.inspectors[1:3])
