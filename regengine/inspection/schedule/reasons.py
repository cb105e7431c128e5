"""The words, in both languages, for what stands in the way of a trip and for the change that would place it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...rulebook.parts import Words
from ..visit import Change, Trip
from .board import Board

__all__ = ["relaxation_words", "why_words"]

PER = {"year": "年", "half-year": "半年", "quarter": "季度", "month": "月"}

WHY: Mapping[str, tuple[str, str]] = {
    "capacity": ("`{inspector}` has no capacity left", "“{inspector}”当日已无余量"),
    "window": ("the day is {days} {side}", "该日{side_zh}{amount}个工作日"),
    "leave": ("`{inspector}` is on leave", "“{inspector}”休假"),
    "certificate": ("the certificate of `{inspector}` does not hold", "“{inspector}”的执法证件当日无效"),
    "district": ("`{inspector}` does not work in `{district}`", "“{inspector}”不负责“{district}”"),
    "skills": ("`{inspector}` lacks the skills {skills}", "“{inspector}”不具备所需专业：{skills_zh}"),
    "gap": ("another visit is nearer than the least gap of {gap} days", "与另一次检查的间隔不足{gap}天"),
    "cap": ("the cap of {cap} is reached", "已达检查频次上限（{cap_zh}）"),
    "quiet": ("the day is in a quiet time", "该日处于安静期"),
    "team": ("too few inspectors of `{department}` may go: {amount} more needed", "“{department}”可派检查人员少{amount}名"),
    "interest": (
        "too few inspectors of `{department}` have no interest in the enterprise: {amount} more needed",
        "“{department}”与该企业无利害关系的检查人员少{amount}名",
    ),
}
RELAXATION: Mapping[str, tuple[str, str]] = {
    "capacity": ("one more visit by `{inspector}` on {day}", "“{inspector}”于{day}多查一次"),
    "window": ("{day} as the {edge} date, {days} {move}", "将{edge_zh}日期{move_zh}{amount}个工作日，至{day}"),
    "leave": ("`{inspector}` works on {day}", "“{inspector}”于{day}在岗"),
    "certificate": ("a certificate of `{inspector}` that holds on {day}", "“{inspector}”的执法证件于{day}有效"),
    "district": ("`{inspector}` works in `{district}` too, on {day}", "“{inspector}”于{day}兼管“{district}”"),
    "skills": ("`{inspector}` has the skills {skills} on {day}", "“{inspector}”于{day}具备所需专业：{skills_zh}"),
    "gap": ("a gap shorter by {plain_days}, and the visit on {day}", "最短间隔缩短{amount}天，于{day}检查"),
    "cap": ("{amount} more in the cap of {cap}, and the visit on {day}", "检查频次上限（{cap_zh}）增加{amount}次，于{day}检查"),
    "quiet": ("an exception from the quiet time on {day}", "准许于{day}（安静期内）检查"),
    "team": ("{amount} more of `{department}` with the skills and the district, free on {day}", "“{department}”于{day}增加{amount}名符合条件的检查人员"),
    "interest": (
        "{amount} more of `{department}` without an interest in the enterprise, free on {day}",
        "“{department}”于{day}增加{amount}名与该企业无利害关系的检查人员",
    ),
}
Values = Mapping[str, object]


def why_words(board: Board, trip: Trip, changes: Iterable[Change]) -> Words:
    """What stands in the way on the day on which the least does."""
    changes = tuple(changes)
    if not changes:
        return Words(en="the plan has no working day on which the enterprise is not visited already", zh="计划期内没有尚可安排该企业检查的工作日")
    parts = said(board, trip, changes, WHY)
    return Words(en=f"on {changes[0].day}, where the least is lacking: {parts.en}", zh=f"在所差最少的{changes[0].day}：{parts.zh}")


def relaxation_words(board: Board, trip: Trip, changes: Iterable[Change]) -> Words:
    """The smallest change that would place a trip."""
    return said(board, trip, changes, RELAXATION)


def said(board: Board, trip: Trip, changes: Iterable[Change], texts: Mapping[str, tuple[str, str]]) -> Words:
    told = [(texts[change.rule], values(board, trip, change)) for change in changes]
    en, zh = (list(dict.fromkeys(text[lang].format(**known) for text, known in told)) for lang in (0, 1))
    return Words(en="; ".join(en), zh="；".join(zh))


def values(board: Board, trip: Trip, change: Change) -> Values:
    """What the texts name of a change."""
    visit = next((visit for visit in trip.visits if visit.id == change.visit), trip.visits[0])
    late = change.day > trip.latest
    known: dict[str, object] = {
        "day": change.day, "amount": change.amount, "inspector": change.inspector, "department": visit.department, "district": visit.district,
        "skills": ", ".join(f"`{skill}`" for skill in sorted(visit.skills)), "skills_zh": "、".join(sorted(visit.skills)), "gap": board.gap,
        "days": "1 working day" if change.amount == 1 else f"{change.amount} working days",
        "plain_days": "1 day" if change.amount == 1 else f"{change.amount} days",
        "side": f"after the latest date {trip.latest}" if late else f"before the earliest date {trip.earliest}",
        "side_zh": f"晚于最迟日期（{trip.latest}）" if late else f"早于最早日期（{trip.earliest}）",
        "edge": "latest" if late else "earliest", "edge_zh": "最迟" if late else "最早", "move": "later" if late else "earlier",
        "move_zh": "推后" if late else "提前",
    }  # fmt: skip
    if change.rule == "cap":
        cap = board.rules.caps[int(change.visit or 0)]
        visits = "1 visit" if cap.visits == 1 else f"{cap.visits} visits"
        whose, whose_zh = ("of all departments together", "各部门合计") if cap.scope == "all" else ("of each department", "每一部门")
        known |= {"cap": f"{visits} in a {cap.per} {whose}", "cap_zh": f"{whose_zh}每{PER[cap.per]}{cap.visits}次"}
    return known
