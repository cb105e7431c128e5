"""One enterprise: the program as the text of one Python function, made once and called millions of times.

The function takes the inputs (see `Program.inputs`) and the days that depend on `as_of`, and returns the value of every
step: the trace of the decision. Its text is made from a checked program only; names are numbered and texts quoted, so
nothing that a user wrote stands in it as code.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from types import MappingProxyType
from typing import cast

from ..program import expr as e
from ..program.program import Program
from ..rulebook.values import day_number, months_before

__all__ = ["Single", "Value", "days_of", "single"]

Value = int | bool | str


@dataclass(frozen=True, slots=True)
class Single:
    """A program made ready for one enterprise at a time.

    `run(*inputs, *days)` gives the values of the steps in order; `place` maps each input and step to its index in
    `inputs + steps`; `days_at(as_of)` are the days, by what they are counted from.
    """

    run: Callable[..., tuple[Value, ...]]
    place: Mapping[str, int]
    days_at: Callable[[dt.date], Mapping[e.AsOf, int]]


def days_of(days: Iterable[e.AsOf], as_of: dt.date) -> Mapping[e.AsOf, int]:
    """The day number of each day that a program counts from `as_of`, in order."""
    return MappingProxyType({day: day_number(months_before(as_of, day.months)) - day.days for day in days})


def single(program: Program) -> Single:
    """Make the function of a program."""
    names = {name: f"i{index}" for index, name in enumerate(program.inputs)}
    days = program.days
    day_names = {day: f"d{index}" for index, day in enumerate(days)}
    inputs = [*names.values(), *day_names.values()]
    lines: list[str] = []
    for index, step in enumerate(program.steps):
        lines.append(f"    s{index} = {text(step.expr, names, day_names)}\n")
        names[step.name] = f"s{index}"
    results = "".join(f"s{index}, " for index in range(len(program.steps)))
    source = f"def run({', '.join(inputs)}):\n{''.join(lines)}    return ({results})\n"
    scope: dict[str, object] = {"__builtins__": {"min": min, "max": max}}
    exec(compile(source, "<program>", "exec"), scope)  # noqa: S102 - made above from a checked program, never from a user's text
    run = cast(Callable[..., tuple[Value, ...]], scope["run"])
    # a service asks for the same few days a thousand times; the values are immutable
    days_at = lru_cache(maxsize=32)(lambda as_of: days_of(days, as_of))
    return Single(run, MappingProxyType({name: index for index, name in enumerate(names)}), days_at)


def text(expr: e.Expr, names: dict[str, str], days: dict[e.AsOf, str]) -> str:
    """An expression as Python text."""

    def of(part: e.Expr) -> str:
        return text(part, names, days)

    def joined(sign: str, parts: Sequence[e.Expr]) -> str:
        return "(" + f" {sign} ".join(map(of, parts)) + ")"

    match expr:
        case e.Constant(value):
            return repr(value)
        case e.Column(name):
            return names[name]
        case e.AsOf():
            return days[expr]
        case e.Compare(op, left, right):
            return f"({of(left)} {op} {of(right)})"
        case e.AllOf(parts):
            return joined("and", parts) if parts else "True"
        case e.AnyOf(parts):
            return joined("or", parts)
        case e.Negate(inner):
            return f"(not {of(inner)})"
        case e.OneOf(inner, values):
            return f"({of(inner)} in {values!r})"
        case e.Add(parts):
            return joined("+", parts)
        case e.Subtract(left, right):
            return f"({of(left)} - {of(right)})"
        case e.Multiply(left, right):
            return f"({of(left)} * {of(right)})"
        case e.Quotient(left, right):
            return f"({of(left)} // {of(right)})"
        case e.Least((left, right)):
            return chosen("<", of(left), of(right))
        case e.Greatest((left, right)):
            return chosen(">", of(left), of(right))
        case e.Least(parts):
            return f"min({', '.join(map(of, parts))})"
        case e.Greatest(parts):
            return f"max({', '.join(map(of, parts))})"
        case e.First(rows, otherwise):
            return reduce(lambda rest, row: f"({of(row[1])} if {of(row[0])} else {rest})", reversed(rows), of(otherwise))


def chosen(sign: str, left: str, right: str) -> str:
    """The lesser or greater of two, where one is a name or a number without a call, which would cost more than the rest."""
    simple, other = (right, left) if right.lstrip("-").isalnum() else (left, right)
    if not simple.lstrip("-").isalnum():
        return f"{'min' if sign == '<' else 'max'}({left}, {right})"
    if other.isalnum():
        return f"({other} if {other} {sign} {simple} else {simple})"
    return f"(a if (a := {other}) {sign} {simple} else {simple})"
