"""The small tables that populations draw from: national zones and their places, provinces, divisions of industry.

Guarantees: every row is a bare fact that a test compares with the published code tables: division codes in force (GB/T 2260), sections
and divisions of GB/T 4754-2017, names of zones as the Ministry of Commerce writes them. Does not guarantee more of a zone's place than the
prefecture or county that the zone is in or is named after; a zone may lie in several.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

__all__ = ["Industry", "Province", "Zone", "industries", "provinces", "zones"]


@dataclass(frozen=True, slots=True)
class Province:
    """A province with its division code, its full name, and the short name in everyday use."""

    code: str
    name: str
    short: str


@dataclass(frozen=True, slots=True)
class Zone:
    """A national economic and technological development zone, and the prefecture or county that stands for its place."""

    zone: str
    province_code: str
    division_code: str
    place: str


@dataclass(frozen=True, slots=True)
class Industry:
    """A division of GB/T 4754-2017 (two digits) and the section (a letter) that it belongs to."""

    section: str
    section_name: str
    division: str
    division_name: str


def rows(name: str) -> list[dict[str, str]]:
    text = resources.files(__package__).joinpath(name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def provinces() -> tuple[Province, ...]:
    """The 34 divisions of province level."""
    return tuple(Province(**row) for row in rows("provinces.csv"))


@cache
def zones() -> tuple[Zone, ...]:
    """The 232 national zones."""
    return tuple(Zone(**row) for row in rows("zones.csv"))


@cache
def industries() -> tuple[Industry, ...]:
    """The 97 divisions of industry, in the order of the standard."""
    return tuple(Industry(**row) for row in rows("industries.csv"))
