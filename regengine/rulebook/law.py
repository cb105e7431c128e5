"""A rulebook at one law date: every name resolved, every condition checked, every value with its citation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from ..conditions.tree import Node
from ..conditions.types import Number, Type
from .model import Document

__all__ = ["Basis", "Law", "Steps"]

Steps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Basis:
    """Where a value comes from: `published`, `derived` or `illustrative`, with its citations as written."""

    kind: str
    cites: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Law:
    """A rulebook as it stands from one day on; nothing in it depends on a date any more.

    `conditions` holds each checked condition by its path in the document, `bases` the origin of each deciding value by its
    path, `facts` the type of each fact (those of used rulebooks included, in `documents` order), `terms` the type of each
    term and `may_be_unknown` the facts and terms that need `known()`. `point_places` are the decimal places that hold
    every number of points, `families` the range of each family, `score` the type of the score.
    """

    document: Document
    file: str
    digest: str
    conditions: Mapping[Steps, Node]
    bases: Mapping[Steps, Basis]
    facts: Mapping[str, Type]
    terms: Mapping[str, Type]
    may_be_unknown: frozenset[str]
    point_places: int
    families: Mapping[str, Number]
    score: Number | None
    uses: Mapping[str, Law]
    since: dt.date

    @property
    def id(self) -> str:
        """The rulebook's id, such as `cn/henan-2022`."""
        return self.document.rulebook

    @property
    def balance(self) -> dict[str, int]:
        """How many deciding values are published, derived and illustrative."""
        counts = {"published": 0, "derived": 0, "illustrative": 0}
        for basis in self.bases.values():
            counts[basis.kind] += 1
        return counts
