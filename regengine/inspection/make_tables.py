"""A finished plan as its tables."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping

import polars as pl

from ..problems import Problem
from ..program import Program
from ..rulebook.parts import Words
from .plan import Plan, Prepared
from .schedule.inspectors import notices
from .schedule.replan import Difference
from .tables import FEASIBILITY, LEFT_OUT, LOAD, STRATA, UNPLACED, VISITS, DrawUsed, PlanTables, RulebookUsed
from .visit import Placed, Replaced

__all__ = ["difference_table", "feasibility_table", "left_out_table", "replaced_table", "strata_table", "tables_of"]

DIFFERENCE = pl.Schema({
    "change": pl.String(), "visit": pl.String(), "department": pl.String(), "enterprise": pl.String(), "old_day": pl.Date(), "new_day": pl.Date(),
    "old_team": pl.String(), "new_team": pl.String(), "debt": pl.Boolean(),
})  # fmt: skip
REPLACED = pl.Schema({
    "visit": pl.String(), "out": pl.String(), "by": pl.String(), "why_en": pl.String(), "why_zh": pl.String(), "challenge": pl.Boolean(),
})  # fmt: skip


def tables_of(
    plan: Plan, program: Program, title: Words, *, law_at: dt.date, as_of: dt.date, enterprises: pl.DataFrame | None = None, told: Iterable[Problem] = ()
) -> PlanTables:
    """The tables of a plan. `enterprises` may give `name`, `lat` and `lon` by `enterprise`; `told` are notices of the caller's own."""
    prepared, document = plan.prepared, program.law.document
    used = RulebookUsed(
        program.law.id, document.edition, program.law.digest, document.audience, document.notice,
        document.inspection.result_published_within if document.inspection else None,
    )  # fmt: skip
    draws = tuple(DrawUsed(draw.name, draw.commitment.draw_id, plan.seed, draw.commitment.manifest_sha256, draw.record.name) for draw in plan.draws)
    return PlanTables(
        title, used, law_at, as_of, prepared.calendar.first, prepared.calendar.last, draws, prepared.inspectors, visit_table(plan, enterprises),
        strata_table(prepared), left_out_table(prepared), unplaced_table(plan), load_table(plan), feasibility_table(prepared),
        (*told, *notices(prepared.inspectors, prepared.calendar)), {share.department.id: share.department.label for share in prepared.shares},
    )  # fmt: skip


def visit_table(plan: Plan, enterprises: pl.DataFrame | None) -> pl.DataFrame:
    """One row for each visit: the placed in the order of their days, then the unplaced."""
    hours = {share.department.id: float(share.department.hours) for share in plan.prepared.shares}
    rules = plan.prepared.rules
    found: dict[str, tuple[dt.date, Mapping[str, tuple[str, ...]]]] = {placed.trip.id: (placed.day, dict(placed.teams)) for placed in plan.schedule.placed}
    rows = []
    for trip in plan.trips:
        day, teams = found.get(trip.id, (None, {}))
        for visit in trip.visits:
            words = rules.words(visit.kind)
            rows.append({
                "visit": visit.id, "trip": trip.id, "joint": len(trip.visits) > 1, "date": day, "department": visit.department,
                "enterprise": visit.enterprise, "district": visit.district, "grade": visit.grade, "stratum": visit.stratum or None, "kind": visit.kind,
                "kind_en": words.say("en"), "kind_zh": words.say("zh"), "clause": visit.clause, "manner": ", ".join(visit.manner) or None,
                "inspectors": list(teams.get(visit.id, ())), "ticket": visit.ticket,
                "probability": None if visit.probability is None else float(visit.probability),
                "probability_exact": None if visit.probability is None else str(visit.probability), "lead": visit.lead, "authority": visit.authority,
                "debt": visit.debt, "earliest": visit.earliest, "latest": visit.latest, "hours": hours[visit.department],
            })  # fmt: skip
    made = pl.DataFrame(rows, schema={name: kind for name, kind in VISITS.items() if name not in ("name", "lat", "lon")})
    beside = pl.DataFrame(schema={"enterprise": pl.String}) if enterprises is None else enterprises
    named = [pl.lit(None, VISITS[name]).alias(name) for name in ("name", "lat", "lon") if name not in beside.columns]
    made = made.join(beside, on="enterprise", how="left", maintain_order="left").with_columns(named)
    return made.select(VISITS.names()).cast(VISITS).sort("date", "district", "trip", "department", "visit", nulls_last=True)


