"""Run a scenario: grade its table, write graded rows and rejects, work out the report, and bind all of it in a record.

Where the scenario has registers, facts are worked out from them first; where it names a synthetic population, that is made
before, in the folder of the run, and taken away when it was graded.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from ..book import Book, load
from ..intake.files import Source, as_problems, scan_table, write_outputs
from ..intake.rejects import faults, rejected_rows
from ..problems import Place, Problem, ProblemError, nearest, one_problem
from ..program.program import Program
from ..report.backtest import backtest_tables
from ..report.counts import MOST_GROUPS, Beside, count_table, countable, grades_by, groups_of, rejected_table
from ..report.due import Columns, due_tables
from ..report.project import project_tables
from ..report.quality import EvidenceQuality, entry_problems, register_tables
from ..report.reorder import reorder_tables
from ..report.table import Cell, Groups, Table, words_as_data
from ..rulebook.parts import Words
from ..run_record import REPORT, Record, Rows, RulebookUsed, ScenarioUsed, hash_of, output_folder, versions_here, write_record
from ..simulate.tally import Population
from .backtest import run_backtest
from .comparing import compare_scenario, comparison_problems
from .data import tables_of
from .facts import write_facts
from .form import COMPARED, REORDERED, Scenario, rejects_of
from .planning import Planned, PlanOptions, files_beside, plan_scenario
from .projecting import run_projection
from .reorder import compare_periods

__all__ = ["Run", "run_scenario"]

ENTERPRISE = "enterprise"  # the column of a key that is joined from several
JOINT = "|"
WORK = ".work"  # a folder of the run that goes before it ends
SHOWN = 5  # rejected rows that are named one by one


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: its folder, its record with the record's own SHA-256, and what it reports."""

    scenario: Scenario
    program: Program
    folder: Path
    record: Record
    record_sha256: str
    tables: tuple[Table, ...]
    report: dict[str, object]
    planned: Planned | None = None


def run_scenario(
    scenario: Scenario, out: str | Path, *, data: str | Path | None = None, size: int | None = None, seed: int | None = None,
    plan: PlanOptions | None = None,
) -> Run:  # fmt: skip
    """Run a scenario into the folder `out`, which an earlier run may have written and nothing else.

    `data` is the table, or a folder that holds the tables; `size` and `seed` take the place of those of a synthetic population, `plan` says
    how far a plan goes. The folder
    appears whole or not at all. Raises `ProblemError`: `data-missing`, `option-wrong` for an argument that the scenario has no use
    for, `scenario-wrong` where the scenario names what table or rulebook do not have, `rows-rejected` where rejects are refused, and
    whatever is wrong with rulebook, tables or output.
    """
    document = scenario.document
    book = book_of(scenario)
    law_at, as_of = book.dates(document.as_of)
    book = book.at(law_at)
    program = book.program
    with output_folder(Path(out)) as folder:
        work = folder / WORK
        work.mkdir()
        tables = tables_of(scenario, work, data, size, seed)
        with as_problems(tables.enterprises):
            before = tables.stamps()
            source = scan_table(tables.enterprises)
            if problems := input_problems(scenario, program, list(source.lazy.collect_schema())):
                raise ProblemError(problems)
            evidence = None
            if tables.registers:
                evidence, source = with_facts(scenario, book, source, tables.registers, folder)
            rows = grade(scenario, book, source, folder)
            if tables.stamps() != before:
                place = Place(str(tables.enterprises))
                raise one_problem("file-unreadable", "the file was changed while it was read", place=place, hint="run again when nothing writes to it")
            made = report_tables(scenario, program, evidence, folder)
            if reorder := document.report.reorder:
                compared, visits = compare_periods(scenario, book, tables.registers[reorder.visits])
                visits.write_parquet(folder / REORDERED)
                made += reorder_tables(compared, reorder.found.label or Words(en=reorder.found.column), program, reorder.resamples, reorder.seed)
            if document.compare:
                population = Population(table_of(scenario, source), source.texts, source.path)
                made += compare_scenario(scenario, book, population, key_column(scenario), folder, tables.registers)
            if document.backtest:
                tested, visits = run_backtest(scenario, book, tables.enterprises, tables.registers)
                visits.write_parquet(folder / COMPARED)
                made += backtest_tables(tested)
            if document.project:
                projected = run_projection(scenario, book, program, folder / document.outputs.graded, key_column(scenario))
                made += project_tables(projected, {one.name: one.label for one in document.project.policies})
            planned = None
            if document.plan and not (document.compare and document.compare.plans):
                graded = folder / document.outputs.graded
                planned = plan_scenario(scenario, program, graded, tables.registers, folder, plan or PlanOptions())
                made += planned.shown
        shutil.rmtree(work)
        write_grades_by(made, folder)
        report = report_data(scenario, program, str(law_at), rows, made)
        (folder / REPORT).write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8", newline="\n")
        record = Record(
            scenario=ScenarioUsed(id=scenario.id, sha256=scenario.sha256),
            rulebook=RulebookUsed(id=program.law.id, edition=program.law.document.edition, digest=program.law.digest),
            law_at=str(law_at), as_of=str(as_of), inputs=(*tables.used, *(hash_of(file, name) for name, file in files_beside(scenario))),
            outputs=tuple(map(hash_of, sorted(folder.iterdir()))), rows=rows,
            versions=versions_here(*libraries(scenario)),
        )  # fmt: skip
        sha256 = write_record(folder, record)
    return Run(scenario, program, Path(out), record, sha256, made, report, planned)


