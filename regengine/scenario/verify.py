"""Check the outputs of a run against its record, and against a new run where scenario and data can be found.

Every check says how it ended: it agrees, it differs, or it could not be made and why. Silence is not verification, so a
check that could not be made is never left out of the answer.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..book import load
from ..problems import Place, Problem, ProblemError
from ..rulebook.shipped import rules_folder
from ..rulebook.values import parse_day
from ..run_record import FileHash, Record, check_files, read_record, sha256_of, versions_here
from .data import find_data
from .form import Scenario, read_scenario
from .run import run_scenario

__all__ = ["Check", "Verification", "verify"]


@dataclass(frozen=True, slots=True)
class Check:
    """One check and how it ended; `about` says what was compared, or why it could not be."""

    name: Literal["outputs", "rulebook", "scenario", "inputs", "rerun"]
    ended: Literal["agrees", "differs", "not made"]
    about: str


@dataclass(frozen=True, slots=True)
class Verification:
    """All checks of a folder, and every difference found."""

    record: Record
    checks: tuple[Check, ...]
    problems: tuple[Problem, ...]

    @property
    def complete(self) -> bool:
        """Whether every check could be made."""
        return all(check.ended != "not made" for check in self.checks)


class Checks:
    """The checks made so far."""

    def __init__(self) -> None:
        self.made: list[Check] = []
        self.problems: list[Problem] = []

    def end(self, name: Literal["outputs", "rulebook", "scenario", "inputs", "rerun"], about: str, problems: list[Problem]) -> bool:
        self.made.append(Check(name, "differs" if problems else "agrees", about))
        self.problems += problems
        return not problems

    def skip(self, name: Literal["outputs", "rulebook", "scenario", "inputs", "rerun"], why: str) -> None:
        self.made.append(Check(name, "not made", why))


def verify(folder: str | Path, scenario: str | Path | None = None, data: str | Path | None = None) -> Verification:
    """Check an output folder; `scenario` and `data` say where these are, where they are not in their usual places.

    Differences are in `problems`, with the code `record-differs`. Raises `ProblemError` where there is no record to check
    against, or where `scenario` or `data` is given and cannot be read.
    """
    folder = Path(folder)
    record = read_record(folder)
    checks = Checks()
    outputs = check_files(folder, record)
    checks.end("outputs", f"{len(record.outputs)} files against their SHA-256", outputs)
    check_rulebook(record, checks)
    found = check_scenario(record, scenario, checks)
    path = None if found is None else check_inputs(record, found, data, checks)
    if found is not None and path is not None:
        check_rerun(record, found, path, checks)
    else:
        if found is None:
            checks.skip("inputs", "this needs the scenario")
        checks.skip("rerun", "this needs the scenario and its data as they were")
    return Verification(record, tuple(checks.made), tuple(checks.problems))


def check_rulebook(record: Record, checks: Checks) -> None:
    used = record.rulebook
    try:
        digest = load(used.id).at(parse_day(record.law_at)).digest
    except ProblemError as error:
        checks.skip("rulebook", error.problems[0].message)
        return
    except ValueError as error:
        checks.skip("rulebook", str(error))
        return
    problems = [differs(f"the law of `{used.id}` on {record.law_at} has digest {digest}, the record says {used.digest}")] if digest != used.digest else []
    checks.end("rulebook", f"the law of `{used.id}` on {record.law_at} against its digest", problems)


def check_scenario(record: Record, given: str | Path | None, checks: Checks) -> Scenario | None:
    """The scenario of the record, where it is found as it was."""
    path = Path(given) if given is not None else usual_place(record.scenario.id)
    if path is None:
        checks.skip("scenario", f"there is no `scenarios/{record.scenario.id}.yaml` here; name the file with `--scenario`")
        return None
    scenario = read_scenario(path) if given is not None else None
    found = sha256_of(path)
    problems = []
    if found != record.scenario.sha256:
        problems = [differs(f"the scenario file has SHA-256 {found}, the record says {record.scenario.sha256}", str(path))]
    if not checks.end("scenario", f"`{path}` against its SHA-256", problems):
        return None
    return scenario or read_scenario(path)


def usual_place(name: str) -> Path | None:
    """Where a scenario of this name usually is: in `scenarios/` of the current folder or of the checkout."""
    if Path(name).name != name:
        return None
    for folder in (Path("scenarios"), rules_folder().parent / "scenarios"):
        if (path := folder / f"{name}.yaml").is_file():
            return path
    return None


def check_inputs(record: Record, scenario: Scenario, given: str | Path | None, checks: Checks) -> Path | None:
    """The scenario's data, where it is found as it was."""
    try:
        path = find_data(scenario, given)
    except ProblemError as error:
        if given is not None:
            raise
        checks.skip("inputs", error.problems[0].message)
        return None
    problems = []
    if [sha256_of(path)] != [used.sha256 for used in record.inputs]:
        problems = [differs("the data is not that of the record, by its SHA-256", str(path))]
    return path if checks.end("inputs", f"`{path.name}` against its SHA-256", problems) else None


def check_rerun(record: Record, scenario: Scenario, path: Path, checks: Checks) -> None:
    """Run the scenario again and compare what it wrote."""
    with tempfile.TemporaryDirectory(prefix="regengine-") as temporary:
        try:
            again = run_scenario(scenario, Path(temporary) / "again", data=path).record
        except ProblemError as error:
            checks.end("rerun", "the scenario cannot be run again", [differs("the scenario was run once and now has problems"), *error.problems])
            return
    hint = version_hint(record)
    problems = [differs(f"`{name}` comes out otherwise when the scenario is run again", hint=hint) for name in unequal(record.outputs, again.outputs)]
    for name in ("rulebook", "law_at", "as_of", "rows", "inputs"):
        if getattr(record, name) != getattr(again, name):
            problems.append(differs(f"`{name}` in the record is not what the scenario gives when it is run again", hint=hint))
    checks.end("rerun", f"{len(record.outputs)} outputs of a new run against those of the record", problems)


def unequal(ours: tuple[FileHash, ...], again: tuple[FileHash, ...]) -> list[str]:
    return sorted({output.name for output in {*ours} ^ {*again}})


def version_hint(record: Record) -> str | None:
    here = versions_here()
    there = record.versions
    changed = [f"{name} {there.get(name, '?')}, here {here.get(name, '?')}" for name in sorted({*here, *there}) if here.get(name) != there.get(name)]
    return "the run was made with " + "; ".join(changed) if changed else None


def differs(message: str, file: str | None = None, *, hint: str | None = None) -> Problem:
    return Problem("record-differs", message, Place(file), hint)
