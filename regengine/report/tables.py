"""The look and the words that reports share, the scale of a score, and the tables that commands print."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..decision.decision import ratio_text
from ..rulebook.facts import fact_specs
from ..rulebook.values import Span, parse_within
from ..words import MANNERS, Pairs, listed, pick, span_words

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    from ..cases import CaseResult
    from ..decision import Inspection
    from ..rulebook.law import Law
    from ..rulebook.outcomes import InspectionOutcome
    from ..rulebook.registers import Fact

__all__ = ["Scale", "balance_table", "bands_table", "case_lines", "facts_table", "rulebook_table", "sources_table"]

BASES: Pairs = MappingProxyType({"published": ("published", "有据可查"), "derived": ("△ derived", "△ 推导"), "illustrative": ("◇ illustrative", "◇ 示例")})
SEEN: Pairs = MappingProxyType({
    "official": ("official text", "官方文本"), "press": ("press report", "媒体报道"), "mirror": ("re-hosted copy", "转载文本"),
    "recalled": ("no copy, recalled", "未见文本，仅凭记忆"),
})  # fmt: skip
TYPES: Pairs = MappingProxyType({
    "boolean": ("true or false", "是否"), "integer": ("whole number", "整数"), "decimal": ("number", "小数"), "category": ("category", "类别"),
    "date": ("date", "日期"), "code": ("code", "代码"),
})  # fmt: skip
INITIATIVES: Pairs = MappingProxyType({"planned": ("planned by the authority", "由监管部门按计划开展"), "on_trigger": ("only on a trigger", "仅由线索触发")})
PER: Pairs = MappingProxyType({"year": ("year", "年"), "half-year": ("half-year", "半年"), "quarter": ("quarter", "季度"), "month": ("month", "月")})
COLOURS = ("green", "yellow", "dark_orange", "red")


def colour_of(grade: str, order: Sequence[str]) -> str:
    """The colour of a grade by its rank, from green for the best to red for the worst."""
    last = max(len(order) - 1, 1)
    return COLOURS[(order.index(grade) * (len(COLOURS) - 1) + last // 2) // last]


def value_words(value: object, lang: str) -> str:
    """A value of a fact in words."""
    if isinstance(value, bool):
        return pick(("yes", "是") if value else ("no", "否"), lang)
    if value is None:
        return pick(("unknown", "未知"), lang)
    return f"{value:,}" if isinstance(value, int | Decimal) else str(value)


def text_words(value: object, lang: str) -> str:
    """A value of an outcome or a grant, which may be written as a span of time, in words."""
    try:
        found = parse_within(str(value))
    except ValueError:
        return pick(("same day", "当日"), lang) if value == "same day" else value_words(value, lang)
    if isinstance(found, Span):
        return span_words(found, lang)
    return pick((str(found), f"比承诺时限至少提前{span_words(found.before_promised, lang)}，且最长{span_words(found.at_most, lang)}"), lang)


def bound_words(least: object, most: object, lang: str, unit: str = "") -> str:
    """A floor, a ceiling, or both, in words; `unit` follows the number in Chinese."""
    if lang == "zh":
        return (
            f"{least}{unit}"
            if least == most
            else f"不低于{least}{unit}"
            if most is None
            else f"不超过{most}{unit}"
            if least is None
            else f"{least}至{most}{unit}"
        )
    return str(least) if least == most else f"at least {least}" if most is None else f"at most {most}" if least is None else f"{least} to {most}"


def inspection_words(found: Inspection | InspectionOutcome, lang: str) -> list[tuple[str, str]]:
    """What an inspection outcome says, each under its name."""
    made: list[tuple[str, str]] = []
    if found.ratio is not None:
        least, most = (None if edge is None else ratio_text(edge) for edge in (found.ratio.at_least, found.ratio.at_most))
        share = bound_words(least, most, lang)
        made.append((pick(("Drawn", "抽查比例"), lang), pick((f"{share} of the enterprises of this class", share), lang)))
    if found.visits is not None:
        count, per = bound_words(found.visits.at_least, found.visits.at_most, lang, "次"), pick(PER[found.visits.per], lang)
        made.append((pick(("Visits", "检查次数"), lang), pick((f"{count} per {per}", f"每{per}{count}"), lang)))
    if found.every is not None:
        every = found.every.unit if found.every.count == 1 else str(found.every)
        made.append((pick(("Interval", "检查间隔"), lang), pick((f"every {every}", f"每{span_words(found.every, lang)}一次"), lang)))
    if found.manner is not None:
        made.append((pick(("Manner", "检查方式"), lang), listed((pick(MANNERS[one], lang) for one in found.manner), lang)))
    if found.initiative is not None:
        made.append((pick(("Initiative", "检查启动"), lang), pick(INITIATIVES[found.initiative], lang)))
    return made


def grants_words(grants: Mapping[str, object], lang: str) -> str:
    """What a service path grants; empty where it grants nothing."""
    names: Pairs = {
        "decision": ("decision {}", "决定：{}"), "skip": ("without {}", "免{}"), "waive": ("no need of {}", "免交{}"), "visits": ("visits: {}", "跑动{}次"),
        "working_days": ("within {} working days", "{}个工作日内办结"), "supplement_within": ("papers supplied within {}", "{}内补齐材料"),
        "check_after": ("checked afterwards, {}", "事后核查：{}"),
    }  # fmt: skip
    said: list[str] = []
    for name, value in grants.items():
        words = listed((str(one).replace("_", " ") for one in value), lang) if isinstance(value, list) else text_words(value, lang)
        said.append(pick(names[name], lang).format(words))
    return "; ".join(said) if lang == "en" else "；".join(said)


def plain_table(*headings: str, expand: bool = False) -> Table:
    """An empty table in the house style: a line under the headings and no other."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=expand, show_edge=False, header_style="bold")
    for heading in headings:
        made.add_column(Text(heading), overflow="fold")
    return made


