"""The registers of one enterprise: its entries as `evidence` reads them, and the facts that they give on any day.

Where facts look at related enterprises, the entries of these are there as well: of all whom the registers of relations lead
to in two steps, whether or not they still count, as a forecast looks at many days.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from ..engines.frame import internal
from ..evidence.entries import DATE, ENDED, KEY, KNOWN, Entries, read_entries
from ..evidence.facts import check_given, check_keys
from ..evidence.related import as_read
from ..intake.frame import REASON
from ..intake.one import missing, native
from ..problems import Place, one_problem
from ..rulebook.law import Law
from ..rulebook.registers import From, Register
from ..tables import as_table, work_out_table
from .moves import Entry

__all__ = ["Own", "own_entries", "worked_out"]


@dataclass(frozen=True, slots=True)
class Own:
    """What the registers hold of one enterprise, the first of `near`, and of those around it, under one law.

    `rejected` counts its own entries that cannot be read, by register and reason.
    """

    law: Law
    key: str
    near: Sequence[Any]
    texts: Collection[str]
    tables: Mapping[str, Any]
    entries: Mapping[str, Sequence[Entry]]
    rejected: Mapping[str, Mapping[str, int]]

    def facts(self, day: dt.date) -> dict[str, Any]:
        """The facts that the registers give on a day, as known by that day."""
        name, table = next(iter(self.tables.items()))
        frame = nw.from_dict({self.key: list(self.near)}, backend=table.implementation)
        kind = table.collect_schema()[self.law.document.registers[name].key]
        frame = frame.with_columns(nw.col(self.key).cast(kind) if kind.is_integer() else nw.col(self.key))
        tables = {name: table.to_native() for name, table in self.tables.items()}
        found = work_out_table(self.law, frame.to_native(), tables, key=self.key, as_of=day, known_at=day, texts=self.texts)
        row = rows(nw.from_native(found.facts).filter(nw.col(self.key) == self.near[0]))[0]
        return {name: row[name] for name in worked_out(self.law)}


def worked_out(law: Law) -> dict[str, From]:
    """The facts of a law that come from registers."""
    return {name: fact.from_ for name, fact in law.document.facts.items() if fact.from_ is not None}


def own_entries(law: Law, facts: Mapping[str, Any], registers: Mapping[str, Any], *, key: str, texts: Collection[str]) -> Own:
    """Narrow the registers to the enterprise that `facts` names. Raises `ProblemError` as `evidence.work_out` does."""
    enterprise = facts.get(key)
    if enterprise is None:
        raise one_problem("key-column", f"the enterprise's own key is needed to find its entries: `{key}` has no value", place=Place(field=key))
    uses = worked_out(law)
    looked_at = {use.related.fact for use in uses.values() if use.related is not None}  # of the others nothing is given
    check_given(law, uses, registers, one_row({name: value for name, value in facts.items() if name not in looked_at}), key)
    needed = {name: law.document.registers[name] for name in dict.fromkeys(use.register for use in uses.values())}
    given = {name: as_table(registers[name]) for name in needed}
    read: dict[str, Entries[Any]] = {name: read_entries(name, as_read(needed[name]), given[name], texts=name in texts) for name in needed}
    for name, register in needed.items():
        check_keys(name, register, read[name].ready, one_row({key: enterprise}), key)
    relations = [(register.other, read[name].ready) for name, register in needed.items() if register.other is not None]
    near = around(enterprise, relations)
    entries = {name: [entry(register, row) for row in rows(read[name].ready.filter(touching(register, near)))] for name, register in needed.items()}
    tables = {name: collected(given[name].filter(touching(register, near) | same_id(register, given[name], near))) for name, register in needed.items()}
    reasons = {name: Counter(row[REASON] for row in rows(read[name].rejects.filter(nw.col(needed[name].key) == enterprise))) for name in needed}
    return Own(law, key, near, texts, tables, entries, {name: dict(sorted(counts.items())) for name, counts in reasons.items() if counts})


def around(enterprise: Any, relations: Iterable[tuple[str, Any]]) -> list[Any]:
    """The enterprise, and whoever the relations lead to in two steps: enterprises, and persons, who have no entries."""
    relations = list(relations)
    near = {enterprise}
    for _ in range(2):
        for other, ready in relations:
            ties = ready.filter(nw.col(KEY).is_in(list(near)) | nw.col(other).is_in(list(near))).select(KEY, other)
            near |= {native(side) for row in rows(ties) for side in row.values()}
    return [enterprise, *sorted(near - {enterprise})]


def touching(register: Register, near: Sequence[Any]) -> nw.Expr:
    """The entries of these enterprises, of relations on either side."""
    own = nw.col(register.key).is_in(near)
    return own if register.other is None else own | nw.col(register.other).is_in(near)


def same_id(register: Register, table: Any, near: Sequence[Any]) -> nw.Expr:
    """The entries of others under an id of these: of an entry that stands more than once, all rows are looked at."""
    if register.id is None:
        return nw.lit(False)
    return nw.col(register.id).is_in([row[register.id] for row in rows(table.filter(touching(register, near)).select(register.id))])


def one_row(values: Mapping[str, Any]) -> nw.DataFrame[Any]:
    return nw.from_dict({name: [value] for name, value in values.items()}, backend="polars")


def collected(frame: Any) -> nw.DataFrame[Any]:
    """A frame in memory: a lazy one, of Polars or of a database, as a Polars frame."""
    found: nw.DataFrame[Any] = frame.collect(backend="polars") if isinstance(frame, nw.LazyFrame) else frame
    return found


def rows(frame: Any) -> list[dict[str, Any]]:
    return list(collected(frame).rows(named=True))


def entry(register: Register, row: Mapping[str, Any]) -> Entry:
    """An entry by the names that programs use, in plain Python values."""
    names = {KEY: KEY, DATE: DATE, KNOWN: KNOWN} | ({ENDED: ENDED} if register.ended else {})
    names |= {internal(f"{part}.{column}"): f"{part}.{column}" for column in register.columns for part in ("fact", "known")}
    return {name: plain_value(row[column]) for column, name in names.items() if column in row}


def plain_value(value: Any) -> Any:
    """A cell as Python has it: pandas keeps whole numbers with a gap among them as floats."""
    value = native(value)
    if value is None or missing(value):
        return None
    return int(value) if isinstance(value, float) else value
