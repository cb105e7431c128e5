"""The value of one expression over known values, for explanations: which part of a condition failed, and by how much."""

from __future__ import annotations

import operator
from collections.abc import Mapping

from .expr import (
    Add,
    AllOf,
    AnyOf,
    AsOf,
    Column,
    Compare,
    Constant,
    Expr,
    First,
    Greatest,
    Least,
    Multiply,
    Negate,
    OneOf,
    Quotient,
    Subtract,
)  # fmt: skip

__all__ = ["evaluate"]

Value = int | bool | str
COMPARE = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def evaluate(expr: Expr, values: Mapping[str, Value], days: Mapping[AsOf, int]) -> Value:
    """The value of `expr`; `values` holds the inputs and earlier steps by name."""

    def of(part: Expr) -> Value:
        return evaluate(part, values, days)

    def number(part: Expr) -> int:
        value = of(part)
        assert isinstance(value, int)
        return value

    match expr:
        case Constant(value):
            return value
        case Column(name):
            return values[name]
        case AsOf():
            return days[expr]
        case Compare(op, left, right):
            return bool(COMPARE[op](of(left), of(right)))
        case AllOf(parts):
            return all(map(of, parts))
        case AnyOf(parts):
            return any(map(of, parts))
        case Negate(inner):
            return not of(inner)
        case OneOf(inner, options):
            return of(inner) in options
        case Add(parts):
            return sum(map(number, parts))
        case Subtract(left, right):
            return number(left) - number(right)
        case Multiply(left, right):
            return number(left) * number(right)
        case Quotient(left, right):
            return number(left) // number(right)
        case Least(parts):
            return min(map(number, parts))
        case Greatest(parts):
            return max(map(number, parts))
        case First(rows, otherwise):
            return next((of(value) for when, value in rows if of(when)), of(otherwise))
