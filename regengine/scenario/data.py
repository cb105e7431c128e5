"""Where the data of a scenario is: beside the scenario file, or a download of the user's own. A table is a file, or a folder of Parquet.

Data that the user brings is looked for in one place only, the first of these that is given: the path of the call, the
folder in `REGENGINE_DATA`, the folder `shared/data` beside the checkout. A place that is given and does not hold the file
is told and not passed over, so that a mistyped path never ends in another file being read. A synthetic population is made instead.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..intake.files import as_problems, scan_table
from ..population import REGISTERS, write_netdz
from ..problems import Place, ProblemError, nearest, one_problem
from ..run_record import FileHash, Synthesised, digest_of, files_of, hash_of
from .form import Scenario, Synth

__all__ = ["VARIABLE", "Tables", "find_data", "find_registers", "find_tables", "tables_of"]

VARIABLE = "REGENGINE_DATA"


@dataclass(frozen=True, slots=True)
class Tables:
    """What a run reads: the table of enterprises, the registers by name, and how the record names each."""

    enterprises: Path
    registers: Mapping[str, Path]
    used: tuple[FileHash | Synthesised, ...]

    def stamps(self) -> list[tuple[int, int]]:
        """Length and time of every file, by which a change is noticed."""
        files = [file for path in (self.enterprises, *self.registers.values()) for file in files_of(path)]
        return [(found.st_size, found.st_mtime_ns) for found in map(Path.stat, files)]


def tables_of(scenario: Scenario, work: Path, data: str | Path | None, size: int | None, seed: int | None) -> Tables:
    """The tables that a run reads: found where the scenario says or at `data`, or made in the folder `work`.

    Raises `ProblemError`: `option-wrong` for an argument that the scenario has no use for, and as `find_data` and `write_netdz` do.
    """
    check_arguments(scenario, data, size, seed)
    synth = scenario.document.data.synth
    return found_tables(scenario, work, data) if synth is None else made_tables(synth, work, size, seed)


def check_arguments(scenario: Scenario, data: str | Path | None, size: int | None, seed: int | None) -> None:
    """Refuse arguments that the scenario has no use for."""
    if scenario.document.data.synth is None:
        for name, given in (("size", size), ("seed", seed)):
            if given is not None:
                raise one_problem("option-wrong", f"`{scenario.id}` reads tables, and `{name}` is for a synthetic population", hint=f"leave `--{name}` out")
    elif data is not None:
        raise one_problem("option-wrong", f"`{scenario.id}` makes its data and reads none", hint="leave `--data` out")


def found_tables(scenario: Scenario, work: Path, data: str | Path | None) -> Tables:
    """The tables that the scenario names, each with its hash."""
    used: list[FileHash | Synthesised] = []
    for name, file in find_tables(scenario, data):
        with as_problems(file):
            used.append(hash_of(file, Path(name).name))
    registers = find_registers(scenario, data)
    of = scenario.document.data.enterprises_of
    return Tables(find_data(scenario, data) if of is None else enterprises_of(scenario, registers[of], work), registers, tuple(used))


def enterprises_of(scenario: Scenario, register: Path, work: Path) -> Path:
    """The enterprises that a register names, each once, as a table in the folder of the run."""
    key, path = scenario.document.key[0], work / "enterprises.parquet"
    with as_problems(register):
        entries = scan_table(register, empty=True).lazy
        if key not in (columns := entries.collect_schema().names()):
            raise ProblemError([scenario.problem(("key",), f"the register has no column `{key}`", nearest(key, columns))])
        entries.select(key).drop_nulls().unique().sort(key).sink_parquet(path)
    return path


def made_tables(synth: Synth, work: Path, size: int | None, seed: int | None) -> Tables:
    """The synthetic population, written into the folder of the run."""
    folder = work / synth.population
    folder.mkdir()
    size, seed = synth.size if size is None else size, synth.seed if seed is None else seed
    write_netdz(folder, size, seed, zone=synth.zone)
    used = Synthesised(synth=synth.population, size=size, seed=seed, sha256=digest_of(folder))
    return Tables(folder / "enterprises", {name: folder / name for name in REGISTERS}, (used,))


def find_tables(scenario: Scenario, given: str | Path | None = None) -> list[tuple[str, Path]]:
    """The tables that the scenario reads, each with its name there: that of the enterprises where it names one, then the registers'."""
    data = scenario.document.data
    own = [] if data.file is None else [(data.file, find_data(scenario, given))]
    return [*own, *zip(data.registers.values(), find_registers(scenario, given).values(), strict=True)]


def find_data(scenario: Scenario, given: str | Path | None = None) -> Path:
    """The table that a scenario grades. `given` is that table, or a folder that holds it.

    Raises `ProblemError` with `data-missing`, which says where the publisher offers it and how to pass it.
    """
    data = scenario.document.data
    assert data.file is not None  # where there is no population and a table of enterprises
    return find(scenario, ("data", "file"), Path(data.file), given)


def find_registers(scenario: Scenario, given: str | Path | None = None) -> dict[str, Path]:
    """The tables of the registers, in the folder in which `find_data` finds the enterprises. Raises `ProblemError` as it does."""
    return {name: find(scenario, ("data", "registers", name), Path(file), given) for name, file in scenario.document.data.registers.items()}


def find(scenario: Scenario, path: tuple[str, ...], wanted: Path, given: str | Path | None) -> Path:
    if given is not None:
        data = scenario.document.data
        tables = len(data.registers) + (data.file is not None)
        if tables > 1 and Path(given).is_file():
            raise one_problem(
                "option-wrong", f"`{given}` is one file, and the scenario reads {tables} tables", hint="give the folder that holds them with `--data`"
            )
        return in_place(scenario, path, wanted, Path(given), "")
    if scenario.document.data.origin == "here":
        return in_place(scenario, path, wanted, scenario.file.parent, "")
    if folder := os.environ.get(VARIABLE):
        return in_place(scenario, path, wanted, Path(folder), f" (from {VARIABLE})")
    beside = shared_folder(scenario)
    if beside is not None:
        return in_place(scenario, path, wanted, beside, "")
    raise missing(scenario, path, f"`{wanted}` is not part of regengine and was not given")


def shared_folder(scenario: Scenario) -> Path | None:
    """`../shared/data` beside a checkout, for a scenario in the checkout's own `scenarios/`."""
    folder = scenario.file.resolve().parent
    beside = folder.parent.parent / "shared" / "data"
    return beside if folder.name == "scenarios" and beside.is_dir() else None


def in_place(scenario: Scenario, path: tuple[str, ...], wanted: Path, place: Path, said: str) -> Path:
    if place.is_file():
        return place
    for candidate in (place / wanted, place / wanted.name):
        if candidate.exists():
            return candidate
    what = f"`{place}`{said} does not hold `{wanted}`" if place.is_dir() else f"`{place}`{said} does not exist"
    raise missing(scenario, path, what)


def missing(scenario: Scenario, path: tuple[str, ...], message: str) -> ProblemError:
    source = scenario.document.source
    how = f"give the file, or the folder that holds it, with `--data`, or the folder in {VARIABLE}"
    offered = f"{source.publisher.say('en')} offers it at {source.where}; " if source else ""
    place: Place = scenario.root.place(path, scenario.shown)
    return one_problem("data-missing", message, place=place, hint=offered + how)
