"""What a plan of inspections comes to, in figures that can stand beside those of another plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import polars as pl

from ..inspection.plan import Plan, hours
from ..inspection.schedule.joint import joint_rate

__all__ = ["PlanFigures", "plan_figures"]


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """Visits that a plan asks for, placed and not; trips; enterprises by the days on which they are visited; hours of both sides.

    `left_out` are enterprises that a cap keeps out of a department's draw, once for each. `reasons` are the rules that keep visits from a day.
    """

    visits: int
    placed: int
    unplaced: int
    trips: int
    joint_trips: int
    enterprises: int
    once: int
    twice: int
    oftener: int
    most: int
    left_out: int
    inspector_hours: Fraction
    enterprise_hours: Fraction
    reasons: Mapping[str, int] = field(default_factory=dict)


def plan_figures(plan: Plan) -> PlanFigures:
    """The figures of a finished plan."""
    placed = [one.trip for one in plan.schedule.placed]
    rate = joint_rate(placed)
    days: dict[str, set[object]] = {}
    for one in plan.schedule.placed:
        days.setdefault(one.trip.enterprise, set()).add(one.day)
    often = Counter(len(held) for held in days.values())
    unplaced = Counter(one.rule for one in plan.schedule.unplaced for _ in one.trip.visits)
    costs = list(hours(plan).values())
    left_out = sum(share.frame.left_out.filter(pl.col("reason") == "cap").height for share in plan.prepared.shares)
    return PlanFigures(
        rate.visits + unplaced.total(), rate.visits, unplaced.total(), rate.trips, rate.joint_trips, len(days), often[1], often[2],
        sum(number for count, number in often.items() if count > 2), max(often, default=0), left_out,
        sum((ours for ours, _ in costs), Fraction(0)), sum((theirs for _, theirs in costs), Fraction(0)), dict(unplaced),
    )  # fmt: skip
