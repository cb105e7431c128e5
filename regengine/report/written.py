"""A rulebook as plain data under the keys of its file, and what its text changes from one period of the law to the next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ..decision.decision import ratio_text
from ..rulebook.law import Law, Steps
from ..rulebook.outcomes import OutcomeRow
from ..rulebook.parts import Form
from ..rulebook.values import BeforePromised, Interval, Span

__all__ = ["Change", "as_written", "changes", "plain"]

BOUND = {"at_least", "at_most", "per"}  # a floor and a ceiling change together


@dataclass(frozen=True, slots=True)
class Change:
    """A value that one law has otherwise than the law before it; None where one of them has none."""

    path: Steps
    before: object
    after: object


def as_written(part: Form) -> dict[str, object]:
    """A part of a rulebook under the keys of its file, without those that were left out."""
    made: dict[str, object] = {}
    for name, field in type(part).model_fields.items():
        value = getattr(part, name)
        if isinstance(part, OutcomeRow) and name == "values":
            made |= {key: plain(one) for key, one in value.items()}
        elif value not in (None, [], {}):
            made[field.alias or name] = plain(value)
    return made


def plain(value: object) -> object:
    """Any value of a rulebook as JSON data, written as in its file."""
    match value:
        case Form():
            return as_written(value)
        case dict():
            return {str(key): plain(below) for key, below in value.items()}
        case list():
            return [plain(below) for below in value]
        case Decimal():
            return int(value) if value == int(value) else float(value)
        case Fraction():
            return ratio_text(value)
        case Interval():
            return value.text
        case dt.date() | Span() | BeforePromised():
            return str(value)
        case _:
            return value


def changes(before: Law, after: Law) -> list[Change]:
    """What the text of `after` says otherwise than that of `before`, in the order of the file; cases are no part of the text."""
    texts = [{key: value for key, value in as_written(law.document).items() if key != "tests"} for law in (before, after)]
    return list(differing((), *texts))


def differing(path: Steps, before: object, after: object) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict) and not BOUND.issuperset({*before, *after}):
        for key in dict.fromkeys((*before, *after)):
            yield from differing((*path, key), before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list) and path and all(isinstance(one, dict) for one in (*before, *after)):
        olds, news = named(before), named(after)
        for key in dict.fromkeys((*olds, *news)):
            yield from differing((*path, key), olds.get(key), news.get(key))
    else:
        yield Change(path, before, after)


def named(rows: list[Mapping[str, object]]) -> dict[str | int, object]:
    """Rows of a list by their ids; those without one by their places."""
    return {str(row["id"]) if "id" in row else place: row for place, row in enumerate(rows)}
