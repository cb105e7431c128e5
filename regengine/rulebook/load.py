"""Load a rulebook: read its file once, prove every period of it, and pick the law of a day.

A loaded rulebook has no faults: each stretch of time between two of its dated changes has been read whole, and all
problems of all of them are raised together.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..problems import Place, Problem, ProblemError, one_problem
from .form import read_form, read_model
from .law import Law
from .located import Located, Plain, dotted, read_yaml
from .meaning import understand
from .model import Case, Cases
from .parts import RULEBOOK_ID
from .shipped import cases_file, find, rules_folder
from .values import change_days, is_dated, parse_day, resolve

__all__ = ["Rulebook", "canonical_json", "load_rulebook", "read_rulebook"]


@dataclass(frozen=True, slots=True)
class Period:
    """The rulebook from `since` until the next period; `early` names the values that have no value yet."""

    since: dt.date
    law: Law | None
    early: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rulebook:
    """A rulebook as written, over the whole time that it covers. Immutable; `at` gives the law of one day.

    `text` is what was read at `path`; `reforms` names the reforms that were laid over it, in their order.
    """

    file: str
    periods: tuple[Period, ...]
    until: dt.date | None
    cases: tuple[Case, ...]
    text: Located = field(repr=False, compare=False)
    path: Path
    reforms: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The rulebook's id."""
        return self.latest.id

    @property
    def latest(self) -> Law:
        """The law of the last period."""
        return next(period.law for period in reversed(self.periods) if period.law is not None)

    @property
    def text_digest(self) -> str:
        """SHA-256 over the whole text with its dated values; where it has none, it is the digest of its law."""
        return digest_of(self.text.plain(), self.latest.uses)

    @property
    def change_days(self) -> tuple[dt.date, ...]:
        """The days from which the text changes, the first being its entry into force."""
        return tuple(period.since for period in self.periods)

    def at(self, law_at: dt.date) -> Law:
        """The law in force on `law_at`. Raises `ProblemError` outside the time in force."""
        first = self.periods[0].since
        if law_at < first or (self.until is not None and law_at > self.until):
            span = f"from {first}" + (f" until {self.until}" if self.until else "")
            raise one_problem("not-in-force", f"`{self.id}` is in force {span}, not on {law_at}", hint="give another law date with `at()` or `--law-at`")
        period = next(period for period in reversed(self.periods) if period.since <= law_at)
        if period.law is None:
            raise ProblemError(
                Problem("not-in-force", f"`{path}` has no value on {law_at}", Place(self.file, path=path), "ask for another law date") for path in period.early
            )
        return period.law


def load_rulebook(name: str | Path) -> Rulebook:
    """A shipped rulebook by its id, or any by its path. Raises `ProblemError` with everything wrong with it."""
    return load_file(find(name), ())


def load_file(path: Path, users: tuple[str, ...]) -> Rulebook:
    rulebook, problems = read_rulebook(read_yaml(path, shown_name(path)), path, users)
    if rulebook is None:
        raise ProblemError(problems)
    return rulebook


def read_rulebook(root: Located, path: Path, users: tuple[str, ...] = ()) -> tuple[Rulebook | None, list[Problem]]:
    """The rulebook whose text is `root`, as if it stood at `path`, or everything that is wrong with it on any day."""
    shown = shown_name(path)
    problems: dict[tuple[str, str, Place], Problem] = {}

    def note(found: list[Problem] | tuple[Problem, ...]) -> None:
        for problem in found:
            problems.setdefault((problem.code, problem.message, problem.place), problem)

    used, faults = load_used(root, path, shown, users)
    note(faults)
    days, faults = written_days(root, shown)
    note(faults)
    for book in used.values():
        days |= {*book.change_days, *([book.until + dt.timedelta(1)] if book.until and book.until < dt.date.max else [])}
    since, until = in_force(root)
    starts = [since, *sorted(day for day in days if since < day <= (until or dt.date.max))]
    periods: list[Period] = []
    for start in starts:
        period, found = read_period(root, shown, start, used)
        note(found)
        periods.append(period)
    cases, found = read_cases(path, case_names(root))
    note(found)
    if not problems and not any(period.law for period in periods):
        never = [*early_paths(root, starts[-1], used)]
        note([Problem("not-in-force", f"`{dotted(at)}` never has a value while the rulebook is in force", root.place(at, shown)) for at in never])
    if problems:
        return None, sorted(problems.values(), key=lambda p: (p.place.file or "", p.place.line or 0, p.place.column or 0))
    law = next(p.law for p in reversed(periods) if p.law)
    return Rulebook(shown, tuple(periods), until, (*law.document.tests, *cases), root, path), []


def read_period(root: Located, shown: str, start: dt.date, used: Mapping[str, Rulebook]) -> tuple[Period, tuple[Problem, ...]]:
    early = early_paths(root, start, used)
    if early:
        return Period(start, None, tuple(map(dotted, early))), ()
    plain, _ = resolve(root, start)
    form = read_form(plain, shown)
    if form.document is None:
        return Period(start, None), form.problems
    laws = {name: book.at(start) for name, book in used.items()}
    blind = form.blind | (set(form.document.uses) - set(laws))
    law, found = understand(form.document, form.root, shown, uses=laws, digest=digest_of(plain.plain(), laws), since=start, blind=blind)
    return Period(start, None if form.problems else law), (*form.problems, *found)


