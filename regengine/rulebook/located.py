"""YAML as plain data that knows where each value stands, read within limits.

Only YAML 1.2's plain data: mappings with text keys, sequences, text, exact numbers, true, false and null. Refuses tags,
anchors, aliases, several documents, repeated keys, and whatever is past the limits, before anything is built from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from ..problems import Place, Problem, ProblemError, one_problem

__all__ = ["Located", "Plain", "read_yaml", "read_yaml_text"]

MOST_BYTES, MOST_NODES, MOST_LEVELS = 2_000_000, 20_000, 40
INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
DECIMAL = re.compile(r"[-+]?(\.[0-9]{1,18}|[0-9]{1,18}\.[0-9]{0,18})")
SURROGATE = re.compile("[\ud800-\udfff]")  # half of a character, which only an escape can write
CONSTANTS = {"": None, "~": None, "null": None, "true": True, "True": True, "false": False, "False": False}

Scalar = str | int | bool | Decimal | None
Plain = Scalar | dict[str, "Plain"] | list["Plain"]
Path_ = tuple[str | int, ...]
NOWHERE: Mapping[str, tuple[int, int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Located:
    """A value of a file with its line and column (from 1), and those of its keys where it is a mapping.

    A value that was laid over a file from another names that one as `file`; a value that stands in no line has line 0.
    """

    value: Scalar | dict[str, Located] | list[Located]
    line: int = 1
    column: int = 1
    keys: Mapping[str, tuple[int, int]] = field(default_factory=lambda: NOWHERE)
    quoted: int = 0  # characters between the column and the text itself; -1 where the text is folded over lines
    file: str | None = None

    def plain(self) -> Plain:
        """The value without its places."""
        if isinstance(self.value, dict):
            return {key: below.plain() for key, below in self.value.items()}
        if isinstance(self.value, list):
            return [below.plain() for below in self.value]
        return self.value

    def down(self, path: Path_) -> tuple[Located, int]:
        """The deepest value on `path` and how many of its parts lead there."""
        at = self
        for depth, part in enumerate(path):
            found = None
            if isinstance(at.value, dict):
                found = at.value.get(str(part))
            elif isinstance(at.value, list) and isinstance(part, int) and part < len(at.value):
                found = at.value[part]
            if found is None:
                return at, depth
            at = found
        return at, len(path)

    def place(self, path: Path_, file: str | None, *, offset: int = 0, key: bool = False) -> Place:
        """The place of the value at `path` (of its key, with `key`), `offset` characters into its text."""
        if key and path:
            above, depth = self.down(path[:-1])
            if depth == len(path) - 1 and path[-1] in above.keys:
                line, column = above.keys[str(path[-1])]
                return Place(self.down(path)[0].file or file, line or None, column or None, dotted(path))
        at, depth = self.down(path)
        if depth < len(path):
            offset = 0
        shift = 0 if at.quoted < 0 or not isinstance(at.value, str) else at.quoted + offset
        return Place(at.file or file, at.line or None, at.column + shift if at.line else None, dotted(path))

    def __iter__(self) -> Iterator[tuple[str, Located]]:
        return iter(self.value.items()) if isinstance(self.value, dict) else iter(())


def dotted(path: Path_) -> str:
    """`("adjust", 0, "when")` as `adjust[0].when`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def read_yaml(path: Path, shown: str | None = None) -> Located:
    """The file as located data. `shown` is the name used in problems."""
    shown = shown or str(path)
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise one_problem("yaml-limit", f"the file has {size:,} bytes, the limit is {MOST_BYTES:,}", place=Place(shown))
        raw = path.read_bytes()
    except OSError as error:
        raise one_problem("file-missing", f"cannot read the file: {error.strerror or error}", place=Place(shown)) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise one_problem("file-encoding", "the file is not UTF-8", place=Place(shown, line), hint="save it as UTF-8") from None
    return read_yaml_text(text, shown)


