"""What a projection supposes: each assumption with a value, a range and a source, so that nothing is supposed silently and nothing is held for certain.

In each run an assumption takes a value between its ends, drawn from the triangular distribution that is highest at its value; so bands over runs are
as wide as the ranges make them. An assumption without a range is refused; one that is held fixed on purpose has a range of no width.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import sqrt

from ..problems import Place, Problem, ProblemError

__all__ = ["ASSUMED", "Assumption", "Assumptions"]

ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Assumption:
    """A number that is supposed: its value, between which ends it lies, and where it comes from (`assumed` where it is a guess)."""

    value: float
    low: float
    high: float
    source: str = ASSUMED

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.value <= self.high:
            message = f"the value {self.value:g} does not lie in its range, from {self.low:g} to {self.high:g}, or the range is below 0"
            raise ProblemError([Problem("assumption-wrong", message)])
        if not self.source:
            raise ProblemError([Problem("assumption-wrong", "an assumption needs a source", hint=f"write `{ASSUMED}` where it is a guess")])

    def at(self, quantile: float) -> float:
        """The value below which a draw falls with a probability of `quantile`: the inverse of the triangular distribution."""
        width = self.high - self.low
        if not width:
            return self.value
        edge = (self.value - self.low) / width
        if quantile < edge:
            return self.low + sqrt(quantile * width * (self.value - self.low))
        return self.high - sqrt((1 - quantile) * width * (self.high - self.value))


@dataclass(frozen=True, slots=True)
class Assumptions:
    """All that a projection supposes. Rates are per year, shares parts of 1, times in months.

    `recurs` is the rate at which an enterprise of a grade that is in order falls into a violation (all grades are drawn high or low together), `present`
    the share that is in one at the start. `found` is the probability that an inspection finds a violation that is there, `reported` the rate at which one
    comes to light without, `ends` the rate at which one is put right and nobody learns of it. `deters` is the part by which an inspection lowers the rate
    of recurrence for `deters_for`. `counts_for` is how long a violation on record counts before it is repaired; it never counts longer than the
    rulebook's own window. `opens` and `closes` are rates of all enterprises.
    """

    recurs: Mapping[str, Assumption]
    present: Assumption
    found: Assumption
    reported: Assumption
    ends: Assumption
    deters: Assumption
    deters_for: Assumption
    counts_for: Assumption
    opens: Assumption
    closes: Assumption

    def __post_init__(self) -> None:
        problems = [
            Problem("assumption-wrong", f"`{name}` is a share and may reach {one.high:g}", Place(field=name), "a share is at most 1")
            for name in ("present", "found", "deters")
            if (one := getattr(self, name)).high > 1
        ]
        if problems:
            raise ProblemError(problems)

    def rows(self) -> list[tuple[str, Assumption]]:
        """Each assumption with its name, the rates of recurrence by grade."""
        own = [(field.name, getattr(self, field.name)) for field in fields(self) if field.name != "recurs"]
        return [*((f"recurs.{grade}", one) for grade, one in self.recurs.items()), *own]
