"""The project's own tables of zones, provinces and industries, row by row against the published code tables."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from regengine.population.tables import industries, provinces, zones

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def code_tables() -> Path:
    """The folder of code tables; without it the test is skipped, in CI it fails."""
    folder = Path(os.environ.get("REGENGINE_DATA") or ROOT.parent / "shared" / "data")
    if not (folder / "cn_etdz_232.csv").is_file():
        why = "no code tables here: set REGENGINE_DATA to the folder that holds cn_etdz_232.csv"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(why)
    return folder


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def in_force(folder: Path) -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in read(folder / "cn_division_codes_1981_2025.csv") if row["status"] == "在用"}


def test_provinces_are_the_34_in_force(code_tables: Path) -> None:
    published = {(row["code"], row["name"]) for row in in_force(code_tables).values() if row["level"] == "省级"}
    assert {(province.code, province.name) for province in provinces()} == published
    assert len(provinces()) == 34
    assert all(province.name.startswith(province.short) for province in provinces())


def test_zones_are_the_232_each_in_its_province(code_tables: Path) -> None:
    short = {province.code: province.short for province in provinces()}
    assert [(zone.zone, short[zone.province_code]) for zone in zones()] == [(row["name"], row["province"]) for row in read(code_tables / "cn_etdz_232.csv")]
    assert len(zones()) == 232


def test_places_of_zones_are_prefectures_or_counties_in_force(code_tables: Path) -> None:
    published = in_force(code_tables)
    for zone in zones():
        row = published[zone.division_code]
        assert (row["name"], row["level"] in ("地级", "县级"), zone.division_code[:2] + "0000") == (zone.place, True, zone.province_code), zone


def test_industries_are_the_97_divisions_of_20_sections(code_tables: Path) -> None:
    published = dict.fromkeys(
        (row["section"], row["section_name"].strip(), row["division"], row["division_name"].strip()) for row in read(code_tables / "cn_gbt4754_2017.csv")
    )
    assert [(line.section, line.section_name, line.division, line.division_name) for line in industries()] == sorted(published, key=lambda row: row[2])
    assert (len(industries()), len({line.section for line in industries()})) == (97, 20)
