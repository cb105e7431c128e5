"""`plan.geojson`: where the published visits are (RFC 7946), with the properties that `public.csv` has and no others.

The coordinates are taken to be WGS 84, as the standard has it; maps of China often shift theirs, which cannot be seen from the numbers.
"""

from __future__ import annotations

import polars as pl

from ...rulebook.load import canonical_json
from ..tables import PlanTables
from .public import PUBLIC, public_visits

__all__ = ["plan_geojson"]


def plan_geojson(tables: PlanTables, lang: str) -> bytes | None:
    """A FeatureCollection with a point for each published visit that has one; None where no visit has."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
            "properties": {name: row[name] for name in PUBLIC if row[name] is not None},
        }
        for row in public_visits(tables, lang).filter(pl.col("lat").is_not_null()).iter_rows(named=True)
    ]
    return canonical_json({"type": "FeatureCollection", "features": features}) + b"\n" if features else None
