"""An inspection plan, step by step: who may be drawn, how many, the draw, the visits, the trips, their teams and days. Each step can be taken alone.

    prepared = prepare(decisions, rules, departments, inspectors, calendar, district="district")
    draws = commit(prepared, folder, ...)                   # published before the seed exists
    plan = place(prepared, reveal(draws, seed), ...)        # when it does

`plan` takes them all where the seed is there already.

Guarantees: each enterprise of a department is drawn from, required, or left out with a reason; each visit that the law, the draw or a lead asks for is
placed, or unplaced with the rule that stands in its way. The same input gives the same plan, whatever the order of its rows.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from ..problems import Place, nearest, one_problem
from ..workdays import Calendar
from .demand import Grades, drawn_visits, owed_visits, required_visits, required_windows, triggered_visits
from .draw import Quota
from .draw.record import Draw, reveal
from .draw.record import commit as commit_draw
from .frame import Department, Frame, dated, frame_of, history_of
from .quotas import Feasibility, Stratum, check_caps, feasibility, quotas_of, strata_of
from .rules import PlanRules
from .schedule import Schedule, schedule
from .schedule.challenge import challenge
from .schedule.joint import join
from .schedule.replan import Difference, differences, replan
from .triggered import Trigger, triggers_of
from .visit import Inspector, Trip, Visit

if TYPE_CHECKING:
    from .earlier import Earlier

__all__ = ["Plan", "Prepared", "Share", "commit", "hours", "place", "place_again", "plan", "prepare"]

NOWHERE = "-"  # the district of everybody where none is named


@dataclass(frozen=True, slots=True)
class Share:
    """One department's share of a plan before anything is drawn."""

    department: Department
    frame: Frame
    quotas: Mapping[str, Quota]
    strata: tuple[Stratum, ...]
    floor: int
    triggers: tuple[Trigger, ...]
    feasibility: Feasibility


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan before the draw: by whose rules, for whom, with whom, on which days, and what each department will ask for."""

    rules: PlanRules
    grades: Grades
    inspectors: tuple[Inspector, ...]
    calendar: Calendar
    history: pl.DataFrame
    owed: tuple[Visit, ...]
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A finished plan: the draws by which it was made, and every trip, placed or not; after an earlier plan, what is different from that one."""

    prepared: Prepared
    draws: tuple[Draw, ...]
    seed: str
    trips: tuple[Trip, ...]
    schedule: Schedule
    difference: tuple[Difference, ...] | None = None


def prepare(
    decisions: pl.DataFrame,
    rules: PlanRules,
    departments: Sequence[Department],
    inspectors: Sequence[Inspector],
    calendar: Calendar,
    *,
    ranks: Mapping[str, int],
    district: str | None = None,
    registers: Mapping[str, pl.DataFrame] | None = None,
    owed: Sequence[Visit] = (),
    as_of: dt.date | None = None,
) -> Prepared:
    """Everything that is known before the seed.

    `decisions` is a decided table (`enterprise`, `grade`, its reason columns, and the columns that `departments` and `district` name); `ranks`
    puts its grades in order, 0 for the best. Of `registers`, `visits` are earlier visits (see `history_of`), `triggers` leads (see `triggers_of`),
    `tolerance` periods without visits (`enterprise`, `until`). `owed` are visits of an earlier plan that were not made. Leads that came in
    after `as_of` (the day of the grades) bring visits and do not change whom one may draw, and later visits are no earlier ones. Raises `ProblemError`
    for an inspector of another department, a cap below what is required, a share that the rulebook does not allow, and a register that is wrong.
    """
    given = dict(registers or {})
    check_departments(departments, inspectors)
    check_caps(rules)
    keys = decisions.get_column("enterprise").to_list()
    places = decisions.get_column(district).cast(pl.String).fill_null(NOWHERE).to_list() if district else [NOWHERE] * len(keys)
    grades = Grades(dict(zip(keys, decisions.get_column("grade").to_list(), strict=True)), dict(zip(keys, places, strict=True)), dict(ranks))
    history = history_of(given.get("visits"), rules, as_of)
    tolerance = tolerance_of(given.get("tolerance"))
    ids = [department.id for department in departments]
    leads = triggers_of(given["triggers"], rules, enterprises=keys, departments=ids) if "triggers" in given else []
    shares = []
    for department in departments:
        own = tuple(lead for lead in leads if lead.department == department.id)
        known = frozenset(lead.enterprise for lead in own if as_of is None or lead.received <= as_of)
        frame = frame_of(decisions, department, rules, history=history, tolerance=tolerance, triggered=known)
        population = Counter(frame.drawn_from.get_column("stratum").to_list())
        quotas = quotas_of(rules, population, department.ratios)
        strata, floor = strata_of(department.id, rules, quotas, population, rules.random_floor)
        counts = {
            "required": sum(1 for _ in required_windows(frame, department, rules, history)),
            "triggered": len(own), "owed": sum(one.department == department.id for one in owed),
        }  # fmt: skip
        told = feasibility(department.id, strata, floor, counts, rules.team, inspectors, calendar)
        shares.append(Share(department, frame, quotas, strata, floor, own, told))
    return Prepared(rules, grades, tuple(inspectors), calendar, history, tuple(owed), tuple(shares))


