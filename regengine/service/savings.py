"""What a path saves an applicant against the ordinary course of a matter: working days, steps, documents, visits (减时间、减环节、减材料、减跑动)."""

from __future__ import annotations

from dataclasses import dataclass

from ..rulebook.outcomes import Grants, Matter
from ..rulebook.values import Span, parse_span

__all__ = ["AT_ONCE", "MEASURES", "Saved", "decided_within", "saved_by"]

MEASURES = ("working_days", "steps", "documents", "visits")
AT_ONCE = ("same day", "on the spot")


@dataclass(frozen=True, slots=True)
class Saved:
    """The four savings of one application, or of many: what a rulebook does not say saves nothing."""

    working_days: int = 0
    steps: int = 0
    documents: int = 0
    visits: int = 0


def saved_by(grants: Grants, matter: Matter, promised: int | None) -> Saved:
    """What a path saves for one application whose promised time is so many working days (None: nobody says it)."""
    within = decided_within(grants)
    timed = within is not None and within.unit == "working day" and promised is not None
    return Saved(
        promised - within.count if timed and promised is not None and within is not None else 0,
        len(set(grants.skip or ()) & set(matter.steps)),
        len(set(grants.waive or ()) & set(matter.documents)),
        0 if grants.visits is None else matter.visits - grants.visits,
    )


def decided_within(grants: Grants) -> Span | None:
    """The time until the decision, where a path says it as a span; on the spot is none at all."""
    if grants.working_days is not None:
        return Span(grants.working_days, "working day")
    if grants.decision in AT_ONCE:
        return Span(0, "working day")
    try:
        return parse_span(grants.decision or "")
    except ValueError:
        return None
