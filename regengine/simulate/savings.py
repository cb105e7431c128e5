"""What the service paths of a law save an applicant, for each licence matter, against its ordinary course: days, steps, documents, visits."""

from __future__ import annotations

from dataclasses import dataclass

from ..program import Program
from ..rulebook.outcomes import Grants, Matter, Path
from ..rulebook.values import parse_span

__all__ = ["MEASURES", "Savings", "savings_of"]

MEASURES = ("working_days", "steps", "documents", "visits")
AT_ONCE = ("same day", "on the spot")


@dataclass(frozen=True, slots=True)
class Savings:
    """The paths of a law in their order, and what each saves for one application in a matter that it is open to: MEASURES, by path and matter."""

    paths: tuple[str, ...]
    saved: dict[tuple[str, str], tuple[int, int, int, int]]


def savings_of(program: Program) -> Savings | None:
    """What the paths of a compiled law save; None where it has no service paths."""
    service = program.law.document.service
    if service is None:
        return None
    saved = {
        (path.id, name): saved_by(path.grants or Grants(), matter) for path in service.paths for name, matter in service.matters.items() if opens(path, name)
    }
    return Savings(tuple(path.id for path in service.paths), saved)


def opens(path: Path, matter: str) -> bool:
    """Whether a path may be taken in a matter."""
    return (path.open_to is None or matter in path.open_to) and matter not in (path.closed_to or ())


def saved_by(grants: Grants, matter: Matter) -> tuple[int, int, int, int]:
    days = days_of(grants)
    return (
        0 if days is None or matter.working_days is None else matter.working_days - days,
        len(set(grants.skip or ()) & set(matter.steps)),
        len(set(grants.waive or ()) & set(matter.documents)),
        0 if grants.visits is None else matter.visits - grants.visits,
    )


def days_of(grants: Grants) -> int | None:
    """The working days until the decision, where a path says them."""
    if grants.working_days is not None:
        return grants.working_days
    if grants.decision in AT_ONCE:
        return 0
    try:
        span = parse_span(grants.decision or "")
    except ValueError:
        return None
    return span.count if span.unit == "working day" else None
