"""`Forecast`: the days on which the grade of an enterprise will change if nothing new happens, and what is behind each.

Nothing new means: no new entry in any register, no repair that the registers do not know of yet, and no change of a fact
that was given as a value. Time goes on: entries lapse or end on a day that is known already, windows move, days pass, and
changes of the law that are enacted take effect. Guarantees that no day is missed and none is too many: only the days on
which an entry counts otherwise, on which the law changes, or on which a condition over days turns are looked at, and on
each of them the facts are worked out and the enterprise is graded as on any other day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Protocol

from ..decision import Decision, Reason
from ..decision.decision import plain, reason_of
from ..decision.trace import Shown, facts_behind
from ..intake.one import Reader
from ..problems import Place, Problem, ProblemError, one_problem
from ..program.expr import Column
from ..program.program import Program, Rule
from ..rulebook.facts import FactSpec, fact_specs
from ..rulebook.law import Law
from ..rulebook.load import Rulebook
from ..rulebook.parts import Words
from ..rulebook.values import EPOCH, day_number
from .causes import Cause, of_law, of_moves, of_problem, of_time
from .moves import Move, moves
from .ranges import Range, days_over, range_of, still, stretches
from .registers import Own, own_entries, worked_out

__all__ = ["ASSUMED", "Change", "Forecast", "forecast"]

ASSUMED = Words(
    en="“Nothing new” means: no new entry in a register, no repair that the registers do not know of yet, and no change of a fact that was given as a "
    "value. Entries lapse, windows move on, days pass, and changes of the law that are enacted take effect.",
    zh="“无新情况”指：登记簿不新增记录，没有登记簿尚未载明的修复，作为数值给出的事实不变；记录到期失效、统计期间推移、日期届至、已颁布的法规变更照常生效。",
)


@dataclass(frozen=True, slots=True)
class Change:
    """What is otherwise from a day on. A grade of None: the enterprise is not graded then, and `problems` say why.

    `ended` and `began` are the rules that held until then and hold from then on, those that only follow from the grade
    included; one whose points change is in both. `facts` has the facts from registers that change, before and after.
    """

    day: dt.date
    before: str | None
    after: str | None
    causes: tuple[Cause, ...]
    ended: tuple[Reason, ...]
    began: tuple[Reason, ...]
    facts: Mapping[str, tuple[Shown | None, Shown | None]]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Forecast:
    """The changes after `now`, up to and with `until`.

    `changes` are those of the grade, `others` the days on which facts or rules change and the grade does not. `fixed` are the
    facts that registers would give and that were given as values, so that they stay. `rejected` says, by register, why
    entries of the enterprise could not be read, with their number.
    """

    now: Decision
    until: dt.date
    law_at: dt.date | None
    changes: tuple[Change, ...]
    others: tuple[Change, ...]
    fixed: tuple[str, ...]
    rejected: Mapping[str, Mapping[str, int]]

    def as_dict(self, lang: str | None = None) -> dict[str, Any]:
        """The forecast as plain data for JSON; texts in `lang`, or in both languages as `{en, zh}`."""
        now = self.now
        made = {name: plain(getattr(now, name), lang) for name in ("enterprise", "grade", "graded_by", "as_of")}
        own = {"until": self.until, "law_at": self.law_at, "assumed": ASSUMED, "fixed": self.fixed, "rejected": self.rejected}
        changes = {"changes": as_data(self.changes, lang), "others": as_data(self.others, lang)}
        rulebook = {"id": now.rulebook, "edition": now.edition, "digest": now.digest, "audience": now.law.document.audience}
        return {**made, **{name: plain(value, lang) for name, value in own.items()}, **changes, "rulebook": rulebook}


def as_data(changes: tuple[Change, ...], lang: str | None) -> list[dict[str, Any]]:
    return [{**plain(change, lang), "problems": [problem.as_dict() for problem in change.problems]} for change in changes]


class Compiled(Protocol):
    """A law ready for use; `book.Ready` is one."""

    @property
    def program(self) -> Program: ...
    @property
    def reader(self) -> Reader: ...


class Grader(Protocol):
    """A rulebook that grades, with the law of each day or of one; `book.Book` is one."""

    @property
    def rulebook(self) -> Rulebook: ...
    @property
    def law_at(self) -> dt.date | None: ...
    def ready(self, law: Law) -> Compiled: ...
    def decide(self, facts: Mapping[str, Any], *, as_of: dt.date, key: str) -> Decision: ...


@dataclass(frozen=True, slots=True)
class State:
    """How things stand from a day on; without a decision the enterprise is not graded, and `problems` say why."""

    day: dt.date
    decision: Decision | None
    law: Law | None
    problems: tuple[Problem, ...] = ()

    @property
    def grade(self) -> str | None:
        return None if self.decision is None else self.decision.grade


@dataclass(slots=True)
class Walk:
    """Goes from state to state, and gathers the moves of entries on its way."""

    grader: Grader
    given: Mapping[str, Any]
    registers: Mapping[str, Any] | None
    key: str
    texts: Collection[str]
    moves: dict[int, list[Move]] = field(default_factory=dict)
    rejected: dict[str, Mapping[str, int]] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)  # the facts of the law of the first day and of those to come

    def states(self, first: int, last: int) -> Iterator[State]:
        """Every state from `first` to `last` (day numbers); more often than anything changes, never less."""
        starts = [first, *(day for day in self.law_days() if first < day <= last)]
        laws = [self.law_on(day) for day in starts]
        ahead = [period.law for period in self.grader.rulebook.periods if self.grader.law_at is None and day_number(period.since) > first]
        self.asked = {spec.name for law in (laws[0], *ahead) if isinstance(law, Law) for spec in fact_specs(law)}
        for start, end, law in zip(starts, [*(day - 1 for day in starts[1:]), last], laws, strict=True):
            if isinstance(law, Law):
                yield from self.under(law, start, end, opening=start == first)
            else:
                yield State(as_date(start), None, None, law)

    def law_days(self) -> list[int]:
        """The days on which another text applies, or none any more."""
        book = self.grader.rulebook
        if self.grader.law_at is not None:
            return []
        return sorted({*map(day_number, book.change_days), *([day_number(book.until) + 1] if book.until is not None else [])})

    def law_on(self, day: int) -> Law | tuple[Problem, ...]:
        try:
            return self.grader.rulebook.at(self.grader.law_at or as_date(day))
        except ProblemError as error:
            return error.problems

    def under(self, law: Law, first: int, last: int, *, opening: bool) -> Iterator[State]:
        """The states under one law: its facts are worked out on each day on which entries move."""
        own = self.own(law, opening=opening)
        starts = {first}
        for move in moves(law, own.entries, own.near[0], first - (not opening), last) if own is not None else ():
            self.moves.setdefault(move.day, []).append(move)
            starts.add(move.day)
        days = sorted(starts)
        for day, end in zip(days, [*(day - 1 for day in days[1:]), last], strict=True):
            yield from self.between(law, own, day, end)

    def own(self, law: Law, *, opening: bool) -> Own | None:
        """The enterprise's own entries. A later law may know other registers, and give facts from them that were given as values."""
        if self.registers is None:
            return None
        uses = worked_out(law)
        if opening:
            found = own_entries(law, self.given, self.registers, key=self.key, texts=self.texts)
            self.rejected |= found.rejected
        else:
            known = {name: table for name, table in self.registers.items() if name in law.document.registers}
            given = {name: value for name, value in self.given.items() if name not in uses}
            found = own_entries(law, given, known, key=self.key, texts=self.texts)
        return found if uses else None

    def between(self, law: Law, own: Own | None, first: int, last: int) -> Iterator[State]:
        """The states between two moves of entries: facts that count days go on, all others stay, and conditions over days turn."""
        facts = self.facts_on(law, own, first)
        ready = self.grader.ready(law)
        counting = {spec: facts[spec.name] for spec in ready.program.facts if own is not None and counts_days(law, spec) and facts[spec.name] is not None}

        def at(day: int) -> dict[str, Any]:
            return {**facts, **{spec.name: days + day - first for spec, days in counting.items()}}

        # a number of days passes the bounds of its fact
        edges = {first + edge - days for spec, days in counting.items() for edge in within_bounds(spec)}
        starts = [first, *sorted(day for day in edges if first < day <= last)]
        for start, end in zip(starts, [*(day - 1 for day in starts[1:]), last], strict=True):
            try:
                inputs = ready.reader.read(at(start), self.key)
            except ProblemError as error:
                yield State(as_date(start), None, law, error.problems)
                continue
            values = dict(zip(ready.program.inputs, inputs.values, strict=True))
            for day, _ in stretches(start, end, turning(ready.program, values, counting, start)):
                yield self.state(law, at(day), as_date(day))

    def facts_on(self, law: Law, own: Own | None, day: int) -> dict[str, Any]:
        """The facts that were given, without those that only another law asks for, and those that the registers give."""
        declared = {spec.name for spec in fact_specs(law)} - ({*worked_out(law)} if own is not None else set())
        given = {name: value for name, value in self.given.items() if name in declared or name not in self.asked}
        return given if own is None else given | own.facts(as_date(day))

    def state(self, law: Law, facts: Mapping[str, Any], day: dt.date) -> State:
        try:
            return State(day, self.grader.decide(facts, as_of=day, key=self.key), law)
        except ProblemError as error:
            return State(day, None, law, error.problems)

    def change(self, before: State, after: State) -> Change | None:
        """What is otherwise in the second state; None where nothing is."""
        held, holds = hits(before.decision), hits(after.decision)
        ended, began = ([hit for key, hit in one.items() if key not in other] for one, other in ((held, holds), (holds, held)))
        facts = moved_facts(before.decision, after.decision)
        if not (ended or began or facts):
            return None
        rules = [(decision, rule) for decision, rule, _ in (*ended, *began) if before.grade == after.grade or rule.table in MADE]
        was, now = (tuple(reason_of(decision.law, rule, points) for decision, rule, points in found) for found in (ended, began))
        causes = tuple(self.causes(before, after, rules, facts))
        return Change(after.day, before.grade, after.grade, causes, was, now, facts, after.problems)

    def causes(self, before: State, after: State, rules: list[tuple[Decision, Rule]], facts: Mapping[str, object]) -> Iterator[Cause]:
        if after.law is None:
            return
        if before.decision is None and before.law is not None:
            yield from map(of_problem, before.problems)
        if before.law is None or before.law.digest != after.law.digest:
            yield of_law(after.law)
        moved = [move for move in self.moves.get(day_number(after.day), ()) if move.fact in facts or not (before.decision and after.decision)]
        steps = [(decision.program, rule.holds_step or rule.points_step) for decision, rule in rules]
        behind = {spec.name for program, step in steps if step is not None for spec in facts_behind(program, Column(step))}
        yield from of_moves(after.law, [move for move in moved if move.fact in behind] or moved)
        if before.decision and after.decision and before.law is after.law:
            yield from of_time(before.decision, after.decision, [rule for _, rule in rules], facts)


