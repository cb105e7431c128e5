"""Many days at once against one day at a time: the same facts and grades, whatever the windows; and what must be graded by itself."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import regengine as rg
from regengine.simulate.replay import AS_OF, ROW, classes, replay

EVIDENCE = Path(__file__).resolve().parent.parent / "evidence"
BOOK = rg.load(EVIDENCE / "registers.yaml")
FIRST = dt.date(2023, 1, 1)  # the days reach over the leap day of 2024
KEYS = ["a", "b", "c"]
SCHEMAS = {
    "penalties": {
        "统一社会信用代码": pl.String, "decided": pl.Date, "published": pl.Date, "repaired": pl.Date, "severity": pl.String, "fine": pl.Float64,
        "appealed": pl.Boolean,
    },
    "listings": {"enterprise": pl.String, "listed": pl.Date, "repaired": pl.Date, "class": pl.String},
    "visits": {"enterprise": pl.String, "day": pl.Date, "score": pl.Int64},
}  # fmt: skip

day = st.integers(0, 1100).map(lambda number: FIRST + dt.timedelta(number))
later = st.one_of(st.none(), st.integers(0, 300))
kind = st.sampled_from(["light", "general", "serious"])
penalties = st.tuples(st.sampled_from(KEYS), day, later, later, kind, st.sampled_from([10.0, 95.5]), st.sampled_from([None, True, False]))
listings = st.tuples(st.sampled_from(KEYS), day, later, kind)
visits = st.tuples(st.sampled_from(KEYS), day, st.integers(0, 100))
asked = st.lists(st.tuples(st.sampled_from(KEYS), day), min_size=1, max_size=6)


def after(start: dt.date, days: int | None) -> dt.date | None:
    return None if days is None else start + dt.timedelta(days)


def tables(fines: list[Any], lists: list[Any], seen: list[Any]) -> dict[str, pl.DataFrame]:
    rows = {
        "penalties": [(key, on, after(on, known), after(on, end), *rest) for key, on, known, end, *rest in fines],
        "listings": [(key, on, after(on, end), of) for key, on, end, of in lists],
        "visits": seen,
    }
    return {name: pl.DataFrame(rows[name], schema=schema, orient="row") for name, schema in SCHEMAS.items()}


def questions(rows: list[tuple[str, dt.date]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"enterprise": pl.String, AS_OF: pl.Date}, orient="row").with_row_index(ROW)


def one_by_one(book: rg.Book, enterprises: pl.DataFrame, registers: dict[str, pl.DataFrame], rows: pl.DataFrame) -> pl.DataFrame:
    """The slow way: facts and grades of all enterprises on each day by itself."""
    parts = []
    for row in rows.iter_rows(named=True):
        facts = book.work_out(enterprises, registers, as_of=row[AS_OF]).facts
        graded = book.decide_frame(facts, as_of=row[AS_OF]).filter(pl.col("enterprise") == row["enterprise"])
        parts.append(graded.with_columns(pl.lit(row[ROW], pl.UInt32).alias(ROW)))
    return pl.concat(parts)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(penalties, max_size=12), st.lists(listings, max_size=5), st.lists(visits, max_size=8), asked)
def test_many_days_at_once_are_the_days_one_by_one(fines: list[Any], lists: list[Any], seen: list[Any], rows: list[tuple[str, dt.date]]) -> None:
    registers, wanted = tables(fines, lists, seen), questions(rows)
    enterprises = pl.DataFrame({"enterprise": KEYS})
    found = replay(BOOK, enterprises, registers, wanted, key="enterprise")
    slow = one_by_one(BOOK, enterprises, registers, wanted)
    assert_frame_equal(found.graded.select(slow.select(ROW, "enterprise", *BOOK.facts, "grade").columns), slow.select(ROW, "enterprise", *BOOK.facts, "grade"))
    assert len(found.rejects) == 0


def test_days_with_windows_alike_are_one_class() -> None:
    book = rg.load("ca/toronto-dinesafe")  # windows of one to five years
    rows = questions([("a", day) for day in pl.date_range(dt.date(2005, 3, 1), dt.date(2006, 2, 28), eager=True)])
    found = list(classes(book, rows[AS_OF].to_list(), rows, True))
    # from the first of March on every window reaches over the same leap days until the next one is behind it
    assert [(len(days), at) for days, at in found] == [(365, dt.date(2006, 2, 28))]
    assert len(list(classes(book, rows[AS_OF].to_list(), rows, False))) == 365


def test_relations_keep_days_apart_and_see_all_enterprises() -> None:
    book = rg.load(EVIDENCE / "related.yaml")
    enterprises = pl.DataFrame({"enterprise": KEYS, "defaulter": [False] * 3, "unlicensed": [False] * 3})
    on, until = dt.date(2024, 1, 10), dt.date(2024, 6, 1)
    registers = {
        "serious_list": pl.DataFrame({"enterprise": ["b"], "listed": [on], "removed": [until]}),
        "legal_representative": pl.DataFrame(
            {"enterprise": ["a", "b"], "法定代表人": ["p", "p"], "since": [on, on], "published": [on, on], "until": [None, None]},
            schema_overrides={"until": pl.Date},
        ),
        "relations": pl.DataFrame(
            schema={
                "enterprise": pl.String,
                "other": pl.String,
                "since": pl.Date,
                "published": pl.Date,
                "until": pl.Date,
                "kind": pl.String,
                "share": pl.Float64,
            }
        ),
    }
    wanted = questions([("a", dt.date(2024, 1, 9)), ("a", on), ("a", until), ("b", on)])
    found = replay(book, enterprises, registers, wanted, key="enterprise")
    assert found.graded["grade"].to_list() == ["A", "B", "A", "C"]  # b, of whom nobody asks on the second day, is on the list


def test_a_fixed_day_keeps_days_apart(tmp_path: Path) -> None:
    text = """
