"""The plan of a scenario: from its grades to commitments of the draws, and with a seed on to teams, days and files.

Guarantees: without a seed the run ends with the commitments, which are published before the seed exists. A run with a seed may be given the folder
of such commitments: it draws only where they are the same, to the byte, that this run would make.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import polars as pl

from ..inspection.draw.record import Draw, read_draw, reveal
from ..inspection.earlier import REPLACED_FILE, Earlier, read_earlier
from ..inspection.files import write_files
from ..inspection.frame import Department
from ..inspection.make_tables import difference_table, replaced_table, tables_of
from ..inspection.plan import Plan, Prepared, commit, place, place_again, prepare
from ..inspection.rules import PlanRules, rules_of
from ..inspection.schedule.inspectors import read_inspectors
from ..inspection.tables import PlanTables
from ..intake.files import scan_table
from ..problems import Place, Problem, ProblemError, nearest
from ..program.program import Program
from ..report.html import write_whole
from ..report.plan_page import plan_page
from ..report.plan_tables import plan_tables, prepared_tables
from ..report.table import Table
from ..workdays import Calendar, country, from_file
from .form import Scenario
from .plan_form import DepartmentForm, PlanForm

__all__ = ["DIFFERENCE", "Again", "PlanOptions", "Planned", "files_beside", "plan_scenario", "prepared_of"]


DIFFERENCE = "difference.csv"  # what a plan that continues another changed of it


@dataclass(frozen=True, slots=True)
class Again:
    """Planning again: the folder of the earlier plan, the day on which it is done, up to when nothing moves, the visits that were made
    (by id), and the inspectors who are challenged on a visit."""

    earlier: Path
    today: dt.date
    freeze_until: dt.date
    made: frozenset[str] = frozenset()
    challenges: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """How far a run goes with its plan: by which seed (in place of the scenario's), after which commitments, or no further than these; or once more."""

    seed: str | None = None
    committed: Path | None = None
    commit_only: bool = False
    again: Again | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan as far as the run went: the tables that are shown, and with a seed the whole plan."""

    prepared: Prepared
    draws: tuple[Draw, ...]
    plan: Plan | None
    tables: PlanTables | None
    shown: tuple[Table, ...]


def plan_scenario(
    scenario: Scenario, program: Program, graded: Path, registers: Mapping[str, Path], folder: Path, options: PlanOptions,
) -> Planned:  # fmt: skip
    """Make the plan of a scenario from the graded table, and write its draws and files into `folder`.

    Raises `ProblemError` for whatever is wrong with rules, inspectors, calendar or leads, and where other draws were committed to.
    """
    form = scenario.document.plan
    assert form is not None
    prepared, decisions = prepared_of(scenario, program, graded, registers)
    law_at = scenario.document.law_at or scenario.document.as_of
    draws = commit(prepared, folder, law_at=law_at, as_of=scenario.document.as_of, seed_from=form.seed_from.say("en"))
    again, seed = options.again, options.seed or form.seed
    earlier = read_earlier(again.earlier) if again else None
    if committed := again.earlier if again else options.committed:
        check_commitments(draws, committed)
    if options.commit_only or (seed is None and again is None):
        return Planned(prepared, draws, None, None, prepared_tables(prepared))
    made = (
        made_again(prepared, again, earlier, folder, form.join_within)
        if again and earlier
        else place(prepared, reveal(draws, str(seed)), window=form.join_within)
    )
    more = [name for name in ("lat", "lon") if name in decisions.columns]
    places = decisions.select("enterprise", *more, *([pl.col(form.name).alias("name")] if form.name else [])) if more or form.name else None
    tables = tables_of(made, program, scenario.document.title, law_at=law_at, as_of=scenario.document.as_of, enterprises=places)
    if made.difference is not None:
        difference_table(made.difference).write_csv(folder / DIFFERENCE)
    if made.schedule.replaced:
        replaced_table(made.schedule.replaced).write_parquet(folder / REPLACED_FILE)
    written = write_files(tables, folder, earlier=again.earlier if again else None, lang=form.language)
    write_whole(plan_page(tables, form.language), folder / "plan.html")
    return Planned(prepared, made.draws, made, tables, plan_tables(made, tables, written.notices))


def prepared_of(scenario: Scenario, program: Program, graded: Path, registers: Mapping[str, Path]) -> tuple[Prepared, pl.DataFrame]:
    """The plan of a scenario before its draws, by a compiled law and the table that it graded; and what is read of that table."""
    form = scenario.document.plan
    assert form is not None
    rules = rules_of(program)
    calendar = calendar_of(form, scenario)
    decisions = decisions_of(scenario, form, graded, rules)
    given = {
        name: table(scenario, file)
        for name, file in (("triggers", form.triggers), ("tolerance", form.tolerance))
        if file is not None
    }  # fmt: skip
    if form.history is not None:
        given["visits"] = history(scenario, form, registers)
    ranks = {grade: rank for rank, grade in enumerate(program.law.document.grades.order)}
    departments = [department_of(one, form, scenario) for one in form.departments]
    prepared = prepare(
        decisions, rules, departments, read_inspectors(scenario.file.parent / form.inspectors), calendar, ranks=ranks, district=form.district,
        registers=given, as_of=scenario.document.as_of,
    )  # fmt: skip
    return prepared, decisions


def made_again(prepared: Prepared, again: Again, earlier: Earlier, folder: Path, window: int) -> Plan:
    """Plan again by the draws of the earlier plan, whose files come along."""
    for draw in earlier.draws:
        for path in (draw.record, draw.manifest, draw.drawn_file):
            shutil.copyfile(path, folder / path.name)
    draws = [read_draw(folder / draw.record.name) for draw in earlier.draws]
    return place_again(
        prepared, earlier, window=window, as_of=again.today, freeze_until=again.freeze_until, made=again.made, challenges=again.challenges, draws=draws
    )


def files_beside(scenario: Scenario) -> list[tuple[str, Path]]:
    """What a scenario reads besides its data, by name: its reforms, those that it is compared with, and the files of its plan."""
    form = scenario.document.plan
    of_plan = [form.inspectors, form.triggers, form.tolerance, form.calendar.file, form.history.file if form.history else None] if form else []
    compared = scenario.document.compare.reforms if scenario.document.compare else []
    projected = [name for policy in scenario.document.project.policies for name in policy.reforms] if scenario.document.project else []
    return [(Path(name).name, scenario.file.parent / name) for name in (*scenario.document.reforms, *compared, *projected, *of_plan) if name is not None]


def department_of(one: DepartmentForm, form: PlanForm, scenario: Scenario) -> Department:
    return Department(
        one.id, one.label, one.draw_id or form.draw_id or f"{scenario.id}-{form.first.year}/{one.id}", form.first, form.last,
        {name: frozenset(values) for name, values in one.where.items()}, tuple(one.strata), dict(one.ratios), frozenset(one.skills),
        Fraction(one.hours), Fraction(one.enterprise_hours),
    )  # fmt: skip


def calendar_of(form: PlanForm, scenario: Scenario) -> Calendar:
    if form.calendar.file is not None:
        return from_file(scenario.file.parent / form.calendar.file, form.first, form.last)
    assert form.calendar.country is not None
    return country(form.calendar.country, form.first, form.last, form.calendar.subdivision)


def table(scenario: Scenario, file: str) -> pl.DataFrame:
    return scan_table(scenario.file.parent / file, empty=True).lazy.collect()


def decisions_of(scenario: Scenario, form: PlanForm, graded: Path, rules: PlanRules) -> pl.DataFrame:
    """The columns of the graded table that the plan reads. Raises `ProblemError` for a name that is no column of it."""
    scan = pl.scan_parquet(graded)
    columns = scan.collect_schema().names()
    wanted: list[tuple[tuple[str | int, ...], str | None]] = [(("plan", "district"), form.district), (("plan", "name"), form.name)]
    for number, one in enumerate(form.departments):
        wanted += [(("plan", "departments", number, "where", name), name) for name in one.where]
        wanted += [(("plan", "departments", number, "strata", place), name) for place, name in enumerate(one.strata)]
    problems = [
        scenario.problem(path, f"the graded table has no column `{name}`", nearest(name, columns))
        for path, name in wanted
        if name is not None and name not in columns
    ]
    if problems:
        raise ProblemError(problems)
    key = "enterprise" if len(scenario.document.key) > 1 else scenario.document.key[0]
    names = {name for _, name in wanted if name is not None} | {name for name in ("lat", "lon") if name in columns}
    bits = sorted({f"reasons_{outcome.word}" for outcome in rules.outcomes})
    return scan.select(pl.col(key).cast(pl.String).alias("enterprise"), "grade", *bits, *sorted(names - {key, "enterprise", "grade"})).collect()


def history(scenario: Scenario, form: PlanForm, registers: Mapping[str, Path]) -> pl.DataFrame:
    """Earlier visits, with the columns that a plan reads."""
    one = form.history
    assert one is not None
    if one.register_name is not None and one.register_name not in registers:
        hint = nearest(one.register_name, registers)
        raise ProblemError([scenario.problem(("plan", "history", "register"), f"the data holds no register `{one.register_name}`", hint)])
    path = scenario.file.parent / one.file if one.file else registers[str(one.register_name)]
    found = scan_table(path, empty=True).lazy
    if one.date not in (columns := found.collect_schema().names()):
        raise ProblemError([scenario.problem(("plan", "history", "date"), f"the table has no column `{one.date}`", nearest(one.date, columns))])
    if one.department is not None:
        found = found.with_columns(department=pl.lit(one.department))
    return found.rename({one.date: "date"} if one.date != "date" else {}).collect()


def check_commitments(draws: tuple[Draw, ...], committed: Path) -> None:
    """Raise `ProblemError` unless the folder holds exactly these commitments."""
    problems: list[Problem] = []
    for draw in draws:
        before = read_draw(committed / draw.record.name)
        place = Place(str(before.record))
        if before.commitment == draw.commitment:
            continue
        if before.commitment.rulebook != draw.commitment.rulebook:
            message = f"`{draw.name}` was committed to the rulebook {before.commitment.rulebook.digest}, and this run has {draw.commitment.rulebook.digest}"
            problems.append(Problem("draw-rulebook", message, place, "draw by the committed text, or commit anew"))
        else:
            differs = "frame" if before.commitment.manifest_sha256 != draw.commitment.manifest_sha256 else "quotas or head"
            problems.append(Problem("draw-record", f"`{draw.name}` was committed with another {differs}", place, "was the data changed since the commitment?"))
    if problems:
        raise ProblemError(problems)
