"""The form of facts and registers: what must be known of an enterprise, and how it is worked out from the entries of registers."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from .parts import (
    AGGREGATES,
    Block,
    ColumnName,
    Condition,
    Duration,
    Exact,
    Form,
    Label,
    Name,
    RegisterName,
    as_edge,
    wrong,
)
from .values import MOST_PLACES

__all__ = ["Effect", "Fact", "From", "Register", "Related"]


class Related(Form):
    """What holds of related enterprises: those that a register of relations leads to, in one step or in up to two.

    `any` and `count` name a boolean fact of the same rulebook; `count` is for one step, since over two every pair would have
    to be looked at. An entry that has ended relates nobody, unless `open` is false.
    """

    by: RegisterName
    any: Name | None = None
    count: Name | None = None
    steps: Literal[1, 2] = 2
    within: Duration | None = None
    where: Condition | None = None
    open: Annotated[bool, Field(strict=True)] = True

    @model_validator(mode="after")
    def one_form(self) -> Self:
        if (self.any is None) == (self.count is None):
            raise wrong("value-wrong", "`related` has exactly one of `any` and `count`")
        if self.count is not None and self.steps != 1:
            raise wrong("value-wrong", "`count` goes with `steps: 1`", "write `steps: 1`; over two steps ask for `any`")
        return self

    @property
    def kind(self) -> str:
        """The aggregate: `any` or `count`."""
        return "any" if self.any is not None else "count"

    @property
    def fact(self) -> str:
        """The fact that is looked at in the related enterprises."""
        return self.any or self.count or ""


class From(Form):
    """How a fact is worked out from a register: one aggregate over the entries that count, or over related enterprises.

    `count`, `any`, `latest`, `earliest` and `days_since` name a register; `sum`, `max` and `min` a column of one. `related`
    says all that it needs itself.
    """

    count: RegisterName | None = None
    any: RegisterName | None = None
    latest: RegisterName | None = None
    earliest: RegisterName | None = None
    days_since: RegisterName | None = None
    sum: ColumnName | None = None
    max: ColumnName | None = None
    min: ColumnName | None = None
    related: Related | None = None
    within: Duration | None = None
    where: Condition | None = None
    open: Annotated[bool, Field(strict=True)] = False
    weights: dict[Duration, Exact] | None = None

    @model_validator(mode="after")
    def one_form(self) -> Self:
        if len(self.named) != 1:
            raise wrong("value-wrong", "a fact has exactly one of " + ", ".join(f"`{kind}`" for kind in AGGREGATES))
        if self.weights is not None and (self.kind not in ("count", "sum") or self.within is not None):
            raise wrong("value-wrong", "`weights` go with `count` or `sum`, and take the place of `within`")
        if self.related is not None and (self.within is not None or self.where is not None or self.open or self.weights is not None):
            raise wrong("value-wrong", "beside `related` there is nothing else", "write `within`, `where` and `open` inside it")
        return self

    @property
    def named(self) -> list[str]:
        """The aggregates that are asked for; a valid fact has one."""
        return [kind for kind in AGGREGATES if getattr(self, kind) is not None]

    @property
    def kind(self) -> str:
        """The aggregate: `count`, `any`, `sum` and so on."""
        return self.related.kind if self.related is not None else self.named[0]

    @property
    def register(self) -> str:
        """The name of the register."""
        return self.related.by if self.related is not None else str(getattr(self, self.kind)).partition(".")[0]

    @property
    def column(self) -> str:
        """The column of the register that is summed or compared; empty where entries are counted."""
        return "" if self.related is not None else str(getattr(self, self.kind)).partition(".")[2]

    @property
    def counting(self) -> From | Related:
        """What says which entries count, by `within`, `where` and `open`."""
        return self if self.related is None else self.related

    @property
    def path(self) -> tuple[str, ...]:
        """Where in a fact it is said which entries count."""
        return ("from",) if self.related is None else ("from", "related")


class Fact(Form):
    """What must be known of an enterprise."""

    type: Literal["boolean", "integer", "decimal", "category", "date", "code"]
    missing: Any
    label: Label | None = None
    min: Annotated[Any, BeforeValidator(as_edge)] = None
    max: Annotated[Any, BeforeValidator(as_edge)] = None
    values: Annotated[list[str], Field(min_length=1, max_length=1000)] | None = None
    places: Annotated[int, Field(strict=True, ge=0, le=MOST_PLACES)] | None = None
    unit: str | None = None
    changeable: Annotated[bool, Field(strict=True)] = True
    worse: Literal["higher", "lower"] | None = None
    from_: From | None = Field(default=None, alias="from")
    note: str | None = None


class Effect(Block):
    """How long entries hold, by their class: at the longest until they lapse by themselves, at the least before repair.

    `of` is the category column that holds the class; `longest` names every class, `least` those that must wait.
    """

    of: Name
    longest: Annotated[dict[str, Duration], Field(min_length=1)]
    least: dict[str, Duration] = Field(default_factory=dict)


class Register(Form):
    """A register from which facts are worked out, by the names of its table's columns.

    `key` names the enterprise, `date` the day of the event, `known` the day on which the authority knew of it, `ended` the
    day from which it no longer holds (removed, repaired, withdrawn); `columns` are declared as facts are. `id` names
    the entry, so that one that was delivered twice counts once. In a register of relations `other` names the other side, a
    person or an enterprise. With `effect` an entry also lapses by itself.
    """

    key: str
    date: str
    known: str | None = None
    ended: str | None = None
    id: str | None = None
    other: str | None = None
    columns: dict[Name, Fact] = Field(default_factory=dict)
    effect: Effect | None = None
    label: Label | None = None
