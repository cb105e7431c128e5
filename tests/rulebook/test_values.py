"""Values that a rulebook writes as text: what each form means, and what is refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regengine.rulebook.values import day_number, months_before, parse_day, parse_interval, parse_ratio, parse_span, places_of


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


# intervals


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("[1, 3]", ["1", "2", "3"], ["0.9999", "3.0001"]),
        ("[1, 3)", ["1", "2.9999"], ["0.9999", "3"]),
        ("(1, 3]", ["1.0001", "3"], ["1", "3.0001"]),
        ("(1, 3)", ["1.0001", "2.9999"], ["1", "3"]),
        ("<= 3", ["-1000", "3"], ["3.0001"]),
        ("< 3", ["-1000", "2.9999"], ["3"]),
        (">= 3", ["3", "1000"], ["2.9999"]),
        ("> 3", ["3.0001", "1000"], ["3"]),
        ("3", ["3"], ["2.9999", "3.0001"]),
        ("-2.5", ["-2.5"], ["-2.4999", "2.5"]),
        ("[-5,-1)", ["-5", "-1.0001"], ["-1", "-5.0001", "3"]),
        ("  [ 0 ,  0.5 ]  ", ["0", "0.25", "0.5"], ["0.5001"]),
        ("[2, 2]", ["2"], ["1.9999", "2.0001"]),
        ("<3", ["2"], ["3"]),
    ],
)
def test_intervals(text: str, inside: list[str], outside: list[str]) -> None:
    interval = parse_interval(text)
    for number in [*inside, *outside]:
        # the scaled integers inside a range of one number: that number, or none
        exact = Fraction(number)
        scaled = int(exact * 10_000)
        assert interval.within(4, exact, exact) == ((scaled, scaled) if number in inside else None)


@pytest.mark.parametrize(
    ("text", "places", "low", "high", "first", "last"),
    [
        ("[0, 200)", 0, 0, 1000, 0, 199),
        ("[0, 200)", 2, 0, 1000, 0, 199_99),
        ("(0, 200]", 0, 0, 1000, 1, 200),
        ("(0.5, 1.5)", 0, 0, 1000, 1, 1),
        ("[0.5, 1.5]", 1, 0, 1000, 5, 15),
        ("(0.5, 1.5)", 1, 0, 1000, 6, 14),
        ("> 100", 0, 0, 1000, 101, 1000),
        ("<= 7", 0, -3, 1000, -3, 7),
        ("[-10, 5000]", 0, 0, 1000, 0, 1000),
        ("750", 1, 0, 1000, 7500, 7500),
    ],
)
def test_the_numbers_of_an_interval(text: str, places: int, low: int, high: int, first: int, last: int) -> None:
    assert parse_interval(text).within(places, Fraction(low), Fraction(high)) == (first, last)


@pytest.mark.parametrize(("text", "places"), [("(0, 1)", 0), ("> 1000", 0), ("< 0", 4), ("0.5", 0), ("(0.1, 0.2)", 1)])
def test_intervals_that_hold_no_number_of_a_range(text: str, places: int) -> None:
    assert parse_interval(text).within(places, Fraction(0), Fraction(1000)) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[3, 1]", "`[3, 1]` holds no number"),
        ("[1, 1)", "`[1, 1)` holds no number"),
        ("(1, 1]", "`(1, 1]` holds no number"),
        ("(1, 1)", "`(1, 1)` holds no number"),
        ("", "`` is not an interval"),
        ("1-3", "`1-3` is not an interval"),
        ("[1; 3]", "`[1; 3]` is not an interval"),
        ("[1, 3", "`[1, 3` is not an interval"),
        ("[1, ]", "`[1, ]` is not an interval"),
        ("[.5, 1]", "`[.5, 1]` is not an interval"),
        ("[1e3, 1e4]", "`[1e3, 1e4]` is not an interval"),
        ("=> 3", "`=> 3` is not an interval"),
        ("== 3", "`== 3` is not an interval"),
        ("[0, 1] [2, 3]", "`[0, 1] [2, 3]` is not an interval"),
        ("[0, inf)", "`[0, inf)` is not an interval"),
    ],
)
def test_no_intervals(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"interval|no number") as caught:
        parse_interval(text)
    assert str(caught.value) == message


@given(st.integers(-50, 50), st.integers(-50, 50), st.sampled_from("[("), st.sampled_from("])"), st.integers(-60, 60))
def test_an_interval_holds_what_its_brackets_say(low: int, high: int, left: str, right: str, number: int) -> None:
    holds = (low <= number if left == "[" else low < number) and (number <= high if right == "]" else number < high)
    try:
        interval = parse_interval(f"{left}{low}, {high}{right}")
    except ValueError:
        assert not holds
        return
    assert (interval.within(0, Fraction(number), Fraction(number)) is not None) == holds


# spans of time


@pytest.mark.parametrize(
    ("text", "count", "unit", "shown", "months"),
    [
        ("30 days", 30, "day", "30 days", None),
        ("1 day", 1, "day", "1 day", None),
        ("12 months", 12, "month", "12 months", 12),
        ("1 month", 1, "month", "1 month", 1),
        ("2 years", 2, "year", "2 years", 24),
        ("1 year", 1, "year", "1 year", 12),
        ("20 working days", 20, "working day", "20 working days", None),
        ("1 working day", 1, "working day", "1 working day", None),
        (" 3 years ", 3, "year", "3 years", 36),
        ("0 days", 0, "day", "0 days", None),
    ],
)
def test_spans(text: str, count: int, unit: str, shown: str, months: int | None) -> None:
    span = parse_span(text)
    assert (span.count, span.unit, str(span), span.months) == (count, unit, shown, months)


@pytest.mark.parametrize(
    "text", ["", "30", "days", "30days", "30  days", "-1 days", "1.5 years", "2 weeks", "three years", "100000 days", "2 Years", "1 year 6 months"]
)
def test_no_spans(text: str) -> None:
    with pytest.raises(ValueError, match="is not a span of time"):
        parse_span(text)


# ratios


@pytest.mark.parametrize(
    ("text", "ratio"),
    [
        ("2%", Fraction(1, 50)),
        ("2.5%", Fraction(1, 40)),
        ("0.01%", Fraction(1, 10_000)),
        ("100%", Fraction(1)),
        ("0%", Fraction(0)),
        ("1/3", Fraction(1, 3)),
        ("3/3", Fraction(1)),
        ("0", Fraction(0)),
        ("1", Fraction(1)),
        (" 10% ", Fraction(1, 10)),
    ],
)
def test_ratios(text: str, ratio: Fraction) -> None:
    assert parse_ratio(text) == ratio


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("101%", "`101%` is more than the whole"),
        ("100.01%", "`100.01%` is more than the whole"),
        ("4/3", "`4/3` is more than the whole"),
        ("0.02", "`0.02` is not a ratio"),
        ("2", "`2` is not a ratio"),
        ("-1%", "`-1%` is not a ratio"),
        ("1/0", "`1/0` is not a ratio"),
        ("2 %", "`2 %` is not a ratio"),
        (".5%", "`.5%` is not a ratio"),
        ("%", "`%` is not a ratio"),
    ],
)
def test_no_ratios(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"ratio|whole") as caught:
        parse_ratio(text)
    assert str(caught.value) == message


# days


@pytest.mark.parametrize(("text", "number"), [("1970-01-01", 0), ("1969-12-31", -1), ("2022-07-25", 19_198), ("2000-02-29", 11_016), ("0001-01-01", -719_162)])
def test_days_are_counted_from_1970(text: str, number: int) -> None:
    assert day_number(parse_day(text)) == number


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2022-02-29", "`2022-02-29` is not a real day"),
        ("2022-13-01", "`2022-13-01` is not a real day"),
        ("2022-00-10", "`2022-00-10` is not a real day"),
        ("0000-01-01", "`0000-01-01` is not a real day"),
        ("2022-7-25", "`2022-7-25` is not a day written as YYYY-MM-DD"),
        ("20220725", "`20220725` is not a day written as YYYY-MM-DD"),
        ("2022-W30-1", "`2022-W30-1` is not a day written as YYYY-MM-DD"),
        ("2022-07-25T00:00", "`2022-07-25T00:00` is not a day written as YYYY-MM-DD"),
        (20220725, "`20220725` is not a day written as YYYY-MM-DD"),
        (None, "`None` is not a day written as YYYY-MM-DD"),
        (dt.datetime(2022, 7, 25, 0, 0), "`2022-07-25 00:00:00` is not a day written as YYYY-MM-DD"),
    ],
)
def test_no_days(text: object, message: str) -> None:
    with pytest.raises(ValueError, match="day") as caught:
        parse_day(text)
    assert str(caught.value) == message


def test_a_day_stays_a_day() -> None:
    assert parse_day(dt.date(2022, 7, 25)) == dt.date(2022, 7, 25)


@pytest.mark.parametrize(
    ("from_day", "months", "expected"),
    [
        ("2026-03-31", 0, "2026-03-31"),
        ("2026-03-31", 1, "2026-02-28"),
        ("2024-03-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2023-02-28"),
        ("2024-02-29", 48, "2020-02-29"),
        ("2026-01-15", 1, "2025-12-15"),
        ("2026-01-31", 2, "2025-11-30"),
        ("2026-12-31", 12, "2025-12-31"),
        ("2026-05-31", 3, "2026-02-28"),
        ("2100-03-31", 1, "2100-02-28"),
        ("2000-03-31", 1, "2000-02-29"),
        ("2026-11-01", 24, "2024-11-01"),
        ("0001-12-31", 11, "0001-01-31"),
    ],
)
def test_months_before(from_day: str, months: int, expected: str) -> None:
    assert months_before(day(from_day), months) == day(expected)


def test_no_day_is_before_the_year_1() -> None:
    with pytest.raises(ValueError, match="12 months before 0001-12-31 is before the year 1"):
        months_before(day("0001-12-31"), 12)


# decimal places


@pytest.mark.parametrize(
    ("number", "places"),
    [
        ("0", 0),
        ("7", 0),
        ("7.0", 0),
        ("100", 0),
        ("1E+2", 0),
        ("2.5", 1),
        ("2.50", 1),
        ("-0.25", 2),
        ("0.0001", 4),
        ("0.00000", 0),
        ("1.0000000000000000000000000000000000001", 37),
    ],
)
def test_places_that_a_number_needs(number: str, places: int) -> None:
    assert places_of(Decimal(number)) == places
