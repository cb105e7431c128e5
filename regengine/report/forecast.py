"""A forecast for people: the days on which the grade will change, what is behind each, and which rules then hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..forecast import ASSUMED
from ..words import listed, pick
from .card import Card
from .tables import SEEN, add, number, panel, plain_table

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from ..decision import Citation, Reason
    from ..forecast import Change, Forecast

__all__ = ["forecast_parts"]

MADE = ("points", "grade", "adjust")  # the tables of rules that make a grade; the others follow from it
MOST = 4  # causes of one day, or facts, that are named


def forecast_parts(found: Forecast, lang: str = "en") -> list[RenderableType]:
    """The parts of the report, from top to bottom, in English (`en`) or Chinese (`zh`)."""
    return View(found, lang).parts()


class View:
    """One forecast in one language; sources are numbered as on a card, in the order in which they are first cited."""

    def __init__(self, found: Forecast, lang: str) -> None:
        self.found, self.lang, self.card = found, lang, Card(found.now, lang)
        self.citations: dict[str, Citation] = {}

    def parts(self) -> list[RenderableType]:
        parts = [self.head(), self.changes(), self.notes(), self.sources()]
        return [part for part in parts if part is not None]

    def head(self) -> RenderableType:
        from rich.text import Text

        now, found, say = self.found.now, self.found, self.card.say
        label = now.law.document.grades.labels.get(now.grade)
        law = str(found.law_at) if found.law_at else say("that of each day", "各日施行的文本")
        rows: list[tuple[str | Text, str | Text]] = [
            (say("Enterprise", "企业"), Text(now.enterprise or "–", style="bold")),
            (say("Grade now", "当前等级"), Text.assemble(self.card.grade(now.grade), f"  {label.say(self.lang)}" if label else "")),
            (say("Facts of", "事实截至"), str(now.as_of)),
            (say("Forecast until", "预测至"), str(found.until)),
            (say("Law", "适用法规"), law),
            (say("Rulebook", "规则集"), say(f"{now.rulebook}, edition {now.edition}", f"{now.rulebook}，第{now.edition}版")),
        ]
        return panel(now.law.document.title.say(self.lang), self.card.pairs(rows))

    def changes(self) -> RenderableType:
        from rich.text import Text

        found, say = self.found, self.card.say
        if not found.changes:
            return panel(say("No change of the grade", "等级不变"), Text(say("The grade stays as it is until then.", "至该日等级不变。")))
        made = plain_table(say("From", "自"), say("Grade", "等级"), say("Why (− ends, + begins)", "原因（− 终止，+ 开始）"), say("Source", "依据"), expand=True)
        made.columns[0].no_wrap = made.columns[1].no_wrap = made.columns[3].no_wrap = True
        made.columns[2].ratio = 1
        for index, change in enumerate(found.changes):
            if index:
                made.add_row()
            grades = Text.assemble(self.grade(change.before), " → ", self.grade(change.after))
            for line, (words, source) in enumerate(self.why(change)):
                add(made, *((str(change.day), grades) if line == 0 else ("", "")), words, source)
        return panel(say(f"Changes of the grade ({len(found.changes)})", f"等级变化（{len(found.changes)}）"), made)

    def grade(self, name: str | None) -> Text:
        """A grade; a later law may know others than the present one."""
        from rich.text import Text

        if name is None:
            return Text(self.card.say("not graded", "不评级"), style="bold")
        return self.card.grade(name) if name in self.found.now.order else Text(name, style="bold")

    def why(self, change: Change) -> Iterable[tuple[Text, str | Text]]:
        """A line for each cause, then for each rule that ends or begins to hold, each with its source."""
        from rich.text import Text

        say = self.card.say
        for cause in change.causes[:MOST]:
            yield Text(cause.text(self.lang)), self.basis(cause.basis or "published", cause.citations)
        if len(change.causes) > MOST:
            yield Text(say(f"and {len(change.causes) - MOST} more", f"另有{len(change.causes) - MOST}项")), ""
        if change.after is None:
            for problem in change.problems:
                field = f"`{problem.place.field}`: " if problem.place.field else ""
                yield Text(f"{field}{problem.message} [{problem.code}]", style="yellow"), ""
            return
        for mark, style, reasons in (("−", "dim", change.ended), ("+", "", change.began)):
            for reason in reasons:
                if reason.table in MADE:
                    yield self.rule(mark, style, reason), self.basis(reason.basis, reason.citations)

    def rule(self, mark: str, style: str, reason: Reason) -> Text:
        from rich.text import Text

        points = "" if reason.points is None else self.card.say(f" ({number(reason.points)} points)", f"（{number(reason.points)}分）")
        return Text.assemble((f"{mark} {reason.text(self.lang)}{points}", style), (f"  {reason.rule}", "dim"))

    def basis(self, kind: str, citations: Iterable[Citation]) -> Text:
        cited = tuple(citations)
        self.citations |= {one.source: one for one in cited}
        return self.card.basis(kind, cited)

    def notes(self) -> RenderableType:
        from rich.text import Text

        found, say = self.found, self.card.say
        lines = [Text(ASSUMED.say(self.lang))]
        if found.fixed:
            count = len(found.fixed)
            names = listed(map(self.card.fact, found.fixed[:MOST]), self.lang) + (say(", …", "等") if count > MOST else "")
            text = say(
                f"{count} {'fact' if count == 1 else 'facts'} of registers were given as values and do not move here ({names}); with --register they do.",
                f"{count}项由登记簿得出的事实作为数值给出，此处不变动（{names}）；以--register提供登记簿后方可推算。",
            )
            lines.append(Text(text, style="yellow"))
        for name, reasons in found.rejected.items():
            told = listed((f"{reason} ({count})" for reason, count in reasons.items()), self.lang)
            lines.append(
                Text(
                    say(f"Entries of `{name}` that could not be read and do not count: {told}.", f"`{name}`中无法读取而未计入的记录：{told}。"), style="yellow"
                )
            )
        if found.others:
            count = len(found.others)
            text = say(
                f"On {count} more {'day' if count == 1 else 'days'} facts or other rules change and the grade does not (--format json has them).",
                f"另有{count}日事实或其他规则变化而等级不变（见 --format json）。",
            )
            lines.append(Text(text))
        return panel(say("If nothing new happens", "若无新情况"), Text("\n").join(lines))

    def sources(self) -> RenderableType | None:
        from rich.text import Text

        rows: list[tuple[str | Text, str | Text]] = []
        for name, at in self.card.cited.items():
            one = self.citations[name]
            seen = pick(SEEN[one.seen], self.lang)
            rows.append((f"[{at}]", Text.assemble(one.instrument, (self.card.say(f" (seen: {seen})", f"（所见：{seen}）"), "dim"))))
        return panel(self.card.say("Sources", "依据来源"), self.card.pairs(rows)) if rows else None
