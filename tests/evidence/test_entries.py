"""Entries that were delivered more than once: which count, which are rejected, and that the order of the rows is of no matter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import narwhals as nw
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regengine.evidence.entries import accounted, read_entries
from regengine.problems import ProblemError
from regengine.rulebook.registers import Register

NUMBERED = Register(key="who", date="day", id="number", columns={})
Entry = tuple[str | None, str | None, dt.date | None, str]  # number, who, day, and a column of which the rulebook knows nothing
DAY, LATER = dt.date(2026, 1, 1), dt.date(2026, 1, 2)
COLUMNS = {"number": pl.String, "who": pl.String, "day": pl.Date, "note": pl.String}
KINDS = ["polars", "lazy", "pandas", "duckdb"]


def table(entries: Sequence[Entry], kind: str) -> Any:
    frame = pl.DataFrame(entries, schema=COLUMNS, orient="row")
    if kind == "pandas":
        made = frame.to_pandas()
        return nw.from_native(made.assign(day=pd.to_datetime(made["day"])))
    if kind == "duckdb":
        duckdb = pytest.importorskip("duckdb")
        connection = duckdb.connect()
        connection.register("entries", frame.to_arrow())
        return nw.from_native(connection.sql("SELECT * FROM entries"))
    return nw.from_native(frame.lazy() if kind == "lazy" else frame)


def rows(frame: Any, *names: str) -> list[tuple[Any, ...]]:
    """The rows of a frame of any kind in their own order, with None for what is missing."""
    found = frame.select(*names)
    made = found.collect(backend="polars") if isinstance(found, nw.LazyFrame) else found
    return sorted((tuple(None if value != value else value for value in row) for row in made.rows()), key=str)  # pandas says NaN


@pytest.mark.parametrize("kind", KINDS)
def test_an_entry_counts_once_and_two_that_differ_are_rejected(kind: str) -> None:
    entries: list[Entry] = [
        ("1", "a", DAY, "first delivery"),
        ("1", "a", DAY, "second delivery"),
        ("2", "a", DAY, ""),
        ("2", "b", DAY, ""),
        ("3", "a", DAY, ""),
        ("3", "a", None, ""),
        (None, "c", DAY, "no number"),
        (None, "c", DAY, "no number"),
        ("4", None, DAY, ""),
        ("4", None, DAY, ""),
    ]
    found = read_entries("cases", NUMBERED, table(entries, kind))
    assert rows(found.ready, "number", "who") == [("1", "a"), (None, "c"), (None, "c")]
    assert rows(found.rejects, "number", "who", "rejected_for") == [
        ("2", "a", "entry-wrong: duplicate id"),
        ("2", "b", "entry-wrong: duplicate id"),
        ("3", "a", "entry-wrong: duplicate id"),
        ("3", "a", "entry-wrong: empty date; entry-wrong: duplicate id"),
        ("4", None, "entry-wrong: empty key"),
        ("4", None, "entry-wrong: empty key"),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_without_duplicates_and_without_an_id_every_entry_counts(kind: str) -> None:
    different: list[Entry] = [("1", "a", DAY, ""), ("2", "a", DAY, "")]
    assert rows(read_entries("cases", NUMBERED, table(different, kind)).ready, "number") == [("1",), ("2",)]
    same: list[Entry] = [("1", "a", DAY, ""), ("1", "a", DAY, "")]
    bare = Register(key="who", date="day", columns={})
    assert rows(read_entries("cases", bare, table(same, kind)).ready, "number") == [("1",), ("1",)]


ENTRIES = st.lists(st.tuples(st.sampled_from(["1", "2", "3", None]), st.sampled_from(["a", "b"]), st.sampled_from([DAY, LATER]), st.just("")), max_size=8)


@settings(max_examples=60, deadline=None)
@given(entries=ENTRIES, kind=st.sampled_from(["polars", "lazy", "pandas"]), data=st.data())
def test_the_order_of_the_rows_is_of_no_matter(entries: list[Entry], kind: str, data: st.DataObject) -> None:
    """An id with one form counts once, one with several is rejected whole, and entries without an id all count."""
    forms: dict[str | None, set[Entry]] = {}
    for entry in entries:
        forms.setdefault(entry[0], set()).add(entry)
    counted = [entry for number, own in forms.items() if number is not None and len(own) == 1 for entry in own]
    counted += [entry for entry in entries if entry[0] is None]
    rejected = [entry for entry in entries if entry[0] is not None and len(forms[entry[0]]) > 1]
    found = read_entries("cases", NUMBERED, table(data.draw(st.permutations(entries)), kind))
    assert rows(found.ready, "number", "who") == sorted(((number, who) for number, who, *_ in counted), key=str)
    assert rows(found.rejects, "number", "who") == sorted(((number, who) for number, who, *_ in rejected), key=str)


def test_the_column_of_the_id_must_be_there() -> None:
    with pytest.raises(ProblemError) as caught:
        read_entries("cases", NUMBERED, table([], "polars").drop("number"))
    assert [(one.code, one.place.field) for one in caught.value.problems] == [("column-missing", "number")]


@pytest.mark.parametrize("kind", KINDS)
def test_each_entry_is_accounted_for_once(kind: str) -> None:
    register = Register(key="who", date="day", known="known", columns={})
    entries = pl.DataFrame(
        [("a", DAY, DAY), ("a", DAY, LATER), ("a", LATER, LATER), ("a", LATER, DAY), ("b", DAY, DAY), ("x", DAY, DAY), ("x", LATER, LATER)],
        schema={"who": pl.String, "day": pl.Date, "known": pl.Date}, orient="row",
    )  # fmt: skip
    enterprises = pl.DataFrame({"enterprise": ["a", "b", "c"]})
    if kind == "pandas":
        whole, own = entries.to_pandas().assign(day=lambda t: pd.to_datetime(t["day"]), known=lambda t: pd.to_datetime(t["known"])), enterprises.to_pandas()
    elif kind == "duckdb":
        connection = pytest.importorskip("duckdb").connect()
        connection.register("entries", entries.to_arrow())
        connection.register("enterprises", enterprises.to_arrow())
        whole, own = connection.sql("SELECT * FROM entries"), connection.sql("SELECT * FROM enterprises")
    else:
        whole, own = (entries.lazy(), enterprises.lazy()) if kind == "lazy" else (entries, enterprises)
    ready = read_entries("cases", register, nw.from_native(whole)).ready
    told = accounted(ready, nw.from_native(own), "enterprise", DAY, DAY)
    assert rows(told, "used", "after_as_of", "not_known_yet", "of_unknown_enterprises", "with_entries") == [(2, 2, 1, 2, 2)]
