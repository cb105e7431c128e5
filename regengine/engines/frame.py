"""A table of enterprises: the program as narwhals expressions, so that what comes in goes out as the same kind of frame.

The frame must hold the program's inputs (see `regengine.intake.prepare`); nothing is collected here, and a lazy frame
stays lazy.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from typing import Any, TypeVar

import narwhals as nw

from ..program import expr as e
from ..program.expr import columns_of
from ..program.program import Output, Program, Step
from .single import days_of

__all__ = ["internal", "run_steps", "with_outputs"]

Frame = TypeVar("Frame", "nw.DataFrame[Any]", "nw.LazyFrame[Any]")
TURNED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}  # the same comparison with its sides changed over
DTYPES = {"integer": nw.Int64(), "number": nw.Float64(), "text": nw.String(), "boolean": nw.Boolean()}


def run_steps(program: Program, frame: Frame, as_of: dt.date) -> Frame:
    """The frame with one column for each step. Steps that do not need each other are worked out together."""
    days = days_of(program.days, as_of)
    whole = by_correcting if frame.implementation.is_pyspark() else floored
    for stage in stages(program):
        frame = frame.with_columns(*(column(step.expr, days, whole).alias(internal(step.name)) for step in stage))
    return frame


def internal(name: str) -> str:
    """The column of a frame that holds an input or a step: a dot would be a part of a structure to Spark."""
    return name.replace(".", ":")


def with_outputs(program: Program, frame: Frame) -> Frame:
    """The frame with the output columns of the program, worked out from the columns of its steps."""
    if frame.implementation.is_pandas() and isinstance(frame, nw.DataFrame):
        looked_up = [taken(frame, output) for output in program.outputs if output.values is not None]
        straight = [decided(output).alias(output.name) for output in program.outputs if output.values is None]
        return frame.with_columns(*straight, *looked_up)
    return frame.with_columns(*(decided(output).alias(output.name) for output in program.outputs))


def stages(program: Program) -> Iterator[list[Step]]:
    """The steps in groups, each needing only the groups before it."""
    level: dict[str, int] = dict.fromkeys(program.inputs, 0)
    groups: dict[int, list[Step]] = {}
    for step in program.steps:
        level[step.name] = 1 + max((level[name] for name in columns_of(step.expr)), default=0)
        groups.setdefault(level[step.name], []).append(step)
    return (groups[number] for number in sorted(groups))


def floored(left: nw.Expr, right: nw.Expr) -> nw.Expr:
    return left // right


def by_correcting(left: nw.Expr, right: nw.Expr) -> nw.Expr:
    """A whole quotient in Spark, whose `//` goes through floats: what these lack is in the rest, which is small."""
    near = (left // right).cast(nw.Int64())
    return near + (left - near * right) // right


def column(expr: e.Expr, days: Mapping[e.AsOf, int], whole: Callable[[nw.Expr, nw.Expr], nw.Expr] = floored) -> nw.Expr:
    """An expression as a column; `whole` gives the whole quotient of two."""

    def of(part: e.Expr) -> nw.Expr:
        return column(part, days, whole)

    match expr:
        case e.Constant(value):
            return literal(value)
        case e.Column(name):
            return nw.col(internal(name))
        case e.AsOf():
            return nw.lit(days[expr], nw.Int64())
        case e.Compare(op, left, right) if columns_of(left):
            return compared(op, of(left), of(right))
        case e.Compare(op, left, right):  # Polars takes its number of rows from the left
            return compared(TURNED[op], of(right), of(left))
        case e.AllOf(parts):
            return reduce(lambda a, b: a & b, map(of, parts)) if parts else nw.lit(True)
        case e.AnyOf(parts):
            return reduce(lambda a, b: a | b, map(of, parts))
        case e.Negate(inner):
            return ~of(inner)
        case e.OneOf(inner, values):
            return of(inner).is_in(list(values))
        case e.Add(parts):
            return reduce(lambda a, b: a + b, map(of, parts))
        case e.Subtract(left, right):
            return of(left) - of(right)
        case e.Multiply(left, right):
            return of(left) * of(right)
        case e.Quotient(left, right):
            return whole(of(left), of(right))
        case e.Least((inner, e.Constant(int(most)))):
            return of(inner).clip(None, most)
        case e.Greatest((inner, e.Constant(int(least)))):
            return of(inner).clip(least, None)
        case e.Least(parts):
            return nw.min_horizontal(*map(of, parts))
        case e.Greatest(parts):
            return nw.max_horizontal(*map(of, parts))
        case e.First(rows, otherwise):
            return reduce(lambda rest, row: nw.when(of(row[0])).then(of(row[1])).otherwise(rest), reversed(rows), of(otherwise))


def literal(value: int | bool | str) -> nw.Expr:
    kind = nw.Boolean() if isinstance(value, bool) else nw.Int64() if isinstance(value, int) else nw.String()
    return nw.lit(value, kind)


def compared(op: str, left: nw.Expr, right: nw.Expr) -> nw.Expr:
    match op:
        case "==":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case _:
            return left >= right


def taken(frame: nw.DataFrame[Any], output: Output) -> nw.Series[Any]:
    """A looked-up column in pandas, whose plain integers and booleans know no missing value: its nullable ones do."""
    import pandas as pd

    plain = {"integer": "int64", "number": "float64", "text": "str", "boolean": "bool"}
    nullable = {**plain, "integer": "Int64", "boolean": "boolean"}
    assert output.values is not None
    kind = (nullable if None in output.values else plain)[output.type]
    native = frame.to_native()
    values = pd.Series(list(output.values), dtype=kind).array.take(native[internal(output.of)].to_numpy(dtype="int64"))
    return nw.from_native(pd.Series(values, index=native.index, name=output.name), series_only=True)


def decided(output: Output) -> nw.Expr:
    """An output column: a step as it is, a scaled step as a number, or a value looked up by the step's number."""
    of = nw.col(internal(output.of))
    if output.values is None:
        if not output.places:
            return of
        # by a column, since Polars multiplies by the inverse of a constant, which is not always the nearest number
        scale: int = 10**output.places
        return of.cast(nw.Float64()) / (of - of + scale).cast(nw.Float64())
    kind = DTYPES[output.type]
    numbered = list(enumerate(output.values))
    last = nw.lit(numbered[-1][1], kind)
    return reduce(lambda rest, one: nw.when(of == one[0]).then(nw.lit(one[1], kind)).otherwise(rest), reversed(numbered[:-1]), last)
