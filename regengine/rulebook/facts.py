"""Facts in the form in which programs and intake use them: exact scaled integers, day numbers, fixed bounds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from .declared import widest
from .law import Law
from .parts import Words
from .registers import Fact
from .values import day_number, parse_day

__all__ = ["FactSpec", "Scaled", "fact_specs"]

Scaled = int | bool | str
FIRST_DAY, LAST_DAY = day_number(dt.date(1, 1, 1)), day_number(dt.date(9999, 12, 31))


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One fact: its type, its bounds, and what a missing value means.

    `low` and `high` are scaled integers (`decimal`: times 10**places) or day numbers, None for other types. `missing` is
    "reject", "unknown" or "fill".
    """

    name: str
    type: str
    places: int
    low: int | None
    high: int | None
    values: tuple[str, ...] | None
    missing: str
    changeable: bool
    from_registers: bool
    unit: str | None
    label: Words | None
    stand_in: Scaled  # of a missing value: what the fact says, or for an unknown one a value that no use looks at


def fact_specs(law: Law) -> Iterator[FactSpec]:
    """The facts of a law, then those of the rulebooks it uses that it does not declare itself."""
    seen: set[str] = set()
    for name, fact in law.document.facts.items():
        seen.add(name)
        yield spec_of(name, fact)
    for used in law.uses.values():
        for spec in fact_specs(used):
            if spec.name not in seen:
                seen.add(spec.name)
                yield spec


def spec_of(name: str, fact: Fact) -> FactSpec:
    places = fact.places or 0
    low: int | None = None
    high: int | None = None
    if fact.type in ("integer", "decimal"):
        low = int((fact.min if fact.min is not None else -widest(fact)) * 10**places)
        high = int((fact.max if fact.max is not None else widest(fact)) * 10**places)
    elif fact.type == "date":
        low = day_number(fact.min) if fact.min is not None else FIRST_DAY
        high = day_number(fact.max) if fact.max is not None else LAST_DAY
    values = tuple(fact.values) if fact.values else None
    missing = fact.missing if fact.missing in ("reject", "unknown") else "fill"
    stand_in: Scaled = values[0] if values else False if fact.type == "boolean" else "" if fact.type == "code" else max(low or 0, min(high or 0, 0))
    if missing == "fill":
        if fact.type == "date":
            stand_in = day_number(parse_day(fact.missing))
        elif fact.type in ("integer", "decimal"):
            stand_in = int(Decimal(fact.missing) * 10**places)
        else:
            stand_in = cast(Scaled, fact.missing)
    return FactSpec(
        name, fact.type, places, low, high, values, missing, fact.changeable, fact.from_ is not None, fact.unit, fact.label, stand_in
    )  # fmt: skip
