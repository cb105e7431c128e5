"""A decision as a card for a terminal, a pipe or a picture: what came out, what decided it, and what would change it.

Everything on the card is in the decision; nothing is worked out here but its words. Sources are numbered in the order in
which they are first cited, and a value that is not law is marked wherever it stands.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from html import unescape
from typing import TYPE_CHECKING

from ..decision.decision import citations_of
from ..problems import Place, one_problem
from ..words import listed, pick
from .tables import BASES, SEEN, Scale, add, colour_of, grants_words, inspection_words, number, panel, plain_table, text_words, value_words

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from rich.table import Table
    from rich.text import Text

    from ..decision import Citation, Decision, RefusedPath, ServicePath, WhyNot
    from ..rulebook.parts import Words

__all__ = ["card", "picture"]

WIDE = 104  # from this many columns on, rule ids have a column of their own
LEVELS = {"alert": ("▲ alert", "▲ 警报", "bold red"), "warning": ("△ warning", "△ 预警", "yellow"), "info": ("· info", "· 提示", "")}


def card(decision: Decision, lang: str = "en") -> list[RenderableType]:
    """The parts of the card, from top to bottom, in English (`en`) or Chinese (`zh`)."""
    made = Card(decision, lang)
    builders = (
        made.head, made.decided, made.points, made.reasons, made.inspection, made.outcomes, made.service, made.warnings,
        made.why_not, made.lift, made.facts, made.sources,
    )  # fmt: skip
    return [part for build in builders if (part := build()) is not None]


def picture(decision: Decision, path: Path, lang: str = "en", width: int = 100) -> None:
    """Save the card as an SVG picture. Raises `ProblemError` where the file cannot be written."""
    from rich.console import Console

    console = Console(record=True, width=width, file=io.StringIO(), force_terminal=True, color_system="truecolor", highlight=False)
    console.print(*card(decision, lang), sep="\n")
    svg = console.export_svg(title=f"regengine explain {decision.rulebook}")
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)  # fonts from the web: a picture needs no network
    # rich gives each character one cell of length where Chinese ones take two
    svg = re.sub(r'(<text [^>]*?textLength=")([0-9.]+)("[^>]*>)([^<]*)', stretched, svg)
    try:
        path.write_text(svg, encoding="utf-8")
    except OSError as error:
        raise one_problem("output-failed", f"cannot write the picture: {error.strerror or error}", place=Place(str(path))) from None


def stretched(found: re.Match[str]) -> str:
    from rich.cells import cell_len

    text = unescape(found[4])
    return f"{found[1]}{float(found[2]) * cell_len(text) / len(text):g}{found[3]}{found[4]}"


@dataclass(frozen=True, slots=True)
class Reasons:
    """The reasons as a table; rule ids stand in their own column where there is room, else under their text."""

    headings: tuple[str, str, str, str]
    rows: tuple[tuple[Text, str, str, Text], ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.text import Text

        wide = options.max_width >= WIDE
        effect, text, rule, source = self.headings
        made = plain_table(effect, text, *([rule] if wide else []), source, expand=True)
        made.columns[0].justify, made.columns[0].no_wrap, made.columns[1].ratio, made.columns[-1].no_wrap = "right", True, 1, True
        for gives, words, name, basis in self.rows:
            cells = (Text(words), Text(name, "dim")) if wide else (Text.assemble(words, "\n", (name, "dim")),)
            add(made, gives, *cells, basis)
        yield made


@dataclass(slots=True)
class Card:
    """The parts of one card; each is None where the decision has nothing to say there."""

    decision: Decision
    lang: str
    cited: dict[str, int] = field(default_factory=dict)

    # words

    def say(self, en: str, zh: str) -> str:
        return zh if self.lang == "zh" else en

    def listed(self, words: Iterable[str]) -> str:
        return listed(words, self.lang)

    def fact(self, name: str) -> str:
        label: Words | None = next(spec.label for spec in self.decision.program.facts if spec.name == name)
        return label.say(self.lang) if label else name

    def refs(self, citations: Iterable[Citation]) -> str:
        """The numbers of the cited sources, with the article where one is named."""
        made = []
        for one in citations:
            mark = f"[{self.cited.setdefault(one.source, len(self.cited) + 1)}]"
            made.append(f"{mark} {one.article}" if one.article else mark)
        return " ".join(made)

    def basis(self, kind: str, citations: Iterable[Citation]) -> Text:
        """Where a value comes from: its sources, and the mark of what is not published."""
        from rich.text import Text

        refs = self.refs(citations)
        return Text(refs) if kind == "published" else Text(f"{pick(BASES[kind], self.lang)} {refs}".rstrip(), "yellow")

    def grade(self, name: str) -> Text:
        from rich.text import Text

        return Text(name, style=f"bold {colour_of(name, self.decision.order)}")

    def pairs(self, rows: Iterable[tuple[str | Text, str | Text]]) -> Table:
        """Names and values side by side."""
        from rich.table import Table

        made = Table.grid(padding=(0, 2), expand=True)
        made.add_column(no_wrap=True, style="dim")
        made.add_column(ratio=1, overflow="fold")
        for name, value in rows:
            add(made, name, value)
        return made

    # what came out

    def head(self) -> RenderableType:
        from rich import box
        from rich.align import Align
        from rich.console import Group
        from rich.panel import Panel
        from rich.table import Table
        from rich.text import Text

        decision, document, say = self.decision, self.decision.law.document, self.say
        colour, label = colour_of(decision.grade, decision.order), document.grades.labels.get(decision.grade)
        lines = [Text(decision.grade, style="bold", justify="center")] + ([Text(label.say(self.lang), justify="center")] if label else [])
        badge = Panel(Align.center(Group(*lines)), box=box.HEAVY, style=f"{'white' if colour == 'red' else 'black'} on {colour}", padding=(1, 2), width=24)
        score, kind = decision.score, decision.law.score
        rows: list[tuple[str | Text, str | Text]] = [(say("Enterprise", "企业"), Text(decision.enterprise or "–", style="bold"))]
        if score is not None and kind is not None and document.score is not None:
            worse = say(f"{document.score.worse} is worse", "越高风险越大" if document.score.worse == "higher" else "越低越差")
            span = say(f" ({number(kind.low)} to {number(kind.high)}, {worse})", f"（{number(kind.low)}至{number(kind.high)}，{worse}）")
            rows.append((say("Score", "得分"), Text.assemble((number(score), "bold"), (span, "dim"))))
        rows += [
            (say("Law of", "适用法规"), str(decision.law_at)),
            (say("Facts of", "事实截至"), str(decision.as_of)),
            (say("Rulebook", "规则集"), say(f"{decision.rulebook}, edition {decision.edition}", f"{decision.rulebook}，第{decision.edition}版")),
            (say("Digest", "摘要"), Text(decision.digest[:16], style="dim")),
            (say("Audience", "使用范围"), say(*{"internal": ("internal use only", "内部使用"), "public": ("public", "可公开")}[document.audience])),
        ]
        made = Table.grid(padding=(0, 2), expand=True)
        made.add_column(width=24)
        made.add_column(ratio=1)
        made.add_row(badge, self.pairs(rows))
        notice = [Text(document.notice.say(self.lang), style="italic")] if document.notice else []
        return panel(document.title.say(self.lang), Group(made, *notice))

    def decided(self) -> RenderableType:
        from rich.text import Text

        decision, say = self.decision, self.say
        reason = next(one for one in decision.reasons if one.rule == decision.graded_by)
        cites = "; ".join(f"{self.refs([one]).split(' ')[0]} {one}" for one in reason.citations)
        source = Text.assemble(cites, "  " if cites else "", "" if reason.basis == "published" else self.basis(reason.basis, ()))
        steps = self.steps()
        first = say("by the score", "由得分评定") if decision.law.score is not None else say("by the grade table", "由等级表评定")
        story = Text.assemble(self.grade(decision.grade_before), " ", first)
        for one in decision.reasons:
            before, after = steps.get(one.rule, ("", ""))
            if before != after:
                story.append_text(Text.assemble(" → ", self.grade(after), say(f" by “{one.text('en')}”", f" 因“{one.text('zh')}”")))
        held = [one.text(self.lang) for one in decision.reasons if one.rule in steps and len(set(steps[one.rule])) == 1]
        rows: list[tuple[str | Text, str | Text]] = [
            (say("Rule", "规则"), Text.assemble((reason.text(self.lang), "bold"), "  ", (reason.rule, "dim"))),
            (say("Source", "依据"), source),
            (say("Steps", "过程"), story),
        ]
        if held:
            rows.append((say("No change by", "未改变等级"), self.listed(held)))
        return panel(say("What decided", "评定依据"), self.pairs(rows))

    def steps(self) -> dict[str, tuple[str, str]]:
        """The grade before and after each adjustment that held, by rule."""
        decision = self.decision
        ranks = [decision.order[decision.trace.number(step)] for step in decision.program.grade_steps]
        held = {one.rule for one in decision.reasons if one.table == "adjust"}
        every = zip(decision.law.document.adjust, ranks, ranks[1:], strict=False)
        return {rule: (before, after) for adjust, before, after in every if (rule := f"adjust.{adjust.id}") in held}

    # the points

    def points(self) -> RenderableType | None:
        from rich.bar import Bar
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        decision, law = self.decision, self.decision.law
        parts: list[RenderableType] = []
        kind, bands, score = law.score, law.document.grades.bands, decision.score
        if kind is not None and bands is not None and score is not None and kind.low < kind.high:
            spans = {grade: span for grade, band in bands.items() if (span := band.within(kind.places, kind.low, kind.high))}
            firsts = sorted(((grade, Fraction(first, 10**kind.places)) for grade, (first, _) in spans.items()), key=lambda pair: pair[1])
            parts.append(Scale(tuple(firsts), kind.high, Fraction(score), decision.order))
        if decision.families:
            made = Table.grid(padding=(0, 2), expand=True)
            for ratio, justify in ((None, "left"), (1, "left"), (None, "right")):
                made.add_column(ratio=ratio, justify=justify, no_wrap=True)  # type: ignore[arg-type]
            for name, points in decision.families.items():
                family = law.document.indicators[name]
                most = family.at_most
                bar = Bar(float(most), 0, float(points), color="cyan") if most and points >= 0 else Text()
                made.add_row(Text(family.label.say(self.lang) if family.label else name), bar, Text(number(points) + (f" / {number(most)}" if most else "")))
            parts += [Text(), made] if parts else [made]
        return panel(self.say("Points", "得分构成"), Group(*parts)) if parts else None

    def reasons(self) -> RenderableType:
        from rich.text import Text

        decision, say, steps = self.decision, self.say, self.steps()
        rows: list[tuple[Text, str, str, Text]] = []
        for one in decision.reasons:
            if one.points is not None:
                gives = Text(f"+{number(one.points)}" if one.points > 0 else number(one.points))
            elif one.rule in steps:
                before, after = steps[one.rule]
                gives = Text.assemble(self.grade(before), " → ", self.grade(after)) if before != after else Text("=", style="dim")
            else:
                gives = self.grade(decision.grade_before)
            rows.append((gives, one.text(self.lang), one.rule, self.basis(one.basis, one.citations)))
        headings = (say("Effect", "作用"), say("Reason", "理由"), say("Rule", "规则"), say("Source", "依据"))
        return panel(say(f"Reasons ({len(rows)})", f"全部理由（{len(rows)}）"), Reasons(headings, tuple(rows)))

    # what it brings

    def inspection(self) -> RenderableType | None:
        found, table, say = self.decision.inspection, self.decision.law.document.inspection, self.say
        if found is None or table is None:
            return None
        label = next(rule.label for rule in self.decision.rules if rule.id == found.rule)
        rows: list[tuple[str | Text, str | Text]] = [
            (say("Outcome", "监管措施"), f"{label.say(self.lang)} {self.refs(found.citations)}".rstrip()),
            *inspection_words(found, self.lang),
        ]
        if found.initiative == "on_trigger" and table.triggers:
            rows.append((say("Triggers", "触发线索"), self.listed(one.label.say(self.lang) for one in table.triggers)))
        return panel(say("Inspection", "监督检查"), self.pairs(rows))

    def outcomes(self) -> RenderableType | None:
        rules = {rule.id.partition(".")[0]: rule for rule in self.decision.rules if rule.table == "outcome"}
        rows: list[tuple[str | Text, str | Text]] = []
        for name, table in self.decision.law.document.outcomes.items():
            values = sorted((key, value) for key, value in self.decision.outcome(name).items() if value is not None)
            text = self.listed(f"{key.replace('_', ' ')} {text_words(value, self.lang)}" for key, value in values)
            refs = self.refs(citations_of(self.decision.law, rules[name].basis.cites)) if name in rules else ""
            rows.append((table.label.say(self.lang) if table.label else name, f"{text or '–'} {refs}".rstrip()))
        return panel(self.say("Further outcomes", "其他后果"), self.pairs(rows)) if rows else None

    def service(self) -> RenderableType | None:
        from rich.text import Text

        found, say = self.decision.service, self.say
        if not found.offered and not found.refused:
            return None
        made = plain_table("", say("Path", "路径"), say("Source", "依据"), expand=True)
        made.columns[0].no_wrap, made.columns[1].ratio, made.columns[2].no_wrap = True, 1, True
        bases = {rule.id: rule.basis.kind for rule in self.decision.program.rules if rule.table == "service"}
        paths: list[tuple[Text, ServicePath | RefusedPath, str]] = []
        for path in found.offered:
            mark = Text(say("▶ taken", "▶ 适用"), "bold green") if path is found.path else Text(say("✓ open", "✓ 可选"), "green")
            paths.append((mark, path, grants_words(path.grants, self.lang)))
        for closed in found.refused:
            paths.append((Text(say("✗ closed", "✗ 不可选"), "red"), closed, say("not met: ", "未满足：") + "; ".join(closed.failed)))
        for mark, one, text in paths:
            name = one.words.say(self.lang)
            cell = Text.assemble((name, "bold"), (f"  {one.id}" if one.id != name else "", "dim"), "\n" if text else "", text)
            add(made, mark, cell, self.basis(bases[f"service.{one.id}"], one.citations))
        return panel(say("Service paths", "服务路径"), made)

    def warnings(self) -> RenderableType | None:
        from rich.text import Text

        rows = [
            (Text(pick(LEVELS[one.level][:2], self.lang), LEVELS[one.level][2]), f"{one.message.say(self.lang)} {self.refs(one.citations)}".rstrip())
            for one in self.decision.warnings
        ]
        return panel(self.say("Early warnings", "风险预警"), self.pairs(rows)) if rows else None

    # what would change it

    def why_not(self) -> RenderableType | None:
        from rich.text import Text

        found, say = self.decision.why_not(), self.say
        if not found:
            return None
        made = plain_table(say("Grade", "等级"), say("What stands in its way", "障碍"), say("Source", "依据"), expand=True)
        made.columns[1].ratio, made.columns[2].no_wrap = 1, True
        alike: dict[tuple[tuple[str, str], ...], list[WhyNot]] = {}
        for one in found:
            alike.setdefault(tuple((obstacle.rule, obstacle.text()) for obstacle in one.obstacles), []).append(one)
        for same in alike.values():
            grades = Text(", ").join(self.grade(one.grade) for one in same)
            for index, obstacle in enumerate(same[0].obstacles):
                facts = self.listed(f"{self.fact(name)}: {value_words(value, self.lang)}" for name, value in obstacle.facts.items() if value is not True)
                words = Text.assemble(obstacle.text(self.lang), (f"\n{facts}" if facts else "", "dim"))
                add(made, grades if index == 0 else "", words, self.refs(obstacle.citations))
        return panel(say("Why not better", "为何未评为更高等级"), made)

    def lift(self) -> RenderableType | None:
        from rich.text import Text

        decision, say = self.decision, self.say
        if decision.grade == decision.order[0]:
            return None
        found = decision.nearest_better()
        if found.grade is None:
            words = Text(say("No change of what the enterprise can change was found to lift the grade.", "未找到企业可自行改变、且能提高等级的事实变化。"))
        else:
            words = Text.assemble(say("It would be ", "改变以下事实后将评为"), self.grade(found.grade), say(" with:", "："))
            for one in found.changes:
                unit = f" {one.unit}" if one.unit else ""
                words.append_text(
                    Text.assemble(
                        f"\n  {self.fact(one.fact)}",
                        say(": ", "："),
                        f"{value_words(one.now, self.lang)} → ",
                        (value_words(one.needed, self.lang) + unit, "bold"),
                    )
                )
        return panel(say("What would lift it", "如何提高等级"), Text.assemble(words, "\n", (found.bound(self.lang), "dim")))

    # what it rests on

    def facts(self) -> RenderableType | None:
        decision, say = self.decision, self.say
        rows: list[tuple[str | Text, str | Text]] = []
        if decision.unknown:
            rows.append((say("Unknown", "未知"), say("; ", "；").join(map(self.fact, decision.unknown))))
        values: dict[str, list[str]] = {}
        for name in decision.filled:
            values.setdefault(value_words(decision.facts[name], self.lang), []).append(self.fact(name))
        rows += [(say(f"Taken as {value}", f"视为“{value}”"), say("; ", "；").join(names)) for value, names in values.items()]
        title = say(f"Facts without a value ({len(decision.filled) + len(decision.unknown)})", f"缺失的事实（{len(decision.filled) + len(decision.unknown)}）")
        return panel(title, self.pairs(rows)) if rows else None

    def sources(self) -> RenderableType | None:
        from rich.text import Text

        rows: list[tuple[str | Text, str | Text]] = []
        for name, at in self.cited.items():
            source = self.decision.law.document.sources[name]
            title = f" {source.title.say(self.lang)}" if source.title else ""
            seen = pick(SEEN[source.seen], self.lang)
            rows.append((f"[{at}]", Text.assemble(source.instrument, title, (self.say(f" (seen: {seen})", f"（所见：{seen}）"), "dim"))))
        if any(one.basis == "illustrative" for one in self.decision.reasons):
            rows.append(("◇", self.say("illustrative: a value that stands in where no law gives one", "示例：法规未给出数值时代用的数值")))
        return panel(self.say("Sources", "依据来源"), self.pairs(rows)) if rows else None
