"""From located YAML to a `Document`: every fault of form at its place, and as much of the rest kept as can still be read.

What is faulty is left out after it has been noted, so that the meaning of everything else is checked in the same pass;
names whose declaration was left out are remembered, and nothing more is said about them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ..problems import Problem, nearest
from .located import Located, dotted
from .model import Document
from .parts import say

__all__ = ["Formed", "read_form", "read_model"]

Steps = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)
UNITS = {"facts": 2, "terms": 2, "sources": 2, "registers": 2, "uses": 2, "outcomes": 2, "adjust": 2, "always": 2, "warnings": 2, "tests": 2}
STAND_INS: Mapping[str, object] = MappingProxyType({
    "rulebook": "x/unread", "edition": "0", "title": "unread", "authority": "unread", "audience": "internal",
})  # fmt: skip
MOST_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Formed:
    """What could be read: the document (None if nothing could), its located data, the faults, and the names left out."""

    document: Document | None
    root: Located
    problems: tuple[Problem, ...]
    blind: frozenset[str]


def read_form(root: Located, file: str) -> Formed:
    """Read a rulebook's form; never raises for what the user wrote."""
    problems: list[Problem] = []
    blind: set[str] = set()
    mistyped: set[Steps] = set()
    for turn in range(MOST_ROUNDS):
        try:
            return Formed(Document.model_validate(root.plain()), root, tuple(problems), frozenset(blind))
        except ValidationError as error:
            drop: list[Steps] = []
            details = [(detail, own_path(root, detail)) for detail in error.errors()]
            mistyped |= {path for detail, path in details if detail["type"] == "extra_forbidden"}
            for detail, path in details:
                if not follows(detail, path, mistyped, turn):
                    problems.append(problem_of(detail, path, root, file, Document))
                drop.append(path if detail["type"] == "extra_forbidden" else unit(path))
            for path in sorted(set(drop), key=lambda p: [(isinstance(s, int), s if isinstance(s, int) else 0, str(s)) for s in p], reverse=True):
                if path == ():
                    return Formed(None, root, tuple(problems), frozenset(blind))
                blind |= names_of(root, path)
                root = without(root, path)
    return Formed(None, root, tuple(problems), frozenset(blind))


def follows(detail: ErrorDetails, path: Steps, mistyped: set[Steps], turn: int) -> bool:
    """Whether a fault only follows from another: from a key that was mistyped, or from what was left out in an earlier turn."""
    if detail["type"] == "missing":
        return any(other[:-1] == path[:-1] and nearest(str(other[-1]), [str(path[-1])]) == f"did you mean `{path[-1]}`?" for other in mistyped)
    left_out = detail["type"] == "too_short" or (detail["type"] == "regengine" and any(other[:-1] == path for other in mistyped))
    return turn > 0 and left_out


def read_model(model: type[Model], root: Located, file: str) -> tuple[Model | None, tuple[Problem, ...]]:
    """Read any located data as `model`: the model, or every fault with its place."""
    try:
        return model.model_validate(root.plain()), ()
    except ValidationError as error:
        return None, tuple(problem_of(detail, own_path(root, detail), root, file, model) for detail in error.errors())


def own_path(root: Located, detail: ErrorDetails) -> Steps:
    """pydantic's place without the steps that no file has: `[key]`, and `values` in a row of a table of outcomes."""
    path = detail["loc"]
    if path[:1] == ("outcomes",) and path[4:5] == ("values",) and root.down(path[:5])[1] == 4:
        path = (*path[:4], *path[5:])
    # a short form (a plain ratio) has no place for the parts of the long one
    return path if detail["type"] == "missing" else path[: root.down(path)[1]]


def unit(path: Steps) -> Steps:
    """The smallest part that can be left out when something inside it is faulty."""
    match path:
        case (("facts" | "terms" | "sources" | "registers" | "uses" | "outcomes" | "adjust" | "warnings" | "tests"), _, *_):
            return path[:2]
        case ("indicators", _, "items", _, *_):
            return path[:4]
        case ("inspection", ("by_grade" | "rows" | "cap" | "quiet" | "triggers"), _, *_) | ("service", ("paths" | "matters"), _, *_):
            return path[:3]
        case ("grades", "labels", *_):
            return path[:2]
        case ("indicators", _, *_):
            return path[:2]
        case ("grades", *_) | ():
            return ()
        case _:
            return path[:1]


