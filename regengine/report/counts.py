"""How many rows were decided in which way: a table for each decided column, groups side by side, with shares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from ..intake.rejects import Fault
from ..program.program import Output, Program
from ..rulebook.parts import Words
from .table import Cell, Column, Groups, Table

__all__ = ["MOST_GROUPS", "WARNINGS", "Beside", "count_table", "countable", "grades_by", "groups_of", "rejected_table"]

WARNINGS = "warnings"  # stands for the columns of all early warnings
MOST_GROUPS = 6  # more do not fit side by side
ALL = Words(en="All", zh="合计")
ROWS = Words(en="Rows", zh="行数")
PART = Words(en="%", zh="%")
NONE = Words(en="none", zh="无")
EMPTY = Words(en="not given", zh="未填")
LABEL = Words(en="Label", zh="名称")
TITLES: Mapping[str, tuple[Words, Words]] = {  # of the table, and of its first column
    "grade": (Words(en="Grades", zh="等级分布"), Words(en="Grade", zh="等级")),
    "graded_by": (Words(en="What set the grade", zh="定级依据"), Words(en="Rule", zh="规则")),
    "service_path": (Words(en="Service paths", zh="办理路径"), Words(en="Path", zh="路径")),
    WARNINGS: (Words(en="Early warnings", zh="预警"), Words(en="Warning", zh="预警")),
}
Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Beside:
    """A distribution of grades from elsewhere, to stand beside the rows counted: what it is called, its rows by grade, and its source."""

    label: Words
    rows: Mapping[str, int]
    source: Words


def countable(program: Program) -> list[str]:
    """The decided columns whose values can be counted: those with a list of values, and yes or no."""
    names = [output.name for output in program.outputs if values_of(output)]
    return [*names, WARNINGS] if any(rule.table == "warning" for rule in program.rules) else names


def groups_of(graded: pl.LazyFrame, column: str, labels: Mapping[str, Words]) -> Groups:
    """The groups that a column makes: those with a label first, in the order of the labels, then the others."""
    found = graded.select(grouping(column).unique()).collect(engine="streaming").to_series().to_list()
    order = [*(name for name in labels if name in found), *sorted(name for name in found if name not in labels)]
    return Groups(column, {name: labels.get(name, Words(en=name) if name else EMPTY) for name in order})


def count_table(graded: pl.LazyFrame, program: Program, column: str, groups: Groups | None, beside: Sequence[Beside] = ()) -> Table:
    """Rows by the values of a decided column (see `countable`), those that no row has included; `beside` stands to the right of them."""
    if column == WARNINGS:
        labels = {rule.id: rule.label for rule in program.rules if rule.table == "warning"}
        values: list[Value] = list(labels)
        counts = counted_flags(graded, {f"warning_{name.removeprefix('warnings.')}": name for name in labels}, groups)
    else:
        output = next(output for output in program.outputs if output.name == column)
        values, labels = values_of(output), labels_of(program, column)
        counts = counted(graded, column, groups)
    totals = group_sizes(graded, groups)
    names = [*(groups.labels if groups else ()), None]
    title, first = TITLES.get(column, (Words(en=column), Words(en="Value", zh="取值")))
    columns = [Column("value", first, "name")]
    if labels:
        columns.append(Column("label", LABEL))
    for name in names:
        label = ROWS if groups is None else ALL if name is None else groups.labels[name]
        suffix = "" if name is None else f".{name}"
        columns += [Column(f"rows{suffix}", label, "count"), Column(f"share{suffix}", PART, "share")]
    for number, other in enumerate(beside, 1):
        columns += [Column(f"rows.published_{number}", other.label, "count"), Column(f"share.published_{number}", PART, "share")]
    rows: list[tuple[Cell, ...]] = []
    for value in values:
        row: list[Cell] = [NONE if value is None else value]
        if labels:
            row.append(labels.get(str(value)))
        for name in names:
            number = counts.get((name, value), 0)
            row += [number, part(number, totals.get(name))]
        for other in beside:
            row += [other.rows[str(value)], part(other.rows[str(value)], sum(other.rows.values()))]
        rows.append(tuple(row))
    notes = [Words(en=f"{other.label.say('en')}: {other.source.say('en')}", zh=f"{other.label.say('zh')}：{other.source.say('zh')}") for other in beside]
    return Table(column, title, tuple(columns), tuple(rows), tuple(notes))


def part(number: int, whole: int | None) -> float | None:
    return round(number / whole, 6) if whole else None


def grades_by(graded: pl.LazyFrame, program: Program, column: str, label: Words | None, labels: Mapping[str, Words]) -> Table:
    """A row for each value of a column of the table, the largest first: its rows, and how many of them have each grade."""
    found = graded.group_by(grouping(column).alias("value"), pl.col("grade").cast(pl.String)).len("rows").collect(engine="streaming")
    sizes: dict[str, dict[str, int]] = {}
    for value, grade, number in found.iter_rows():
        sizes.setdefault(value, {})[grade] = number
    head = label or Words(en=column)
    columns = [Column(column, head, "name"), *([Column("label", LABEL)] if labels else []), Column("rows", ROWS, "count")]
    for grade in program.law.document.grades.order:
        columns += [Column(f"rows.{grade}", Words(en=grade), "count"), Column(f"share.{grade}", PART, "share")]
    rows: list[tuple[Cell, ...]] = []
    for value, own in sorted(sizes.items(), key=lambda pair: (-sum(pair[1].values()), pair[0])):
        whole = sum(own.values())
        row: list[Cell] = [value or None, *([labels.get(value) if value else EMPTY] if labels else []), whole]
        for grade in program.law.document.grades.order:
            row += [own.get(grade, 0), part(own.get(grade, 0), whole)]
        rows.append(tuple(row))
    title = Words(en=f"Grades by {head.say('en').lower()}", zh=f"按{head.say('zh')}的等级分布")
    return Table(f"grade_by_{column}", title, tuple(columns), tuple(rows))


def rejected_table(found: Iterable[Fault]) -> Table:
    """The reasons why rows could not be graded, the most frequent first."""
    columns = (
        Column("rejected_for", Words(en="Rejected for", zh="剔除原因"), "name"),
        Column("column", Words(en="Column", zh="列"), "name"),
        Column("rows", ROWS, "count"),
        Column("first_key", Words(en="First key", zh="首个主键")),
    )
    rows = [(fault.code + (f" ({fault.detail})" if fault.detail else ""), fault.column, fault.rows, fault.first_key) for fault in found]
    return Table("rejected", Words(en="Rows that could not be graded", zh="未能评级的行"), columns, tuple(rows))


def values_of(output: Output) -> list[Value]:
    if output.type == "boolean" and output.values is None:
        return [True, False]
    return list(dict.fromkeys(output.values or ()))


def labels_of(program: Program, column: str) -> dict[str, Words]:
    """What the values of a decided column are called in the rulebook."""
    document = program.law.document
    match column:
        case "grade":
            return dict(document.grades.labels)
        case "graded_by":
            return {rule.id: rule.label for rule in program.rules if rule.table in ("grade", "adjust")}
        case "service_path" if document.service is not None:
            return {path.id: path.label for path in document.service.paths if path.label is not None}
        case _:
            return {}


def grouping(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).fill_null("")


Counts = dict[tuple[str | None, Value], int]


def counted(graded: pl.LazyFrame, column: str, groups: Groups | None) -> Counts:
    """Rows by group and value; the group None is all of them."""
    by = [grouping(groups.column).alias("group")] if groups else []
    found = graded.group_by(*by, pl.col(column).alias("value")).len("rows").collect(engine="streaming")
    return summed((row.get("group"), row["value"], row["rows"]) for row in found.iter_rows(named=True))


def counted_flags(graded: pl.LazyFrame, names: Mapping[str, str], groups: Groups | None) -> Counts:
    sums = [pl.col(column).sum().cast(pl.Int64).alias(name) for column, name in names.items()]
    table = graded.group_by(grouping(groups.column).alias("group")).agg(sums) if groups else graded.select(sums)
    found = table.collect(engine="streaming")
    return summed((row.get("group"), name, row[name]) for row in found.iter_rows(named=True) for name in names.values())


def group_sizes(graded: pl.LazyFrame, groups: Groups | None) -> dict[str | None, int]:
    if groups is None:
        return {None: graded.select(pl.len()).collect(engine="streaming").item()}
    found = graded.group_by(grouping(groups.column).alias("group")).len("rows").collect(engine="streaming")
    sizes: dict[str | None, int] = dict(found.iter_rows())
    return {**sizes, None: sum(sizes.values())}


def summed(found: Iterable[tuple[str | None, Value, int]]) -> Counts:
    counts: Counts = {}
    for group, value, rows in found:
        for key in {(group, value), (None, value)}:
            counts[key] = counts.get(key, 0) + rows
    return counts
