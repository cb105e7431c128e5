"""What went wrong, as data: a code, the place, the user's words, and a hint.

Every fault of a rulebook, a table, a request or a scenario is a `Problem`. Problems are collected and raised together in
one `ProblemError`, so that a user mends a file once and not fault by fault. The codes are a contract: each has a line in
`CODES`, from which `docs/problems.md` is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType

__all__ = ["CODES", "Place", "Problem", "ProblemError", "nearest", "one_problem"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a problem stands: a place in a file, or a row of a table.

    `line` and `column` count from 1. `path` is the key path inside a rulebook (`indicators.supervision.at_most`). For
    tables, `row` counts data rows from 1, `key` is the enterprise, `field` the column.
    """

    file: str | None = None
    line: int | None = None
    column: int | None = None
    path: str | None = None
    row: int | None = None
    key: str | None = None
    field: str | None = None

    def __str__(self) -> str:
        head = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        parts = [head] if head else []
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.key is not None:
            parts.append(f"key `{self.key}`")
        if self.field is not None:
            parts.append(f"column `{self.field}`")
        if self.path and (not head or self.line is None):
            parts.append(f"at `{self.path}`")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: a stable `code`, a `message` in the user's words, its `place`, and what to do about it."""

    code: str
    message: str
    place: Place = field(default_factory=Place)
    hint: str | None = None

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"problem code {self.code!r} is not in CODES")

    def __str__(self) -> str:
        place = str(self.place)
        text = f"{place}: {self.message} [{self.code}]" if place else f"{self.message} [{self.code}]"
        return f"{text}\n  hint: {self.hint}" if self.hint else text

    def as_dict(self) -> dict[str, object]:
        """The problem for machines: only what is known, in a stable order."""
        place = {name: value for name in Place.__dataclass_fields__ if (value := getattr(self.place, name)) is not None}
        known: dict[str, object] = {"code": self.code, "message": self.message}
        if place:
            known["place"] = place
        if self.hint:
            known["hint"] = self.hint
        return known