def early_paths(root: Located, start: dt.date, used: Mapping[str, Rulebook]) -> list[tuple[str | int, ...]]:
    """The dated values and used rulebooks that have nothing to say on `start`."""
    _, early = resolve(root, start)
    for name, book in used.items():
        try:
            book.at(start)
        except ProblemError:
            early.append(("uses", name))
    return early


def load_used(root: Located, path: Path, shown: str, users: tuple[str, ...]) -> tuple[dict[str, Rulebook], list[Problem]]:
    """The rulebooks under `uses`, from the same folder of rules or from the shipped ones, and what keeps others from being used."""
    own, depth = root.down(("rulebook",))
    users = users if depth and users[-1:] == (str(own.value),) else (*users, str(own.value) if depth else shown)
    section, depth = root.down(("uses",))
    used: dict[str, Rulebook] = {}
    problems: list[Problem] = []
    for name, at in section if depth else ():
        wanted, place = at.value, root.place(("uses", name), shown)
        if is_dated(section) or is_dated(at):
            problems.append(Problem("value-wrong", "`uses` has no dated values", place, "the used rulebook has periods of its own"))
            break
        if not isinstance(wanted, str) or not re.fullmatch(RULEBOOK_ID, wanted):
            continue  # told with the form
        if wanted in users:
            circle = " → ".join(f"`{user}`" for user in (*users[users.index(wanted) :], wanted))
            problems.append(Problem("uses-cycle", f"the rulebooks use each other: {circle}", place))
            continue
        beside = path.parent.parent / f"{wanted}.yaml"
        try:
            book = load_file(beside if beside.is_file() else find(wanted), (*users, wanted))
        except ProblemError as error:
            problems += [problem if problem.place != Place() else replace(problem, place=place) for problem in error.problems]
            continue
        if book.id == wanted:
            used[name] = book
        else:
            problems.append(Problem("rulebook-unknown", f"the file of `{wanted}` says that it is `{book.id}`", place))
    return used, problems


def written_days(root: Located, shown: str) -> tuple[set[dt.date], list[Problem]]:
    days: set[dt.date] = set()
    problems: list[Problem] = []
    for text, at in change_days(root):
        try:
            days.add(parse_day(text))
        except ValueError as error:
            place = at.place((text,), shown, key=True)
            problems.append(Problem("date-wrong", str(error), replace(place, path=None)))
    return days, problems


def in_force(root: Located) -> tuple[dt.date, dt.date | None]:
    """The time in force as written; what is faulty there is told with the form."""
    days: dict[str, dt.date] = {}
    for key in ("from", "until"):
        at, depth = root.down(("in_force", key))
        if depth == 2:
            try:
                days[key] = parse_day(at.value)
            except ValueError:
                continue
    return days.get("from", dt.date(1, 1, 1)), days.get("until")


def case_names(root: Located) -> set[str]:
    """The names of the cases in a rulebook's own file."""
    section, depth = root.down(("tests",))
    cases = section.value if depth and isinstance(section.value, list) else []
    return {str(name.value) for name, depth in (case.down(("case",)) for case in cases) if depth}


def read_cases(path: Path, seen: set[str]) -> tuple[tuple[Case, ...], tuple[Problem, ...]]:
    """The cases in the file beside a rulebook; `seen` are the names that are taken."""
    beside = cases_file(path)
    if not beside.is_file():
        return (), ()
    shown = shown_name(beside)
    try:
        root = read_yaml(beside, shown)
    except ProblemError as error:
        return (), error.problems
    cases, problems = read_model(Cases, root, shown)
    if cases is None:
        return (), problems
    for index, case in enumerate(cases.tests):
        if case.case in seen:
            problems = (*problems, Problem("name-duplicate", f"the case `{case.case}` stands twice", root.place(("tests", index, "case"), shown)))
        seen.add(case.case)
    return tuple(cases.tests), problems


def shown_name(path: Path) -> str:
    """How a file is named in problems: shipped ones from `rules/` on, others as they were given."""
    folder = rules_folder()
    return f"rules/{path.relative_to(folder).as_posix()}" if path.is_relative_to(folder) else str(path)


def digest_of(plain: Plain, uses: Mapping[str, Law]) -> str:
    """SHA-256 over the canonical JSON of the resolved text, without its cases, with the digests of what it uses."""
    assert isinstance(plain, dict)
    text: dict[str, Any] = {key: value for key, value in plain.items() if key != "tests"}
    if uses:
        text["uses"] = {name: {"rulebook": law.id, "digest": law.digest} for name, law in uses.items()}
    return hashlib.sha256(canonical_json(text)).hexdigest()


def canonical_json(value: Any) -> bytes:
    """RFC 8785 canonical JSON; exact decimals are written as the numbers they are."""
    import rfc8785

    return bytes(rfc8785.dumps(_numbers(value)))


def _numbers(value: Any) -> Any:
    """Numbers as JSON has them; one that a double cannot hold exactly is written as text, so that no two numbers look alike."""
    if isinstance(value, dict):
        return {key: _numbers(below) for key, below in value.items()}
    if isinstance(value, list | tuple):
        return [_numbers(below) for below in value]
    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() else value if Decimal(repr(float(value))) != value else float(value)
    if isinstance(value, Decimal) or (isinstance(value, int) and abs(value) >= 2**53):
        return f"{value:f}".rstrip("0") if isinstance(value, Decimal) else str(value)
    return value
