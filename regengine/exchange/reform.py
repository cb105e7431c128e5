"""A reform: a patch over a rulebook, as data, and the proof that the rulebook still loads with it.

Paths are written as in problems (`inspection.by_grade.C.ratio`, `adjust[0].when`). A reform changes nothing itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from ..rulebook.law import Steps
from ..rulebook.load import Rulebook, digest_of
from ..rulebook.located import Located
from ..rulebook.parts import RULEBOOK_ID, Block, Label
from .rows import is_bins

__all__ = ["GONE", "REFORM_NAME", "Reform", "changes", "digest_as_written", "flow", "located", "standing", "text_of"]

REFORM_NAME = r"[a-z][a-z0-9-]{0,59}"
PLAIN_KEY = re.compile(r"[a-z][a-z0-9_]*([.\[\]A-Za-z0-9_-])*")


class Gone:
    """Stands in a changed rulebook where a value was taken away."""


GONE = Gone()


class Reform(Block):
    """What a reform sets and removes in the rulebook `over`, whose text has `digest`."""

    reform: Annotated[str, Field(pattern=f"^{REFORM_NAME}$")]
    over: Annotated[str, Field(pattern=f"^{RULEBOOK_ID}$")]
    edition: str
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    title: Label | None = None
    set: dict[str, Any] = Field(default_factory=dict)
    remove: list[str] = Field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether it changes nothing."""
        return not self.set and not self.remove


def digest_as_written(root: Located, rulebook: Rulebook) -> str:
    """The digest of a whole file with its dated values; where it has none, it is the digest of its law."""
    return digest_of(root.plain(), rulebook.latest.uses)


def changes(old: Any, new: Any, path: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """The smallest values by which `new` differs from `old`, with GONE for those taken away. A table of bins is one value."""
    if isinstance(new, Gone):
        yield path, GONE
    elif isinstance(old, dict) and isinstance(new, dict) and not is_bins(path):
        for key in [*old, *(key for key in new if key not in old)]:
            if key not in old:
                yield (*path, key), without_gone(new[key])
            else:
                yield from changes(old[key], new[key], (*path, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new) and any(isinstance(one, dict | list) for one in old):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from changes(before, after, (*path, index))
    elif old != new or isinstance(old, bool) != isinstance(new, bool):
        yield path, without_gone(new)


def without_gone(value: Any) -> Any:
    """A value without what was taken away."""
    match value:
        case dict():
            return {key: without_gone(one) for key, one in value.items() if not isinstance(one, Gone)}
        case list():
            return [without_gone(one) for one in value if not isinstance(one, Gone)]
        case _:
            return value


def located(value: Any) -> Located:
    """Plain data as located data without places."""
    match value:
        case dict():
            kept = {key: located(one) for key, one in value.items() if not isinstance(one, Gone)}
            return Located(kept, keys=dict.fromkeys(kept, (1, 1)))
        case list():
            return Located([located(one) for one in value if not isinstance(one, Gone)])
        case _:
            return Located(value)


def text_of(reform: Reform) -> str:
    """A reform as YAML."""
    head: dict[str, Any] = {"reform": reform.reform, "over": reform.over, "edition": reform.edition, "digest": reform.digest}
    head |= {"title": reform.title.model_dump(exclude_none=True)} if reform.title else {}
    lines = [f"{key}: {flow(value)}" for key, value in head.items()]
    entries = [f"  {key if PLAIN_KEY.fullmatch(key) else flow(key)}: {flow(value)}" for key, value in reform.set.items()]
    lines += ["set:", *entries] if entries else ["set: {}"]
    lines += ["remove:", *(f"  - {flow(path)}" for path in reform.remove)] if reform.remove else ["remove: []"]
    return "\n".join([*lines, f"basis: {reform.basis or 'illustrative'}"]) + "\n"


def flow(value: Any) -> str:
    """A value as YAML has it in one line."""
    return json.dumps(value, ensure_ascii=False, default=float)


def standing(plain: Any, path: Steps) -> Any:
    """The value at a path of plain data, None where nothing stands."""
    found = plain
    for step in path:
        found = found.get(step) if isinstance(found, dict) else found[step]
        if found is None:
            break
    return found