MADE = ("points", "grade", "adjust")  # the tables of rules that make a grade
Hit = tuple[Decision, Rule, int | None]


def hits(decision: Decision | None) -> dict[tuple[str, int | None], Hit]:
    """The rules that hold, by id and points; rows that give no points say nothing."""
    if decision is None:
        return {}
    found: dict[tuple[str, int | None], Hit] = {}
    for rule in decision.rules:
        points = decision.trace.number(rule.points_step) if rule.points_step is not None else None
        if points != 0:
            found[rule.id, points] = decision, rule, points
    return found


def moved_facts(before: Decision | None, after: Decision | None) -> dict[str, tuple[Shown | None, Shown | None]]:
    """The facts from registers that changed; one that counts days goes on without being told."""
    if before is None or after is None:
        return {}
    old, new = before.facts, after.facts
    told = [spec.name for spec in after.program.facts if spec.name in old and not counts_days(after.law, spec)]
    return {name: (old[name], new[name]) for name in told if old[name] != new[name]}


def counts_days(law: Law, spec: FactSpec) -> bool:
    """Whether a fact is one more on each day."""
    use = law.document.facts[spec.name].from_ if spec.name in law.document.facts else None
    return use is not None and use.kind == "days_since"


def within_bounds(spec: FactSpec) -> tuple[int, int]:
    """The first number of days that a fact allows, and the first that is too many."""
    assert spec.low is not None and spec.high is not None
    scale = 10**spec.places
    return -(-spec.low // scale), spec.high // scale + 1


def turning(program: Program, values: Mapping[str, Any], counting: Collection[FactSpec], start: int) -> Callable[[int, int], tuple[Any, ...] | None]:
    """What a program says from one day to another, where that is one thing; `values` are its inputs on the day `start`."""
    kept = still(values)
    watched = (program.grade_steps[-1], *(f"reasons.{word + 1}" for word in range(program.words)), *(refusal.step for refusal in program.refusals))

    def over(first: int, last: int) -> tuple[Any, ...] | None:
        found: dict[str, Range] = dict(kept)
        for spec in counting:
            name, scale = f"fact.{spec.name}", 10**spec.places
            found[name] = values[name] + (first - start) * scale, values[name] + (last - start) * scale
        days = days_over(program.days, first, last)
        for step in program.steps:
            found[step.name] = range_of(step.expr, found, days)
        return tuple(found[name][0] for name in watched) if all(found[name][0] == found[name][1] for name in watched) else None

    return over


def as_date(day: int) -> dt.date:
    return EPOCH + dt.timedelta(day)


def forecast(
    grader: Grader, facts: Mapping[str, Any], registers: Mapping[str, Any] | None, *, as_of: dt.date, until: dt.date, key: str, texts: Collection[str]
) -> Forecast:
    """The forecast for one enterprise; see `Book.forecast`."""
    if until < as_of:
        raise one_problem("option-wrong", f"`{until}` is before the day of the facts, {as_of}", place=Place(field="until"), hint="give a later day")
    walk = Walk(grader, facts, registers, key, texts)
    states = list(walk.states(day_number(as_of), day_number(until)))
    now = states[0].decision
    if now is None:
        raise ProblemError(states[0].problems)
    found = [change for before, after in pairwise(states) if (change := walk.change(before, after)) is not None]
    fixed = tuple(name for name in worked_out(now.law) if registers is None and facts.get(name) is not None)
    changes, others = (tuple(one for one in found if (one.before == one.after) is same) for same in (False, True))
    return Forecast(now, until, grader.law_at, changes, others, fixed, walk.rejected)
