"""The data-quality report of a graded table: what came in, what could not be graded and why, what was filled, which keys fail.

Guarantees: rows in are rows graded and rows rejected; what is told as filled was filled in rows that were graded; a row with two
faults counts under both. The page of HTML needs no network and no script.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from ..intake.rejects import Fault
from ..rulebook.facts import FactSpec
from .tables import add, pick, plain_table

if TYPE_CHECKING:
    import polars as pl
    from rich.console import RenderableType

__all__ = ["Filled", "Keys", "Quality", "as_data", "as_html", "as_tables", "filled_in"]

Line = tuple[str, ...]
RANGE = "fact-out-of-range"


@dataclass(frozen=True, slots=True)
class Filled:
    """A fact without a value in `rows` graded rows: `missing` is "unknown", or "fill" where the rulebook says a value."""

    fact: str
    missing: str
    rows: int
    absent: bool


@dataclass(frozen=True, slots=True)
class Keys:
    """The check of the keys: the column of the source, how many rows fail it, the first of these keys, and whether they were rejected."""

    column: str
    failed: int
    first: tuple[str, ...]
    rejected: bool


@dataclass(frozen=True, slots=True)
class Quality:
    """What is known of a table's quality after it was graded. `source` is its name without any password."""

    source: str
    rulebook: str
    as_of: str
    rows: int
    graded: int
    rejected: int
    faults: tuple[Fault, ...]
    filled: tuple[Filled, ...]
    keys: Keys | None


def filled_in(table: pl.LazyFrame, rejects: pl.LazyFrame, facts: Iterable[FactSpec], absent: Collection[str], graded: int) -> tuple[Filled, ...]:
    """How often each fact that may be missing was, among the graded rows; the facts without a gap are left out.

    `table` is what was graded and `rejects` are the rows of it that were not.
    """
    import polars as pl

    specs = [fact for fact in facts if fact.missing != "reject"]
    there = [fact.name for fact in specs if fact.name in table.collect_schema() and fact.name not in absent]
    gaps = dict.fromkeys((fact.name for fact in specs), graded)
    if there:
        of_all, of_rejects = pl.collect_all([frame.select(pl.col(there).null_count()) for frame in (table, rejects)], engine="streaming")
        gaps |= {name: of_all[name][0] - of_rejects[name][0] for name in there}
    return tuple(Filled(fact.name, fact.missing, gaps[fact.name], fact.name not in there) for fact in specs if gaps[fact.name])


def as_data(quality: Quality) -> dict[str, Any]:
    """The report for machines, the same in every language."""
    keys = quality.keys
    return {
        "source": quality.source,
        "rulebook": quality.rulebook,
        "as_of": quality.as_of,
        "rows": {"in": quality.rows, "graded": quality.graded, "rejected": quality.rejected},
        "rejected_for": [asdict(fault) for fault in quality.faults],
        "out_of_range": sum(fault.rows for fault in quality.faults if fault.code == RANGE),
        "filled": [asdict(filled) for filled in quality.filled],
        "keys": None if keys is None else {"column": keys.column, "failed": keys.failed, "first": list(keys.first), "rejected": keys.rejected},
    }


