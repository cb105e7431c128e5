"""The form of a rulebook file: one pydantic model for each section, the editors' JSON Schema, nothing of meaning.

What the parts mean together (names, types, ranges, gaps, citations) is checked in `meaning`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from .outcomes import Inspection, OutcomeTable, Service, Warning_
from .parts import (
    RULEBOOK_ID,
    Block,
    Condition,
    DayText,
    Exact,
    Form,
    GradeName,
    Label,
    Name,
    RangeText,
    wrong,
)
from .registers import Fact, Register

__all__ = [
    "Adjust",
    "BinCell",
    "Bins",
    "Case",
    "Cases",
    "Document",
    "Each",
    "Family",
    "GradeRow",
    "Grades",
    "InForce",
    "Item",
    "Matrix",
    "PointRow",
    "Score",
    "Side",
    "Source",
]


class Source(Form):
    """A published text that a rulebook rests on, and how good the copy was that was seen."""

    instrument: str
    title: Label | None = None
    issued: DayText | None = None
    until: DayText | None = None
    seen: Literal["official", "press", "mirror", "recalled"]
    url: str | None = None
    note: str | None = None


class PointRow(Block):
    """A row of a points table: `when` and `give`, or `otherwise`."""

    when: Condition | None = None
    give: Exact | None = None
    otherwise: Exact | None = None
    id: Name | None = None
    label: Label | None = None

    @model_validator(mode="after")
    def one_form(self) -> Self:
        if (self.otherwise is None) == (self.when is None) or (self.when is None) != (self.give is None):
            raise wrong("value-wrong", "a row has `when` and `give`, or `otherwise`")
        return self

    @property
    def points(self) -> Decimal:
        """The points of the row."""
        return self.give if self.give is not None else self.otherwise or Decimal(0)


def as_cell(value: Any) -> Any:
    return {"give": value} if isinstance(value, int | Decimal) else value


class BinCell(Block):
    """The points of one bin."""

    give: Exact
    id: Name | None = None
    label: Label | None = None


class Bins(Form):
    """Points by the interval in which a number lies."""

    of: Condition
    table: Annotated[dict[str, Annotated[BinCell, BeforeValidator(as_cell)]], Field(min_length=1)]


class Each(Form):
    """So many points for each one counted, within bounds."""

    of: Condition
    give: Exact
    at_least: Exact | None = None
    at_most: Exact | None = None


class Item(Block):
    """One indicator; its points come from exactly one of `points`, `bins` and `each`."""

    label: Label | None = None
    points: Annotated[list[PointRow], Field(min_length=1)] | None = None
    bins: Bins | None = None
    each: Each | None = None

    @model_validator(mode="after")
    def one_form(self) -> Self:
        if sum(form is not None for form in (self.points, self.bins, self.each)) != 1:
            raise wrong("value-wrong", "an item has exactly one of `points`, `bins` and `each`")
        return self


class Family(Block):
    """Items that are totalled together."""

    label: Label | None = None
    items: Annotated[dict[Name, Item], Field(min_length=1)]
    total: Literal["sum", "max", "min"] = "sum"
    at_least: Exact | None = None
    at_most: Exact | None = None


class Score(Block):
    """One number over the families, with the range it promises and its direction."""

    is_: Condition = Field(alias="is")
    between: Annotated[list[Exact], Field(min_length=2, max_length=2)]
    worse: Literal["higher", "lower"]
    clip: Annotated[bool, Field(strict=True)] = False
    label: Label | None = None


class GradeRow(Block):
    """A row of a grade table: `when` and `grade`, or `otherwise`."""

    when: Condition | None = None
    grade: GradeName | None = None
    otherwise: GradeName | None = None
    id: Name | None = None
    label: Label | None = None

    @model_validator(mode="after")
    def one_form(self) -> Self:
        if (self.otherwise is None) == (self.when is None) or (self.when is None) != (self.grade is None):
            raise wrong("value-wrong", "a row has `when` and `grade`, or `otherwise`")
        return self

    @property
    def gives(self) -> str:
        """The grade of the row."""
        return self.grade or self.otherwise or ""


class Side(Form):
    """One side of a matrix: what is looked at, and the values in the order of the cells."""

    of: Condition
    values: Annotated[list[Any], Field(min_length=1)]


class Matrix(Form):
    """Grades by two things at once; `cells` has one row for each value of `down`."""

    across: Side
    down: Side
    cells: list[list[GradeName]]


class Grades(Block):
    """The ordered grades, best first, and how one is found."""

    order: Annotated[list[GradeName], Field(min_length=2, max_length=26)]
    bands: dict[GradeName, RangeText] | None = None
    rows: Annotated[list[GradeRow], Field(min_length=1)] | None = None
    hit: Literal["first", "unique"] = "first"
    matrix: Matrix | None = None
    labels: dict[GradeName, Label] = Field(default_factory=dict)

    @model_validator(mode="after")
    def one_form(self) -> Self:
        if sum(form is not None for form in (self.bands, self.rows, self.matrix)) != 1:
            raise wrong("value-wrong", "grades have exactly one of `bands`, `rows` and `matrix`")
        return self


class Adjust(Block):
    """A rule that sets, holds or shifts the grade that the score gave."""

    id: Name
    when: Condition
    grade: GradeName | None = None
    at_best: GradeName | None = None
    at_worst: GradeName | None = None
    worse_by: Annotated[int, Field(strict=True, ge=1, le=25)] | None = None
    better_by: Annotated[int, Field(strict=True, ge=1, le=25)] | None = None
    stop_at: GradeName | None = None
    final: Annotated[bool, Field(strict=True)] = False
    label: Label | None = None

    @model_validator(mode="after")
    def one_form(self) -> Self:
        forms = (self.grade, self.at_best, self.at_worst, self.worse_by, self.better_by)
        if sum(form is not None for form in forms) != 1:
            raise wrong("value-wrong", "an adjustment has exactly one of `grade`, `at_best`, `at_worst`, `worse_by` and `better_by`")
        if self.stop_at is not None and self.worse_by is None and self.better_by is None:
            raise wrong("value-wrong", "`stop_at` goes with `worse_by` or `better_by`")
        return self


class InForce(Form):
    """From which day, and until which day (the last one included), a rulebook holds."""

    since: DayText = Field(alias="from")
    until: DayText | None = None


class Case(Form):
    """One enterprise and what the rulebook must say of it; with `matter`, also of the path it takes there."""

    case: Annotated[str, Field(min_length=1, max_length=200)]
    matter: Name | None = None
    facts: dict[str, Any]
    as_of: DayText | None = None
    law_at: DayText | None = None
    expect: dict[str, Any]
    note: str | None = None


class Cases(Form):
    """The cases of a rulebook, in a file beside it."""

    tests: list[Case]


class Document(Block):
    """A whole rulebook file, with each dated value resolved."""

    rulebook: Annotated[str, Field(pattern=f"^{RULEBOOK_ID}$", max_length=100)]
    edition: Annotated[str, Field(max_length=30)]
    title: Label
    authority: Label
    in_force: InForce
    audience: Literal["internal", "public"]
    notice: Label | None = None
    sources: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")], Source] = Field(default_factory=dict)
    facts: Annotated[dict[Name, Fact], Field(min_length=1)]
    registers: dict[Name, Register] = Field(default_factory=dict)
    uses: dict[Name, Annotated[str, Field(pattern=f"^{RULEBOOK_ID}$")]] = Field(default_factory=dict)
    terms: dict[Name, Condition] = Field(default_factory=dict)
    indicators: dict[Name, Family] = Field(default_factory=dict)
    score: Score | None = None
    grades: Grades
    adjust: list[Adjust] = Field(default_factory=list)
    always: list[Condition] = Field(default_factory=list)
    inspection: Inspection | None = None
    service: Service | None = None
    outcomes: dict[Name, OutcomeTable] = Field(default_factory=dict)
    warnings: list[Warning_] = Field(default_factory=list)
    tests: list[Case] = Field(default_factory=list)