def names_of(root: Located, path: Steps) -> frozenset[str]:
    match path:
        case (("facts" | "terms" | "uses" | "indicators"), name):
            return frozenset([str(name)])
        case ("sources" | "registers", _) | ("service", "matters", _) | ("inspection", "by_grade", _) | (("sources" | "registers"),):
            return frozenset([dotted(path)])
        case (("facts" | "terms" | "uses" | "indicators" | "score"),):
            below, depth = root.down(path)
            return frozenset(key for key, _ in below) | {str(path[0])} if depth else frozenset()
        case _:
            return frozenset()


def without(root: Located, path: Steps) -> Located:
    """`root` without the part at `path`, or with a stand-in where the part is required."""
    head, *rest = path
    if isinstance(root.value, dict):
        if not rest:
            kept = {key: below for key, below in root.value.items() if key != head}
            if head in STAND_INS:
                kept[str(head)] = Located(STAND_INS[str(head)])  # type: ignore[arg-type]
            elif head == "in_force":
                kept["in_force"] = Located({"from": Located("0001-01-01")})
            return replace(root, value=kept)
        if head in root.value:
            return replace(root, value={**root.value, str(head): without(root.value[str(head)], tuple(rest))})
    if isinstance(root.value, list) and isinstance(head, int) and head < len(root.value):
        below = [*root.value[:head], *([without(root.value[head], tuple(rest))] if rest else []), *root.value[head + 1 :]]
        return replace(root, value=below)
    return root


def problem_of(detail: ErrorDetails, path: Steps, root: Located, file: str, model: type[BaseModel]) -> Problem:
    """A pydantic error in the project's words."""
    kind, ctx = detail["type"], detail.get("ctx", {})
    name = str(path[-1]) if path else ""
    place = root.place(path, file)
    value = detail.get("input")
    if kind == "regengine":
        return Problem(ctx["code"], ctx["message"], place, ctx["hint"] or None)
    if kind == "extra_forbidden":
        hint = "a text with a comma needs quotes" if value is None else nearest(name, keys_at(model, path[:-1]))
        return Problem("key-unknown", f"`{name}` is not a key here", root.place(path, file, key=True), hint)
    if kind == "missing":
        above = dotted(path[:-1])
        return Problem("key-missing", f"`{name}` is missing" + (f" in `{above}`" if above else ""), root.place(path[:-1], file))
    if kind in ("literal_error", "enum"):
        known = [word.strip(" '") for word in str(ctx.get("expected", "")).replace(" or ", ",").split(",")]
        return Problem("value-wrong", f"`{say(value)}` is not a value of `{name}`", place, nearest(str(value), known))
    if kind == "string_pattern_mismatch":
        word = say(value)
        return Problem(
            "value-wrong",
            f"`{word}` is not written as a name of this kind",
            root.place(path, file, key=detail["loc"][-1] == "[key]"),
            "use small letters, digits and `_` (a rulebook id: `country/name-year`)",
        )
    wanted = {
        "string_type": "a text is needed (put it in quotes)",
        "bool_type": "`true` or `false` is needed",
        "int_type": "a whole number is needed",
        "int_from_float": "a whole number is needed",
        "dict_type": "a mapping is needed",
        "model_type": "a mapping is needed",
        "list_type": "a list is needed",
    }.get(kind)
    if wanted:
        return Problem("value-wrong", f"`{say(value)}` cannot stand for {f'`{name}`' if name else 'the whole'}: {wanted}", place)
    limits = {"too_short": "too few entries", "too_long": "too many entries", "string_too_long": "too long", "string_too_short": "too short",
              "greater_than_equal": f"below {ctx.get('ge')}", "less_than_equal": f"above {ctx.get('le')}"}  # fmt: skip
    return Problem("value-wrong", f"`{name}` is {limits.get(kind, 'not of the form that is asked for here')}", place)


def keys_at(model: type[BaseModel], path: Steps) -> list[str]:
    """The keys that the format knows at `path`, read from the models."""
    found: Any = model
    for step in path:
        found = bare(found)
        if isinstance(found, type) and issubclass(found, BaseModel):
            found = next((f.annotation for n, f in found.model_fields.items() if (f.alias or n) == step), None)
        else:
            found = get_args(found)[-1] if get_args(found) else None
    found = bare(found)
    if isinstance(found, type) and issubclass(found, BaseModel):
        return [field.alias or name for name, field in found.model_fields.items()]
    return []


def bare(annotation: Any) -> Any:
    """An annotation without `Annotated[...]` and `... | None`."""
    while get_origin(annotation) in (Annotated, Union, UnionType):
        annotation = next(a for a in get_args(annotation) if a is not type(None))
    return annotation
