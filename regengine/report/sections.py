"""A rulebook for people, section by section in the order in which they are evaluated: for a terminal, and whole for a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from ..words import Pairs, listed, pick, span_words  # fmt: skip
from .declared import Declared, Lines, Section, named
from .tables import PER, add, bands_table, colour_of, grants_words, inspection_words, number, plain_table, sources_table, text_words
from .written import plain

if TYPE_CHECKING:
    from rich.text import Text

    from ..program.program import Rule
    from ..rulebook.law import Steps
    from ..rulebook.model import Adjust
    from ..rulebook.outcomes import Inspection, Matter
    from ..rulebook.parts import Words

__all__ = ["Section", "Sections"]

Found = TypeVar("Found")
LEVELS: Pairs = MappingProxyType({"alert": ("alert", "警报"), "warning": ("warning", "预警"), "info": ("info", "提示")})


class Sections(Declared):
    """The sections of a rulebook at its law date in one language.

    `whole` is for a page: every rule, those that give nothing included, and the origin of every block, in place of an overview.
    """

    def all(self) -> Iterator[Section]:
        """Every section that the rulebook has."""
        document, say = self.document, self.say
        yield Section("head", document.title.say(self.lang), self.rows(self.head()))
        if document.sources:
            notes = tuple(tuple(filter(None, (one.url, self.until(one.until), one.note))) for one in document.sources.values())
            yield Section("sources", say("Sources", "依据来源"), sources_table(self.law, self.lang), named("source", document.sources), notes, 2)
        yield self.facts()
        if document.registers:
            yield self.registers()
        if any(one.effect for one in document.registers.values()):
            yield self.effects()
        if self.law.uses:
            rows = [(name, f"{law.id}\n{law.document.title.say(self.lang)}", law.digest) for name, law in self.law.uses.items()]
            yield Section(
                "uses", say("Rulebooks used", "引用的规则集"), self.lined((say("name", "名称"), say("rulebook", "规则集"), say("digest", "摘要")), rows)
            )
        if document.terms:
            yield Section("terms", say("Terms", "推算值"), self.rows(document.terms.items()))
        for name in document.indicators:
            yield self.family(name)
        if document.score is not None:
            low, high = map(number, document.score.between)
            worse = say(f"{document.score.worse} is worse", "越高越差" if document.score.worse == "higher" else "越低越差")
            yield Section("score", say("Score", "得分"), self.rows([(document.score.is_, say(f"{low} – {high}, {worse}", f"{low}至{high}，{worse}"))]))
        yield Section("grades", say("Grades", "等级"), bands_table(self.law, self.lang))
        for name, title, rules in self.sections():
            yield self.table(name, title, say("brings", "结果"), rules)
        if self.whole and document.service is not None and document.service.matters:
            yield self.matters(document.service.matters)
        if document.inspection is not None and (wide := list(self.inspection_wide(document.inspection))):
            yield Section("inspections", say("All inspections", "检查通则"), self.rows(wide))
        if document.always:
            rows_ = [(str(place), text) for place, text in enumerate(document.always, 1)]
            yield Section("always", say("Must hold of every enterprise", "对所有企业必须成立"), self.rows(rows_))

    # what brings a grade, and what a grade brings

    def family(self, name: str) -> Section:
        """The points that a family's items give; an overview leaves out rows that give none."""
        family, say = self.document.indicators[name], self.say
        rows: list[tuple[Rule, str | Text]] = []
        for rule in self.book.program.rules:
            if rule.table != "points" or not rule.id.startswith(f"{name}.") or (rule.gives == 0 and not self.whole):
                continue
            each = family.items[rule.id.split(".")[1]].each
            if each is None:
                points = number(Fraction(rule.gives or 0, 10**self.law.point_places))
            else:
                edges = [f"{sign} {number(edge)}" for sign, edge in (("≥", each.at_least), ("≤", each.at_most)) if edge is not None]
                points = ", ".join([f"{number(each.give)} × {each.of}", *edges])
            rows.append((rule, points))
        kind = {"sum": ("sum", "合计"), "max": ("the largest", "取最大"), "min": ("the least", "取最小")}[family.total]
        edges = [
            say(en, zh) + number(edge)
            for en, zh, edge in (("at least ", "不低于", family.at_least), ("at most ", "不超过", family.at_most))
            if edge is not None
        ]
        label = family.label.say(self.lang) if family.label else name
        return self.table(f"indicators.{name}", f"{label} · {say('; ', '；').join([say(*kind), *edges])}", say("points", "分值"), rows)

    def sections(self) -> Iterator[tuple[str, str, list[tuple[Rule, str | Text]]]]:
        """The sections that are tables of rules, each rule with what it brings."""
        document, say, lang = self.document, self.say, self.lang
        tables = ("grade",) * self.whole + ("adjust", "inspection", "service", "outcome", "warning")
        of = {table: [rule for rule in self.rules.values() if rule.table == table] for table in tables}
        brings: dict[str, str | Text] = {rule.id: self.grade(rule.grade) for rule in of.get("grade", ()) if rule.grade is not None}
        brings |= {f"adjust.{one.id}": self.effect(one) for one in document.adjust}
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
        brings |= {f"warnings.{one.id}": pick(LEVELS[one.level], lang) for one in document.warnings}
        titles = {
            "grade": say("What brings a grade", "等级评定"), "adjust": say("Adjustments", "等级调整"),
            "inspection": say("Inspection", "监督检查"), "service": say("Service paths", "服务路径"),
            "outcome": say("Further outcomes", "其他后果"), "warning": say("Early warnings", "风险预警"),
        }  # fmt: skip
        for table, rules in of.items():
            if rules:
                yield table, titles[table], [(rule, brings[rule.id]) for rule in rules]

    def grade(self, rank: int) -> Text:
        from rich.text import Text

        order = self.document.grades.order
        return Text(order[rank], style=f"bold {colour_of(order[rank], order)}")

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

    def matters(self, matters: Mapping[str, Matter]) -> Section:
        """What each licence item ordinarily asks of the applicant."""
        say = self.say
        made = plain_table(say("matter", "事项"), say("asks", "要求"), say("source", "依据"))
        notes: list[Lines] = []
        for name, one in matters.items():
            basis = self.law.bases["service", "matters", name]
            asks = [(say("steps", "环节"), one.steps), (say("documents", "材料"), one.documents)]
            lines = [f"{what}{say(': ', '：')}{listed(names, self.lang)}" for what, names in asks if names]
            if one.visits:
                lines.append(say(f"visits: {one.visits}", f"跑动{one.visits}次"))
            if one.working_days is not None:
                lines.append(say(f"within {one.working_days} working days", f"{one.working_days}个工作日内办结"))
            add(made, self.matter(name), "\n".join(lines), self.source(basis))
            notes.append((basis.note,) if basis.note else ())
        return Section("matters", say("Licence matters", "许可事项"), made, notes=tuple(notes))

    def inspection_wide(self, table: Inspection) -> Iterator[tuple[str | Text, ...]]:
        """What holds for inspections of every grade; a page also says where it comes from."""
        for name, text, parts in self.wide(table):
            yield (name, text, self.source(*(self.law.bases["inspection", *part] for part in parts))) if self.whole else (name, text)

    def wide(self, table: Inspection) -> Iterator[tuple[str, str, list[Steps]]]:
        say, lang = self.say, self.lang

        def but(kinds: Iterable[Words]) -> str:
            names = listed((kind.say(lang) for kind in kinds), lang)
            return say(f", not counting {names}", f"，{names}除外") if names else ""

        if table.team is not None:
            yield (say("Team", "人数"), say(f"at least {table.team.at_least} inspectors", f"不少于{table.team.at_least}人"), [("team",)])
        for place, cap in enumerate(table.cap):
            who = say(*{"authority": ("each authority", "每个部门"), "all": ("all authorities together", "各部门合计")}[cap.scope])
            text = say(f"at most {cap.visits} visits per {cap.per} by {who}", f"{who}每{pick(PER[cap.per], lang)}不超过{cap.visits}次")
            yield (say("Cap", "上限"), text + but(cap.exempt), [("cap", place)])
        if table.gap is not None:
            yield (say("Gap", "间隔"), say(f"{table.gap} between two visits", f"两次检查相隔{span_words(table.gap, lang)}"), [("gap",)])
        for place, quiet in enumerate(table.quiet):
            month = "–".join(map(str, quiet.days_of_month or ()))
            days = say(f"days {month} of the month", f"每月{month}日") if month else ", ".join(quiet.weekdays or ())
            yield (say("Quiet", "静默期"), days + but(quiet.exempt), [("quiet", place)])
        if table.random_floor is not None:
            yield (say("Random floor", "随机下限"), str(plain(table.random_floor)), [("random_floor",)])
        if table.result_published_within is not None:
            yield (
                say("Published", "结果公示"),
                say(f"within {table.result_published_within}", f"{span_words(table.result_published_within, lang)}内"),
                [("result_published_within",)],
            )
        if table.triggers:
            yield (
                say("Triggers", "触发线索"),
                listed((one.label.say(lang) for one in table.triggers), lang),
                [("triggers", place) for place in range(len(table.triggers))],
            )


def in_order(by_grade: Mapping[str, Found] | None, rows: Iterable[Found] | None, order: Iterable[str]) -> list[Found]:
    """The outcomes of a table in the order of its rules."""
    return [by_grade[grade] for grade in order] if by_grade is not None else list(rows or ())
