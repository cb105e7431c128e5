"""Lays one reform over the text of a rulebook: looks up every path first, then lays every value, and says what it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from ..problems import Place, Problem, ProblemError, nearest
from .changes import changes
from .form import keys_at
from .law import Steps
from .load import Rulebook, digest_of, in_force
from .located import Located, dotted
from .model import Document
from .paths import block_of, entries, follow, is_known, known_paths, undated
from .values import DAY, is_dated, parse_day, resolve

if TYPE_CHECKING:
    from .reform import Reform

__all__ = ["ORIGIN", "Entry", "Laying", "marked"]

ORIGIN = ("cite", "basis", "note")
WORDS = frozenset(["label", "labels", "title", "message", "unit", "id", *ORIGIN])  # what is only said decides nothing, and needs no citation
BOUNDS = frozenset(["at_least", "at_most", "total"])  # of a family: the citations are those of its items


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of a reform: what is done at which place of the rulebook, with its own place in the reform."""

    kind: str  # set, add, remove
    steps: Steps
    value: Located | None
    place: Place


class Laying:
    """Lays one reform over a text: first looks up every path, then lays every value."""

    def __init__(self, reform: Reform, rulebook: Rulebook, text: Located) -> None:
        self.reform, self.rulebook, self.text = reform, rulebook, text
        self.problems: list[Problem] = []
        self.entries: list[Entry] = []
        self.since, self.until = in_force(text)

    @cached_property
    def known(self) -> list[str]:
        return list(known_paths(self.text))

    def laid(self) -> Located:
        """The text with the reform over it; the text itself where nothing changes."""
        self.look_up()
        if self.problems:
            raise ProblemError(self.problems)
        text = self.text
        told = {entry.steps[:-1] for entry in self.entries if entry.steps[-1] in ORIGIN}
        for entry in sorted(self.entries, key=lambda entry: order(entry.steps), reverse=True):  # what stands behind is not moved by what comes before
            text, laid = self.lay(text, entry)
            for steps, value in laid:
                for block, day in resting(steps, value):
                    if block not in told:
                        text = self.stamped(text, block, day)
        return text

    def note(self, message: str, *path: str, hint: str | None = None, key: bool = True) -> None:
        self.problems.append(Problem("reform-wrong", message, self.reform.place(*path, key=key), hint))

    # looking up

    def look_up(self) -> None:
        given = self.reform.digest
        laws = {period.law.digest for period in self.rulebook.periods if period.law}
        texts = {digest_of(text.plain(), self.rulebook.latest.uses) for text in (self.text, self.rulebook.text)}
        if given is not None and given not in laws | texts:
            hint = "look whether the reform still says what is meant, and write the new digest"
            self.note(f"`{self.rulebook.id}` has another text than the one that the reform is over", "digest", hint=hint, key=False)
        for kind in ("set", "add", "remove"):
            for path in getattr(self.reform, kind):
                self.look_at(kind, path)
        self.apart()

    def look_at(self, kind: str, path: str) -> None:
        """Look up an entry, and take it where nothing is wrong with it."""
        found, missing = follow(self.text, path)
        steps = (*found, *missing)
        if not steps or steps[0] in ("rulebook", "tests") or (missing and (kind == "remove" or not is_known(self.text, found, missing))):
            hint = nearest(path, self.known) or ("write what is new under `add`" if kind == "set" else None)
            self.note(f"`{path}` is not a value of `{self.rulebook.id}`", kind, path, hint=hint)
            return
        value = None if kind == "remove" else self.reform.value(kind, path)
        before = len(self.problems)
        if kind == "set" and value is not None:
            self.look_at_value(steps, value, path)
        elif kind == "add" and value is not None and not missing:
            self.look_at_addition(self.text.down(steps)[0], value, path)
        if len(self.problems) == before:
            self.entries.append(Entry(kind, steps, value, self.reform.place(kind, path)))

    def look_at_value(self, steps: Steps, value: Located, path: str) -> None:
        """A value ends under `remove`, or on a day; a day lies in the time in which the rulebook is in force."""
        if value.value is None and not DAY.fullmatch(str(steps[-1])):
            self.note("there is no value", "set", path, hint="write the path under `remove`", key=False)
        elif is_dated(value):
            days = [day for day, _ in value]
            if max(days) < str(self.since):
                self.note(f"the rulebook is in force from {self.since} only", "set", path, max(days), hint="write the value without a day")
            for day in days:
                if self.until is not None and day > str(self.until):
                    self.note(f"the rulebook is in force until {self.until} only", "set", path, day)

    def look_at_addition(self, at: Located, value: Located, path: str) -> None:
        """Entries are added to a list, keys to a mapping that does not have them."""
        if isinstance(at.value, dict):
            if not isinstance(value.value, dict):
                self.note("keys are added here, and this is not a mapping", "add", path, key=False)
            for key, _ in value:
                if key in at.value:
                    self.note(f"`{key}` stands there already", "add", path, key, hint="write what changes under `set`")
        elif not isinstance(at.value, list):
            self.note("nothing can be added to a single value", "add", path, hint="write another value under `set`")

    def apart(self) -> None:
        """No two entries speak of one value; but what is added may stand beside what is changed."""
        for index, two in enumerate(self.entries):
            for one in self.entries[:index]:
                short, long = sorted((one, two), key=lambda entry: len(entry.steps))
                if one.steps == two.steps:
                    self.problems.append(Problem("reform-wrong", f"`{dotted(one.steps)}` stands twice in the reform", two.place))
                elif short.kind != "add" and long.steps[: len(short.steps)] == short.steps:
                    message = f"`{dotted(long.steps)}` is a part of `{dotted(short.steps)}`, about which the reform has an entry too"
                    self.problems.append(Problem("reform-wrong", message, two.place))

    # laying

    def lay(self, text: Located, entry: Entry) -> tuple[Located, list[tuple[Steps, Located]]]:
        """The text with one entry, and the values of the reform that now stand in it, by their paths."""
        at, depth = text.down(entry.steps)
        stood, value = at if depth == len(entry.steps) else None, entry.value
        if value is None:
            return put(text, entry.steps, None), []
        if entry.kind == "add" and not value.value and isinstance(value.value, dict | list):
            return text, []
        if entry.kind == "set" or stood is None:
            made = self.spliced(stood, value) if is_dated(value) else value
            same = stood is not None and not any(changes(stood.plain(), made.plain()))
            return (text, []) if same else (put(text, entry.steps, made, entry.place), [(entry.steps, value)])
        grown, steps = with_more(stood, value)
        return put(text, entry.steps, grown), [((*entry.steps, step), grown.down((step,))[0]) for step in steps]

    def spliced(self, stood: Located | None, value: Located) -> Located:
        """A dated value that says from its first day on what holds, and before that what held."""
        assert isinstance(value.value, dict)
        first = min(value.value)
        before: dict[str, Located] = {}
        if stood is not None and is_dated(stood):
            before = {day: one for day, one in stood if day < first}
        elif first > str(self.since):
            before = {str(self.since): stood if stood is not None else Located(None, 0, 0)}
        keys = {day: stood.keys.get(day, (0, 0)) if stood is not None else (0, 0) for day in before}
        return replace(value, value={**before, **value.value}, keys={**keys, **value.keys})

    def stamped(self, text: Located, block: Steps, day: str) -> Located:
        """The text in which a block has the reform's `cite`, `basis` and `note` in place of its own, from a day on (or always)."""
        if not any(getattr(self.reform, key) for key in ORIGIN):
            return text
        for key in ORIGIN:
            new = self.reform.value(key) if getattr(self.reform, key) is not None else Located(None, 0, 0)
            old, depth = text.down((*block, key))
            stood = old if depth == len(block) + 1 else None
            if day:
                held, _ = resolve(stood, parse_day(day)) if stood is not None else (Located(None), [])
                if not any(changes(held.plain(), new.plain())):
                    continue
                new = self.spliced(stood, Located({day: new}, 0, 0, keys={day: (0, 0)}))
            if new.value is not None or stood is not None:
                text = put(text, (*block, key), None if new.value is None else new, self.reform.place(key))
        return text


