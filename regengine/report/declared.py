"""What a rulebook says of itself and of what must be known of an enterprise, as sections for people: its head, facts, registers, periods of effect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..rulebook.facts import fact_specs
from ..words import Pairs, listed, pick, span_words  # fmt: skip
from .tables import BASES, TYPES, add, declared_facts, facts_table, in_force, number, plain_table, value_words

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from ..book import Book
    from ..program.program import Rule
    from ..rulebook.law import Basis
    from ..rulebook.registers import Fact, From, Register

__all__ = ["Declared", "Lines", "Section", "named"]

Lines = tuple[str, ...]
TAKEN: Pairs = MappingProxyType({
    "count": ("the number of entries of {}", "{}的条目数"), "any": ("any entry of {}", "{}有无条目"), "sum": ("the sum of {}", "{}合计"),
    "max": ("the largest {}", "{}最大值"), "min": ("the smallest {}", "{}最小值"), "latest": ("the last day in {}", "{}最近日期"),
    "earliest": ("the first day in {}", "{}最早日期"), "days_since": ("days since the last entry of {}", "距{}最近条目的天数"),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a rulebook under its heading. Where its rows can be named, `anchors` holds their names; `notes` are lines for each row
    that a terminal has no room for, and belong in the column `noted`."""

    name: str
    title: str
    table: Table
    anchors: Lines = ()
    notes: tuple[Lines, ...] = ()
    noted: int = -1
    of_rules: bool = False


