"""The parts of reforms that can be switched one at a time.

A part is an entry of a reform. Entries that mean nothing without each other, such as two bands that share an edge, are one part: those whose
paths begin alike, and where that does not do, all that cannot stand alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from ..book import Book
from ..problems import ProblemError
from ..rulebook.reform import Reform

__all__ = ["Part", "Switches", "switches_of"]

Entry = tuple[int, str, str]  # the number of its reform, what is done (set, add, remove), the path
KINDS = ("set", "add", "remove")


@dataclass(frozen=True, slots=True)
class Part:
    """Entries of reforms that are switched together; `name` says which, `paths` are theirs."""

    name: str
    reform: str
    paths: tuple[str, ...]
    entries: frozenset[Entry]


@dataclass(frozen=True, slots=True)
class Switches:
    """The parts that change the law of the day, and the paths of entries that do not; `with_parts` gives the book with some of the parts."""

    parts: tuple[Part, ...]
    idle: tuple[str, ...]
    with_parts: Callable[[frozenset[int]], Book]


def switches_of(book: Book, reforms: Sequence[Reform]) -> Switches:
    """The parts of reforms over a book at the day of its law, and the book with any of them. Raises `ProblemError` where all of them do not fit."""
    entries = tuple((number, kind, path) for number, reform in enumerate(reforms) for kind in KINDS for path in getattr(reform, kind))

    @cache
    def laid(chosen: frozenset[Entry]) -> Book:
        if not chosen:
            return book
        return book.with_reform(*(some_of(reform, number, chosen) for number, reform in enumerate(reforms)))

    def digest(chosen: Iterable[Entry]) -> str | None:
        """The digest of the law with some entries; None where they do not make one."""
        try:
            return laid(frozenset(chosen)).digest
        except ProblemError:
            return None

    whole = frozenset(entries)
    before, after = book.digest, laid(whole).digest

    @cache
    def ends(group: tuple[Entry, ...]) -> tuple[str | None, str | None]:
        """The digest of the law with a group alone, and of that with all but the group."""
        return digest(group), digest(whole - set(group))

    groups = grouped(entries, lambda group: None not in ends(group))
    parts = tuple(part_of(group, reforms) for group in groups if ends(group) != (before, after))
    idle = tuple(path for group in groups if ends(group) == (before, after) for _, _, path in group)

    def with_parts(chosen: frozenset[int]) -> Book:
        return laid(whole if chosen and len(chosen) == len(parts) else frozenset(entry for place in chosen for entry in parts[place].entries))

    return Switches(parts, idle, with_parts)


def some_of(reform: Reform, number: int, chosen: Collection[Entry]) -> Reform:
    """A reform with some of its entries."""
    kept = {kind: {path for one, what, path in chosen if one == number and what == kind} for kind in KINDS}
    return reform.model_copy(
        update={
            "set": {path: value for path, value in reform.set.items() if path in kept["set"]},
            "add": {path: value for path, value in reform.add.items() if path in kept["add"]},
            "remove": [path for path in reform.remove if path in kept["remove"]],
        }
    )


def grouped(entries: Sequence[Entry], stands: Callable[[tuple[Entry, ...]], bool]) -> list[tuple[Entry, ...]]:
    """The entries in the smallest groups that can each be laid alone and left out alone."""
    groups: list[tuple[Entry, ...]] = [(entry,) for entry in entries]
    for depth in (3, 2, 1, 0):
        loose = [group for group in groups if not stands(group)]
        if not loose:
            break
        joined = [
            tuple(entry for group in same for entry in group)
            for _, same in groupby(sorted(loose, key=lambda group: head(group, depth)), key=lambda group: head(group, depth))
        ]
        groups = [group for group in groups if stands(group)] + joined
    if not all(map(stands, groups)):
        groups = [tuple(entries)]
    place = {entry: number for number, entry in enumerate(entries)}
    return sorted((tuple(sorted(group, key=place.__getitem__)) for group in groups), key=lambda group: place[group[0]])


def head(group: tuple[Entry, ...], depth: int) -> tuple[object, ...]:
    """Where the entries of a group begin alike with those of others: their reform and the first names of their path; at depth 0 all do."""
    number, _, path = group[0]
    return (number, *path.split(".")[:depth]) if depth else ()


def part_of(group: Sequence[Entry], reforms: Sequence[Reform]) -> Part:
    names = list(dict.fromkeys(reforms[number].reform for number, _, _ in group))
    paths = tuple(path for _, _, path in group)
    told = ", ".join(name for number, kind, path in group for name in said(reforms[number], kind, path))
    return Part(f"{names[0]}: {told}" if len(reforms) > 1 else told, " + ".join(names), paths, frozenset(group))


def said(reform: Reform, kind: str, path: str) -> list[str]:
    """What an entry is called: its path, for additions with the names of what is added."""
    if kind != "add":
        return [path if kind == "set" else f"{path} ({kind})"]
    value = reform.add[path]
    listed = [one for one in value if isinstance(one, dict) and "id" in one] if isinstance(value, list) else []
    names = list(value) if isinstance(value, dict) else [str(one["id"]) for one in listed]
    return [f"{path}.{name} (add)" for name in names] or [f"{path} (add)"]
