"""One or two values of a rulebook over a range of values, and every threshold and weight one step each way.

A value is named by its path, as in a reform; `grades.bands.C.from` is where band C begins, and moves the band beside it too. Each point is a rulebook of its
own, read and checked whole: a value that the rulebook cannot have is told before the population is read.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..book import Book, DayLike
from ..problems import Place, ProblemError, nearest, one_problem
from ..program import Program
from ..rulebook.reform import Reform
from ..rulebook.values import parse_interval
from .compare import same_grades
from .many import Point, points_of
from .tally import population_of

if TYPE_CHECKING:
    from fractions import Fraction

__all__ = ["Sensitivity", "Sweep", "sensitivity", "sweep"]

MOST = 1000  # points of a sweep
BEGINS = re.compile(r"grades\.bands\.(?P<band>[^.]+)\.from")
NUMBER = re.compile(r"(?<![\w.\"'-])\d+(?:\.\d+)?(?![\w.\"'-])")
TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """The points of a sweep, as a pandas frame: a column for each value, then the enterprises of each grade, who moves up and down, and the visits a year.

    `base` is the rulebook as it is.
    """

    book: Book
    paths: tuple[str, ...]
    law_at: dt.date
    as_of: dt.date
    points: pd.DataFrame
    base: Point


@dataclass(frozen=True, slots=True, eq=False)
class Sensitivity:
    """What one step of each value does, as a pandas frame: the widest span of movers first. A step that the rulebook cannot take has no figures."""

    book: Book
    law_at: dt.date
    as_of: dt.date
    values: pd.DataFrame
    base: Point


def sweep(book: Book, over: Mapping[str, Sequence[Any]], population: Any, *, as_of: DayLike, key: str = "enterprise", absent: Collection[str] = ()) -> Sweep:
    """Work a population out at each combination of values. `over` maps one or two paths to the values that they take.

    Raises `ProblemError`: `option-wrong` for another number of paths or too many points, and whatever is wrong with a value or the population.
    """
    if not 1 <= len(over) <= 2 or not all(over.values()):
        raise one_problem("option-wrong", "a sweep goes over one or two values, each with its range")
    combined = list(product(*over.values()))
    if len(combined) > MOST:
        raise one_problem("option-wrong", f"these are {len(combined):,} points, and a sweep has {MOST:,} at most", hint="take larger steps")
    law_day, facts_day = book.dates(as_of)
    book = book.at(law_day)
    programs = [program_of(book, dict(zip(over, values, strict=True))) for values in combined]
    base, *points = points_of([book.program, *programs], population_of(population), as_of=facts_day, key=key, absent=absent)
    order = book.law.document.grades.order
    rows = [(*map(str, values), *point.enterprises, point.up, point.down, point.visits) for values, point in zip(combined, points, strict=True)]
    frame = pd.DataFrame(rows, columns=[*over, *order, "up", "down", "visits"])
    return Sweep(book, tuple(over), law_day, facts_day, frame, base)


def program_of(book: Book, values: Mapping[str, Any]) -> Program:
    """The law with other values."""
    entries: dict[str, Any] = {}
    for path, value in values.items():
        entries |= edge(book, path, value, entries)
    made = book.with_reform(Reform(reform="sweep", over=book.id, set=entries))
    same_grades(book, made)
    return made.program


def edge(book: Book, path: str, value: Any, before: Mapping[str, Any]) -> dict[str, Any]:
    """What is set for a path: the value, or for the beginning of a band that band and the one that ends there; `before` is what is set already."""
    found = BEGINS.fullmatch(path)
    bands = book.law.document.grades.bands
    if found is None or bands is None:
        return {path: plain(value)}
    if found["band"] not in bands:
        raise one_problem("reform-wrong", f"`{found['band']}` is not a band of `{book.id}`", place=Place(path=path), hint=nearest(found["band"], bands))
    texts = {name: str(before.get(f"grades.bands.{name}", band.text)) for name, band in bands.items()}
    begins = parse_interval(texts[found["band"]]).low
    beside = next((name for name, text in texts.items() if name != found["band"] and parse_interval(text).high == begins), None)
    if begins is None or beside is None:
        raise one_problem("reform-wrong", f"no band ends where `{found['band']}` begins", place=Place(path=path), hint="name a band that is not the first")
    return {
        f"grades.bands.{found['band']}": with_ends(texts[found["band"]], low=value),
        f"grades.bands.{beside}": with_ends(texts[beside], high=value),
    }


def with_ends(text: str, *, low: Any = None, high: Any = None) -> str:
    """An interval with another end."""
    made = parse_interval(text)
    ends = [low if low is not None else number(made.low), high if high is not None else number(made.high)]
    if None in ends:
        raise one_problem("reform-wrong", f"the band `{text}` has one end only, so its other cannot be moved", hint="write it with both ends")
    return f"{'[' if made.with_low else '('}{ends[0]}, {ends[1]}{']' if made.with_high else ')'}"


def number(exact: Fraction | None) -> Decimal | None:
    return None if exact is None else Decimal(exact.numerator) / exact.denominator


def plain(value: Any) -> Any:
    """A value as a reform writes it: whole numbers as such, other exact numbers as floats, texts as they are."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