def resting(steps: Steps, at: Located, day: str = "") -> Iterator[tuple[Steps, str]]:
    """The blocks that rest on a reform where its value `at` stands, each with the day from which (or always); not those that say it themselves."""
    family_bound = steps[0] == "indicators" and len(steps) == 3 and steps[2] in BOUNDS
    if WORDS & set(steps) or family_bound:
        return
    if is_dated(at):
        for first, below in at:
            yield from resting((*steps, first), below, day or first)
    elif isinstance(at.value, dict) and "basis" in keys_at(Document, undated(steps)):
        if not {"cite", "basis"} & set(at.value):
            yield steps, ""
    elif isinstance(at.value, dict | list):
        for step, below in entries(at):
            yield from resting((*steps, step), below, day)
    elif (block := block_of(steps)) is not None:
        yield block, day


def order(steps: Steps) -> list[tuple[bool, int, str]]:
    """Paths in the order of the text, as far as lists go."""
    return [(isinstance(step, int), step if isinstance(step, int) else 0, str(step)) for step in steps]


def marked(at: Located, file: str) -> Located:
    """A value of a reform, each part of which names the reform's file."""
    value = at.value
    if isinstance(value, dict):
        value = {key: marked(below, file) for key, below in value.items()}
    elif isinstance(value, list):
        value = [marked(below, file) for below in value]
    return replace(at, value=value, file=file)


def with_more(at: Located, value: Located) -> tuple[Located, list[str | int]]:
    """A mapping with more keys, or a list with more entries (at its end, but before the row `otherwise`); and which they are."""
    if isinstance(at.value, dict):
        assert isinstance(value.value, dict)
        return replace(at, value={**at.value, **value.value}, keys={**at.keys, **value.keys}), list(value.value)
    assert isinstance(at.value, list)
    more = value.value if isinstance(value.value, list) else [value]
    ends = bool(at.value) and isinstance(at.value[-1].value, dict) and "otherwise" in at.value[-1].value
    first = len(at.value) - ends
    return replace(at, value=[*at.value[:first], *more, *at.value[first:]]), list(range(first, first + len(more)))


def put(at: Located, steps: Steps, value: Located | None, place: Place | None = None) -> Located:
    """`at` with another value at a path, and the mappings that lead there; without it where there is none."""
    step, *rest = steps
    if isinstance(at.value, list):
        assert isinstance(step, int)
        one = [put(at.value[step], tuple(rest), value, place)] if rest else [] if value is None else [value]
        return replace(at, value=[*at.value[:step], *one, *at.value[step + 1 :]])
    assert isinstance(at.value, dict)
    key = str(step)
    if value is None and not rest:
        return replace(at, value={name: below for name, below in at.value.items() if name != key})
    below = at.value.get(key)
    if rest:
        made = put(below if below is not None else replace(value or at, value={}, keys={}), tuple(rest), value, place)
    else:
        assert value is not None
        made = value
    line_column = (place.line or 0, place.column or 0) if place is not None else (0, 0)
    keys = at.keys if below is not None and rest else {**at.keys, key: line_column}
    return replace(at, value={**at.value, key: made}, keys=keys)
