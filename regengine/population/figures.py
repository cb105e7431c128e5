"""What a synthetic population should show and what it shows: published shares beside those reached.

The shares are those of `law/regulation.md` section 7 (national zones, end of 2024, per business entity). The grades have no national
figure: their bounds hold the published distributions of Bayannur 2022 and Dandong 2023.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import polars as pl

from .enterprises import SHARES

__all__ = ["GRADE_BOUNDS", "PUBLISHED", "Figure", "grade_figures", "reached"]

GRADE_BOUNDS: Mapping[str, tuple[float, float]] = MappingProxyType({"A": (0.65, 0.73), "B": (0.19, 0.25), "C": (0.05, 0.08), "D": (0.015, 0.03)})

# enterprises in each grade as two cities published them, by city and year
PUBLISHED: Mapping[str, Mapping[str, int]] = MappingProxyType({
    "Bayannur 2022": {"A": 22_186, "B": 5_658, "C": 1_581, "D": 898},
    "Dandong 2023": {"A": 31_107, "B": 12_044, "C": 3_682, "D": 721},
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a population: what it should be, from `low` to `high` (both the same for a share), and what was `reached`."""

    name: str
    low: float
    high: float
    reached: float


def reached(folder: Path) -> list[Figure]:
    """The published shares and how many of the enterprises in a written population have each mark."""
    table = pl.scan_parquet(folder / "enterprises" / "*.parquet").select(pl.col(name).mean() for name in SHARES).collect(engine="streaming")
    return [Figure(name, share, share, float(table[name].item())) for name, share in SHARES.items()]


def grade_figures(counts: Mapping[str, int], size: int) -> list[Figure]:
    """The grades' bounds and the share of each among `size` enterprises."""
    return [Figure(f"grade {grade}", low, high, counts.get(grade, 0) / size) for grade, (low, high) in GRADE_BOUNDS.items()]
