"""The types of the condition language: what a name or an expression can be, and the range it can take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

__all__ = ["Boolean", "Day", "Number", "Scope", "Text", "Type", "alike", "combined", "describe"]

# Every number inside a program is a scaled 64-bit integer; half of that range is kept free, so that no sum of two
# checked numbers can overflow.
LARGEST_SCALED = 2**62


@dataclass(frozen=True, slots=True)
class Boolean:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Number:
    """An exact number with `places` decimal places, in `[low, high]`."""

    places: int
    low: Fraction
    high: Fraction

    @property
    def fits(self) -> bool:
        """Whether the number always fits its scaled 64-bit integer."""
        scale = 10**self.places
        return int(self.low * scale) > -LARGEST_SCALED and int(self.high * scale) < LARGEST_SCALED


@dataclass(frozen=True, slots=True)
class Text:
    """A text: a category or a grade (one of `values`), or a code (`values` is None)."""

    values: tuple[str, ...] | None
    what: str = "category"


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day."""


Type = Boolean | Number | Text | Day


@dataclass(frozen=True, slots=True)
class Scope:
    """What a condition may name at its place.

    `names` maps each visible name to its type, `unknown` holds the names whose value may be unknown (their use must be
    guarded by `known()`), `later` the names that exist but are worked out after this place, and `blind` the names whose
    declaration was faulty, about which nothing more is said.
    """

    names: Mapping[str, Type]
    unknown: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()
    blind: frozenset[str] = field(default_factory=frozenset)


def describe(kind: Type) -> str:
    """The type in a user's words."""
    match kind:
        case Boolean():
            return "true or false"
        case Number(places=0):
            return "a whole number"
        case Number():
            return "a number"
        case Text(what="grade"):
            return "a grade"
        case Text(what="text"):
            return "a text"
        case Text(values=None):
            return "a code"
        case Text():
            return "a category"
        case Day():
            return "a date"


def combined(op: str, a: Number, b: Number) -> Number:
    """The type of `a op b`, by interval arithmetic."""
    if op == "+":
        return Number(max(a.places, b.places), a.low + b.low, a.high + b.high)
    if op == "-":
        return Number(max(a.places, b.places), a.low - b.high, a.high - b.low)
    corners = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    return Number(a.places + b.places, min(corners), max(corners))


def alike(a: Type, b: Type) -> bool:
    """Whether two types may be compared."""
    match a, b:
        case (Number(), Number()) | (Day(), Day()) | (Boolean(), Boolean()):
            return True
        case Text(values=x, what=p), Text(values=y, what=q):
            return x == y and p == q
        case _:
            return False
