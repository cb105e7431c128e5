"""How much earlier the same visits would have found the same things in the order of the grades: tables for each period, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan

from ..inspection.reorder import AS_MADE, BEST, Gain
from ..program import Program
from ..rulebook.parts import Words
from .counts import ALL, LABEL, PART
from .table import GROUP, Cell, Column, Table

__all__ = ["GRADE", "SCORE", "Compared", "PublishedOrder", "reorder_tables"]

GRADE, SCORE = "by_grade", "by_score"
ORDERS: Mapping[str, Words] = {
    AS_MADE: Words(en="as really made", zh="实际次序"),
    GRADE: Words(en="by grade", zh="按等级"),
    SCORE: Words(en="by score", zh="按得分"),
    BEST: Words(en="had one known", zh="事先尽知（上限）"),
}
PERIOD = Words(en="Period", zh="时段")


@dataclass(frozen=True, slots=True)
class PublishedOrder:
    """What someone published of an order of theirs."""

    label: Words
    days: float
    first_half: float | None
    source: Words


@dataclass(frozen=True, slots=True)
class Compared:
    """The orders of one period: in how many plans, the gain of each, what orders from elsewhere are called, and by grade (visits, those that found)."""

    label: Words
    plans: int
    gains: Mapping[str, Gain]
    beside: Mapping[str, Words]
    published: Sequence[PublishedOrder]
    by_grade: Mapping[str, tuple[int, int]]

    @property
    def visits(self) -> int:
        return sum(visits for visits, _ in self.by_grade.values())

    @property
    def found(self) -> int:
        return sum(found for _, found in self.by_grade.values())


def reorder_tables(compared: Sequence[Compared], found: Words, program: Program, resamples: int, seed: int) -> tuple[Table, Table]:
    """How much earlier each order would have found what is called `found`, and how often visits of each grade found it."""
    return orders_table(compared, found, resamples, seed), grades_table(compared, found, program)


def orders_table(compared: Sequence[Compared], found: Words, resamples: int, seed: int) -> Table:
    columns = (
        Column(GROUP, PERIOD),
        Column("order", Words(en="Order of the visits", zh="检查次序")),
        Column("days_earlier", Words(en="Days earlier", zh="提前天数"), "number"),
        Column("low", Words(en="95% from", zh="95%下限"), "number"),
        Column("high", Words(en="to", zh="上限"), "number"),
        Column("of_best", Words(en="% of most", zh="占上限%"), "share"),
        Column("first_half", Words(en="% in first half", zh="前半程%"), "share"),
        Column("auc", Words(en="AUC %", zh="AUC%"), "share"),
    )
    rows = tuple(row for one in compared for row in order_rows(one))
    said, sagt = found.say("en"), found.say("zh")
    notes = [
        *(counted(one, found) for one in compared),
        Words(
            en="Every day keeps as many visits as were really made on it. The visits of a plan stand in the order of what was known the day before it "
            f"began, the riskiest first; visits that stand equal share their days. Days earlier: the mean over visits with {said}. % of most: the part of "
            "what an order could gain at most, had one known what would be found.",
            zh=f"每日检查次数与实际相同；每份计划内按计划开始前一日所知、风险高者在先，相同者平均分摊其日期。“提前天数”为发现{sagt}的检查的平均值；“占上限”为与事先尽知的次序相比。",
        ),
        Words(
            en=f"95%: from a bootstrap over enterprises, {resamples:,} samples, seed {seed}. First half: of the visits with {said}, those among the first "
            "half of all visits. AUC: how often, of two visits of which one found any, it stood first; an order by lot has 50.",
            zh=f"95%区间：按企业有放回抽样{resamples:,}次（种子{seed}）。“前半程”：发现{sagt}的检查中位于前一半检查的占比。AUC：一次有发现、一次无发现的两次检查中前者在先的占比，随机次序为50。",
        ),
        *(
            Words(en=f"{one.label.say('en')}: {one.source.say('en')}", zh=f"{one.label.say('zh')}：{one.source.say('zh')}")
            for period in compared
            for one in period.published
        ),
        *verdicts(compared),
    ]
    return Table("reorder", Words(en="How much earlier would it have been found?", zh="改变检查次序可提前多少发现"), columns, rows, tuple(notes))


def order_rows(one: Compared) -> Iterator[tuple[Cell, ...]]:
    """The orders of a period: the real one, ours, those from elsewhere, and at the end the best one."""
    most = one.gains[BEST].days
    for name in (AS_MADE, *(name for name in one.gains if name not in (AS_MADE, BEST))):
        yield gain_row(one, name, most)
    for published in one.published:
        yield (one.label, published.label, published.days, None, None, None, published.first_half, None)
    yield gain_row(one, BEST, most)


def gain_row(one: Compared, name: str, most: float) -> tuple[Cell, ...]:
    gain = one.gains[name]
    sure = (None, None) if name == AS_MADE else (round(gain.low, 4), round(gain.high, 4))
    share = round(gain.days / most, 6) if most else None
    auc = None if isnan(gain.auc) else round(gain.auc, 6)
    return (one.label, {**ORDERS, **one.beside}[name], round(gain.days, 4), *sure, share, round(gain.first_half, 6), auc)


def counted(one: Compared, found: Words) -> Words:
    """How many visits a period has, and in how many plans."""
    plans = "1 plan" if one.plans == 1 else f"{one.plans:,} plans"
    return Words(
        en=f"{one.label.say('en')}: {one.visits:,} visits in {plans}, {one.found:,} of them with {found.say('en')}.",
        zh=f"{one.label.say('zh')}：{one.plans:,}份计划共{one.visits:,}次检查，其中{one.found:,}次发现{found.say('zh')}。",
    )


def verdicts(compared: Iterable[Compared]) -> Iterator[Words]:
    """Where the order by grade is no better than the real one for all one can tell, or another order is surely better."""
    for one in compared:
        gain, name = one.gains[GRADE], one.label
        if gain.low <= 0:
            yield Words(
                en=f"{name.say('en')}: by grade nothing is found earlier for all one can tell; the interval holds 0.",
                zh=f"{name.say('zh')}：区间包含0，看不出按等级能更早发现。",
            )
        for order, label in one.beside.items():
            if one.gains[order].days > gain.high:
                yield Words(
                    en=f"{name.say('en')}: {label.say('en')} finds it earlier than the grade does, past the upper end of its interval.",
                    zh=f"{name.say('zh')}：{label.say('zh')}比按等级更早，超出其区间上限。",
                )


def grades_table(compared: Sequence[Compared], found: Words, program: Program) -> Table:
    grades = program.law.document.grades
    columns = (
        Column(GROUP, PERIOD),
        Column("grade", Words(en="Grade", zh="等级"), "name"),
        Column("label", LABEL),
        Column("visits", Words(en="Visits", zh="检查次数"), "count"),
        Column("share", PART, "share"),
        Column("found", Words(en="found some", zh="有发现"), "count"),
        Column("found.share", Words(en="% of them", zh="占比%"), "share"),
    )
    rows: list[tuple[Cell, ...]] = []
    for one in compared:
        for grade in (*grades.order, None):
            visits, hits = (one.visits, one.found) if grade is None else one.by_grade.get(grade, (0, 0))
            shares = (round(visits / one.visits, 6), hits, round(hits / visits, 6) if visits else None)
            rows.append((one.label, ALL if grade is None else grade, None if grade is None else grades.labels.get(grade), visits, *shares))
    note = Words(en=f"The grade is that of the day before the plan; found: {found.say('en')}.", zh=f"等级为计划开始前一日的等级；“有发现”指{found.say('zh')}。")
    return Table("reorder_grades", Words(en="What visits of each grade found", zh="各等级检查的发现情况"), columns, tuple(rows), (note,))
