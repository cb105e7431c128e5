"""What a synthetic population should show and what it shows: published shares beside those reached.

The shares are those of the national zones at the end of 2024, per business entity, as `docs/population.md` names them. The grades have no
national figure; the scenario `netdz` sets them beside those that two cities published.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from .enterprises import SHARES

__all__ = ["Figure", "reached"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A share of enterprises: what it should be, and what was `reached`."""

    name: str
    target: float
    reached: float


def reached(folder: Path) -> list[Figure]:
    """The published shares and how many of the enterprises in a written population have each mark."""
    table = pl.scan_parquet(folder / "enterprises" / "*.parquet").select(pl.col(name).mean() for name in SHARES).collect(engine="streaming")
    return [Figure(name, share, float(table[name].item())) for name, share in SHARES.items()]