class Declared:
    """The law of a book in one language, and the sections that declare what is known."""

    def __init__(self, book: Book, lang: str, *, whole: bool = False) -> None:
        self.book, self.lang, self.whole, self.law, self.document = book, lang, whole, book.law, book.law.document
        self.rules = {rule.id: rule for rule in book.program.rules}

    def say(self, en: str, zh: str) -> str:
        return zh if self.lang == "zh" else en

    def rows(self, rows: Iterable[tuple[str | Text, ...]]) -> Table:
        """Names and values side by side."""
        from rich.table import Table

        made = Table.grid(padding=(0, 2))
        for row in rows:
            add(made, *row)
        return made

    def lined(self, heads: Iterable[str], rows: Iterable[tuple[str | Text, ...]]) -> Table:
        """Rows under their headings."""
        made = plain_table(*heads)
        for row in rows:
            add(made, *row)
        return made

    def table(self, name: str, title: str, brings: str, rows: Iterable[tuple[Rule, str | Text]]) -> Section:
        """Rules with their condition under their text, what each brings, and its source."""
        from rich.text import Text

        rows = list(rows)
        made = plain_table(self.say("rule", "规则"), brings, self.say("source", "依据"), expand=True)
        made.columns[0].ratio, made.columns[1].ratio = 3, 2
        for rule, text in rows:
            when = rule.condition or ("" if self.whole else self.say("otherwise", "其他情形"))
            add(made, Text.assemble(rule.label.say(self.lang), "\n", (f"{rule.id}: {when}" if when else rule.id, "dim")), text, self.source(rule.basis))
        anchors = named("rule", (rule.id for rule, _ in rows))
        return Section(name, title, made, anchors, tuple((rule.basis.note,) if rule.basis.note else () for rule, _ in rows), of_rules=True)

    def source(self, *bases: Basis) -> Text:
        """Where values come from, by the names of the sources. The mark and each citation can be found by the `meta` of their style."""
        from rich.style import Style
        from rich.text import Text

        kinds = dict.fromkeys(basis.kind for basis in bases if basis.kind != "published")
        made = [Text(pick(BASES[kind], self.lang), Style(color="yellow", meta={"basis": kind})) for kind in kinds]
        made += [Text(cite, Style(meta={"cite": cite})) for cite in dict.fromkeys(cite for basis in bases for cite in basis.cites)]
        return Text("\n" if self.whole else ", ").join(made)

    def head(self) -> list[tuple[str, str]]:
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

    # what is known of an enterprise

    def until(self, day: object) -> str:
        """Until when a source holds; empty where no end is known."""
        return self.say(f"in force until {day}", f"有效期至{day}") if day else ""

    def worse(self, fact: Fact) -> str:
        """Which way a fact is worse, if any is said; a category is worse the later a value stands."""
        words = {
            "boolean": (("yes is worse", "为是更差"), ("no is worse", "为否更差")),
            "category": (("later is worse", "越靠后越差"), ("earlier is worse", "越靠前越差")),
        }
        higher, lower = words.get(fact.type, (("higher is worse", "越高越差"), ("lower is worse", "越低越差")))
        return "" if fact.worse is None else self.say(*(higher if fact.worse == "higher" else lower))

    def facts(self) -> Section:
        declared, specs = declared_facts(self.law), list(fact_specs(self.law))
        taken = [self.taken(use) if (use := declared[spec.name].from_) else "" for spec in specs]
        facts = [declared[spec.name] for spec in specs]
        notes = tuple(tuple(filter(None, (text, self.worse(fact), fact.note))) for text, fact in zip(taken, facts, strict=True))
        title = self.say(f"Facts ({len(specs)})", f"事实（{len(specs)}）")
        return Section("facts", title, facts_table(self.law, self.lang), named("fact", (spec.name for spec in specs)), notes, 1)

    def taken(self, use: From) -> str:
        """How a fact is worked out from a register."""
        say, counting = self.say, use.counting
        if use.related is not None:
            most = use.related.steps
            what = say(f"`{use.related.fact}` of related enterprises", f"关联企业的 {use.related.fact}")
            steps = say(f"up to {most} step{'s' if most > 1 else ''} by {use.register}", f"经 {use.register} 至多{most}步")
            parts = [f"{say('any', '任一') if use.kind == 'any' else say('number', '家数')}{say(': ', '：')}{what}", steps]
        else:
            parts = [pick(TAKEN[use.kind], self.lang).format(f"{use.register}.{use.column}" if use.column else use.register)]
        if counting.within is not None:
            parts.append(say(f"within {counting.within}", f"{span_words(counting.within, 'zh')}内"))
        if counting.open and use.related is None:
            parts.append(say("that has not ended", "未终止"))
        if use.weights:
            parts.append(
                say("weighed ", "权重：") + listed((f"{span_words(span, self.lang)} × {number(weight)}" for span, weight in use.weights.items()), self.lang)
            )
        if counting.where is not None:
            parts.append(say(f"where {counting.where}", f"条件：{counting.where}"))
        return listed(parts, self.lang) if self.lang == "en" else "，".join(parts)

    def registers(self) -> Section:
        """Each register with the columns by which it is read; what is worked out from it stands beside."""
        from rich.text import Text

        say = self.say
        made = plain_table(say("register", "登记簿"), say("read by", "读取"), say("columns", "列"), say("facts", "事实"), expand=True)
        made.columns[2].ratio, made.columns[3].ratio = 3, 2
        for name, one in self.document.registers.items():
            facts = [fact for fact, spec in self.document.facts.items() if spec.from_ and spec.from_.register == name]
            label = f"{one.label.say(self.lang)}\n" if one.label else ""
            columns = "\n".join(self.column(key, column) for key, column in one.columns.items())
            add(made, Text.assemble(label, (name, "dim" if label else "")), "\n".join(self.keys(one)), columns, "\n".join(facts))
        return Section("registers", say("Registers", "登记簿"), made, named("register", self.document.registers))

    def keys(self, register: Register) -> Iterator[str]:
        """What the columns of a register's own are, by their names in its table."""
        names = (
            ("key", "主键"), ("date", "发生日"), ("known", "知悉日"), ("ended", "终止日"), ("id", "条目号"), ("other", "另一方"),
        )  # fmt: skip
        for key, zh in names:
            if column := getattr(register, key):
                yield f"{key} {zh}: {column}" if self.whole else self.say(f"{key}: {column}", f"{zh}：{column}")

    def column(self, name: str, column: Fact) -> str:
        """A column of a register: what it may hold and what a missing value means."""
        holds = " | ".join(column.values or ()) or pick(TYPES[column.type], self.lang) + (f", {column.unit}" if column.unit else "")
        missing = pick(
            {"reject": ("rejected", "剔除"), "unknown": ("unknown", "视为未知")}.get(
                column.missing, (value_words(column.missing, "en"), value_words(column.missing, "zh"))
            ),
            self.lang,
        )
        label = f" ({column.label.say(self.lang)})" if column.label else ""
        return self.say(f"{name}{label}: {holds}; missing: {missing}", f"{name}{label}：{holds}；缺失时：{missing}")

    def effects(self) -> Section:
        """How long entries hold, by register and class."""
        say = self.say
        heads = (say("register", "登记簿"), say("class", "类别"), say("at the least", "最短"), say("at the longest", "最长"), say("source", "依据"))
        made = plain_table(*heads)
        notes: list[Lines] = []
        for name, one in self.document.registers.items():
            if one.effect is None:
                continue
            basis = self.law.bases["registers", name, "effect"]
            for value, longest in one.effect.longest.items():
                least = one.effect.least.get(value)
                add(made, name, value, span_words(least, self.lang) if least else "", span_words(longest, self.lang), self.source(basis))
                notes.append((basis.note,) if basis.note and value == next(iter(one.effect.longest)) else ())
        return Section("effects", say("Periods of effect", "信息有效期"), made, notes=tuple(notes))


def named(kind: str, names: Iterable[str]) -> Lines:
    """What rows can be found by on a page."""
    return tuple(f"{kind}-{name}" for name in names)
