"""How well grades or scores told what visits found: plain measures over arrays, each with the source of its formula.

A `risk` is a number, the higher the worse. Equal risks are told apart by nothing: each measure is what a lot among them gives on average, so that no
order of the rows decides a figure. `hits` and `misses` are the weights of the visits that found something and of those that did not, by level of risk,
the highest first (`split`). A measure that has nothing to compare is `nan`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["Numbers", "Places", "auc", "bins", "capture", "ks", "levels", "ratio", "shares_of", "split", "stability", "weights"]

Numbers: TypeAlias = npt.NDArray[np.float64]
Places: TypeAlias = npt.NDArray[np.int64]


def levels(risk: npt.ArrayLike) -> tuple[Places, int]:
    """The level of each risk, 0 for the highest, and how many levels there are; equal risks are one level."""
    values, level = np.unique(-np.asarray(risk, dtype=np.float64), return_inverse=True)
    return level.astype(np.int64), len(values)


def split(risk: npt.ArrayLike, found: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> tuple[Numbers, Numbers]:
    """The weight of the visits that found something and of those that did not, at each level of risk, the highest first."""
    level, number = levels(risk)
    hit = np.asarray(found, dtype=np.float64)
    each = np.ones(len(hit)) if weight is None else np.asarray(weight, dtype=np.float64)
    return weights(level, hit * each, number), weights(level, (1 - hit) * each, number)


def auc(hits: Numbers, misses: Numbers) -> float:
    """The share of pairs, a visit that found something and one that did not, in which the first had the higher risk; ties count half.

    The area under the ROC curve, which is the statistic of Mann and Whitney over the number of pairs: J. A. Hanley and B. J. McNeil, The meaning and use
    of the area under a receiver operating characteristic (ROC) curve, Radiology 143 (1982).
    """
    below = misses.sum() - np.cumsum(misses)
    return ratio(float(hits @ (below + misses / 2)), float(hits.sum() * misses.sum()))


def ks(hits: Numbers, misses: Numbers) -> float:
    """The largest distance between the distribution of risk among visits that found something and among those that did not.

    The two-sample statistic of Kolmogorov and Smirnov: N. Smirnov, Table for estimating the goodness of fit of empirical distributions, Annals of
    Mathematical Statistics 19 (1948).
    """
    if not hits.sum() or not misses.sum():
        return float("nan")
    return float(np.abs(np.cumsum(hits) / hits.sum() - np.cumsum(misses) / misses.sum()).max())


def capture(hits: Numbers, misses: Numbers, capacity: float) -> float:
    """The share of all that was found which the visits of the highest risk found, where only a share `capacity` of the visits could be made.

    The level at the edge gives as large a part of what it found as it gives of its visits.
    """
    visits = np.concatenate([[0.0], np.cumsum(hits + misses)])
    found = np.concatenate([[0.0], np.cumsum(hits)])
    return ratio(float(np.interp(capacity * visits[-1], visits, found)), float(found[-1]))


def stability(before: npt.ArrayLike, after: npt.ArrayLike) -> float:
    """The sum over classes of (b - a) ln(b / a), where a and b are the shares of a class before and after; 0 where nothing has shifted.

    The population stability index where the classes are grades, the characteristic stability index where they are classes of one fact. It is the
    symmetric divergence of S. Kullback and R. A. Leibler, On information and sufficiency, Annals of Mathematical Statistics 22 (1951). A class that is
    empty on one side alone has no logarithm, and then there is no index (`nan`); one that is empty on both counts for nothing.
    """
    a, b = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    if not a.sum() or not b.sum() or np.any((a == 0) != (b == 0)):
        return float("nan")
    held = a > 0
    a, b = a[held] / a.sum(), b[held] / b.sum()
    return float(np.sum((b - a) * np.log(b / a)))


def bins(base: npt.ArrayLike, number: int = 10) -> Numbers:
    """Inner edges that part the values of `base` into at most so many classes of about equal size; a value at an edge is in the class above it.

    Edges that would leave a class of `base` empty are left out, so that a fact with few values has few classes.
    """
    values = np.sort(np.asarray(base, dtype=np.float64))
    cuts = np.unique(values[np.linspace(0, len(values), number, endpoint=False)[1:].astype(np.int64)])
    made: Numbers = cuts[cuts > values[0]]
    return made


def shares_of(values: npt.ArrayLike, edges: Sequence[float] | Numbers) -> Places:
    """How many values lie in each class between the edges."""
    return np.bincount(np.searchsorted(np.asarray(edges), np.asarray(values, dtype=np.float64), side="right"), minlength=len(edges) + 1)


def weights(place: Places, weight: Numbers, number: int) -> Numbers:
    """The sum of the weights at each place."""
    return np.bincount(place, weight, number).astype(np.float64)


def ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