# every threshold and weight


def sensitivity(book: Book, population: Any, *, as_of: DayLike, key: str = "enterprise", absent: Collection[str] = ()) -> Sensitivity:
    """Move every threshold and weight one step each way, one at a time: a tenth of it, and at least one in its last place.

    These are the points of rows, bins and items, numbers in conditions of rows and adjustments, the edges of bands, and the shares that are drawn.
    """
    law_day, facts_day = book.dates(as_of)
    book = book.at(law_day)
    rows: list[dict[str, Any]] = []
    programs = [book.program]
    for path, label, old, steps in values_of(book):
        row: dict[str, Any] = {"path": path, "value": label, "now": str(old)}
        for side, (told, value) in zip(("less", "more"), steps, strict=True):
            row[side] = str(told)
            try:
                programs.append(program_of(book, {path: value}))
                row[f"at {side}"] = len(programs) - 1
            except ProblemError as error:
                row[f"at {side}"], row["refused"] = None, error.problems[0].message
        rows.append(row)
    points = points_of(programs, population_of(population), as_of=facts_day, key=key, absent=absent)
    made = []
    for row in rows:
        told = {key: row[key] for key in ("path", "value", "now")}
        for side in ("less", "more"):
            at = row[f"at {side}"]
            point = None if at is None else points[at]
            told |= {side: row[side], f"moved_{side}": None if point is None else point.up + point.down}
            told[f"visits_{side}"] = None if point is None or point.visits is None else point.visits - (points[0].visits or 0)
        made.append({**told, "refused": row.get("refused")})
    made.sort(key=lambda one: (-widest(one, "moved"), -widest(one, "visits"), one["path"]))
    columns = ["path", "value", "now", "less", "moved_less", "visits_less", "more", "moved_more", "visits_more", "refused"]
    return Sensitivity(book, law_day, facts_day, pd.DataFrame(made, columns=columns).astype({"moved_less": "Int64", "moved_more": "Int64"}), points[0])


def widest(row: Mapping[str, Any], what: str) -> float:
    """The larger of what the two steps of a value do."""
    return float(max(abs(row[f"{what}_{side}"] or 0) for side in ("less", "more")))


Steps = list[tuple[Any, Any]]  # what is told of a step, and the value that is set


def values_of(book: Book) -> Iterator[tuple[str, str, Any, Steps]]:
    """Every threshold and weight: its path, which number of a condition it is, the number, and its two steps."""
    document = book.law.document
    for name, band in (document.grades.bands or {}).items():
        first = min(one.low for one in (document.grades.bands or {}).values() if one.low is not None)
        if band.low is not None and band.low != first:
            yield f"grades.bands.{name}.from", "", number(band.low), [(value, value) for value in steps_of(number(band.low))]
    for family, held in document.indicators.items():
        for name, item in held.items.items():
            path = f"indicators.{family}.items.{name}"
            for place, row in enumerate(item.points or (), 1):
                if row.when is not None:
                    yield from numbers_of(f"{path}.points.{place}.when", row.when)
                    yield from weight(f"{path}.points.{place}.give", row.points)
            if item.each is not None:
                yield from weight(f"{path}.each.give", item.each.give)
                if item.each.at_most is not None:
                    yield from weight(f"{path}.each.at_most", item.each.at_most)
    for rule in document.adjust:
        yield from numbers_of(f"adjust.{rule.id}.when", rule.when)
    for grade, outcome in ((document.inspection.by_grade if document.inspection else None) or {}).items():
        if outcome.ratio is not None and outcome.ratio.at_least == outcome.ratio.at_most is not None:
            share = number(outcome.ratio.at_most)
            assert share is not None
            percents = [(f"{value}%", f"{value}%") for value in steps_of(share * 100)]
            yield f"inspection.by_grade.{grade}.ratio", "", f"{(share * 100).normalize():f}%", percents


def weight(path: str, value: Decimal) -> Iterator[tuple[str, str, Any, Steps]]:
    if value:
        yield path, "", value, [(one, one) for one in steps_of(value)]


def numbers_of(path: str, when: str) -> Iterator[tuple[str, str, Any, Steps]]:
    """The numbers that a condition compares with, each with the whole condition for its steps."""
    for found in NUMBER.finditer(when):
        old = Decimal(found[0])
        steps = [(value, f"{when[: found.start()]}{value}{when[found.end() :]}") for value in steps_of(old)]
        yield path, when, old, steps


def steps_of(value: Decimal | None) -> list[Decimal]:
    """The number one step lower, and one step higher: by a tenth, and at least by one in its last place."""
    assert value is not None
    normal = value.normalize()
    unit = Decimal(1).scaleb(min(int(normal.as_tuple().exponent), 0))
    step = max((abs(value) * TENTH).quantize(unit), unit)
    return [value - step, value + step]
