"""The form of a scenario's `backtest`: which past visits grades are set against, and what counts as found at a visit."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from ..rulebook.parts import DayText, Duration, Exact, Form, Label, Name, Ratio, as_list, wrong
from ..rulebook.values import Span

__all__ = ["BacktestCase", "BacktestForm", "FoundForm"]

Columns = Annotated[list[str], BeforeValidator(as_list), Field(min_length=1)]


class FoundForm(Form):
    """What counts as found at a visit: the sum of `columns` is more than a number (0 where nothing is said), or less than one."""

    name: Name
    label: Label
    columns: Columns
    more_than: Exact | None = None
    less_than: Exact | None = None

    @model_validator(mode="after")
    def one_bound(self) -> Self:
        if self.more_than is not None and self.less_than is not None:
            raise wrong("scenario-wrong", "a finding has `more_than` or `less_than`, not both")
        return self


class BacktestCase(Form):
    """Visits that are looked at by themselves: those that have these texts in these columns."""

    label: Label
    only: dict[str, str] = Field(default_factory=dict)


class BacktestForm(Form):
    """Past visits: those of a register (`visits`), or the rows of the data's own table, which then says whose visit (`enterprise`) on which `date`.

    Compared are visits from `first` to `last` that come more than the days of `follow_ups` after the visit before, of enterprises with so many `earlier`
    visits. `previous` takes facts from columns of the last visit on an earlier day. `capacity` is the share of visits at which it is asked what is
    captured, `every` the time between two plans, `split` the day on which the time is parted. Intervals come from so many `resamples` with `seed`.
    """

    visits: Name | None = None
    enterprise: Columns | None = None
    date: str | None = None
    found: list[FoundForm] = Field(min_length=1)
    cases: list[BacktestCase] = Field(default_factory=list)
    first: DayText
    last: DayText
    split: DayText | None = None
    follow_ups: Duration | None = None
    earlier: Annotated[int, Field(strict=True, ge=1)] = 1
    previous: dict[Name, str] = Field(default_factory=dict)
    capacity: Ratio = Fraction(1, 5)
    every: Duration = Span(3, "month")
    probability: str | None = None
    stratum: str | None = None
    resamples: Annotated[int, Field(strict=True, ge=100, le=20_000)] = 200
    seed: Annotated[int, Field(strict=True, ge=0)]

    @model_validator(mode="after")
    def whole(self) -> Self:
        if self.visits is None and (self.enterprise is None or self.date is None):
            raise wrong("scenario-wrong", "a backtest names the register of the `visits`, or `enterprise` and `date` in the data's own table")
        if self.visits is not None and (self.enterprise is not None or self.date is not None):
            raise wrong("scenario-wrong", "the rulebook says whose visits a register holds and when", "leave `enterprise` and `date` out")
        names = [one.name for one in self.found]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise wrong("scenario-wrong", f"`{twice[0]}` is found twice", "give each finding a name of its own")
        if self.follow_ups is not None and self.follow_ups.unit != "day":
            raise wrong("scenario-wrong", f"`{self.follow_ups}` is not counted in days", "write follow-ups in days, such as `30 days`")
        if self.every.unit == "working day":
            raise wrong("scenario-wrong", f"`{self.every}` cannot be counted without a calendar of working days", "write it in days, months or years")
        if self.last < self.first:
            raise wrong("scenario-wrong", f"the backtest ends on {self.last}, before it begins on {self.first}")
        if self.split is not None and not self.first < self.split <= self.last:
            raise wrong("scenario-wrong", f"the split on {self.split} leaves no days on one of its sides")
        if not self.capacity:
            raise wrong("scenario-wrong", "with no capacity nothing is captured", "give the share of the visits that can be made, such as `20%`")
        return self
