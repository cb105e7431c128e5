"""The comparison of a scenario: its rulebook with reforms of it on the scenario's own table, as tables, CSV and one page."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from ..book import Book
from ..inspection.draw.record import reveal
from ..inspection.plan import commit, place
from ..intake.files import write_outputs
from ..problems import Problem, ProblemError, nearest
from ..report.html import write_whole
from ..report.reform_page import Headline, reform_page
from ..report.reform_tables import next_heads, next_tables, plans_heads, plans_tables, reform_tables
from ..report.table import Table
from ..rulebook.reform import read_reform
from ..simulate.compare import Comparison, Costs, compare
from ..simulate.next_visits import NextVisits, next_visits
from ..simulate.plans import PlanFigures, plan_figures
from ..simulate.tally import Population
from .compare_form import NextForm
from .form import Scenario
from .planning import prepared_of

__all__ = ["PAGE", "compare_scenario", "comparison_problems"]

PAGE = "reform.html"
NEVER = -1  # the days within which visits go together, where none do


def comparison_problems(scenario: Scenario, columns: list[str]) -> list[Problem]:
    """Columns that the comparison names and that the table will not have."""
    form = scenario.document.compare
    if form is None:
        return []
    wanted: list[tuple[tuple[str | int, ...], str]] = [(("compare", "by", number), name) for number, name in enumerate(form.by)]
    if form.visits is not None:
        wanted.append((("compare", "visits", "inspected"), form.visits.inspected))
        wanted += [(("compare", "visits", "enterprise", number), name) for number, name in enumerate(form.visits.enterprise)]
    return [scenario.problem(path, f"the table has no column `{name}`", nearest(name, columns)) for path, name in wanted if name not in columns]


def compare_scenario(scenario: Scenario, book: Book, population: Population, key: str, folder: Path, registers: Mapping[str, Path]) -> tuple[Table, ...]:
    """Compare, write the tables and the page into the folder of the run, and give the tables."""
    document, form = scenario.document, scenario.document.compare
    assert form is not None
    reforms = [read_reform(scenario.file.parent / name) for name in form.reforms]
    costs = Costs(Fraction(form.costs.inspector_hours), Fraction(form.costs.enterprise_hours)) if form.costs else None
    more: list[Table] = []
    heads: list[Headline] = []
    if form.visits is not None:
        on_record = visits_on_record(scenario, book, book.with_reform(*reforms), population, key, form.visits)
        heads += next_heads(on_record)
        more += next_tables(on_record, form.visits.resamples, form.visits.seed)
        population = latest(population, form.visits)
    if form.plans is not None:
        before, after = two_plans(scenario, book, book.with_reform(*reforms), population, key, folder, registers)
        heads += plans_heads(before, after)
        more += plans_tables(before, after)
    found = compare(book, reforms, population, as_of=document.as_of, by=form.by, costs=costs, key=key, absent=document.absent)
    write_whole(reform_page(found, form.language, title=document.title, notes=document.notes, more=more, heads=heads), folder / PAGE)
    write_tables(found, folder)
    return (*reform_tables(found), *more)


def two_plans(
    scenario: Scenario, book: Book, reformed: Book, population: Population, key: str, folder: Path, registers: Mapping[str, Path]
) -> tuple[PlanFigures, PlanFigures]:  # fmt: skip
    """What the plan of the scenario comes to by the rulebook and by the reform."""
    document, form = scenario.document, scenario.document.plan
    assert form is not None and form.seed is not None and document.compare is not None and document.compare.plans is not None
    joined = document.compare.plans.join_within
    made: list[PlanFigures] = []
    for one, window in ((book, joined.before), (reformed, joined.after)):
        with TemporaryDirectory(prefix="regengine-", dir=folder) as work:
            graded = Path(work) / "graded.parquet"
            split = one.split_frame(population.lazy, as_of=document.as_of, key=key, absent=document.absent, texts=population.texts)
            write_outputs({graded: split.graded})
            prepared, _ = prepared_of(scenario, one.program, graded, registers)
            draws = commit(prepared, Path(work), law_at=document.law_at or document.as_of, as_of=document.as_of, seed_from=form.seed_from.say("en"))
            made.append(plan_figures(place(prepared, reveal(draws, form.seed), window=NEVER if window is None else window)))
    return made[0], made[1]


def latest(population: Population, form: NextForm) -> Population:
    """The enterprises as they were at their latest visit."""
    last = population.lazy.group_by(form.enterprise).agg(pl.col(form.inspected).max())
    return Population(population.lazy.join(last, on=[*form.enterprise, form.inspected], how="semi"), population.texts, population.path)


def visits_on_record(scenario: Scenario, book: Book, reformed: Book, population: Population, key: str, form: NextForm) -> NextVisits:
    """The visits of the table with the interval that each rulebook asks for after them."""
    document = scenario.document
    made: list[pl.DataFrame] = []
    for name, one in (("before", book), ("after", reformed)):
        if "inspection_every" not in (known := [output.name for output in one.program.outputs]):
            raise ProblemError([scenario.problem(("compare", "visits"), f"`{one.id}` gives no interval between visits", nearest("inspection_every", known))])
        graded = one.split_frame(population.lazy, as_of=document.as_of, key=key, absent=document.absent, texts=population.texts).graded
        made.append(graded.select(key, pl.concat_str(form.enterprise, separator="|").alias("of"), pl.col(form.inspected).cast(pl.Date).alias("inspected"),
                                  "grade", pl.col("inspection_every").alias(name)).collect(engine="streaming"))  # fmt: skip
    rows = made[0].join(made[1].select(key, "after"), on=key).drop(key).rename({"of": "enterprise"})
    return next_visits(rows, form.failed, resamples=form.resamples, seed=form.seed)


def write_tables(found: Comparison, folder: Path) -> None:
    """The frames of a comparison, each as CSV; a count that is hidden is empty."""
    frames = {
        "matrix": found.matrix.reset_index(), "moved_by": found.attribution, "rules": found.rules, "workload": found.workload,
        **{f"by_{name}": one.figures for name, one in found.groups.items()}, **{f"grades_by_{name}": one.cells for name, one in found.groups.items()},
    }  # fmt: skip
    for name, frame in frames.items():
        write_whole(frame.to_csv(index=False, lineterminator="\n"), folder / f"reform_{name}.csv")