def book_of(scenario: Scenario) -> Book:
    """The scenario's rulebook, at its law date where it gives one."""
    try:
        book = load(scenario.rulebook).with_reform(*(scenario.file.parent / name for name in scenario.document.reforms))
    except ProblemError as error:
        place = scenario.root.place(("rulebook",), scenario.shown)
        raise ProblemError(Problem(p.code, p.message, place, p.hint) if p.code == "rulebook-unknown" else p for p in error.problems) from None
    law_at = scenario.document.law_at
    return book if law_at is None else book.at(law_at)


def with_facts(scenario: Scenario, book: Book, source: Source, registers: Mapping[str, Path], folder: Path) -> tuple[EvidenceQuality, Source]:
    """Work out the facts that come from registers; what became of the entries, and the table with the facts."""
    document, path = scenario.document, folder / WORK / "facts.parquet"
    tables = {name: scan_table(file, empty=True) for name, file in registers.items()}
    told = write_facts(
        book, source, tables, path, as_of=document.as_of, known_at=document.known_at, key=document.key[0], rejects=lambda name: folder / rejects_of(name)
    )
    rejected = [one for one in told.registers if one.rejected]
    if rejected and document.rejects == "refused":
        raise ProblemError(problem for one in rejected for problem in entry_problems(one))
    return told, replace(scan_table(path), texts=source.texts)


def grade(scenario: Scenario, book: Book, source: Source, folder: Path) -> Rows:
    """Grade the table and write both outputs; every row that came in is in one of them."""
    document = scenario.document
    made = book.split_frame(table_of(scenario, source), as_of=document.as_of, key=key_column(scenario), absent=document.absent, texts=source.texts)
    graded, rejects = folder / document.outputs.graded, folder / document.outputs.rejects
    written = write_outputs({graded: made.graded, rejects: made.rejects}, rows_in=source.rows)
    if written[rejects] and document.rejects == "refused":
        message = f"{written[rejects]:,} of {source.rows:,} rows could not be graded, and the scenario refuses rejects"
        first = rejected_rows(pl.scan_parquet(rejects), made.key, book.facts, SHOWN)
        raise ProblemError([Problem("rows-rejected", message, Place(str(source.path)), "mend them, or write `rejects: allowed`"), *first])
    return Rows.model_validate({"in": source.rows, "graded": written[graded], "rejected": written[rejects]})


