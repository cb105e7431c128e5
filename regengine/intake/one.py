"""The facts of one enterprise, from a mapping: the same checks as for tables, in a few microseconds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any

from ..problems import Place, Problem, ProblemError, nearest
from ..rulebook.facts import FactSpec, Scaled
from ..rulebook.values import day_number, parse_day
from .frame import GRAIN, KINDS, NEAR

__all__ = ["Inputs", "Reader", "reader"]


@dataclass(frozen=True, slots=True)
class Inputs:
    """A program's inputs in order, the facts that were filled, and those that are unknown."""

    values: tuple[Scaled, ...]
    filled: tuple[str, ...]
    unknown: tuple[str, ...]


class Unfit(Exception):
    """A value that its fact cannot have: a problem code and the reason."""

    def __init__(self, code: str, reason: str, hint: str | None = None) -> None:
        super().__init__(reason)
        self.code, self.reason, self.hint = code, reason, hint


FAR = 2**62  # past every bound; no more is worked out of such a number
Read = Callable[[Any], Scaled]
Fields = tuple[str, Any, int, int, Read, FactSpec]


class Reader:
    """Reads mappings of facts for one program. Immutable once made, and safe to share between threads."""

    __slots__ = ("_facts", "_names", "_unknowns")

    def __init__(self, facts: Iterable[FactSpec]) -> None:
        specs = tuple(facts)
        self._facts: tuple[Fields, ...] = tuple((spec.name, *straight(spec), read_of(spec), spec) for spec in specs)
        self._names = frozenset(spec.name for spec in specs)
        self._unknowns = tuple(spec.name for spec in specs if spec.missing == "unknown")

    def read(self, facts: Mapping[str, Any], key: str) -> Inputs:
        """The inputs of one enterprise. Raises `ProblemError` with everything that is wrong with its facts."""
        values: list[Scaled] = []
        filled: list[str] = []
        unknown: list[str] = []
        problems: list[Problem] = []
        get = facts.get
        found = 0
        for name, kind, low, high, read, spec in self._facts:
            value: Any = get(name)
            if value.__class__ is kind and (kind is bool or low <= value <= high):  # most values: nothing to turn or to tell
                found += 1
                values.append(value)
                continue
            if value is None or missing(value):
                found += name in facts
                if spec.missing == "fill":
                    filled.append(name)
                    values.append(spec.stand_in)
                elif spec.missing == "unknown":
                    unknown.append(name)
                    values.append(spec.stand_in)
                else:
                    place = Place(key=enterprise_of(facts, key), field=name)
                    problems.append(Problem("fact-missing", f"the fact `{name}` must be known and has no value", place))
                continue
            found += 1
            try:
                values.append(read(value))
            except Unfit as unfit:
                place = Place(key=enterprise_of(facts, key), field=name)
                problems.append(Problem(unfit.code, str(unfit), place, unfit.hint))
        if found + (key in facts and key not in self._names) < len(facts):
            problems += self.strangers(facts, key)
        if problems:
            raise ProblemError(problems)
        values.extend([name not in unknown for name in self._unknowns])
        return Inputs(tuple(values), tuple(filled), tuple(unknown))

    def strangers(self, facts: Mapping[str, Any], key: str) -> list[Problem]:
        """A problem for each value whose name is not a fact."""
        return [
            Problem(
                "fact-unknown-name",
                f"`{name}` is not a fact of the rulebook",
                Place(key=enterprise_of(facts, key), field=str(name)),
                nearest(str(name), self._names),
            )
            for name in facts
            if name not in self._names and name != key
        ]


def reader(facts: Iterable[FactSpec]) -> Reader:
    """A reader for the facts of a program."""
    return Reader(facts)


def missing(value: Any) -> bool:
    """Whether a value is a NaN, as pandas writes a missing one."""
    return value.is_nan() if isinstance(value, Decimal) else bool(value != value)  # noqa: PLR0124 - only a NaN is not itself


def straight(spec: FactSpec) -> tuple[type | None, int, int]:
    """The Python type whose values a program takes as they are, and their bounds; None where each has to be turned."""
    if spec.type == "boolean":
        return bool, 0, 1
    return (int, *bounds(spec)) if spec.type == "integer" else (None, 0, 0)


def enterprise_of(facts: Mapping[str, Any], key: str) -> str | None:
    value = facts.get(key)
    return None if value is None else str(value)


