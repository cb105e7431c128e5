"""A checked condition as a tree of small frozen nodes; each node carries its type and the user's own words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from .types import Type

__all__ = [
    "Absolute", "And", "Arithmetic", "AsOf", "Compare", "DaysBetween", "Known", "Literal", "Name", "Node", "Not", "OneOf",
    "Or", "Pick", "Share", "names_in",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    type: Type
    source: str = field(default="", compare=False)
    offset: int = field(default=0, compare=False)  # characters before it in its condition


@dataclass(frozen=True, slots=True)
class Literal(Base):
    value: bool | int | Decimal | str | dt.date


@dataclass(frozen=True, slots=True)
class Name(Base):
    name: str


@dataclass(frozen=True, slots=True)
class Known(Base):
    name: str


@dataclass(frozen=True, slots=True)
class Compare(Base):
    op: str  # == != < <= > >=
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class And(Base):
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or(Base):
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not(Base):
    of: Node


@dataclass(frozen=True, slots=True)
class OneOf(Base):
    of: Node
    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Arithmetic(Base):
    op: str  # + - *
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Pick(Base):
    which: str  # min max
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Absolute(Base):
    of: Node


@dataclass(frozen=True, slots=True)
class DaysBetween(Base):
    start: Node
    end: Node


@dataclass(frozen=True, slots=True)
class AsOf(Base):
    """The day of the facts, less `months` calendar months or `days` days."""

    months: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Share(Base):
    """`part / whole`, rounded half to even to the places of the type; unknown where `whole` is zero."""

    part: Node
    whole: Node


Node = (
    Literal | Name | Known | Compare | And | Or | Not | OneOf | Arithmetic | Pick | Absolute | DaysBetween | AsOf | Share
)  # fmt: skip


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below."""
    match node:
        case Compare(left=a, right=b) | Arithmetic(left=a, right=b):
            return (a, b)
        case And(parts=parts) | Or(parts=parts) | Pick(parts=parts):
            return parts
        case Not(of=a) | Absolute(of=a):
            return (a,)
        case OneOf(of=a, values=values):
            return (a, *values)
        case DaysBetween(start=a, end=b):
            return (a, b)
        case Share(part=a, whole=b):
            return (a, b)
        case _:
            return ()


def names_in(node: Node) -> frozenset[str]:
    """Every name that a condition reads, those inside `known()` included."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Name | Known):
            found.add(one.name)
        waiting.extend(children(one))
    return frozenset(found)
