"""What a compiled rulebook is made of: inputs, steps, rules with their bits, and output columns. All immutable."""

from __future__ import annotations

from dataclasses import dataclass

from ..rulebook.facts import FactSpec
from ..rulebook.law import Basis, Law, Steps
from ..rulebook.parts import Words
from .expr import AsOf, Expr, walk

__all__ = ["BITS", "Output", "Part", "Program", "Refusal", "Rule", "Step"]

BITS = 63  # bits of a reason column: a non-negative 64-bit integer


@dataclass(frozen=True, slots=True)
class Step:
    """A named value, worked out from inputs and earlier steps."""

    name: str
    expr: Expr
    type: str  # boolean, integer, text


@dataclass(frozen=True, slots=True)
class Part:
    """One of the conditions that a rule asks for together; where it compares two numbers or days, the two sides."""

    text: str
    expr: Expr
    sides: tuple[Expr, Expr] | None = None
    places: int = 0
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of a table: its stable id, its bit in the reason columns, and what it says.

    `table` is "points", "grade", "adjust", "inspection", "service", "outcome" or "warning". `label` is the whole text of
    the rule. `gives` are the points (scaled) of a points row, None where they vary; `points_step` names the step that
    holds an item's points, `holds_step` the one that says whether the rule's condition holds, and `parts` are what that
    condition asks for, one by one. For a grade row, `grade` is its rank. `path` is where it stands in the rulebook.
    """

    id: str
    bit: int
    table: str
    label: Words
    condition: str | None
    basis: Basis
    gives: int | None = None
    points_step: str | None = None
    holds_step: str | None = None
    parts: tuple[Part, ...] = ()
    grade: int | None = None
    path: Steps = ()

    @property
    def word(self) -> int:
        """The number of its reason column, from 1."""
        return self.bit // BITS + 1

    @property
    def mask(self) -> int:
        """Its bit inside that column."""
        return 1 << (self.bit % BITS)


@dataclass(frozen=True, slots=True)
class Output:
    """A column of the result: the step `of` as it is, divided by `10**places`, or looked up in `values` by its number."""

    name: str
    of: str
    type: str  # integer, number, text, boolean
    places: int = 0
    values: tuple[int | float | str | bool | None, ...] | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A step that, where it holds, keeps an enterprise from being graded."""

    step: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Program:
    """A rulebook at a law date, ready for any engine.

    Inputs are `fact.NAME` (scaled, never null) for each fact and `known.NAME` (boolean) for each fact that may be
    unknown; `steps` follow in order of need; `rules` are in order of their bits; `outputs` are the decided columns.
    """

    law: Law
    facts: tuple[FactSpec, ...]
    steps: tuple[Step, ...]
    rules: tuple[Rule, ...]
    outputs: tuple[Output, ...]
    refusals: tuple[Refusal, ...]
    grade_steps: tuple[str, ...]  # the grade before adjustments, then after each of them

    @property
    def words(self) -> int:
        """How many reason columns there are."""
        return -(-len(self.rules) // BITS)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the input columns, in order."""
        known = tuple(f"known.{fact.name}" for fact in self.facts if fact.missing == "unknown")
        return tuple(f"fact.{fact.name}" for fact in self.facts) + known

    @property
    def days(self) -> tuple[AsOf, ...]:
        """The days that depend on `as_of`, each once, in order of first use."""
        found = (part for step in self.steps for part in walk(step.expr) if isinstance(part, AsOf))
        return tuple(dict.fromkeys(found))
