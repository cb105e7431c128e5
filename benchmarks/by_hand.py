"""`cn/henan-2022` written by hand in Polars, as someone would who needs this one scheme and no other.

The peer of the frame engine: the same facts, rules, reasons and outcomes, without checks of the input. A test holds that
it gives the same table.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

DEFAULTS: dict[str, object] = {
    "judgment_defaulter": False, "social_concern": False, "industry_risk": "general", "size_class": "medium", "firms_at_address": 1, "capital_overdue": False,
    "abnormal_listed": False, "report_overdue": False, "address_unreachable": False, "registration_changes_12m": 0, "representative_changes_24m": 0,
    "equity_frozen": False, "in_liquidation": False, "zero_finances": False, "penalties_24m": 0, "fines_24m": 0, "severe_penalty_36m": False,
    "other_penalties_24m": 0, "failed_checks_12m": 0, "uncorrected_findings": 0, "failed_samples_24m": 0, "overdue_equipment": 0, "false_disclosure": False,
    "representative_revoked": False, "representative_defaulter": False, "related_serious": 0, "related_abnormal": 0, "related_penalties_24m": 0,
    "upheld_complaints_12m": 0, "tax_grade": "unrated", "negative_reports_12m": 0, "lawsuits_lost_24m": 0, "wage_arrears": False,
    "person_serious_record": False, "false_commitment": False, "dishonesty_unrepaired": False, "commitment_declined": False, "main_papers_complete": True,
}  # fmt: skip
UNKNOWN = ["opened", "permit_expires", "liability_ratio"]
Row = tuple[pl.Expr, int]


class Marks:
    """Numbers the rows of all tables in order and gathers the bit of each row that is hit."""

    def __init__(self) -> None:
        self.next = 0
        self.words: dict[int, list[pl.Expr]] = {}

    def add(self, rows: list[Row], otherwise: bool = True, numbers: list[int] | None = None) -> None:
        """One bit for the first row that holds; `numbers` where the rows are tested in another order than they stand in."""
        count = len(rows) + otherwise
        bits = [self.next + n for n in (numbers or range(count))]
        self.next += count
        for word in sorted({bit // 63 for bit in bits}):
            masks = [1 << (bit % 63) if bit // 63 == word else 0 for bit in bits]
            expr = pl.lit(masks[-1] if otherwise else 0, pl.Int64)
            for (when, _), mask in reversed(list(zip(rows, masks, strict=False))):
                expr = pl.when(when).then(pl.lit(mask, pl.Int64)).otherwise(expr)
            self.words.setdefault(word, []).append(expr)


def first(rows: list[Row], otherwise: int) -> pl.Expr:
    expr = pl.lit(otherwise, pl.Int64)
    for when, value in reversed(rows):
        expr = pl.when(when).then(pl.lit(value, pl.Int64)).otherwise(expr)
    return expr


def pick(of: pl.Expr, values: list[object], kind: pl.DataType) -> pl.Expr:
    expr = pl.lit(values[-1], kind)
    for index, value in reversed(list(enumerate(values[:-1]))):
        expr = pl.when(of == index).then(pl.lit(value, kind)).otherwise(expr)
    return expr


def grade(frame: pl.LazyFrame, as_of: dt.date, *, reasons: bool = True) -> pl.LazyFrame:
    """The decided columns of `cn/henan-2022` for a table whose values are all in order."""
    c = pl.col
    marks = Marks()
    families: dict[str, list[pl.Expr]] = {name: [] for name in ("attributes", "dynamics", "supervision", "relations", "social")}

    def rows(family: str, *table: Row) -> None:
        marks.add(list(table))
        families[family].append(first(list(table), 0))

    def each(family: str, fact: str, give: int, most: int) -> None:
        points = (c(fact).cast(pl.Int64) * give).clip(None, most)
        marks.add([(points != 0, 0)], otherwise=False)
        families[family].append(points)

    def steps(family: str, fact: str, *edges: tuple[float, int], top: int) -> None:
        table = [(c(fact) <= edge, points) for edge, points in edges]
        marks.add(table)
        families[family].append(first(table, top))

    year, three = dt.date(as_of.year - 1, as_of.month, as_of.day), dt.date(as_of.year - 3, as_of.month, as_of.day)
    known = {name: c(name).is_not_null() for name in UNKNOWN}
    expired = (known["permit_expires"] & (c("permit_expires") < as_of)).fill_null(False)
    soon = (known["permit_expires"] & (c("permit_expires") <= as_of + dt.timedelta(days=30))).fill_null(False)
    over = {edge: (known["liability_ratio"] & (c("liability_ratio") > edge)).fill_null(False) for edge in (100, 85)}
    new = {day: (known["opened"] & (c("opened") > day)).fill_null(False) for day in (year, three)}

    rows("attributes", (c("industry_risk") == "high", 60), (c("industry_risk") == "raised", 30))
    rows("attributes", (new[year], 40), (new[three], 20))
    rows("attributes", (c("size_class") == "micro", 10), (c("size_class") == "small", 5))
    steps("attributes", "firms_at_address", (9, 0), (49, 25), top=50)
    rows("attributes", (expired, 40), (soon, 10))
    rows("attributes", (c("capital_overdue"), 20))
    rows("dynamics", (c("abnormal_listed"), 120))
    rows("dynamics", (c("report_overdue"), 80))
    rows("dynamics", (c("address_unreachable"), 60))
    steps("dynamics", "registration_changes_12m", (2, 0), (5, 15), top=40)
    each("dynamics", "representative_changes_24m", 15, 45)
    rows("dynamics", (c("equity_frozen"), 40))
    rows("dynamics", (c("in_liquidation"), 60))
    rows("dynamics", (c("zero_finances"), 50))
    rows("supervision", (c("penalties_24m") >= 3, 200), (c("penalties_24m") >= 2, 130), (c("penalties_24m") >= 1, 60))
    steps("supervision", "fines_24m", (0, 0), (1, 10), (10, 30), (100, 60), top=100)
    rows("supervision", (c("severe_penalty_36m"), 120))
    steps("supervision", "other_penalties_24m", (0, 0), (2, 30), top=70)
    rows("supervision", (c("penalties_24m") + c("other_penalties_24m") >= 5, 60))
    each("supervision", "failed_checks_12m", 40, 120)
    each("supervision", "uncorrected_findings", 30, 120)
    each("supervision", "failed_samples_24m", 25, 100)
    rows("supervision", (c("overdue_equipment") >= 3, 80), (c("overdue_equipment") >= 1, 40))
    rows("supervision", (c("false_disclosure"), 90))
    rows("relations", (c("representative_revoked"), 60))
    rows("relations", (c("representative_defaulter"), 70))
    each("relations", "related_serious", 40, 120)
    steps("relations", "related_abnormal", (0, 0), (3, 15), top=40)
    each("relations", "related_penalties_24m", 5, 30)
    steps("social", "upheld_complaints_12m", (0, 0), (2, 15), (9, 40), top=70)
    rows("social", (c("tax_grade") == "D", 50), (c("tax_grade") == "C", 25))
    each("social", "negative_reports_12m", 3, 24)
    steps("social", "lawsuits_lost_24m", (2, 0), (9, 10), top=30)
    rows("social", (over[100], 30), (over[85], 10))
    rows("social", (c("wage_arrears"), 50))

    most = {"attributes": 150, "dynamics": 200, "supervision": 400, "relations": 150, "social": 100}
    totals = [pl.sum_horizontal(points).clip(None, most[name]).alias(name) for name, points in families.items()]
    bands = [(c("score") <= 199, 0), (c("score") <= 499, 1), (c("score") <= 749, 2)]
    marks.add(bands)
    direct = (c("serious_dishonesty"), c("judgment_defaulter"), c("social_concern"))
    for when in direct:
        marks.add([(when, 0)], otherwise=False)
    final = c("grade.3")
    marks.add([(final == rank, 0) for rank in range(3)])
    serious = c("serious_dishonesty") | c("judgment_defaulter")
    barred = serious | c("representative_defaulter") | c("person_serious_record") | c("false_commitment")
    commitment = ~c("commitment_declined") & ~barred
    tolerance = c("main_papers_complete") & ~serious & ~c("dishonesty_unrepaired") & ~c("false_commitment")
    for when in (commitment, tolerance, pl.lit(True)):
        marks.add([(when, 0)], otherwise=False)
    warned = {"shared_address": c("firms_at_address") >= 50, "permit_expired": expired, "insolvent": over[100], "zero_finances": c("zero_finances")}
    for when in warned.values():
        marks.add([(when, 0)], otherwise=False)

    facts_filled = pl.sum_horizontal(c(name).is_null().cast(pl.Int64) for name in [*DEFAULTS, *UNKNOWN])
    steps_to_grade = (
        frame.with_columns(facts_filled=facts_filled)
        .with_columns(c(name).fill_null(value) for name, value in DEFAULTS.items())
        .with_columns(totals)
        .with_columns(score=pl.sum_horizontal(*most))
        .with_columns(first(bands, 3).alias("grade.0"))
        .with_columns(pl.when(direct[0]).then(3).otherwise(c("grade.0")).alias("grade.1"))
        .with_columns(pl.when(direct[1]).then(3).otherwise(c("grade.1")).alias("grade.2"))
        .with_columns(pl.when(direct[2]).then(c("grade.2").clip(2, None)).otherwise(c("grade.2")).alias("grade.3"))
    )
    by = first([(c("grade.3") != c("grade.2"), 6), (c("grade.2") != c("grade.1"), 5), (c("grade.1") != c("grade.0"), 4), *bands], 3)
    path = first([(commitment, 0), (tolerance, 1)], 2)
    text, number = pl.String(), pl.Float64()
    return steps_to_grade.with_columns(by=by, path=path).select(
        "enterprise",
        pick(final, ["A", "B", "C", "D"], text).alias("grade"),
        "score",
        pick(c("by"), ["grades.A", "grades.B", "grades.C", "grades.D", "adjust.serious", "adjust.defaulter", "adjust.concern"], text).alias("graded_by"),
        pick(final, [0.01, 0.02, 0.1, 0.3], number).alias("inspection_ratio_at_least"),
        pick(final, ["on_trigger", "planned", "planned", "planned"], text).alias("inspection_initiative"),
        pick(final, [None, 0.02, 0.1, 0.3], number).alias("inspection_ratio_at_most"),
        pick(final, [None, None, None, "site"], text).alias("inspection_manner"),
        pick(c("path"), ["commitment", "tolerance", "ordinary"], text).alias("service_path"),
        pick(c("path"), ["same day", None, None], text).alias("service_decision"),
        pick(c("path"), ["site_visit", None, None], text).alias("service_skip"),
        pick(c("path"), ["30 working days", None, None], text).alias("service_check_after"),
        pick(c("path"), [None, "8 working days", None], text).alias("service_supplement_within"),
        *(when.alias(f"warning_{name}") for name, when in warned.items()),
        "facts_filled",
        *(pl.sum_horizontal(parts).alias(f"reasons_{word + 1}") for word, parts in marks.words.items() if reasons),
    )
