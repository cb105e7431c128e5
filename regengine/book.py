"""`Book`: a rulebook ready for use. It compiles the law of a day once and grades one enterprise or a whole table with it.

A book is immutable and may be shared between threads; what it compiles is kept with it, by the period of the law.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from .decision import Decision
from .decision.decision import Telling, telling
from .decision.trace import Trace
from .engines.durable import Durable, durable
from .engines.single import Single, Value, single
from .intake.one import Reader, reader
from .problems import Place, Problem, ProblemError, nearest, one_problem
from .program import Program, compile_law
from .rulebook.facts import FactSpec
from .rulebook.law import Law
from .rulebook.load import Rulebook, load_rulebook
from .rulebook.model import Case
from .rulebook.reform import Reform, is_reform, reformed
from .rulebook.values import months_before, parse_day
from .service.opening import opening
from .service.route import Route
from .service.routing import Routing, routing

if TYPE_CHECKING:
    from .evidence import Evidence
    from .forecast import Forecast
    from .service.frame import Routed
    from .tables import Graded
    from .workdays import Calendar

__all__ = ["Book", "Ready", "load", "load_beside"]

DayLike = dt.date | str
FIRST_YEAR = 1000
Native = TypeVar("Native")


@dataclass(frozen=True, slots=True)
class Ready:
    """A compiled law with what its engines need; `durable` makes its ruleset on first use."""

    program: Program
    single: Single
    durable: Callable[[], Durable]
    reader: Reader
    told: Telling


@dataclass(frozen=True, slots=True)
class ReadyRoute:
    """The routing of a compiled law for one matter, with what its engine needs."""

    routing: Routing
    ready: Ready


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Book:
    """A rulebook for grading. `law_at` is the day of its law; without one, each call takes the law of its `as_of`."""

    rulebook: Rulebook
    law_at: dt.date | None = None
    _ready: dict[dt.date, Ready] = field(default_factory=dict)
    _routes: dict[tuple[dt.date, str], ReadyRoute] = field(default_factory=dict)

    def __repr__(self) -> str:
        parts = [self.id, *(f"with {name}" for name in self.rulebook.reforms), *([f"at {self.law_at}"] if self.law_at else [])]
        return f"<Book {' '.join(parts)}>"

    @property
    def id(self) -> str:
        """The rulebook's id, such as `cn/henan-2022`."""
        return self.rulebook.id

    @property
    def law(self) -> Law:
        """The law at `law_at`, or the latest."""
        return self.rulebook.latest if self.law_at is None else self.rulebook.at(self.law_at)

    @property
    def program(self) -> Program:
        """The compiled law."""
        return self.ready(self.law).program

    @property
    def facts(self) -> Mapping[str, FactSpec]:
        """The facts that must be known, by name, with their `type`, bounds and what a missing value means."""
        return MappingProxyType({spec.name: spec for spec in self.program.facts})

    @property
    def cases(self) -> tuple[Case, ...]:
        """The rulebook's own test cases."""
        return self.rulebook.cases

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical text of the law."""
        return self.law.digest

    def at(self, law_at: DayLike) -> Book:
        """This book with the law of one day. Raises `ProblemError` where the rulebook is not in force then."""
        day = as_day(law_at, "law_at")
        self.rulebook.at(day)
        return Book(self.rulebook, day, self._ready, self._routes)

    def with_reform(self, *reforms: Reform | str | Path) -> Book:
        """This book with reforms laid over its rulebook, in their order; each is a `Reform` or the path of one. This book stays as it is.

        Raises `ProblemError` with everything that does not fit, and with what the reforms would make wrong in the rulebook.
        """
        return Book(reformed(self.rulebook, *reforms), self.law_at)

    def ready(self, law: Law) -> Ready:
        """The compiled form of a law of this book, made on first use."""
        made = self._ready.get(law.since)
        if made is None:
            made = self._ready.setdefault(law.since, ready_of(compile_law(law)))
        return made

    def ready_route(self, law: Law, matter: str) -> ReadyRoute:
        """The routing of a law of this book for a matter, made on first use."""
        made = self._routes.get((law.since, matter))
        if made is None:
            found = routing(self.ready(law).program, matter)
            made = self._routes.setdefault((law.since, matter), ReadyRoute(found, ready_of(found.program)))
        return made

    def dates(self, as_of: DayLike | None) -> tuple[dt.date, dt.date]:
        """The law date and the facts date of a call; each stands in for the other where only one is given."""
        facts_day = None if as_of is None else as_day(as_of, "as_of")
        law_day = self.law_at or facts_day
        if law_day is None:
            raise one_problem("date-missing", "the day of the facts is needed", hint='give `as_of="YYYY-MM-DD"`, or take the book `.at()` a day')
        return law_day, facts_day or law_day

    def decide(
        self, facts: Mapping[str, Any], *, as_of: DayLike | None = None, key: str = "enterprise", engine: Literal["single", "durable"] = "single"
    ) -> Decision:
        """Grade one enterprise from its facts.

        `facts` maps names of facts to values, and may hold the enterprise's own key. `engine` says what runs the rules;
        all give the same decisions (see `docs/engines.md`). Raises `ProblemError` with everything that is wrong with the
        facts, each with the name and the value.
        """
        law_day, facts_day = self.dates(as_of)
        ready = self.ready(self.rulebook.at(law_day))
        return decided(ready, facts, key, law_day, facts_day, ready.single.run if engine == "single" else engine_of(ready, engine))

    def route(
        self,
        matter: str,
        facts: Mapping[str, Any],
        *,
        as_of: DayLike | None = None,
        calendar: Calendar | None = None,
        registers: Mapping[str, Any] | None = None,
        until: DayLike | None = None,
        key: str = "enterprise",
        texts: Collection[str] = (),
    ) -> Route:
        """The service path of one applicant for a matter, with what is waived, by when, what is checked, and the paths that are closed.

        `as_of` is the day of the application. With a `calendar` (such as `workdays.china(first, last)`) deadlines are days. With
        `registers`, as for `work_out`, the facts that come from them are worked out, and a closed path has the day on which it opens again if
        nothing new happens, up to `until`, as for `forecast`; with `until` alone, that day follows from the facts as given. Raises
        `ProblemError` as `decide` does, `option-wrong` for a matter that the rulebook does not have, and `calendar-unknown`.
        """
        law_day, facts_day = self.dates(as_of)
        made = self.ready_route(self.rulebook.at(law_day), matter)
        opens: dict[str, dt.date] = {}
        if registers is not None or until is not None:
            ahead = self.forecast(facts, registers, as_of=facts_day, until=until, key=key, texts=texts)
            opens = opening(made.routing, ahead.now, (*ahead.changes, *ahead.others))
            given = {name: value for name, value in ahead.now.facts.items() if value is not None and name not in ahead.now.filled}
            facts = given if ahead.now.enterprise is None else {**given, key: ahead.now.enterprise}
        decision = decided(made.ready, facts, key, law_day, facts_day, made.ready.single.run)
        found = Route(decision, made.routing, calendar, opens)
        if calendar is not None:
            found.due  # noqa: B018 - a calendar that does not reach is refused here and not when the days are read
        return found

    def route_frame(
        self,
        frame: Native,
        matter: str,
        *,
        as_of: DayLike | None = None,
        key: str = "enterprise",
        absent: Collection[str] = (),
        keep: Literal["all", "key"] = "all",
        texts: bool = False,
    ) -> Routed[Native]:
        """Route a table of applications in one matter: as `split_frame`, with the columns `route_...` of `docs/columns.md` behind the others.

        `.routed` and `.rejects` are frames of the same kind; `.total()` sums the savings. Raises `ProblemError` as `split_frame` and `route` do.
        """
        from .service.frame import Routed
        from .tables import grade_table

        law_day, facts_day = self.dates(as_of)
        program = self.ready_route(self.rulebook.at(law_day), matter).routing.program
        found = grade_table(program, frame, facts_day, key=key, absent=absent, keep=keep, texts=texts)
        return Routed(found.graded, found.rejects)

    def work_out(
        self,
        frame: Native,
        registers: Mapping[str, Any],
        *,
        as_of: DayLike | None = None,
        known_at: DayLike | None = None,
        key: str = "enterprise",
        texts: Collection[str] = (),
    ) -> Evidence[Native]:
        """Work out the facts that come from registers, for the enterprises of a table; `.facts` is the table with them.

        `registers` maps each register of the rulebook to a table of the kind of `frame`. `as_of` is the day up to which
        events count, `known_at` the day up to which they had become known (default: `as_of`). Entries that cannot be read
        are in `.rejects`, what became of the others in `.told`. `texts` names the registers whose columns all hold text, as
        read from CSV. Raises `ProblemError` for a register that is missing or of another form than declared.
        """
        from .tables import work_out_table

        law_day, facts_day = self.dates(as_of)
        known_day = facts_day if known_at is None else as_day(known_at, "known_at")
        return work_out_table(self.rulebook.at(law_day), frame, registers, key=key, as_of=facts_day, known_at=known_day, texts=texts)

    def forecast(
        self,
        facts: Mapping[str, Any],
        registers: Mapping[str, Any] | None = None,
        *,
        as_of: DayLike | None = None,
        until: DayLike | None = None,
        key: str = "enterprise",
        texts: Collection[str] = (),
    ) -> Forecast:
        """The days after `as_of` and up to `until` (default: three years on) on which the grade changes if nothing new happens.

        `facts` are those of one enterprise, as for `decide`. With `registers`, as for `work_out`, the facts that come from them
        are worked out on each day that matters, from the entries of the enterprise that `facts` names under `key`; without,
        they stay as given. The law of each day applies, changes that are enacted included; a book `.at()` a day keeps its law.
        Raises `ProblemError` as `decide` and `work_out` do.
        """
        from .forecast import forecast

        _, first = self.dates(as_of)
        three_years_on = dt.date.max if first.year > dt.date.max.year - 3 else months_before(first, -36)
        last = three_years_on if until is None else as_day(until, "until")
        return forecast(self, facts, registers, as_of=first, until=last, key=key, texts=texts)

    def decide_frame(
        self, frame: Native, *, as_of: DayLike | None = None, key: str = "enterprise", absent: Collection[str] = (), keep: Literal["all", "key"] = "all"
    ) -> Native:
        """Grade a table; the same kind of frame comes back, with the decided columns of `docs/columns.md` added.

        `frame` is a pandas or Polars frame (a lazy one stays lazy) with a row for each enterprise, a column for each fact
        and the column `key`. `absent` names facts that the table is known not to hold. With `keep="key"` only the key
        and the decided columns are returned. Raises `ProblemError` where any row cannot be graded, so that none is lost
        unseen (on a lazy frame this takes a pass over the data); `split_frame` returns such rows instead.
        """
        return self.split_frame(frame, as_of=as_of, key=key, absent=absent, keep=keep).whole()

    def split_frame(
        self,
        frame: Native,
        *,
        as_of: DayLike | None = None,
        key: str = "enterprise",
        absent: Collection[str] = (),
        keep: Literal["all", "key"] = "all",
        texts: bool = False,
        shadow: Book | None = None,
    ) -> Graded[Native]:
        """Grade a table and keep the rows that cannot be graded: `.graded` and `.rejects`, each a frame of the same kind.

        Rejects have the columns as they came and `rejected_for`. With `texts`, every column holds text, as read from CSV.
        With `shadow`, a second book (such as this one with a reform), its `shadow_grade`, `shadow_score` and `shadow_graded_by` stand beside
        in both, empty where it cannot grade the row; its law is that of the same day.
        """
        from .tables import grade_table

        law_day, facts_day = self.dates(as_of)
        program = self.ready(self.rulebook.at(law_day)).program
        second = None if shadow is None else shadow.ready(shadow.rulebook.at(law_day)).program
        return grade_table(program, frame, facts_day, key=key, absent=absent, keep=keep, texts=texts, shadow=second)


def load(name: str | Path) -> Book:
    """A shipped rulebook by its id (`cn/henan-2022`), or any by its path. Raises `ProblemError` with all its problems."""
    return Book(load_rulebook(name))


def load_beside(book: Book, name: str | Path) -> Book:
    """What a book is held against: the book with a reform, by the reform's file, or another rulebook, as for `load`."""
    return book.with_reform(name) if is_reform(name) else load(name)


