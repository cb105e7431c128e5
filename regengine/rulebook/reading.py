"""What every part of reading a rulebook's meaning rests on: noting faults, checking conditions, tables and citations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from ..conditions import Boolean, Number, Scope, Type, describe, parse
from ..conditions.guards import proved_false
from ..conditions.syntax import shorten
from ..conditions.tree import Node
from ..problems import Problem, nearest
from .law import Basis, Law, Steps
from .located import Located
from .model import Document
from .parts import Block, Form
from .values import Interval, parse_interval

__all__ = ["Reading"]


class Reading:
    """One pass over one document."""

    def __init__(self, document: Document, root: Located, file: str, uses: Mapping[str, Law], blind: frozenset[str]) -> None:
        self.document, self.root, self.file, self.uses, self.blind = document, root, file, uses, blind
        self.problems: list[Problem] = []
        self.conditions: dict[Steps, Node] = {}
        self.bases: dict[Steps, Basis] = {}
        self.paths: dict[int, Steps] = {}  # of each block of the document
        self.facts: dict[str, Type] = {}
        self.terms: dict[str, Type] = {}
        self.unknown: set[str] = set()
        self.families: dict[str, Number] = {}
        self.score: Number | None = None
        self.visible: dict[str, Type] = {}
        self.order = tuple(document.grades.order)
        self.point_places = 0

    def note(self, code: str, message: str, path: Steps, hint: str | None = None, *, offset: int = 0, key: bool = False) -> None:
        self.problems.append(Problem(code, message, self.root.place(path, self.file, offset=offset, key=key), hint))

    def later(self) -> frozenset[str]:
        """Names of this rulebook that are not visible yet."""
        own = {*self.document.facts, *self.document.terms, *self.document.indicators, "grade"} | ({"score"} if self.document.score else set())
        return frozenset(own - set(self.visible))

    def scope(self) -> Scope:
        return Scope(self.visible, frozenset(self.unknown), self.later(), self.blind)

    def condition(
        self, text: str, path: Steps, want: type | None = Boolean, *, known: frozenset[str] = frozenset(), term: bool = False, scope: Scope | None = None
    ) -> Node | None:
        """Check the condition at `path` and keep it; None where it is faulty. `scope` stands for what is visible at its place."""
        node, faults = parse(text, scope or self.scope(), known=known, may_be_unknown=term)
        for fault in faults:
            self.note(fault.code, fault.message, path, fault.hint, offset=fault.offset)
        if node is None:
            return None
        if want is not None and not isinstance(node.type, want):
            wanted = {Boolean: "true or false", Number: "a number"}.get(want, "another type")
            self.note("type-mismatch", f"`{shorten(text)}` is {describe(node.type)}, and {wanted} is needed here", path)
            return None
        self.conditions[path] = node
        return node

    def rows(self, rows: Sequence[Any], path: Steps, *, ends: bool = True, alone: bool = False) -> None:
        """A first-match table: each row is read knowing that those before it did not hold, unless it is also looked at `alone`."""
        known: frozenset[str] = frozenset()
        for index, row in enumerate(rows):
            if row.when is not None:
                node = self.condition(row.when, (*path, index, "when"), known=known)
                if node is not None and not alone:
                    known |= proved_false(node)
            elif index < len(rows) - 1:
                self.note("row-order", "no row after `otherwise` can be reached", (*path, index + 1), "move `otherwise` to the end")
        if ends and all(row.when is not None for row in rows):
            self.note("row-order", "the table does not end with `otherwise`", (*path, len(rows) - 1), "add a last row `otherwise`")

    def row_ids(self, rows: Iterable[tuple[str | int, Any]], path: Steps) -> None:
        """The ids that rows have of their own tell them from each other, and from the row `otherwise`."""
        seen: set[str] = set()
        for key, row in rows:
            if row.id == "otherwise":
                self.note("name-duplicate", "`otherwise` is a reserved name", (*path, key, "id"), "choose another name")
            elif row.id is not None:
                self.once(row.id, seen, (*path, key, "id"))

    def origin(self, path: Steps, *blocks: Block | None) -> None:
        """The basis of the deciding value at `path`: the nearest of `blocks` (inmost first) that names one."""
        block = next((b for b in (*blocks, self.document) if b is not None and (b.cite is not None or b.basis is not None)), None)
        if block is None:
            self.note(
                "citation-missing", "this value has neither a citation nor a basis", path, "add `cite: source`, or `basis: illustrative` where it is not law"
            )
            return
        if block.basis in (None, "published") and not block.cite and id(block) in self.paths:
            at = self.paths.pop(id(block))  # once for each block, however many values rest on it
            self.note("citation-missing", "a published value needs `cite`", (*at, "basis" if block.basis else "cite"))
        self.bases[path] = Basis(block.basis or "published", tuple(block.cite or ()), block.note)

    def once(self, name: str, seen: set[str], path: Steps) -> None:
        if name in seen:
            self.note("name-duplicate", f"`{name}` stands twice", path)
        seen.add(name)

    def grade(self, grade: str | None, path: Steps, *, key: bool = False) -> None:
        if grade is not None and grade not in self.order:
            self.note("category-unknown", f"`{grade}` is not a grade", path, nearest(grade, self.order), key=key)

    def read_table(self, keys: Iterable[str], kind: Number, path: Steps) -> None:
        """Intervals that must cover `kind`'s range once, exactly."""
        read: list[tuple[str, Interval]] = []
        for key in keys:
            try:
                read.append((key, parse_interval(key)))
            except ValueError as error:
                self.note("interval-wrong", str(error), (*path, key), "write `[a, b)`, `<= a`, or a number", key=True)
        if len(read) == len(list(keys)):
            self.cover(read, kind, path, key=True)

    def cover(self, intervals: Iterable[tuple[str, Interval]], kind: Number, path: Steps, *, key: bool = False) -> None:
        """Note each gap, overlap and empty interval over the scaled numbers of `kind`; with `key`, the intervals are the keys."""
        scale = 10**kind.places
        spans: list[tuple[int, int, str]] = []
        outside = False
        for row, interval in intervals:
            inside = interval.within(kind.places, kind.low, kind.high)
            if inside is None:
                outside = True
                reach = f"{number_text(kind.low)} to {number_text(kind.high)}"
                self.note("row-order", f"`{interval.text}` lies outside the range {reach} and is never reached", (*path, row), key=key)
            else:
                spans.append((*inside, row))
        spans.sort()
        expected = -((-kind.low * scale).__floor__())
        last = (kind.high * scale).__floor__()
        for first, end, row in spans:
            if first > expected:
                self.note("table-gap", f"no row covers {gap_text(expected, first - 1, scale)}", path)
            elif first < expected:
                self.note("table-overlap", f"{gap_text(first, min(expected - 1, end), scale)} is covered twice", (*path, row), key=key)
            expected = max(expected, end + 1)
        if expected <= last and (spans or not outside):
            self.note("table-gap", f"no row covers {gap_text(expected, last, scale)}", path)


def blocks(part: Any, path: Steps) -> Iterator[tuple[Steps, Block]]:
    """Every part of a document that may say where its values come from, with its path."""
    if isinstance(part, Block):
        yield path, part
    if isinstance(part, Form):
        for name, field in type(part).model_fields.items():
            yield from blocks(getattr(part, name), (*path, field.alias or name))
    elif isinstance(part, dict | list):
        for key, below in part.items() if isinstance(part, dict) else enumerate(part):
            yield from blocks(below, (*path, key))


def number_text(number: Fraction) -> str:
    """A number as a reader writes it."""
    return str(number.numerator) if number.denominator == 1 else f"{float(number):.4f}".rstrip("0")


def gap_text(first: int, last: int, scale: int) -> str:
    """A run of scaled numbers, as a reader writes it."""
    one, other = number_text(Fraction(first, scale)), number_text(Fraction(last, scale))
    return one if first == last else f"{one} to {other}"
