"""What another interval would have meant for the visits on record, worked out by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

import regengine as rg
from regengine.simulate.next_visits import next_visits

WAY: dict[str, Any] = {"failed": ["bad"], "resamples": 100, "seed": 1}


def visits(*rows: tuple[str, str, str, str, str]) -> pl.DataFrame:
    table = pl.DataFrame(rows, schema=["enterprise", "inspected", "grade", "before", "after"], orient="row")
    return table.with_columns(pl.col("inspected").str.to_date())


def test_earlier_but_never_before_it_is_due() -> None:
    found = next_visits(
        visits(
            ("late", "2010-01-01", "good", "3 years", "2 years"), ("late", "2014-01-01", "bad", "1 year", "1 year"),  # 366 days earlier, and still late
            ("soon", "2010-01-01", "good", "3 years", "2 years"), ("soon", "2012-03-01", "bad", "1 year", "1 year"),  # due on 1 January 2012: 60 days
            ("sooner", "2010-01-01", "good", "3 years", "2 years"), ("sooner", "2011-06-01", "bad", "1 year", "1 year"),  # before either: stays
            ("fine", "2010-01-01", "good", "3 years", "2 years"), ("fine", "2013-01-01", "good", "3 years", "2 years"),  # found nothing
            ("same", "2010-01-01", "bad", "1 year", "1 year"), ("same", "2011-01-01", "bad", "1 year", "1 year"),
        ), **WAY)  # fmt: skip
    assert (found.visits, found.followed, found.changed, found.failures) == (10, 5, 4, 3)
    assert (found.earlier, found.later) == (2, 0)
    assert found.share is not None and found.days is not None
    assert found.share.value == pytest.approx(2 / 3)
    assert found.days.value == (366 + 60) / 2
    assert 60 <= found.days.low <= found.days.value <= found.days.high <= 366


def test_later_by_as_much_as_it_falls_due_later() -> None:
    found = next_visits(visits(("a", "2010-01-01", "good", "1 year", "2 years"), ("a", "2011-02-01", "bad", "1 year", "1 year")), **WAY)
    assert (found.earlier, found.later) == (0, 1)
    assert found.days is not None and found.days.value == -365


def test_without_a_failure_there_is_no_estimate() -> None:
    found = next_visits(visits(("a", "2010-01-01", "good", "3 years", "2 years"), ("a", "2013-02-01", "good", "1 year", "1 year")), **WAY)
    assert (found.failures, found.share, found.days) == (0, None, None)


def test_an_interval_in_working_days_is_refused() -> None:
    with pytest.raises(rg.ProblemError) as found:
        next_visits(visits(("a", "2010-01-01", "good", "30 working days", "2 years")), **WAY)
    assert [problem.code for problem in found.value.problems] == ["plan-rules"]


def test_the_day_of_29_february() -> None:
    found = next_visits(visits(("a", "2012-02-29", "good", "3 years", "2 years"), ("a", str(dt.date(2016, 1, 1)), "bad", "1 year", "1 year")), **WAY)
    assert found.days is not None and found.days.value == 365  # from 28 February 2015 to 28 February 2014
