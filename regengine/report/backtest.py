"""What grades told of past visits: tables of a backtest for each case, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

from ..inspection.reorder import AS_MADE, BEST
from ..rulebook.parts import Words
from ..simulate.backtest import Backtest
from .table import GROUP, Cell, Column, Table

__all__ = ["Tested", "backtest_tables"]

CASE = Words(en="Visits of", zh="检查范围")
FOUND = Words(en="Found", zh="发现内容")
HIT = Words(en="found some %", zh="有发现%")
VISITS = Words(en="Visits", zh="检查次数")
FROM, TO = Words(en="95% from", zh="95%下限"), Words(en="to", zh="上限")
ORDERS: Mapping[str, Words] = {
    "grade": Words(en="by grade", zh="按等级"),
    "score": Words(en="by score", zh="按得分"),
    AS_MADE: Words(en="as really made", zh="实际次序"),
    BEST: Words(en="had one known", zh="事先尽知（上限）"),
}
PARTS: Mapping[str, Words] = {
    "all": Words(en="all", zh="全部"),
    "before": Words(en="before the split", zh="分界日前"),
    "after": Words(en="from the split on", zh="分界日起"),
}
WEIGHTINGS: Mapping[str, Words] = {"naive": Words(en="as visited", zh="未加权"), "weighted": Words(en="weighted", zh="加权")}
REFUSED: Mapping[str, Words] = {
    "no_draw": Words(
        en="These visits were not drawn at random, so no figure is weighted: all hold for the enterprises that were visited.",
        zh="检查对象并非随机抽取，无法加权：各项指标仅适用于被检查的企业。",
    ),
    "never_drawn": Words(
        en="No weighted figure is given: of {} no enterprise was ever drawn at random, so nothing is known of them as a whole.",
        zh="不给出加权指标：{}从未随机抽取，无从推断其总体。",
    ),
}


@dataclass(frozen=True, slots=True)
class Tested:
    """A case of a backtest: what its visits are called, what the backtest found, what each kind of finding is called, and how many samples there were."""

    label: Words
    found: Backtest
    labels: Mapping[str, Words]
    resamples: int


def backtest_tables(tested: Sequence[Tested]) -> tuple[Table, ...]:
    """How well grades told what visits found; what each grade stood for, before and after; what another order would have brought; year by year."""
    return (
        measures_table(tested), grades_table(tested), *([calibration_table(tested)] if tested[0].found.split else []), gains_table(tested),
        years_table(tested), stability_table(tested),
    )  # fmt: skip


def rows_of(frame: Any) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = frame.to_dict("records")
    return made


def figure(value: float, places: int = 6) -> float | None:
    """A figure as it is told; None where there is none."""
    return None if isnan(value) else round(float(value), places)


def measures_table(tested: Sequence[Tested]) -> Table:
    capacity = f"{tested[0].found.capacity:.0%}"
    columns = (
        Column(GROUP, CASE), Column("found", FOUND), Column("part", Words(en="Time", zh="时段")), Column("order", Words(en="Order", zh="排序")),
        Column("weighting", Words(en="Weights", zh="权重")), Column("visits", VISITS, "count"), Column("base", HIT, "share"),
        Column("auc", Words(en="AUC %", zh="AUC%"), "share"), Column("auc_low", FROM, "share"), Column("auc_high", TO, "share"),
        Column("ks", Words(en="KS %", zh="KS%"), "share"),
        Column("capture", Words(en=f"% in the riskiest {capacity}", zh=f"前{capacity}捕获%"), "share"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for one in tested:
        for row in rows_of(one.found.measures):
            figures = [figure(row[name]) for name in ("base", "auc", "auc_low", "auc_high", "ks", "capture")]
            heads = (one.label, one.labels[row["found"]], PARTS[row["part"]], ORDERS[row["order"]], WEIGHTINGS[row["weighting"]])
            rows.append((*heads, int(row["visits"]), *figures))
    notes = [
        Words(
            en="Each visit is set against the grade of the day before it, from what was known then. AUC: how often, of two visits of which one found any, "
            "it had the worse grade or score; by lot it would be 50. KS: the largest distance between the two distributions. "
            f"95%: from a bootstrap over enterprises, {tested[0].resamples:,} samples, seed {tested[0].found.seed}.",
            zh="每次检查均与其前一日的等级比较，等级仅依据当时所知。AUC：一次有发现、一次无发现的两次检查中前者等级（得分）较差的占比，随机为50；KS：两类分布的最大差距。"
            f"95%区间：按企业有放回抽样{tested[0].resamples:,}次（种子{tested[0].found.seed}）。",
        ),
        *(note for one in tested for note in accounts(one)),
    ]
    return Table("backtest", Words(en="How well was it told what visits found?", zh="等级能否提示检查结果"), columns, tuple(rows), tuple(notes))


def accounts(one: Tested) -> list[Words]:
    """What became of the visits of a case, what those without history found, and why there is no weighted figure."""
    told = one.found.accounted
    label = one.label
    notes = [
        Words(
            en=f"{label.say('en')}: {told.visits:,} visits = {told.graded:,} compared + {told.outside:,} outside the days + {told.follow_ups:,} follow-ups + "
            f"{told.no_history:,} without history + {told.short_history:,} with too little of it + {told.rejected:,} that could not be graded.",
            zh=f"{label.say('zh')}：检查{told.visits:,}次 = 参与比较{told.graded:,} + 时段外{told.outside:,} + 复查{told.follow_ups:,} + "
            f"无历史{told.no_history:,} + 历史不足{told.short_history:,} + 无法评级{told.rejected:,}。",
        )
    ]
    for row in rows_of(one.found.first):
        if row["visits"]:
            found, share = one.labels[row["found"]], f"{row['rate']:.1%}"
            notes.append(
                Words(
                    en=f"{label.say('en')}, without history: {share} of {row['visits']:,} visits found {found.say('en')}.",
                    zh=f"{label.say('zh')}，无历史企业：{row['visits']:,}次检查中{share}发现{found.say('zh')}。",
                )
            )
    weighting = one.found.weighting
    if weighting.why is not None:
        strata = ", ".join(weighting.strata) or "-"
        notes.append(Words(en=REFUSED[weighting.why].say("en").format(strata), zh=REFUSED[weighting.why].say("zh").format(strata)))
    return list(dict.fromkeys(notes))


def grades_table(tested: Sequence[Tested]) -> Table:
    columns = (
        Column(GROUP, CASE), Column("found", FOUND), Column("grade", Words(en="Grade", zh="等级"), "name"), Column("visits", VISITS, "count"),
        Column("share", Words(en="%", zh="%"), "share"), Column("rate", HIT, "share"), Column("low", FROM, "share"),
        Column("high", TO, "share"), Column("lift", Words(en="Lift", zh="提升倍数"), "number"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for one in tested:
        for row in rows_of(one.found.grades):
            if row["part"] == "all":
                figures = [figure(row[name]) for name in ("share", "rate", "low", "high")]
                rows.append((one.label, one.labels[row["found"]], row["grade"], int(row["visits"]), *figures, figure(row["lift"], 4)))
    note = Words(en="Lift: how many times as often as over all grades.", zh="提升倍数：与全部等级平均之比。")
    return Table("backtest_grades", Words(en="What visits of each grade found", zh="各等级检查的发现情况"), columns, tuple(rows), (note,))


def calibration_table(tested: Sequence[Tested]) -> Table:
    split = tested[0].found.split
    columns = (
        Column(GROUP, CASE), Column("found", FOUND), Column("grade", Words(en="Grade", zh="等级"), "name"),
        Column("expected", Words(en=f"before {split} %", zh=f"{split}前%"), "share"), Column("observed", Words(en="from then on %", zh="此后%"), "share"),
        Column("low", FROM, "share"), Column("high", TO, "share"), Column("holds", Words(en="holds", zh="相符")),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for one in tested:
        for row in rows_of(one.found.calibration):
            figures = [figure(row[name]) for name in ("expected", "observed", "low", "high")]
            held = None if figures[2] is None else bool(row["holds"])
            rows.append((one.label, one.labels[row["found"]], row["grade"], *figures, held))
    note = Words(
        en="What a grade stood for before the split, and what its visits found later. It holds where the interval of the later rate holds the earlier one.",
        zh="分界日前各等级的发现率与其后的发现率；后者的区间包含前者时为相符。",
    )
    return Table("backtest_calibration", Words(en="Does a grade keep its meaning?", zh="等级含义是否稳定"), columns, tuple(rows), (note,))


def gains_table(tested: Sequence[Tested]) -> Table:
    columns = (
        Column(GROUP, CASE), Column("found", FOUND), Column("order", Words(en="Order of the visits", zh="检查次序")),
        Column("days_earlier", Words(en="Days earlier", zh="提前天数"), "number"), Column("low", FROM, "number"), Column("high", TO, "number"),
        Column("first_half", Words(en="% in first half", zh="前半程%"), "share"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for one in tested:
        for row in rows_of(one.found.gains):
            sure = (None, None) if row["order"] == AS_MADE else (figure(row["low"], 4), figure(row["high"], 4))
            rows.append((one.label, one.labels[row["found"]], ORDERS[row["order"]], figure(row["days"], 4), *sure, figure(row["first_half"])))
    note = Words(
        en="Every day keeps as many visits as were really made on it; within a plan the riskiest of the day before it began come first. It is supposed that "
        "a visit on another day would have found the same.",
        zh="每日检查次数与实际相同；每份计划内按计划前一日所知、风险高者在先。假定换一天检查会有同样发现。",
    )
    return Table("backtest_gains", Words(en="How much earlier would it have been found?", zh="改变检查次序可提前多少发现"), columns, tuple(rows), (note,))


def years_table(tested: Sequence[Tested]) -> Table:
    columns = (
        Column(GROUP, CASE), Column("year", Words(en="Year", zh="年份"), "name"), Column("found", FOUND), Column("order", Words(en="Order", zh="排序")),
        Column("visits", VISITS, "count"), Column("rate", HIT, "share"), Column("auc", Words(en="AUC %", zh="AUC%"), "share"),
    )  # fmt: skip
    rows = [
        (one.label, str(row["year"]), one.labels[row["found"]], ORDERS[row["order"]], int(row["visits"]), figure(row["rate"]), figure(row["auc"]))
        for one in tested
        for row in rows_of(one.found.years)
    ]
    return Table("backtest_years", Words(en="Year by year", zh="逐年情况"), columns, tuple(rows))


def stability_table(tested: Sequence[Tested]) -> Table:
    columns = (
        Column(GROUP, CASE), Column("year", Words(en="Year", zh="年份"), "name"), Column("index", Words(en="Index", zh="指数"), "name"),
        Column("of", Words(en="of", zh="对象"), "name"), Column("value", Words(en="times 100", zh="×100"), "number"),
    )  # fmt: skip
    rows = [
        (one.label, str(row["year"]), str(row["index"]).upper(), row["of"], figure(row["value"] * 100, 4))
        for one in tested
        for row in rows_of(one.found.stability)
    ]
    note = Words(
        en="How far the visited have shifted against the first year: of the grades (PSI) and of each fact (CSI); 0 where nothing has. Facts that grow with the "
        "length of the record shift by themselves. Without a figure: a class that is empty in one of the two years alone.",
        zh="与首年相比被检查企业的分布变化：等级（PSI）与各项事实（CSI），0为无变化；随在案时间增长的事实自然变化。无数值：某一类仅在其中一年为空。",
    )
    return Table("backtest_stability", Words(en="Are they still the same enterprises?", zh="总体稳定性"), columns, tuple(rows), (note,))
