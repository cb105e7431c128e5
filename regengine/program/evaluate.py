"""The value of one expression over known values, for explanations: which part of a condition failed, and by how much."""

from __future__ import annotations

import operator
from collections.abc import Mapping

from . import expr as e

__all__ = ["evaluate"]

Value = int | bool | str
COMPARE = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def evaluate(expr: e.Expr, values: Mapping[str, Value], days: Mapping[e.AsOf, int]) -> Value:
    """The value of `expr`; `values` holds the inputs and earlier steps by name."""

    def of(part: e.Expr) -> Value:
        return evaluate(part, values, days)

    def number(part: e.Expr) -> int:
        value = of(part)
        assert isinstance(value, int)
        return value

    match expr:
        case e.Constant(value):
            return value
        case e.Column(name):
            return values[name]
        case e.AsOf():
            return days[expr]
        case e.Compare(op, left, right):
            return bool(COMPARE[op](of(left), of(right)))
        case e.AllOf(parts):
            return all(map(of, parts))
        case e.AnyOf(parts):
            return any(map(of, parts))
        case e.Negate(inner):
            return not of(inner)
        case e.OneOf(inner, options):
            return of(inner) in options
        case e.Add(parts):
            return sum(map(number, parts))
        case e.Subtract(left, right):
            return number(left) - number(right)
        case e.Multiply(left, right):
            return number(left) * number(right)
        case e.Quotient(left, right):
            return number(left) // number(right)
        case e.Least(parts):
            return min(map(number, parts))
        case e.Greatest(parts):
            return max(map(number, parts))
        case e.First(rows, otherwise):
            return next((of(value) for when, value in rows if of(when)), of(otherwise))
