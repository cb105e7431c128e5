"""The form of a scenario's `project`: policies, what is supposed of enterprises and inspections, and how far it goes."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from ..rulebook.parts import Form, GradeName, Label, Name, exact, wrong
from ..simulate.assumptions import Assumption, Assumptions

__all__ = ["AssumptionForm", "PolicyForm", "ProjectForm"]

Number = Annotated[Decimal, BeforeValidator(exact), Field(ge=0)]
Whole = Annotated[int, Field(strict=True, ge=0)]


class AssumptionForm(Form):
    """A number that is supposed, the two ends between which it lies, and where it comes from: a text, or `assumed`."""

    value: Number
    range: Annotated[list[Number], Field(min_length=2, max_length=2)]
    source: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def inside(self) -> Self:
        if not self.range[0] <= self.value <= self.range[1]:
            raise wrong("assumption-wrong", f"the value {self.value} does not lie in its range, from {self.range[0]} to {self.range[1]}")
        return self

    def made(self) -> Assumption:
        """The assumption as a projection takes it."""
        return Assumption(float(self.value), float(self.range[0]), float(self.range[1]), self.source)


class AssumptionsForm(Form):
    """All that a projection supposes; see `regengine.simulate.assumptions`. Rates are per year, times in months."""

    recurs: dict[GradeName, AssumptionForm]
    present: AssumptionForm
    found: AssumptionForm
    reported: AssumptionForm
    ends: AssumptionForm
    deters: AssumptionForm
    deters_for: AssumptionForm
    counts_for: AssumptionForm
    opens: AssumptionForm
    closes: AssumptionForm

    @model_validator(mode="after")
    def shares(self) -> Self:
        for name in ("present", "found", "deters"):
            if (most := getattr(self, name).range[1]) > 1:
                raise wrong("assumption-wrong", f"`{name}` is a share and may reach {most}", "a share is at most 1")
        return self

    def made(self) -> Assumptions:
        """The assumptions as a projection takes them."""
        single: dict[str, Any] = {name: getattr(self, name).made() for name in type(self).model_fields if name != "recurs"}
        return Assumptions(recurs={grade: one.made() for grade, one in self.recurs.items()}, **single)


class PolicyForm(Form):
    """A policy: the scenario's rulebook under more reforms, files beside the scenario; without any, as it is."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,29}$")]
    label: Label
    reforms: list[str] = Field(default_factory=list)


class ProjectForm(Form):
    """Years ahead by Monte Carlo: `moves` is the fact, a number of violations on record, that the projection moves."""

    moves: Name
    years: Annotated[int, Field(strict=True, ge=1, le=30)] = 5
    runs: Annotated[int, Field(strict=True, ge=20, le=10_000)] = 200
    seed: Whole
    policies: list[PolicyForm] = Field(min_length=1)
    assumptions: AssumptionsForm

    @model_validator(mode="after")
    def named(self) -> Self:
        names = [policy.name for policy in self.policies]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise wrong("scenario-wrong", f"`{twice[0]}` is the name of two policies")
        return self
