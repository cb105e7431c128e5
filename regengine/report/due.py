"""When inspections fall due by the interval of each grade, and how the inspections on record kept to it.

What the figures say: a row is one inspection on record. The next one falls due the interval after its day, in whole
calendar months (three years after 29 February is 28 February). It was followed where the same enterprise has an
inspection on a later day. What they do not say: that an inspection without a later one on record was not followed in
fact, nor that the record is complete.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from ..problems import Place, one_problem
from ..rulebook.parts import Words
from ..rulebook.values import parse_span
from .counts import ALL, PART, grouping
from .table import GROUP, Cell, Column, Groups, Table

__all__ = ["Columns", "due_tables", "schedule"]

UNITS = {"day": "天", "month": "个月", "year": "年"}


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a graded table that hold the day, the interval, the longest time allowed, and who was inspected."""

    inspected: str
    every: str
    latest: str | None
    enterprise: tuple[str, ...]


def schedule(graded: pl.LazyFrame, columns: Columns, groups: Groups | None) -> pl.DataFrame:
    """A row for each inspection: `group`, `grade`, `every`, `inspected`, `due`, `latest` and `next`, the next later day on record.

    Raises `ProblemError` where a column does not hold days or spans of time, and where a span is counted in working days,
    which need a calendar.
    """
    who = [pl.col(name).alias(f"who.{number}") for number, name in enumerate(columns.enterprise)]
    names = [f"who.{number}" for number in range(len(who))]
    group = grouping(groups.column) if groups else pl.lit("")
    table = graded.select(
        *who, group.alias("group"), "grade", pl.col(columns.every).alias("every"), day_of(graded, columns.inspected).alias("inspected"),
        pl.col(columns.latest or columns.every).alias("within"),
    ).collect(engine="streaming")  # fmt: skip
    days = table.select(*names, "inspected").drop_nulls().unique().sort(*names, "inspected").with_columns(next=pl.col("inspected").shift(-1).over(names))
    table = table.join(days, on=[*names, "inspected"], how="left", maintain_order="left")
    return table.select(
        "group", "grade", "every", "inspected", after(table, "every").alias("due"), after(table, "within").alias("latest"), "next",
    )  # fmt: skip


def day_of(graded: pl.LazyFrame, column: str) -> pl.Expr:
    kind = graded.collect_schema()[column]
    if kind == pl.String:
        return pl.col(column).str.to_date("%Y-%m-%d", strict=False)
    if kind != pl.Date and not isinstance(kind, pl.Datetime):
        raise one_problem("scenario-wrong", f"the column `{column}` holds no days", place=Place(field=column))
    return pl.col(column).cast(pl.Date)


def after(table: pl.DataFrame, column: str) -> pl.Expr:
    """The day that lies the span in `column` after the inspection."""
    spans: dict[str, str] = {}
    for text in table[column].drop_nulls().unique().to_list():
        try:
            span = parse_span(text)
        except ValueError as error:
            raise one_problem("scenario-wrong", str(error), hint="name a column of intervals, such as `inspection_every`") from None
        if span.months is None and span.unit != "day":
            raise one_problem("scenario-wrong", f"`{text}` cannot be counted without a calendar of working days")
        spans[text] = f"{span.months}mo" if span.months is not None else f"{span.count}d"
    return pl.col("inspected").dt.offset_by(pl.col(column).replace_strict(spans, default=None, return_dtype=pl.String))


def due_tables(graded: pl.LazyFrame, columns: Columns, as_of: dt.date, grades: Sequence[str], groups: Groups | None) -> tuple[Table, Table]:
    """Inspections recorded and falling due by year, and how many were followed in time by grade, as known on `as_of`."""
    table = schedule(graded, columns, groups)
    return by_year(table, as_of, groups), in_time(table, as_of, grades, groups, window=columns.latest is not None)