def parts(quality: Quality, lang: str) -> list[tuple[str, Line, list[Line], int]]:
    """Each table of the report: its title, its heads, its lines, and the place of its column of numbers."""

    def say(en: str, zh: str) -> str:
        return zh if lang == "zh" else en

    def share(rows: int, of: int) -> str:
        return f"{rows / of:.1%}" if of else "-"

    heads: Line
    made: list[tuple[str, Line, list[Line], int]] = []
    rows = [(say("rows in", "读入"), quality.rows), (say("graded", "评级"), quality.graded), (say("rejected", "剔除"), quality.rejected)]
    lines: list[Line] = [(name, f"{count:,}", share(count, quality.rows)) for name, count in rows]
    values = sum(fault.rows for fault in quality.faults if fault.code == RANGE)  # a row may have several
    lines.append((say("values out of range", "超出范围的取值"), f"{values:,}", ""))
    made.append((say("Rows", "行数"), (say("rows", "行"), say("count", "数量"), say("share", "占比")), lines, 1))
    if quality.faults:
        heads = (say("reason", "原因"), say("column", "列"), say("rows", "行数"), say("first key", "首个主键"), say("its value", "取值"))
        lines = [
            (f"{f.code} ({f.detail})" if f.detail else f.code, f.column, f"{f.rows:,}", f.first_key or "-", "-" if f.first_value is None else f.first_value)
            for f in quality.faults
        ]
        made.append((say("Rejected for", "剔除原因"), heads, lines, 2))
    if quality.filled:
        heads = (say("fact", "事实"), say("rows", "行数"), say("share of graded", "占评级行"), say("taken as", "处理"))
        words = {"unknown": say("unknown", "未知"), "fill": say("the rulebook's value", "规则给定值")}
        lines = [
            (f.fact, f"{f.rows:,}", share(f.rows, quality.graded), words[f.missing] + (say(" (not in the table)", "（表中没有）") if f.absent else ""))
            for f in quality.filled
        ]
        made.append((say("Without a value", "缺值"), heads, lines, 1))
    if (keys := quality.keys) is not None:
        heads = (say("column", "列"), say("rows that fail", "不合格行数"), say("first of them", "前几个"), say("what became of them", "处理"))
        done = say("rejected", "剔除") if keys.rejected else say("graded all the same", "照常评级")
        lines = [(keys.column, f"{keys.failed:,}", ", ".join(keys.first) or "-", done if keys.failed else "-")]
        made.append((say("Keys that are no unified social credit code", "主键不是有效的统一社会信用代码"), heads, lines, 1))
    return made


def as_tables(quality: Quality, lang: str) -> list[RenderableType]:
    """The report for a terminal."""
    from rich.text import Text

    made: list[RenderableType] = []
    for title, heads, lines, number in parts(quality, lang):
        table = plain_table(*heads)
        table.columns[number].justify = "right"
        for line in lines:
            add(table, *line)
        made += [Text(f"\n{title}", style="bold"), table]
    return made


STYLE = """
body { font: 16px/1.5 system-ui, "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif; color: #1a1a1a; background: #fff; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; margin: 0 0 .25rem; } h2 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; } p { margin: 0; color: #555; overflow-wrap: anywhere; }
div { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid #ddd; vertical-align: top; overflow-wrap: anywhere; min-width: 4rem; }
th { color: #555; font-weight: 600; } .n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; padding-right: 1.5rem; }
@media (max-width: 600px) { body { padding: .75rem; font-size: 15px; } table.wide thead { display: none; } .wide tr { display: block; border-bottom: 1px solid #ddd; padding: .4rem 0; }
  .wide td { display: flex; justify-content: space-between; gap: 1rem; border: 0; padding: .1rem 0; text-align: right; white-space: normal; }
  .wide td::before { content: attr(data-head); color: #555; text-align: left; flex: none; } }
""".strip()  # noqa: E501 - a style sheet


def as_html(quality: Quality, lang: str) -> str:
    """The report as one page of HTML that needs nothing else; on a narrow screen each line of a table becomes a block."""
    title = pick(("Data quality", "数据质量报告"), lang)
    body = [f"<h1>{title}</h1>", f"<p>{escape(quality.source)}</p>", f"<p>{escape(quality.rulebook)} · {escape(quality.as_of)}</p>"]
    for name, heads, lines, number in parts(quality, lang):
        classes = [' class="n"' if place == number else "" for place in range(len(heads))]
        top = "".join(f"<th{each}>{escape(head)}</th>" for head, each in zip(heads, classes, strict=True))
        rows = "".join(
            "<tr>"
            + "".join(f'<td{each} data-head="{escape(head)}">{escape(cell)}</td>' for cell, head, each in zip(line, heads, classes, strict=True))
            + "</tr>\n"
            for line in lines
        )
        wide = ' class="wide"' if len(heads) > 3 else ""
        body.append(f"<h2>{escape(name)}</h2>\n<div><table{wide}>\n<thead><tr>{top}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>")
    head = f'<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n<style>\n{STYLE}\n</style>'
    return f'<!doctype html>\n<html lang="{"zh-CN" if lang == "zh" else "en"}">\n<head>\n{head}\n</head>\n<body>\n' + "\n".join(body) + "\n</body>\n</html>\n"
