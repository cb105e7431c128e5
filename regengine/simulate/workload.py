"""What a law asks for in inspections of a population in one year: visits, and the hours that they cost.

Of a class that is drawn, as many are visited as the draw takes (the share, never below a floor and never above a ceiling), once in the year or as often as
the rulebook asks of who is drawn; the random floor adds its share of the rest. Of a class that must be visited, everybody is, at the pace
of the rulebook. A class that is inspected on a trigger alone has no visits here: how many triggers there will be no rulebook says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from ..inspection.draw import Quota
from ..inspection.outcomes import Outcome, outcomes_of
from ..inspection.rules import PERIODS
from ..problems import one_problem
from ..program import Program

__all__ = ["Costs", "Demand", "demand_of"]

DAYS = Fraction(1461, 4)  # of a year, leap years among them


@dataclass(frozen=True, slots=True)
class Costs:
    """The hours that one visit costs: each inspector of the team, and the enterprise."""

    inspector: Fraction
    enterprise: Fraction


@dataclass(frozen=True, slots=True)
class Demand:
    """What a law asks for: its entries of `inspection`, and how many inspectors go on each visit."""

    outcomes: tuple[Outcome, ...]
    team: int
    floor: Fraction

    def visits(self, counts: Mapping[str, int]) -> dict[str, Fraction]:
        """The visits a year that each enterprise of an entry may expect, from how many enterprises there are of each; exact."""
        drawn = {one.id: quota(one, counts.get(one.id, 0)) for one in self.outcomes if one.drawn}
        rest = sum(counts.get(name, 0) - number for name, number in drawn.items())
        more = Fraction(ceil(self.floor * rest), rest) if rest else Fraction(0)
        made: dict[str, Fraction] = {}
        for one in self.outcomes:
            count = counts.get(one.id, 0)
            if one.drawn:
                share = Fraction(drawn[one.id], count) if count else Fraction(0)
                made[one.id] = share * (one.visits_at_least or 1) + (1 - share) * more
            else:
                made[one.id] = pace(one) if one.required else Fraction(0)
        return made


def quota(outcome: Outcome, count: int) -> int:
    """How many of a class are drawn."""
    ceiling = None if outcome.ratio_at_most in (None, outcome.ratio_at_least) else outcome.most(count)
    return Quota(outcome.ratio(), None, ceiling).number(count)


def pace(outcome: Outcome) -> Fraction:
    """The visits a year that are required of each enterprise of a class."""
    if outcome.visits_at_least:
        return Fraction(outcome.visits_at_least * 12, PERIODS[outcome.visits_per])
    assert outcome.every is not None
    if outcome.every.months is not None:
        return Fraction(12, outcome.every.months)
    if outcome.every.unit != "day":
        raise one_problem("plan-rules", f"`{outcome.every}` cannot be counted without a calendar of working days", hint="write it in days, months or years")
    return DAYS / outcome.every.count


def demand_of(program: Program) -> Demand | None:
    """What a compiled law asks for; None where it says nothing of inspections."""
    inspection = program.law.document.inspection
    if inspection is None:
        return None
    return Demand(outcomes_of(program), inspection.team.at_least if inspection.team else 1, inspection.random_floor or Fraction(0))
