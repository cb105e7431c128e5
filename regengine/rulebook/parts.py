"""What the form of a rulebook is made of: validators that read texts and numbers, and the blocks that all sections share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from .values import MOST_PLACES, BeforePromised, Interval, Span, parse_day, parse_interval, parse_ratio, parse_span, places_of

__all__ = [
    "AGGREGATES",
    "BeforePromised",
    "Block",
    "ColumnName",
    "Condition",
    "Count",
    "DayText",
    "Duration",
    "Exact",
    "Form",
    "GradeName",
    "LARGEST",
    "Label",
    "NAME",
    "Name",
    "RULEBOOK_ID",
    "RangeText",
    "Ratio",
    "RegisterName",
    "Within",
    "Words",
    "as_bound",
    "as_condition",
    "as_edge",
    "as_list",
    "as_words",
    "exact",
    "say",
    "schema",
    "written",
    "wrong",
]

NAME = r"[a-z][a-z0-9_]*"
AGGREGATES = ("count", "any", "latest", "earliest", "days_since", "sum", "max", "min", "related")
RULEBOOK_ID = r"[a-z][a-z0-9-]*/[a-z][a-z0-9-]*"


def wrong(code: str, message: str, hint: str | None = None) -> PydanticCustomError:
    """A fault with one of our own codes; braces are kept from being read as a template."""
    return PydanticCustomError("regengine", "{message}", {"code": code, "message": message, "hint": hint or ""})


def written(parse: Callable[[str], Any], code: str, hint: str) -> Callable[[Any], Any]:
    """A validator that reads a text, or a bare number, with `parse`."""

    def read(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise wrong(code, f"`{say(value)}` is not of the form that is asked for here", hint)
        try:
            return parse(str(value))
        except ValueError as error:
            raise wrong(code, str(error), hint) from None

    return read


def say(value: object) -> str:
    """A value in the words of the file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"


LARGEST = Decimal(10**12)


def exact(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise wrong("value-wrong", f"`{say(value)}` is not a number", "write a plain number such as 2.5")
    if places_of(value) > MOST_PLACES:
        raise wrong("places-exceeded", f"`{value}` has {places_of(value)} decimal places, the limit is {MOST_PLACES}")
    if abs(Decimal(value)) > LARGEST:
        raise wrong("range-exceeded", f"`{value}` is past 1,000,000,000,000")
    return Decimal(value)


def as_edge(value: Any) -> Any:
    """A bound of a fact: an exact number, or a day."""
    return written(parse_day, "date-wrong", "write YYYY-MM-DD")(value) if isinstance(value, str) else exact(value)


def as_words(value: Any) -> Any:
    return {"en": value} if isinstance(value, str) else value


def as_condition(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        raise wrong("value-wrong", f"`{say(value)}` is not a condition", "write a condition as text, such as `penalties >= 3`")
    return value


def as_bound(value: Any) -> Any:
    return {"at_least": value, "at_most": value} if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else value


def as_list(value: Any) -> Any:
    return [value] if isinstance(value, str | dict) else value


def schema(kind: str, pattern: str | None = None) -> WithJsonSchema:
    return WithJsonSchema({"type": kind, "pattern": pattern} if pattern else {"type": kind})


Exact = Annotated[Decimal, BeforeValidator(exact), schema("number")]
Condition = Annotated[str, BeforeValidator(as_condition), WithJsonSchema({"type": ["string", "boolean"]})]
RangeText = Annotated[
    Interval, BeforeValidator(written(parse_interval, "interval-wrong", "write `[a, b)`, `<= a`, or a number")), PlainSerializer(str), schema("string")
]
Duration = Annotated[
    Span,
    BeforeValidator(written(parse_span, "value-wrong", "write `30 days`, `12 months`, `2 years` or `20 working days`")),
    PlainSerializer(str),
    schema("string"),
]


def as_within(value: Any) -> Any:
    """A span, or `{at_most, before_promised}`: one worked out from the promised time, both in working days."""
    if isinstance(value, BeforePromised | Span):
        return value
    if not isinstance(value, dict):
        return READ_SPAN(value)
    if set(value) != {"at_most", "before_promised"}:
        raise wrong("value-wrong", "a span before the promised time has `at_most` and `before_promised`, and nothing else", WITHIN)
    found = {key: READ_SPAN(one) for key, one in value.items()}
    if any(span.unit != "working day" for span in found.values()):
        raise wrong("value-wrong", "a span before the promised time is counted in working days", WITHIN)
    return BeforePromised(**found)


WITHIN = "write `20 working days`, or `{at_most: 20 working days, before_promised: 2 working days}`"
READ_SPAN = written(parse_span, "value-wrong", WITHIN)
Within = Annotated[
    Span | BeforePromised,
    BeforeValidator(as_within),
    PlainSerializer(str),
    WithJsonSchema({
        "anyOf": [
            {"type": "string"},
            {
                "type": "object", "additionalProperties": False, "required": ["at_most", "before_promised"],
                "properties": {"at_most": {"type": "string"}, "before_promised": {"type": "string"}},
            },
        ]
    }),
]  # fmt: skip
Ratio = Annotated[
    Fraction, BeforeValidator(written(parse_ratio, "value-wrong", "write `2%` or `1/3`")), PlainSerializer(str), WithJsonSchema({"type": ["string", "integer"]})
]
DayText = Annotated[dt.date, BeforeValidator(written(parse_day, "date-wrong", "write YYYY-MM-DD")), schema("string", r"^\d{4}-\d{2}-\d{2}$")]
Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
RegisterName = Annotated[str, Field(pattern=f"^{NAME}$", max_length=60)]
ColumnName = Annotated[str, Field(pattern=rf"^{NAME}\.{NAME}$", max_length=121)]
Name = Annotated[str, Field(pattern=f"^{NAME}$", max_length=60)]
GradeName = Annotated[str, Field(pattern=r"^[^\s,|\"'`]{1,30}$")]


class Form(BaseModel):
    """Every mapping of a rulebook: unknown keys are faults, values are immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Words(Form):
    """A text for people, in English, Chinese, or both; each language stands in for the other."""

    en: str | None = None
    zh: str | None = None

    @model_validator(mode="after")
    def some(self) -> Self:
        if not (self.en or self.zh):
            raise wrong("value-wrong", "a text needs `en` or `zh`")
        return self

    def say(self, lang: str) -> str:
        """The text in `lang` (`en` or `zh`), or in the other language where that one is missing."""
        return (self.zh or self.en if lang == "zh" else self.en or self.zh) or ""


Label = Annotated[Words, BeforeValidator(as_words)]


class Block(Form):
    """A part that may say where its values come from, for itself and for all inside it."""

    cite: Annotated[list[str], BeforeValidator(as_list)] | None = None
    basis: Literal["published", "derived", "illustrative"] | None = None
    note: str | None = None
