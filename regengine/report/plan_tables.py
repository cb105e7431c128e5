"""A plan in a few tables for a terminal: quotas with their clauses, what is needed and there, who was left out, what was placed, and what was not."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

import polars as pl

from ..inspection.frame import LEFT_OUT
from ..inspection.plan import Plan, Prepared, hours
from ..inspection.schedule.joint import joint_rate
from ..inspection.schedule.replan import Difference
from ..inspection.tables import PlanTables
from ..problems import Problem
from ..rulebook.parts import Words
from .table import GROUP, Cell, Column, Table

__all__ = ["plan_tables", "prepared_tables"]

DEPARTMENT = Column("department", Words(en="Department", zh="部门"), "name")
RULES = {
    "quiet": Words(en="quiet time", zh="企业安静期"), "gap": Words(en="least gap", zh="最短间隔"), "cap": Words(en="cap", zh="频次上限"),
    "certificate": Words(en="certificate", zh="执法证件"), "leave": Words(en="leave", zh="请假"), "interest": Words(en="declared interest", zh="回避"),
    "skills": Words(en="skills", zh="专业要求"), "district": Words(en="district", zh="辖区"), "team": Words(en="team size", zh="组员人数"),
    "capacity": Words(en="capacity", zh="工作量"), "window": Words(en="no working day in its time", zh="期限内无工作日"),
}  # fmt: skip


def prepared_tables(prepared: Prepared) -> tuple[Table, ...]:
    """What is known before the draw: quotas by stratum, feasibility, and who is left out."""
    return quotas(prepared), feasible(prepared), left_out(prepared)


def plan_tables(plan: Plan, tables: PlanTables, told: Sequence[Problem] = ()) -> tuple[Table, ...]:
    """A finished plan: those, what was placed and what was not, and what must be known of it; `told` are notices of the files."""
    made = [*prepared_tables(plan.prepared), placed(plan, tables)]
    if not tables.unplaced.is_empty():
        made.append(unplaced(tables))
    if plan.difference is not None:
        made.append(changed(plan.difference))
    if notices := (*tables.notices, *told):
        made.append(noticed(notices))
    return tuple(made)


def noticed(notices: Sequence[Problem]) -> Table:
    """What was done otherwise than one might think, and why; it stops nothing."""
    columns = (
        Column("code", Words(en="Notice", zh="提示"), "name"), Column("place", Words(en="Of", zh="对象"), "text"),
        Column("message", Words(en="What", zh="内容"), "text"),
    )  # fmt: skip
    rows = tuple((one.code, str(one.place), one.message) for one in notices)
    return Table("notices", Words(en="Notices", zh="提示"), columns, rows)


def changed(difference: Sequence[Difference]) -> Table:
    """What is otherwise than in the earlier plan, by kind of change, with the first of each."""
    columns = (
        Column("change", Words(en="Change", zh="变更"), "name"), Column("visits", Words(en="Visits", zh="检查次数"), "count"),
        Column("debt", Words(en="of them owed", zh="其中结转"), "count"), Column("visit", Words(en="The first of them", zh="示例"), "text"),
        Column("was", Words(en="Was", zh="原安排"), "text"), Column("now", Words(en="Now", zh="现安排"), "text"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for kind, words in CHANGES.items():
        own = [one for one in difference if one.change == kind]
        if own:
            first = own[0]
            was, now = on_day(first.old_day, first.old_team), on_day(first.new_day, first.new_team)
            rows.append((words, len(own), sum(one.debt for one in own), first.visit, was, now))
    note = Words(en="All else is as it was. Every visit that changed stands in difference.csv.", zh="其余安排不变。全部变更见difference.csv。")
    return Table("difference", Words(en="Changed since the earlier plan", zh="与原计划的差异"), columns, tuple(rows), (note,))


def on_day(day: dt.date | None, team: Sequence[str]) -> str:
    return "" if day is None else f"{day}, {', '.join(team)}"


def quotas(prepared: Prepared) -> Table:
    columns = (
        Column(GROUP, DEPARTMENT.label, "name"), Column("stratum", Words(en="Stratum", zh="分层"), "name"),
        Column("population", Words(en="In the frame", zh="抽查库"), "count"), Column("at_least", Words(en="At least", zh="下限"), "name"),
        Column("at_most", Words(en="At most", zh="上限"), "name"), Column("drawn", Words(en="Drawn", zh="抽取"), "count"),
        Column("probability", Words(en="Chance %", zh="入选概率%"), "share"), Column("clause", Words(en="Clause", zh="依据"), "text"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for share in prepared.shares:
        name = share.department.label
        for one in share.strata:
            bounds = percent(one.ratio_at_least), percent(one.ratio_at_most)
            rows.append((name, one.stratum, one.population, *bounds, one.drawn, float(one.probability), one.clause))
        if share.floor:
            whole = sum(one.population for one in share.strata)
            clause = f"inspection.random_floor: {percent(prepared.rules.random_floor)}"
            rows.append((name, "floor", whole - sum(one.drawn for one in share.strata), "", "", share.floor, None, clause))
    notes = [Words(en="The chance is that of being drawn at all, the random floor included.", zh="入选概率含不分等级随机抽查。")] if rows else []
    return Table("quotas", Words(en="Quotas", zh="抽查数量"), columns, tuple(rows), tuple(notes))


def percent(ratio: Fraction | None) -> str:
    """A share as it is written in rulebooks: `2%`, `1/3`."""
    if ratio is None:
        return ""
    in_hundred = ratio * 100
    return f"{float(in_hundred):g}%" if in_hundred.limit_denominator(100) == in_hundred else str(ratio)


def feasible(prepared: Prepared) -> Table:
    names = {
        "drawn": Words(en="Drawn", zh="抽取"), "floor": Words(en="Floor", zh="随机底数"), "required": Words(en="Required", zh="应查"),
        "triggered": Words(en="Triggered", zh="触发"), "owed": Words(en="Owed", zh="结转"), "visits": Words(en="Visits", zh="检查次数"),
        "needed": Words(en="Places needed", zh="所需人次"), "inspectors": Words(en="Inspectors", zh="检查人员"),
        "capacity": Words(en="Places there", zh="可用人次"),
    }  # fmt: skip
    columns = (DEPARTMENT, *(Column(name, label, "count") for name, label in names.items()), Column("enough", Words(en="Enough", zh="是否可行"), "name"))
    rows = tuple(
        (share.department.label, *(getattr(share.feasibility, name) for name in names), verdict(share.feasibility.enough)) for share in prepared.shares
    )
    notes = [Words(en="A place is one inspector on one visit.", zh="人次为一名检查人员参加一次检查。")]
    notes += [
        Words(
            en=f"Cap: {cap.visits} visits a {cap.per}, of {'each department' if cap.scope == 'authority' else 'all departments together'}"
               + (f", for `{cap.entry}`." if cap.entry else "."),
            zh=f"频次上限：{cap.entry or ''}{'每部门' if cap.scope == 'authority' else '各部门合计'}每{PERIOD[cap.per]}{cap.visits}次。",
        )
        for cap in prepared.rules.caps
    ]  # fmt: skip
    return Table("feasibility", Words(en="Needed and there", zh="可行性"), columns, rows, tuple(notes))


CHANGES = {
    "added": Words(en="added", zh="新增"), "gone": Words(en="gone", zh="取消"), "day": Words(en="another day", zh="改期"),
    "team": Words(en="another team", zh="换人"),
}  # fmt: skip
PERIOD = {"year": "年", "half-year": "半年", "quarter": "季度", "month": "月"}


def verdict(enough: bool) -> Words:
    return Words(en="yes", zh="是") if enough else Words(en="no", zh="否")


def left_out(prepared: Prepared) -> Table:
    columns = (
        DEPARTMENT, Column("drawn_from", Words(en="In the frame", zh="抽查库"), "count"), Column("required", Words(en="Required", zh="应查"), "count"),
        Column("left_out", Words(en="Left out", zh="不在抽查库"), "count"), Column("reason", Words(en="Reason", zh="原因"), "text"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for share in prepared.shares:
        counts = Counter(share.frame.left_out.get_column("reason").to_list())
        first = (share.department.label, share.frame.drawn_from.height, share.frame.required.height)
        if not counts:
            rows.append((*first, 0, ""))
        for number, reason in enumerate(name for name in LEFT_OUT if counts[name]):
            rows.append((*(first if number == 0 else ("", None, None)), counts[reason], LEFT_OUT[reason]))
    return Table("left_out", Words(en="Who may be drawn", zh="抽查对象"), columns, tuple(rows))


def placed(plan: Plan, tables: PlanTables) -> Table:
    columns = (
        DEPARTMENT, Column("visits", Words(en="Visits", zh="检查次数"), "count"), Column("placed", Words(en="Placed", zh="已安排"), "count"),
        Column("unplaced", Words(en="Unplaced", zh="未安排"), "count"), Column("joint", Words(en="Joint", zh="联合检查"), "count"),
        Column("joint_share", Words(en="%", zh="%"), "share"), Column("hours", Words(en="Inspector hours", zh="检查人员工时"), "count"),
        Column("enterprise_hours", Words(en="Enterprise hours", zh="企业工时"), "count"),
    )  # fmt: skip
    costs = hours(plan)
    rows: list[tuple[Cell, ...]] = []
    for share in plan.prepared.shares:
        own = tables.visits.filter(pl.col("department") == share.department.id)
        there = own.filter(pl.col("date").is_not_null())
        joint = int(there.get_column("joint").sum())
        ours, theirs = costs[share.department.id]
        counts = own.height, there.height, own.height - there.height, joint
        rows.append((share.department.label, *counts, joint / there.height if there.height else None, round(ours), round(theirs)))
    rate = joint_rate([one.trip for one in plan.schedule.placed])
    note = Words(
        en=f"{rate.visits:,} visits on {rate.trips:,} trips; {float(rate.of_trips):.1%} of the trips and {float(rate.of_visits):.1%} of the visits are joint. "
           "Targets that places published for joint checks: 40 to 80 %.",
        zh=f"{rate.visits:,}次检查合并为{rate.trips:,}次入企；联合检查占入企次数{float(rate.of_trips):.1%}、占检查次数{float(rate.of_visits):.1%}。"
           "各地公布的联合检查目标为40%至80%。",
    )  # fmt: skip
    return Table("placed", Words(en="The plan", zh="检查计划"), columns, tuple(rows), (note,))


def unplaced(tables: PlanTables) -> Table:
    columns = (
        Column("rule", Words(en="Stands in the way", zh="受限规则"), "name"), Column("visits", Words(en="Visits", zh="检查次数"), "count"),
        Column("example", Words(en="The first of them", zh="示例"), "text"),
        Column("relaxation", Words(en="The smallest change that would place it", zh="最小调整"), "text"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for (rule,), own in tables.unplaced.group_by("rule", maintain_order=True):
        first = own.row(0, named=True)
        why = Words(en=f"{first['visit']}: {first['why_en']}", zh=f"{first['visit']}：{first['why_zh']}")
        change = Words(en=first["relaxation_en"], zh=first["relaxation_zh"]) if first["relaxation_en"] else ""
        rows.append((RULES.get(str(rule), Words(en=str(rule))), own.height, why, change))
    return Table("unplaced", Words(en="Not placed", zh="未能安排"), columns, tuple(sorted(rows, key=lambda row: -int(str(row[1])))))
