"""Mapping files: the columns of real Chinese registers read as facts, and every way in which a mapping can be wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import regengine as rg
from regengine.intake.files import scan_table
from regengine.intake.frame import ISO_DAY, REASON
from regengine.intake.mapping import Mapping_, apply, as_it_came, check_facts, failed_keys, read_mapping
from regengine.intake.translate import NARROW, ambiguous, clean_expr, clean_text, day_expr, day_format, shift_expr
from regengine.problems import ProblemError

RULEBOOK = """
rulebook: cn/mapped
edition: "1"
title: A rulebook for tests
authority: tests
audience: internal
in_force: {from: 2020-01-01}
basis: illustrative
facts:
  on_list: {type: boolean, missing: false}
  listed: {type: date, missing: unknown}
  tax_grade: {type: category, values: [A, B, M, C, D], missing: M}
  fines: {type: decimal, places: 2, min: 0, max: 10000, missing: 0}
  penalties: {type: integer, min: 0, max: 100, missing: reject}
grades:
  order: [A, B]
  rows:
    - {when: "on_list or penalties > 3 or fines >= 10 or tax_grade == 'D'", grade: B}
    - {otherwise: A}
"""
MAPPING = """\
mapping: abnormal-operations
key: {column: 统一社会信用代码, check: credit_code}
columns:
  on_list: {column: 是否列入, values: {是: true, 否: false, 1: true, 0: false}}
  listed: {column: 列入日期, format: [yyyymmdd, yyyy年m月d日, yyyy/m/d], values: {无: null}}
  tax_grade: {column: 信用等级, values: {Ａ级: A, Ｂ级: B, Ｄ级: D}}
  fines: {column: 罚款（元）, times: 0.0001}
  penalties: 行政处罚次数
