"""The form of a case file, and the rulebooks that stand in it, written to files and loaded.

`docs/conformance.md` says what the keys mean. Numbers are exact, as in rulebooks.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

import regengine as rg
from regengine.rulebook.located import read_yaml

from .naive import resolved

__all__ = ["CASES", "Case", "CaseFile", "Expect", "ExpectProblem", "Refusal", "Scheme", "load_schemes", "read_cases", "yaml_text"]

CASES = Path(__file__).with_name("cases")
Plain = dict[str, Any]


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Expect(Form):
    """What a decision must say; what is left out is not compared."""

    grade: str
    graded_by: str | None = None
    grade_before: str | None = None
    score: int | Decimal | None = None
    reasons: list[str] | None = None
    points: dict[str, int | Decimal] = Field(default_factory=dict)
    facts_filled: int | None = None
    outputs: dict[str, bool | int | Decimal | str | None] = Field(default_factory=dict)


class ExpectProblem(Form):
    """The one fault for which the enterprise is not graded."""

    code: str
    field: str | None = None


class Case(Form):
    """One enterprise under one rulebook, and what must come out; `as_of` is that of the file where it is left out."""

    case: str
    rulebook: str
    as_of: dt.date | None = None
    law_at: dt.date | None = None
    facts: dict[str, Any]
    expect: Expect | None = None
    expect_problem: ExpectProblem | None = None
    note: str | None = None

    @model_validator(mode="after")
    def one_form(self) -> Self:
        assert (self.expect is None) != (self.expect_problem is None), "a case has either `expect` or `expect_problem`"
        return self


class Refusal(Form):
    """A change that makes a rulebook one that must not load, and the fault that must be told, which stands at that place."""

    refused: str
    rulebook: str
    put: dict[str, Any]
    code: str


class CaseFile(Form):
    """Rulebooks and the cases that they must pass."""

    about: str
    as_of: dt.date
    rulebooks: list[dict[str, Any]]
    cases: list[Case] = Field(default_factory=list)
    refusals: list[Refusal] = Field(default_factory=list)


@dataclass(frozen=True)
class Scheme:
    """A rulebook as a book, and as plain data for those who read it themselves; `library` are all that it may use, by id."""

    book: rg.Book
    plain: Mapping[str, Any]
    library: Mapping[str, Mapping[str, Any]]

    def at(self, law_at: dt.date) -> tuple[Mapping[str, Any], dict[str, Mapping[str, Any]]]:
        """The rulebook and its library as they hold on one day."""
        return resolved(self.plain, law_at), {name: resolved(one, law_at) for name, one in self.library.items()}


def read_cases() -> dict[str, CaseFile]:
    """Every case file, by its name."""
    return {path.stem: CaseFile.model_validate(read_yaml(path, path.name).plain()) for path in sorted(CASES.glob("*.yaml"))}


def load_schemes(rulebooks: list[Plain], folder: Path) -> dict[str, Scheme]:
    """Write rulebooks into `folder` and load them, by id; they may use each other."""
    library = {str(one["rulebook"]): one for one in rulebooks}
    assert len(library) == len(rulebooks), "two rulebooks have one id"
    for name, one in library.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.yaml").write_text(yaml_text(one), encoding="utf-8")
    return {name: Scheme(rg.load(folder / f"{name}.yaml"), one, library) for name, one in library.items()}


def yaml_text(value: Any) -> str:
    """Plain data as YAML on one line."""
    match value:
        case dict():
            return "{" + ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {yaml_text(below)}" for key, below in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(yaml_text, value)) + "]"
        case Decimal():
            return f"{value:f}"
        case _:
            return json.dumps(value, ensure_ascii=False)
