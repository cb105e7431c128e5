"""The thresholds of a program: where a fact, a term, a family or the score is compared with a number or a day.

Each has two sides, the last value below and the first above, on either of which a case can stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..program.expr import Add, AsOf, Column, Compare, Constant, Expr, Multiply, walk
from ..program.program import Program

__all__ = ["Edge", "edges"]

FLIPPED: Mapping[str, str] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


@dataclass(frozen=True, slots=True)
class Edge:
    """A threshold of one column: `base` is the day that it is counted from, where it is one, and `sides` are what is added to that."""

    column: str
    base: AsOf | None
    sides: tuple[int, ...]

    def claims(self) -> Iterator[Expr]:
        """For each side, that the column stands on it."""
        for side in self.sides:
            value = Constant(side) if self.base is None else Add((self.base, Constant(side)))
            yield Compare("==", Column(self.column), value)


def edges(program: Program, *, own: bool = False) -> tuple[Edge, ...]:
    """The thresholds of a program, each once, in order of first use; with `own`, without those of rulebooks that it uses."""
    used = tuple(f"{name}." for name in program.law.document.uses) if own else ()
    kept = {name for name in program.inputs if name.startswith("fact.")} | {step.name for step in program.steps}
    found: dict[Edge, None] = {}
    for step in program.steps:
        if step.name.startswith(("graded_by", "reasons.", *used)):  # they say once more what other steps compare
            continue
        for part in walk(step.expr):
            if isinstance(part, Compare) and (edge := edge_of(part)) is not None and edge.column in kept:
                found.setdefault(edge)
    return tuple(found)


def edge_of(compare: Compare) -> Edge | None:
    """The threshold that a comparison of a column with a number or a day is."""
    op, left, right = compare.op, compare.left, compare.right
    if isinstance(left, Constant | AsOf):
        op, left, right = FLIPPED[op], right, left
    factor = 1
    match left:
        case Multiply(Column() as inner, Constant(int(scale))) if scale > 0:  # a number of fewer decimal places
            left, factor = inner, scale
    if not isinstance(left, Column) or not measured(left.name):
        return None
    if isinstance(right, AsOf):
        return Edge(left.name, right, sides(op, 0))
    if not isinstance(right, Constant) or isinstance(right.value, bool | str):
        return None
    number = right.value
    if op in ("==", "!="):
        return Edge(left.name, None, (number // factor,)) if number % factor == 0 else None
    last = number // factor if op in ("<=", ">") else -(-number // factor) - 1
    return Edge(left.name, None, (last, last + 1))


def sides(op: str, at: int) -> tuple[int, ...]:
    """The last value below and the first above a threshold."""
    if op in ("==", "!="):
        return (at,)
    return (at, at + 1) if op in ("<=", ">") else (at - 1, at)


def measured(column: str) -> bool:
    """Whether a column is something that a rulebook measures, and not a grade or the number of a row."""
    return column == "score" or column.startswith(("fact.", "term.", "family."))
