"""How two texts of a rulebook differ, as the smallest values that were changed, by their paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .law import Steps
from .located import Located
from .paths import is_bins
from .values import DAY

__all__ = ["GONE", "Change", "Gone", "changes", "located", "standing"]


class Gone:
    """Stands in a changed rulebook where a value was taken away."""


GONE = Gone()


@dataclass(frozen=True, slots=True)
class Change:
    """A value that a reform changes: its path, what stands there now and what would stand there; None is no value."""

    path: str
    old: Any
    new: Any


def changes(old: Any, new: Any, path: Steps = (), *, exact: bool = False) -> Iterator[tuple[Steps, Any]]:
    """The smallest values by which `new` differs from `old`, with GONE for those taken away. A table of bins is one value.

    Entries of a list that has other entries are told apart by their ids. With `exact` such a list is one value, and so is a part into which
    something comes back: so that all stands in its old order, and at its old dates.
    """
    if isinstance(new, Gone):
        yield path, GONE
    elif exact and path and comes_back(old, new):
        yield path, without_gone(new)
    elif isinstance(old, dict) and isinstance(new, dict) and not is_bins(path) and dated(old) == dated(new):
        yield from changed_keys(old, new, path, exact)
    elif not exact and (entries := by_id(old, new)):
        yield from changed_keys(*entries, path, exact)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new) and any(isinstance(one, dict | list) for one in old):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from changes(before, after, (*path, index), exact=exact)
    elif old != new or isinstance(old, bool) != isinstance(new, bool) or (is_bins(path) and list(old) != list(new)):
        yield path, without_gone(new)


def by_id(old: Any, new: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The entries of two lists by their ids, where all have one and the lists have not the same."""
    if not all(isinstance(one, list) and one and all(isinstance(entry, dict) and "id" in entry for entry in one) for one in (old, new)):
        return None
    before, after = ({entry["id"]: entry for entry in one} for one in (old, new))
    return (before, after) if list(before) != list(after) else None


def changed_keys(old: dict[str, Any], new: dict[str, Any], path: Steps, exact: bool) -> Iterator[tuple[Steps, Any]]:
    for key in [*old, *(key for key in new if key not in old)]:
        if key not in old:
            yield (*path, key), without_gone(new[key])
        else:
            yield from changes(old[key], new.get(key, GONE), (*path, key), exact=exact)


def comes_back(old: Any, new: Any) -> bool:
    """Whether a part gets a key that it has not, or a value of it becomes a dated one."""
    if isinstance(old, dict) and isinstance(new, dict) and not dated(new):
        return any(key not in old or (dated(value) and not dated(old[key])) for key, value in new.items())
    if isinstance(old, list) and isinstance(new, list):
        return any(dated(after) and not dated(before) for before, after in zip(old, new, strict=False))
    return False


def dated(value: Any) -> bool:
    """Whether plain data is a dated value."""
    return isinstance(value, dict) and bool(value) and all(DAY.fullmatch(str(key)) for key in value)


def without_gone(value: Any) -> Any:
    """A value without what was taken away."""
    match value:
        case dict():
            return {key: without_gone(one) for key, one in value.items() if not isinstance(one, Gone)}
        case list():
            return [without_gone(one) for one in value if not isinstance(one, Gone)]
        case _:
            return value


def located(value: Any, file: str | None = None) -> Located:
    """Plain data as located data that stands in no line."""
    match value:
        case dict():
            kept = {str(key): located(one, file) for key, one in value.items() if not isinstance(one, Gone)}
            return Located(kept, 0, 0, keys=dict.fromkeys(kept, (0, 0)), file=file)
        case list() | tuple():
            return Located([located(one, file) for one in value if not isinstance(one, Gone)], 0, 0, file=file)
        case float():
            return Located(Decimal(repr(value)), 0, 0, file=file)
        case _:
            return Located(value, 0, 0, file=file)


def standing(plain: Any, path: Steps) -> Any:
    """The value at a path of plain data, None where nothing stands; an entry of a list by its place or its id."""
    found = plain
    for step in path:
        if isinstance(found, list) and isinstance(step, str):
            found = next((entry for entry in found if entry.get("id") == step), None)
        else:
            found = found.get(step) if isinstance(found, dict) else found[step]
        if found is None:
            break
    return found
