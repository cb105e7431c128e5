"""The form of a scenario file: a pydantic model for each part, and the reader that names every fault with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from ..problems import Problem, ProblemError, nearest
from ..rulebook.form import read_model
from ..rulebook.located import Located, read_yaml
from ..rulebook.parts import DayText, Duration, Exact, Form, Label, Name, Ratio, as_list, wrong
from ..run_record import FILE_NAME, sha256_of
from .backtest_form import BacktestForm
from .compare_form import CompareForm
from .plan_form import PlanForm, check_inside
from .project_form import ProjectForm

__all__ = [
    "By", "COMPARED", "Data", "Document", "Due", "Ordered", "Outputs", "Period", "Published", "PublishedGain", "REORDERED", "Reorder", "Report", "Scenario",
    "Synth",
    "read_scenario", "rejects_of",
]  # fmt: skip

Columns = Annotated[list[str], BeforeValidator(as_list), Field(min_length=1)]
Whole = Annotated[int, Field(strict=True, ge=0)]
REORDERED = "reordered.parquet"  # the visits of a report `reorder`
COMPARED = "compared.parquet"  # those of a backtest


class Synth(Form):
    """A synthetic population instead of tables: `regengine synth` makes the same from the same size and seed."""

    population: Literal["netdz"]
    size: Whole
    seed: Whole
    zone: str | None = None


class Data(Form):
    """The table and, where facts are worked out from registers, their tables; or a synthetic population.

    Each is a path inside the scenario's folder, or with `from: shared` a file or folder of Parquet files that the user brings.
    With `enterprises_of` there is no table: the enterprises are those that a register names.
    """

    file: str | None = None
    enterprises_of: Name | None = None
    registers: dict[Name, str] = Field(default_factory=dict)
    origin: Literal["here", "shared"] = Field(default="here", alias="from")
    synth: Synth | None = None

    @model_validator(mode="after")
    def one_form(self) -> Self:
        given = sum(one is not None for one in (self.file, self.enterprises_of, self.synth))
        if given != 1 or (self.synth and (self.registers or self.origin == "shared")):
            raise wrong("scenario-wrong", "data is a `file` or `enterprises_of`, with `registers` where facts are worked out from them, or `synth` alone")
        if self.enterprises_of is not None and self.enterprises_of not in self.registers:
            raise wrong("scenario-wrong", f"`{self.enterprises_of}` is not among the `registers`", nearest(self.enterprises_of, self.registers))
        for name in (self.file, *self.registers.values()):
            if name is not None:
                check_inside(name)
        return self


class Publisher(Form):
    """Who publishes the data, where it is offered, and on what terms."""

    publisher: Label
    where: str
    terms: Label


class Outputs(Form):
    """The names of the tables that are written: Parquet, without folders."""

    graded: str = "graded.parquet"
    rejects: str = "rejects.parquet"

    @model_validator(mode="after")
    def plain(self) -> Self:
        for name in (self.graded, self.rejects):
            if not re.fullmatch(FILE_NAME, name) or not name.endswith(".parquet"):
                raise wrong("scenario-wrong", f"`{name}` cannot be the name of an output", "write a plain name that ends with `.parquet`")
        if self.graded.lower() == self.rejects.lower():
            raise wrong("scenario-wrong", f"`{self.graded}` is the name of both outputs", "graded rows and rejects are two files")
        return self


class By(Form):
    """A column of the table, with what it and its values are called."""

    column: str
    label: Label | None = None
    labels: dict[str, Label] = Field(default_factory=dict)


def as_by(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


class Published(Form):
    """A distribution of grades that was published somewhere: enterprises by grade, and who published them."""

    label: Label
    rows: dict[str, Whole]
    source: Label


class Due(Form):
    """What the report on due inspections reads: columns of the graded table.

    `inspected` holds the day of an inspection, `every` the interval to the next one and `latest` the time in which it
    must have taken place at the latest (both spans of time, such as `3 years`); `enterprise` names who was inspected.
    """

    inspected: str
    every: str = "inspection_every"
    latest: str | None = None
    enterprise: Columns


class Ordered(Form):
    """An order from elsewhere: a column of the register by which visits are put in order, the worse first."""

    column: str
    label: Label
    worse: Literal["higher", "lower"] = "higher"


class PublishedGain(Form):
    """What was published of an order: how many days earlier, the share found in the first half of the visits, and who published it."""

    label: Label
    days: Exact
    first_half: Ratio | None = None
    source: Label


class Period(Form):
    """Days whose visits are put in another order: all in one plan, or a plan for `every` so many months or days, each made the day before.

    With `only`, the rows that have these texts in these columns. Orders `beside` ours need a value in each row.
    """

    label: Label
    first: DayText
    last: DayText
    every: Duration | None = None
    only: dict[str, str] = Field(default_factory=dict)
    beside: list[Ordered] = Field(default_factory=list)
    published: list[PublishedGain] = Field(default_factory=list)

    @model_validator(mode="after")
    def forward(self) -> Self:
        if self.last < self.first:
            raise wrong("scenario-wrong", f"the period ends on {self.last}, before it begins on {self.first}")
        if self.every is not None and self.every.unit == "working day":
            raise wrong("scenario-wrong", f"`{self.every}` cannot be counted without a calendar of working days", "write it in days, months or years")
        return self


class Reorder(Form):
    """What the report on another order of the same visits reads: the register that holds them, and the column of it that counts what they found.

    A visit found something where `found` is more than 0. Intervals come from so many `resamples`, drawn with `seed`.
    """

    visits: Name
    found: By
    periods: list[Period] = Field(min_length=1)
    resamples: Annotated[int, Field(strict=True, ge=100, le=20_000)] = 1000
    seed: Whole


class Report(Form):
    """What is reported: counts of decided columns (`warnings` stands for all early warnings), due inspections, and another order of visits.

    The values of `by` stand side by side; each column of `grades_by` gets a table of its own with a row for each of its values.
    Distributions that are `published` stand beside the grades.
    """

    counts: list[str] = Field(default_factory=lambda: ["grade"])
    by: By | None = None
    grades_by: list[Annotated[By, BeforeValidator(as_by)]] = Field(default_factory=list)
    published: list[Published] = Field(default_factory=list)
    due: Due | None = None
    reorder: Reorder | None = None


class Document(Form):
    """A scenario file as written."""

    scenario: str = Field(pattern=r"^[a-z][a-z0-9-]{0,59}$")
    title: Label
    rulebook: str
    reforms: list[str] = Field(default_factory=list)
    law_at: DayText | None = None
    as_of: DayText
    known_at: DayText | None = None
    data: Data
    source: Publisher | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    absent: list[str] = Field(default_factory=list)
    key: Columns = Field(default_factory=lambda: ["enterprise"])
    rejects: Literal["allowed", "refused"] = "refused"
    outputs: Outputs = Outputs()
    report: Report = Report()
    plan: PlanForm | None = None
    backtest: BacktestForm | None = None
    project: ProjectForm | None = None
    compare: CompareForm | None = None
    notes: list[Label] = Field(default_factory=list)

    @model_validator(mode="after")
    def offered(self) -> Self:
        if self.data.origin == "shared" and self.source is None:
            raise wrong("scenario-wrong", "data that the user brings needs a `source`", "say who publishes it, where, and on what terms")
        read = list(self.columns.values())
        if twice := sorted({column for column in read if read.count(column) > 1}):
            raise wrong("scenario-wrong", f"the column `{twice[0]}` is given to two facts", "a column can stand for one fact")
        return self

    @model_validator(mode="after")
    def with_plans(self) -> Self:
        if self.compare and self.compare.plans and (self.plan is None or self.plan.seed is None):
            raise wrong("scenario-wrong", "two plans are compared, and nothing says how they are made", "write `plan`, with its `seed`")
        return self

    @model_validator(mode="after")
    def with_visits(self) -> Self:
        if (reorder := self.report.reorder) and reorder.visits not in self.data.registers:
            raise wrong(
                "scenario-wrong", f"the report reorders `{reorder.visits}`, and `data` gives no table of it", nearest(reorder.visits, self.data.registers)
            )
        if reorder and REORDERED in {self.outputs.graded, self.outputs.rejects}:
            raise wrong("scenario-wrong", f"`{REORDERED}` is where the reordered visits go", "give the output another name")
        return self

    @model_validator(mode="after")
    def with_past_visits(self) -> Self:
        if self.backtest and self.backtest.visits is not None and self.backtest.visits not in self.data.registers:
            hint = nearest(self.backtest.visits, self.data.registers)
            raise wrong("scenario-wrong", f"the backtest is about `{self.backtest.visits}`, and `data` gives no table of it", hint)
        if self.backtest and self.backtest.visits is None and self.data.file is None:
            raise wrong("scenario-wrong", "the backtest is about the data's own table, and there is none", "name the register of the `visits`")
        if self.backtest and COMPARED in {self.outputs.graded, self.outputs.rejects}:
            raise wrong("scenario-wrong", f"`{COMPARED}` is where the visits of the backtest go", "give the output another name")
        return self

    @model_validator(mode="after")
    def with_registers(self) -> Self:
        if self.data.synth or self.data.registers:
            if len(self.key) > 1:
                raise wrong("scenario-wrong", "registers name an enterprise by one column, and `key` joins several")
            if taken := {self.outputs.graded, self.outputs.rejects} & {rejects_of(name) for name in self.data.registers}:
                raise wrong("scenario-wrong", f"`{min(taken)}` is where the rejected entries of a register go", "give the output another name")
        elif self.known_at is not None:
            raise wrong("scenario-wrong", "`known_at` is about the entries of registers, and there are none", "leave it out, or name `registers`")
        return self


def rejects_of(register: str) -> str:
    """The output that holds the entries of a register that could not be read."""
    return f"{register}.rejects.parquet"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario file without faults of form: what it says, where each value stands, and the SHA-256 of its bytes."""

    file: Path
    shown: str
    sha256: str
    document: Document
    root: Located

    @property
    def id(self) -> str:
        """The scenario's name, such as `quickstart`."""
        return self.document.scenario

    @property
    def rulebook(self) -> str | Path:
        """The id of a shipped rulebook, or the path of one beside the scenario."""
        name = self.document.rulebook
        return self.file.parent / name if Path(name).suffix in (".yaml", ".yml") else name

    def problem(self, path: tuple[str | int, ...], message: str, hint: str | None = None) -> Problem:
        """A `scenario-wrong` at the place of the value at `path`."""
        return Problem("scenario-wrong", message, self.root.place(path, self.shown), hint)


def read_scenario(path: str | Path) -> Scenario:
    """Read a scenario file. Raises `ProblemError` with every fault of its form, each with file, line and column."""
    file = Path(path)
    shown = str(path)
    root = read_yaml(file, shown)
    document, problems = read_model(Document, root, shown)
    if document is None or problems:
        raise ProblemError(problems)
    return Scenario(file, shown, sha256_of(file), document, root)