def check_departments(departments: Sequence[Department], inspectors: Sequence[Inspector]) -> None:
    """Raise `ProblemError` for an inspector of a department that there is none of."""
    ids = [department.id for department in departments]
    foreign = [one for one in inspectors if one.department not in ids]
    if foreign:
        place = Place(key=foreign[0].id, field="department")
        raise one_problem("inspector-wrong", f"there is no department `{foreign[0].department}`", place=place, hint=nearest(foreign[0].department, ids))


def tolerance_of(table: pl.DataFrame | None) -> dict[str, dt.date]:
    """Until when each enterprise is in a tolerance period; the longest where it has several. Raises `ProblemError` as `dated` does."""
    if table is None:
        return {}
    return dict(dated(table, "tolerance periods", "until", ("enterprise",)).group_by("enterprise").agg(pl.col("until").max()).iter_rows())


def commit(prepared: Prepared, folder: Path, *, law_at: dt.date, as_of: dt.date, seed_from: str) -> tuple[Draw, ...]:
    """Write the commitment of each department's draw, `DEPARTMENT.draw.jsonl` with its manifest, into a folder. Publish them before the seed exists."""
    return tuple(
        commit_draw(
            folder, share.department.id, share.frame.drawn_from.select("enterprise", "stratum"), share.quotas, draw_id=share.department.draw_id,
            random_floor=prepared.rules.random_floor, rules=prepared.rules, law_at=law_at, as_of=as_of, seed_from=seed_from,
            alike=True,
        )
        for share in prepared.shares
    )  # fmt: skip


def visits_of(prepared: Prepared, draws: Mapping[str, pl.DataFrame], seed: str) -> list[Visit]:
    """Every visit that the plan must place, by the revealed draws (`stratum`, `enterprise`) of the departments."""
    rules, grades = prepared.rules, prepared.grades
    made: list[Visit] = []
    for share in prepared.shares:
        department = share.department
        made += drawn_visits(draws[department.id], share.frame, share.strata, department, rules, grades, seed)
        made += required_visits(share.frame, department, rules, grades, seed, prepared.history)
        made += triggered_visits(share.triggers, share.frame, department, rules, grades, seed)
        made = with_owed(made, owed_visits(prepared.owed, department), department.id)
    return made


def with_owed(visits: list[Visit], owed: Iterable[Visit], department: str) -> list[Visit]:
    """The visits with those that a department owes. Where it visits the enterprise anyway, its first visit there is the one that was owed."""
    made = list(visits)
    there: dict[str, int] = {}
    for place, one in enumerate(made):
        if one.department == department:
            there.setdefault(one.enterprise, place)
    for one in owed:
        if (known := there.get(one.enterprise)) is None:
            made.append(one)
        else:
            made[known] = replace(made[known], debt=True)
    return made


def drawn_of(draw: Draw) -> pl.DataFrame:
    """Who is to be visited by a draw: `stratum` and `enterprise`, with the redraws in the places of those whom they replace."""
    drawn = draw.drawn().select("stratum", "enterprise")
    for one in draw.redraws:
        drawn = drawn.with_columns(pl.when(pl.col("enterprise") == one.out).then(pl.lit(one.into)).otherwise("enterprise").alias("enterprise"))
    return drawn


