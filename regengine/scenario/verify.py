"""Check the outputs of a run against its record, and against a new run where scenario and data can be found.

Every check says how it ended: it agrees, it differs, or it could not be made and why. Silence is not verification, so a
check that could not be made is never left out of the answer.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Literal

from ..book import load
from ..inspection.draw.form import RECORD, read_draw
from ..population import write_netdz
from ..problems import Place, Problem, ProblemError
from ..rulebook.shipped import rules_folder
from ..rulebook.values import parse_day
from ..run_record import FileHash, Record, Synthesised, check_files, digest_of, read_record, sha256_of, versions_here
from .data import find_tables
from .form import Scenario, read_scenario
from .planning import DIFFERENCE, PlanOptions, files_beside
from .run import book_of, run_scenario

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
    found = check_scenario(record, scenario, checks)
    check_rulebook(record, found, checks)
    if found is None:
        checks.skip("inputs", "this needs the scenario")
    if found is not None and check_inputs(record, found, data, checks):
        check_rerun(folder, record, found, data, checks)
    else:
        checks.skip("rerun", "this needs the scenario and its data as they were")
    return Verification(record, tuple(checks.made), tuple(checks.problems))


def check_rulebook(record: Record, scenario: Scenario | None, checks: Checks) -> None:
    """The rulebook of the record: that which the scenario names, or where there is none the shipped one."""
    used = record.rulebook
    try:
        digest = (load(used.id) if scenario is None else book_of(scenario)).at(parse_day(record.law_at)).digest
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


def check_inputs(record: Record, scenario: Scenario, given: str | Path | None, checks: Checks) -> bool:
    """Whether the scenario's data is found as it was, or can be made again."""
    made = made_for(record)
    if (made is None) != (scenario.document.data.synth is None):
        return checks.end("inputs", "the data of the record", [differs("the record and the scenario do not have data of the same kind")])
    if made is not None:
        assert scenario.document.data.synth is not None  # of the same kind
        problems = [*made_again(made, scenario.document.data.synth.zone), *changed([path for _, path in files_beside(scenario)], record.inputs[1:])]
        return checks.end("inputs", f"{made.size:,} enterprises of `{made.synth}`, seed {made.seed}, against their SHA-256", problems)
    try:
        paths = [path for _, path in (*find_tables(scenario, given), *files_beside(scenario))]
    except ProblemError as error:
        if given is not None:
            raise
        checks.skip("inputs", error.problems[0].message)
        return False
    return checks.end("inputs", " and ".join(f"`{path.name}`" for path in paths) + " against SHA-256", changed(paths, record.inputs))


def changed(paths: list[Path], inputs: Sequence[FileHash | Synthesised]) -> list[Problem]:
    """The files that are not those of the record."""
    return [
        differs("the data is not that of the record, by its SHA-256", str(path))
        for path, used in zip_longest(paths, inputs)
        if path is None or used is None or not path.exists() or digest_of(path) != used.sha256
    ]


def made_for(record: Record) -> Synthesised | None:
    """The synthetic population that the run of a record was made for."""
    used = record.inputs[0] if record.inputs else None
    return used if isinstance(used, Synthesised) else None


def made_again(made: Synthesised, zone: str | None) -> list[Problem]:
    """Make a synthetic population once more and compare it."""
    with tempfile.TemporaryDirectory(prefix="regengine-") as temporary:
        write_netdz(Path(temporary), made.size, made.seed, zone=zone)
        same = digest_of(Path(temporary)) == made.sha256
    return [] if same else [differs("the population comes out otherwise when it is made again")]


def check_rerun(folder: Path, record: Record, scenario: Scenario, data: str | Path | None, checks: Checks) -> None:
    """Run the scenario again and compare what it wrote."""
    made = made_for(record)
    size, seed = (made.size, made.seed) if made else (None, None)
    revealed = [output.name for output in record.outputs if output.name.endswith(RECORD)]
    plan_seed = read_draw(folder / revealed[0]).seed if revealed else None
    if any(output.name == DIFFERENCE for output in record.outputs):
        checks.skip("rerun", "the plan continues an earlier one; run `regengine plan` with it again")
        return
    with tempfile.TemporaryDirectory(prefix="regengine-") as temporary:
        try:
            again = run_scenario(
                scenario, Path(temporary) / "again", data=data, size=size, seed=seed, plan=PlanOptions(plan_seed, commit_only=plan_seed is None)
            ).record
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
    there = record.versions
    here = versions_here(*({"numpy", "pandas", "plotly"} & set(there)))
    changed = [f"{name} {there.get(name, '?')}, here {here.get(name, '?')}" for name in sorted({*here, *there}) if here.get(name) != there.get(name)]
    return "the run was made with " + "; ".join(changed) if changed else None


def differs(message: str, file: str | None = None, *, hint: str | None = None) -> Problem:
    return Problem("record-differs", message, Place(file), hint)
