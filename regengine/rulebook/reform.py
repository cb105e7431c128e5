"""Reforms: immutable, cited patches over a rulebook, as data. Laying one over a rulebook gives another rulebook; the first stays as it is.

Guarantees: every path of a reform is looked up before any of its values is laid; what comes out has been read whole, on every day, as any
rulebook is; a reform that changes nothing leaves the digest, and its inverse restores it. Refuses a reform over another rulebook or another text
of it, a path that is not there, and two values for one place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Protocol

from pydantic import Field, PrivateAttr

from ..problems import Place, Problem, ProblemError
from .changes import Change, Gone, changes, located, standing
from .form import read_model
from .laying import ORIGIN, Entry, Laying, marked
from .load import Rulebook, read_rulebook
from .located import Located, dotted, read_yaml
from .parts import RULEBOOK_ID, Block, Label
from .paths import undated

__all__ = ["REFORM_NAME", "Reform", "flow", "is_reform", "read_reform", "reformed"]

REFORM_NAME = r"[a-z][a-z0-9-]{0,59}"
PLAIN_KEY = re.compile(r"[a-z][a-z0-9_]*([.\[\]A-Za-z0-9_-])*")


class Holds(Protocol):
    """What holds a rulebook, as a `Book` does."""

    @property
    def rulebook(self) -> Rulebook:
        """The rulebook."""


class Reform(Block):
    """What a reform sets, adds and removes in the rulebook `over`, by paths; `edition` and `digest` say which text of it."""

    reform: Annotated[str, Field(pattern=f"^{REFORM_NAME}$")]
    over: Annotated[str, Field(pattern=f"^{RULEBOOK_ID}$")]
    edition: str | None = None
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    title: Label | None = None
    set: dict[str, Any] = Field(default_factory=dict)
    add: dict[str, Any] = Field(default_factory=dict)
    remove: list[str] = Field(default_factory=list)
    _read: tuple[Located, str] | None = PrivateAttr(None)

    @property
    def empty(self) -> bool:
        """Whether it has nothing to lay over a rulebook."""
        return not (self.set or self.add or self.remove)

    @property
    def placed(self) -> tuple[Located, str]:
        """Its text with the places of its values, and the name of its file; one that was not read from a file has its own name instead."""
        return self._read or (located({}), f"reform {self.reform}")

    def value(self, *path: str) -> Located:
        """The value at a path of the reform, with its place where it was read from a file."""
        root, file = self.placed
        value = standing({key: getattr(self, key) for key in ("set", "add", *ORIGIN)}, path)
        read, depth = root.down(path)
        return marked(read, file) if depth == len(path) and value in (read.plain(), [read.plain()]) else located(value, file)

    def place(self, *path: str, key: bool = True) -> Place:
        """The place of an entry in the reform."""
        root, file = self.placed
        removed = root.down(("remove",))[0].value
        if path[0] == "remove" and isinstance(removed, list):
            return root.place(("remove", *(index for index, one in enumerate(removed) if one.value == path[1])), file)
        found = root.place(path, file, key=key)
        return found if root.down(path)[1] == len(path) else Place(file, path=dotted(path))

    def parts(self) -> tuple[Reform, ...]:
        """The reform as reforms of one entry each, in their order."""
        singles: list[dict[str, Any]] = [{kind: {path: value}} for kind in ("set", "add") for path, value in getattr(self, kind).items()]
        singles += [{"remove": [path]} for path in self.remove]
        return tuple(self.model_copy(update={"set": {}, "add": {}, "remove": [], **one}) for one in singles)

    def effect(self, over: Rulebook | Holds) -> tuple[Change, ...]:
        """Each value that it changes, beside what stands there now; nothing where it changes nothing. Raises `ProblemError`."""
        book = held(over)
        old, new = book.text.plain(), reformed(book, self).text.plain()
        found = changes(old, new)
        return tuple(Change(dotted(path), standing(old, path), None if isinstance(value, Gone) else value) for path, value in found)

    def inverse(self, over: Rulebook | Holds) -> Reform:
        """The reform that takes this one back: over the rulebook that this one gives, it restores the text and its digest."""
        book = held(over)
        after = reformed(book, self)
        found = list(changes(after.text.plain(), book.text.plain(), exact=True))
        return Reform(
            reform=f"undo-{self.reform}"[:60],
            over=book.id,
            digest=after.text_digest,
            set={dotted(path): value for path, value in found if not isinstance(value, Gone)},
            remove=[dotted(path) for path, value in found if isinstance(value, Gone)],
        )

    def as_yaml(self) -> str:
        """The reform as a file."""
        heads: dict[str, Any] = {"reform": self.reform, "over": self.over, "edition": self.edition, "digest": self.digest}
        heads["title"] = self.title.model_dump(exclude_none=True) if self.title else None
        lines = [f"{key}: {flow(value)}" for key, value in heads.items() if value is not None]
        lines += ["set:", *lines_of(self.set)] if self.set else ["set: {}"]
        lines += ["add:", *lines_of(self.add)] if self.add else []
        lines += ["remove:", *(f"  - {flow(path)}" for path in self.remove)] if self.remove else ["remove: []"]
        lines += [f"{key}: {flow(value)}" for key in ("cite", "note") if (value := getattr(self, key)) is not None]
        return "\n".join([*lines, *([f"basis: {self.basis}"] if self.basis else [])]) + "\n"


def lines_of(values: dict[str, Any]) -> Iterator[str]:
    for key, value in values.items():
        yield f"  {key if PLAIN_KEY.fullmatch(key) else flow(key)}: {flow(value)}"


def flow(value: Any) -> str:
    """A value as YAML has it in one line."""
    return json.dumps(value, ensure_ascii=False, default=float)


def held(over: Rulebook | Holds) -> Rulebook:
    return over if isinstance(over, Rulebook) else over.rulebook


def read_reform(path: str | Path) -> Reform:
    """The reform in a YAML file. Raises `ProblemError` with every fault of its form; its paths are looked up when it is laid over a rulebook."""
    shown = str(path)
    root = read_yaml(Path(path), shown)
    made, problems = read_model(Reform, root, shown)
    if made is None:
        raise ProblemError(problems)
    made._read = (root, shown)
    return made


def is_reform(name: str | Path) -> bool:
    """Whether a file holds a reform, and not a rulebook. Raises `ProblemError` where it cannot be read."""
    path = Path(name)
    return path.suffix in (".yaml", ".yml") and path.is_file() and read_yaml(path, str(path)).down(("reform",))[1] == 1


def reformed(rulebook: Rulebook, *reforms: Reform | str | Path) -> Rulebook:
    """The rulebook with reforms laid over it, each over what those before it gave; the last need load only.

    Raises `ProblemError`: for reforms that do not fit, before anything is laid; for what they would make of the rulebook, at the value of the
    reform where there is one.
    """
    made = [reform if isinstance(reform, Reform) else read_reform(reform) for reform in reforms]
    faults = [fault for reform in made for fault in strange(reform, rulebook)]
    if faults:
        raise ProblemError(faults)
    text = rulebook.text
    done: list[Entry] = []
    for reform in made:
        laying = Laying(reform, rulebook, text)
        text = laying.laid()
        done += laying.entries
    names = (*rulebook.reforms, *(reform.reform for reform in made))
    if text is rulebook.text:
        return replace(rulebook, reforms=names)
    found, problems = read_rulebook(text, rulebook.path)
    if found is None:
        raise ProblemError(at_entry(problem, rulebook.file, done) for problem in problems)
    return replace(found, reforms=names)


def strange(reform: Reform, rulebook: Rulebook) -> Iterator[Problem]:
    """What shows that a reform is meant for another rulebook."""
    edition = rulebook.latest.document.edition
    if reform.over != rulebook.id:
        yield Problem("reform-wrong", f"the reform is over `{reform.over}`, not over `{rulebook.id}`", reform.place("over", key=False))
    elif reform.edition is not None and reform.edition != edition:
        message = f"the reform is over the edition `{reform.edition}`, and this is `{edition}`"
        yield Problem("reform-wrong", message, reform.place("edition", key=False))


def at_entry(problem: Problem, file: str, done: Iterable[Entry]) -> Problem:
    """A problem of a part of the rulebook at the entry of a reform that changed something inside the part."""
    path = problem.place.path
    if path and problem.place.file == file:
        for entry in done:
            if dotted(undated(entry.steps)).startswith((f"{path}.", f"{path}[")):
                return replace(problem, place=replace(entry.place, path=path))
    return problem