def visits_by(prepared: Prepared, draws: Sequence[Draw]) -> tuple[str, list[Visit]]:
    """The seed of revealed draws, and every visit that they and the rules ask for."""
    seeds = {draw.seed for draw in draws}
    if len(seeds) != 1 or None in seeds:
        raise one_problem("draw-record", "the draws of a plan are revealed together, by one seed", hint="reveal them in one call")
    seed, revealed = str(next(iter(seeds))), {draw.name: draw for draw in draws}
    return seed, visits_of(prepared, {share.department.id: drawn_of(revealed[share.department.id]) for share in prepared.shares}, seed)


def past_of(prepared: Prepared) -> dict[str, tuple[tuple[dt.date, str], ...]]:
    """The earlier visits that count, by enterprise."""
    history: dict[str, list[tuple[dt.date, str]]] = {}
    for enterprise, day, department in prepared.history.filter("counts").select("enterprise", "date", "department").iter_rows():
        history.setdefault(enterprise, []).append((day, department))
    return {key: tuple(sorted(past)) for key, past in history.items()}


def place(prepared: Prepared, draws: Sequence[Draw], *, window: int) -> Plan:
    """Make the visits of revealed draws, join those of several departments that fit within `window` days, and give each trip its team and its day."""
    seed, visits = visits_by(prepared, draws)
    trips = join(visits, window=window)
    ids = {share.department.id: share.department.draw_id for share in prepared.shares}
    found = schedule(trips, prepared.inspectors, prepared.calendar, prepared.rules, draw_ids=ids, seed=seed, history=past_of(prepared))
    return Plan(prepared, tuple(draws), seed, trips, found)


def place_again(
    prepared: Prepared, earlier: Earlier, *, window: int, as_of: dt.date, freeze_until: dt.date, made: Collection[str] = (),
    challenges: Sequence[tuple[str, str]] = (), draws: Sequence[Draw] | None = None,
) -> Plan:  # fmt: skip
    """Plan again as of a day, by the draws of an earlier plan: see `replan`.

    `made` are the ids of the visits that were made, `challenges` (回避) pairs of a visit and the inspector who does not go: the next by ticket does.
    """
    seed, visits = visits_by(prepared, draws or earlier.draws)
    before = earlier.schedule(prepared, {visit.id: visit for visit in visits})
    trips = join(visits, window=window)
    ids = {share.department.id: share.department.draw_id for share in prepared.shares}
    after = before
    for visit, inspector in challenges:
        after = challenge(after, visit, inspector, prepared.inspectors, prepared.calendar, prepared.rules, draw_ids=ids, seed=seed)
    found = replan(
        after, trips, prepared.inspectors, prepared.calendar, prepared.rules, draw_ids=ids, seed=seed, as_of=as_of, freeze_until=freeze_until, made=made,
        history=past_of(prepared),
    )  # fmt: skip
    stand = (*(one.trip for one in found.schedule.placed), *(one.trip for one in found.schedule.unplaced))
    return Plan(prepared, tuple(draws or earlier.draws), seed, stand, found.schedule, tuple(differences(before, found.schedule)))


def plan(
    decisions: pl.DataFrame,
    registers: Mapping[str, pl.DataFrame],
    rules: PlanRules,
    inspectors: Sequence[Inspector],
    calendar: Calendar,
    seed: str,
    *,
    departments: Sequence[Department],
    ranks: Mapping[str, int],
    folder: Path,
    law_at: dt.date,
    as_of: dt.date,
    seed_from: str,
    district: str | None = None,
    window: int = 366,
) -> Plan:
    """All steps in one call, for a seed that is there already; the draws and their records are written into `folder`."""
    prepared = prepare(decisions, rules, departments, inspectors, calendar, ranks=ranks, district=district, registers=registers, as_of=as_of)
    draws = commit(prepared, folder, law_at=law_at, as_of=as_of, seed_from=seed_from)
    return place(prepared, reveal(draws, seed), window=window)


def hours(plan: Plan) -> dict[str, tuple[Fraction, Fraction]]:
    """Hours that the placed visits cost, by department: those of inspectors (each of the team) and of enterprises (a joint trip once for each department)."""
    costs = {share.department.id: share.department for share in plan.prepared.shares}
    made = {name: (Fraction(0), Fraction(0)) for name in costs}
    for placed in plan.schedule.placed:
        for visit in placed.trip.visits:
            ours, theirs = made[visit.department]
            department = costs[visit.department]
            made[visit.department] = ours + department.hours * visit.team, theirs + department.enterprise_hours
    return made
