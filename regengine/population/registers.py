"""The registers of one block of enterprises: events of five years, made likelier by a risk that each enterprise keeps.

The risk of an enterprise does not change over the five years, so that what happened once is likelier to happen again, as in real records.
No event lies before the enterprise opened or after the last day; a publication may come some days later, a removal not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from .enterprises import Block

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

__all__ = ["REGISTERS", "YEARS", "draw_registers"]

REGISTERS = (
    *("penalties", "abnormal_list", "serious_list", "judgment_defaults", "late_reports"),
    *("inspections", "corrections", "samples", "complaints", "changes"),
)
YEARS = 5
SPAN = 1_826  # days of five years
NEVER = np.iinfo(np.int32).max


class Registers:
    """Draws the registers of one block, always in the same order."""

    def __init__(self, random: np.random.Generator, block: Block, last_day: int) -> None:
        self.random, self.block, self.last_day, self.risk = random, block, last_day, block.risk

    def events(self, rate: Floats) -> tuple[Integers, Integers]:
        """Enterprises (by row) and days of events that come at a yearly rate; those before the opening fall out."""
        rows = np.repeat(np.arange(len(rate)), self.random.poisson(rate * YEARS))
        days = self.last_day - self.random.integers(0, SPAN, len(rows))
        there = days >= self.block.opened[rows]
        return rows[there], days[there]

    def chance(self, share: Floats | float, count: int) -> NDArray[np.bool_]:
        return self.random.random(count) < share

    def ends(self, days: Integers, low: int, high: int) -> Integers:
        """The day on which each ends, `low` to `high` days on; open where that would be after the last day."""
        made = days + self.random.integers(low, high, len(days))
        return np.where(made > self.last_day, NEVER, made)

    def table(self, rows: Integers, **columns: NDArray[np.generic] | pl.Series) -> pl.DataFrame:
        """A register's entries in the order of enterprises and of the first column, which holds days."""
        dates = {"decided", "published", "repaired", "listed", "removed", "due", "filed", "inspected", "corrected", "reported", "changed", "ordered"}
        made = pl.DataFrame({"row": rows, **columns}).sort("row", next(iter(columns)), maintain_order=True)
        days = [pl.col(name).replace(NEVER, None).cast(pl.Int32).cast(pl.Date) for name in columns if name in dates]
        key = self.block.table["enterprise"].gather(made["row"])
        return made.drop("row").with_columns(days).insert_column(0, key)

    def penalties(self) -> pl.DataFrame:
        rows, days = self.events(0.035 + 1.35 * self.risk)
        count, risk = len(rows), self.risk[rows]
        other = self.chance(0.40, count)
        grave = self.random.random(count)
        severity = np.where(grave < 0.05 + 0.14 * risk, 2, np.where(grave < 0.55, 1, 0))
        fine = self.random.integers(20, 1_500, count) / 100 * np.array([0.2, 1, 20])[severity]
        least = np.array([90, 90, 365])[severity]
        repaired = self.ends(days + least, 0, 700)
        return self.table(
            rows,
            decided=days,
            published=days + self.random.integers(0, 21, count),
            repaired=np.where(self.chance(0.6, count), repaired, NEVER),
            department=pl.Series(["market_supervision", "other"]).gather(other.astype(np.int64)),
            severity=pl.Series(["light", "general", "serious"]).gather(severity),
            fine=np.round(np.where(severity == 0, 0.0, fine), 2),
        )

    def abnormal_list(self) -> pl.DataFrame:
        """Enterprises that left for good stay listed; others come and go."""
        gone = np.flatnonzero(self.block.dormant & self.chance(0.85, len(self.risk)))
        since = np.maximum(self.last_day - self.random.integers(0, SPAN, len(gone)), self.block.opened[gone])
        rows, days = self.events(0.012 + 0.06 * self.risk)
        ended = self.ends(days, 20, 500)
        reasons = np.where(self.chance(0.65, len(gone)), 3, 0)
        other = np.array([0, 1, 3])[np.searchsorted(np.array([0.45, 0.60]), self.random.random(len(rows)))]
        doubtful = np.flatnonzero(self.chance(0.004 + 0.14 * self.risk, len(self.risk)))  # found to have disclosed what is false
        found = np.maximum(self.last_day - self.random.integers(0, 900, len(doubtful)), self.block.opened[doubtful])
        return self.table(
            np.concatenate([gone, rows, doubtful]),
            listed=np.concatenate([since, days, found]),
            removed=np.concatenate([np.full(len(gone), NEVER), ended, self.ends(found, 400, 1_600)]),
            reason=pl.Series(["annual_report", "disclosure", "false_disclosure", "address"]).gather(
                np.concatenate([reasons, other, np.full(len(doubtful), 2)])
            ),
        )

    def serious_list(self) -> pl.DataFrame:
        rows, days = self.events(0.0004 + 0.015 * self.risk)
        field = pl.Series(["food", "drugs", "equipment", "quality", "other"]).gather(self.random.integers(0, 5, len(rows)))
        return self.table(rows, listed=days, removed=self.ends(days, 365, 1_100), field=field)

    def judgment_defaults(self) -> pl.DataFrame:
        rows, days = self.events(0.0008 + 0.026 * self.risk)
        return self.table(rows, listed=days, removed=self.ends(days, 200, 1_800), owed=self.random.integers(100, 500_000, len(rows)) / 100)

    def late_reports(self) -> pl.DataFrame:
        """Annual reports that were not there on 30 June, for each year after the enterprise opened."""
        parts: list[tuple[Integers, Integers, Integers, Integers]] = []
        last_year = int(np.datetime64(self.last_day, "D").astype("datetime64[Y]").astype(int)) + 1970
        for year in range(last_year - YEARS + 1, last_year + 1):
            due = int(np.datetime64(f"{year}-06-30", "D").astype(int))
            if due > self.last_day:
                continue
            left = self.block.dormant & self.chance(0.85 if year == last_year else 0.3, len(self.risk))
            late = (self.block.opened < due - 180) & (left | self.chance(0.03 + 0.10 * self.risk, len(self.risk)))
            rows = np.flatnonzero(late)
            days = np.full(len(rows), due)
            filed = np.where(left[rows] & (year == last_year), NEVER, self.ends(days, 3, 360))
            parts.append((rows, days, filed, np.full(len(rows), year - 1)))
        rows, days, filed, years = (np.concatenate(column) for column in zip(*parts, strict=True))
        return self.table(rows, due=days, filed=filed, year=years)

    def inspections(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Spot checks with their findings, and of these what had to be put right by a day."""
        rows, days = self.events(0.12 + 1.5 * self.risk)
        problem = self.chance(0.15 + 0.75 * self.risk[rows], len(rows))
        to_do = np.flatnonzero(problem & self.chance(0.8, len(rows)))
        due = days[to_do] + 30
        on_time = self.chance(0.80 - 0.60 * self.risk[rows[to_do]], len(to_do))
        there = (due <= self.last_day) & ~on_time  # what was put right in time was never overdue
        back, due = rows[to_do][there], due[there]
        corrected = np.where(self.chance(0.5, len(back)), NEVER, self.ends(due, 1, 300))
        return self.table(rows, inspected=days, problem=problem), self.table(back, due=due, corrected=corrected, ordered=due - 30)

    def samples(self) -> pl.DataFrame:
        rows, days = self.events(np.where(self.block.raised, 0.12, 0.01) * (1 + 2 * self.risk))
        return self.table(rows, reported=days, failed=self.chance(0.10 + 0.50 * self.risk[rows], len(rows)))

    def complaints(self) -> pl.DataFrame:
        rows, days = self.events(0.08 + 2.5 * self.risk)
        return self.table(rows, decided=days, upheld=self.chance(0.5 + 0.4 * self.risk[rows], len(rows)))

    def changes(self) -> pl.DataFrame:
        rows, days = self.events(0.25 + 1.0 * self.risk)
        kind = np.searchsorted(np.array([0.15, 0.40, 0.52, 0.80]), self.random.random(len(rows)))
        return self.table(rows, changed=days, kind=pl.Series(["representative", "address", "capital", "scope", "other"]).gather(kind))


def draw_registers(random: np.random.Generator, block: Block, last_day: int) -> dict[str, pl.DataFrame]:
    """Every register's entries for the enterprises of one block, by name."""
    draw = Registers(random, block, last_day)
    made = {
        "penalties": draw.penalties(),
        "abnormal_list": draw.abnormal_list(),
        "serious_list": draw.serious_list(),
        "judgment_defaults": draw.judgment_defaults(),
        "late_reports": draw.late_reports(),
    }
    made["inspections"], made["corrections"] = draw.inspections()
    made |= {"samples": draw.samples(), "complaints": draw.complaints(), "changes": draw.changes()}
    return made
