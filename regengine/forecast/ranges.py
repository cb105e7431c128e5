"""The least and the greatest value of an expression over a stretch of days, and the stretches over which nothing moves.

Every day that a program counts from the day of the facts moves forward with it, so its least value is that of the first
day and its greatest that of the last. From these follow bounds for every expression. They may be wider than need be, but
over a single day they are the value itself: halving a stretch until its bounds meet finds every day on which something
turns, however the rulebook reckons with days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from ..engines.single import days_of
from ..program import expr as e
from ..rulebook.values import EPOCH

__all__ = ["Range", "days_over", "range_of", "still", "stretches"]

Range = tuple[Any, Any]  # least and greatest: two numbers, truths or texts
Found = TypeVar("Found")


def range_of(expr: e.Expr, values: Mapping[str, Range], days: Mapping[e.AsOf, Range]) -> Range:
    """Between what `expr` lies; `values` are the ranges of inputs and earlier steps, `days` those of the days."""

    def of(part: e.Expr) -> Range:
        return range_of(part, values, days)

    def both(parts: Sequence[e.Expr], fold: Callable[[Iterator[Any]], Any]) -> Range:
        found = [of(part) for part in parts]
        return fold(low for low, _ in found), fold(high for _, high in found)

    match expr:
        case e.Constant(value):
            return value, value
        case e.Column(name):
            return values[name]
        case e.AsOf():
            return days[expr]
        case e.Compare(op, left, right):
            return compared(op, of(left), of(right))
        case e.AllOf(parts):
            return both(parts, all)
        case e.AnyOf(parts):
            return both(parts, any)
        case e.Negate(inner):
            low, high = of(inner)
            return not high, not low
        case e.OneOf(inner, options):
            low, high = of(inner)
            return (low == high and low in options), any(low <= option <= high for option in options)
        case e.Add(parts):
            return both(parts, sum)
        case e.Subtract(left, right):
            (low, high), (least, most) = of(left), of(right)
            return low - most, high - least
        case e.Multiply(left, right):
            products = [a * b for a in of(left) for b in of(right)]
            return min(products), max(products)
        case e.Quotient(left, right):  # of numbers of which the first is never negative and the second always positive
            (low, high), (least, most) = of(left), of(right)
            return max(low, 0) // max(most, 1), max(high, 0) // max(least, 1)
        case e.Least(parts):
            return both(parts, min)
        case e.Greatest(parts):
            return both(parts, max)
        case e.First(rows, otherwise):
            found = [of(value) for value in reached(rows, otherwise, of)]
            return min(low for low, _ in found), max(high for _, high in found)


def reached(rows: Sequence[tuple[e.Expr, e.Expr]], otherwise: e.Expr, of: Callable[[e.Expr], Range]) -> Iterator[e.Expr]:
    """The values that a table can give: of each row that may hold, up to the first that surely does."""
    for when, value in rows:
        surely, maybe = of(when)
        if maybe:
            yield value
        if surely:
            return
    yield otherwise


def compared(op: str, left: Range, right: Range) -> Range:
    """Whether a comparison surely holds, and whether it may."""
    (a, b), (c, d) = left, right
    apart, same = b < c or d < a, a == b == c == d
    match op:
        case "<":
            return b < c, a < d
        case "<=":
            return b <= c, a <= d
        case ">":
            return a > d, b > c
        case ">=":
            return a >= d, b >= c
        case "==":
            return same, not apart
        case _:
            return apart, not same


def days_over(days: Sequence[e.AsOf], first: int, last: int) -> dict[e.AsOf, Range]:
    """The range of each day that is counted from the day of the facts, while this goes from `first` to `last` (day numbers)."""
    least, most = (days_of(days, EPOCH + dt.timedelta(day)) for day in (first, last))
    return {day: (least[day], most[day]) for day in days}


def stretches(first: int, last: int, settled: Callable[[int, int], Found | None]) -> Iterator[tuple[int, Found]]:
    """The first day of each stretch from `first` to `last` over which `settled` has one answer, with the answer.

    `settled` says what holds over a stretch, or None where that is not one thing; over a single day it always is.
    """
    before: Found | None = None
    for day, found in halved(first, last, settled):
        if found != before:
            yield day, found
        before = found


def halved(first: int, last: int, settled: Callable[[int, int], Found | None]) -> Iterator[tuple[int, Found]]:
    found = settled(first, last)
    if found is not None:
        yield first, found
        return
    if first == last:
        raise ArithmeticError("a single day has one answer")
    middle = (first + last) // 2
    yield from halved(first, middle, settled)
    yield from halved(middle + 1, last, settled)


def still(values: Mapping[str, object]) -> dict[str, Range]:
    """Values that do not move."""
    return {name: (value, value) for name, value in values.items()}
