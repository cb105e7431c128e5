"""The words of a workbook: its sheets and columns in English and Chinese, by the keys of a rulebook's file."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..rulebook.law import Steps
from .rows import KEY, OWN

__all__ = ["column_words", "sheet_words"]

SHEETS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "rulebook": ("Rulebook", "规则集"), "sources": ("Sources", "依据来源"), "registers": ("Registers", "登记册"), "facts": ("Facts", "事实"),
    "uses": ("Uses", "引用规则集"), "terms": ("Terms", "推算值"), "indicators": ("Family", "指标"), "grades": ("Grades", "等级"),
    "adjust": ("Adjustments", "等级调整"), "always": ("Always", "恒成立条件"), "inspection": ("Inspection", "监督检查"), "service": ("Service", "服务"),
    "outcomes": ("Outcome", "其他后果"), "warnings": ("Warnings", "风险预警"), "dated": ("Dated values", "分期数值"),
})  # fmt: skip

COLUMNS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "when": ("when", "条件"), "give": ("points", "分值"), "otherwise": ("otherwise", "其他情形"), "label": ("label", "名称"), "title": ("title", "名称"),
    "message": ("message", "提示"), "en": ("English", "英文"), "zh": ("Chinese", "中文"), "id": ("id", "标识"), "of": ("of", "对象"),
    "at_least": ("at least", "下限"), "at_most": ("at most", "上限"), "total": ("total", "合计方式"), "grade": ("grade", "等级"), "order": ("order", "顺序"),
    "at_best": ("at best", "不高于"), "at_worst": ("at worst", "不低于"), "worse_by": ("worse by", "降级"), "better_by": ("better by", "升级"),
    "stop_at": ("not past", "止于"), "final": ("final", "终止"), "ratio": ("ratio", "比例"), "visits": ("visits", "次数"), "per": ("per", "周期"),
    "every": ("every", "间隔"), "manner": ("manner", "方式"), "initiative": ("initiative", "启动方式"), "type": ("type", "类型"),
    "missing": ("missing", "缺失时"), "min": ("least", "最小"), "max": ("most", "最大"), "values": ("values", "取值"), "places": ("decimals", "小数位"),
    "unit": ("unit", "单位"), "changeable": ("changeable", "可改变"), "worse": ("worse", "更差方向"), "from": ("from", "来源"), "within": ("within", "期限"),
    "instrument": ("instrument", "文号"), "issued": ("issued", "印发日期"), "seen": ("seen", "所见版本"), "url": ("address", "网址"),
    "until": ("until", "截止"), "level": ("level", "级别"), "grants": ("grants", "给予"), "open_to": ("open to", "适用事项"),
    "closed_to": ("closed to", "不适用事项"), "steps": ("steps", "环节"), "documents": ("documents", "材料"), "working_days": ("working days", "工作日"),
    "skip": ("steps saved", "减环节"), "waive": ("documents saved", "减材料"), "decision": ("decision", "办结"), "check_after": ("checked after", "事后核查"),
    "checked": ("checked", "核查内容"), "fails": ("fails", "失效情形"), "then": ("then", "转为"), "promised": ("promised time", "承诺时限"),
    "before_promised": ("before the promised time", "早于承诺时限"), "supplement_within": ("supplement within", "补正期限"), "labels": ("labels", "名称"),
    "is": ("is", "计算"), "between": ("between", "范围"), "clip": ("clipped", "截断"), "hit": ("hit", "命中方式"), "where": ("where", "其中"),
    "key": ("key", "主键"), "date": ("date", "日期"), "known": ("known", "获知日期"), "ended": ("ended", "终止日期"),
    "bins": ("bins", "分段"), "each": ("each", "每项"), "cite": ("source", "依据"), "basis": ("basis", "依据类别"), "note": ("note", "备注"),
})  # fmt: skip


def sheet_words(key: Steps, lang: str) -> str:
    """The name of the sheet of a table; a family and a further outcome have their own behind it."""
    word = SHEETS[str(key[0])][lang == "zh"]
    return " ".join([word, *map(str, key[1:])])


def column_words(column: Steps, lang: str) -> str:
    """The heading of a column."""
    if column in (OWN, KEY):
        return {OWN: ("value", "数值"), KEY: ("interval", "区间")}[column][lang == "zh"]
    parts = [COLUMNS.get(str(step), (str(step).replace("_", " "),) * 2)[lang == "zh"] for step in column]
    return ": ".join(parts) if lang == "en" else "：".join(parts)
