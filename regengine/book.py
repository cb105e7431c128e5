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

if TYPE_CHECKING:
    from .evidence import Evidence
    from .forecast import Forecast
    from .tables import Graded

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


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Book:
    """A rulebook for grading. `law_at` is the day of its law; without one, each call takes the law of its `as_of`."""

    rulebook: Rulebook
    law_at: dt.date | None = None
    _ready: dict[dt.date, Ready] = field(default_factory=dict)

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
        return Book(self.rulebook, day, self._ready)

    def with_reform(self, *reforms: Reform | str | Path) -> Book:
        """This book with reforms laid over its rulebook, in their order; each is a `Reform` or the path of one. This book stays as it is.

        Raises `ProblemError` with everything that does not fit, and with what the reforms would make wrong in the rulebook.
        """
        return Book(reformed(self.rulebook, *reforms), self.law_at)

    def ready(self, law: Law) -> Ready:
        """The compiled form of a law of this book, made on first use."""
        made = self._ready.get(law.since)
        if made is None:
            program = compile_law(law)
            engine = single(program)
            ruleset = cache(partial(durable, program))
            made = self._ready.setdefault(law.since, Ready(program, engine, ruleset, reader(program.facts), telling(program, engine.place)))
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
        program, closure = ready.program, ready.single
        run = closure.run if engine == "single" else engine_of(ready, engine)
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
