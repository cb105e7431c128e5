"""`regengine rules`: the shipped rulebooks in a list, and one rulebook in full, as readable tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, TypeVar

import click

from .check import leave, load_all
from .common import Day, format_option, lang_option, show

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from ..book import Book
    from ..program.program import Rule
    from ..rulebook.model import Adjust
    from ..rulebook.outcomes import Inspection
    from ..rulebook.parts import Form, Words

__all__ = ["command"]

Found = TypeVar("Found")


@click.group("rules")
def command() -> None:
    """List the shipped rulebooks and show any rulebook in full."""


@command.command("list")
@lang_option
@format_option
def list_rules(lang: str, form: str) -> None:
    """List the shipped rulebooks: time in force, grades, facts, and how much of each is published law."""
    books, faults = load_all(())

    def table() -> RenderableType:
        from ..report.tables import rulebook_table

        return rulebook_table([book.law for book in books.values()], lang)

    show(form, lambda: [summary(book) for book in books.values()], table)
    leave(faults)


@command.command("show")
@click.argument("rulebook")
@click.option("--law-at", type=Day(), help="The day of the law.  [default: the latest]")
@lang_option
@format_option
def show_rules(rulebook: str, law_at: dt.date | None, lang: str, form: str) -> None:
    """Show RULEBOOK: its sources, facts, indicators with their points, grades, adjustments, and what a grade brings.

    RULEBOOK is the id of a shipped rulebook or a .yaml file.
    """
    from ..book import load

    book = load(rulebook)
    if law_at is not None:
        book = book.at(law_at)
    show(form, lambda: in_full(book), lambda: Shown(book, lang).parts())


def summary(book: Book) -> dict[str, object]:
    """A rulebook of the list, as plain data."""
    document = book.law.document
    written = {key: plain(getattr(document, key)) for key in ("title", "edition", "in_force", "audience")}
    return {"id": book.id, **written, "grades": plain(document.grades.order), "facts": len(book.facts), "balance": book.law.balance}


def in_full(book: Book) -> dict[str, object]:
    """A rulebook as plain data: what identifies it, then the keys of its file with every dated value resolved."""
    law = book.law
    head = {"digest": law.digest, "law_since": str(law.since), "changes_on": [str(day) for day in book.rulebook.change_days], "balance": law.balance}
    return {**head, **{key: value for key, value in as_written(law.document).items() if key != "tests"}}


def as_written(part: Form) -> dict[str, object]:
    """A part of a rulebook under the keys of its file, without those that were left out."""
    from ..rulebook.outcomes import OutcomeRow

    made: dict[str, object] = {}
    for name, field in type(part).model_fields.items():
        value = getattr(part, name)
        if isinstance(part, OutcomeRow) and name == "values":
            made |= {key: plain(one) for key, one in value.items()}
        elif value not in (None, [], {}):
            made[field.alias or name] = plain(value)
    return made


def plain(value: object) -> object:
    """Any value of a rulebook as JSON data, written as in its file."""
    from ..decision.decision import ratio_text
    from ..rulebook.parts import Form
    from ..rulebook.values import Interval, Span

    match value:
        case Form():
            return as_written(value)
        case dict():
            return {str(key): plain(below) for key, below in value.items()}
        case list():
            return [plain(below) for below in value]
        case Decimal():
            return int(value) if value == int(value) else float(value)
        case Fraction():
            return ratio_text(value)
        case Interval():
            return value.text
        case dt.date() | Span():
            return str(value)
        case _:
            return value


class Shown:
    """A rulebook for people, section by section in the order in which they are evaluated."""

    def __init__(self, book: Book, lang: str) -> None:
        self.book, self.lang, self.law, self.document = book, lang, book.law, book.law.document
        self.rules = {rule.id: rule for rule in book.program.rules}

    def say(self, en: str, zh: str) -> str:
        return zh if self.lang == "zh" else en

    def parts(self) -> list[RenderableType]:
        """Every section that the rulebook has."""
        from ..report.tables import bands_table, facts_table, panel, sources_table

        document, say = self.document, self.say
        made: list[RenderableType] = [panel(document.title.say(self.lang), self.rows(self.head()))]
        if document.sources:
            made.append(panel(say("Sources", "依据来源"), sources_table(self.law, self.lang)))
        made.append(panel(say(f"Facts ({len(self.book.facts)})", f"事实（{len(self.book.facts)}）"), facts_table(self.law, self.lang)))
        if document.terms:
            made.append(panel(say("Terms", "推算值"), self.rows(document.terms.items())))
        made += [self.family(name) for name in document.indicators]
        if document.score is not None:
            low, high = map(self.number, document.score.between)
            worse = say(f"{document.score.worse} is worse", "越高越差" if document.score.worse == "higher" else "越低越差")
            made.append(
                panel(say("Score", "得分"), self.rows([(document.score.is_, f"{low} – {high}, {worse}" if self.lang == "en" else f"{low}至{high}，{worse}")]))
            )
        made.append(panel(say("Grades", "等级"), bands_table(self.law, self.lang)))
        made += [self.table(title, say("brings", "结果"), rows) for title, rows in self.sections() if rows]
        if document.inspection is not None and (wide := self.inspection_wide(document.inspection)):
            made.append(panel(say("All inspections", "检查通则"), self.rows(wide)))
        return made

    def rows(self, rows: Iterable[tuple[str, str]]) -> Table:
        """Names and values side by side."""
        from rich.table import Table

        from ..report.tables import add

        made = Table.grid(padding=(0, 2))
        for row in rows:
            add(made, *row)
        return made

    def table(self, title: str, brings: str, rows: Iterable[tuple[Rule, str]]) -> RenderableType:
        """Rules with their condition under their text, what each brings, and its source."""
        from rich.text import Text

        from ..report.tables import add, panel, plain_table

        made = plain_table(self.say("rule", "规则"), brings, self.say("source", "依据"), expand=True)
        made.columns[0].ratio, made.columns[1].ratio = 3, 2
        for rule, text in rows:
            when = rule.condition or self.say("otherwise", "其他情形")
            add(made, Text.assemble(rule.label.say(self.lang), "\n", (f"{rule.id}: {when}", "dim")), text, self.source(rule))
        return panel(title, made)

    def number(self, exact: Decimal | Fraction) -> str:
        from ..report.tables import number

        return number(exact)

    def source(self, rule: Rule) -> str:
        """Where a rule comes from, by the names of the sources."""
        from ..report.tables import BASES, pick

        mark = "" if rule.basis.kind == "published" else pick(BASES[rule.basis.kind], self.lang)
        return ", ".join([*([mark] if mark else []), *rule.basis.cites])

    def head(self) -> list[tuple[str, str]]:
        from ..report.tables import BASES, in_force, listed, pick

        document, say = self.document, self.say
        days = ", ".join(str(day) for day in self.book.rulebook.change_days)
        made = [
            (say("Id", "标识"), say(f"{document.rulebook}, edition {document.edition}", f"{document.rulebook}，第{document.edition}版")),
            (say("Authority", "制定机关"), document.authority.say(self.lang)),
            (say("In force", "施行"), in_force(self.law) + (say(f"; the text changes on {days}", f"；文本变更日：{days}") if "," in days else "")),
            (say("Audience", "使用范围"), say(*{"internal": ("internal use only", "内部使用"), "public": ("public", "可公开")}[document.audience])),
        ]
        if document.notice:
            made.append((say("Notice", "说明"), document.notice.say(self.lang)))
        counts = [(self.law.balance[kind], pick(BASES[kind], self.lang)) for kind in BASES]
        made.append((say("Values", "数值"), listed((f"{count} {kind}" for count, kind in counts), self.lang)))
        return [*made, (say("Digest", "摘要"), self.law.digest)]

    def family(self, name: str) -> RenderableType:
        """The points that a family's items give; rows that give none are left out."""
        family, say = self.document.indicators[name], self.say
        rows: list[tuple[Rule, str]] = []
        for rule in self.book.program.rules:
            if rule.table != "points" or not rule.id.startswith(f"{name}.") or rule.gives == 0:
                continue
            each = family.items[rule.id.split(".")[1]].each
            if each is None:
                points = self.number(Fraction(rule.gives or 0, 10**self.law.point_places))
            else:
                edges = [f"{sign} {self.number(edge)}" for sign, edge in (("≥", each.at_least), ("≤", each.at_most)) if edge is not None]
                points = ", ".join([f"{self.number(each.give)} × {each.of}", *edges])
            rows.append((rule, points))
        kind = {"sum": ("sum", "合计"), "max": ("the largest", "取最大"), "min": ("the least", "取最小")}[family.total]
        edges = [
            say(en, zh) + self.number(edge)
            for en, zh, edge in (("at least ", "不低于", family.at_least), ("at most ", "不超过", family.at_most))
            if edge is not None
        ]
        label = family.label.say(self.lang) if family.label else name
        return self.table(f"{label} · {say('; ', '；').join([say(*kind), *edges])}", say("points", "分值"), rows)

    def sections(self) -> list[tuple[str, list[tuple[Rule, str]]]]:
        """The sections that are tables of rules, each rule with what it brings."""
        from ..report.tables import grants_words, inspection_words, listed, text_words

        document, say, lang = self.document, self.say, self.lang
        of = {table: [rule for rule in self.rules.values() if rule.table == table] for table in ("adjust", "inspection", "service", "outcome", "warning")}
        brings = {f"adjust.{one.id}": self.effect(one) for one in document.adjust}
        if document.inspection is not None:
            by_rule = zip(of["inspection"], in_order(document.inspection.by_grade, document.inspection.rows, document.grades.order), strict=True)
            brings |= {rule.id: "\n".join(f"{name}{say(': ', '：')}{text}" for name, text in inspection_words(one, lang)) for rule, one in by_rule}
        if document.service is not None:
            for path in document.service.paths:
                grants = grants_words(path.grants.model_dump(exclude_none=True), lang) if path.grants else ""
                matters = [(say("open to ", "适用于"), path.open_to), (say("closed to ", "不适用于"), path.closed_to)]
                brings[f"service.{path.id}"] = "\n".join(
                    [*([grants] if grants else []), *(mark + listed(map(self.matter, names), lang) for mark, names in matters if names)]
                )
        outcomes = [one for table in document.outcomes.values() for one in in_order(table.by_grade, table.rows, document.grades.order)]
        for rule, one in zip(of["outcome"], outcomes, strict=True):
            brings[rule.id] = listed((f"{key.replace('_', ' ')} {text_words(value, lang)}" for key, value in one.values.items()), lang)
        brings |= {f"warnings.{one.id}": one.level for one in document.warnings}
        titles = {
            "adjust": say("Adjustments", "等级调整"), "inspection": say("Inspection", "监督检查"), "service": say("Service paths", "服务路径"),
            "outcome": say("Further outcomes", "其他后果"), "warning": say("Early warnings", "风险预警"),
        }  # fmt: skip
        return [(titles[table], [(rule, brings[rule.id]) for rule in rules]) for table, rules in of.items()]

    def matter(self, name: str) -> str:
        matter = self.document.service.matters.get(name) if self.document.service else None
        return matter.label.say(self.lang) if matter and matter.label else name

    def effect(self, rule: Adjust) -> str:
        """What an adjustment does to the grade."""
        stop = self.say(f", not past {rule.stop_at}", f"，止于{rule.stop_at}") if rule.stop_at else ""
        if rule.grade is not None:
            text = self.say(f"grade {rule.grade}", f"定为{rule.grade}")
        elif rule.at_best is not None:
            text = self.say(f"{rule.at_best} at best", f"不高于{rule.at_best}")
        elif rule.at_worst is not None:
            text = self.say(f"{rule.at_worst} at worst", f"不低于{rule.at_worst}")
        elif rule.worse_by is not None:
            text = self.say(f"{rule.worse_by} worse{stop}", f"降{rule.worse_by}级{stop}")
        else:
            text = self.say(f"{rule.better_by} better{stop}", f"升{rule.better_by}级{stop}")
        return text + (self.say(", and no later one", "，其后不再调整") if rule.final else "")

    def inspection_wide(self, table: Inspection) -> list[tuple[str, str]]:
        """What holds for inspections of every grade."""
        from ..report.tables import PER, listed, pick, span_words

        say, lang = self.say, self.lang

        def but(kinds: Iterable[Words]) -> str:
            names = listed((kind.say(lang) for kind in kinds), lang)
            return say(f", not counting {names}", f"，{names}除外") if names else ""

        rows: list[tuple[str, str]] = []
        if table.team is not None:
            rows.append((say("Team", "人数"), say(f"at least {table.team.at_least} inspectors", f"不少于{table.team.at_least}人")))
        for cap in table.cap:
            who = say(*{"authority": ("each authority", "每个部门"), "all": ("all authorities together", "各部门合计")}[cap.scope])
            text = say(f"at most {cap.visits} visits per {cap.per} by {who}", f"{who}每{pick(PER[cap.per], lang)}不超过{cap.visits}次")
            rows.append((say("Cap", "上限"), text + but(cap.exempt)))
        if table.gap is not None:
            rows.append((say("Gap", "间隔"), say(f"{table.gap} between two visits", f"两次检查相隔{span_words(table.gap, lang)}")))
        for quiet in table.quiet:
            month = "–".join(map(str, quiet.days_of_month or ()))
            days = say(f"days {month} of the month", f"每月{month}日") if month else ", ".join(quiet.weekdays or ())
            rows.append((say("Quiet", "静默期"), days + but(quiet.exempt)))
        if table.random_floor is not None:
            rows.append((say("Random floor", "随机下限"), str(plain(table.random_floor))))
        if table.result_published_within is not None:
            rows.append((say("Published", "结果公示"), say(f"within {table.result_published_within}", f"{span_words(table.result_published_within, lang)}内")))
        if table.triggers:
            rows.append((say("Triggers", "触发线索"), listed((one.label.say(lang) for one in table.triggers), lang)))
        return rows


def in_order(by_grade: Mapping[str, Found] | None, rows: Iterable[Found] | None, order: Iterable[str]) -> list[Found]:
    """The outcomes of a table in the order of its rules."""
    return [by_grade[grade] for grade in order] if by_grade is not None else list(rows or ())