def read_yaml_text(text: str, shown: str | None = None) -> Located:
    """A YAML text as located data; raises `ProblemError` with everything that keeps it from being read."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    if len(text.encode()) > MOST_BYTES:
        raise one_problem("yaml-limit", f"the text is over {MOST_BYTES:,} bytes", place=Place(shown))
    builder = Builder(shown)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(shown, mark.line + 1, mark.column + 1) if mark else Place(shown)
        told = str(error.problem or error.context or "not valid YAML")
        hint = "inside { } and [ ] a text with a comma, a colon or a bracket needs quotes" if "expected ','" in told else None
        raise one_problem("yaml-syntax", told, place=place, hint=hint) from None
    except (YAMLError, ValueError) as error:
        first = str(error).splitlines()[0] if str(error) else "not valid YAML"
        raise one_problem("yaml-syntax", first, place=Place(shown)) from None
    if builder.problems:
        raise ProblemError(builder.problems)
    if builder.root is None or builder.root.value is None:
        raise one_problem("file-empty", "the file holds no data", place=Place(shown))
    return builder.root


class Open:
    """A mapping or sequence whose end has not come yet."""

    __slots__ = ("key", "keys", "line_column", "value")

    def __init__(self, value: dict[str, Located] | list[Located], line_column: tuple[int, int]) -> None:
        self.value = value
        self.line_column = line_column
        self.key: tuple[str, int, int] | None = None
        self.keys: dict[str, tuple[int, int]] = {}


class Builder:
    """Builds located data from a parser's events, without recursion, and stops at the limits."""

    def __init__(self, shown: str | None) -> None:
        self.shown = shown
        self.root: Located | None = None
        self.problems: list[Problem] = []
        self.open: list[Open] = []
        self.nodes = 0
        self.documents = 0

    def stop(self, code: str, message: str, line: int, column: int, hint: str | None = None) -> ProblemError:
        return ProblemError([*self.problems, Problem(code, message, Place(self.shown, line, column), hint)])

    def take(self, event: object) -> None:
        from ruamel.yaml import events

        mark = getattr(event, "start_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        if isinstance(event, events.NodeEvent):
            self.nodes += 1
            if self.nodes > MOST_NODES:
                raise self.stop("yaml-limit", f"the file has more than {MOST_NODES:,} values", line, column)
            if isinstance(event, events.AliasEvent) or event.anchor:
                raise self.stop("yaml-syntax", "anchors and aliases are not used here", line, column, "write the value out")
            if isinstance(event, events.ScalarEvent):
                self.scalar(event, line, column)
                return
            if not isinstance(event, events.CollectionStartEvent):
                return
            if event.tag and not event.implicit:
                raise self.stop("yaml-syntax", f"the tag `{event.tag}` is not used here", line, column)
            if len(self.open) >= MOST_LEVELS:
                raise self.stop("yaml-limit", f"the file is nested more than {MOST_LEVELS} levels deep", line, column)
            if self.awaits_key():
                raise self.stop("yaml-syntax", "a key must be a plain text", line, column)
            self.open.append(Open({} if isinstance(event, events.MappingStartEvent) else [], (line, column)))
        elif isinstance(event, events.CollectionEndEvent):
            done = self.open.pop()
            self.put(Located(done.value, *done.line_column, keys=MappingProxyType(done.keys)))
        elif isinstance(event, events.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise self.stop("yaml-syntax", "a file holds one document", line, column)

    def awaits_key(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1].value, dict) and self.open[-1].key is None

    def scalar(self, event: object, line: int, column: int) -> None:
        text, style, tag = (str(getattr(event, "value", "")), getattr(event, "style", None), getattr(event, "tag", None))
        if tag and str(tag) != "!":
            raise self.stop("yaml-syntax", f"the tag `{tag}` is not used here", line, column)
        if SURROGATE.search(text):
            raise self.stop("yaml-syntax", "an escape does not stand for a whole character", line, column)
        if self.awaits_key():
            above = self.open[-1]
            if text in above.keys:
                first = above.keys[text][0]
                self.problems.append(Problem("key-duplicate", f"the key `{text}` stands here and in line {first}", Place(self.shown, line, column)))
            above.key = (text, line, column)
            return
        plain = style in (None, "")
        end = getattr(event, "end_mark", None)
        folded = end is not None and end.line + 1 != line
        if plain and not text and self.open and self.open[-1].key is not None:
            _, line, column = self.open[-1].key  # nothing stands after the key
        value = self.resolved(text, line, column) if plain else text
        self.put(Located(value, line, column, quoted=-1 if folded else 0 if plain else 1))

    def resolved(self, text: str, line: int, column: int) -> Scalar:
        if text in CONSTANTS:
            return CONSTANTS[text]
        if INTEGER.fullmatch(text):
            return int(text)
        if DECIMAL.fullmatch(text):
            return Decimal(text)
        if text.lower() in (".inf", "-.inf", "+.inf", ".nan"):
            self.problems.append(Problem("value-wrong", f"`{text}` is not a number that a rulebook can use", Place(self.shown, line, column)))
        return text

    def put(self, made: Located) -> None:
        if not self.open:
            self.root = made
            return
        above = self.open[-1]
        if isinstance(above.value, list):
            above.value.append(made)
            return
        assert above.key is not None
        name, line, column = above.key
        above.keys.setdefault(name, (line, column))
        above.value[name] = made
        above.key = None