def panel(title: str, body: RenderableType) -> Panel:
    """A part of a report under its heading."""
    from rich.panel import Panel
    from rich.text import Text

    return Panel(body, title=Text(title, style="bold not dim"), title_align="left", border_style="dim", padding=(0, 1))


def add(table: Table, *cells: str | Text, style: str | None = None) -> None:
    """A row of a table; brackets in texts are no markup."""
    from rich.text import Text

    table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in cells), style=style)


@dataclass(frozen=True, slots=True)
class Scale:
    """The range of a score with its bands in their colours and a mark where the score lies; it fills any width.

    `bands` are the grades with the first number of each, from the lowest number on; `order` are the grades, best first.
    """

    bands: tuple[tuple[str, Fraction], ...]
    high: Fraction
    score: Fraction
    order: tuple[str, ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.cells import cell_len
        from rich.text import Text

        low, last = self.bands[0][1], options.max_width - 1
        starts = [round(last * (first - low) / (self.high - low)) for _, first in self.bands]
        ends = [*starts[1:], last + 1]
        names, numbers, line = Text(), Text(), [("─", "")] * (last + 1)
        fits = all(cell_len(grade) < end - start for (grade, _), start, end in zip(self.bands, starts, ends, strict=True))
        for (grade, first), start, end in zip(self.bands, starts, ends, strict=True):
            style = f"bold {colour_of(grade, self.order)}"
            room = (start + end - cell_len(grade)) // 2 - names.cell_len if fits else 2 * bool(names)
            names.append(" " * room + grade, style)
            line[start:end] = [("┼", style), *[("─", style)] * (end - start - 1)][: end - start]
            if start >= numbers.cell_len + bool(numbers):
                numbers.append(" " * (start - numbers.cell_len) + number(first))
        line[0], line[last] = ("├", line[0][1]), ("┤", line[last][1])
        line[round(last * (self.score - low) / (self.high - low))] = ("●", "bold")
        edge = number(self.high)
        numbers.truncate(last - len(edge))
        yield from (names, Text.assemble(*line), numbers.append(" " * (last + 1 - len(edge) - numbers.cell_len) + edge))


def number(exact: Fraction | Decimal | int) -> str:
    """An exact number of few decimal places, with its thousands marked."""
    exact = Fraction(exact)
    return f"{Decimal(exact.numerator) / exact.denominator:,}"


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}%" if whole else "-"


def rulebook_table(laws: Iterable[Law], lang: str = "en") -> Table:
    """The rulebooks, each with its time in force, its size, and how much of it is law."""
    from rich.text import Text

    names = [("rulebook", "规则集"), ("edition", "版次"), ("in force", "施行"), ("grades", "等级"), ("facts", "事实"), *BASES.values()]
    made = plain_table(*(pick(name, lang) for name in names))
    made.columns[2].no_wrap = True
    for column in made.columns[4:]:
        column.justify = "right"
    for law in laws:
        document, facts = law.document, list(fact_specs(law))
        whole = sum(law.balance.values())
        name = Text.assemble((law.id, "bold"), "\n", document.title.say(lang))
        shares = (share(law.balance[basis], whole) for basis in BASES)
        add(made, name, document.edition, in_force(law), " ".join(document.grades.order), str(len(facts)), *shares)
    return made


def in_force(law: Law) -> str:
    """The time in force, with no end where none is known."""
    dates = law.document.in_force
    return f"{dates.since} – {dates.until or ''}".rstrip()