clean: [trim, full_width]
"""
CODE = "91410100MA0000000T"
HEADER = "统一社会信用代码,企业名称,是否列入,列入日期,信用等级,罚款（元）,行政处罚次数"


@pytest.fixture
def mapping(tmp_path: Path) -> Callable[..., Mapping_]:
    def written(text: str = MAPPING) -> Mapping_:
        path = tmp_path / "map.yaml"
        path.write_text(text, encoding="utf-8")
        return read_mapping(path)

    return written


@pytest.fixture
def book(tmp_path: Path) -> rg.Book:
    (tmp_path / "book.yaml").write_text(RULEBOOK, encoding="utf-8")
    return rg.load(tmp_path / "book.yaml")


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    def written(*rows: str) -> Path:
        path = tmp_path / "t.csv"
        path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="gb18030")
        return path

    return written


def problems(call: Callable[[], object]) -> list[tuple[str, int | None, int | None, str]]:
    with pytest.raises(ProblemError) as error:
        call()
    return [(p.code, p.place.line, p.place.column, p.message) for p in error.value.problems]


# reading a source


@pytest.mark.parametrize(
    ("row", "read"),
    [
        (f"{CODE},甲,是,20260131,Ａ级,12345,2", (CODE, "true", "2026-01-31", "A", "1.2345", "2")),
        (f"{CODE} ,甲, 否 ,2026年1月31日,B级,500.00,　２　", (CODE, "false", "2026-01-31", "B", "0.05", "2")),
        ("９１410100MA0000000T,甲,１,2026/1/2,D级,0,0", (CODE, "true", "2026-01-02", "D", "0", "0")),
        ("x,甲,0,2026-01-31,M,,", ("x", "false", "2026-01-31", "M", None, None)),
        ("x,甲,或,无,Ｅ级,十元,-", ("x", "或", None, "E级", "十元", "-")),
        ("x,甲,,2026年2月30日, ,1,1", ("x", None, "2026年2月30日", None, "0.0001", "1")),
        ("x,甲,,20261301,,-1,1", ("x", None, "20261301", None, "-0.0001", "1")),
    ],
)  # fmt: skip
def test_rows_of_a_register(mapping: Callable[..., Mapping_], table: Callable[..., Path], row: str, read: tuple[object, ...]) -> None:
    source = apply(mapping(), scan_table(table(row)))
    frame = source.lazy.collect()
    assert frame.columns == [*HEADER.split(","), "enterprise", "on_list", "listed", "tax_grade", "fines", "penalties"]
    assert frame.row(0)[7:] == read
    assert frame.row(0)[:7] == tuple(value or None for value in row.split(","))
    assert source.texts


def test_what_has_no_translation_is_rejected_as_it_came(mapping: Callable[..., Mapping_], table: Callable[..., Path], book: rg.Book) -> None:
    good, bad = f"{CODE},甲,是,20260131,A级,99900,2", "x ,乙,或,2026年2月30日,Ｅ级,十元,−1"
    made, path = mapping(), table(good, bad)
    check_facts(made, book.facts.values())
    source = apply(made, scan_table(path))
    split = book.split_frame(source.lazy, as_of="2026-11-01", texts=source.texts)
    assert split.graded.collect().select("enterprise", "grade").rows() == [(CODE, "B")]
    rejects = as_it_came(made, split.rejects).collect()
    assert rejects.columns == [*HEADER.split(","), REASON]
    assert rejects.row(0)[:-1] == tuple(bad.split(","))
    assert set(rejects[REASON][0].split("; ")) == {
        "fact-wrong-type: on_list", "fact-wrong-type: listed", "fact-unknown-value: tax_grade", "fact-wrong-type: fines", "fact-wrong-type: penalties",
    }  # fmt: skip


def test_a_fact_under_its_own_name_is_translated_and_given_back_as_it_came(mapping: Callable[..., Mapping_], tmp_path: Path, book: rg.Book) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,on_list,penalties\nx,是,1\ny,或,1\n", encoding="utf-8")
    made = mapping("mapping: m\nkey: id\nclean: trim\nabsent: [listed, tax_grade, fines]\ncolumns:\n  on_list: {column: on_list, values: {是: true}}\n")
    source = apply(made, scan_table(path))
    assert source.lazy.collect().rows() == [("x", "是", "1", "x", "true"), ("y", "或", "1", "y", "或")]
    split = book.split_frame(source.lazy, as_of="2026-11-01", texts=True, absent=made.document.absent)
    assert split.graded.collect().select("enterprise", "on_list", "source.on_list", "grade").rows() == [("x", "true", "是", "B")]
    assert as_it_came(made, split.rejects).collect().rows(named=True) == [{"id": "y", "on_list": "或", "penalties": "1", REASON: "fact-wrong-type: on_list"}]


@pytest.mark.parametrize("wrong", ["report", "reject"])
def test_keys_that_fail_the_check(mapping: Callable[..., Mapping_], table: Callable[..., Path], book: rg.Book, wrong: str) -> None:
    made = mapping(MAPPING.replace("check: credit_code", f"check: credit_code, wrong: {wrong}"))
    path = table(f"{CODE},甲,否,,,,1", "91410100MA0000000R,乙,否,,,,1", ",丙,否,,,,1", "abc,丁,或,,,,1")
    scanned = scan_table(path)
    assert failed_keys(apply(made, scanned, wrong_keys=True).lazy, "enterprise", 5) == (2, ["91410100MA0000000R", "abc"])
    assert failed_keys(apply(made, scanned, wrong_keys=True).lazy, "enterprise", 1) == (2, ["91410100MA0000000R"])
    split = book.split_frame(apply(made, scanned).lazy, as_of="2026-11-01", texts=True)
    reasons = as_it_came(made, split.rejects).select("企业名称", REASON).collect().rows()
    if wrong == "report":
        assert reasons == [("丙", "key-column: empty"), ("丁", "fact-wrong-type: on_list")]
    else:
        code = "key-column: not a unified social credit code"
        assert reasons == [("乙", code), ("丙", "key-column: empty"), ("丁", f"fact-wrong-type: on_list; {code}")]


def test_typed_columns_keep_their_types_where_they_are_only_renamed(mapping: Callable[..., Mapping_], tmp_path: Path) -> None:
    day = dt.date(2026, 1, 31)
    path = tmp_path / "t.parquet"
    pl.DataFrame(
        {"k": [1, 2], "n": [3, None], "d": [day, None], "when": [20260131, 7], "flag": [1.0, None], "money": [12345.5, 1e16], "yes": [True, False]}
    ).write_parquet(path)
    made = mapping(
        "mapping: m\nkey: k\ncolumns:\n  penalties: n\n  listed: {column: d, format: yyyymmdd}\n  b: {column: when, format: yyyymmdd}\n"
        "  c: {column: flag, values: {1: true, 0: false}}\n  e: {column: money, times: 0.0001}\n  f: {column: 'yes', values: {'true': 1, 'false': 0}}\n"
    )
    frame = apply(made, scan_table(path)).lazy.collect().select("enterprise", *made.document.columns)
    assert frame.rows() == [(1, 3, day, "2026-01-31", "true", "1.23455", "1"), (2, None, None, "7", None, "1000000000000", "0")]


# cleaning, days and numbers


def test_full_width_characters_are_those_of_numbers_and_codes() -> None:
    assert clean_text("ＡＢ１２ｚ－．／＋（一），", ["full_width"]) == "AB12z-./+（一），"
    assert len(NARROW) == 66


@given(
    st.lists(st.none() | st.text(alphabet="ＡＢ１２ Ab1　\t\u00a0（，.", max_size=8)), st.sampled_from([[], ["trim"], ["full_width"], ["trim", "full_width"]])
)
def test_a_column_is_cleaned_as_its_texts_are(texts: list[str | None], rules: list[str]) -> None:
    frame = pl.DataFrame({"t": texts}, schema={"t": pl.String})
    cleaned = [None if text is None else clean_text(text, rules) for text in texts]
    expected = [text or None for text in cleaned] if "trim" in rules else cleaned
    assert frame.select(clean_expr(pl.col("t"), rules))["t"].to_list() == expected


FORMATS = {
    "yyyymmdd": "{:04d}{:02d}{:02d}", "yyyy年m月d日": "{:04d}年{}月{}日", "yyyy年mm月dd日": "{:04d}年{:02d}月{:02d}日", "yyyy/m/d": "{:04d}/{}/{}",
    "yyyy.mm.dd": "{:04d}.{:02d}.{:02d}", "yyyy-m-d": "{:04d}-{}-{}", "yyyy-mm-dd 00:00:00": "{:04d}-{:02d}-{:02d} 00:00:00",
}  # fmt: skip


@given(st.dates(), st.sampled_from(sorted(FORMATS)))
def test_every_day_is_read_in_every_format(day: dt.date, name: str) -> None:
    text = FORMATS[name].format(day.year, day.month, day.day)
    assert pl.select(day_expr(pl.lit(text), [day_format(name)])).item() == day.isoformat()


@given(st.from_regex(r"[0-9]{4}([年/.-])[0-9]{1,2}([月/.-])[0-9]{1,2}日?", fullmatch=True) | st.text(max_size=12))
def test_a_text_is_a_day_of_a_format_or_stays(text: str) -> None:
    made = pl.select(day_expr(pl.lit(text), [day_format("yyyy年m月d日"), day_format("yyyymmdd"), day_format("yyyy/m/d")])).item()
    assert made == text or pl.select(pl.lit(made).str.contains(ISO_DAY)).item()


def test_the_order_of_day_and_month_is_the_formats() -> None:
    for name, day in [("dd/mm/yyyy", "2026-03-02"), ("mm/dd/yyyy", "2026-02-03"), ("d.m.yyyy", None)]:
        assert pl.select(day_expr(pl.lit("02/03/2026"), [day_format(name)])).item() == (day or "02/03/2026")


@pytest.mark.parametrize("text", ["", "yyyy", "yyyymmddhh", "yy-mm-dd", "yyyymd", "yyyymdd", "dmmyyyy", "yyyy-mm-mm", "yyyy1mm1dd", "jjjj-mm-dd"])
def test_formats_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"does not write a day|cannot be told"):
        day_format(text)


@pytest.mark.parametrize(
    ("one", "other", "two_days"),
    [
        ("dd/mm/yyyy", "mm/dd/yyyy", True), ("d/m/yyyy", "mm/dd/yyyy", True), ("yyyymmdd", "ddmmyyyy", True), ("yyyy/mm/dd", "dd/mm/yyyy", False),
        ("yyyy-m-d", "yyyy-mm-dd", False), ("dd.mm.yyyy", "mm/dd/yyyy", False), ("yyyymmdd", "yyyy年m月d日", False), ("yyyyddmm", "yyyymmdd", True),
    ],
)  # fmt: skip
def test_two_formats_that_read_one_text_as_two_days(one: str, other: str, two_days: bool) -> None:
    assert (ambiguous([day_format(one), day_format(other)]) is not None) is two_days


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**11), max_value=10**11), st.integers(-9, 9))
def test_the_decimal_point_is_moved_exactly(number: Decimal, places: int) -> None:
    made = pl.select(shift_expr(pl.lit(str(number)), places)).item()
    assert Decimal(made) == number.scaleb(places)
    assert "." not in made or not made.endswith("0")


@pytest.mark.parametrize("text", ["", "abc", "1,000", "1e5", ".5", "5.", "１", "1 2", "9" * 19])
def test_what_is_no_number_stays(text: str) -> None:
    assert pl.select(shift_expr(pl.lit(text), -4)).item() == text


# wrong mappings


def test_every_fault_of_form_is_told_with_its_place(mapping: Callable[..., Mapping_]) -> None:
    text = (
        "mapping: Henan\nkey: {column: a, chek: credit_code}\nclean: [trimm]\ncolumns:\n  p: {column: b, format: [yyyymd]}\n"
        "  q: {column: c, times: 3}\n  r: {column: d, values: {是: [1]}}\n  s: {values: {是: true}}\n"
        "  t: {column: e, format: [dd/mm/yyyy, mm/dd/yyyy]}\n  u: 5\n"
    )
    assert [(code, line) for code, line, _, _ in problems(lambda: mapping(text))] == [
        ("value-wrong", 1), ("key-unknown", 2), ("value-wrong", 5), ("value-wrong", 6), ("value-wrong", 7), ("key-missing", 8), ("value-wrong", 9),
        ("value-wrong", 10), ("value-wrong", 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("mapping: m\nkey: {column: a, wrong: reject}\ncolumns: {p: b}\n", [("key-missing", 2)]),
        ("mapping: m\nkey: a\nclean: [full_width]\ncolumns:\n  p: {column: b, values: {Ａ: 1, A: 2}}\n", [("key-duplicate", 5)]),
        ("mapping: m\nkey: a\nabsent: p\ncolumns:\n  p: b\n", [("name-duplicate", 5)]),
        ("mapping: m\nkey: a\ncolumns: {}\n", [("value-wrong", 3)]),
        ("mapping: m\nkey: a\ncolumns: {p: {column: b, format: yyyymmdd, times: 10}}\n", [("value-wrong", 3)]),
    ],
)
def test_faults_of_what_stands_together(mapping: Callable[..., Mapping_], text: str, told: list[tuple[str, int]]) -> None:
    assert [(code, line) for code, line, _, _ in problems(lambda: mapping(text))] == told


def test_a_mapping_is_held_against_the_facts(mapping: Callable[..., Mapping_], book: rg.Book) -> None:
    made = mapping(
        "mapping: m\nkey: k\nabsent: [fine]\ncolumns:\n  penaltes: a\n  on_list: {column: b, values: {是: ja, 否: false}}\n"
        "  tax_grade: {column: c, values: {甲: E, 乙: A, 丙: null}, format: yyyymmdd}\n  listed: {column: d, times: 10, values: {x: 2026-02-30}}\n"
        "  penalties: {column: e, values: {多: 101}}\n"
    )
    assert [(code, line, column) for code, line, column, _ in problems(lambda: check_facts(made, book.facts.values()))] == [
        ("fact-unknown-name", 3, 10), ("fact-unknown-name", 5, 3), ("fact-wrong-type", 6, 36), ("value-wrong", 7, 57), ("fact-unknown-value", 7, 38),
        ("value-wrong", 8, 23), ("fact-wrong-type", 8, 46), ("fact-out-of-range", 9, 38),
    ]  # fmt: skip


def test_a_mapping_is_held_against_the_source(mapping: Callable[..., Mapping_], tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pl.DataFrame({"统一社会信用代码 ": ["x"], "p": [1], "many": [[1]], "enterprise": ["y"]}).write_parquet(path)
    made = mapping("mapping: m\nkey: 统一社会信用代码\ncolumns:\n  p: enterprise\n  q: {column: many, times: 10}\n  r: p\n")
    assert problems(lambda: apply(made, scan_table(path))) == [
        ("column-missing", 2, 6, "the table has no column `统一社会信用代码`"),
        ("column-clash", 4, 6, "the table has a column `p` itself"),
        ("column-wrong-type", 5, 15, "the column `many` holds List(Int64) values, which have no text"),
    ]
