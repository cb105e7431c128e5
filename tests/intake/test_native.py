"""Tables of pandas and Polars: what comes in goes out as the same kind, and what a column cannot hold is named."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

from regengine import ProblemError, load

BOOK, DAY = load("us/hud-reac"), "2026-11-01"
KEYS, SCORES, GRADES = ["p3", "p1", "p2"], [60, 100, 59], ["standard_3", "standard_1", "failing"]


def codes(error: pytest.ExceptionInfo[ProblemError]) -> list[str]:
    return [problem.code for problem in error.value.problems]


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(SCORES),
        pd.Series(SCORES, dtype="Int8"),
        pd.Series(SCORES, dtype="float64"),
        pd.Series(SCORES, dtype="int64[pyarrow]"),
        pd.Series(SCORES, dtype="uint8"),
    ],
    ids=lambda column: str(column.dtype),
)
def test_pandas_comes_back_as_pandas(column: pd.Series[Any]) -> None:
    frame = pd.DataFrame({"enterprise": KEYS, "inspection_score": column, "city": ["x", None, "z"]})
    before = frame.copy()
    graded = BOOK.decide_frame(frame, as_of=DAY)
    assert type(graded) is pd.DataFrame
    assert list(graded["enterprise"]) == KEYS
    assert list(graded["grade"]) == GRADES
    assert list(graded.columns[:3]) == ["enterprise", "inspection_score", "city"]
    pd.testing.assert_frame_equal(frame, before)  # what came in is as it was
    assert list(BOOK.decide_frame(frame, as_of=DAY, keep="key").columns[:2]) == ["enterprise", "grade"]


@pytest.mark.parametrize("index", [[7, 7, 7], ["c", "a", "b"], pd.MultiIndex.from_tuples([(1, "x"), (1, "y"), (2, "x")])], ids=["same", "texts", "two levels"])
def test_the_index_of_pandas_makes_no_difference(index: Any) -> None:
    frame = pd.DataFrame({"enterprise": KEYS, "inspection_score": SCORES}, index=index)
    graded = BOOK.decide_frame(frame, as_of=DAY).reset_index(drop=True)
    plain = BOOK.decide_frame(frame.reset_index(drop=True), as_of=DAY).reset_index(drop=True)
    pd.testing.assert_frame_equal(graded, plain)
    assert list(graded["grade"]) == GRADES


def test_polars_comes_back_as_polars_and_lazy_stays_lazy() -> None:
    frame = pl.DataFrame({"enterprise": KEYS, "inspection_score": SCORES})
    graded, lazy = BOOK.decide_frame(frame, as_of=DAY), BOOK.decide_frame(frame.lazy(), as_of=DAY)
    assert (type(graded), type(lazy)) == (pl.DataFrame, pl.LazyFrame)
    assert graded.select("enterprise", "grade").rows() == list(zip(KEYS, GRADES, strict=True))
    assert lazy.collect().equals(graded)


BAD = {"enterprise": ["a", "b", "c", None, "c"], "inspection_score": [None, 101, 1, 2, 3]}
WHY = ["fact-missing: inspection_score", "fact-out-of-range: inspection_score", "key-column: duplicate", "key-column: empty", "key-column: duplicate"]


@pytest.mark.parametrize("make", [pl.DataFrame, pl.LazyFrame, pd.DataFrame], ids=["polars", "lazy", "pandas"])
def test_rows_that_cannot_be_graded_stop_the_whole_or_stand_apart(make: Any) -> None:
    frame = make(BAD)
    with pytest.raises(ProblemError, match="5 rows could not be graded") as error:
        BOOK.decide_frame(frame, as_of=DAY)
    assert codes(error) == ["rows-rejected", "fact-missing", "fact-out-of-range", "key-column", "key-column", "key-column"]
    split = BOOK.split_frame(frame, as_of=DAY)
    graded, rejects = (part.collect() if make is pl.LazyFrame else part for part in (split.graded, split.rejects))
    assert (len(graded), list(rejects["rejected_for"])) == (0, WHY)


OBJECTS = {
    "numbers and texts": [60, "100", 59],
    "texts": ["60", "100", "59"],
    "whole numbers as objects": pd.Series(SCORES, dtype="object"),
    "truth values": [True, False, True],
    "days": [dt.date(2026, 1, 1)] * 3,
    "moments": pd.to_datetime(["2026-01-01"] * 3),
    "nothing": [None, None, None],
}


@pytest.mark.parametrize("name", OBJECTS)
def test_a_pandas_column_of_another_type_is_named(name: str) -> None:
    frame = pd.DataFrame({"enterprise": KEYS, "inspection_score": OBJECTS[name]})
    with pytest.raises(ProblemError, match="`inspection_score` is a whole number") as error:
        BOOK.decide_frame(frame, as_of=DAY)
    assert codes(error) == ["column-wrong-type"]
    assert error.value.problems[0].hint


@pytest.mark.parametrize("name", ["rejected_for", "check:rejected", "check:rank", "fact:inspection_score", "grade", "facts_filled"])
def test_columns_of_ours_would_be_overwritten(name: str) -> None:
    frame = pl.DataFrame({"enterprise": KEYS, "inspection_score": SCORES, name: KEYS})
    with pytest.raises(ProblemError, match=f"the table has a column `{name}` already") as error:
        BOOK.decide_frame(frame, as_of=DAY)
    assert codes(error) == ["column-clash"]


def test_other_objects_are_no_tables() -> None:
    for thing in ([1, 2], {"a": [1]}, None, pl.Series([1])):
        with pytest.raises(ProblemError) as error:
            BOOK.decide_frame(thing, as_of=DAY)
        assert codes(error) == ["frame-unsupported"]


def test_a_parquet_column_that_was_never_filled_is_a_column_without_values(tmp_path: Path) -> None:
    path = tmp_path / "never.parquet"
    pl.DataFrame({"enterprise": ["a", "b"], "serious_dishonesty": [False, False], "opened": [None, None]}).write_parquet(path)
    book = load("cn/henan-2022").at("2026-11-01")
    absent = [name for name in book.facts if name not in ("serious_dishonesty", "opened")]
    graded = book.decide_frame(pl.scan_parquet(path), absent=absent, keep="key").collect()
    assert graded["grade"].to_list() == ["A", "A"]
    assert graded["facts_filled"].to_list() == [41, 41]
