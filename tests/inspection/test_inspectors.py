"""The list of inspectors: what is read, and that everything wrong in it is told at once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from regengine.inspection.schedule.inspectors import notices, read_inspectors
from regengine.inspection.visit import Inspector, Leave
from regengine.problems import ProblemError

from .small import day, inspector, weekdays

HEADER = "inspector,department,districts,skills,certificate_from,certificate_until,capacity,interests,leave,name\n"
GOOD = "i2,food,north; south,boilers,2024-01-01,2027-12-31,3,91A;91B,2026-02-01/2026-02-10;2026-05-04,张三\ni1,fire,north,,2024-01-01,2027-12-31,1,,,\n"
READ = (
    Inspector("i1", "fire", frozenset({"north"}), (dt.date(2024, 1, 1), dt.date(2027, 12, 31)), 1),
    Inspector(
        "i2", "food", frozenset({"north", "south"}), (dt.date(2024, 1, 1), dt.date(2027, 12, 31)), 3, frozenset({"boilers"}), frozenset({"91A", "91B"}),
        (Leave(dt.date(2026, 2, 1), dt.date(2026, 2, 10)), Leave(dt.date(2026, 5, 4), dt.date(2026, 5, 4))), "张三",
    ),
)  # fmt: skip


def written(folder: Path, text: str) -> Path:
    path = folder / "inspectors.csv"
    path.write_text(text, "utf-8")
    return path


def test_a_list_is_read_by_id(tmp_path: Path) -> None:
    assert read_inspectors(written(tmp_path, HEADER + GOOD)) == READ


def test_parquet_and_excel_are_read_alike(tmp_path: Path) -> None:
    table = pl.read_csv(written(tmp_path, HEADER + GOOD), infer_schema=False, null_values="")
    typed = table.with_columns(pl.col("capacity").cast(pl.Int8), pl.col("certificate_from", "certificate_until").str.to_date())
    typed.write_parquet(tmp_path / "inspectors.parquet")
    from openpyxl import Workbook

    book = Workbook()
    for row in [typed.columns, *typed.rows()]:
        book.active.append(row)
    book.save(tmp_path / "inspectors.xlsx")
    assert read_inspectors(tmp_path / "inspectors.parquet") == READ
    assert read_inspectors(tmp_path / "inspectors.xlsx") == READ


def test_columns_that_may_be_left_out(tmp_path: Path) -> None:
    text = "inspector,department,districts,certificate_from,certificate_until,capacity\ni1,fire,north,2024-01-01,2027-12-31,1\n"
    assert read_inspectors(written(tmp_path, text)) == READ[:1]


WRONG = {
    "no district": ("i1,food,,,2024-01-01,2027-12-31,1,,,", "districts", "the inspector has no district"),
    "only a semicolon": ("i1,food,;,,2024-01-01,2027-12-31,1,,,", "districts", "the inspector has no district"),
    "no department": ("i1,,north,,2024-01-01,2027-12-31,1,,,", "department", "the value is missing"),
    "no certificate": ("i1,food,north,,,2027-12-31,1,,,", "certificate_from", "the value is missing"),
    "a certificate that ends before it begins": (
        "i1,food,north,,2024-01-02,2024-01-01,1,,,",
        "certificate_until",
        "the certificate ends on 2024-01-01, before it begins on 2024-01-02",
    ),
    "no day": ("i1,food,north,,2024-02-30,2027-12-31,1,,,", "certificate_from", "`2024-02-30` is not a real day"),
    "capacity 0": ("i1,food,north,,2024-01-01,2027-12-31,0,,,", "capacity", "`0` is not a number of visits in a day from 1 to 20"),
    "capacity 21": ("i1,food,north,,2024-01-01,2027-12-31,21,,,", "capacity", "`21` is not a number of visits in a day from 1 to 20"),
    "capacity 1.5": ("i1,food,north,,2024-01-01,2027-12-31,1.5,,,", "capacity", "`1.5` is not a number of visits in a day from 1 to 20"),
    "leave the wrong way round": (
        "i1,food,north,,2024-01-01,2027-12-31,1,,2026-02-10/2026-02-01,",
        "leave",
        "the leave `2026-02-10/2026-02-01` ends before it begins",
    ),
    "leave that is no day": ("i1,food,north,,2024-01-01,2027-12-31,1,,spring,", "leave", "`spring` is not a day written as YYYY-MM-DD"),
    "a bar in the id": ("i|1,food,north,,2024-01-01,2027-12-31,1,,,", "inspector", "the id holds `|`, a line break or a control character"),
    "no id": (",food,north,,2024-01-01,2027-12-31,1,,,", "inspector", "the value is missing"),
}


@pytest.mark.parametrize(("row", "column", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_row_is_refused_with_its_place(tmp_path: Path, row: str, column: str, message: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read_inspectors(written(tmp_path, f"{HEADER}{GOOD}{row}\n".replace("\ni1,fire", "\ni3,fire")))
    (problem,) = caught.value.problems
    assert (problem.code, problem.message, problem.place.row, problem.place.field) == ("inspector-wrong", message, 3, column)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = HEADER + GOOD + "i2,food,north,,2024-01-01,2027-12-31,1,,,\ni4,,,,x,y,z,,,\n"
    with pytest.raises(ProblemError) as caught:
        read_inspectors(written(tmp_path, text))
    told = [(problem.place.row, problem.place.key, problem.place.field) for problem in caught.value.problems]
    assert told == [(3, "i2", "inspector"), *((4, "i4", column) for column in ("department", "districts", "certificate_from", "certificate_until", "capacity"))]
    assert caught.value.problems[0].message == "the id `i2` is given to two inspectors"


def test_unknown_and_missing_columns_are_refused(tmp_path: Path) -> None:
    text = HEADER.replace("leave", "leaves").replace("districts", "district")
    with pytest.raises(ProblemError) as caught:
        read_inspectors(written(tmp_path, text + GOOD))
    assert [(problem.code, problem.hint) for problem in caught.value.problems] == [
        ("column-missing", "did you mean `district`?"),
        ("inspector-wrong", "did you mean `districts`?"),
        ("inspector-wrong", "did you mean `leave`?"),
    ]


def test_a_certificate_that_ends_within_the_plan_is_told() -> None:
    people = [inspector(id_, certificate=(dt.date(2026, 1, 1), day(last))) for id_, last in {"after": 5, "last": 4, "within": 3, "before": -1}.items()]
    told = notices(people, weekdays(1))
    assert [(problem.code, problem.place.key) for problem in told] == [("certificate-ends", "before"), ("certificate-ends", "within")]
    assert told[1].message == "the certificate of `within` ends on 2026-03-05, within the plan; no visit is given to this inspector after that day"
