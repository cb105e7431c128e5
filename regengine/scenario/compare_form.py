"""The form of a scenario's `compare`: which reforms, by which columns, at what cost, and what is on record to hold them against."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from ..rulebook.parts import Form, GradeName, as_list, wrong
from .plan_form import Hours, Texts, check_inside

__all__ = ["CompareForm", "CostsForm", "JoinForm", "NextForm", "PlansForm"]


class CostsForm(Form):
    """The hours that a visit costs each inspector, and the enterprise."""

    inspector_hours: Hours
    enterprise_hours: Hours


class NextForm(Form):
    """A table with a row for each visit: who was visited (columns that name it together), on which day, and the grades that tell of a failure.

    The enterprises that are compared are then those of the latest visit of each, and the visits that came next on record are held against both intervals.
    """

    enterprise: Annotated[Texts, Field(min_length=1)]
    inspected: str
    failed: Annotated[list[GradeName], BeforeValidator(as_list), Field(min_length=1)]
    resamples: Annotated[int, Field(strict=True, ge=100, le=20_000)] = 1000
    seed: Annotated[int, Field(strict=True, ge=0)]


Days = Annotated[int, Field(strict=True, ge=0, le=3_660)]


class JoinForm(Form):
    """Within how many days the visits of several departments go together, before and after; None: each department goes by itself."""

    before: Days | None = None
    after: Days | None = None


class PlansForm(Form):
    """Two plans as the scenario's `plan` says, one by the rulebook and one by the reform, drawn with the same tickets."""

    join_within: JoinForm


class CompareForm(Form):
    """What the rulebook of the scenario is compared with. `reforms` are files beside the scenario, laid in their order; `language` is that of the page."""

    reforms: Annotated[Texts, Field(min_length=1)]
    by: Texts = Field(default_factory=list)
    costs: CostsForm | None = None
    visits: NextForm | None = None
    plans: PlansForm | None = None
    language: Literal["en", "zh"] = "en"

    @model_validator(mode="after")
    def beside(self) -> Self:
        for name in self.reforms:
            check_inside(name)
        if len(set(self.by)) < len(self.by):
            raise wrong("scenario-wrong", "a column stands twice in `by`", "name each once")
        return self
