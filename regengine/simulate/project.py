"""A population some years ahead under one policy or several: Monte Carlo runs in steps of a quarter, each figure with a band over runs.

What is modelled: an enterprise in order falls into a violation at the rate of its grade; an inspection, at the pace that the rulebook asks for, finds it with
some probability, or it comes to light otherwise, or ends unnoticed. Found, it is put right and stands on record, where it counts in the one fact that
moves, for the window of the rulebook or until it is repaired; the rulebook grades by that record (`transitions`). For a time an inspected enterprise is
the more careful. Enterprises close, and others open with the facts of one that is drawn from the population, and without a record.

What is not: all other facts stay as they are; visits fall evenly over the year and on whoever is of a class; enterprises do not learn from each other; what a
violation does is not weighed. Records at the start have ages spread evenly over the window. So a projection says what follows from the assumptions,
and nothing of whether they hold; the case in which inspections deter nobody stands beside each policy.

Every policy meets the same luck: each stream of random numbers (who falls, who is visited, what is found, who closes) is drawn once for a run, whatever the
policy, so that two policies differ by their rules alone (common random numbers: A. M. Law, Simulation Modeling and Analysis, McGraw-Hill).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..book import Book, DayLike
from ..problems import Place, Problem, ProblemError, nearest, one_problem
from .assumptions import Assumptions
from .tally import population_of
from .transitions import Transitions, transitions

__all__ = ["MEASURES", "Projection", "project"]

STEPS = 4  # a year
QUANTILES = (0.5, 0.05, 0.95)
MEASURES = ("enterprises", "visits", "violations", "found", "in_violation")  # the last is the mean over the year
RESPONSE, NONE = "response", "no response"
STREAMS = ("supposed", "start", "falls", "visits", "finds", "reports", "ends", "closes", "opens")
Uniform: TypeAlias = npt.NDArray[np.float32]
Chances: TypeAlias = Mapping[str, np.random.Generator]


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """What was projected, as pandas frames. `figures` has a row for each policy, case (`response`, `no response`), year and measure, with the `median` over
    runs and the band from `low` (5 %) to `high` (95 %); grades are measures too, `grade A` being the enterprises of it at the end of the year.
    `differences` is each policy against the first, run by run, in the same form. `supposed` are the assumptions.
    """

    policies: tuple[str, ...]
    years: int
    runs: int
    seed: int
    figures: pd.DataFrame
    differences: pd.DataFrame
    supposed: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Values:
    """The assumptions of one run, in steps: chances in a step by grade or of all, and lengths in steps."""

    falls: Uniform
    present: float
    found: float
    reported: float
    ends: float
    deters: float
    deters_for: int
    counts_for: int
    closes: float
    opens: float


def project(
    policies: Mapping[str, Book], population: Any, assumptions: Assumptions, *, moves: str, as_of: DayLike, years: int = 5, runs: int = 200, seed: int = 0,
    key: str = "enterprise", absent: Collection[str] = (), most: int = 6,
) -> Projection:  # fmt: skip
    """Project a population under several books. `moves` is the fact, a number of violations on record, that the projection moves, up to `most`.

    `population` has a row for each enterprise with its facts. Raises `ProblemError`, before anything runs, for grades without a rate, and as
    `Book.decide_frame` does. Runs are shared among two threads; the figures do not depend on it.
    """
    if not policies:
        raise one_problem("option-wrong", "a projection needs a policy", place=Place(field="policies"))
    if not 1 <= years <= 30 or runs < 1 or most < 1:
        raise one_problem("option-wrong", f"{years} years, {runs} runs, up to {most} on record: years are 1 to 30, the others at least 1")
    table = population_of(population).lazy.collect()
    if moves not in table.columns:
        raise one_problem("column-missing", f"the population has no column `{moves}`", place=Place(field=moves), hint=nearest(moves, table.columns))
    ready: dict[str, tuple[Transitions, int]] = {}
    for name, policy in policies.items():
        law_day, day = policy.dates(as_of)
        book = policy.at(law_day)
        check_rates(book, assumptions)
        ready[name] = transitions(book, table, moves, as_of=day, key=key, most=most, absent=absent), window_of(book, moves)
    if len({one.order for one, _ in ready.values()}) > 1:
        raise one_problem("reform-wrong", "the policies have different grades, so they cannot stand beside each other")
    start = table[moves].fill_null(0).clip(0, most).to_numpy().astype(np.int8)
    seeds = np.random.SeedSequence(seed).spawn(runs)
    with ThreadPoolExecutor(2) as pool:
        made = np.array(list(pool.map(lambda one: run(ready, start, assumptions, years, one), seeds)))
    names = [*MEASURES, *(f"grade {grade}" for grade in next(iter(ready.values()))[0].order)]
    told = [(name, one.value, one.low, one.high, one.source) for name, one in assumptions.rows()]
    return Projection(
        tuple(policies), years, runs, seed, banded(made, list(policies), names), banded(made[:, 1:] - made[:, :1], list(policies)[1:], names),
        pd.DataFrame(told, columns=["name", "value", "low", "high", "source"]),
    )  # fmt: skip


def check_rates(book: Book, assumptions: Assumptions) -> None:
    """Refuse rates that are not of the grades of a book."""
    order = book.law.document.grades.order
    problems = [
        Problem("assumption-wrong", f"`recurs` has no rate for the grade {grade}", Place(field="recurs")) for grade in order if grade not in assumptions.recurs
    ]
    problems += [
        Problem("assumption-wrong", f"`{grade}` is not a grade of `{book.id}`", Place(field="recurs")) for grade in assumptions.recurs if grade not in order
    ]
    if problems:
        raise ProblemError(problems)


def window_of(book: Book, fact: str) -> int:
    """For how many steps an entry counts in a fact by the rulebook; without a window of its own, for as long as it is not repaired."""
    declared = book.law.document.facts[fact].from_ if fact in book.law.document.facts else None
    span = declared.within if declared is not None else None
    if span is None:
        return 10_000
    months = span.months if span.months is not None else span.count / 30.4375
    return max(1, round(months * STEPS / 12))


def banded(made: npt.NDArray[np.float64], policies: Sequence[str], names: Sequence[str]) -> pd.DataFrame:
    """The median and the band over runs (first axis) of each policy, case, year and measure."""
    rows = []
    for place, policy in enumerate(policies):
        for case, title in enumerate((RESPONSE, NONE)):
            for year in range(made.shape[3]):
                middle, low, high = np.quantile(made[:, place, case, year], QUANTILES, axis=0)
                rows += [(policy, title, year + 1, name, middle[at], low[at], high[at]) for at, name in enumerate(names)]
    return pd.DataFrame(rows, columns=["policy", "case", "year", "measure", "median", "low", "high"])


# one run


def run(
    policies: Mapping[str, tuple[Transitions, int]], start: npt.NDArray[np.int8], assumptions: Assumptions, years: int, seed: np.random.SeedSequence
) -> npt.NDArray[np.float64]:
    """The figures of one run by policy, case, year and measure. All policies and cases meet the same random numbers."""
    chances = {name: np.random.Generator(np.random.SFC64(one)) for name, one in zip(STREAMS, seed.spawn(len(STREAMS)), strict=True)}
    order = next(iter(policies.values()))[0].order
    values = supposed(assumptions, order, chances["supposed"])
    number, steps = len(start), years * STEPS
    more = int(np.ceil(assumptions.opens.high * years * number))  # who may open, each with the facts of one that is drawn
    like = np.concatenate([np.arange(number), chances["opens"].integers(0, number, more)]) if more else np.arange(number)
    opens_at = np.zeros(len(like), dtype=np.int32)
    if more:
        expected = values.opens * years * number / more  # the part of them that opens in this run
        drawn = chances["opens"].random(more)
        opens_at[number:] = np.where(drawn < expected, (drawn / max(expected, 1e-12) * steps).astype(np.int32), steps)
    ages = chances["start"].random((int(start.max()), number), dtype=np.float32) if len(start) and start.max() else np.empty((0, number), np.float32)
    ill = chances["start"].random(len(like), dtype=np.float32) < values.present
    ill[number:] = False
    worlds = [
        World(table, min(window, values.counts_for), values, like, start, ages, ill, deters=values.deters * (case == RESPONSE))
        for table, window in policies.values()
        for case in (RESPONSE, NONE)
    ]
    made = np.zeros((len(worlds), years, len(MEASURES) + len(order)))
    closed = np.zeros(len(like), dtype=bool)
    luck = {name: np.empty(len(like), dtype=np.float32) for name in ("falls", "visits", "finds", "reports", "ends", "closes")}
    for step in range(steps):
        for name, into in luck.items():
            chances[name].random(dtype=np.float32, out=into)
        open_ = (opens_at <= step) & ~closed
        closed |= open_ & (luck["closes"] < values.closes)
        for place, world in enumerate(worlds):
            world.step(step, open_, luck, made[place, step // STEPS], last=step % STEPS == STEPS - 1)
    return made.reshape(len(policies), 2, years, -1)


def supposed(assumptions: Assumptions, order: Sequence[str], chance: np.random.Generator) -> Values:
    """The assumptions as they are drawn for a run. A rate of events becomes the chance of one in a step: 1 - exp(-rate / 4)."""
    names = [name for name, _ in assumptions.rows() if not name.startswith("recurs.")]
    drawn = {name: float(chance.random()) for name in ("recurs", *names)}
    own = {name: getattr(assumptions, name).at(drawn[name]) for name in names}
    falls = np.array([in_a_step(assumptions.recurs[grade].at(drawn["recurs"])) for grade in order], dtype=np.float32)
    return Values(
        falls, own["present"], own["found"], in_a_step(own["reported"]), in_a_step(own["ends"]), own["deters"], round(own["deters_for"] * STEPS / 12),
        max(1, round(own["counts_for"] * STEPS / 12)), in_a_step(own["closes"]), own["opens"],
    )  # fmt: skip


def in_a_step(rate: float) -> float:
    return float(-np.expm1(-rate / STEPS))


class World:
    """The enterprises of a run under one policy and case: who is in violation, what stands on record since when, and when each was last visited."""

    def __init__(
        self, table: Transitions, window: int, values: Values, like: npt.NDArray[np.int64], start: npt.NDArray[np.int8], ages: Uniform,
        ill: npt.NDArray[np.bool_], *, deters: float,
    ) -> None:  # fmt: skip
        self.values, self.deters, self.most = values, deters, table.grade.shape[1] - 1
        self.width, self.grades = self.most + 1, len(table.order)
        self.base = table.of[like] * self.width  # where the row of each enterprise begins in the tables laid flat
        self.grade, self.pace = table.grade.ravel(), table.visits.ravel() / STEPS
        self.ends: dict[int, list[npt.NDArray[np.int64]]] = {}
        self.window, self.ill = window, ill.copy()
        self.record = np.zeros(len(like), dtype=np.int16)
        self.record[: len(start)] = start
        self.visited = np.full(len(like), -(10**6), dtype=np.int32)
        # an old entry of the record ends at a step that is spread evenly over the window
        for place, own in enumerate(ages):
            held = np.flatnonzero(start > place)
            when = (own[held] * min(window, 10_000)).astype(np.int64)
            for step in np.unique(when):
                self.ends.setdefault(int(step), []).append(held[when == step])

    def step(self, step: int, open_: npt.NDArray[np.bool_], luck: Mapping[str, Uniform], told: npt.NDArray[np.float64], *, last: bool) -> None:
        """A quarter: entries end, enterprises fall, are visited, and what is there is found or comes to light. Figures are added to those of the year."""
        for ended in self.ends.pop(step, ()):
            self.record[ended] -= 1
        at = self.base + np.minimum(self.record, self.most)
        grade, pace = self.grade[at], self.pace[at]
        rate = self.values.falls[grade]
        if self.deters:
            rate = np.where(step - self.visited <= self.values.deters_for, rate * np.float32(1 - self.deters), rate)
        fell = open_ & ~self.ill & (luck["falls"] < rate)
        self.ill |= fell
        self.ill &= open_
        visited = open_ & (luck["visits"] < pace)
        found = self.ill & ((visited & (luck["finds"] < self.values.found)) | (luck["reports"] < self.values.reported))
        told[0] = np.count_nonzero(open_)
        told[1] += float(np.maximum(pace[visited], 1).sum())
        told[2] += np.count_nonzero(fell)
        told[3] += np.count_nonzero(found)
        told[4] += np.count_nonzero(self.ill) / STEPS
        where = np.flatnonzero(found)
        self.ill[where] = False
        self.ill &= luck["ends"] >= self.values.ends
        self.record[where] += 1
        self.visited[visited] = step
        self.ends.setdefault(step + self.window, []).append(where)
        if last:
            now = self.grade[self.base + np.minimum(self.record, self.most)]
            told[len(MEASURES) :] = np.bincount(now[open_], minlength=self.grades)
