"""pandas, row by row: `DataFrame.apply(axis=1)` over a plain function, as a first script would have it.

Its documentation advises against this where columns can do the work (that is `with_numpy`); it is here because it is what is met.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from .scheme import NEW, TODAY, YOUNG, Ways, filled


def grade(e: Any) -> tuple[int, str]:
    attributes = 60 if e["industry_risk"] == "high" else 30 if e["industry_risk"] == "raised" else 0
    attributes += 40 if e["opened"] > NEW else 20 if e["opened"] > YOUNG else 0
    attributes += 10 if e["size_class"] == "micro" else 5 if e["size_class"] == "small" else 0
    attributes += 50 if e["firms_at_address"] >= 50 else 25 if e["firms_at_address"] >= 10 else 0
    attributes += 40 if e["permit_expires"] < TODAY else 10 if e["permit_expires"] <= TODAY + 30 else 0
    attributes += 20 if e["capital_overdue"] else 0

    dynamics = 120 if e["abnormal_listed"] else 0
    dynamics += 80 if e["report_overdue"] else 0
    dynamics += 60 if e["address_unreachable"] else 0
    dynamics += 40 if e["registration_changes_12m"] >= 6 else 15 if e["registration_changes_12m"] >= 3 else 0
    dynamics += min(15 * e["representative_changes_24m"], 45)
    dynamics += 40 if e["equity_frozen"] else 0
    dynamics += 60 if e["in_liquidation"] else 0
    dynamics += 50 if e["zero_finances"] else 0

    penalties, others, fines = e["penalties_24m"], e["other_penalties_24m"], e["fines_24m"]
    supervision = 200 if penalties >= 3 else 130 if penalties == 2 else 60 if penalties == 1 else 0
    supervision += 100 if fines > 100 else 60 if fines > 10 else 30 if fines > 1 else 10 if fines > 0 else 0
    supervision += 120 if e["severe_penalty_36m"] else 0
    supervision += 70 if others >= 3 else 30 if others >= 1 else 0
    supervision += 60 if penalties + others >= 5 else 0
    supervision += min(40 * e["failed_checks_12m"], 120) + min(30 * e["uncorrected_findings"], 120) + min(25 * e["failed_samples_24m"], 100)
    supervision += 80 if e["overdue_equipment"] >= 3 else 40 if e["overdue_equipment"] >= 1 else 0
    supervision += 90 if e["false_disclosure"] else 0

    relations = (60 if e["representative_revoked"] else 0) + (70 if e["representative_defaulter"] else 0)
    relations += min(40 * e["related_serious"], 120) + min(5 * e["related_penalties_24m"], 30)
    relations += 40 if e["related_abnormal"] >= 4 else 15 if e["related_abnormal"] >= 1 else 0

    complaints, lawsuits, ratio = e["upheld_complaints_12m"], e["lawsuits_lost_24m"], e["liability_ratio"]
    social = 70 if complaints >= 10 else 40 if complaints >= 3 else 15 if complaints >= 1 else 0
    social += 50 if e["tax_grade"] == "D" else 25 if e["tax_grade"] == "C" else 0
    social += min(3 * e["negative_reports_12m"], 24)
    social += 30 if lawsuits >= 10 else 10 if lawsuits >= 3 else 0
    social += 30 if ratio > 100 else 10 if ratio > 85 else 0
    social += 50 if e["wage_arrears"] else 0

    score = min(attributes, 150) + min(dynamics, 200) + min(supervision, 400) + min(relations, 150) + min(social, 100)
    band = "D" if score >= 750 else "C" if score >= 500 else "B" if score >= 200 else "A"
    if e["serious_dishonesty"] or e["judgment_defaulter"]:
        return score, "D"
    return score, max(band, "C") if e["social_concern"] else band


def prepare(path: str, rows: int) -> Ways:
    facts = filled(path, rows)
    table = pd.DataFrame({name: facts[name].to_list() for name in facts.columns})
    return {"batch": lambda: tuple(zip(*table.apply(grade, axis=1), strict=True))}
