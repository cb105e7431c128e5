"""What a route is made of: paths that are open and closed, what is waived, deadlines, and what makes a path fail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from ..decision import Citation
from ..decision.trace import Shown
from ..rulebook.parts import Words
from ..rulebook.values import Span

__all__ = ["Closed", "Due", "Failing", "Offered", "Waived"]


@dataclass(frozen=True, slots=True)
class Offered:
    """A path that is open to the applicant for the matter; `basis` is "published", "derived" or "illustrative"."""

    id: str
    words: Words
    basis: str
    citations: tuple[Citation, ...]
    note: str | None


@dataclass(frozen=True, slots=True)
class Waived:
    """A step or a document that the path spares the applicant, and the clause by which it may be waived."""

    kind: str  # step, document
    name: str
    words: Words
    basis: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline: of the `decision`, the `supplement` of missing papers, or the `check` afterwards. `day` is its last day, None without a calendar."""

    what: str
    within: Span
    day: dt.date | None
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Failing:
    """What makes the path fail, and the path that then follows; None where none does."""

    id: str
    words: Words
    then: str | None
    basis: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Closed:
    """A path that is not open: each thing that stands in the way, the facts behind it, and the day on which it opens again where that is known."""

    id: str
    words: Words
    because: tuple[Words, ...]
    facts: Mapping[str, Shown | None]
    opens: dt.date | None
    basis: str
    citations: tuple[Citation, ...]
