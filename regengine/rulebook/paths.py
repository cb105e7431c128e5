"""Paths into a rulebook's text: `inspection.by_grade.C.ratio`, `adjust.serious.grade`, `grades.rows.2`.

An entry of a list is named by its `id`, or by its place, counting from 1 as rule ids do; `otherwise` is the last row of a table. `adjust[0]`, as
problems write it, counts from 0. A bin is named by its interval or by its place. A dated value is entered by its day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .form import keys_at
from .law import Steps
from .located import Located
from .model import Document
from .values import DAY, is_dated

__all__ = ["block_of", "entries", "follow", "is_bins", "is_known", "known_paths", "undated"]

INDEX = re.compile(r"\[([0-9]{1,5})\]")
SEGMENT = re.compile(r"[^.\[]+")
LEFT_OUT = ("rulebook", "tests")


def is_bins(path: Steps) -> bool:
    """Whether a table of bins stands at `path`; its keys are intervals, which are values too."""
    return len(path) == 6 and path[0] == "indicators" and path[4:] == ("bins", "table")


def undated(path: Steps) -> Steps:
    """A path without its days, as the format knows it."""
    return tuple(step for step in path if not (isinstance(step, str) and DAY.fullmatch(step)))


def follow(root: Located, text: str) -> tuple[Steps, tuple[str, ...]]:
    """The steps of `text` as far as they lead to a value, and the names that are left."""
    at, rest = root, text
    steps: Steps = ()
    while rest:
        name = rest.removeprefix(".") if steps else rest
        step, length = step_of(at, undated(steps), name)
        if step is None:
            return steps, tuple(name.split("."))
        at, steps, rest = at.down((step,))[0], (*steps, step), name[length:]
    return steps, ()


def step_of(at: Located, path: Steps, text: str) -> tuple[str | int | None, int]:
    """The step below `at` with which `text` begins, and how many characters it takes."""
    if isinstance(at.value, dict):
        keys = [key for key in at.value if text == key or text.startswith((f"{key}.", f"{key}["))]
        if keys:
            key = max(keys, key=len)
            return key, len(key)
    if isinstance(at.value, list) and (index := INDEX.match(text)):
        place = int(index[1])
        return (place, index.end()) if place < len(at.value) else (None, 0)
    found = SEGMENT.match(text)
    if found and (isinstance(at.value, list) or is_bins(path)):
        names = {name: step for number, (step, one) in enumerate(entries(at), 1) for name in (str(number), name_of(one)) if name}
        return names.get(found[0]), found.end()
    return None, 0


def entries(at: Located) -> list[tuple[str | int, Located]]:
    """What stands in a list or a mapping, each with its step."""
    return list(at.value.items()) if isinstance(at.value, dict) else list(enumerate(at.value)) if isinstance(at.value, list) else []


def name_of(entry: Located) -> str | None:
    """What an entry of a list is called: its id, or `otherwise`."""
    given, depth = entry.down(("id",))
    if depth and isinstance(given.value, str):
        return given.value
    return "otherwise" if isinstance(entry.value, dict) and "otherwise" in entry.value else None


def known_paths(at: Located, path: str = "") -> Iterator[str]:
    """Every path of a text, as it is best written."""
    if isinstance(at.value, dict):
        for key, below in at.value.items():
            if path or key not in LEFT_OUT:
                yield (here := f"{path}.{key}" if path else key)
                yield from known_paths(below, here)
    elif isinstance(at.value, list):
        for number, below in enumerate(at.value, 1):
            yield (here := f"{path}.{name_of(below) or number}")
            yield from known_paths(below, here)


def is_known(root: Located, steps: Steps, names: tuple[str, ...]) -> bool:
    """Whether the format has the keys `names` below what stands at `steps`, so that they may be written there."""
    at = root.down(steps)[0]
    if is_dated(at):
        return len(names) == 1 and DAY.fullmatch(names[0]) is not None
    if not isinstance(at.value, dict):
        return False
    path = undated(steps)
    return all(name in keys_at(Document, (*path, *names[:index])) for index, name in enumerate(names))


def block_of(path: Steps) -> Steps | None:
    """The nearest part around the value at a path that may say where its values come from; None where that is the whole rulebook."""
    while path and DAY.fullmatch(str(path[-1])):
        path = path[:-1]
    above = (path[:length] for length in range(len(path) - 1, 0, -1))
    return next((part for part in above if "basis" in keys_at(Document, undated(part))), None)