def table_of(scenario: Scenario, source: Source) -> pl.LazyFrame:
    """The table with its columns called as the facts, and one column that names the enterprise."""
    table = source.lazy
    if len(scenario.document.key) > 1:  # empty where one of the columns is, and then a reject
        table = table.with_columns(pl.concat_str(scenario.document.key, separator=JOINT).alias(ENTERPRISE))
    return table.rename({column: fact for fact, column in scenario.document.columns.items()})


def libraries(scenario: Scenario) -> list[str]:
    """The packages, besides those of every run, that have a part in what is written."""
    document = scenario.document
    simulated = document.compare or document.backtest or document.project
    numpy = document.data.synth or document.report.reorder or simulated
    return [*(["numpy"] if numpy else []), *(["pandas"] if simulated else []), *(["plotly"] if document.compare else [])]


def key_column(scenario: Scenario) -> str:
    """The column that names the enterprise, as it is called in the graded table."""
    key = scenario.document.key
    facts = {column: fact for fact, column in scenario.document.columns.items()}
    return ENTERPRISE if len(key) > 1 else facts.get(key[0], key[0])


def input_problems(scenario: Scenario, program: Program, columns: list[str]) -> list[Problem]:
    """Columns, facts and registers that the scenario names and that are not there, or are there already."""
    document = scenario.document
    problems: list[Problem] = []
    known = program.law.document.registers
    for name in document.data.registers:
        if name not in known:
            problems.append(scenario.problem(("data", "registers", name), f"`{name}` is not a register of `{program.law.id}`", nearest(name, known)))
    facts = [fact.name for fact in program.facts]
    for fact, column in document.columns.items():
        if fact not in facts:
            problems.append(scenario.problem(("columns", fact), f"`{fact}` is not a fact of `{program.law.id}`", nearest(fact, facts)))
        if column not in columns:
            problems.append(scenario.problem(("columns", fact), f"the table has no column `{column}`", nearest(column, columns)))
        elif fact != column and fact in columns:
            problems.append(scenario.problem(("columns", fact), f"the table has a column `{fact}` itself", "leave the line out, or rename that column"))
    for number, name in enumerate(document.key):
        if name not in columns:
            problems.append(scenario.problem(("key", number), f"the table has no column `{name}`", nearest(name, columns)))
    if len(document.key) > 1 and ENTERPRISE in columns:
        problems.append(scenario.problem(("key",), f"the table has a column `{ENTERPRISE}` itself, so no key can be joined under that name"))
    worked_out = [fact.name for fact in program.facts if fact.from_registers and (document.data.registers or document.data.synth)]
    renamed = [{column: fact for fact, column in document.columns.items()}.get(name, name) for name in (*columns, *worked_out)]
    return [*problems, *report_problems(scenario, program, [*columns, *worked_out]), *comparison_problems(scenario, renamed)]


def report_problems(scenario: Scenario, program: Program, columns: list[str]) -> list[Problem]:
    """Columns and grades that the report names and that the graded table will not have."""
    report = scenario.document.report
    order = program.law.document.grades.order
    problems = [
        scenario.problem(("report", "published", number, "rows"), f"the grades of `{program.law.id}` are {', '.join(order)}", "give the rows of each of them")
        for number, one in enumerate(report.published)
        if set(one.rows) != set(order)
    ]
    known = countable(program)
    for number, name in enumerate(report.counts):
        if name not in known:
            problems.append(scenario.problem(("report", "counts", number), f"`{name}` is not a decided column with values to count", nearest(name, known)))
    renamed = set(scenario.document.columns.values())
    there = [*(name for name in columns if name not in renamed), *scenario.document.columns, *(output.name for output in program.outputs)]
    wanted: list[tuple[tuple[str | int, ...], str | None]] = [(("report", "grades_by", number), by.column) for number, by in enumerate(report.grades_by)]
    if report.by:
        wanted.append((("report", "by", "column"), report.by.column))
    if report.due:
        due = report.due
        wanted += [(("report", "due", key), getattr(due, key)) for key in ("inspected", "every", "latest")]
        wanted += [(("report", "due", "enterprise", number), column) for number, column in enumerate(due.enterprise)]
    for path, column in wanted:
        if column is not None and column not in there:
            problems.append(scenario.problem(path, f"the graded table has no column `{column}`", nearest(column, there)))
    return problems