def ready_of(program: Program) -> Ready:
    """A program with what its engines need."""
    engine = single(program)
    return Ready(program, engine, cache(partial(durable, program)), reader(program.facts), telling(program, engine.place))


def decided(
    ready: Ready, facts: Mapping[str, Any], key: str, law_day: dt.date, facts_day: dt.date, run: Callable[..., tuple[Value, ...]]
) -> Decision:  # fmt: skip
    """One enterprise, by one engine. Raises `ProblemError` with everything that is wrong with its facts."""
    program, closure = ready.program, ready.single
    inputs = ready.reader.read(facts, key)
    days = closure.days_at(facts_day)
    values = run(*inputs.values, *days.values())
    name = facts.get(key)
    trace = Trace(closure.place, (*inputs.values, *values))
    for refusal in program.refusals:
        if trace[refusal.step]:
            raise ProblemError([Problem(refusal.code, refusal.message, Place(key=None if name is None else str(name)))])
    return Decision(
        None if name is None else str(name), law_day, facts_day, inputs.filled, inputs.unknown, program, trace,
        days, ready.told, closure.run,
    )  # fmt: skip


def engine_of(ready: Ready, engine: str) -> Callable[..., tuple[Value, ...]]:
    """What runs the rules, by the name of an engine other than the default."""
    if engine == "durable":
        return ready.durable().run
    hint = nearest(engine, ("single", "durable"))
    raise one_problem("option-wrong", f"`{engine}` is not an engine for one enterprise", hint=hint, place=Place(field="engine"))


def as_day(day: DayLike, name: str) -> dt.date:
    try:
        made = parse_day(day)
    except ValueError as error:
        raise one_problem("date-wrong", str(error), place=Place(field=name)) from None
    if made.year < FIRST_YEAR:  # a window may reach 300 years back, and the calendar must still have the day
        raise one_problem("date-wrong", f"`{made}` is before the year {FIRST_YEAR}", place=Place(field=name))
    return made
