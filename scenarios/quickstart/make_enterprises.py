"""Write the made-up enterprises of the quickstart: one row each, one column for every fact of `cn/henan-2022`.

Nobody in the file exists. The unified social credit codes have a correct check digit (GB 32100), and so has the
organisation code inside them (GB 11714), but the division code 419900 was never given out and every organisation code
begins with FAKE. Each enterprise has a latent risk that makes bad facts come together; the rates behind it are ours and
chosen so that the four classes come out near the published mixes of Bayannur 2022 and Dandong 2023.

The same bytes come out on every machine: one seed, no clock, only sums and products.

    python make_enterprises.py [OUT]
"""

from __future__ import annotations

import csv
import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

AS_OF = dt.date(2026, 11, 1)
ENTERPRISES = 2_000
WITHOUT_LIST_CHECK = (402, 1_137, 1_816)  # rows that leave `serious_dishonesty` blank and are therefore rejected
CODE_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

Row = dict[str, str]


def credit_code(number: int) -> str:
    """An 18-character unified social credit code for the enterprise with this number."""
    organisation = f"FAKE{number:04d}"
    total = sum(weight * int(sign, 36) for weight, sign in zip(ORGANISATION_WEIGHTS, organisation, strict=True))
    body = "91" + "419900" + organisation + "0123456789X0"[11 - total % 11]
    total = sum(CODE_SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(body))
    return body + CODE_SIGNS[-total % 31]


class Maker:
    """Draws the facts of one enterprise after another."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def flag(self, share: float) -> str:
        return "true" if self.chance(share) else "false"

    def count(self, share: float, most: int) -> int:
        """Successes in `most` trials."""
        return sum(self.chance(share) for _ in range(most))

    def one_of(self, values: Sequence[str], weights: Sequence[float]) -> str:
        return self.random.choices(values, weights)[0]

    def day_before(self, days: int) -> dt.date:
        return AS_OF - dt.timedelta(days=self.random.randrange(days))

    def or_blank(self, value: str, share: float) -> str:
        """The value, left blank for this share of enterprises."""
        return "" if self.chance(share) else value

    def enterprise(self, number: int) -> Row:
        random, flag, count = self.random, self.flag, self.count
        draw = random.random()
        square = draw * draw
        risk = square * square * square  # most enterprises are near 0, few near 1

        industry = self.one_of(("general", "raised", "high"), (70, 22, 8))
        size = self.one_of(("micro", "small", "medium", "large"), (62, 27, 8, 3))
        neighbours = random.randrange(10, 180) if self.chance(0.03 + 0.10 * risk) else 1 + count(0.1, 8)
        expired = self.chance(0.02 + 0.25 * risk)
        permit = self.day_before(400) if expired else AS_OF + dt.timedelta(days=random.randrange(1, 1_800))
        dormant = self.chance(0.11 + 0.25 * risk)  # no report, not to be found, listed as abnormal
        penalties = count(0.012 + 0.45 * risk, 4)
        fines = sum(random.randrange(20, 1_500) for _ in range(penalties))  # in 100 yuan
        if self.chance(0.3 * risk):
            fines *= 20

        facts = {
            "serious_dishonesty": "" if number in WITHOUT_LIST_CHECK else flag(0.0005 + 0.025 * risk),
            "judgment_defaulter": flag(0.001 + 0.045 * risk),
            "social_concern": flag(0.012),
            "industry_risk": industry,
            "size_class": self.or_blank(size, 0.01),
            "opened": self.or_blank(self.day_before(900 if self.chance(0.15) else 8_000).isoformat(), 0.005),
            "firms_at_address": str(neighbours),
            "permit_expires": self.or_blank(permit.isoformat(), 0.55),
            "capital_overdue": flag(0.02 + 0.15 * risk),
            "abnormal_listed": flag(0.85 if dormant else 0.01 + 0.05 * risk),
            "report_overdue": flag(0.85 if dormant else 0.03 + 0.10 * risk),
            "address_unreachable": flag(0.55 if dormant else 0.01 + 0.05 * risk),
            "registration_changes_12m": str(count(0.05 + 0.22 * risk, 10)),
            "representative_changes_24m": str(count(0.02 + 0.20 * risk, 4)),
            "equity_frozen": flag(0.01 + 0.20 * risk),
            "in_liquidation": flag(0.005 + 0.03 * risk),
            "zero_finances": self.or_blank(flag(0.40 if dormant else 0.03 + 0.05 * risk), 0.02),
            "penalties_24m": str(penalties),
            "fines_24m": f"{fines // 100}.{fines % 100:02d}",
            "severe_penalty_36m": flag(0.30 * risk if penalties else 0.002),
            "other_penalties_24m": str(count(0.008 + 0.30 * risk, 4)),
            "failed_checks_12m": str(count(0.02 + 0.40 * risk, 3)),
            "uncorrected_findings": str(count(0.005 + 0.30 * risk, 4)),
            "failed_samples_24m": str(count(0.01 + 0.15 * risk, 4) if industry != "general" else 0),
            "overdue_equipment": str(count(0.006 + 0.15 * risk, 5)),
            "false_disclosure": flag(0.005 + 0.15 * risk),
            "representative_revoked": flag(0.01 + 0.20 * risk),
            "representative_defaulter": flag(0.01 + 0.20 * risk),
            "related_serious": str(count(0.003 + 0.20 * risk, 3)),
            "related_abnormal": str(count(0.02 + 0.30 * risk, 6)),
            "related_penalties_24m": str(count(0.01 + 0.30 * risk, 8)),
            "upheld_complaints_12m": str(count(0.012 + 0.45 * risk, 16)),
            "tax_grade": self.tax_grade(risk),
            "negative_reports_12m": str(count(0.01 + 0.40 * risk, 9)),
            "lawsuits_lost_24m": str(count(0.02 + 0.45 * risk, 14)),
            "liability_ratio": self.liability_ratio(risk),
            "wage_arrears": flag(0.005 + 0.12 * risk),
            "person_serious_record": flag(0.004 + 0.05 * risk),
            "false_commitment": flag(0.001 + 0.03 * risk),
            "dishonesty_unrepaired": flag(0.01 + 0.20 * risk),
            "commitment_declined": flag(0.05),
            "main_papers_complete": self.or_blank(flag(0.9), 0.5),
        }
        return {"enterprise": credit_code(number), **facts}

    def tax_grade(self, risk: float) -> str:
        bad = 0.02 + 0.5 * risk
        grade = self.one_of(("A", "B", "M", "C", "D"), (0.10, 0.62, 0.26, bad / 2, bad / 2))
        return self.or_blank(grade, 0.15)

    def liability_ratio(self, risk: float) -> str:
        tenths = self.random.randrange(50, 850)
        if self.chance(0.10 + 0.60 * risk):
            tenths += self.random.randrange(0, 900)
        return self.or_blank(f"{tenths // 10}.{tenths % 10}", 0.55)


def write(out: Path) -> None:
    """Write all enterprises to `out` as CSV (UTF-8, LF)."""
    maker = Maker(7)
    rows = [maker.enterprise(number) for number in range(1, ENTERPRISES + 1)]
    with out.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("enterprises.csv"))