def sources_table(law: Law, lang: str = "en") -> Table:
    """The published texts that a rulebook rests on, and how good the copy was that was seen."""
    made = plain_table(
        *(pick(name, lang) for name in [("source", "来源"), ("instrument", "文件"), ("title", "名称"), ("issued", "日期"), ("seen as", "所见文本")])
    )
    made.columns[0].no_wrap = True
    made.columns[3].no_wrap = True
    for name, source in law.document.sources.items():
        add(made, name, source.instrument, source.title.say(lang) if source.title else "", str(source.issued or ""), pick(SEEN[source.seen], lang))
    return made


def facts_table(law: Law, lang: str = "en") -> Table:
    """The facts that must be known, with what they may be and what a missing value means."""
    made = plain_table(*(pick(name, lang) for name in [("fact", "事实"), ("label", "名称"), ("type", "类型"), ("may be", "取值"), ("if missing", "缺失时")]))
    made.columns[0].no_wrap = True
    declared = declared_facts(law)
    for spec in fact_specs(law):
        fact = declared[spec.name]
        bounds = ", ".join(f"{sign} {value_words(edge, lang)}" for sign, edge in (("≥", fact.min), ("≤", fact.max)) if edge is not None)
        may_be = " | ".join(spec.values or ()) or " ".join(part for part in (bounds, spec.unit or "") if part)
        missing = pick({"reject": ("not graded", "不予评级"), "unknown": ("stays unknown", "视为未知")}.get(spec.missing, ("", "")), lang)
        add(made, spec.name, spec.label.say(lang) if spec.label else "", pick(TYPES[spec.type], lang), may_be, missing or value_words(fact.missing, lang))
    return made


def declared_facts(law: Law) -> dict[str, Fact]:
    """The facts of a law and of those that it uses, as they are written; its own go before those of others."""
    used = {name: fact for one in reversed(tuple(law.uses.values())) for name, fact in declared_facts(one).items()}
    return used | law.document.facts


def bands_table(law: Law, lang: str = "en") -> Table:
    """The grades, best first, with what brings each before adjustments."""
    from rich.text import Text

    grades = law.document.grades
    made = plain_table(*(pick(name, lang) for name in [("grade", "等级"), ("label", "名称"), ("by", "条件")]))
    by: dict[str, list[str]] = {grade: [] for grade in grades.order}
    if grades.bands is not None:
        by |= {grade: [f"{pick(('score', '得分'), lang)} {band.text}"] for grade, band in grades.bands.items()}
    for row in grades.rows or ():
        by[row.gives].append(row.when or pick(("otherwise", "其他情形"), lang))
    if grades.matrix is not None:
        for down, line in zip(grades.matrix.down.values, grades.matrix.cells, strict=True):
            for across, grade in zip(grades.matrix.across.values, line, strict=True):
                by[grade].append(f"{grades.matrix.down.of} {value_words(down, lang)}, {grades.matrix.across.of} {value_words(across, lang)}")
    for grade in grades.order:
        label = grades.labels.get(grade)
        add(made, Text(grade, style=f"bold {colour_of(grade, grades.order)}"), label.say(lang) if label else "", "\n".join(by[grade]))
    return made


def balance_table(rows: Iterable[tuple[str, dt.date, Mapping[str, int] | None]], lang: str = "en") -> Table:
    """How many deciding values rest on published law, were derived from it, and are only illustrative; None: no law yet."""
    made = plain_table(*(pick(name, lang) for name in [("rulebook", "规则集"), ("law from", "自"), *(BASES[basis] for basis in BASES)]))
    for number in (2, 3, 4):
        made.columns[number].justify = "right"
    for name, since, balance in rows:
        whole = sum(balance.values()) if balance else 0
        add(made, name, str(since), *(f"{balance[basis]} ({share(balance[basis], whole)})" if balance else "-" for basis in BASES))
    return made


def case_lines(results: Mapping[str, Sequence[CaseResult]], lang: str = "en") -> list[RenderableType]:
    """A line for each rulebook, then every failed case with its differences."""
    from rich.text import Text

    made = plain_table(*(pick(name, lang) for name in [("rulebook", "规则集"), ("passed", "通过"), ("failed", "未通过")]))
    made.columns[1].justify = made.columns[2].justify = "right"
    parts: list[RenderableType] = [made]
    for name, cases in results.items():
        failed = [one for one in cases if not one.passed]
        add(made, name, str(len(cases) - len(failed)), Text(str(len(failed)), style="bold red" if failed else ""))
        for one in failed:
            parts.append(Text(f"\n{name}: {one.case.case}", style="bold"))
            parts += [Text(f"  {line}") for line in one.differences]
    return parts