def report_tables(scenario: Scenario, program: Program, evidence: EvidenceQuality | None, folder: Path) -> tuple[Table, ...]:
    """The tables that the scenario asks for, and the reasons of the rejects, from what was written."""
    report, outputs = scenario.document.report, scenario.document.outputs
    graded, rejects = pl.scan_parquet(folder / outputs.graded), pl.scan_parquet(folder / outputs.rejects)
    groups: Groups | None = None
    if report.by:
        groups = groups_of(graded, report.by.column, report.by.labels)
        if len(groups.labels) > MOST_GROUPS:
            message = f"`{report.by.column}` has {len(groups.labels):,} values; {MOST_GROUPS} can stand side by side"
            raise ProblemError([scenario.problem(("report", "by", "column"), message)])
    beside = [Beside(one.label, one.rows, one.source) for one in report.published]
    tables = [count_table(graded, program, name, groups, beside if name == "grade" else ()) for name in report.counts]
    tables += [grades_by(graded, program, by.column, by.label, by.labels) for by in report.grades_by]
    if due := report.due:
        grades = program.law.document.grades.order
        columns = Columns(due.inspected, due.every, due.latest, tuple(due.enterprise))
        tables += due_tables(graded, columns, scenario.document.as_of, grades, groups)
    if found := faults(rejects, key_column(scenario)):
        tables.append(rejected_table(found))
    if evidence:
        tables += register_tables(evidence.registers)
    return tuple(tables)


def csv_row(table: Table, row: Iterable[Cell]) -> dict[str, object]:
    """A row of a table by column; a label has one for each language."""
    made: dict[str, object] = {}
    for column, cell in zip(table.columns, row, strict=True):
        words = cell if isinstance(cell, Words) else None
        made |= {"label.en": words and words.en, "label.zh": words and words.zh} if column.name == "label" else {column.name: cell}
    return made


def write_grades_by(tables: Iterable[Table], folder: Path) -> None:
    """Write the tables of grades by the values of a column, each as a CSV of its own."""
    for table in tables:
        if table.name.startswith("grade_by_"):
            made = pl.DataFrame([csv_row(table, row) for row in table.rows], infer_schema_length=None)
            (folder / f"{table.name}.csv").write_text(made.write_csv(), encoding="utf-8", newline="\n")


def report_data(scenario: Scenario, program: Program, law_at: str, rows: Rows, tables: tuple[Table, ...]) -> dict[str, object]:
    """The report as plain data, in both languages."""
    document, law = scenario.document, program.law
    source = document.source
    return {
        "scenario": scenario.id,
        "title": words_as_data(document.title),
        "rulebook": {
            "id": law.id, "edition": law.document.edition, "title": words_as_data(law.document.title), "digest": law.digest,
            "audience": law.document.audience, "notice": words_as_data(law.document.notice) if law.document.notice else None, "values": law.balance,
        },
        "law_at": law_at,
        "as_of": str(document.as_of),
        **({"known_at": str(document.known_at)} if document.known_at else {}),
        "source": source and {"publisher": words_as_data(source.publisher), "where": source.where, "terms": words_as_data(source.terms)},
        "rows": rows.model_dump(by_alias=True),
        "tables": [table.as_data() for table in tables],
        "notes": [words_as_data(note) for note in document.notes],
    }  # fmt: skip
