"""From enterprises and registers on disk to a table of facts on disk, with what became of every entry.

Guarantees: each entry of a register is used, rejected with its reason, or counted as left out; the table and the rejects
stand under their names when all were written. The registers of one run are read once for the facts and once for the counts,
and one that has rejects once more, for the numbers of their rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import narwhals as nw
import polars as pl

from ..book import Book
from ..evidence.entries import read_entries
from ..evidence.related import as_read
from ..intake.files import Source, as_problems, write_outputs
from ..problems import Place, one_problem
from ..report.quality import ROW, EntryFault, EvidenceQuality, RegisterQuality, Relations, entry_faults
from ..rulebook.registers import Register

__all__ = ["write_facts"]


def write_facts(
    book: Book, enterprises: Source, registers: Mapping[str, Source], out: Path, *,
    as_of: dt.date, known_at: dt.date | None, key: str, rejects: Callable[[str], Path], paths: Callable[[str], Path] | None = None,
) -> EvidenceQuality:  # fmt: skip
    """Work out the facts of enterprises and write the table, and the entries of each register that were rejected, where there are any.

    `rejects` says where those of a register go, `paths` where the ways of a fact over related enterprises do.
    Raises `ProblemError` as `Book.work_out` and `write_outputs` do, and
    `file-unreadable` for a table that is damaged.
    """
    law_day, facts_day = book.dates(as_of)
    known_day = known_at or facts_day
    law = book.rulebook.at(law_day)
    texts = [name for name, source in registers.items() if source.texts]
    with reading([enterprises, *registers.values()]):
        found = book.work_out(
            enterprises.lazy, {name: source.lazy for name, source in registers.items()}, as_of=facts_day, known_at=known_day, key=key, texts=texts
        )
        beside = {name: rejects(name) for name in found.rejects}
        ways = {paths(fact): way for fact, way in found.paths.items()} if paths else {}
        frames = {out: found.facts, **{path: found.rejects[name] for name, path in beside.items()}, **ways}
        rows = write_outputs(frames, unless_empty=[*beside.values(), *ways])
    told: list[RegisterQuality] = []
    for name, path in beside.items():
        with as_problems(registers[name].path):
            counts = found.told[name].collect(engine="streaming").row(0, named=True)
            told.append(measured(name, as_read(law.document.registers[name]), registers[name], enterprises, rows[path], counts))
    return EvidenceQuality(str(enterprises), law.id, str(facts_day), str(known_day), rows[out], tuple(told))


def measured(name: str, register: Register, source: Source, enterprises: Source, rejected: int, counts: Mapping[str, int]) -> RegisterQuality:
    """What became of the entries of one register, of which `counts` were told."""
    left_out = ("after_as_of", "not_known_yet", "of_unknown_enterprises")
    duplicates = source.rows - rejected - counts["used"] - sum(counts[one] for one in left_out)
    if duplicates < 0 or (duplicates and register.id is None):
        message = f"{source.rows:,} entries came in, and {source.rows - duplicates:,} are accounted for"
        raise one_problem("file-unreadable", message, place=Place(str(source)), hint="was the file changed meanwhile?")
    faults: tuple[EntryFault, ...] = ()
    if rejected:
        numbered = nw.from_native(source.lazy.with_row_index(ROW, offset=1))
        faults = entry_faults(read_entries(name, register, numbered, texts=source.texts).rejects.to_native(), register)
    return RegisterQuality(
        name, str(source), source.rows, counts["used"], rejected, duplicates, **{one: counts[one] for one in left_out},
        enterprises_without=enterprises.rows - counts["with_entries"], faults=faults,
        relations=Relations(**{field.name: counts[field.name] for field in fields(Relations)}) if register.other else None,
    )  # fmt: skip


@contextmanager
def reading(sources: Iterable[Source]) -> Iterator[None]:
    """Where a run over several tables fails, find the one that cannot be read, and raise `ProblemError` with its name."""
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError):
        for source in sources:
            with as_problems(source.path):
                source.lazy.select(pl.all().null_count()).collect(engine="streaming")
        raise
