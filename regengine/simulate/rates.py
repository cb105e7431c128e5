"""The figures of a backtest from visits that were graded: how well grade and score told what was found, with intervals over enterprises.

Intervals are those between the 2.5th and the 97.5th percentile of a bootstrap: enterprises are drawn with replacement, all visits of one together, so
that visits of one enterprise are not taken for independent ones. Source: B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap, Chapman and
Hall 1993, chapter 13 (percentile intervals).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import polars as pl

from ..inspection.discovery import NEVER_DRAWN, NO_DRAW
from .metrics import Numbers, Places, auc, bins, capture, ks, levels, ratio, shares_of, split, stability, weights
from .past import of_visit

__all__ = [
    "GRADE",
    "NAIVE",
    "SCORE",
    "WEIGHTED",
    "Resamples",
    "Weighting",
    "by_grade",
    "by_year",
    "calibration",
    "measures",
    "resamples_of",
    "stabilities",
    "weighting_of",
]

PERCENTILES = (2.5, 97.5)
GRADE, SCORE = "grade", "score"  # the orders: by the grade alone, by the score behind it
MEASURES = ("auc", "ks", "capture")
NAIVE, WEIGHTED = "naive", "weighted"
ALL, BEFORE, AFTER = "all", "before", "after"


@dataclass(frozen=True, slots=True)
class Resamples:
    """Samples of enterprises: how often each enterprise stands in each of them, and which enterprise each visit is of."""

    times: Places
    enterprise: Places

    def weights(self) -> Iterator[Numbers]:
        """How often each visit counts, sample by sample."""
        for sample in self.times:
            yield sample[self.enterprise].astype(np.float64)


def resamples_of(enterprises: pl.Series, number: int, seed: int) -> Resamples:
    """So many samples of the enterprises of some visits, drawn with a PCG64 generator of `seed`."""
    place = (enterprises.rank("dense").cast(pl.Int64) - 1).to_numpy()
    count = int(place.max()) + 1
    rng = np.random.default_rng(seed)
    return Resamples(rng.multinomial(count, np.full(count, 1 / count), size=number), place)


@dataclass(frozen=True, slots=True)
class Weighting:
    """The weight of each visit: one over the probability with which it was drawn, 0 where it was not; or why there is none, and the strata in the way."""

    weight: Numbers | None
    why: str | None = None
    strata: tuple[str, ...] = ()


def weighting_of(visits: pl.DataFrame, probability: str | None, stratum: str | None, strata: Sequence[str] = ()) -> Weighting:
    """The weights of visits, refused where a stratum was never drawn at random: of its enterprises nothing is known that holds for all of them.

    `probability` is empty where a visit was not drawn. `strata` are those that the frames have, visited or not.
    """
    if probability is None:
        return Weighting(None, NO_DRAW)
    drawn = visits.filter(pl.col(of_visit(probability)) > 0)
    if stratum is not None:
        known = set(drawn[of_visit(stratum)].unique())
        if never := sorted({*visits[of_visit(stratum)].unique(), *strata} - known):
            return Weighting(None, NEVER_DRAWN, tuple(map(str, never)))
    if not len(drawn):
        return Weighting(None, NEVER_DRAWN)
    chance = visits[of_visit(probability)].fill_null(0).to_numpy().astype(np.float64)
    return Weighting(np.divide(1, chance, out=np.zeros_like(chance), where=chance > 0))


# what was found, by part of the time and by risk


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of the time: the segment in which each visit lies, and how many there are; with two, they are before and after the split."""

    segment: Places
    number: int

    @property
    def names(self) -> tuple[str, ...]:
        return (ALL,) if self.number == 1 else (ALL, BEFORE, AFTER)

    def of(self, counts: Numbers) -> list[Numbers]:
        """The counts of each part, from those of each segment."""
        return [counts.sum(axis=0), *(counts if self.number > 1 else ())]


@dataclass(frozen=True, slots=True)
class Tallied:
    """Visits by segment, by whether they found something, and by level of risk, in one number each; so that one count of them serves all measures."""

    code: Places
    shape: tuple[int, int, int]

    def counts(self, weight: Numbers) -> Numbers:
        """The weight of the visits by segment, finding (0 some, 1 none) and level."""
        return weights(self.code, weight, int(np.prod(self.shape))).reshape(self.shape)


def tallied(level: Places, number: int, found: pl.Series, parts: Parts) -> Tallied:
    missed = (~found).to_numpy().astype(np.int64)
    return Tallied((parts.segment * 2 + missed) * number + level, (parts.number, 2, number))


def measures(
    visits: pl.DataFrame, found: Sequence[str], orders: Mapping[str, str], parts: Parts, samples: Resamples, weighting: Weighting, capacity: float
) -> pd.DataFrame:
    """A row for each kind of finding, order, weighting and part of the time: visits, those that found something, AUC, KS and capture, with intervals.

    `orders` maps an order to the column of its risk.
    """
    each = {NAIVE: np.ones(len(visits)), **({WEIGHTED: weighting.weight} if weighting.weight is not None else {})}
    cases: list[tuple[str, str, str, Tallied]] = []
    for order, column in orders.items():
        level, number = levels(visits[column].to_numpy())
        cases += [(name, order, kind, tallied(level, number, visits[of_visit(name)], parts)) for name in found for kind in each]
    drawn = np.empty((len(samples.times), len(cases), len(parts.names), len(MEASURES)))
    for sample, times in enumerate(samples.weights()):
        weight = {kind: times * one for kind, one in each.items()}
        for place, (_, _, kind, own) in enumerate(cases):
            drawn[sample, place] = [told(counts, capacity) for counts in parts.of(own.counts(weight[kind]))]
    rows = []
    for place, (name, order, kind, own) in enumerate(cases):
        counted, weighed = (parts.of(own.counts(one)) for one in ((each[kind] > 0).astype(np.float64), each[kind]))
        for part, title in enumerate(parts.names):
            visited, sums = counted[part].sum(axis=1), weighed[part].sum(axis=1)
            row: dict[str, object] = {"found": name, "part": title, "order": order, "weighting": kind}
            row |= {"visits": int(visited.sum()), "with": int(visited[0]), "base": ratio(float(sums[0]), float(sums.sum()))}
            for number, (measure, value) in enumerate(zip(MEASURES, told(weighed[part], capacity), strict=True)):
                low, high = interval(drawn[:, place, part, number])
                row |= {measure: value, f"{measure}_low": low, f"{measure}_high": high}
            rows.append(row)
    return pd.DataFrame(rows)


