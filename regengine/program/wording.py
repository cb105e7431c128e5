"""The texts of rules: what a row is about, and its own label or its condition."""

from __future__ import annotations

from ..rulebook.model import Each
from ..rulebook.parts import Words

__all__ = ["OTHERWISE", "for_each", "said", "within", "word"]

OTHERWISE = Words(en="otherwise", zh="其他情形")


def said(label: Words | None, name: object, row: Words | None, condition: Words | str | None) -> Words:
    """The text of a rule: what it is about, and its own label or its condition."""
    label = label or Words(en=str(name))
    row = row or (Words(en=condition) if isinstance(condition, str) else condition)
    if row is None:
        return label
    return Words(en=f"{label.say('en')}: {row.say('en')}", zh=f"{label.say('zh')}：{row.say('zh')}")


def for_each(each: Each) -> Words:
    """Points by the count, for people."""
    most_en, most_zh = (f", at most {each.at_most}", f"，最多{each.at_most}分") if each.at_most is not None else ("", "")
    return Words(en=f"{each.give} for each{most_en}", zh=f"每项{each.give}分{most_zh}")


def within(of: str, interval: str) -> str:
    """An interval as a condition for people: `score in [0, 200)`, `area_m2 > 1000`."""
    return f"{of} {interval}" if interval[0] in "<>" else f"{of} in {interval}" if interval[0] in "[(" else f"{of} = {interval}"


def word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
