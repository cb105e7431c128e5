"""What a reform would do, in a few tables: who moves, what moves them, visits and hours, service paths, and each group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import MappingProxyType
from typing import Any

import pandas as pd

from ..rulebook.parts import Words
from ..simulate.compare import Comparison
from ..simulate.figures import ALONE, DOWN, EITHER, NOT_GRADED, TOGETHER, UP
from ..simulate.groups import POOLED, Grouped
from ..simulate.hidden import LEAST
from ..simulate.next_visits import NextVisits
from ..simulate.plans import PlanFigures
from ..simulate.tally import COUNT, NOWHERE
from .plan_tables import RULES
from .table import Cell, Column, Table

__all__ = ["MOVED_BY", "label_of", "next_heads", "next_tables", "plans_heads", "plans_tables", "reform_tables", "said", "totals"]

MOVED_BY = MappingProxyType({
    ALONE: Words(en="this part alone", zh="仅由该项引起"),
    TOGETHER: Words(en="only these parts together", zh="须各项共同作用"),
    EITHER: Words(en="each of these parts by itself", zh="其中任一项均可引起"),
})  # fmt: skip
TOTAL = Words(en="all", zh="合计")
SPECIAL = MappingProxyType(
    {NOT_GRADED: Words(en="not graded", zh="未评级"), POOLED: Words(en="small groups together", zh="小组合并"), NOWHERE: Words(en="not stated", zh="未填")}
)
MEASURE_WORDS = MappingProxyType({
    "working_days": Words(en="working days", zh="工作日"), "steps": Words(en="steps", zh="环节"), "documents": Words(en="documents", zh="材料"),
    "visits": Words(en="trips of the applicant", zh="跑动次数"),
})  # fmt: skip


def reform_tables(found: Comparison) -> tuple[Table, ...]:
    """The tables of a comparison, in the order in which they are read."""
    made = [migration(found), moved_by(found)]
    if len(found.parts) > 1:
        made.append(switches(found))
    if found.workload["visits_before"].notna().any():
        made.append(workload(found))
    if len(found.paths):
        made += [paths(found), savings(found)]
    return (*made, *(group(found, name, one) for name, one in found.groups.items()))


def said(value: str) -> Words | str:
    """A value as it is, or the words for one that the comparison made."""
    return SPECIAL.get(value, value)


def count(name: str, en: str, zh: str) -> Column:
    return Column(name, Words(en=en, zh=zh), "count")


def whole(value: Any) -> int | None:
    return None if pd.isna(value) else round(value)


def migration(found: Comparison) -> Table:
    """The matrix: grades before as rows, after as columns."""
    after = [count(f"after_{grade}", *([f"{grade} after", f"改革后{grade}"] if grade != NOT_GRADED else ["not graded", "未评级"])) for grade in found.matrix]
    columns = (
        Column("grade", Words(en="Grade before", zh="改革前等级"), "name"),
        *after,
        count("all", "All before", "改革前合计"),
        Column("stay", Words(en="Stay, %", zh="不变（%）"), "share"),
    )
    rows: list[tuple[Cell, ...]] = []
    for grade in found.matrix.index:
        numbers = [int(one) for one in found.matrix.loc[grade]]
        stay = found.shares.loc[grade, grade]
        rows.append((grade, *numbers, sum(numbers), None if pd.isna(stay) else float(stay)))
    numbers = [int(one) for one in found.matrix.sum()]
    graded = sum(numbers)
    rows.append((TOTAL, *numbers, graded, (graded - found.moved) / graded if graded else None))
    note = Words(
        en="The whole population is counted, so no figure has an interval.", zh="按总体全数统计，各数无抽样误差区间。",
    )  # fmt: skip
    return Table("migration", Words(en="Who moves: grades before and after", zh="等级迁移"), columns, tuple(rows), (note,))


def moved_by(found: Comparison) -> Table:
    columns = (
        Column("kind", Words(en="Moved by", zh="原因"), "text"), Column("parts", Words(en="Parts of the reform", zh="改革条目"), "text"),
        count(UP, "Up", "上调"), count(DOWN, "Down", "下调"), count("moved", "Moved", "变动合计"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [(MOVED_BY[kind], parts, up, down, moved) for kind, parts, up, down, moved in found.attribution.itertuples(index=False)]
    rows.append((TOTAL, "", *(int(found.attribution[name].sum()) for name in (UP, DOWN, "moved"))))
    notes = [
        Words(
            en="Each part was switched on alone and off last. Who moves by one part alone stands with it; the rest is joint, so that "
            "the rows add up to all who move.",
            zh="各项分别单独启用、最后停用进行比较；能归于单一条目的列入该项，其余列为共同作用，各行合计等于全部变动户数。",
        ),
        *idle_notes(found),
    ]  # fmt: skip
    return Table("moved_by", Words(en="What moves them", zh="变动原因"), columns, tuple(rows), tuple(notes))


def idle_notes(found: Comparison) -> Iterator[Words]:
    if found.idle:
        yield Words(en=f"Without effect on the law of {found.law_at}: {', '.join(found.idle)}.", zh=f"对{found.law_at}的规则无影响：{'、'.join(found.idle)}。")


def switches(found: Comparison) -> Table:
    columns = (
        Column("part", Words(en="Part of the reform", zh="改革条目"), "text"),
        count("alone_up", "Alone: up", "单独：上调"), count("alone_down", "Alone: down", "单独：下调"),
        count("alone_visits", "Alone: visits a year", "单独：年检查次数"),
        count("last_up", "Last: up", "最后：上调"), count("last_down", "Last: down", "最后：下调"),
        count("last_visits", "Last: visits a year", "最后：年检查次数"),
    )  # fmt: skip
    rows = tuple((row[0], *map(whole, row[1:])) for row in found.switches.itertuples(index=False, name=None))
    note = Words(
        en="Alone: over the rules of today. Last: over all other parts. Where the two differ, parts work on the same enterprises.",
        zh="单独：仅在现行规则上启用该项；最后：在其余各项之上启用该项。二者不同，说明条目作用于相同企业。",
    )
    return Table("switches", Words(en="Each part alone and last", zh="各项单独与最后的作用"), columns, rows, (note,))


def workload(found: Comparison) -> Table:
    kinds = [("enterprises", "Enterprises", "户数"), ("visits", "Visits a year", "年检查次数")]
    if found.costs is not None:
        kinds += [("inspector_hours", "Inspector hours", "检查人员工时"), ("enterprise_hours", "Enterprise hours", "企业工时")]
    sides = [("before", "before", "前"), ("after", "after", "后")]
    columns = [count(f"{kind}_{side}", f"{en} {word}", f"{zh}（{mark}）") for kind, en, zh in kinds for side, word, mark in sides]
    names = [column.name for column in columns]
    rows: list[tuple[Cell, ...]] = [(row["grade"], *(whole(row[name]) for name in names)) for row in found.workload.to_dict("records")]
    rows.append((TOTAL, *(whole(found.workload[name].sum()) for name in names)))
    notes = [Words(
        en="Visits of one year by shares, numbers and intervals of the rulebook: exact for all, for a grade what the draw may be expected "
            "to take. Visits on a trigger are not among them.",
        zh="按规则的比例、次数、间隔计算的一年检查次数：合计为确数，各等级为抽查期望值；不含触发检查。",
    )]  # fmt: skip
    return Table(
        "workload", Words(en="Inspections", zh="检查工作量"), (Column("grade", Words(en="Grade", zh="等级"), "name"), *columns), tuple(rows), tuple(notes)
    )


def paths(found: Comparison) -> Table:
    columns = (
        Column("path", Words(en="Service path", zh="服务路径"), "name"), count("before", "Before", "改革前"), count("after", "After", "改革后"),
        count("gained", "Gain it", "获得"), count("lost", "Lose it", "失去"),
    )  # fmt: skip
    rows: tuple[tuple[Cell, ...], ...] = tuple((str(path), *map(int, told)) for path, *told in found.paths.itertuples(index=False, name=None))
    return Table("paths", Words(en="Service paths: enterprises to which each is offered", zh="服务路径适用户数"), columns, rows)


def savings(found: Comparison) -> Table:
    columns = (
        Column("matter", Words(en="Matter", zh="事项"), "name"), Column("measure", Words(en="Saved", zh="节省"), "text"),
        count("before", "Before", "改革前"), count("after", "After", "改革后"), count("more", "More", "增加"),
    )  # fmt: skip
    rows = tuple(
        (matter, MEASURE_WORDS[measure], int(before), int(after), int(more))
        for matter, measure, before, after, more in found.savings.itertuples(index=False, name=None)
    )
    note = Words(en="For one application of every enterprise in the matter, against its ordinary course.", zh="假定每户就该事项申请一次，与普通程序相比。")
    return Table("savings", Words(en="What the paths save", zh="服务路径的节省"), columns, rows, (note,))


def group(found: Comparison, name: str, one: Grouped) -> Table:
    frame = one.figures
    columns = [count(COUNT, "Enterprises", "户数"), count(UP, "Up", "上调"), count(DOWN, "Down", "下调")]
    if frame["visits_before"].notna().any() or frame["visits_after"].notna().any():
        columns += [count("visits_before", "Visits before", "检查次数（前）"), count("visits_after", "Visits after", "检查次数（后）")]
    names = [column.name for column in columns]
    rows: list[tuple[Cell, ...]] = [(said(row["group"]), *(whole(row[what]) for what in names)) for row in frame.to_dict("records")]
    label = label_of(found, name)
    title = Words(en=f"By {label.say('en').lower()}", zh=f"按{label.say('zh')}")
    return Table(f"by_{name}", title, (Column("value", label, "name"), *columns), tuple(rows), tuple(hidden_notes(one)))


def label_of(found: Comparison, column: str) -> Words:
    """What a column is called: as the fact of its name, or its name."""
    fact = found.book.facts.get(column)
    return fact.label if fact is not None and fact.label is not None else Words(en=column.replace("_", " ").capitalize(), zh=column)


def hidden_notes(one: Grouped) -> Iterator[Words]:
    if one.hidden:
        yield Words(
            en=f"– stands for a count below {LEAST}, or one that would give such a count away ({one.hidden} are hidden).",
            zh=f"“–”表示不足{LEAST}户，或可据以推算出不足{LEAST}户的数（共隐去{one.hidden}个）。",
        )
    if one.pooled:
        yield Words(en=f"{one.pooled} groups of fewer than {LEAST} enterprises stand together.", zh=f"不足{LEAST}户的{one.pooled}个组合并列示。")


def totals(found: Comparison, names: Iterable[str]) -> dict[str, float | None]:
    """The sums of columns of the workload; None where they are not told."""
    return {name: None if found.workload[name].isna().all() else float(found.workload[name].sum()) for name in names}


def next_tables(found: NextVisits, resamples: int, seed: int) -> tuple[Table, ...]:
    """What the visits on record say of another interval: the counts, and what is estimated from them."""
    counts: tuple[tuple[Cell, ...], ...] = (
        (Words(en="visits on record", zh="在案检查次数"), found.visits),
        (Words(en="of them followed by another", zh="其后有下次检查"), found.followed),
        (Words(en="of these with another interval by the reform", zh="其中改革后间隔不同"), found.changed),
        (Words(en="of these the next visit failed", zh="其中下次检查未达标"), found.failures),
        (Words(en="failures that would have been found earlier", zh="可提前发现的未达标"), found.earlier),
        (Words(en="failures that would have been found later", zh="将推迟发现的未达标"), found.later),
    )  # fmt: skip
    what = Column("what", Words(en="Next visits", zh="下次检查"), "text")
    note = Words(
        en="A next visit is taken to come as much earlier or later as it falls due, never before it is due, and to find what it found.",
        zh="假定下次检查随应查日期同步提前或推迟（不早于应查日），且发现不变。",
    )
    made = [
        Table("next_visits", Words(en="Failures found earlier or later", zh="问题提前或推迟发现"), (what, count("number", "Number", "次数")), counts, (note,))
    ]
    if found.share is not None and found.days is not None:
        columns = (
            Column("what", Words(en="Estimate", zh="估计"), "text"), Column("value", Words(en="Value", zh="数值"), "number"),
            Column("low", Words(en="95 % from", zh="95%区间下限"), "number"), Column("high", Words(en="to", zh="上限"), "number"),
        )  # fmt: skip
        spans = (
            (Words(en="share of the failures that moves, %", zh="变动的未达标占比（%）"), found.share, 100),
            (Words(en="days earlier, mean of those that move", zh="平均提前天数（变动者）"), found.days, 1),
        )
        rows = tuple((words, scale * span.value, scale * span.low, scale * span.high) for words, span, scale in spans)
        way = Words(en=f"Intervals: bootstrap over enterprises, {resamples:,} resamples, seed {seed}.", zh=f"区间按企业自助法（{resamples:,}次，种子{seed}）。")
        made.append(Table("next_visits_estimates", Words(en="How much earlier", zh="提前程度"), columns, rows, (way,)))
    return tuple(made)


def plans_tables(before: PlanFigures, after: PlanFigures) -> tuple[Table, ...]:
    """Two plans side by side: what they ask for, what finds a day, and what enterprises see of it."""
    columns = (Column("what", Words(en="Plans", zh="检查计划"), "text"), count("before", "Before", "改革前"), count("after", "After", "改革后"))
    names = (
        ("visits", Words(en="visits that the plan asks for", zh="计划检查次数")), ("placed", Words(en="of them with a day", zh="其中已安排")),
        ("unplaced", Words(en="without a day", zh="未能安排")), ("trips", Words(en="trips to enterprises", zh="上门次数")),
        ("joint_trips", Words(en="of them joint, of two departments or more", zh="其中联合检查")),
        ("enterprises", Words(en="enterprises visited", zh="被检查企业")),
        ("once", Words(en="visited on one day", zh="仅一日被检查")), ("twice", Words(en="visited on two days", zh="两日被检查")),
        ("oftener", Words(en="visited on three days or more", zh="三日及以上被检查")), ("most", Words(en="most days at one enterprise", zh="单户最多检查日数")),
        ("left_out", Words(en="left out of a draw because a cap is reached", zh="因频次上限不在抽查范围")),
        ("inspector_hours", Words(en="inspector hours", zh="检查人员工时")), ("enterprise_hours", Words(en="enterprise hours", zh="企业工时")),
    )  # fmt: skip
    rows = tuple((words, round(getattr(before, name)), round(getattr(after, name))) for name, words in names)
    note = Words(
        en="Both plans draw with the same tickets, so that what differs is the rules' doing. A joint trip costs an enterprise the hours of each department.",
        zh="两个计划使用相同抽签值，差异由规则引起。联合检查时企业工时按各部门分别计算。",
    )
    made = [Table("plans", Words(en="The plan before and after", zh="计划前后对比"), columns, rows, (note,))]
    reasons = sorted({*before.reasons, *after.reasons})
    if reasons:
        rules = tuple((RULES.get(reason, reason), before.reasons.get(reason, 0), after.reasons.get(reason, 0)) for reason in reasons)
        made.append(Table("plans_unplaced", Words(en="What keeps visits from a day", zh="未能安排的原因"), columns, rules))
    return tuple(made)


def next_heads(found: NextVisits) -> list[tuple[Words, str, Words]]:
    """The figures of the next visits for a first page, with their intervals."""
    way, number = (Words(en="Failures found later", zh="推迟发现的问题"), found.later) if found.later > found.earlier else (
        Words(en="Failures found earlier", zh="提前发现的问题"), found.earlier)  # fmt: skip
    beside = Words(en=f"of {found.failures:,} that came next on record", zh=f"共{found.failures:,}次在案的下次未达标")
    heads = [(way, f"{number:,}", beside)]
    if found.days is not None:
        low, high = found.days.low, found.days.high
        beside = Words(en=f"95 %: {low:,.0f} to {high:,.0f}", zh=f"95%区间：{low:,.0f}至{high:,.0f}")
        heads.append((Words(en="Days earlier, mean", zh="平均提前天数"), f"{found.days.value:,.0f}", beside))
    return heads


def plans_heads(before: PlanFigures, after: PlanFigures) -> list[tuple[Words, str, Words]]:
    """The figures of two plans for a first page."""
    names = (("trips", Words(en="Trips to enterprises", zh="上门次数")), ("oftener", Words(en="Visited on three days or more", zh="三日及以上被检查企业")))
    return [
        (words, f"{new - old:+,}", Words(en=f"{old:,} → {new:,}", zh=f"{old:,} → {new:,}"))
        for name, words in names
        for old, new in [(getattr(before, name), getattr(after, name))]
    ]