class ProblemError(Exception):
    """All problems found in one piece of work, raised together; `problems` is never empty."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        if not self.problems:
            raise ValueError("a ProblemError needs at least one problem")
        super().__init__("\n".join(map(str, self.problems)))


def one_problem(code: str, message: str, *, hint: str | None = None, place: Place | None = None) -> ProblemError:
    """A `ProblemError` with a single problem."""
    return ProblemError([Problem(code, message, place or Place(), hint)])


def nearest(word: str, known: Iterable[str]) -> str | None:
    """A hint that names the known word nearest to `word`, or lists the known ones when they are few."""
    names = sorted({str(name) for name in known})
    close = get_close_matches(word, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{close[0]}`?"
    if 0 < len(names) <= 8:
        return "known: " + ", ".join(f"`{name}`" for name in names)
    return None


CODES: Mapping[str, str] = MappingProxyType(
    {
        # files
        "file-missing": "The file or folder does not exist, or cannot be read.",
        "file-empty": "The file holds no data.",
        "file-too-large": "The file is past the limit that keeps reading it safe.",
        "file-unreadable": "The file is not what its ending says: truncated, damaged, or of another kind.",
        "file-encoding": "The text is not UTF-8 (for tables, nor GB18030).",
        "database-failed": "The database could not be reached, refused the query, or went away while it was read.",
        "spark-failed": "Spark could not be started or reached, or a run on it failed; no output took its final name.",
        "file-kind": "The file's ending is not one that can be read or written here.",
        "output-exists": "The output is there already and is not of a kind that may be replaced.",
        "output-failed": "The output could not be written; what stood under its final name is as it was.",
        # rulebooks: form
        "yaml-syntax": "The file is not valid YAML 1.2.",
        "yaml-limit": "The file is past a limit: 2 MB, 20,000 nodes, or 40 levels.",
        "key-unknown": "A key that the format does not know.",
        "key-missing": "A key that the format requires is not there.",
        "key-duplicate": "The same key stands twice in one mapping.",
        "value-wrong": "A value is not of the form that its key asks for.",
        "interval-wrong": "An interval is not written as the format asks, or is empty.",
        "date-wrong": "A date is not a real day written as YYYY-MM-DD.",
        "not-in-force": "A rulebook is asked for outside its time in force, or a dated value before its first date.",
        # rulebooks: meaning
        "rulebook-unknown": "No rulebook of this id is shipped, and no file has this name.",
        "name-unknown": "A name is used that is not declared, or is declared only later.",
        "name-duplicate": "A name is declared twice, or is reserved.",
        "uses-cycle": "Rulebooks use each other in a circle.",
        "uses-clash": "Two rulebooks that are used together declare the same fact differently.",
        "condition-syntax": "A condition is not a valid expression.",
        "condition-forbidden": "A condition uses a form that the language does not have.",
        "condition-limit": "A condition is past a limit: 4,000 characters, 200 nodes, 20 levels, 200 characters of text.",
        "type-mismatch": "Two values of different types are compared or combined.",
        "category-unknown": "A category value or a grade is named that is not declared.",
        "unknown-unguarded": "A fact that may be unknown is used where `known()` does not stand before it.",
        "table-gap": "A table of intervals leaves a value uncovered.",
        "table-overlap": "A table of intervals covers a value twice.",
        "row-order": "A row can never be reached, or the table does not end with `otherwise`.",
        "range-exceeded": "A number could leave the range that is promised for it, or 64 bits.",
        "places-exceeded": "A number has more than four decimal places.",
        "citation-missing": "A value that decides something has neither a citation nor a basis.",
        "citation-unknown": "A citation names a source that is not declared.",
        "citation-recalled": "A value rests on a source that was only recalled and is not marked illustrative.",
        "note-missing": "A derived value does not say how it was derived.",
        "row-not-unique": "Not exactly one row of a `hit: unique` table holds for an enterprise.",
        "registers-unavailable": "A fact is worked out from registers, and the table has no column for it.",
        "register-missing": "A register that facts are worked out from was not given.",
        "entry-wrong": "An entry of a register has no key or no date, or ends before it begins.",
        # facts and tables
        "fact-missing": "A fact that must be known has no value.",
        "fact-unknown-name": "A value is given for a fact that the rulebook does not declare.",
        "fact-wrong-type": "A value is not of the fact's type.",
        "fact-unknown-value": "A value is not among those that the fact may have.",
        "fact-out-of-range": "A value is outside the fact's bounds.",
        "column-missing": "The table has no column for a fact.",
        "column-wrong-type": "A column holds another type than its fact.",
        "column-clash": "A column of the table has the name of a column that would be added.",
        "key-column": "The key column is missing, or has empty or duplicate keys.",
        "rows-rejected": "Rows could not be graded; they are in the rejects with their reasons.",
        "frame-unsupported": "The table is of a kind that no engine here runs on.",
        "date-missing": "The date of the facts (`as_of`) is needed and was not given.",
        # inspection plans and reforms
        "plan-rules": "A rulebook does not say what a plan needs of it, or rules contradict each other.",
        "draw-frame": "An enterprise cannot stand in a draw: its key or stratum is empty, doubled, or holds `|` or a line break.",
        "draw-quota": "A stratum of the frame has no quota, or a quota has no stratum.",
        "draw-record": "A draw's record is not in its form, its chain is broken, or a file beside it is not the one that it names.",
        "draw-rulebook": "The rulebook is not the one to which the draw was committed.",
        "seed-used": "The seed was revealed for another draw, so it was known before this one was committed.",
        "inspector-wrong": "An inspector cannot be sent: no district, no certificate, a capacity that cannot be, or a doubled id.",
        "certificate-ends": "An inspector's certificate ends within the plan; from then on no visit is given to this inspector.",
        "team-short": "Nobody who is eligible and free is left for a place in a team.",
        "calendar-unknown": "It is not known which days of a year are worked.",
        "trigger-wrong": "A triggered visit names no trigger of the rulebook, no enterprise that is known, or no day.",
        "finding-wrong": "A result of a visit names no visit of the plan, no known finding, or no day.",
        "value-changed": "A value cannot stand in a file of a plan as it is, or a spreadsheet shows it otherwise; the Parquet file has it as it is.",
        "reform-wrong": "A reform does not fit: it is over another rulebook, or a path in it is not a value there.",
        "assumption-wrong": "An assumption of a projection has no range, no source, a value outside its range, or is about a grade that there is none of.",
        # commands and scenarios
        "option-wrong": "An option of the command or a call has a value that cannot be used.",
        "scenario-wrong": "The scenario file does not hold together.",
        "data-missing": "The data that a scenario reads is not there.",
        "record-differs": "An output differs from its run record.",
        "workbook-changed": "What may not be changed in a workbook was changed: ids, places, keys, rows or sheets.",
        "workbook-formula": "A cell of a workbook holds a formula.",
        "workbook-stale": "A workbook was written from another text of the rulebook.",
        "extra-missing": "An optional package is needed; the message names the extra to install.",
        "engine-limit": "The rulebook is more than an engine can hold.",
        "grade-unknown": "A grade is asked about that the rulebook does not have.",
    }
)
