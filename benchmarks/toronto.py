"""Does a grade from past infractions tell the next visit? `python benchmarks/toronto.py [INSPECTIONS.parquet]` prints the answer.

Toronto DineSafe, 2004 to 2012: every routine visit of a premises with two earlier ones (more than 30 days after the last, so
that follow-ups do not count) is set against the grade of `ca/toronto-dinesafe`, worked out from the register as it stood on
the last day of the month before. Nothing of the month itself is known to the grade.

The reference is the one of the data notes: the same points with a half-life of exactly one year, cut at 50, 80 and 95 %.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import polars as pl

import regengine as rg

FIRST, LAST = dt.date(2004, 1, 1), dt.date(2013, 1, 1)
FILE = "toronto_dinesafe_inspections.parquet"
REFERENCE_AUC = {"bad": 0.705, "crucial": 0.742}
REFERENCE_BAD = {"A": 0.115, "B": 0.242, "C": 0.398, "D": 0.523}


@dataclass(frozen=True, slots=True)
class Found:
    """The visits that were graded beforehand, the AUC of the score, and by grade the share of visits and of bad ones."""

    visits: int
    base: float
    auc: dict[str, float]
    shares: dict[str, float]
    bad: dict[str, float]


def labelled(inspections: pl.DataFrame) -> pl.DataFrame:
    """Routine visits from 2004 on with at least two earlier ones; bad is a significant or crucial infraction."""
    order = inspections.sort("establishment_id", "inspection_date", "inspection_id")
    before = pl.col("inspection_date").shift(1).over("establishment_id")
    earlier = pl.int_range(pl.len()).over("establishment_id")
    days = (pl.col("inspection_date") - before).dt.total_days()
    routine = order.with_columns(days=days, earlier=earlier).filter(pl.col("inspection_date") >= FIRST, pl.col("earlier") >= 2, pl.col("days") > 30)
    return routine.with_columns(bad=pl.col("n_significant") + pl.col("n_crucial") > 0, crucial=pl.col("n_crucial") > 0)


def area(score: pl.Series, bad: pl.Series) -> float:
    """The area under the ROC curve: how often a bad visit had the higher score, ties counting half."""
    wrong, right = int(bad.sum()), len(bad) - int(bad.sum())
    return (float(score.rank("average").filter(bad).sum()) - wrong * (wrong + 1) / 2) / (wrong * right)


def backtest(path: Path) -> Found:
    """Grade every month's premises from what was on record before it, and compare with what their visits found."""
    book = rg.load("ca/toronto-dinesafe")
    inspections = pl.read_parquet(path).filter(pl.col("inspection_date") < LAST)
    register = inspections.select("establishment_id", "inspection_date", "n_minor", "n_significant", "n_crucial")
    parts: list[pl.DataFrame] = []
    for (month,), visits in labelled(inspections).group_by(pl.col("inspection_date").dt.truncate("1mo"), maintain_order=True):
        assert isinstance(month, dt.date)
        as_of = month - dt.timedelta(days=1)
        premises = visits.select(enterprise="establishment_id").unique(maintain_order=True)
        facts = book.work_out(premises, {"inspections": register}, as_of=as_of).facts
        graded = book.decide_frame(facts, as_of=as_of, keep="key").select("enterprise", "grade", "score")
        parts.append(visits.select("establishment_id", "bad", "crucial").join(graded, left_on="establishment_id", right_on="enterprise"))
    all_visits = pl.concat(parts)
    grades = dict(all_visits.group_by("grade").agg(pl.col("bad").mean()).sort("grade").rows())
    shares = dict(all_visits.group_by("grade").agg(pl.len() / len(all_visits)).sort("grade").rows())
    base = all_visits.select(pl.col("bad").mean()).item()
    return Found(len(all_visits), base, {name: area(all_visits["score"], all_visits[name]) for name in ("bad", "crucial")}, shares, grades)


def main() -> int:
    folder = Path(os.environ.get("REGENGINE_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else folder / FILE
    if not path.is_file():
        print(f"there is no {path}; the City of Toronto offers DineSafe as open data, see docs/benchmarks.md")
        return 2
    found = backtest(path)
    print(f"{found.visits:,} routine visits, {found.base:.1%} bad (a significant or crucial infraction)\n")
    print(f"{'grade':8}{'share':>8}{'bad':>8}{'reference':>12}")
    for grade in found.bad:
        print(f"{grade:8}{found.shares[grade]:8.1%}{found.bad[grade]:8.1%}{REFERENCE_BAD[grade]:12.1%}")
    print(f"\n{'AUC':16}{'found':>8}{'reference':>12}")
    for name, value in found.auc.items():
        print(f"{name:16}{value:8.3f}{REFERENCE_AUC[name]:12.3f}")
    print("\nContains information licensed under the Open Government Licence - Toronto.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
