"""What is behind a change: an entry that lapses, ends, or leaves a window; a day that passes; a change of the law."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..decision import Citation, Decision
from ..decision.decision import citations_of
from ..decision.trace import fact_value, facts_behind
from ..problems import Problem
from ..program.evaluate import evaluate
from ..program.expr import Column, Expr
from ..program.program import Rule
from ..rulebook.facts import FactSpec
from ..rulebook.law import Law
from ..rulebook.parts import Words
from ..rulebook.values import EPOCH
from .moves import Move

__all__ = ["Cause", "of_law", "of_moves", "of_problem", "of_time"]

UNITS = {"day": "日", "month": "个月", "year": "年"}


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that is otherwise from a day on.

    `kind` is "law", "time", "graded" (nothing stands in the way of a grade any more), or what becomes of an entry: "happens",
    "known", "ended", "lapses", "leaves", "weighs", "meets", "misses". `facts` are the facts that it moves; `entry` is the day of
    the event. Where the law sets the time of effect, `basis` and `citations` say which.
    """

    kind: str
    words: Words
    facts: tuple[str, ...] = ()
    register: str | None = None
    entry: dt.date | None = None
    basis: str | None = None
    citations: tuple[Citation, ...] = ()

    def text(self, lang: str = "en") -> str:
        """The cause for people, in English (`en`) or Chinese (`zh`)."""
        return self.words.say(lang)


def of_law(law: Law) -> Cause:
    """A text that applies from this day on."""
    return Cause("law", Words(en=f"the law changes: the text of `{law.id}` of {law.since} applies", zh=f"法规变更：适用`{law.id}`自{law.since}起的文本"))


def of_problem(problem: Problem) -> Cause:
    """What kept the enterprise from being graded until now."""
    return Cause("graded", Words(en=f"this no longer stands in the way of a grade: {problem.message}", zh=f"不再妨碍评级：{problem.message}"))


def of_moves(law: Law, found: Iterable[Move]) -> tuple[Cause, ...]:
    """The moves of entries, each entry once for what becomes of it, with all the facts that it moves."""
    facts: dict[Cause, list[str]] = {}
    for move in found:
        facts.setdefault(of_move(law, move), []).append(move.fact)
    return tuple(Cause(cause.kind, cause.words, tuple(moved), cause.register, cause.entry, cause.basis, cause.citations) for cause, moved in facts.items())


def of_move(law: Law, move: Move) -> Cause:
    register, entry = law.document.registers[move.register], EPOCH + dt.timedelta(move.entry)
    en, zh = becomes(law, move)
    label = register.label or Words(en=move.register)
    who = [str(part) for part in (move.of, move.owner) if part is not None]
    of = (f" ({', '.join(who)})", f"（{'，'.join(who)}）") if who else ("", "")
    words = Words(en=f"{label.say('en')}: the entry of {entry}{of[0]} {en}", zh=f"{label.say('zh')}：{entry}的记录{of[1]}{zh}")
    if move.kind != "lapses":
        return Cause(move.kind, words, (), move.register, entry)
    basis = law.bases["registers", move.register, "effect"]
    return Cause(move.kind, words, (), move.register, entry, basis.kind, citations_of(law, basis.cites))


def becomes(law: Law, move: Move) -> tuple[str, str]:
    """What becomes of an entry, in both languages."""
    span, span_zh = (str(move.span), f"{move.span.count}{UNITS[move.span.unit]}") if move.span is not None else ("", "")
    use, ended = law.document.facts[move.by].from_, law.document.registers[move.register].ended
    where = use.counting.where if use is not None else None
    return {
        "happens": ("begins to count", "开始计入"),
        "known": ("becomes known", "开始为监管部门所知"),
        "ended": (f"ends, as `{ended}` says", f"按`{ended}`终止"),
        "lapses": (f"lapses after {span}", f"满{span_zh}自动失效"),
        "leaves": (f"leaves the window of {span}", f"移出{span_zh}的统计期间"),
        "weighs": (f"is older than {span} and weighs otherwise", f"满{span_zh}，权重改变"),
        "meets": (f"begins to meet `{where}`", f"开始符合`{where}`"),
        "misses": (f"no longer meets `{where}`", f"不再符合`{where}`"),
    }[move.kind]


def of_time(before: Decision, after: Decision, rules: Sequence[Rule], moved: Iterable[str]) -> tuple[Cause, ...]:
    """The facts, given or counted in days, that turn a rule only because days pass: no fact behind it has moved."""
    found: dict[tuple[str, ...], Cause] = {}
    seen = set(moved)
    for rule in sorted(rules, key=lambda rule: not rule.parts):  # a rule that says its condition tells more than one that does not
        for expr, text, holds in turned(before, after, rule):
            specs = timed(after, expr)
            names = tuple(spec.name for spec in specs)
            if seen & {spec.name for spec in facts_behind(after.program, expr)} or (text is None and not names):
                continue
            seen |= set(names)
            found.setdefault(names or (str(text),), Cause("time", time_words(after, specs, text, holds), names))
    return tuple(found.values())


def turned(before: Decision, after: Decision, rule: Rule) -> Iterator[tuple[Expr, str | None, bool]]:
    """The conditions of a rule that turned, each with its text and whether it holds now; of a rule without any, what it rests on."""
    if rule.parts:
        for part in rule.parts:
            was, holds = (bool(evaluate(part.expr, one.trace, one.days)) for one in (before, after))
            if was != holds:
                yield part.expr, part.text, holds
        return
    step = rule.holds_step or rule.points_step
    if step is not None:
        yield Column(step), None, True


def timed(decision: Decision, expr: Expr) -> tuple[FactSpec, ...]:
    """The facts behind an expression that are days, or count them."""
    facts = decision.law.document.facts
    return tuple(
        spec
        for spec in facts_behind(decision.program, expr)
        if spec.type == "date" or (spec.name in facts and (use := facts[spec.name].from_) is not None and use.kind == "days_since")
    )


def time_words(decision: Decision, specs: Sequence[FactSpec], text: str | None, holds: bool) -> Words:
    values = [(spec, fact_value(spec, decision.trace[f"fact.{spec.name}"])) for spec in specs if spec.name not in decision.unknown]

    def said(lang: str, colon: str) -> str:
        return "; ".join(f"{spec.label.say(lang) if spec.label else spec.name}{colon}{value}" for spec, value in values)

    if text is None:
        return Words(en=f"time passes: {said('en', ' ')}", zh=f"时间推移：{said('zh', ' ')}")
    en, zh = (f"`{text}` now holds", f"`{text}`开始成立") if holds else (f"`{text}` no longer holds", f"`{text}`不再成立")
    return Words(en=f"{said('en', ': ')}: {en}" if values else en, zh=f"{said('zh', '：')}：{zh}" if values else zh)