def read_of(spec: FactSpec) -> Read:
    """The function that reads one value of a fact to its scaled form."""
    match spec.type:
        case "boolean":
            return boolean
        case "integer":
            return integer(spec)
        case "decimal":
            return decimal(spec)
        case "category":
            return category(spec)
        case "date":
            return date(spec)
        case _:
            return code


def native(value: Any) -> Any:
    """A NumPy scalar as the Python value it stands for."""
    item = getattr(value, "item", None)
    return item() if callable(item) and type(value).__module__ == "numpy" else value


def wrong_type(value: object, kind: str, hint: str | None = None) -> Unfit:
    shown = str(value)
    return Unfit("fact-wrong-type", f"`{shown if len(shown) <= 60 else shown[:59] + '…'}` is not {KINDS[kind]}", hint)


def boolean(value: Any) -> bool:
    if value is True or value is False:
        return bool(value)
    value = native(value)
    if isinstance(value, bool):
        return value
    raise wrong_type(value, "boolean", "write true or false")


def bounds(spec: FactSpec) -> tuple[int, int]:
    assert spec.low is not None and spec.high is not None
    return spec.low, spec.high


def outside(value: object, spec: FactSpec) -> Unfit:
    low, high = (shown(edge, spec) for edge in bounds(spec))
    told = "a very large number" if isinstance(value, int) and abs(value) > FAR else f"`{str(value)[:60]}`"
    return Unfit("fact-out-of-range", f"{told} is outside {low} to {high}")


def shown(scaled: int, spec: FactSpec) -> str:
    """A scaled bound as a user writes it."""
    if spec.type == "date":
        return str(dt.date.fromordinal(scaled + dt.date(1970, 1, 1).toordinal()))
    return str(Decimal(scaled).scaleb(-spec.places)) if spec.places else str(scaled)


def integer(spec: FactSpec) -> Read:
    low, high = bounds(spec)

    def read(value: Any) -> int:
        if value.__class__ is not int:
            value = whole(native(value), spec)
        if low <= value <= high:
            return int(value)
        raise outside(value, spec)

    return read


def whole(value: Any, spec: FactSpec) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, Decimal) or (isinstance(value, float) and isfinite(value)):
        if value > FAR or value < -FAR:
            raise outside(value, spec)
        if value == int(value):
            return int(value)
    raise wrong_type(value, spec.type)


def decimal(spec: FactSpec) -> Read:
    low, high = bounds(spec)

    def read(value: Any) -> int:
        value = native(value)
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or (isinstance(value, float) and not isfinite(value)):
            raise wrong_type(value, spec.type)
        if value > FAR or value < -FAR:
            raise outside(value, spec)
        number: int = scaled_float(value, spec) if isinstance(value, float) else scaled_exact(Decimal(value), spec)
        if low <= number <= high:
            return number
        raise outside(value, spec)

    return read


def scaled_float(value: float, spec: FactSpec) -> int:
    """As in a table: a binary float stands for the number of the fact's places that it is next to."""
    scaled: float = value * 10**spec.places
    if abs(scaled - round(scaled)) > abs(scaled) * GRAIN + NEAR:
        raise wrong_type(value, spec.type, f"at most {spec.places} decimal places")
    return round(scaled)


def scaled_exact(value: Decimal, spec: FactSpec) -> int:
    scaled = value.scaleb(spec.places)
    if scaled != int(scaled):
        raise wrong_type(value, spec.type, f"at most {spec.places} decimal places")
    return int(scaled)


def category(spec: FactSpec) -> Read:
    values = frozenset(spec.values or ())

    def read(value: Any) -> str:
        if value.__class__ is str and value in values:
            return str(value)
        if not isinstance(value, str):
            raise wrong_type(value, spec.type)
        raise Unfit("fact-unknown-value", f"`{value[:60]}` is not a value of `{spec.name}`", nearest(value, values))

    return read


def date(spec: FactSpec) -> Read:
    low, high = bounds(spec)

    def read(value: Any) -> int:
        if value.__class__ is not dt.date:
            value = day(value, spec)
        number = day_number(value)
        if low <= number <= high:
            return number
        raise outside(value, spec)

    return read


def day(value: Any, spec: FactSpec) -> dt.date:
    if isinstance(value, dt.datetime):
        if value.time() != dt.time():
            raise wrong_type(value, spec.type, "a day has no time of day")
        return value.date()
    try:
        return parse_day(value)
    except ValueError as error:
        raise Unfit("fact-wrong-type", str(error), "write YYYY-MM-DD") from None


def code(value: Any) -> str:
    value = native(value)
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise wrong_type(value, "code")
