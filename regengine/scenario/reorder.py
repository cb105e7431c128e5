"""The visits of a register, graded the day before the plan in which they stand and put in the order of their grades, for the report of a scenario.

Guarantees: the grade of a visit rests on what was on record the day before its plan began; what the visit itself or any later one found is not
known to it. Every visit of a period is in the comparison, or the scenario is refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from ..book import Book
from ..inspection.reorder import compare, planned
from ..intake.files import as_problems, scan_table
from ..problems import Problem, ProblemError, nearest
from ..report.reorder import GRADE, SCORE, Compared, PublishedOrder
from ..rulebook.registers import Register
from ..rulebook.values import Span, months_before
from .form import Period, Reorder, Scenario

__all__ = ["compare_periods"]


def compare_periods(scenario: Scenario, book: Book, path: Path) -> tuple[list[Compared], pl.DataFrame]:
    """What each period of the report `reorder` comes to, and its visits: the period (from 1), the first day of the plan, enterprise, day, whether
    something was found, grade, score, and how many days earlier the order by grade would have come.

    `path` holds the register. Raises `ProblemError`: `scenario-wrong` for columns that are not there, and periods in which there is nothing to compare.
    """
    reorder = scenario.document.report.reorder
    assert reorder is not None
    register = book.law.document.registers[reorder.visits]
    with as_problems(path):
        source = scan_table(path)
        if problems := register_problems(scenario, reorder, source.lazy.collect_schema(), texts=source.texts):
            raise ProblemError(problems)
        table = source.lazy.collect(engine="streaming")
    if register.id:
        table = table.unique(register.id, keep="first", maintain_order=True)
    compared: list[Compared] = []
    visits: list[pl.DataFrame] = []
    for number, period in enumerate(reorder.periods):
        own = visits_of(table, register, reorder, period)
        if problems := period_problems(scenario, own, period, number):
            raise ProblemError(problems)
        graded = pl.concat([with_grades(scenario, book, reorder.visits, table, of_plan) for of_plan in own.partition_by("window", maintain_order=True)])
        has_score = "score" in graded.columns
        orders = [GRADE, *([SCORE] if has_score else []), *(column_of(place) for place in range(len(period.beside)))]
        gains = compare(graded, orders, resamples=reorder.resamples, seed=reorder.seed)
        labels = {column_of(place): beside.label for place, beside in enumerate(period.beside)}
        published = tuple(
            PublishedOrder(one.label, float(one.days), None if one.first_half is None else float(one.first_half), one.source) for one in period.published
        )
        by_grade = graded.group_by("grade_name").agg(pl.len().alias("visits"), pl.col("found").sum())
        counts = {name: (visits_, found) for name, visits_, found in by_grade.iter_rows()}
        compared.append(Compared(period.label, graded["window"].n_unique(), gains, labels, published, counts))
        kept = ["window", "enterprise", "day", "found", "grade_name", *(["score"] if has_score else []), "days_earlier"]
        shown = planned(graded, GRADE).select(pl.lit(number + 1).alias("period"), *kept).rename({"grade_name": "grade"})
        visits.append(shown.rename({"enterprise": scenario.document.key[0]}))
    return compared, pl.concat(visits)


def column_of(place: int) -> str:
    """The column that holds the order at this place beside ours."""
    return f"beside_{place}"


def register_problems(scenario: Scenario, reorder: Reorder, columns: pl.Schema, *, texts: bool) -> list[Problem]:
    """Columns of the register that the report names and that are not there, or are no numbers."""
    at: tuple[str | int, ...] = ("report", "reorder")
    if texts:
        return [scenario.problem((*at, "visits"), f"the table of `{reorder.visits}` holds texts only", "give it as Parquet")]
    wanted: list[tuple[tuple[str | int, ...], str, bool]] = [((*at, "found", "column"), reorder.found.column, True)]
    for number, period in enumerate(reorder.periods):
        wanted += [((*at, "periods", number, "only", column), column, False) for column in period.only]
        wanted += [((*at, "periods", number, "beside", place, "column"), beside.column, True) for place, beside in enumerate(period.beside)]
    problems = []
    for path, column, numeric in wanted:
        if column not in columns:
            problems.append(scenario.problem(path, f"the table of `{reorder.visits}` has no column `{column}`", nearest(column, columns)))
        elif numeric and not columns[column].is_numeric():
            problems.append(scenario.problem(path, f"the column `{column}` of `{reorder.visits}` holds no numbers"))
    return problems


def visits_of(table: pl.DataFrame, register: Register, reorder: Reorder, period: Period) -> pl.DataFrame:
    """The visits of a period as `compare` takes them but for our own orders, each with the first day of its plan in `window`."""
    windows = pl.DataFrame({"window": list(plans(period))}, schema={"window": pl.Date})
    only = [pl.col(column).cast(pl.String) == text for column, text in period.only.items()]
    beside = [(pl.col(one.column) * (1 if one.worse == "higher" else -1)).alias(column_of(place)) for place, one in enumerate(period.beside)]
    chosen = table.filter(pl.col(register.date).cast(pl.Date).is_between(period.first, period.last), *only).select(
        pl.col(register.key).alias("enterprise"), pl.col(register.date).cast(pl.Date).alias("day"), (pl.col(reorder.found.column) > 0).alias("found"), *beside
    )
    return chosen.sort("day", "enterprise", maintain_order=True).join_asof(windows, left_on="day", right_on="window", coalesce=False)


def plans(period: Period) -> Iterator[dt.date]:
    """The first days of the plans of a period."""
    if period.every is None:
        yield period.first
        return
    count, day = 0, period.first
    while day <= period.last:
        yield day
        count += 1
        day = later(period.first, period.every, count)


def later(day: dt.date, span: Span, times: int) -> dt.date:
    """The day that lies so many spans after a day."""
    return day + dt.timedelta(times * span.count) if span.months is None else months_before(day, -times * span.months)


def period_problems(scenario: Scenario, visits: pl.DataFrame, period: Period, number: int) -> list[Problem]:
    """Why a period cannot be compared: values that are not there, or nothing found."""
    at = ("report", "reorder", "periods", number)
    empty = {name: count for name, count in zip(visits.columns, visits.null_count().row(0), strict=True) if count}
    named = {column_of(place): one.column for place, one in enumerate(period.beside)}
    problems = [
        scenario.problem(at, f"{count:,} of {len(visits):,} visits of the period have no `{named.get(name, name)}`", "choose the rows with `only`")
        for name, count in empty.items()
    ]
    if not problems and not visits["found"].sum():
        problems.append(scenario.problem(at, f"none of {len(visits):,} visits of the period found anything", "look at its days and at `only`"))
    return problems


def with_grades(scenario: Scenario, book: Book, name: str, table: pl.DataFrame, visits: pl.DataFrame) -> pl.DataFrame:
    """The visits of one plan with the order by grade and, where the rulebook has one, by score, as known on the day before."""
    key, eve = scenario.document.key[0], visits["window"][0] - dt.timedelta(days=1)
    registers = {name: table}
    enterprises = visits.select(pl.col("enterprise").alias(key)).unique(maintain_order=True)
    facts = book.work_out(enterprises, registers, as_of=eve, key=key).facts
    decided = book.decide_frame(facts, as_of=eve, key=key, keep="key")
    document = book.law.document
    orders = [
        pl.col("grade").cast(pl.String).alias("grade_name"),
        pl.col("grade").cast(pl.String).replace_strict(document.grades.order, range(len(document.grades.order)), return_dtype=pl.Int64).alias(GRADE),
    ]
    if document.score is not None:
        orders += [pl.col("score"), (pl.col("score") * (1 if document.score.worse == "higher" else -1)).alias(SCORE)]
    return visits.join(decided.select(pl.col(key).alias("enterprise"), *orders), on="enterprise", how="left", maintain_order="left")
