"""The figures of a comparison in each value of a column, with small counts hidden (see `hidden`).

Groups of fewer enterprises than are shown stand together as one. A figure that is made of counts of which one is hidden is hidden too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl

from ..program import Program
from .figures import DOWN, NOT_GRADED, UP, entries, hours, visits_each
from .hidden import LEAST, Counts, Mask, Sum, hide
from .tally import COUNT
from .workload import Costs

if TYPE_CHECKING:
    from .figures import Demands

__all__ = ["POOLED", "Grouped", "grouped"]

POOLED = "(small groups)"
Cells = list[tuple[int, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Grouped:
    """The figures by the values of one column, as pandas frames in which a hidden count is missing.

    `cells` holds how many go from which grade to which, `paths` from which service path to which; `figures` has a row for each group: how many it
    has, how many move up and down, its visits and hours before and after. Largest groups first.
    """

    cells: pd.DataFrame
    paths: pd.DataFrame
    figures: pd.DataFrame
    hidden: int
    pooled: int


@dataclass(frozen=True, slots=True)
class Table:
    """Counts of one column: its groups, what is counted, and the numbers."""

    groups: tuple[str, ...]
    cells: Cells
    counts: Counts


def grouped(programs: Sequence[Program], demands: Demands, counts: pl.DataFrame, by: Sequence[str], costs: Costs | None) -> dict[str, Grouped]:
    """The figures by each column of `by`."""
    last = len(programs) - 1
    pools = {name: pool(counts, name) for name in by}
    counts = counts.with_columns(pl.col(f"in {name}").replace(dict.fromkeys(pools[name], POOLED)) for name in by)
    values = [column for column in counts.columns if not column.startswith("in ") and column != COUNT]
    owns = {name: added_up(counts, [f"in {name}", *values]) for name in by}
    grades = {name: table(own, name, ("grade 0", f"grade {last}")) for name, own in owns.items()}
    kinds = [grades, *({name: summed(one, key) for name, one in grades.items()} for key in KEYS)]
    if {"path 0", f"path {last}"} <= set(counts.columns):
        kinds.append({name: table(own, name, ("path 0", f"path {last}")) for name, own in owns.items()})
    masks = hidden_in(kinds, counts, by)
    overall = added_up(counts, values)
    each = [visits_each(programs[number], demand, overall, number) if (demand := demands[number]) else {} for number in (0, last)]
    services = [one.law.document.service for one in (programs[0], programs[last])]
    names = [[path.id for path in service.paths] if service else [] for service in services]
    made: dict[str, Grouped] = {}
    for name in by:
        held = [kind[name] for kind in kinds]
        own = masks[name]
        cells = long(held[0], own[0], [[*programs[0].law.document.grades.order, NOT_GRADED]] * 2)
        paths = long(held[4], own[4], names) if len(held) > 4 else long(held[0], own[0], names).head(0)
        told = figures(programs, demands, owns[name], name, each, costs, held, own)
        made[name] = Grouped(cells, paths, told, sum(int(mask.sum()) for mask in own), len(pools[name]))
    return made


# beside the cells themselves three sums of them are told: who moves up, down and not; the grades before; the grades after
KEYS: Sequence[Callable[[int, int], int]] = (
    lambda before, after: 0 if before == after else 1 if after < before else 2,
    lambda before, _: before,
    lambda _, after: after,
)


def added_up(counts: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """The counts by fewer columns."""
    return counts.group_by(names).agg(pl.col(COUNT).sum()).sort(names)


def summed(table: Table, key: Callable[[int, int], int]) -> Table:
    """A table whose cells are sums of those of another: those with one key."""
    keys = [key(before, after) for before, after in table.cells]
    cells = sorted(set(keys))
    made = np.stack([table.counts[:, [place for place, one in enumerate(keys) if one == cell]].sum(axis=1) for cell in cells], axis=1)
    return Table(table.groups, [(cell,) for cell in cells], made)


def hidden_in(kinds: Sequence[Mapping[str, Table]], counts: pl.DataFrame, by: Sequence[str]) -> dict[str, list[Mask]]:
    """For each column what is hidden in its table of each kind, so that none of them gives a small count of another away."""
    tables = {f"{number} {name}": kind[name].counts for number, kind in enumerate(kinds) for name in by}
    linked: list[Sum] = []
    for name in by:
        whole = kinds[0][name]
        for number, key in enumerate(KEYS, 1):
            for column, (cell,) in enumerate(kinds[number][name].cells):
                places = [place for place, (before, after) in enumerate(whole.cells) if key(before, after) == cell]
                linked += (Sum(tuple((f"0 {name}", row, place) for place in places), (f"{number} {name}", row, column)) for row in range(len(whole.groups)))
    for number, kind in enumerate(kinds):
        linked += nested(counts, {name: kind[name] for name in by}, number)
    found = hide(tables, linked)
    return {name: [found[f"{number} {name}"] for number in range(len(kinds))] for name in by}


def pool(counts: pl.DataFrame, name: str) -> list[str]:
    """The values whose groups are too small to be shown, and the next larger where these together still are."""
    sizes = counts.group_by(f"in {name}").agg(pl.col(COUNT).sum()).sort(COUNT, f"in {name}").rows()
    pooled: list[str] = []
    held = 0
    for value, size in sizes:
        if size >= LEAST and (not pooled or held >= LEAST):
            break
        pooled.append(value)
        held += size
    return pooled


def table(counts: pl.DataFrame, name: str, columns: tuple[str, str]) -> Table:
    """The counts of one column: a row for each group, largest first, and a column for each pair that is met."""
    found = counts.group_by(f"in {name}", *columns).agg(pl.col(COUNT).sum())
    sizes = found.group_by(f"in {name}").agg(pl.col(COUNT).sum()).sort(-pl.col(COUNT), f"in {name}")
    groups = sizes.get_column(f"in {name}").to_list()
    cells = sorted(found.select(columns).unique().rows())
    rows, places = {group: number for number, group in enumerate(groups)}, {cell: number for number, cell in enumerate(cells)}
    made = np.zeros((len(groups), len(cells)), dtype=np.int64)
    for group, before, after, number in found.select(f"in {name}", *columns, COUNT).iter_rows():
        made[rows[group], places[before, after]] = number
    return Table(tuple(groups), cells, made)


def nested(counts: pl.DataFrame, tables: Mapping[str, Table], number: int) -> Iterator[Sum]:
    """Where the groups of one column lie wholly in those of another: the counts that together are a count there."""
    for name, fine in tables.items():
        for other, coarse in tables.items():
            if name == other:
                continue
            pairs = counts.select(f"in {name}", f"in {other}").unique().rows()
            for row, parent in enumerate(coarse.groups):
                inside = {one for one, two in pairs if two == parent}
                if len(inside) == len(fine.groups) or any(one in inside and two != parent for one, two in pairs):
                    continue
                rows = [place for place, group in enumerate(fine.groups) if group in inside]
                for column in range(len(fine.cells)):
                    yield Sum(tuple((f"{number} {name}", place, column) for place in rows), (f"{number} {other}", row, column), wide=True)


def long(table: Table, mask: Mask, names: Sequence[Sequence[str]]) -> pd.DataFrame:
    """A table of counts with a row for each group and pair; a hidden count is missing."""
    rows = [
        (group, *(name[place] if place < len(name) else None for name, place in zip(names, cell, strict=True)), None if mask[row, column] else int(number))
        for row, group in enumerate(table.groups)
        for column, (cell, number) in enumerate(zip(table.cells, table.counts[row], strict=True))
    ]
    return pd.DataFrame(rows, columns=["group", "before", "after", COUNT]).astype({COUNT: "Int64"})


def figures(
    programs: Sequence[Program], demands: Demands, counts: pl.DataFrame, name: str, each: Sequence[Mapping[str, Fraction]], costs: Costs | None,
    tables: Sequence[Table], masks: Sequence[Mask],
) -> pd.DataFrame:  # fmt: skip
    """A row for each group; what rests on a hidden count is missing."""
    last = len(programs) - 1
    visits: dict[tuple[str, int], dict[int, Fraction]] = {}  # of each group and side, by the grade
    for side, number in enumerate((0, last)):
        for entry, grade, count, row in entries(programs[number], counts, number):
            held = visits.setdefault((row[f"in {name}"], side), {})
            held[grade] = held.get(grade, Fraction(0)) + each[side].get(entry, Fraction(0)) * count
    ways = {cell[0]: column for column, cell in enumerate(tables[1].cells)}
    rows: list[dict[str, Any]] = []
    for place, group in enumerate(tables[0].groups):
        row = {"group": group, COUNT: int(tables[0].counts[place].sum())}
        for direction, way in ((UP, 1), (DOWN, 2)):
            column = ways.get(way)
            row[direction] = 0 if column is None else None if masks[1][place, column] else int(tables[1].counts[place, column])
        for side, what in enumerate(("before", "after")):
            held = visits.get((group, side), {})
            told = hours(sum(held.values(), Fraction(0)), demands[side * last], costs)
            shown = tells_nothing(held, tables[2 + side], masks[2 + side], place)
            row |= {f"{key}_{what}": value if shown else None for key, value in told.items()}
        rows.append(row)
    kinds = ["visits", "inspector_hours", "enterprise_hours"]
    columns = ["group", COUNT, UP, DOWN, *(f"{what}_{side}" for what in kinds for side in ("before", "after"))]
    return pd.DataFrame(rows, columns=columns).astype({COUNT: "int64", UP: "Int64", DOWN: "Int64"})


def tells_nothing(visits: Mapping[int, Fraction], table: Table, mask: Mask, row: int) -> bool:
    """Whether the visits of a group say no more of its hidden grades than its size does: each of these enterprises has the same visits."""
    hidden = [place for place in np.nonzero(mask[row])[0] if table.counts[row, place]]
    return len({visits.get(table.cells[place][0], Fraction(0)) / int(table.counts[row, place]) for place in hidden}) <= 1
