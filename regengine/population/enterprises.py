"""One block of enterprises: where they are, what they do, how large they are, and the facts that no register holds.

The published shares (high-tech, foreign-invested, exporter, above-scale industrial) are met exactly in every 5,000 enterprises, to the rounding;
who has the mark is likelier in some sections and sizes. All other rates are ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from .credit_codes import credit_codes
from .tables import industries, provinces, zones

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

__all__ = ["SHARES", "Block", "draw_enterprises", "zone_chances"]

SIZES = ("micro", "small", "medium", "large")
SIZE_CHANCES = (0.62, 0.27, 0.08, 0.03)
SECTION_CHANCES: Mapping[str, float] = MappingProxyType({
    "A": 0.02, "B": 0.002, "C": 0.22, "D": 0.008, "E": 0.08, "F": 0.31, "G": 0.05, "H": 0.05, "I": 0.06, "J": 0.01, "K": 0.03, "L": 0.08, "M": 0.04,
    "N": 0.005, "O": 0.02, "P": 0.003, "Q": 0.002, "R": 0.01,
})  # fmt: skip
# sections and sizes in which each published share is likelier, as weights; a section or size that is not named has the first
SHARES: Mapping[str, float] = MappingProxyType({"high_tech": 0.0173, "foreign_invested": 0.0122, "exporter": 0.0202, "above_scale_industrial": 0.0149})
BY_SECTION: Mapping[str, Mapping[str, float]] = MappingProxyType({
    "high_tech": {"": 0.1, "C": 3, "I": 4, "M": 5}, "foreign_invested": {"": 1, "C": 2, "J": 2}, "exporter": {"": 0.05, "C": 2.5, "F": 1.5},
    "above_scale_industrial": {"": 0, "B": 1, "C": 1, "D": 1},
})  # fmt: skip
BY_SIZE: Mapping[str, tuple[float, ...]] = MappingProxyType({
    "high_tech": (0.4, 1.5, 3, 4), "foreign_invested": (0.5, 1.2, 3, 5), "exporter": (0.4, 1.5, 3, 4), "above_scale_industrial": (0, 0.06, 0.25, 0.8),
})  # fmt: skip
HIGH_RISK = ("06", "07", "25", "26", "27", "45")  # mining, fuels, chemicals, medicine, gas
RAISED_RISK = ("13", "14", "15", "31", "32", "42", "44", "47", "48", "54", "59", "62", "66", "69", "84", "83")
OLDEST = 8_000  # days
RUN = 5_000  # enterprises in which the published shares are met exactly; divides a block


@dataclass(frozen=True, slots=True)
class Block:
    """Enterprises of one block: the table as written, and what their registers depend on. `risk` and `dormant` are not written."""

    table: pl.DataFrame
    opened: Integers
    risk: Floats
    dormant: NDArray[np.bool_]
    raised: NDArray[np.bool_]


def zone_chances(random: np.random.Generator) -> Floats:
    """How the enterprises spread over the zones: a few large ones and many small."""
    weights = random.gamma(1.6, size=len(zones())) + 0.05
    made: Floats = weights / weights.sum()
    return made


def draw_enterprises(random: np.random.Generator, numbers: Integers, zone_shares: Floats, last_day: int) -> Block:
    """The enterprises with these numbers, which begin at a multiple of `RUN`; `last_day` (days since 1970) is the day on which the columns hold."""
    count = len(numbers)
    draw = random.random(count)
    risk = (draw * draw) ** 2 * draw  # most enterprises are near 0, few near 1
    zone = pick(random, zone_shares, count)
    lines = industries()
    section_names = sorted(SECTION_CHANCES)
    section = pick(random, np.array([SECTION_CHANCES[name] for name in section_names]), count)
    division = np.zeros(count, np.int64)
    within = random.random(count)
    for place, name in enumerate(section_names):
        own = np.array([row for row, line in enumerate(lines) if line.section == name])
        mask = section == place
        division[mask] = own[(within[mask] * len(own)).astype(np.int64)]
    size = pick(random, np.array(SIZE_CHANCES), count)
    codes = [line.division for line in lines]
    level = np.array([2 if code in HIGH_RISK else 1 if code in RAISED_RISK else 0 for code in codes])[division]
    opened = last_day - np.where(random.random(count) < 0.15, random.integers(0, 900, count), random.integers(0, OLDEST, count))
    columns = {
        "enterprise": pl.Series(credit_codes(numbers, np.array([int(zone.division_code) for zone in zones()])[zone])),
        "zone": named([row.zone for row in zones()], zone),
        "province": named([{one.code: one.name for one in provinces()}[row.province_code] for row in zones()], zone),
        "division_code": named([row.division_code for row in zones()], zone),
        "section": named(section_names, section),
        "division": named(codes, division),
        **{name: marked(random, name, weights_of(name, section_names)[section, size], int(numbers[0]) // RUN) for name in SHARES},
        "size_class": blanked(random, named(SIZES, size), 0.01),
        "opened": blanked(random, pl.Series(opened.astype(np.int32)).cast(pl.Date), 0.005),
        "industry_risk": named(("general", "raised", "high"), level),
        **held(random, risk, level, last_day),
    }
    dormant = random.random(count) < 0.11 + 0.25 * risk  # no report, not to be found, listed as abnormal
    columns["zero_finances"] = blanked(random, pl.Series(random.random(count) < np.where(dormant, 0.40, 0.03 + 0.05 * risk)), 0.02)
    return Block(pl.DataFrame(columns), opened, risk, dormant, level > 0)


def held(random: np.random.Generator, risk: Floats, level: Integers, last_day: int) -> dict[str, pl.Series]:
    """The facts of the scheme that no register of it holds."""
    count = len(risk)

    def flag(share: Floats | float) -> pl.Series:
        return pl.Series(random.random(count) < share)

    def successes(most: int, share: Floats) -> pl.Series:
        return pl.Series(random.binomial(most, share).astype(np.int32))

    crowded = random.random(count) < 0.03 + 0.10 * risk
    firms = np.where(crowded, random.integers(10, 180, count), 1 + random.binomial(8, 0.1, count))
    expired = random.random(count) < 0.02 + 0.25 * risk
    expires = last_day + np.where(expired, -random.integers(1, 401, count), random.integers(1, 1_801, count))
    bad = (0.02 + 0.5 * risk) / 2
    tax = np.searchsorted(np.array([0.10, 0.72, 0.98]), random.random(count) * (0.98 + 2 * bad))
    tax = np.where((tax == 3) & (random.random(count) < 0.5), 4, tax)
    debts = random.integers(50, 850, count) + np.where(random.random(count) < 0.10 + 0.60 * risk, random.integers(0, 900, count), 0)
    return {
        "social_concern": flag(np.where(level > 0, 0.08, 0.0)),
        "firms_at_address": pl.Series(firms.astype(np.int32)),
        "permit_expires": blanked(random, pl.Series(expires.astype(np.int32)).cast(pl.Date), 0.55),
        "capital_overdue": flag(0.02 + 0.15 * risk),
        "equity_frozen": flag(0.01 + 0.20 * risk),
        "in_liquidation": flag(0.005 + 0.03 * risk),
        "overdue_equipment": successes(5, 0.006 + 0.15 * risk),
        "representative_revoked": flag(0.01 + 0.20 * risk),
        "representative_defaulter": flag(0.01 + 0.20 * risk),
        "related_serious": successes(3, 0.003 + 0.20 * risk),
        "related_abnormal": successes(6, 0.02 + 0.30 * risk),
        "related_penalties_24m": successes(8, 0.01 + 0.30 * risk),
        "tax_grade": blanked(random, named(("A", "B", "M", "C", "D"), tax), 0.15),
        "negative_reports_12m": successes(9, 0.01 + 0.40 * risk),
        "lawsuits_lost_24m": successes(14, 0.02 + 0.45 * risk),
        "liability_ratio": blanked(random, pl.Series(debts / 10), 0.55),
        "wage_arrears": flag(0.005 + 0.12 * risk),
        "person_serious_record": flag(0.004 + 0.05 * risk),
        "false_commitment": flag(0.001 + 0.03 * risk),
        "dishonesty_unrepaired": flag(0.01 + 0.20 * risk),
        "commitment_declined": flag(0.05),
        "main_papers_complete": blanked(random, flag(0.9), 0.5),
    }


def marked(random: np.random.Generator, name: str, weights: Floats, first_run: int) -> NDArray[np.bool_]:
    """Who has a published mark: of each run of `RUN` enterprises exactly the share, drawn without replacement by weight."""
    waits = random.exponential(size=len(weights)) / np.maximum(weights, 1e-12)  # the shortest waits win; without weight, nobody waits so short
    share, made = round(SHARES[name] * 10_000), np.zeros(len(weights), np.bool_)
    for start in range(0, len(weights), RUN):
        run = first_run + start // RUN
        count = share * (run + 1) * RUN // 10_000 - share * run * RUN // 10_000
        made[start + np.argpartition(waits[start : start + RUN], count)[:count]] = True
    return made


def weights_of(name: str, section_names: Sequence[str]) -> Floats:
    """How much likelier a mark is by section (down) and size (across)."""
    weights = BY_SECTION[name]
    return np.outer([weights.get(section, weights[""]) for section in section_names], BY_SIZE[name])


def pick(random: np.random.Generator, shares: Floats, count: int) -> Integers:
    """Draw row numbers by their shares, which sum to 1."""
    edges = np.cumsum(shares)
    return np.searchsorted(edges[:-1], random.random(count), side="right")


def named(names: Sequence[str], rows: Integers) -> pl.Series:
    """The names by their row numbers."""
    return pl.Series(names).gather(rows)


def blanked(random: np.random.Generator, values: pl.Series, share: float) -> pl.Series:
    """The values, left blank for this share of enterprises."""
    keep = pl.Series(random.random(len(values)) >= share)
    return pl.select(pl.when(keep).then(values)).to_series()