def by_year(table: pl.DataFrame, as_of: dt.date, groups: Groups | None) -> Table:
    names = [*(groups.labels if groups else ()), None]
    heads = [ALL if name is None or groups is None else groups.labels[name] for name in names]
    kinds = (("inspected", Words(en="recorded", zh="已实施")), ("due", Words(en="due", zh="到期")))
    columns = [Column("year", Words(en="Year", zh="年份"), "name")]
    counts: list[dict[int, int]] = []
    for kind, said in kinds:
        for name, head in zip(names, heads, strict=True):
            columns.append(
                Column(kind if name is None else f"{kind}.{name}", Words(en=f"{head.say('en')} {said.en}", zh=f"{head.say('zh')} {said.zh}"), "count")
            )
            part = table if name is None else table.filter(pl.col("group") == name)
            counts.append(dict(part.select(pl.col(kind).dt.year().alias("year")).drop_nulls().group_by("year").len().iter_rows()))
    years = sorted({year for found in counts for year in found})
    rows: list[tuple[Cell, ...]] = []
    for year in range(years[0], years[-1] + 1) if years else ():
        cells: list[Cell] = [str(year)]
        for column, found in zip(columns[1:], counts, strict=True):
            future = column.name.startswith("inspected") and year > as_of.year
            cells.append(None if future else found.get(year, 0))
        rows.append(tuple(cells))
    known = table["inspected"].drop_nulls().sort()
    span = (f" ({known[0]} to {known[-1]})", f"（{known[0]}至{known[-1]}）") if len(known) else ("", "")
    notes = [Words(
        en=f"Recorded: inspections on record{span[0]}, in the year in which they took place. "
        "Due: the same inspections, in the year in which the interval of the grade asks for the next one.",
        zh=f"“已实施”为在案检查{span[1]}，计入实施年份；“到期”为同一批检查，计入按等级间隔推算的下次检查年份。",
    )]  # fmt: skip
    if missing := len(table) - len(known):
        notes.append(Words(en=f"Records without a day, in no year: {missing:,}.", zh=f"无日期、未计入任何年份的记录：{missing:,}条。"))
    return Table(
        "due_by_year",
        Words(en="Inspections recorded and falling due, by year", zh="各年已实施和到期的检查（次）"),
        tuple(columns),
        tuple(rows),
        tuple(notes),
    )


def in_time(table: pl.DataFrame, as_of: dt.date, grades: Sequence[str], groups: Groups | None, *, window: bool) -> Table:
    over = table.filter(pl.max_horizontal("due", "latest") <= as_of)
    names: list[str | None] = [*(groups.labels if groups else ()), None]
    columns = [Column(GROUP, Words(en="Of", zh="范围"))] if groups else []
    columns += [
        Column("grade", Words(en="Grade", zh="等级"), "name"),
        Column("every", Words(en="Every", zh="间隔"), "name"),
        Column("over", Words(en="Time up", zh="期满"), "count"),
        Column("followed", Words(en="Followed", zh="有后续"), "count"),
        Column("by_due", Words(en="by due day", zh="按期"), "count"),
        Column("by_due.share", PART, "share"),
    ]
    if window:
        columns += [Column("by_latest", Words(en="by window end", zh="窗口期满前"), "count"), Column("by_latest.share", PART, "share")]
    columns.append(Column("median_days", Words(en="Median days", zh="中位天数"), "count"))
    rows: list[tuple[Cell, ...]] = []
    for name in names:
        part = over if name is None else over.filter(pl.col("group") == name)
        head: list[Cell] = [ALL if name is None or groups is None else groups.labels[name]] if groups else []
        for grade in (*grades, None):
            rows.append((*head, *row_of(part if grade is None else part.filter(pl.col("grade") == grade), grade, window=window)))
    end = ("window", "窗口期") if window else ("interval", "间隔期")
    notes = [Words(
        en=f"Time up: inspections after which the {end[0]} for the next one ended by {as_of}. Followed: those of them after which a later inspection "
        "of the same enterprise is on record. Shares and the median of the days between the two are of the followed ones.",
        zh=f"“期满”为下次检查的{end[1]}在{as_of}前（含当日）届满的检查；“有后续”为其中同一对象其后另有在案检查的；占比和间隔天数中位数均以“有后续”为基数。",
    )]  # fmt: skip
    return Table("followed_in_time", Words(en="Was the next inspection in time?", zh="下次检查是否按期"), tuple(columns), tuple(rows), tuple(notes))


def row_of(part: pl.DataFrame, grade: str | None, *, window: bool) -> tuple[Cell, ...]:
    followed = part.filter(pl.col("next").is_not_null())
    spans = part["every"].drop_nulls().unique().sort().to_list() if grade is not None else []
    cells: list[Cell] = [ALL if grade is None else grade, span_words(spans), len(part), len(followed)]
    for end in ("due", "latest") if window else ("due",):
        met = int((followed["next"] <= followed[end]).sum())
        cells += [met, round(met / len(followed), 6) if len(followed) else None]
    middle = (followed["next"] - followed["inspected"]).dt.total_days().quantile(0.5, interpolation="lower")
    cells.append(None if middle is None else int(middle))
    return tuple(cells)


def span_words(texts: Sequence[str]) -> Words | None:
    """Spans of time in both languages."""
    if not texts:
        return None
    spans = [parse_span(text) for text in texts]
    return Words(en=" / ".join(map(str, spans)), zh=" / ".join(f"{span.count}{UNITS[span.unit]}" for span in spans))
