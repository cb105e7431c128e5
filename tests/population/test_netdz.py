"""The synthetic population: its figures, its codes, its events that recur, and the same bytes from the same seed."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import regengine as rg
from regengine.population import BLOCK, LAST_DAY, MOST, REGISTERS, write_netdz
from regengine.population.enterprises import SHARES
from regengine.population.netdz import draw_block
from regengine.population.tables import industries, provinces, zones
from regengine.problems import ProblemError

PAGE = Path(__file__).resolve().parents[2] / "docs" / "population.md"
SIZE = 20_000
DATES = {
    "penalties": "decided", "abnormal_list": "listed", "serious_list": "listed", "judgment_defaults": "listed", "late_reports": "due",
    "inspections": "inspected", "corrections": "due", "samples": "reported", "complaints": "decided", "changes": "changed",
}  # fmt: skip
ENDS = {"abnormal_list": "removed", "serious_list": "removed", "judgment_defaults": "removed", "late_reports": "filed", "corrections": "corrected"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty thousand enterprises of seed 7."""
    made = tmp_path_factory.mktemp("netdz")
    write_netdz(made, SIZE, 7)
    return made


def enterprises(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "enterprises")


def register(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(folder / name)


def hashes(folder: Path) -> Mapping[str, str]:
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*.*"))}


def signs_add_up(code: str) -> bool:
    """GB 32100 and GB 11714, written from the standards and not from the generator."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    organisation = (11 - sum(weight * int(sign, 36) for weight, sign in zip((3, 7, 9, 10, 5, 8, 4, 2), code[8:16], strict=True)) % 11) % 11
    total = sum(pow(3, place) * alphabet.index(sign) for place, sign in enumerate(code[:17]))
    return code[16] == "0123456789X"[organisation] and alphabet[(31 - total % 31) % 31] == code[17]


def test_codes_are_valid_and_none_is_met_twice(folder: Path) -> None:
    table = enterprises(folder)
    codes = table["enterprise"].to_list()
    assert [code for code in codes if len(code) != 18 or not signs_add_up(code)] == []
    assert table["enterprise"].n_unique() == SIZE
    assert table["enterprise"].str.slice(2, 6).to_list() == table["division_code"].to_list()
    assert table["enterprise"].str.slice(8, 3).unique().to_list() == ["FAK"]  # by which they are known as made up


def test_the_shares_are_the_published_ones(folder: Path) -> None:
    table = enterprises(folder)
    assert SHARES == {"high_tech": 0.0173, "foreign_invested": 0.0122, "exporter": 0.0202, "above_scale_industrial": 0.0149}
    assert {name: table[name].sum() for name in SHARES} == {name: round(share * SIZE) for name, share in SHARES.items()}


def test_marks_stand_where_they_can(folder: Path) -> None:
    table = enterprises(folder)
    above = table.filter("above_scale_industrial")
    assert set(above["section"]) <= {"B", "C", "D"}
    industry = table.filter(pl.col("section") == "C")
    assert industry["high_tech"].sum() / industry.height > 2 * SHARES["high_tech"]


def test_zones_places_and_industries_are_those_of_the_tables(folder: Path) -> None:
    table = enterprises(folder)
    name = {province.code: province.name for province in provinces()}
    known = {(zone.zone, name[zone.province_code], zone.division_code) for zone in zones()}
    assert set(table.select("zone", "province", "division_code").unique().rows()) == known
    assert set(table.select("section", "division").unique().rows()) <= {(line.section, line.division) for line in industries()}


def test_the_risk_is_not_written_out(folder: Path) -> None:
    assert not {"risk", "dormant"} & set(enterprises(folder).columns)


@pytest.mark.parametrize("name", REGISTERS)
def test_entries_belong_to_enterprises_and_lie_between_opening_and_the_last_day(folder: Path, name: str) -> None:
    entries, date = register(folder, name), DATES[name]
    joined = entries.join(enterprises(folder).select("enterprise", "opened"), on="enterprise", how="left", coalesce=True)
    assert entries.join(enterprises(folder), on="enterprise", how="anti").height == 0
    assert joined.filter(pl.col(date) < pl.col("opened")).height == 0
    assert joined.filter((pl.col(date) > LAST_DAY) | (pl.col(date) < LAST_DAY - dt.timedelta(days=8_000))).height == 0
    if end := ENDS.get(name):
        assert entries.filter((pl.col(end) < pl.col(date)) | (pl.col(end) > LAST_DAY)).height == 0
        assert 0 < entries[end].null_count() < entries.height


@pytest.mark.parametrize(("name", "lift"), [("penalties", 2), ("inspections", 1.5), ("complaints", 1.5), ("changes", 1.3)])
def test_an_event_in_one_year_makes_one_in_the_next_likelier(folder: Path, name: str, lift: float) -> None:
    """Among enterprises that were open in both years, so that age does not pass for risk."""
    year, before = LAST_DAY.replace(year=LAST_DAY.year - 1), LAST_DAY.replace(year=LAST_DAY.year - 2)
    day = pl.col(DATES[name])
    had = register(folder, name).group_by("enterprise").agg(((day > before) & (day <= year)).any().alias("then"), (day > year).any().alias("now"))
    old = enterprises(folder).filter(pl.col("opened") < before).join(had, on="enterprise", how="left").with_columns(pl.col("then", "now").fill_null(False))
    rates = dict(old.group_by("then").agg(pl.col("now").mean()).rows())
    assert rates[True] > lift * rates[False]


def test_the_grades_lie_between_the_published_distributions(folder: Path) -> None:
    book = rg.load("cn/henan-2022")
    worked = book.work_out(enterprises(folder), {name: register(folder, name) for name in REGISTERS}, as_of=LAST_DAY)
    assert {name: told["of_unknown_enterprises"].item() for name, told in worked.told.items()} == dict.fromkeys(REGISTERS, 0)
    assert {name: len(rejects) for name, rejects in worked.rejects.items()} == dict.fromkeys(REGISTERS, 0)
    counts = dict(book.decide_frame(worked.facts, as_of=LAST_DAY, keep="key")["grade"].value_counts().rows())
    assert sum(counts.values()) == SIZE
    bounds = {"A": (0.65, 0.73), "B": (0.19, 0.25), "C": (0.05, 0.08), "D": (0.015, 0.03)}
    assert {grade: counts[grade] / SIZE for grade, (low, high) in bounds.items() if not low <= counts[grade] / SIZE <= high} == {}
    told = re.findall(r"^\| grade ([A-D]) \|[^|]*\| ([\d.]+) % \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert {grade: float(share) for grade, share in told} == {grade: pytest.approx(100 * counts[grade] / SIZE, abs=0.01) for grade in "ABCD"}


def test_the_same_seed_gives_the_same_bytes_however_many_blocks_at_a_time(tmp_path: Path) -> None:
    made: list[Mapping[str, str]] = []
    for jobs in (1, 3):
        (tmp_path / str(jobs)).mkdir()
        write_netdz(tmp_path / str(jobs), 2 * BLOCK + 10, 5, jobs=jobs)
        made.append(hashes(tmp_path / str(jobs)))
    assert made[0] == made[1]
    assert len(made[0]) == 3 * (1 + len(REGISTERS)) + 1


def test_another_seed_gives_others() -> None:
    assert not draw_block(1, 0)[0].table.equals(draw_block(2, 0)[0].table)
    assert not np.array_equal(draw_block(1, 0)[0].risk, draw_block(1, 1)[0].risk)


def test_a_larger_population_begins_with_the_smaller(folder: Path, tmp_path: Path) -> None:
    write_netdz(tmp_path, BLOCK, 7)
    assert enterprises(tmp_path).head(SIZE).equals(enterprises(folder))
    own = enterprises(folder).select("enterprise")
    assert register(tmp_path, "penalties").join(own, on="enterprise", how="semi", maintain_order="left").equals(register(folder, "penalties"))


def test_what_it_is_stands_beside_it(folder: Path) -> None:
    about = json.loads((folder / "about.json").read_text("utf-8"))
    assert about["synthetic"] is True
    assert (about["size"], about["seed"], about["last_day"]) == (SIZE, 7, "2026-11-01")
    assert about["rows"] == {name: register(folder, name).height for name in ("enterprises", *REGISTERS)}


@pytest.mark.parametrize(("size", "seed", "message"), [(0, 1, "has 1 to"), (MOST + 1, 1, "has 1 to"), (1, -1, "a seed is a whole number from 0")])
def test_a_size_or_seed_that_cannot_be(tmp_path: Path, size: int, seed: int, message: str) -> None:
    with pytest.raises(ProblemError, match=message) as raised:
        write_netdz(tmp_path, size, seed)
    assert raised.value.problems[0].code == "option-wrong"
    assert list(tmp_path.iterdir()) == []
