"""The words of a route, in both languages: lines under headings, from which its text and its card are made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import astuple
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..decision import Citation
from ..decision.trace import Shown, written
from ..words import pick, span_words
from .parts import Closed, Due
from .savings import MEASURES, Saved

if TYPE_CHECKING:
    from .route import Route

__all__ = ["Section", "as_text", "matter_words", "saved_words", "sections"]

Section = tuple[str, list[tuple[str, str]]]  # a heading, and lines of two columns: a name and a text

DUE = MappingProxyType({"decision": ("decision by", "办结"), "supplement": ("missing papers by", "补正材料"), "check": ("checked afterwards by", "事后核查")})
KINDS = MappingProxyType({"step": ("step", "免环节"), "document": ("document", "免材料")})
BASES = MappingProxyType({"published": ("published", "有据可查"), "derived": ("derived", "推导"), "illustrative": ("illustrative, not law", "示例，非法定")})
SAVED = MappingProxyType({
    "working_days": ("working days", "减时间（工作日）"), "steps": ("steps", "减环节"), "documents": ("documents", "减材料"), "visits": ("visits", "减跑动"),
})  # fmt: skip
SHOWN = 6  # facts behind a closed path, at most; more would hide what stands in the way


def sections(route: Route, lang: str) -> Iterator[Section]:
    """What a route says, in order; sections with nothing to say are left out."""
    path, none = route.path, pick(("no path is open", "无可适用的办理程序"), lang)
    head = [(pick(("path", "办理程序"), lang), none if path is None else path.words.say(lang))]
    if path is not None:
        head.append((pick(("basis", "依据"), lang), clause(path.basis, path.citations, lang)))
    head.append((pick(("grade", "等级"), lang), route.decision.grade))
    yield pick(("Path", "办理程序"), lang), head
    waived = [(pick(KINDS[one.kind], lang), f"{one.words.say(lang)}{by(clause(one.basis, one.citations, lang), lang)}") for one in route.waived]
    made: list[Section] = [
        (pick(("Waived", "免予提供"), lang), waived),
        (pick(("Deadlines", "时限"), lang), [(pick(DUE[due.what], lang), due_words(due, lang)) for due in route.due]),
        (pick(("Checked afterwards", "事后核查"), lang), [] if route.checked is None else [("", route.checked.say(lang))]),
        (pick(("It fails where", "失效情形"), lang), [(one.words.say(lang), follows(route, one.then, lang)) for one in route.fails]),
        (pick(("Saved against the ordinary course", "较普通程序节省"), lang), saved_words(route.saved, lang)),
        (pick(("Also open", "另可选择"), lang), [(one.id, one.words.say(lang)) for one in route.others]),
        (pick(("Closed", "不可选"), lang), [(one.words.say(lang), closed_words(route, one, lang)) for one in route.refused]),
    ]  # fmt: skip
    yield from (section for section in made if section[1])


def as_text(route: Route, lang: str) -> str:
    """The route as lines of plain text."""
    lines = [f"{matter_words(route, lang)}{pick((', applied for on ', '，申请日期'), lang)}{route.decision.as_of}"]
    colon = pick((": ", "："), lang)
    for heading, rows in sections(route, lang):
        lines.append(heading)
        lines += [f"  {name}{colon if name else ''}{text}" for name, text in rows]
    return "\n".join(lines)


def matter_words(route: Route, lang: str) -> str:
    """The name of the matter."""
    label = route.routing.matter.label
    return label.say(lang) if label else route.matter.replace("_", " ")


def clause(basis: str, citations: tuple[Citation, ...], lang: str) -> str:
    """What a value rests on: its sources, and how it follows from them where it does not stand there."""
    kind = pick(BASES[basis], lang)
    sources = pick(("; ", "；"), lang).join(map(str, citations))
    return kind if not sources else sources if basis == "published" else f"{sources}{by(kind, lang)}"


def by(text: str, lang: str) -> str:
    return pick((f" ({text})", f"（{text}）"), lang)


def due_words(due: Due, lang: str) -> str:
    """A deadline: its last day where it is known, and the span."""
    at_once = due.what == "decision" and due.within.count == 0
    within = pick(("on the spot", "当场办结"), lang) if at_once else pick((f"within {due.within}", f"{span_words(due.within, lang)}内"), lang)
    return within if due.day is None else f"{due.day}{by(within, lang)}"


def follows(route: Route, then: str | None, lang: str) -> str:
    """What follows when a path fails."""
    if then is None:
        return pick(("no other path follows", "不再转入其他程序"), lang)
    label = next(offer.offered.words for offer in route.routing.offers if offer.path.id == then)
    return pick((f"then {label.say(lang)}", f"转为{label.say(lang)}"), lang)


def saved_words(saved: Saved, lang: str) -> list[tuple[str, str]]:
    """The four savings, each under its name."""
    return [(pick(SAVED[measure], lang), f"{count:,}") for measure, count in zip(MEASURES, astuple(saved), strict=True)]


def closed_words(route: Route, closed: Closed, lang: str) -> str:
    """Why a path is closed, the facts behind it in words, and when it opens again."""
    colon, comma = pick((": ", "："), lang), pick(("; ", "；"), lang)
    labels = {spec.name: spec.label for spec in route.decision.program.facts}
    facts = [f"{label.say(lang) if (label := labels[name]) else name}{colon}{value_words(value, lang)}" for name, value in closed.facts.items()]
    text = comma.join(one.say(lang) for one in closed.because)
    if 0 < len(facts) <= SHOWN:
        text += by(comma.join(facts), lang)
    if closed.opens is not None:
        text += pick((f"; open again from {closed.opens}", f"；自{closed.opens}起可重新适用"), lang)
    return text


def value_words(value: Shown | None, lang: str) -> str:
    if isinstance(value, bool):
        return pick(("yes", "是") if value else ("no", "否"), lang)
    if value is None:
        return pick(("unknown", "未知"), lang)
    return str(value) if isinstance(value, str | dt.date) else written(value)
