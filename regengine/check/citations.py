"""What the values of a rulebook rest on: sources not yet issued or no longer in force at the law date, values without any, sources without use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from ..rulebook.law import Basis, Law
from ..rulebook.parts import Words
from .findings import Finding

__all__ = ["sources_at", "unused_sources"]


def sources_at(law: Law, law_at: dt.date) -> list[Finding]:
    """The sources of a law that were not in force on a day, and its values that name none."""
    found: list[Finding] = []
    for name, source in law.document.sources.items():
        rest = [basis for basis in law.bases.values() if name in names_of(basis)]
        if not rest:
            continue
        alone = sum(names_of(basis) == {name} for basis in rest)
        more = Words(en=f"; {alone} of its {len(rest)} values rest on it alone", zh=f"；所涉{len(rest)}项取值中{alone}项仅以其为依据")
        if source.issued is not None and source.issued > law_at:
            en, zh = f"`{name}` was issued on {source.issued}, after the law date {law_at}", f"`{name}` 发布于{source.issued}，晚于法律适用日{law_at}"
            found.append(Finding("source-early", Words(en=en + more.say("en"), zh=zh + more.say("zh")), ("sources", name, "issued")))
        if source.until is not None and source.until < law_at:
            en, zh = f"`{name}` was in force until {source.until}, before the law date {law_at}", f"`{name}` 有效期至{source.until}，早于法律适用日{law_at}"
            found.append(Finding("source-ended", Words(en=en + more.say("en"), zh=zh + more.say("zh")), ("sources", name, "until")))
    without = [path for path, basis in law.bases.items() if basis.kind != "illustrative" and not basis.cites]
    if without:
        text = Words(en=f"derived values that name no source: {len(without)}", zh=f"未注明依据的推导取值：{len(without)}项")
        found.append(Finding("source-none", text, without[0]))
    return found


def unused_sources(laws: Iterable[Law]) -> list[Finding]:
    """The sources that no value cites in any period of a rulebook."""
    laws = tuple(laws)
    used = {name for law in laws for basis in law.bases.values() for name in names_of(basis)}
    declared = {name: None for law in laws for name in law.document.sources}
    return [
        Finding("source-unused", Words(en=f"no value rests on `{name}`", zh=f"没有取值引用 `{name}`"), ("sources", name))
        for name in declared
        if name not in used
    ]


def names_of(basis: Basis) -> set[str]:
    """The sources that a value cites, without the clause."""
    return {cite.partition("#")[0] for cite in basis.cites}
