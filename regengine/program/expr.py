"""The kinds of expression that a step can hold. An engine is a translation table for these kinds and nothing else.

All numbers are scaled integers, all dates day numbers, all grades ranks (0 is best). Nothing is ever null.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = [
    "Add", "AllOf", "AnyOf", "AsOf", "Column", "Compare", "Constant", "Expr", "FALSE", "First", "Greatest", "Least", "Multiply",
    "Negate", "OneOf", "Quotient", "Subtract", "TRUE", "columns_of", "parts_of",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Constant:
    value: int | bool | str


@dataclass(frozen=True, slots=True)
class Column:
    name: str


@dataclass(frozen=True, slots=True)
class AsOf:
    """The day number of the day of the facts, less calendar months or days; one number for a whole run."""

    months: int
    days: int


@dataclass(frozen=True, slots=True)
class Compare:
    op: str  # == != < <= > >=
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Negate:
    of: Expr


@dataclass(frozen=True, slots=True)
class OneOf:
    of: Expr
    values: tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Add:
    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Subtract:
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Multiply:
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Quotient:
    """The whole part of `left / right`; `left` is never negative and `right` always positive."""

    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Least:
    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Greatest:
    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class First:
    """The value of the first row whose condition holds, or `otherwise`."""

    rows: tuple[tuple[Expr, Expr], ...]
    otherwise: Expr


Expr = (
    Constant | Column | AsOf | Compare | AllOf | AnyOf | Negate | OneOf | Add | Subtract | Multiply | Quotient | Least
    | Greatest | First
)  # fmt: skip

TRUE, FALSE = Constant(True), Constant(False)


def parts_of(expr: Expr) -> tuple[Expr, ...]:
    """The expressions directly below."""
    match expr:
        case Constant() | Column() | AsOf():
            return ()
        case AllOf(parts) | AnyOf(parts) | Add(parts) | Least(parts) | Greatest(parts):
            return parts
        case Negate(of) | OneOf(of, _):
            return (of,)
        case Compare(_, a, b) | Subtract(a, b) | Multiply(a, b) | Quotient(a, b):
            return (a, b)
        case First(rows, otherwise):
            return (*(part for row in rows for part in row), otherwise)


def walk(expr: Expr) -> Iterator[Expr]:
    """The expression and everything below it."""
    yield expr
    for part in parts_of(expr):
        yield from walk(part)


def columns_of(expr: Expr) -> frozenset[str]:
    """The columns that an expression reads."""
    return frozenset(one.name for one in walk(expr) if isinstance(one, Column))
