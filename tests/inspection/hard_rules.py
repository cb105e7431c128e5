"""An independent reading of the hard rules of INSPECTION.md: which of them a schedule breaks. Nothing of the scheduler is used, only its data."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from regengine.inspection.rules import PlanRules, VisitCap
from regengine.inspection.visit import Inspector, Placed, Trip, Unplaced, Visit

Past = Mapping[str, Sequence[tuple[dt.date, str]]]
PARTS = {"year": 1, "half-year": 2, "quarter": 4, "month": 12}


def broken(placed: Sequence[Placed], inspectors: Sequence[Inspector], working: Sequence[dt.date], rules: PlanRules, history: Past) -> list[str]:
    """Every hard rule that is broken, each as `rule: where`; empty for a sound schedule."""
    people = {one.id: one for one in inspectors}
    found = [fault for one in placed for fault in (*of_day(one, working, rules), *of_teams(one, people))]
    found += of_capacity(placed, people)
    for enterprise in sorted({one.trip.enterprise for one in placed}):
        own = [one for one in placed if one.trip.enterprise == enterprise]
        found += of_gap(enterprise, own, history.get(enterprise, ()), rules)
        found += [fault for cap in rules.caps for fault in of_cap(enterprise, own, history.get(enterprise, ()), cap, rules)]
    return found


def of_day(one: Placed, working: Sequence[dt.date], rules: PlanRules) -> Iterator[str]:
    if one.day not in working:
        yield f"working day: {one.trip.id} on {one.day}"
    for visit in one.trip.visits:
        if not visit.earliest <= one.day <= visit.latest:
            yield f"window: {visit.id} on {one.day}"
        for place in visit.quiet:
            quiet = rules.quiet[place]
            days = quiet.days_of_month
            if (days and days[0] <= one.day.day <= days[1]) or (not days and one.day.weekday() in quiet.weekdays):
                yield f"quiet: {visit.id} on {one.day}"


def of_teams(one: Placed, people: Mapping[str, Inspector]) -> Iterator[str]:
    teams = dict(one.teams)
    if [visit.id for visit in one.trip.visits] != [id_ for id_, _ in one.teams]:
        yield f"team: {one.trip.id} has teams of other visits"
    for visit in one.trip.visits:
        team = teams.get(visit.id, ())
        if len(set(team)) != visit.team or len(team) != visit.team:
            yield f"team: {visit.id} has {team}"
        for id_ in team:
            yield from of_inspector(visit, people[id_], one.day)


def of_inspector(visit: Visit, who: Inspector, day: dt.date) -> Iterator[str]:
    if who.department != visit.department:
        yield f"department: {who.id} on {visit.id}"
    if visit.district not in who.districts:
        yield f"district: {who.id} on {visit.id}"
    if visit.skills - who.skills:
        yield f"skills: {who.id} on {visit.id}"
    if visit.enterprise in who.interests:
        yield f"interest: {who.id} on {visit.id}"
    if day < who.certificate[0] or day > who.certificate[1]:
        yield f"certificate: {who.id} on {day}"
    if any(away.first <= day <= away.last for away in who.leave):
        yield f"leave: {who.id} on {day}"


def of_capacity(placed: Sequence[Placed], people: Mapping[str, Inspector]) -> list[str]:
    visits = Counter((id_, one.day) for one in placed for _, team in one.teams for id_ in team)
    return [f"capacity: {id_} on {day}" for (id_, day), number in visits.items() if number > people[id_].capacity]


def of_gap(enterprise: str, own: Sequence[Placed], past: Sequence[tuple[dt.date, str]], rules: PlanRules) -> Iterator[str]:
    least = 0
    if rules.gap is not None:
        least = {"day": 1, "month": 31, "year": 372}[rules.gap.unit] * rules.gap.count
    days = [one.day for one in own]
    for place, day in enumerate(days):
        for other in [*days[place + 1 :], *{when for when, _ in past}]:
            if abs((day - other).days) < least:
                yield f"gap: {enterprise} on {day} and {other}"


def of_cap(enterprise: str, own: Sequence[Placed], past: Sequence[tuple[dt.date, str]], cap: VisitCap, rules: PlanRules) -> Iterator[str]:
    """Placed trips never make a period fuller than its cap; a period that history alone overfills takes no trip that counts."""
    counted = [(one.day, {visit.department for visit in one.trip.visits if to_cap(visit, cap, rules)}) for one in own]
    joint: dict[dt.date, set[str]] = {}
    for day, department in past:
        joint.setdefault(day, set()).add(department)
    for period in sorted({part_of(day, cap.per) for day, those in counted if those}):
        new = [those for day, those in counted if those and part_of(day, cap.per) == period]
        old = [those for day, those in joint.items() if part_of(day, cap.per) == period]
        if cap.scope == "all" and len(new) + len(old) > cap.visits:
            yield f"cap: {enterprise} in {period}"
        if cap.scope == "authority":
            for department in sorted(set().union(*new)):
                if sum(department in those for those in [*new, *old]) > cap.visits:
                    yield f"cap: {enterprise} by {department} in {period}"


def to_cap(visit: Visit, cap: VisitCap, rules: PlanRules) -> bool:
    """Whether a visit counts: not if its kind, or the label of its trigger, is exempt."""
    names = {visit.kind, *((rules.triggers[visit.kind].en, rules.triggers[visit.kind].zh) if visit.kind in rules.triggers else ())}
    return visit.counts and cap.entry in (None, visit.entry) and not any({one.en, one.zh} & names - {None} for one in cap.exempt)


def part_of(day: dt.date, per: str) -> tuple[int, int]:
    return day.year, (day.month - 1) * PARTS[per] // 12


def accounts(trips: Sequence[Trip], placed: Sequence[Placed], unplaced: Sequence[Unplaced]) -> bool:
    """Whether every visit is placed or unplaced, and none twice."""
    given = sorted(visit.id for trip in trips for visit in trip.visits)
    return given == sorted(visit.id for one in (*placed, *unplaced) for visit in one.trip.visits)