def told(counts: Numbers, capacity: float) -> tuple[float, float, float]:
    hits, misses = counts
    return auc(hits, misses), ks(hits, misses), capture(hits, misses, capacity)


def interval(values: Numbers) -> tuple[float, float]:
    """The percentiles of the samples in which there is a figure."""
    there = values[~np.isnan(values)]
    if not len(there):
        return float("nan"), float("nan")
    low, high = np.percentile(there, PERCENTILES)
    return float(low), float(high)


# by grade and by year


def by_grade(visits: pl.DataFrame, found: Sequence[str], rank: str, order: Sequence[str], parts: Parts, samples: Resamples) -> pd.DataFrame:
    """A row for each kind of finding, part of the time and grade: visits, their share, the rate of finding with its interval, and the lift over all grades."""
    places = visits[rank].to_numpy()
    rows = []
    for name in found:
        own = tallied(places, len(order), visits[of_visit(name)], parts)
        drawn = np.array([[rates_of(counts) for counts in parts.of(own.counts(times))] for times in samples.weights()])
        for part, (title, counts) in enumerate(zip(parts.names, parts.of(own.counts(np.ones(len(visits)))), strict=True)):
            visited, rates = counts.sum(axis=0), rates_of(counts)
            base = ratio(float(counts[0].sum()), float(counts.sum()))
            for place, grade in enumerate(order):
                share, rate = ratio(float(visited[place]), float(visited.sum())), float(rates[place])
                row = (name, title, grade, int(visited[place]), share, int(counts[0, place]), rate, *interval(drawn[:, part, place]), ratio(rate, base))
                rows.append(row)
    return pd.DataFrame(rows, columns=["found", "part", "grade", "visits", "share", "with", "rate", "low", "high", "lift"])


def rates_of(counts: Numbers) -> Numbers:
    """The share of the visits of each level that found something; not a number where there were none."""
    visits = counts.sum(axis=0)
    made: Numbers = np.divide(counts[0], visits, out=np.full(len(visits), np.nan), where=visits > 0)
    return made


def calibration(grades: pd.DataFrame) -> pd.DataFrame:
    """What each grade stood for before the split (`expected`), and what its visits found after it, with the interval; `holds` says whether that holds it.

    Empty where the time was not split.
    """
    before, after = (grades[grades["part"] == part].set_index(["found", "grade"]) for part in (BEFORE, AFTER))
    made = after[["visits", "rate", "low", "high"]].rename(columns={"rate": "observed"})
    made.insert(1, "expected", before["rate"].reindex(made.index))
    made["holds"] = (made["low"] <= made["expected"]) & (made["expected"] <= made["high"])
    return made.reset_index()


def by_year(visits: pl.DataFrame, day: str, found: Sequence[str], orders: Mapping[str, str]) -> pd.DataFrame:
    """A row for each year, kind of finding and order: visits, the rate of finding, the AUC within the year."""
    rows = []
    for (year,), own in visits.with_columns(pl.col(day).dt.year().alias("year")).group_by("year", maintain_order=True):
        for name in found:
            for order, column in orders.items():
                area = auc(*split(own[column].to_numpy(), own[of_visit(name)].to_numpy()))
                rows.append((year, name, order, len(own), int(own[of_visit(name)].sum()) / len(own), area))
    return pd.DataFrame(rows, columns=["year", "found", "order", "visits", "rate", "auc"])


def stabilities(visits: pl.DataFrame, day: str, rank: str, order: Sequence[str], facts: Sequence[str]) -> pd.DataFrame:
    """A row for each year after the first and each of the grade (PSI) and the facts (CSI): how far the visited have shifted against the first year.

    A number is parted at the deciles of the first year, anything else by its values.
    """
    years = visits.with_columns(pl.col(day).dt.year().alias("year")).partition_by("year", maintain_order=True)
    base = years[0]
    rows = []
    for own in years[1:]:
        year = own["year"][0]
        grades = [np.bincount(one[rank].to_numpy(), minlength=len(order)) for one in (base, own)]
        rows.append((year, "psi", GRADE, stability(*grades)))
        rows += [(year, "csi", fact, stability(*classes_of(base[fact], own[fact]))) for fact in facts]
    return pd.DataFrame(rows, columns=["year", "index", "of", "value"])


def classes_of(base: pl.Series, own: pl.Series) -> tuple[Numbers, Numbers]:
    """How many visits of the base and of another year lie in each class of a fact, an unknown value being a class of its own."""
    known = base.drop_nulls(), own.drop_nulls()
    if base.dtype.is_numeric():
        edges = bins(known[0].to_numpy()) if len(known[0]) else np.empty(0)
        counts = [shares_of(one.to_numpy(), edges) for one in known]
    else:
        values = sorted({str(value) for one in known for value in one.unique()})
        counts = [np.array([(one.cast(pl.String) == value).sum() for value in values]) for one in known]
    first, second = (np.append(count, float(one.null_count())) for count, one in zip(counts, (base, own), strict=True))
    return first, second
