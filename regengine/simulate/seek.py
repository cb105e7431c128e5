"""Values of one or two thresholds or ratios that meet a budget, with the fewest enterprises that move from the rules as they are.

The values that are tried are those that are given; each combination is worked out for the whole population (`sweep`), so what is told of it is
exact, and "cannot be met" is said of these values alone. Of two that move as many, the one with the fewer visits comes first, then the rounder one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import pandas as pd

from ..book import Book, DayLike
from ..problems import Place, nearest, one_problem
from .sweep import sweep

__all__ = ["Budget", "Sought", "seek"]

MOVES = "moves"


@dataclass(frozen=True, slots=True)
class Budget:
    """What must hold: so many visits a year at most, and for some grades a share of the enterprises at most."""

    visits: float | None = None
    shares: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Sought:
    """What was found, as pandas frames of the form of a sweep with `moves`, those who move. `met` are the points that meet the budget, the best first;
    `frontier` are those than which no other has fewer visits and no more moves. `why` says what stands in the way where none meets it.
    """

    paths: tuple[str, ...]
    budget: Budget
    met: pd.DataFrame
    frontier: pd.DataFrame
    why: tuple[str, ...]


def seek(
    book: Book, over: Mapping[str, Sequence[Any]], population: Any, budget: Budget, *, as_of: DayLike, key: str = "enterprise", absent: Collection[str] = ()
) -> Sought:
    """Look among the values of one or two paths for those that meet a budget.

    Raises `ProblemError` as `sweep` does, `option-wrong` for a budget of nothing, and `grade-unknown` for a share of a grade that there is none of.
    """
    order = book.law.document.grades.order
    shares = budget.shares or {}
    if budget.visits is None and not shares:
        raise one_problem("option-wrong", "the budget asks for nothing", place=Place(field="budget"), hint="give visits a year, or the share of a grade")
    for grade in shares:
        if grade not in order:
            raise one_problem("grade-unknown", f"`{grade}` is not a grade of `{book.id}`", hint=nearest(grade, order))
    made = sweep(book, over, population, as_of=as_of, key=key, absent=absent)
    points = made.points.assign(moves=made.points["up"] + made.points["down"])
    whole = points[list(order)].sum(axis=1)
    limits: list[tuple[str, pd.Series, float]] = [(f"grade {grade}", points[grade] / whole, share) for grade, share in shares.items()]
    if budget.visits is not None:
        limits.append(("visits a year", points["visits"].astype(float), budget.visits))
    held = pd.Series(True, index=points.index)
    for _, values, most in limits:
        held &= values <= most
    digits = sum(points[path].map(roundness) for path in over)
    ranked = points.assign(digits=digits).sort_values([MOVES, "visits", "digits"], kind="stable").drop(columns="digits")
    met = ranked[held.reindex(ranked.index)].reset_index(drop=True)
    why = tuple(
        f"{name}: at least {values.min():,.6g} with these values, and the budget is {most:,.6g}" for name, values, most in limits if values.min() > most
    )
    if met.empty and not why:
        why = ("each part of the budget can be met by itself, and no combination of these values meets all of them",)
    best = ranked["visits"].astype(float).cummin()
    frontier = ranked[best.diff().fillna(-1.0) < 0].reset_index(drop=True)
    return Sought(tuple(over), budget, met, frontier, () if len(met) else why)


def roundness(value: object) -> int:
    """How many digits a value needs: the fewer the rounder; a text that is no number is as long as it is."""
    try:
        return len(Decimal(str(value).rstrip("%")).normalize().as_tuple().digits)
    except InvalidOperation:
        return len(str(value))
