"""How grade and inspections of each enterprise follow from one number that a projection moves: a table worked out by the rulebook itself.

The rulebook grades the population as often as the fact that moves has values: with none, one, two and so on, all other facts as they are. Enterprises
that come out alike in every one of them are one class. So the table is the rulebook, for this fact, and nothing is fitted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from ..book import Book
from ..inspection.outcomes import outcomes_of
from ..problems import Place, one_problem
from .workload import demand_of

__all__ = ["Transitions", "transitions"]


@dataclass(frozen=True, slots=True)
class Transitions:
    """By class (rows) and value of the fact (columns): the rank of the grade, and the visits a year. `of` is the class of each enterprise."""

    order: tuple[str, ...]
    of: npt.NDArray[np.int32]
    grade: npt.NDArray[np.int8]
    visits: npt.NDArray[np.float32]


def transitions(book: Book, population: pl.DataFrame, fact: str, *, as_of: dt.date, key: str, most: int, absent: Collection[str] = ()) -> Transitions:
    """The table of a book for a fact from 0 to `most`. Raises `ProblemError` as `Book.decide_frame` does, and where the fact is no whole number."""
    program = book.program
    spec = book.facts.get(fact)
    if spec is None or spec.type != "integer":
        raise one_problem("option-wrong", f"`{fact}` is not a whole number among the facts of `{book.id}`", place=Place(field=fact))
    order = tuple(program.law.document.grades.order)
    outcomes, demand = outcomes_of(program), demand_of(program)
    if demand is None:
        raise one_problem("plan-rules", f"`{book.id}` says nothing of inspections, so there are no visits to project", place=Place(path="inspection"))
    grades, entries = [], []
    for value in range(most + 1):
        made = book.decide_frame(
            population.with_columns(pl.lit(value, pl.Int64).alias(fact)), as_of=as_of, key=key, keep="key", absent=[name for name in absent if name != fact]
        )  # fmt: skip
        grades.append(made["grade"].cast(pl.String).replace_strict(order, range(len(order)), return_dtype=pl.Int8).to_numpy())
        held = np.full(len(made), -1, dtype=np.int16)
        for place, outcome in enumerate(outcomes):
            held[(made[f"reasons_{outcome.word}"].to_numpy() & outcome.mask) != 0] = place
        entries.append(held)
    stacked = np.stack([*grades, *entries], axis=1).astype(np.int16)
    alike, of = np.unique(stacked, axis=0, return_inverse=True)
    own = population[fact].fill_null(0).clip(0, most).to_numpy()
    now = np.array(entries)[own, np.arange(len(population))]
    counts = {outcome.id: int((now == place).sum()) for place, outcome in enumerate(outcomes)}
    # of an entry that nobody has today the pace is that of a large class, since a share of few is rounded up
    made_of = {outcome.id: demand.visits({**counts, outcome.id: counts[outcome.id] or 1_000_000})[outcome.id] for outcome in outcomes}
    pace = np.array([*(float(made_of[outcome.id]) for outcome in outcomes), 0.0], dtype=np.float32)  # the last for whom no row speaks of
    return Transitions(order, of.astype(np.int32).ravel(), alike[:, : most + 1].astype(np.int8), pace[alike[:, most + 1 :]])
