"""The backtest of a scenario: its visits read from a register or from the data's own table, each case set against the grades of the day before.

Guarantees: what counts as found is worked out for every visit, and a visit of which it cannot be said refuses the scenario.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ..book import Book
from ..intake.files import as_problems, scan_table
from ..problems import Problem, ProblemError, nearest
from ..report.backtest import Tested
from ..rulebook.parts import Words
from ..simulate.backtest import backtest
from .backtest_form import BacktestCase, BacktestForm, FoundForm
from .form import Scenario

__all__ = ["Visits", "run_backtest"]

JOINT = "|"
ENTERPRISE = "enterprise"


@dataclass(frozen=True, slots=True)
class Visits:
    """The visits of a backtest, and the columns of whose visit it was and of its day."""

    table: pl.DataFrame
    key: str
    date: str


def run_backtest(scenario: Scenario, book: Book, path: Path, registers: Mapping[str, Path]) -> tuple[list[Tested], pl.DataFrame]:
    """What each case of the `backtest` comes to, and the visits that were compared. `path` is the data's table, `registers` those that it names.

    Raises `ProblemError`: `scenario-wrong` for columns that are not there or hold no numbers, and as `backtest` does.
    """
    form = scenario.document.backtest
    assert form is not None
    visits = visits_of(scenario, form, book, path, registers)
    tables = {name: readable(scenario, file) for name, file in registers.items()}
    cases = form.cases or [BacktestCase(label=Words(en="All visits", zh="全部检查"))]
    made: list[Tested] = []
    compared: list[pl.DataFrame] = []
    for number, case in enumerate(cases, 1):
        own = visits.table.filter(pl.lit(True), *(pl.col(column).cast(pl.String) == text for column, text in case.only.items()))
        found = backtest(
            book, None, tables, own, found=[one.name for one in form.found], key=visits.key, date=visits.date, first=form.first, last=form.last,
            gap=form.follow_ups.count if form.follow_ups else 0, earlier=form.earlier, previous=form.previous, capacity=float(form.capacity),
            split=form.split, every=form.every, probability=form.probability, stratum=form.stratum, absent=scenario.document.absent,
            resamples=form.resamples, seed=form.seed,
        )  # fmt: skip
        made.append(Tested(case.label, found, {one.name: one.label for one in form.found}, form.resamples))
        compared.append(pl.from_pandas(found.visits).select(pl.lit(number).alias("case"), pl.all()))
    return made, pl.concat(compared)


def readable(scenario: Scenario, path: Path) -> pl.DataFrame:
    with as_problems(path):
        source = scan_table(path, empty=True)
        if source.texts:
            raise ProblemError([scenario.problem(("backtest",), f"the table `{path.name}` holds texts only", "give it as Parquet")])
        return source.lazy.collect(engine="streaming")


def visits_of(scenario: Scenario, form: BacktestForm, book: Book, path: Path, registers: Mapping[str, Path]) -> Visits:
    """The visits with their enterprise, their day, and whether each kind of thing was found, under its name."""
    if form.visits is not None:
        register = book.law.document.registers[form.visits]
        table, key, date = readable(scenario, registers[form.visits]), register.key, register.date
        if register.id:
            table = table.unique(register.id, keep="first", maintain_order=True)
    else:
        assert form.enterprise is not None and form.date is not None
        table, date = readable(scenario, path), form.date
        key = form.enterprise[0] if len(form.enterprise) == 1 else ENTERPRISE
    if problems := column_problems(scenario, form, table.schema):
        raise ProblemError(problems)
    if form.enterprise is not None and len(form.enterprise) > 1:
        table = table.with_columns(pl.concat_str(form.enterprise, separator=JOINT).alias(key))
    return Visits(table.with_columns(pl.col(date).cast(pl.Date), *map(holds, form.found)), key, date)


def holds(found: FoundForm) -> pl.Expr:
    """Whether a visit found it; empty where a number that it takes is."""
    total = pl.sum_horizontal(*(pl.col(name).cast(pl.Float64) for name in found.columns), ignore_nulls=False)
    bound = found.less_than
    return (total > float(found.more_than or 0) if bound is None else total < float(bound)).alias(found.name)


def column_problems(scenario: Scenario, form: BacktestForm, columns: pl.Schema) -> list[Problem]:
    """Columns that the backtest names and that the visits do not have, or that hold no numbers or dates."""
    at: tuple[str | int, ...] = ("backtest",)
    wanted: list[tuple[tuple[str | int, ...], str]] = [((*at, "enterprise", place), name) for place, name in enumerate(form.enterprise or ())]
    wanted += [((*at, name), column) for name in ("date", "probability", "stratum") if (column := getattr(form, name)) is not None]
    wanted += [((*at, "previous", fact), column) for fact, column in form.previous.items()]
    wanted += [((*at, "cases", number, "only", column), column) for number, case in enumerate(form.cases) for column in case.only]
    numbers = [((*at, "found", number, "columns", place), name) for number, one in enumerate(form.found) for place, name in enumerate(one.columns)]
    problems = [
        scenario.problem(path, f"the visits have no column `{column}`", nearest(column, columns))
        for path, column in [*wanted, *numbers]
        if column not in columns
    ]
    problems += [
        scenario.problem(path, f"the column `{column}` of the visits holds no numbers")
        for path, column in numbers
        if column in columns and not columns[column].is_numeric()
    ]
    if form.date is not None and form.date in columns and not columns[form.date].is_temporal():
        problems.append(scenario.problem((*at, "date"), f"the column `{form.date}` of the visits holds no dates"))
    return problems
