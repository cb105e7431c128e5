"""Small counts hidden in tables by groups, with as many others as it takes that none can be worked out.

Guarantees: a count from 1 to below the least is not shown; where the totals of every row and column are known, and the sums by which tables hang
together, no such count follows from what is shown, by any sum or difference; and hidden counts of one sum add up to the least or more. Does not
guarantee that a range in which a hidden count lies cannot be told, nor anything against who knows of some enterprises what others do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..inspection.schedule.groups import groups

__all__ = ["LEAST", "Cell", "Counts", "Mask", "Sum", "hide"]

LEAST = 5
NEARLY = 1e-8
Cell = tuple[str, int, int]  # table, row, column
Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]
Lines = list[dict[int, float]]


@dataclass(frozen=True, slots=True)
class Sum:
    """Cells whose sum is known; with a `parent`, it is what another cell holds. `wide` where the cells are of several groups."""

    cells: tuple[Cell, ...]
    parent: Cell | None = None
    wide: bool = False

    @property
    def all(self) -> tuple[Cell, ...]:
        return self.cells if self.parent is None else (*self.cells, self.parent)


def hide(tables: Mapping[str, Counts], linked: Sequence[Sum] = (), least: int = LEAST) -> dict[str, Mask]:
    """For each table of counts (a row for each group) which cells are hidden; `linked` are sums beside those of rows and columns."""
    masks: dict[str, Mask] = {name: (counts > 0) & (counts < least) for name, counts in tables.items()}
    small = set(cells_of(masks))
    sums = [*linked, *sums_of(tables)]
    while True:
        while sum(hide_more(one, tables, masks, least) for one in sums):
            pass
        told = set(followed(sums, masks)) & small
        if not told or not sum(hide_beside(cell, sums, tables, masks) for cell in sorted(told)):
            return masks


def sums_of(tables: Mapping[str, Counts]) -> Iterator[Sum]:
    """The rows and columns of each table."""
    for name, counts in tables.items():
        rows, columns = counts.shape
        yield from (Sum(tuple((name, row, column) for column in range(columns))) for row in range(rows))
        yield from (Sum(tuple((name, row, column) for row in range(rows)), wide=True) for column in range(columns))


def hide_more(one: Sum, tables: Mapping[str, Counts], masks: Mapping[str, Mask], least: int) -> bool:
    """Hide a further cell of a sum where its hidden ones could be told from the others, or nearly; whether there was one to hide."""
    hidden = [cell for cell in one.all if masks[cell[0]][cell[1:]]]
    if not hidden:
        return False
    whole = sum(int(tables[cell[0]][cell[1:]]) for cell in hidden if cell != one.parent)
    if len(hidden) > 1 and (one.parent in hidden or whole >= least):
        return False
    return hide_one(one, tables, masks)


def hide_one(one: Sum, tables: Mapping[str, Counts], masks: Mapping[str, Mask]) -> bool:
    """Hide the smallest cell of a sum that is shown, its parent last and one without a count before that; whether there is one."""
    shown = [cell for cell in one.all if not masks[cell[0]][cell[1:]]]
    if not shown:
        return False
    chosen = min(shown, key=lambda cell: (cell == one.parent, tables[cell[0]][cell[1:]] == 0, tables[cell[0]][cell[1:]], cell))
    masks[chosen[0]][chosen[1:]] = True
    return True


def hide_beside(cell: Cell, sums: Sequence[Sum], tables: Mapping[str, Counts], masks: Mapping[str, Mask]) -> bool:
    """Hide a further cell of some sum in which a cell stands; whether there is one."""
    return any(hide_one(one, tables, masks) for one in sums if cell in one.all)


def cells_of(masks: Mapping[str, Mask]) -> list[Cell]:
    """The cells that are hidden."""
    return [(name, int(row), int(column)) for name, mask in masks.items() for row, column in zip(*np.nonzero(mask), strict=True)]


def followed(sums: Sequence[Sum], masks: Mapping[str, Mask]) -> list[Cell]:
    """The hidden cells that follow from the sums: those in which all solutions of the equations agree.

    The sums within a group are solved for each group, so that only those over several are solved for all together.
    """
    cells = cells_of(masks)
    place = {cell: number for number, cell in enumerate(cells)}
    narrow, wide = (equations([one for one in sums if one.wide == side], place) for side in (False, True))
    free = local(narrow, len(cells))
    if wide:
        matrix = np.array([sum((sign * free[cell] for cell, sign in line.items()), np.zeros(free.shape[1])) for line in wide])
        _, values, vectors = np.linalg.svd(matrix, full_matrices=False)
        kept = vectors[values > NEARLY]
        free = free - (free @ kept.T) @ kept
    return [cells[number] for number in np.nonzero((free**2).sum(axis=1) < NEARLY)[0]]


def equations(sums: Sequence[Sum], place: Mapping[Cell, int]) -> Lines:
    """What each sum says of the hidden cells: 1 for each, and -1 for its parent."""
    lines: Lines = []
    for one in sums:
        line = {place[cell]: 1.0 for cell in one.cells if cell in place}
        if one.parent is not None and one.parent in place:
            line[place[one.parent]] = -1.0
        if line:
            lines.append(line)
    return lines


def local(lines: Lines, size: int) -> NDArray[np.float64]:
    """A row for each cell: how it may change while every line keeps its sum, in independent ways."""
    held: dict[int, list[int]] = {}
    for cell, first in enumerate(groups([list(line) for line in lines], size)):
        held.setdefault(first, []).append(cell)
    of: dict[int, Lines] = {}
    root = {cell: first for first, members in held.items() for cell in members}
    for line in lines:
        of.setdefault(root[next(iter(line))], []).append(line)
    bases = []
    for first, members in held.items():
        at = {cell: number for number, cell in enumerate(members)}
        matrix = np.zeros((len(of.get(first, [])), len(members)))
        for number, line in enumerate(of.get(first, [])):
            matrix[number, [at[cell] for cell in line]] = list(line.values())
        bases.append((members, kernel(matrix)))
    free = np.zeros((size, sum(basis.shape[1] for _, basis in bases)))
    column = 0
    for members, basis in bases:
        free[members, column : column + basis.shape[1]] = basis
        column += basis.shape[1]
    return free


def kernel(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """A basis of what a matrix takes to nothing, as columns."""
    _, values, vectors = np.linalg.svd(matrix, full_matrices=True)
    rank = int((values > NEARLY).sum())
    return np.asarray(vectors[rank:].T)
