"""The data-quality report: of a graded table (what could not be graded and why, what was filled, which keys fail), and of registers.

Guarantees: rows in are rows graded and rows rejected; what is told as filled was filled in rows that were graded; each entry of a
register counts once, as used, rejected, or left out for one reason; a row with two faults counts under both. The page of HTML
needs no network and no script.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from ..intake.frame import REASON
from ..intake.rejects import Fault, text
from ..problems import Place, Problem
from ..rulebook.facts import FactSpec
from ..rulebook.parts import Words
from ..rulebook.registers import Register
from ..words import pick
from . import html
from .drawn import Drawn, written
from .table import Column, Table
from .tables import add, plain_table

if TYPE_CHECKING:
    import polars as pl
    from rich.console import RenderableType

__all__ = [
    "ROW", "EntryFault", "EvidenceQuality", "Filled", "Keys", "Quality", "RegisterQuality", "Relations", "as_data", "as_html", "as_tables", "entry_faults",
    "entry_problems", "filled_in", "register_tables",
]  # fmt: skip

Line = tuple[str, ...]
RANGE = "fact-out-of-range"
ROW, WHY = "entry:row", "entry:why"


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


@dataclass(frozen=True, slots=True)
class EntryFault(Fault):
    """A reason why entries of a register were rejected, and the number of the first such row, counted from 1."""

    first_row: int


@dataclass(frozen=True, slots=True)
class Relations:
    """Of the relations that hold on the day: those of an enterprise with itself, those that stand again, pairs that name each other
    (`mutual`), and those to a side that is no enterprise of the table, such as a person."""

    with_itself: int
    repeated: int
    mutual: int
    to_others: int


@dataclass(frozen=True, slots=True)
class RegisterQuality:
    """What became of the entries of a register: `entries` is the sum of the six numbers after it.

    `duplicates` are entries that were delivered again, `of_unknown_enterprises` those whose key no enterprise has.
    `enterprises_without` counts the enterprises that have no entry.
    """

    register: str
    source: str
    entries: int
    used: int
    rejected: int
    duplicates: int
    after_as_of: int
    not_known_yet: int
    of_unknown_enterprises: int
    enterprises_without: int
    faults: tuple[EntryFault, ...]
    relations: Relations | None = None


@dataclass(frozen=True, slots=True)
class EvidenceQuality:
    """What is known of the quality of registers after facts were worked out for the enterprises in `source`."""

    source: str
    rulebook: str
    as_of: str
    known_at: str
    enterprises: int
    registers: tuple[RegisterQuality, ...]


def entry_faults(rejects: pl.LazyFrame, register: Register) -> tuple[EntryFault, ...]:
    """The reasons among the rejects of a register, the most frequent first; `rejects` also holds the number of each row, in ROW."""
    import polars as pl

    each = rejects.with_columns(pl.col(REASON).str.split("; ").alias(WHY)).explode(WHY).collect(engine="streaming").sort(ROW)
    firsts = each.group_by(WHY, maintain_order=True).agg(pl.len().alias("rows"), pl.all().first())
    made: list[EntryFault] = []
    for row in firsts.sort("rows", ROW, WHY, descending=[True, False, False]).iter_rows(named=True):
        code, _, what = row[WHY].partition(": ")
        column, detail = column_of(what, register) if code == "entry-wrong" else (what, None)
        made.append(EntryFault(code, column, detail, row["rows"], text(row[register.key]), text(row[column]), row[ROW]))
    return tuple(made)


def column_of(what: str, register: Register) -> tuple[str, str]:
    """The column that a fault of an entry is in, and what is wrong with it."""
    if what.startswith("unreadable "):
        return what.removeprefix("unreadable "), "unreadable"
    columns = {"empty key": register.key, "empty date": register.date, "ends before it begins": register.ended, "duplicate id": register.id}
    return str(columns[what]), what


def entry_problems(told: RegisterQuality) -> list[Problem]:
    """That entries of a register were rejected, and the first one for each reason."""
    message = f"{told.rejected:,} of {told.entries:,} entries of `{told.register}` could not be read"
    firsts = [
        Problem(
            fault.code, f"{fault.detail or f'`{fault.first_value}` is not fit'}, the first of {fault.rows:,}",
            Place(told.source, row=fault.first_row, key=fault.first_key, field=fault.column),
        )
        for fault in told.faults
    ]  # fmt: skip
    return [Problem("rows-rejected", message, Place(told.source), "mend them, or write `rejects: allowed`"), *firsts]


def as_data(quality: Quality | EvidenceQuality) -> dict[str, Any]:
    """The report for machines, the same in every language."""
    if isinstance(quality, EvidenceQuality):
        return asdict(quality)
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


class Part(NamedTuple):
    """A table of the report: its title, its heads, its lines, and the places of its columns of numbers."""

    title: str
    heads: Line
    lines: list[Line]
    numbers: Collection[int]


def register_tables(registers: Iterable[RegisterQuality]) -> tuple[Table, ...]:
    """What became of the entries of each register, and why some were rejected."""
    registers = tuple(registers)
    told = (
        Column("register", Words(en="Register", zh="登记簿"), "name"),
        Column("entries", Words(en="Entries", zh="条目"), "count"),
        Column("used", Words(en="Used", zh="采用"), "count"),
        Column("rejected", Words(en="Rejected", zh="剔除"), "count"),
        Column("duplicates", Words(en="Duplicates", zh="重复"), "count"),
        Column("after_as_of", Words(en="After the day", zh="晚于基准日"), "count"),
        Column("not_known_yet", Words(en="Not known yet", zh="当时未知"), "count"),
        Column("of_unknown_enterprises", Words(en="Unmatched", zh="表外主体"), "count"),
        Column("enterprises_without", Words(en="Enterprises without", zh="无条目主体"), "count"),
    )
    rows = [tuple(getattr(one, column.name) for column in told) for one in registers]
    tables = [Table("registers", Words(en="Registers", zh="登记簿"), told, tuple(rows))]
    reasons = (
        Column("register", Words(en="Register", zh="登记簿"), "name"),
        Column("rejected_for", Words(en="Rejected for", zh="剔除原因"), "name"),
        Column("column", Words(en="Column", zh="列"), "name"),
        Column("rows", Words(en="Rows", zh="行数"), "count"),
        Column("first_row", Words(en="First row", zh="首行"), "count"),
        Column("first_key", Words(en="First key", zh="首个主键")),
        Column("first_value", Words(en="Its value", zh="取值")),
    )
    found = [
        (one.register, f"{f.code} ({f.detail})" if f.detail else f.code, f.column, f.rows, f.first_row, f.first_key, f.first_value)
        for one in registers
        for f in one.faults
    ]
    if found:
        tables.append(Table("rejected_entries", Words(en="Entries that could not be read", zh="未能读取的条目"), reasons, tuple(found)))
    ties = (
        Column("register", Words(en="Register", zh="登记簿"), "name"),
        Column("with_itself", Words(en="With itself", zh="与自身"), "count"),
        Column("repeated", Words(en="Standing again", zh="重复出现"), "count"),
        Column("mutual", Words(en="Naming each other", zh="互相指向"), "count"),
        Column("to_others", Words(en="To others than enterprises", zh="指向表外"), "count"),
    )
    tied = [(one.register, *(getattr(one.relations, column.name) for column in ties[1:])) for one in registers if one.relations]
    if tied:
        tables.append(Table("relations", Words(en="Relations of the day", zh="当日有效的关联"), ties, tuple(tied)))
    return tuple(tables)


def parts(quality: Quality | EvidenceQuality, lang: str) -> list[Part]:
    """The tables of the report."""
    if isinstance(quality, EvidenceQuality):
        return [as_part(table, lang) for table in register_tables(quality.registers)]

    def say(en: str, zh: str) -> str:
        return zh if lang == "zh" else en

    def share(rows: int, of: int) -> str:
        return f"{rows / of:.1%}" if of else "-"

    heads: Line
    made: list[Part] = []
    rows = [(say("rows in", "读入"), quality.rows), (say("graded", "评级"), quality.graded), (say("rejected", "剔除"), quality.rejected)]
    lines: list[Line] = [(name, f"{count:,}", share(count, quality.rows)) for name, count in rows]
    values = sum(fault.rows for fault in quality.faults if fault.code == RANGE)  # a row may have several
    lines.append((say("values out of range", "超出范围的取值"), f"{values:,}", ""))
    made.append(Part(say("Rows", "行数"), (say("rows", "行"), say("count", "数量"), say("share", "占比")), lines, (1,)))
    if quality.faults:
        heads = (say("reason", "原因"), say("column", "列"), say("rows", "行数"), say("first key", "首个主键"), say("its value", "取值"))
        lines = [
            (f"{f.code} ({f.detail})" if f.detail else f.code, f.column, f"{f.rows:,}", f.first_key or "-", "-" if f.first_value is None else f.first_value)
            for f in quality.faults
        ]
        made.append(Part(say("Rejected for", "剔除原因"), heads, lines, (2,)))
    if quality.filled:
        heads = (say("fact", "事实"), say("rows", "行数"), say("share of graded", "占评级行"), say("taken as", "处理"))
        words = {"unknown": say("unknown", "未知"), "fill": say("the rulebook's value", "规则给定值")}
        lines = [
            (f.fact, f"{f.rows:,}", share(f.rows, quality.graded), words[f.missing] + (say(" (not in the table)", "（表中没有）") if f.absent else ""))
            for f in quality.filled
        ]
        made.append(Part(say("Without a value", "缺值"), heads, lines, (1,)))
    if (keys := quality.keys) is not None:
        heads = (say("column", "列"), say("rows that fail", "不合格行数"), say("first of them", "前几个"), say("what became of them", "处理"))
        done = say("rejected", "剔除") if keys.rejected else say("graded all the same", "照常评级")
        lines = [(keys.column, f"{keys.failed:,}", ", ".join(keys.first) or "-", done if keys.failed else "-")]
        made.append(Part(say("Keys that are no unified social credit code", "主键不是有效的统一社会信用代码"), heads, lines, (1,)))
    return made


def as_part(table: Table, lang: str) -> Part:
    lines = [tuple(written(cell, column, lang) or "-" for cell, column in zip(row, table.columns, strict=True)) for row in table.rows]
    numbers = [place for place, column in enumerate(table.columns) if column.kind == "count"]
    return Part(table.title.say(lang), tuple(column.label.say(lang) for column in table.columns), lines, numbers)


def as_tables(quality: Quality | EvidenceQuality, lang: str) -> list[RenderableType]:
    """The report for a terminal."""
    from rich.text import Text

    made: list[RenderableType] = []
    if isinstance(quality, EvidenceQuality):
        for one in register_tables(quality.registers):
            made += [Text(f"\n{one.title.say(lang)}", style="bold"), Drawn(one, (), lang)]
        return made
    for title, heads, lines, numbers in parts(quality, lang):
        table = plain_table(*heads)
        for number in numbers:
            table.columns[number].justify = "right"
        for line in lines:
            add(table, *line)
        made += [Text(f"\n{title}", style="bold"), table]
    return made


def days(quality: Quality | EvidenceQuality, lang: str) -> str:
    """The day of the facts and, where it is another, the day up to which they had become known."""
    if isinstance(quality, Quality) or quality.known_at == quality.as_of:
        return quality.as_of
    return pick(("{}, as known on {}", "{}（截至{}所知）"), lang).format(quality.as_of, quality.known_at)


def as_html(quality: Quality | EvidenceQuality, lang: str) -> str:
    """The report as one page of HTML; on a narrow screen each line of a table becomes a block."""
    title = pick(("Data quality", "数据质量报告"), lang)
    body = [f"<h1>{title}</h1>", f"<p>{escape(quality.source)}</p>", f"<p>{escape(quality.rulebook)} · {escape(days(quality, lang))}</p>"]
    for name, heads, lines, numbers in parts(quality, lang):
        body += [f"<h2>{escape(name)}</h2>", html.table(heads, [[escape(cell) for cell in line] for line in lines], numbers=numbers)]
    return html.page(title, body, lang)
