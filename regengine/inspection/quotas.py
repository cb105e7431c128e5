"""How many of each stratum are drawn, by which clause, and whether the visits can be made at all, before anything is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from ..problems import Problem, ProblemError, nearest
from ..workdays import Calendar
from .draw import Quota
from .outcomes import Outcome, check_ratios
from .rules import PERIODS, PlanRules
from .visit import Inspector

__all__ = ["Feasibility", "Stratum", "check_caps", "entry_of_stratum", "feasibility", "quotas_of", "strata_of"]


@dataclass(frozen=True, slots=True)
class Stratum:
    """A stratum of one department's draw: how many it holds, how many are drawn, and the clause behind the number.

    `probability` is that of being drawn, the random floor included, exact.
    """

    department: str
    stratum: str
    entry: str
    population: int
    ratio_at_least: Fraction | None
    ratio_at_most: Fraction | None
    drawn: int
    probability: Fraction
    clause: str
    basis: str


@dataclass(frozen=True, slots=True)
class Feasibility:
    """What one department's plan needs and what it has: places on teams, counted in visits of one inspector."""

    department: str
    drawn: int
    floor: int
    required: int
    triggered: int
    owed: int
    team: int
    inspectors: int
    capacity: int

    @property
    def visits(self) -> int:
        return self.drawn + self.floor + self.required + self.triggered + self.owed

    @property
    def needed(self) -> int:
        return self.visits * self.team

    @property
    def enough(self) -> bool:
        """Whether there are places for all; that each visit also finds a day on which its team works is not known before the calendar."""
        return self.needed <= self.capacity and (self.inspectors >= self.team or not self.visits)


def entry_of_stratum(stratum: str) -> str:
    """The entry of the rulebook's `inspection` to which a stratum belongs: what stands before the first `/`."""
    return stratum.partition("/")[0]


def quotas_of(rules: PlanRules, population: Mapping[str, int], ratios: Mapping[str, Fraction] | None = None) -> dict[str, Quota]:
    """The quota of each stratum, from how many enterprises it holds. `ratios` are shares chosen inside what the rulebook allows, by entry.

    A floor is met (`ceil`) and a ceiling is not passed (`floor`). Raises `ProblemError` (`draw-quota`) for a stratum of which the rulebook draws
    none by a share, and for a ratio that it does not allow.
    """
    outcomes = {outcome.id: outcome for outcome in rules.outcomes}
    check_ratios(outcomes, ratios or {})
    problems: list[Problem] = []
    made: dict[str, Quota] = {}
    for stratum, count in sorted(population.items()):
        outcome = outcomes.get(entry_of_stratum(stratum))
        if outcome is None or not outcome.drawn:
            why = f"`{rules.rulebook}` gives no share to draw of the stratum `{stratum}`"
            problems.append(Problem("draw-quota", why, hint=nearest(entry_of_stratum(stratum), [one.id for one in rules.outcomes if one.drawn])))
            continue
        ratio = outcome.ratio((ratios or {}).get(outcome.id))
        ceiling = None if outcome.ratio_at_most in (None, outcome.ratio_at_least) else outcome.most(count)
        made[stratum] = Quota(ratio, None, ceiling)
    if problems:
        raise ProblemError(problems)
    return made


def strata_of(
    department: str, rules: PlanRules, quotas: Mapping[str, Quota], population: Mapping[str, int], floor: Fraction | None
) -> tuple[tuple[Stratum, ...], int]:
    """The strata of a draw with what is drawn of each, and how many the random floor draws of those that remain."""
    outcomes = {outcome.id: outcome for outcome in rules.outcomes}
    drawn = {stratum: quota.number(population[stratum]) for stratum, quota in quotas.items()}
    remaining = sum(population.values()) - sum(drawn.values())
    more = ceil(floor * remaining) if floor else 0
    rows = []
    for stratum, number in sorted(drawn.items()):
        outcome = outcomes[entry_of_stratum(stratum)]
        share = Fraction(number, population[stratum])
        chance = share + (1 - share) * Fraction(more, remaining) if remaining else share
        rows.append(
            Stratum(
                department, stratum, outcome.id, population[stratum], outcome.ratio_at_least, outcome.ratio_at_most, number, chance,
                outcome.clause, outcome.basis,
            )
        )  # fmt: skip
    return tuple(rows), more


def check_caps(rules: PlanRules) -> None:
    """Raise `ProblemError` (`plan-rules`) for each entry that requires more visits than a cap allows."""
    problems = [
        Problem(
            "plan-rules", f"`{outcome.id}` requires {outcome.visits_at_least} visits a {outcome.visits_per}, and the cap allows {cap.visits} a {cap.per}",
            hint=f"the visits are those of {outcome.clause}; raise the cap or except the kind `required` from it",
        )
        for outcome in rules.outcomes
        for cap in rules.caps
        if outcome.required and cap.entry in (None, outcome.id) and not rules.exempts(cap.exempt, "required")
        and yearly(outcome) > Fraction(cap.visits * 12, PERIODS[cap.per])
    ]  # fmt: skip
    if problems:
        raise ProblemError(problems)


def yearly(outcome: Outcome) -> Fraction:
    """The visits that an entry requires, in a year."""
    return Fraction((outcome.visits_at_least or 0) * 12, PERIODS[outcome.visits_per])


def feasibility(
    department: str, strata: Sequence[Stratum], floor: int, counts: Mapping[str, int], team: int, inspectors: Iterable[Inspector], calendar: Calendar
) -> Feasibility:
    """What a department needs and has; `counts` are its visits that no draw brings: `required`, `triggered`, `owed`."""
    own = [one for one in inspectors if one.department == department]
    capacity = sum(one.capacity * sum(one.works_on(day) for day in calendar.working) for one in own)
    drawn = sum(stratum.drawn for stratum in strata)
    return Feasibility(department, drawn, floor, counts.get("required", 0), counts.get("triggered", 0), counts.get("owed", 0), team, len(own), capacity)
