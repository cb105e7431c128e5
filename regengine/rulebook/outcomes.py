"""The form of what a grade brings: inspections, service paths, further tables, warnings."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from .parts import (
    Block,
    Condition,
    Count,
    Duration,
    Form,
    GradeName,
    Label,
    Name,
    Ratio,
    Within,
    as_bound,
    as_list,
    exact,
    say,
    wrong,
)

__all__ = [
    "Bound",
    "RatioBound",
    "VisitBound",
    "Outcome",
    "InspectionOutcome",
    "Cap",
    "Quiet",
    "Trigger",
    "Team",
    "By",
    "Inspection",
    "Matter",
    "Grants",
    "Fail",
    "Path",
    "Service",
    "OutcomeRow",
    "OutcomeTable",
    "Warning_",
]


class Bound(Form):
    """A floor, a ceiling, or both."""

    @model_validator(mode="after")
    def in_order(self) -> Self:
        at_least, at_most = getattr(self, "at_least", None), getattr(self, "at_most", None)
        if at_least is None and at_most is None:
            raise wrong("value-wrong", "a bound needs `at_least`, `at_most`, or both")
        if at_least is not None and at_most is not None and at_least > at_most:
            raise wrong("value-wrong", "`at_least` is above `at_most`")
        return self


class RatioBound(Bound):
    """A share of a class that is drawn; a plain ratio is floor and ceiling at once."""

    at_least: Ratio | None = None
    at_most: Ratio | None = None


class VisitBound(Bound):
    """Visits in a period."""

    at_least: Count | None = None
    at_most: Count | None = None
    per: Literal["year", "half-year", "quarter", "month"] = "year"


class Outcome(Block):
    """A row of an outcome table found by `rows`: `when`, or `otherwise: true`. Found by grade, it has neither."""

    when: Condition | None = None
    otherwise: Literal[True] | None = None
    id: Name | None = None
    label: Label | None = None

    @model_validator(mode="after")
    def one_form(self) -> Self:
        if self.when is not None and self.otherwise is not None:
            raise wrong("value-wrong", "a row has `when`, or `otherwise: true`")
        return self


class InspectionOutcome(Outcome):
    """What a grade or a row brings in inspections."""

    ratio: Annotated[RatioBound, BeforeValidator(as_bound)] | None = None
    visits: Annotated[VisitBound, BeforeValidator(as_bound)] | None = None
    every: Duration | None = None
    manner: Annotated[list[Literal["remote", "document", "site"]], BeforeValidator(as_list)] | None = None
    initiative: Literal["planned", "on_trigger"] | None = None


class Cap(Block):
    """The most visits to one enterprise in a period, and the kinds that do not count."""

    visits: Count
    per: Literal["year", "half-year", "quarter", "month"] = "year"
    scope: Literal["authority", "all"] = "authority"
    exempt: list[Label] = Field(default_factory=list)


class Quiet(Block):
    """A time in which no inspection is begun, by days of the month or by weekdays."""

    days_of_month: Annotated[list[Annotated[int, Field(strict=True, ge=1, le=31)]], Field(min_length=2, max_length=2)] | None = None
    weekdays: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]] | None = None
    exempt: list[Label] = Field(default_factory=list, alias="except")

    @model_validator(mode="after")
    def one_form(self) -> Self:
        if (self.days_of_month is None) == (self.weekdays is None):
            raise wrong("value-wrong", "a quiet time has exactly one of `days_of_month` and `weekdays`")
        return self


class Trigger(Block):
    """A reason for a visit outside the draw."""

    id: Name
    label: Label


class Team(Block):
    """How many inspectors go."""

    at_least: Count


class By(Block):
    """A table found by grade, or by rows; exactly one."""

    @model_validator(mode="after")
    def one_form(self) -> Self:
        if (getattr(self, "by_grade", None) is None) == (getattr(self, "rows", None) is None):
            raise wrong("value-wrong", "a table has exactly one of `by_grade` and `rows`")
        return self


class Inspection(By):
    """How often, how and by whom enterprises are inspected."""

    by_grade: dict[GradeName, InspectionOutcome] | None = None
    rows: Annotated[list[InspectionOutcome], Field(min_length=1)] | None = None
    cap: Annotated[list[Cap], BeforeValidator(as_list)] = Field(default_factory=list)
    gap: Duration | None = None
    quiet: Annotated[list[Quiet], BeforeValidator(as_list)] = Field(default_factory=list)
    triggers: list[Trigger] = Field(default_factory=list)
    team: Team | None = None
    random_floor: Ratio | None = None
    result_published_within: Duration | None = None


class Matter(Block):
    """A licence item with what it ordinarily asks of the applicant; `promised` names the fact that says the promised time of an application."""

    label: Label | None = None
    steps: list[str] = Field(default_factory=list)
    documents: list[str] = Field(default_factory=list)
    visits: Count = 0
    working_days: Count | None = None
    promised: Name | None = None

    @model_validator(mode="after")
    def one_time(self) -> Self:
        if self.working_days is not None and self.promised is not None:
            raise wrong("value-wrong", "a matter has `working_days`, or `promised`, and not both")
        return self


class Grants(Form):
    """What a path saves the applicant, and what is checked afterwards."""

    decision: str | None = None
    skip: Annotated[list[str], BeforeValidator(as_list)] | None = None
    waive: Annotated[list[str], BeforeValidator(as_list)] | None = None
    visits: Count | None = None
    working_days: Count | None = None
    supplement_within: Within | None = None
    check_after: Duration | None = None


class Fail(Block):
    """What makes a path fail once it is taken, and the path that then follows; without `then` none does."""

    id: Name
    label: Label
    then: Name | None = None


class Path(Block):
    """A service path, offered where `when` holds; `checked` says what is checked afterwards."""

    id: Name
    when: Condition | None = None
    otherwise: Literal[True] | None = None
    grants: Grants | None = None
    open_to: list[Name] | None = None
    closed_to: list[Annotated[str, Field(pattern=r"^[^\s,|\"'`]{1,60}$")]] | None = None
    label: Label | None = None
    checked: Label | None = None
    fails: list[Fail] = Field(default_factory=list)

    @model_validator(mode="after")
    def one_form(self) -> Self:
        if (self.when is None) == (self.otherwise is None):
            raise wrong("value-wrong", "a path has `when`, or `otherwise: true`")
        return self

    def opens(self, matter: str) -> bool:
        """Whether the path may be taken in a matter."""
        return (self.open_to is None or matter in self.open_to) and matter not in (self.closed_to or ())


class Service(Block):
    """Licence matters and the paths that open to an enterprise; `labels` are the texts of steps and documents."""

    matters: dict[Name, Matter] = Field(default_factory=dict)
    labels: dict[str, Label] = Field(default_factory=dict)
    paths: Annotated[list[Path], Field(min_length=1)]


def as_outcome(value: Any) -> Any:
    """The values of an outcome row stand beside its own keys; they are gathered under `values`."""
    if not isinstance(value, dict):
        return value
    own = {key for key in OutcomeRow.model_fields if key != "values"}
    return {**{k: v for k, v in value.items() if k in own}, "values": {k: v for k, v in value.items() if k not in own}}


def as_scalar(value: Any) -> Any:
    if isinstance(value, str | int | bool | Decimal):
        return exact(value) if isinstance(value, Decimal) else value
    raise wrong("value-wrong", f"`{say(value)}` is not a single value")


class OutcomeRow(Outcome):
    """A row of a table of the rulebook's own: any names with single values."""

    values: dict[Name, Annotated[Any, BeforeValidator(as_scalar)]]


class OutcomeTable(By):
    """A further table of what a grade or a row brings."""

    label: Label | None = None
    by_grade: dict[GradeName, Annotated[OutcomeRow, BeforeValidator(as_outcome)]] | None = None
    rows: Annotated[list[Annotated[OutcomeRow, BeforeValidator(as_outcome)]], Field(min_length=1)] | None = None


class Warning_(Block):
    """An early warning, given where `when` holds."""

    id: Name
    when: Condition
    level: Literal["info", "warning", "alert"]
    message: Label
