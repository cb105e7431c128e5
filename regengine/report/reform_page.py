"""What a reform would do, as one page of HTML for those who decide: on a screen, a telephone and paper, without network.

Guarantees: every chart stands beside the table of its figures; the first page says what was asked, the figures that matter, what is assumed, and the
digests by which rulebook and reform are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Any

import pandas as pd

from ..rulebook.parts import Words
from ..rulebook.reform import flow as written_value
from ..simulate.compare import Comparison
from ..simulate.figures import DOWN, NOT_GRADED, UP
from ..simulate.tally import COUNT
from ..words import pick
from . import html
from .charts import Figure, bars, figure, flow, heat_map, script
from .drawn import written
from .gazette import colour
from .reform_tables import label_of, reform_tables, said, totals
from .table import Table

__all__ = ["Headline", "reform_page"]

MOST_GROUPS = 20  # groups that a chart shows
Headline = tuple[Words, str, Words]  # a name, its figure, and what stands below it
GREY = "#8a8a8a"
STYLE = """
body { max-width: 66rem; } h1 { font-size: 1.6rem; line-height: 1.25; } h2 { font-size: 1.2rem; border-top: 2px solid #1a1a1a; padding-top: .6rem; margin: 2.25rem 0 .5rem; }
.notice { color: #1a1a1a; border-left: 4px solid #1a1a1a; padding: .3rem .8rem; margin: 1rem 0; } .pairs th { width: 13rem; vertical-align: top; padding-right: 1rem; }
.heads { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem; margin: 1rem 0; } .heads div { border: 1px solid #ddd; border-radius: 4px; padding: .6rem .8rem; }
.heads b { display: block; font-size: 1.5rem; line-height: 1.2; font-variant-numeric: tabular-nums; } .heads span { color: #555; font-size: .88rem; display: block; }
code { font: .82rem/1.5 ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; } .chart { width: 100%; min-height: 6rem; margin: .5rem 0; } ul { margin: .3rem 0; padding-left: 1.2rem; color: #555; }
.sankey-link, .sankey-node { opacity: 1 !important; } td:first-child { overflow-wrap: anywhere; } .note { margin-top: .5rem; font-size: .9rem; } tr.total td { font-weight: 600; }
@media (max-width: 600px) { .pairs tr { display: block; padding: .3rem 0; border-bottom: 1px solid #ddd; } .pairs th, .pairs td { display: block; width: auto; border: 0; padding: 0; } .heads { grid-template-columns: 1fr 1fr; } .heads b { font-size: 1.2rem; } }
@media print { @page { size: A4; margin: 14mm; } body { max-width: none; font-size: 10pt; padding: 0; } h2 { break-after: avoid; } tr, .chart, .heads div { break-inside: avoid; } section.first { break-after: page; } .scroll { overflow: visible; } th, td { min-width: 0; padding: .2rem .4rem .2rem 0; } .n { padding-right: .5rem; } * { print-color-adjust: exact; } }
""".strip()  # noqa: E501 - a style sheet


def reform_page(
    found: Comparison, lang: str = "en", *, title: Words | None = None, notes: Sequence[Words] = (), more: Iterable[Table] = (), heads: Sequence[Headline] = ()
) -> str:
    """The page in English (`en`) or Chinese (`zh`).

    `notes` are assumptions and limits that the reader must know, `more` are tables that follow the others, and `heads` their figures for the first page.

    Raises `ProblemError` (`extra-missing`) where the extra `charts` is not installed.
    """
    return Page(found, lang, title, notes, list(more), heads).whole()


class Page:
    """The page of one comparison in one language."""

    def __init__(self, found: Comparison, lang: str, title: Words | None, notes: Sequence[Words], more: Sequence[Table], headlines: Sequence[Headline]) -> None:
        self.found, self.lang, self.title, self.notes, self.more, self.headlines = found, lang, title, notes, more, headlines
        self.order = list(found.book.law.document.grades.order)
        self.tables = {table.name: table for table in reform_tables(found)}

    def say(self, en: str, zh: str) -> str:
        return pick((en, zh), self.lang)

    def whole(self) -> str:
        title = (self.title or self.titled()).say(self.lang)
        body = [self.first(title), *(self.section(table, list(self.charts(table))) for table in [*self.tables.values(), *self.more]), script()]
        return html.page(title, body, self.lang, STYLE)

    def titled(self) -> Words:
        reforms = self.found.reforms
        return Words(
            en=", ".join(one.title.say("en") if one.title else one.reform for one in reforms) or "No reform",
            zh="、".join(one.title.say("zh") if one.title else one.reform for one in reforms) or "无改革",
        )

    # the first page

    def first(self, title: str) -> str:
        law = self.found.book.law
        notice = f'<p class="notice">{escape(law.document.notice.say(self.lang))}</p>' if law.document.notice else ""
        asked = "".join(f"<tr><th>{escape(name)}</th><td>{value}</td></tr>\n" for name, value in self.asked())
        heads = "".join(
            f"<div><span>{escape(name)}</span><b>{escape(figure_)}</b><span>{escape(beside)}</span></div>" for name, figure_, beside in self.heads()
        )
        assumed = "".join(f"<li>{escape(one)}</li>" for one in self.assumed())
        return (
            f'<section class="first">\n<h1>{escape(title)}</h1>\n{notice}<div class="heads">{heads}</div>\n'
            f'<h2>{self.say("What was asked", "比较内容")}</h2>\n<table class="pairs"><tbody>\n{asked}</tbody></table>\n'
            f"<h2>{self.say('What is assumed', '假设与说明')}</h2>\n<ul>{assumed}</ul>\n</section>"
        )

    def asked(self) -> Iterator[tuple[str, str]]:
        found, law = self.found, self.found.book.law
        yield (
            self.say("Rulebook", "规则集"),
            escape(
                self.say(
                    f"{law.document.title.say('en')} ({law.id}, edition {law.document.edition})",
                    f"{law.document.title.say('zh')}（{law.id}，第{law.document.edition}版）",
                )
            ),
        )
        for number, one in enumerate(found.reforms):
            name = one.title.say(self.lang) if one.title else one.reform
            rulebook = found.book.rulebook if number == 0 else found.book.with_reform(*found.reforms[:number]).rulebook
            lines = "".join(f"<br><code>{escape(change.path)}</code>: {value(change.old)} → {value(change.new)}" for change in one.effect(rulebook))
            yield self.say("Reform", "改革"), f"{escape(name)} (<code>{escape(one.reform)}</code>){lines or self.say('; it changes nothing', '；无任何改动')}"
        yield self.say("Law of", "规则适用日"), str(found.law_at)
        yield self.say("Facts of", "事实截至"), str(found.as_of)
        counted = found.counted
        yield (
            self.say("Enterprises", "企业"),
            self.say(
                f"{counted.came_in:,} in = {counted.graded:,} graded + {counted.rejected:,} rejected",
                f"读入{counted.came_in:,}户 = 评级{counted.graded:,}户 + 剔除{counted.rejected:,}户",
            ),
        )
        yield self.say("Digest before", "改革前摘要值"), f"<code>{law.digest}</code>"
        yield self.say("Digest after", "改革后摘要值"), f"<code>{found.reformed.digest}</code>"

    def heads(self) -> Iterator[tuple[str, str, str]]:
        """Names with figures and what stands below them."""
        found = self.found
        up, down = (int(found.moves[found.moves["direction"] == way][COUNT].sum()) for way in (UP, DOWN))
        share = f"{found.moved / found.counted.graded:.2%}" if found.counted.graded else "–"
        exact = self.say("exact: all are counted", "全数统计，无误差区间")
        yield self.say("Get another grade", "等级变动"), f"{found.moved:,}", self.say(f"{share} of all; {exact}", f"占{share}；{exact}")
        yield self.say("Up, better", "上调（变好）"), f"{up:,}", ""
        yield self.say("Down, worse", "下调（变差）"), f"{down:,}", ""
        kinds = {
            "visits": ("Visits a year", "年检查次数"),
            "inspector_hours": ("Inspector hours", "检查人员工时"),
            "enterprise_hours": ("Enterprise hours", "企业工时"),
        }
        for kind, name in kinds.items():
            sums = totals(found, [f"{kind}_before", f"{kind}_after"])
            before, after = sums[f"{kind}_before"], sums[f"{kind}_after"]
            if before is not None and after is not None:
                yield self.say(*name), f"{after - before:+,.0f}", f"{before:,.0f} → {after:,.0f}"
        yield from ((name.say(self.lang), figure_, beside.say(self.lang)) for name, figure_, beside in self.headlines)
        for path, before, after, gained, lost in rows_of(found.paths):
            if gained or lost:
                yield self.say(f"Path {path}", f"路径 {path}"), f"{after - before:+,}", f"{before:,} → {after:,}"

    def assumed(self) -> Iterator[str]:
        found = self.found
        yield self.say(
            "The facts are those of the day given, and nobody changes anything because of the reform.", "事实取自所示日期；不考虑企业因改革而改变行为。",
        )  # fmt: skip
        yield self.say("One draw in a year; visits on a trigger are not counted.", "每年抽查一次；不含触发检查。")
        yield self.say(
            "Figures without an interval are counts of the whole population, or what the draw takes of it, and no estimates from a sample. Visits of a grade "
            "or a group are the mean over all draws.",
            "未标区间的数为总体计数或抽查应抽数，并非由样本推断；各等级、各组的检查次数为各种抽签结果的平均值。",
        )  # fmt: skip
        if found.costs is not None:
            inspector, enterprise = (float(one) for one in (found.costs.inspector, found.costs.enterprise))
            yield self.say(
                f"A visit costs {inspector:g} hours of each inspector and {enterprise:g} of the enterprise.",
                f"每次检查耗用每名检查人员{inspector:g}小时、企业{enterprise:g}小时。",
            )
        balance = found.book.law.balance
        yield self.say(
            f"Of the values of the rulebook {balance['published']} are published, {balance['derived']} derived and {balance['illustrative']} illustrative.",
            f"规则取值中，有据可查{balance['published']}项，推导{balance['derived']}项，示例{balance['illustrative']}项。",
        )
        yield from (note.say(self.lang) for note in self.notes)

    # what follows

    def section(self, table: Table, charts: Sequence[str]) -> str:
        numbers = {place for place, column in enumerate(table.columns) if column.kind in ("count", "number", "share")}
        rows = [[escape(written(cell, column, self.lang)) for cell, column in zip(row, table.columns, strict=True)] for row in table.rows]
        made = html.table([column.label.say(self.lang) for column in table.columns], rows, numbers=numbers)
        notes = "".join(f'<p class="note">{escape(note.say(self.lang))}</p>' for note in table.notes)
        return f"<section>\n<h2>{escape(table.title.say(self.lang))}</h2>\n{''.join(charts)}{made}{notes}\n</section>"

    def charts(self, table: Table) -> Iterator[str]:
        title = table.title.say(self.lang)
        if table.name == "migration":
            yield figure(self.heat_map(), title)
            if self.found.moved:
                told = self.say("Those who move, from the grade before (left) to the grade after (right):", "变动企业流向：左为改革前，右为改革后。")
                yield f"<p>{escape(told)}</p>"
                yield figure(self.flow(), title)
        elif table.name == "workload":
            yield figure(self.workload(), title)
        elif table.name.startswith("by_"):
            name = table.name.removeprefix("by_")
            frame = self.found.groups[name].figures
            if (frame[UP].fillna(0) + frame[DOWN].fillna(0)).any():
                yield figure(self.fairness(name), title)
                told = self.say(
                    "Share of each group that moves, in %; of a group without a bar the figure is hidden.", "各组变动企业所占百分比；无条形者数字已隐去。"
                )
                first = self.say(f" The {MOST_GROUPS} largest groups are shown.", f"仅示最大的{MOST_GROUPS}组。") if len(frame) > MOST_GROUPS else ""
                yield f"<p>{escape(told + first)}</p>"

    def heat_map(self) -> Figure:
        found = self.found
        names = [self.named(grade) for grade in found.matrix.columns]
        shares = [[None if pd.isna(value) else float(value) for value in row] for row in found.shares.to_numpy()]
        texts = [[f"{int(number):,}" for number in row] for row in found.matrix.to_numpy()]
        return heat_map(self.order, names, shares, texts, self.say("before", "改革前"), self.say("after", "改革后"))

    def named(self, grade: str) -> str:
        words = said(grade)
        return words if isinstance(words, str) else words.say(self.lang)

    def flow(self) -> Figure:
        moves = self.found.moves
        befores = [grade for grade in self.order if grade in set(moves["before"])]
        afters = [grade for grade in [*self.order, NOT_GRADED] if grade in set(moves["after"])]
        names = [
            *(self.say(f"{grade} before", f"改革前{grade}") for grade in befores),
            *(self.say(f"{self.named(grade)} after", f"改革后{self.named(grade)}") for grade in afters),
        ]
        colours = [GREY if grade == NOT_GRADED else colour(grade, self.order) for grade in (*befores, *afters)]
        links = [(befores.index(before), len(befores) + afters.index(after), number) for before, after, _, number in rows_of(moves)]
        return flow(names, colours, links)

    def workload(self) -> Figure:
        frame = self.found.workload
        names = (self.say("before", "改革前"), self.say("after", "改革后"))
        return bars(list(frame["grade"]), list(frame["visits_before"]), list(frame["visits_after"]), names, self.say("visits a year", "年检查次数"))

    def fairness(self, name: str) -> Figure:
        frame = self.found.groups[name].figures.head(MOST_GROUPS)
        up, down = (
            [None if pd.isna(number) else round(100 * int(number) / int(size), 3) for number, size in zip(frame[way], frame[COUNT], strict=True)]
            for way in (UP, DOWN)
        )
        groups = [self.named(group) for group in frame["group"]]
        label = label_of(self.found, name).say(self.lang)
        return bars(groups, up, down, (self.say("up", "上调"), self.say("down", "下调")), self.say(f"% of each {label.lower()}", f"占各{label}的百分比"))


def rows_of(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    """The rows of a small frame."""
    return list(frame.itertuples(index=False, name=None))


def value(given: object) -> str:
    """A value of a rulebook, as HTML; – where there is none."""
    return "–" if given is None else f"<code>{escape(given if isinstance(given, str) else written_value(given))}</code>"
