"""From a checked condition to a program expression: dates to day numbers, decimals to scaled integers, grades to ranks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from ..conditions import Number, Text
from ..conditions import tree as t
from ..rulebook.values import day_number
from . import expr as e

__all__ = ["Lowering", "rescaled"]


def rescaled(expr: e.Expr, places: int, to: int) -> e.Expr:
    """A scaled number of `places` decimals as one of `to` decimals; `to` is never fewer."""
    if to == places:
        return expr
    factor = 10 ** (to - places)
    return e.Constant(int(expr.value) * factor) if isinstance(expr, e.Constant) else e.Multiply(expr, e.Constant(factor))


class Lowering:
    """Lowers conditions; `column` tells where a name's value stands, `known` the expression for `known(name)`."""

    def __init__(self, column: Callable[[str], str], known: Callable[[str], e.Expr]) -> None:
        self.column = column
        self.known = known

    def number(self, node: t.Node, places: int) -> e.Expr:
        """A numeric node as a scaled integer of `places` decimals."""
        assert isinstance(node.type, Number)
        return rescaled(self.expr(node), node.type.places, places)

    def expr(self, node: t.Node) -> e.Expr:
        """Any node; numbers come out in the places of their own type."""
        match node:
            case t.Literal():
                return self.literal(node)
            case t.Name(name):
                return e.Column(self.column(name))
            case t.Known(name):
                return self.known(name)
            case t.AsOf(months, days):
                return e.AsOf(months, days)
            case t.And(parts):
                return e.AllOf(tuple(map(self.expr, parts)))
            case t.Or(parts):
                return e.AnyOf(tuple(map(self.expr, parts)))
            case t.Not(of):
                return e.Negate(self.expr(of))
            case t.Compare(op, left, right):
                return self.compare(op, left, right)
            case t.OneOf(of, values):
                return self.one_of(of, values)
            case t.DaysBetween(start, end):
                return e.Subtract(self.expr(end), self.expr(start))
        assert isinstance(node.type, Number)
        places = node.type.places
        match node:
            case t.Arithmetic("*", left, right):
                return e.Multiply(self.expr(left), self.expr(right))
            case t.Arithmetic("+", left, right):
                return e.Add((self.number(left, places), self.number(right, places)))
            case t.Arithmetic("-", left, right):
                return e.Subtract(self.number(left, places), self.number(right, places))
            case t.Pick(which, parts):
                kind = e.Least if which == "min" else e.Greatest
                return kind(tuple(self.number(part, places) for part in parts))
            case t.Absolute(of):
                inner = self.number(of, places)
                return e.Greatest((inner, e.Subtract(e.Constant(0), inner)))
        raise TypeError(f"no lowering for {type(node).__name__}")

    def literal(self, node: t.Literal) -> e.Constant:
        value = node.value
        match node.type:
            case Number(places=places):
                return e.Constant(int(Decimal(str(value)) * 10**places))
            case Text(what="grade", values=order) if order is not None:
                return e.Constant(order.index(str(value)))
        if isinstance(value, dt.date):
            return e.Constant(day_number(value))
        assert isinstance(value, bool | str)
        return e.Constant(value)

    def compare(self, op: str, left: t.Node, right: t.Node) -> e.Expr:
        if isinstance(left.type, Number) and isinstance(right.type, Number):
            places = max(left.type.places, right.type.places)
            return e.Compare(op, self.number(left, places), self.number(right, places))
        return e.Compare(op, self.expr(left), self.expr(right))

    def one_of(self, of: t.Node, values: tuple[t.Literal, ...]) -> e.Expr:
        if isinstance(of.type, Number):
            places = max([of.type.places, *(v.type.places for v in values if isinstance(v.type, Number))])
            scaled = tuple(rescaled(self.literal(v), v.type.places, places) for v in values if isinstance(v.type, Number))
            return e.OneOf(self.number(of, places), tuple(c.value for c in scaled if isinstance(c, e.Constant)))
        return e.OneOf(self.expr(of), tuple(self.literal(v).value for v in values))
