"""Who may be drawn: the enterprises of a department, sorted into the frame of its draw, those that must be visited, and those left out, with the reason.

Guarantees: every enterprise of the department stands in exactly one of the three, so frame + required + left out = all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import polars as pl

from ..problems import Place, Problem, ProblemError, one_problem
from ..rulebook.parts import Words
from .rules import PERIODS, PlanRules, VisitCap
from .visit import DRAW

__all__ = ["LEFT_OUT", "Department", "Frame", "dated", "frame_of", "history_of", "periods_between"]

SHOWN = 5  # faulty rows that are named one by one
LEFT_OUT = {
    "on_trigger": Words(en="Inspected only where something triggers it", zh="无触发情形不主动检查"),
    "no_rule": Words(en="The rulebook asks for no visit", zh="规则未要求检查"),
    "triggered": Words(en="Visited anyway, on a trigger", zh="已因触发情形安排检查"),
    "tolerance": Words(en="In a tolerance period to the end of the plan", zh="计划期内处于包容期"),
    "drawn_before": Words(en="Drawn already in this year", zh="本年度已被抽中"),
    "cap": Words(en="The cap on visits is reached", zh="已达检查频次上限"),
    "gap": Words(en="The least gap since the last visit is not over in time", zh="距上次检查未满最短间隔"),
}


@dataclass(frozen=True, slots=True)
class Department:
    """A department with its draw: whom it inspects (values of columns; none: everybody), and between which days.

    Departments with one `draw_id` have the same tickets, so that they draw the same enterprises where their strata and shares are alike, and can visit
    them together; each draw is uniform as before. `hours` and `enterprise_hours` are what one visit costs each inspector and the enterprise.
    `ratios` are shares that it chose inside what the rulebook allows, by entry.
    """

    id: str
    label: Words
    draw_id: str
    first: dt.date
    last: dt.date
    where: Mapping[str, frozenset[str]] = field(default_factory=dict)
    strata: tuple[str, ...] = ()
    ratios: Mapping[str, Fraction] = field(default_factory=dict)
    skills: frozenset[str] = frozenset()
    hours: Fraction = Fraction(0)
    enterprise_hours: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Frame:
    """The enterprises of a department. All have `enterprise`, `entry` (of the rulebook's `inspection`) and `earliest` (Date).

    `drawn_from` also has `stratum`; `required` is visited without a draw; `left_out` has `reason` instead.
    """

    drawn_from: pl.DataFrame
    required: pl.DataFrame
    left_out: pl.DataFrame


def history_of(visits: pl.DataFrame | None, rules: PlanRules, as_of: dt.date | None = None) -> pl.DataFrame:
    """Earlier visits in one form: `enterprise`, `date`, `department`, `kind`, and whether each `counts` to the caps: by its kind, and what the table says.

    With `as_of`, those after that day are left out. Raises `ProblemError` as `dated` does.
    """
    form = {"enterprise": pl.String, "date": pl.Date, "department": pl.String, "kind": pl.String, "counts": pl.Boolean}
    if visits is None:
        return pl.DataFrame(schema=form)
    found = dated(visits, "earlier visits", "date", ("enterprise", "department"))
    if as_of is not None:
        found = found.filter(pl.col("date") <= as_of)
    exempt = [kind for kind in rules.triggers if rules.caps and not rules.counts(kind)]
    kind = pl.col("kind").fill_null("") if "kind" in found.columns else pl.lit(DRAW)
    counts = ~kind.is_in(exempt) & (pl.col("counts").cast(pl.Boolean).fill_null(True) if "counts" in found.columns else pl.lit(True))
    return found.select("enterprise", "date", "department", kind=kind, counts=counts)


def dated(table: pl.DataFrame, what: str, day: str, needed: tuple[str, ...]) -> pl.DataFrame:
    """A register of a plan with its `day` as a date. Raises `ProblemError`: `column-missing`, `date-wrong`, `entry-wrong` where anything needed is empty."""
    if missing := [name for name in (*needed, day) if name not in table.columns]:
        raise ProblemError(Problem("column-missing", f"the {what} have no column `{name}`", Place(field=name)) for name in missing)
    try:
        made = table.with_columns(pl.col(day).cast(pl.Date))
    except pl.exceptions.PolarsError:
        raise one_problem("date-wrong", f"the days of {what} are not all days", place=Place(field=day), hint="write YYYY-MM-DD") from None
    empty = made.with_row_index("row:", offset=1).filter(pl.any_horizontal(pl.col(*needed, day).is_null())).get_column("row:").to_list()
    if empty:
        message = f"one of the {what} has no {', '.join((*needed, day))}"
        raise ProblemError(Problem("entry-wrong", message, Place(row=row)) for row in empty[:SHOWN])
    return made


def entry_of(rules: PlanRules) -> pl.Expr:
    """The entry of `inspection` that holds for a row of a decided table, read from its reason columns."""
    held = (pl.when(pl.col(f"reasons_{one.word}") & one.mask != 0).then(pl.lit(one.id)) for one in rules.outcomes)
    return pl.coalesce(*held).alias("entry")


def periods_between(first: dt.date, last: dt.date, per: str) -> list[tuple[dt.date, dt.date]]:
    """The calendar periods that a stretch of days touches, each with its own first and last day."""
    months = PERIODS[per]
    start = dt.date(first.year, (first.month - 1) // months * months + 1, 1)
    found: list[tuple[dt.date, dt.date]] = []
    while start <= last:
        place = start.year * 12 + start.month - 1 + months
        after = dt.date(place // 12, place % 12 + 1, 1)
        found.append((start, after - dt.timedelta(days=1)))
        start = after
    return found


def frame_of(
    decisions: pl.DataFrame,
    department: Department,
    rules: PlanRules,
    *,
    history: pl.DataFrame,
    tolerance: Mapping[str, dt.date] | None = None,
    triggered: frozenset[str] = frozenset(),
) -> Frame:
    """Sort the enterprises of a department.

    `decisions` is a decided table with `enterprise`, the reason columns, and every column that the department names; `history` is as `history_of`
    gives it; `tolerance` holds until when an enterprise is in a tolerance period; `triggered` are those that the department visits on a trigger.
    """
    own = decisions.filter(*(pl.col(name).is_in(sorted(values)) for name, values in sorted(department.where.items())))
    strata = [pl.col(name).cast(pl.String) for name in department.strata]
    rows = own.select("enterprise", entry_of(rules), stratum=pl.concat_str([entry_of(rules), *strata], separator="/"))
    rows = rows.join(earliest(department, rules, history, tolerance or {}), on="enterprise", how="left", maintain_order="left")
    rows = rows.with_columns(pl.col("earliest").fill_null(department.first))
    by = {outcome.id: outcome for outcome in rules.outcomes}
    drawn = [name for name, outcome in by.items() if outcome.drawn]
    required = [name for name, outcome in by.items() if outcome.required]
    left_alone = [name for name, outcome in by.items() if outcome.initiative == "on_trigger"]
    entry, key = pl.col("entry"), pl.col("enterprise")
    again = history.filter((pl.col("kind") == DRAW) & (pl.col("department") == department.id) & (pl.col("date").dt.year() == department.first.year))
    tolerated = sorted(name for name, until in (tolerance or {}).items() if until >= department.last)
    reason = (
        pl.when(key.is_in(sorted(triggered))).then(pl.lit("triggered"))
        .when(~entry.is_in(drawn + required) & entry.is_in(left_alone)).then(pl.lit("on_trigger"))
        .when(~entry.is_in(drawn + required)).then(pl.lit("no_rule"))
        .when(key.is_in(tolerated)).then(pl.lit("tolerance"))
        .when(entry.is_in(drawn) & key.is_in(again.get_column("enterprise").unique().to_list())).then(pl.lit("drawn_before"))
        .when(key.is_in(full(department, rules, history, rows))).then(pl.lit("cap"))
        .when(pl.col("earliest") > department.last).then(pl.lit("gap"))
        .otherwise(pl.lit(None, pl.String))
    )  # fmt: skip
    rows = rows.with_columns(reason=reason)
    kept = rows.filter(pl.col("reason").is_null())
    return Frame(
        kept.filter(entry.is_in(drawn)).select("enterprise", "entry", "stratum", "earliest"),
        kept.filter(~entry.is_in(drawn)).select("enterprise", "entry", "earliest"),
        rows.filter(pl.col("reason").is_not_null()).select("enterprise", "entry", "reason"),
    )


def earliest(department: Department, rules: PlanRules, history: pl.DataFrame, tolerance: Mapping[str, dt.date]) -> pl.DataFrame:
    """The first day on which each enterprise with a past may be visited again: after the gap and after its tolerance period."""
    span = rules.gap
    last = history.group_by("enterprise").agg(pl.col("date").max())
    step = "0d" if span is None else f"{span.months}mo" if span.months is not None else f"{span.count}d"
    after = pl.max_horizontal(pl.col("date").dt.offset_by(step), pl.lit(department.first))
    gaps = last.select("enterprise", earliest=after)
    ends = pl.DataFrame({"enterprise": list(tolerance), "earliest": [until + dt.timedelta(days=1) for until in tolerance.values()]}, schema=gaps.schema)
    return pl.concat([gaps, ends]).group_by("enterprise").agg(pl.col("earliest").max())


def full(department: Department, rules: PlanRules, history: pl.DataFrame, rows: pl.DataFrame) -> list[str]:
    """The enterprises that have no room under some cap in any calendar period of the plan."""
    counted = history.filter("counts")
    found: set[str] = set()
    for cap in rules.caps:
        held = rows if cap.entry is None else rows.filter(pl.col("entry") == cap.entry)
        found |= without_room(department, cap, counted, set(held.get_column("enterprise")))
    return sorted(found)


def without_room(department: Department, cap: VisitCap, counted: pl.DataFrame, held: set[str]) -> set[str]:
    """Those of `held` that a cap keeps from any visit of the department in the plan; visits of one day are one trip."""
    if cap.visits == 0:
        return held
    own = counted if cap.scope == "all" else counted.filter(pl.col("department") == department.id)
    for first, last in periods_between(department.first, department.last, cap.per):
        trips = own.filter(pl.col("date").is_between(first, last)).unique(["enterprise", "date"]).group_by("enterprise").len()
        held = held & set(trips.filter(pl.col("len") >= cap.visits).get_column("enterprise"))
    return held
