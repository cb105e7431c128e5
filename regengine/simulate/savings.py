"""What the service paths of a law save an applicant, for each licence matter, against its ordinary course: days, steps, documents, visits."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from ..program import Program
from ..rulebook.outcomes import Grants
from ..service.savings import MEASURES, saved_by

__all__ = ["MEASURES", "Savings", "savings_of"]


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
        (path.id, name): astuple(saved_by(path.grants or Grants(), matter, matter.working_days))
        for path in service.paths
        for name, matter in service.matters.items()
        if path.opens(name)
    }
    return Savings(tuple(path.id for path in service.paths), saved)
