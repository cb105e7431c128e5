"""What a rulebook says about plans: team, caps, gap, quiet times, triggers, random floor, each with the place that says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from ..problems import one_problem
from ..program import Program
from ..rulebook.outcomes import Quiet
from ..rulebook.parts import Words
from ..rulebook.values import Span
from .outcomes import Outcome, clause_of, outcomes_of
from .visit import DRAW, FLOOR, REQUIRED

__all__ = ["KINDS", "PERIODS", "PlanRules", "QuietTime", "VisitCap", "period_of", "rules_of"]

PERIODS = {"year": 12, "half-year": 6, "quarter": 3, "month": 1}  # months
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KINDS = {  # of visits that no trigger opens
    DRAW: Words(en="Double-random draw", zh="双随机抽查"),
    FLOOR: Words(en="Random floor over all grades", zh="不分等级随机抽查"),
    REQUIRED: Words(en="Required by class or interval", zh="按等级或周期应查"),
}


@dataclass(frozen=True, slots=True)
class QuietTime:
    """Days on which no inspection begins: from the first to the second day of each month, or weekdays (0 is Monday)."""

    days_of_month: tuple[int, int] | None
    weekdays: frozenset[int]
    exempt: tuple[Words, ...]

    def closes(self, day: dt.date) -> bool:
        """Whether a day is quiet."""
        if self.days_of_month is not None:
            return self.days_of_month[0] <= day.day <= self.days_of_month[1]
        return day.weekday() in self.weekdays


@dataclass(frozen=True, slots=True)
class VisitCap:
    """The most trips to one enterprise in a calendar period: of each department (`authority`), or of all together (`all`).

    With `entry`, it holds for the enterprises of that entry of `inspection`, whose `visits.at_most` it is; what any cap excepts, it excepts.
    """

    visits: int
    per: str
    scope: str
    exempt: tuple[Words, ...]
    entry: str | None = None


@dataclass(frozen=True, slots=True)
class PlanRules:
    """The rules of one law that hold for a whole plan. `gap` is the least span between two visits, `random_floor` the share drawn whatever the grade."""

    rulebook: str
    edition: str
    digest: str
    team: int
    caps: tuple[VisitCap, ...]
    gap: Span | None
    quiet: tuple[QuietTime, ...]
    triggers: dict[str, Words]
    random_floor: Fraction | None
    outcomes: tuple[Outcome, ...] = ()
    trigger_clauses: dict[str, str] = field(default_factory=dict)

    @property
    def gap_days(self) -> int:
        """The least number of days between two visits to one enterprise; a month has at most 31."""
        if self.gap is None:
            return 0
        return self.gap.count if self.gap.months is None else 31 * self.gap.months

    def words(self, kind: str) -> Words:
        """What a kind of visit is called."""
        return KINDS.get(kind) or self.triggers[kind]

    def exempts(self, exempt: Iterable[Words], kind: str) -> bool:
        """Whether a kind of visit is among those that a cap or a quiet time excepts: by its name, or by the label of its trigger."""
        words = self.words(kind)
        return any(kind in (one.en, one.zh) or (one.en and one.en == words.en) or (one.zh and one.zh == words.zh) for one in exempt)

    def counts(self, kind: str) -> bool:
        """Whether a kind of visit counts to any cap."""
        return any(not self.exempts(cap.exempt, kind) for cap in self.caps)

    def quiet_for(self, kind: str) -> tuple[int, ...]:
        """The quiet times that a kind of visit must keep, as places in `quiet`."""
        return tuple(place for place, quiet in enumerate(self.quiet) if not self.exempts(quiet.exempt, kind))

    def closed(self, quiet: Iterable[int], day: dt.date) -> bool:
        """Whether a day is quiet for a visit that must keep these quiet times."""
        return any(self.quiet[place].closes(day) for place in quiet)


def period_of(day: dt.date, per: str) -> tuple[int, int]:
    """The calendar period in which a day lies: its year, and the place of the period in it."""
    return day.year, (day.month - 1) // PERIODS[per]


def rules_of(program: Program) -> PlanRules:
    """The rules of a compiled law that hold for plans. Raises `ProblemError` (`plan-rules`) where it says nothing of inspections."""
    law = program.law
    inspection = law.document.inspection
    if inspection is None:
        raise one_problem("plan-rules", f"`{law.id}` says nothing of inspections", hint="a plan needs a rulebook with a section `inspection`")
    if inspection.gap is not None and inspection.gap.unit == "working day":
        raise one_problem("plan-rules", f"the gap of `{law.id}` is counted in working days", hint="write the gap in days, months or years")
    outcomes = outcomes_of(program)
    caps = [VisitCap(cap.visits, cap.per, cap.scope, tuple(cap.exempt)) for cap in inspection.cap]
    exempt = tuple(kind for cap in caps for kind in cap.exempt)
    caps += [VisitCap(one.visits_at_most, one.visits_per, "authority", exempt, one.id) for one in outcomes if one.visits_at_most is not None]
    return PlanRules(
        law.id, law.document.edition, law.digest, inspection.team.at_least if inspection.team else 1, tuple(caps), inspection.gap,
        tuple(map(quiet_of, inspection.quiet)), {trigger.id: trigger.label for trigger in inspection.triggers}, inspection.random_floor,
        outcomes,
        {one.id: clause_of(law, f"inspection.{one.id}", ("inspection", "triggers", place)) for place, one in enumerate(inspection.triggers)},
    )  # fmt: skip


def quiet_of(quiet: Quiet) -> QuietTime:
    days = quiet.days_of_month
    return QuietTime((days[0], days[1]) if days else None, frozenset(WEEKDAYS.index(day) for day in quiet.weekdays or ()), tuple(quiet.exempt))
