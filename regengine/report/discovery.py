"""How often visits found a problem, by grade and by kind of visit: plain and weighted rates side by side, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..inspection.discovery import ALL_ALIKE, NEVER_DRAWN, NO_DRAW, NO_PAIR, NO_RESULTS, NONE_JUDGED, Discovery, Interval, Kind
from ..rulebook.parts import Words
from .counts import ALL
from .table import Cell, Column, Table

__all__ = ["discovery_tables"]

JUDGED, PROBLEMS = Column("judged", Words(en="Judged", zh="可判定"), "count"), Column("problems", Words(en="with a problem", zh="有问题"), "count")
RATE = (
    Column("naive", Words(en="Plain %", zh="简单发现率%"), "share"),
    Column("naive_low", Words(en="95% from", zh="95%下限"), "share"),
    Column("naive_high", Words(en="to", zh="上限"), "share"),
)
REST = (
    Column("not_found", Words(en="Not found", zh="查无"), "count"),
    Column("refused", Words(en="Refused", zh="拒检"), "count"),
    Column("open", Words(en="Open", zh="未查"), "count"),
)
WHY = {
    NEVER_DRAWN: Words(
        en="no enterprise of {strata} could be drawn, so nothing is known of them, and no weighted rate is given",
        zh="{strata}入选概率为0，情况不明，不给出加权发现率",
    ),
    NO_RESULTS: Words(en="no visit drawn of {strata} has a result yet, so no weighted rate is given", zh="{strata}抽中的检查尚无结果，不给出加权发现率"),
    NO_PAIR: Words(
        en="of {strata} one enterprise alone was drawn or has a result, so nothing shows how they differ, and the weighted rate has no interval",
        zh="{strata}仅抽中或查过一户，无法看出差异，加权发现率不给区间",
    ),
    NONE_JUDGED: Words(en="none was drawn whose visit could be judged", zh="没有抽中且可判定的检查"),
    ALL_ALIKE: Words(
        en="all drawn visits that could be judged came out alike, so the weighted rate has no interval", zh="抽中且可判定的检查结果全部相同，加权发现率不给区间"
    ),
    NO_DRAW: Words(en="there was no draw, so no weighted rate is given", zh="没有抽查，不给出加权发现率"),
}


def discovery_tables(found: Sequence[Discovery], kinds: Iterable[Kind]) -> tuple[Table, Table]:
    """Discovery rates by grade and over all, and by kind of visit."""
    return by_grade(found), by_kinds(kinds)


def by_grade(found: Sequence[Discovery]) -> Table:
    columns = (
        Column("grade", Words(en="Grade", zh="等级"), "name"), JUDGED, PROBLEMS, *RATE,
        Column("drawn", Words(en="Drawn", zh="抽查"), "count"),
        Column("weighted", Words(en="Weighted %", zh="加权发现率%"), "share"),
        Column("weighted_low", Words(en="95% from", zh="95%下限"), "share"),
        Column("weighted_high", Words(en="to", zh="上限"), "share"),
        *REST,
    )  # fmt: skip
    rows = tuple(
        (
            ALL if one.grade is None else one.grade, one.judged, one.problems, *interval(one.naive), one.drawn, *interval(one.weighted),
            one.not_found, one.refused, one.open,
        )
        for one in found
    )  # fmt: skip
    notes = [
        Words(
            en="Judged: visits that passed or found a problem. Whoever was not found or refused is neither, and stands apart. Plain: the part of all judged "
            "visits with a problem, with Wilson's interval.",
            zh="“可判定”为合格或发现问题的检查；查无和拒检不计入，另列。“简单发现率”为可判定检查中有问题的占比，区间按Wilson法。",
        ),
        Words(
            en="Weighted: what the rate would be over everyone who could be drawn. It rests on the judged visits of the draw and of the random floor alone, "
            "each weighted by one over its probability (Hájek), with the interval of its linearised variance; visits without a probability have no part in "
            "it. Open visits are taken to be as those of their stratum that were made. Where only a few problems were found among those of large weight, "
            "the interval is too short.",
            zh="“加权发现率”推及全部可抽查对象：仅用双随机抽查及不分等级随机抽查中可判定的检查，按入选概率的倒数加权（Hájek估计），区间按线性化方差；无入选概率的检查不计入。未查的视同本层已查的。权重大的对象中仅发现个别问题时，区间偏窄。",
        ),
        *reasons(found),
    ]
    return Table("discovery", Words(en="Discovery rate by grade", zh="各等级问题发现率"), columns, rows, tuple(notes))


def reasons(found: Iterable[Discovery]) -> Iterator[Words]:
    """Why weighted rates or their intervals are not there; once where all have the same reason."""
    told = [(one.grade, one.why, one.strata) for one in found if one.why is not None]
    if {why for _, why, _ in told} == {NO_DRAW}:
        told = told[-1:]
    for grade, why, strata in told:
        words = WHY[str(why)]
        en, zh = words.say("en").format(strata=", ".join(strata)), words.say("zh").format(strata="、".join(strata))
        yield Words(en=f"{grade or ALL.say('en')}: {en}.", zh=f"{grade or ALL.say('zh')}：{zh}。")


def by_kinds(kinds: Iterable[Kind]) -> Table:
    columns = (Column("kind", Words(en="Kind of visit", zh="检查类型")), JUDGED, PROBLEMS, *RATE, *REST)
    rows = tuple((Words(en=one.kind_en, zh=one.kind_zh), one.judged, one.problems, *interval(one.naive), one.not_found, one.refused, one.open) for one in kinds)
    return Table("discovery_by_kind", Words(en="Discovery rate by kind of visit", zh="各类检查问题发现率"), columns, rows)


def interval(found: Interval | None) -> tuple[Cell, Cell, Cell]:
    if found is None:
        return None, None, None
    low, high = (None if edge is None else round(edge, 6) for edge in (found.low, found.high))
    return round(found.rate, 6), low, high
