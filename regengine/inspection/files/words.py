"""What the columns of a plan's files are called, and their values in words, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import polars as pl

from ...rulebook.values import Span
from ...words import MANNERS, listed, pick, span_words
from ..visit import Inspector

__all__ = ["HEADINGS", "heading", "inspector_words", "manner_words", "publication_words", "worded", "yes_or_no"]

HEADINGS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "date": ("Date", "日期"), "month": ("Month", "月份"), "department": ("Department", "部门"), "enterprise": ("Enterprise", "检查对象代码"),
    "name": ("Name", "检查对象名称"), "district": ("District", "辖区"), "grade": ("Grade", "风险等级"), "stratum": ("Stratum", "分层"),
    "kind": ("Kind", "检查类型"), "clause": ("Clause", "依据"), "manner": ("Manner", "检查方式"), "inspectors": ("Inspectors", "检查人员"),
    "colleagues": ("With", "同行人员"), "visit": ("Visit", "检查编号"), "trip": ("Trip", "同行检查编号"), "joint": ("Joint", "联合检查"),
    "debt": ("Owed from an earlier plan", "前期未完成"), "earliest": ("Not before", "最早日期"), "latest": ("Not after", "最晚日期"),
    "hours": ("Hours", "预计工时"), "lead": ("Lead", "线索"), "authority": ("Authority", "交办机关"), "ticket": ("Ticket", "抽签值"),
    "probability": ("Probability of being drawn", "抽中概率"), "probability_exact": ("Probability, exact", "抽中概率（分数）"),
    "lat": ("Latitude", "纬度"), "lon": ("Longitude", "经度"), "publication": ("Result published within", "结果公示期限"),
    "result": ("Result", "检查结果"), "signed": ("Signed", "签字"), "rule": ("Rule", "规则"), "why": ("What stands in its way", "未能安排的原因"),
    "visited": ("Enterprise", "检查对象"), "relaxation": ("Smallest change that would place it", "可安排的最小调整"),
})  # fmt: skip


def heading(column: str, lang: str) -> str:
    """What a column is called."""
    return pick(HEADINGS[column], lang)


def manner_words(manner: str | None, lang: str) -> str:
    """The manners of a visit, which stand joined in its row."""
    return listed((pick(MANNERS[one], lang) if one in MANNERS else one for one in filter(None, (manner or "").split(", "))), lang)


def yes_or_no(value: bool, lang: str) -> str:
    return pick(("yes", "是") if value else ("no", "否"), lang)


def publication_words(within: Span | None, lang: str) -> str:
    """How soon the result of a visit is to be published."""
    if within is None:
        return ""
    return f"检查结束后{span_words(within, lang)}内" if lang == "zh" else f"{within} of the end of the visit"


def inspector_words(inspector: Inspector) -> str:
    """An inspector for colleagues: the name, where there is one, and the id."""
    return f"{inspector.name} ({inspector.id})" if inspector.name else inspector.id


def worded(table: pl.DataFrame, column: str, say: Callable[[str], str]) -> pl.Expr:
    """A column of texts, each in words."""
    known = table.get_column(column).drop_nulls().unique().to_list()
    return pl.col(column).replace(known, [say(one) for one in known]) if known else pl.col(column)
