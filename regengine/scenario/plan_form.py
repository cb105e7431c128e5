"""The form of a scenario's `plan`: who inspects whom, between which days, with which inspectors, and where the seed comes from."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from ..rulebook.parts import DayText, Form, GradeName, Label, Name, Ratio, as_list, exact, wrong
from ..run_record import FILE_NAME

__all__ = ["CalendarForm", "DepartmentForm", "HistoryForm", "PlanForm", "check_inside"]

Texts = Annotated[list[str], BeforeValidator(as_list)]
Hours = Annotated[Decimal, BeforeValidator(exact), Field(ge=0, le=24)]


def check_inside(name: str) -> None:
    """Refuse the name of a file that leads out of its folder."""
    parts = name.split("/")
    if not name or name.startswith("/") or "\\" in name or ".." in parts:
        raise wrong("scenario-wrong", f"`{name}` leads out of the folder", "name a file inside the folder; `--data` takes any path")
    if not re.fullmatch(FILE_NAME, parts[-1]):
        raise wrong("scenario-wrong", f"`{name}` cannot be the name of a table", "a name does not begin with a dot and holds no control character")


class DepartmentForm(Form):
    """A department: whom it inspects (`where`: columns and their values), what else parts its strata, and what a visit costs in hours."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,29}$")]
    label: Label
    draw_id: Annotated[str, Field(pattern=r"^[^|\s]{1,100}$")] | None = None
    where: dict[str, Texts] = Field(default_factory=dict)
    strata: Texts = Field(default_factory=list)
    ratios: dict[GradeName, Ratio] = Field(default_factory=dict)
    skills: Texts = Field(default_factory=list)
    hours: Hours
    enterprise_hours: Hours


def as_calendar(value: Any) -> Any:
    return {"country": "CN"} if value == "china" else value


class CalendarForm(Form):
    """Where working days come from: `china`, a `country` (with its `subdivision`), or a `file` of days."""

    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    subdivision: str | None = None
    file: str | None = None

    @model_validator(mode="after")
    def one_form(self) -> Self:
        if (self.country is None) == (self.file is None):
            raise wrong("scenario-wrong", "a calendar is `china`, a `country`, or a `file`; exactly one")
        if self.file is not None:
            check_inside(self.file)
        return self


class HistoryForm(Form):
    """Earlier visits: a `file`, or a `register` of the scenario's data whose `date` is a column; `department` is whose they were, where no column says it."""

    file: str | None = None
    register_name: Name | None = Field(default=None, alias="register")
    date: str = "date"
    department: str | None = None

    @model_validator(mode="after")
    def one_form(self) -> Self:
        if (self.file is None) == (self.register_name is None):
            raise wrong("scenario-wrong", "earlier visits are a `file` or a `register`; exactly one")
        if self.file is not None:
            check_inside(self.file)
        return self


class PlanForm(Form):
    """The plan that is made from the grades of the scenario.

    `inspectors`, `triggers`, `tolerance` are files beside the scenario. `join_within` is the number of days within which the visits of several
    departments go together, `draw_id` the one by which all of
    them draw where they are to draw alike, `language` that of the files for people. Without a `seed`, here or with the command, the run ends with the
    commitments of the draws.
    """

    first: DayText
    last: DayText
    calendar: Annotated[CalendarForm, BeforeValidator(as_calendar)]
    draw_id: Annotated[str, Field(pattern=r"^[^|\s]{1,100}$")] | None = None
    district: str | None = None
    name: str | None = None
    departments: Annotated[list[DepartmentForm], Field(min_length=1, max_length=20)]
    inspectors: str
    triggers: str | None = None
    tolerance: str | None = None
    history: HistoryForm | None = None
    join_within: Annotated[int, Field(strict=True, ge=0, le=3_660)] = 0
    seed: Annotated[str, Field(pattern=r"^[^|\x00-\x1f]{1,500}$")] | None = None
    seed_from: Label
    language: Literal["en", "zh"] = "en"

    @model_validator(mode="after")
    def holds_together(self) -> Self:
        if self.first > self.last:
            raise wrong("scenario-wrong", "the plan ends before it begins")
        ids = [department.id for department in self.departments]
        if twice := sorted({name for name in ids if ids.count(name) > 1}):
            raise wrong("scenario-wrong", f"there are two departments `{twice[0]}`")
        for name in (self.inspectors, self.triggers, self.tolerance):
            if name is not None:
                check_inside(name)
        return self
