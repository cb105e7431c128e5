"""The values of one run of a program, by name and in the user's terms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ..program.expr import AsOf, Column, Expr, walk
from ..program.program import Program
from ..rulebook.facts import FactSpec
from ..rulebook.values import EPOCH

__all__ = ["Trace", "exact", "fact_value", "facts_behind", "written"]

Value = int | bool | str
Shown = int | bool | str | Decimal | dt.date
Run = Callable[..., tuple[Value, ...]]


@dataclass(frozen=True, slots=True)
class Trace(Mapping[str, Value]):
    """Every input and step of one run: a mapping from its name to its value inside the program."""

    place: Mapping[str, int]
    values_: tuple[Value, ...]

    def __getitem__(self, name: str) -> Value:
        return self.values_[self.place[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self.place)

    def __len__(self) -> int:
        return len(self.values_)

    def number(self, name: str) -> int:
        """A value that is known to be a whole number."""
        return int(self.values_[self.place[name]])


def exact(scaled: int, places: int) -> int | Decimal:
    """A scaled integer as the number it stands for."""
    return Decimal(scaled).scaleb(-places) if places else scaled


def written(number: int | Decimal) -> str:
    """A number without the zeros that its decimal places leave."""
    text = f"{number:f}" if isinstance(number, Decimal) else str(number)
    return text.rstrip("0").rstrip(".") if "." in text else text


def fact_value(spec: FactSpec, scaled: Value) -> Shown:
    """A fact's value as its user knows it."""
    if spec.type == "date":
        return EPOCH + dt.timedelta(days=int(scaled))
    if spec.type in ("integer", "decimal"):
        return exact(int(scaled), spec.places)
    return scaled


def facts_behind(program: Program, expr: Expr) -> tuple[FactSpec, ...]:
    """The facts that an expression rests on, through all the steps between, in the rulebook's order."""
    steps = {step.name: step.expr for step in program.steps}
    facts = {f"fact.{spec.name}": spec for spec in program.facts} | {f"known.{spec.name}": spec for spec in program.facts}
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [expr]
    while waiting:
        for part in walk(waiting.pop()):
            if not isinstance(part, Column) or part.name in seen:
                continue
            seen.add(part.name)
            if part.name in facts:
                found.add(facts[part.name].name)
            elif part.name in steps:
                waiting.append(steps[part.name])
    return tuple(spec for spec in program.facts if spec.name in found)


Days = Mapping[AsOf, int]