rulebook: xx/fixed
edition: "1.0"
title: Fixed
authority: Tests
in_force: {from: 2000-01-01}
audience: public
basis: illustrative
registers: {visits: {key: enterprise, date: day}}
facts:
  last: {type: date, missing: unknown, from: {latest: visits}}
grades:
  order: [A, B]
  rows:
    - {when: 'known(last) and last < date("2024-01-05")', grade: B}
    - {otherwise: A}
"""
    path = tmp_path / "fixed.yaml"
    path.write_text(text, encoding="utf-8")
    book = rg.load(path)
    registers = {"visits": pl.DataFrame({"enterprise": ["a"], "day": [dt.date(2024, 1, 4)]})}
    wanted = questions([("a", dt.date(2024, 1, 4)), ("a", dt.date(2024, 3, 1))])
    assert replay(book, pl.DataFrame({"enterprise": ["a"]}), registers, wanted, key="enterprise").graded["grade"].to_list() == ["B", "B"]


def test_what_cannot_be_read_is_counted_and_strangers_are_refused() -> None:
    registers = tables([("a", FIRST, None, None, "light", 1.0, None), ("b", None, None, None, "light", 1.0, None)], [], [])
    assert replay(BOOK, pl.DataFrame({"enterprise": KEYS}), registers, questions([("a", FIRST)]), key="enterprise").entries["penalties"] == 1
    with pytest.raises(rg.ProblemError, match="1 of the enterprises that are asked about"):
        replay(BOOK, pl.DataFrame({"enterprise": ["b"]}), registers, questions([("a", FIRST)]), key="enterprise")
    with pytest.raises(rg.ProblemError, match="`penaltys` is not a register"):
        replay(BOOK, pl.DataFrame({"enterprise": KEYS}), {"penaltys": registers["penalties"]}, questions([("a", FIRST)]), key="enterprise")
