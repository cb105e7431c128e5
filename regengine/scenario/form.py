"""The form of a scenario file: a pydantic model for each part, and the reader that names every fault with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from ..problems import Problem, ProblemError
from ..rulebook.form import read_model
from ..rulebook.located import Located, read_yaml
from ..rulebook.parts import DayText, Form, Label, as_list, wrong
from ..run_record import FILE_NAME, sha256_of

__all__ = ["By", "Data", "Document", "Due", "Outputs", "Report", "Scenario", "read_scenario"]

Columns = Annotated[list[str], BeforeValidator(as_list), Field(min_length=1)]


class Data(Form):
    """The table: a path inside the scenario's folder, or with `from: shared` a file that the user brings."""

    file: str
    origin: Literal["here", "shared"] = Field(default="here", alias="from")

    @model_validator(mode="after")
    def inside(self) -> Self:
        path = Path(self.file)
        if not path.name or path.is_absolute() or ".." in path.parts:
            raise wrong("scenario-wrong", f"`{self.file}` leads out of the folder", "name a file inside the folder; `--data` takes any path")
        if not re.fullmatch(FILE_NAME, path.name):
            raise wrong("scenario-wrong", f"`{self.file}` cannot be the name of a table", "a name does not begin with a dot and holds no control character")
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
    """A column of the table whose values stand side by side in the report, with what they are called."""

    column: str
    labels: dict[str, Label] = Field(default_factory=dict)


class Due(Form):
    """What the report on due inspections reads: columns of the graded table.

    `inspected` holds the day of an inspection, `every` the interval to the next one and `latest` the time in which it
    must have taken place at the latest (both spans of time, such as `3 years`); `enterprise` names who was inspected.
    """

    inspected: str
    every: str = "inspection_every"
    latest: str | None = None
    enterprise: Columns


class Report(Form):
    """What is reported: counts of decided columns (`warnings` stands for all early warnings), and due inspections."""

    counts: list[str] = Field(default_factory=lambda: ["grade"])
    by: By | None = None
    due: Due | None = None


class Document(Form):
    """A scenario file as written."""

    scenario: str = Field(pattern=r"^[a-z][a-z0-9-]{0,59}$")
    title: Label
    rulebook: str
    law_at: DayText | None = None
    as_of: DayText
    data: Data
    source: Publisher | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    absent: list[str] = Field(default_factory=list)
    key: Columns = Field(default_factory=lambda: ["enterprise"])
    rejects: Literal["allowed", "refused"] = "refused"
    outputs: Outputs = Outputs()
    report: Report = Report()
    notes: list[Label] = Field(default_factory=list)

    @model_validator(mode="after")
    def offered(self) -> Self:
        if self.data.origin == "shared" and self.source is None:
            raise wrong("scenario-wrong", "data that the user brings needs a `source`", "say who publishes it, where, and on what terms")
        read = list(self.columns.values())
        if twice := sorted({column for column in read if read.count(column) > 1}):
            raise wrong("scenario-wrong", f"the column `{twice[0]}` is given to two facts", "a column can stand for one fact")
        return self


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