def strata_table(prepared: Prepared) -> pl.DataFrame:
    """The strata of every department, with the clause behind each number; `floor` is how many the random floor draws of the whole frame."""
    rows = [
        (
            one.department, one.stratum, one.population, fraction(one.ratio_at_least), fraction(one.ratio_at_most), one.drawn, share.floor,
            str(one.probability), one.clause,
        )
        for share in prepared.shares
        for one in share.strata
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=STRATA, orient="row")


def fraction(ratio: object) -> str | None:
    return None if ratio is None else str(ratio)


def left_out_table(prepared: Prepared) -> pl.DataFrame:
    """Who is left out of which department's draw, and why."""
    parts = [
        share.frame.left_out.select(pl.lit(share.department.id).alias("department"), "enterprise", "reason").sort("enterprise") for share in prepared.shares
    ]
    return pl.concat([pl.DataFrame(schema=LEFT_OUT), *parts])


def feasibility_table(prepared: Prepared) -> pl.DataFrame:
    """What each department's visits need and what there is."""
    shares = [share.feasibility for share in prepared.shares]
    return pl.DataFrame([{name: getattr(one, name) for name in FEASIBILITY} for one in shares], schema=FEASIBILITY)


def unplaced_table(plan: Plan) -> pl.DataFrame:
    """The visits that found no day, each with the rule that stands in its way."""
    rows = [
        (
            visit.id, one.trip.id, visit.department, visit.enterprise, one.rule, one.why.say("en"), one.why.say("zh"),
            one.relaxation and one.relaxation.say("en"), one.relaxation and one.relaxation.say("zh"),
        )
        for one in plan.schedule.unplaced
        for visit in one.trip.visits
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=UNPLACED, orient="row").sort("visit")


def difference_table(difference: Iterable[Difference]) -> pl.DataFrame:
    """What became of each visit that an earlier plan had otherwise; teams are ids with `;` between."""
    rows = [
        (one.change, one.visit, one.department, one.enterprise, one.old_day, one.new_day, ";".join(one.old_team), ";".join(one.new_team), one.debt)
        for one in difference
    ]
    return pl.DataFrame(rows, schema=DIFFERENCE, orient="row")


def replaced_table(replaced: Iterable[Replaced]) -> pl.DataFrame:
    """The inspectors who were replaced on a visit, by whom and why."""
    rows = [(one.visit, one.out, one.by, one.why.say("en"), one.why.say("zh"), one.challenge) for one in replaced]
    return pl.DataFrame(rows, schema=REPLACED, orient="row")


def load_table(plan: Plan) -> pl.DataFrame:
    """The visits of each inspector in each week of the plan, beside what the inspector could make."""
    days = plan.prepared.calendar.working
    weeks = sorted({monday(day) for day in days})
    made = Counter((who, monday(placed.day)) for placed in plan.schedule.placed for who in sent(placed))
    rows = []
    for one in plan.prepared.inspectors:
        could = Counter(monday(day) for day in days if one.works_on(day))
        rows += [(one.id, one.department, week, made[one.id, week], one.capacity * could[week]) for week in weeks]
    return pl.DataFrame(rows, schema=LOAD, orient="row")


def sent(placed: Placed) -> Iterable[str]:
    """The inspectors of a trip, once for each of its visits on which they go."""
    return (who for _, team in placed.teams for who in team)


def monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())
