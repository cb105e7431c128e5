"""The days on which an entry of a register begins or ceases to count for a fact, or counts with another weight.

The windows are those of `evidence`: an entry leaves one on the first day whose window begins on its day or later. That
day is found by halving, as windows move forward with the day; the arithmetic of months stays in `values.window_start`.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..engines.single import Value
from ..evidence.entries import DATE, ENDED, KEY, KNOWN
from ..program.expr import AsOf, Column, walk
from ..program.lower import Lowering
from ..rulebook.law import Law
from ..rulebook.registers import From
from ..rulebook.values import EPOCH, Span, window_start
from .ranges import days_over, range_of, still, stretches

__all__ = ["Entry", "Kind", "Move", "moves"]

Kind = Literal["happens", "known", "ended", "lapses", "leaves", "weighs", "meets", "misses"]
Entry = Mapping[str, Value | None]  # by the columns of `evidence.entries`; values by `fact.COLUMN` and `known.COLUMN`
Leaving = tuple[int, Kind, Span | None]


@dataclass(frozen=True, slots=True)
class Move:
    """What becomes of an entry on a day (a day number). `span` is the time that has run out then.

    `fact` is moved by it; `by` names the fact that says which entries count: another one where `fact` looks at related
    enterprises, of which `owner` is the one whose entry it is.
    """

    day: int
    fact: str
    by: str
    register: str
    owner: object | None
    entry: int  # the day of the event
    of: str | None  # its class, where the register has times of effect
    kind: Kind
    span: Span | None = None


def moves(law: Law, entries: Mapping[str, Sequence[Entry]], enterprise: object, after: int, last: int) -> Iterator[Move]:
    """Every move after the day `after` and up to `last`, for the entries of one enterprise and of those around it, by register."""
    uses = {name: fact.from_ for name, fact in law.document.facts.items() if fact.from_ is not None}
    for by, use in uses.items():
        over = [name for name, other in uses.items() if other.related is not None and other.related.fact == by]
        for entry in entries[use.register]:
            own = use.related is not None or entry[KEY] == enterprise
            for fact in [by] if own else over:
                yield from moves_of(law, fact, by, use, entry, None if own else entry[KEY], after, last)


def moves_of(law: Law, fact: str, by: str, use: From, entry: Entry, owner: object | None, after: int, last: int) -> Iterator[Move]:
    date, known = number(entry, DATE), number(entry, KNOWN)
    effect = law.document.registers[use.register].effect
    of = str(entry[f"fact.{effect.of}"]) if effect is not None else None

    def move(day: int, kind: Kind, span: Span | None = None) -> Move:
        return Move(day, fact, by, use.register, owner, date, of, kind, span)

    weighs, ends = leavings(law, use, entry, after, last)
    began, end = max(date, known), min((day for day, _, _ in ends), default=last + 1)
    start, stop = max(began, after), min(end, last + 1)
    if start >= stop:
        return
    turns = list(stretches(start, stop - 1, lambda a, b: held(law, by, use, entry, a, b)))
    for day, holds in turns:
        if day > start:
            yield move(day, "meets" if holds else "misses")
        elif holds and began > after:
            yield move(day, "happens" if began == date else "known")
    for day, kind, span in weighs:
        if start < day < stop and [holds for turn, holds in turns if turn <= day][-1]:
            yield move(day, kind, span)
    if turns[-1][1] and stop <= last:
        yield from (move(day, kind, span) for day, kind, span in ends if day == stop)


def leavings(law: Law, use: From, entry: Entry, after: int, last: int) -> tuple[list[Leaving], list[Leaving]]:
    """The days on which an entry has another weight, and those on which it would no longer count, each by what ends it."""
    date, register = number(entry, DATE), law.document.registers[use.register]

    def crossed(span: Span) -> int:
        return after + bisect_left(range(after, last + 1), date, key=lambda day: window_start(EPOCH + dt.timedelta(day), span))

    ends: list[Leaving] = []
    if use.counting.open and register.ended is not None and entry[ENDED] is not None:
        ends.append((number(entry, ENDED), "ended", None))
    if use.counting.open and register.effect is not None:
        longest = register.effect.longest[str(entry[f"fact.{register.effect.of}"])]
        ends.append((crossed(longest), "lapses", longest))
    if use.counting.within is not None:
        ends.append((crossed(use.counting.within), "leaves", use.counting.within))
    steps = sorted(((crossed(span), span) for span in use.weights or ()), key=lambda pair: (pair[0], -window_start(EPOCH, pair[1])))
    ends += [(day, "leaves", span) for day, span in steps[-1:]]
    return [(day, "weighs", span) for day, span in steps[:-1]], ends


def held(law: Law, fact: str, use: From, entry: Entry, first: int, last: int) -> bool | None:
    """Whether an entry meets the `where` of a fact from `first` to `last`; None where that turns between them."""
    if use.counting.where is None:
        return True
    lowering = Lowering(lambda name: f"fact.{name}", lambda name: Column(f"known.{name}"))
    expr = lowering.expr(law.conditions["facts", fact, *use.path, "where"])
    days = tuple(part for part in walk(expr) if isinstance(part, AsOf))
    surely, maybe = range_of(expr, still(entry), days_over(days, first, last))
    return bool(surely) if surely == maybe else None


def number(entry: Entry, name: str) -> int:
    value = entry[name]
    assert isinstance(value, int)
    return value
