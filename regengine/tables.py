"""Grade a table: prepare it, run the program, and give back the same kind of frame, graded rows and rejects apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, TypeVar, cast

import narwhals as nw

from .engines.frame import internal, run_steps, with_outputs
from .evidence import Evidence, work_out
from .intake.frame import REASON, REJECTED, is_sql, prepare
from .intake.rejects import row_problem
from .problems import Place, Problem, ProblemError, one_problem
from .program.program import Program
from .rulebook.facts import FactSpec
from .rulebook.law import Law

__all__ = ["SHADOWED", "Graded", "grade_table", "work_out_table"]

Native = TypeVar("Native")
RANK, ASIDE = "check:rank", "came:"
KINDS = "give a pandas or Polars frame, a DuckDB relation or a PySpark DataFrame"
SHADOWED = ("grade", "score", "graded_by")  # what is told of a second rulebook
SHOWN = 5  # rejected rows that a problem names one by one


@dataclass(frozen=True, slots=True)
class Graded(Generic[Native]):
    """A graded table. `graded` and `rejects` together hold every row that came in, each once."""

    graded: Native
    rejects: Native
    key: str
    facts: Mapping[str, FactSpec]

    def whole(self) -> Native:
        """The graded rows, where nothing was rejected; raises `ProblemError` naming rejected rows otherwise."""
        rejects = nw.from_native(cast(Any, self.rejects)).lazy()
        if count := int(rejects.select(nw.len()).collect().item()):
            head = Problem("rows-rejected", f"{count:,} rows could not be graded", hint="`split_frame` keeps them apart")
            raise ProblemError([head, *(row_problem(row, self.key, self.facts) for row in rejects.head(SHOWN).collect().rows(named=True))])
        return self.graded


def work_out_table(
    law: Law, frame: Native, registers: Mapping[str, Any], *, key: str, as_of: dt.date, known_at: dt.date, texts: Collection[str]
) -> Evidence[Native]:
    """Work out facts from native tables; see `Book.work_out`."""
    tables = {name: as_table(register) for name, register in registers.items()}
    worked = work_out(law, as_table(frame), tables, key=key, as_of=as_of, known_at=known_at, texts=texts)
    return Evidence(
        worked.facts.to_native(),
        {name: rejects.to_native() for name, rejects in worked.rejects.items()},
        {name: told.to_native() for name, told in worked.told.items()},
        {name: paths.to_native() for name, paths in worked.paths.items()},
    )


def as_table(frame: object) -> Any:
    """A native table for narwhals. Raises `ProblemError` where it is of a kind that nothing here runs on."""
    try:
        table = nw.from_native(cast(Any, frame))
    except TypeError:
        kind = f"{type(frame).__module__}.{type(frame).__qualname__}"
        raise one_problem("frame-unsupported", f"`{kind}` is not a table that can be graded", hint=KINDS) from None
    kind = table.implementation
    if not (kind.is_polars() or kind.is_pandas() or kind.is_duckdb() or kind.is_pyspark()):
        raise one_problem("frame-unsupported", f"tables of {kind} are not graded here", hint=KINDS)
    if kind.is_pyspark() and getattr(cast(Any, frame).sparkSession.sparkContext, "_jsc", True) is None:
        raise one_problem("spark-failed", "the Spark session of this DataFrame has ended", hint="start a session and read the table again")
    if kind.is_pyspark() and (dotted := [name for name in table.collect_schema().names() if "." in name]):
        raise one_problem(
            "frame-unsupported", f"Spark takes the dot in `{dotted[0]}` for a part of a structure", place=Place(field=dotted[0]), hint="rename it first"
        )
    return table


def grade_table(
    program: Program,
    frame: Native,
    as_of: dt.date,
    *,
    key: str,
    absent: Collection[str],
    keep: Literal["all", "key"],
    texts: bool,
    shadow: Program | None = None,
) -> Graded[Native]:
    """Grade a native frame; see `Book.split_frame`."""
    if shadow is not None:
        frame, beside = with_shadow(shadow, program, frame, as_of, key=key, absent=absent, texts=texts)
        own = {fact.name for fact in program.facts}
        absent = [name for name in absent if name in own or name not in {fact.name for fact in shadow.facts}]
    else:
        beside = []
    table = as_table(frame)
    columns = table.collect_schema().names()
    decided = ["facts_filled", *(output.name for output in program.outputs)]
    kept = [name for name in columns if name not in beside] if keep == "all" else [key]
    needed = {*map(internal, program.inputs), REJECTED, RANK, REASON}  # a column of such a name would be overwritten on the way, and come out changed
    if keep == "all" or program.refusals:
        needed |= {*(internal(step.name) for step in program.steps), "facts_filled"}
    if clash := [name for name in columns if name in needed or (name in kept and name in decided)]:
        hint = {name: 'rename it, or ask for `keep="key"`' for name in decided if keep == "all"}
        raise ProblemError(
            Problem("column-clash", f"the table has a column `{name}` already", Place(field=name), hint.get(name, "rename it")) for name in clash
        )
    ready = prepare(table, program.facts, key=key, absent=absent, texts=texts)
    sql = is_sql(table)
    # a database's optimiser would work a filter at the end out before everything, the whole program in it
    steps = run_steps(program, ready.ready.filter(~nw.col(REJECTED)) if sql else ready.ready, as_of)
    rejects = ready.rejects
    left_out = nw.col(REJECTED)
    for refusal in program.refusals:
        refused = steps.filter(nw.col(internal(refusal.step)) & ~left_out).select(*columns, nw.lit(f"{refusal.code}: grades").alias(REASON))
        rejects = nw.concat([rejects, refused])
        left_out = left_out | nw.col(internal(refusal.step))
    # the decided columns stand in the order of the program, the count of filled facts before the reasons
    order = [name for name in decided[1:] if not name.startswith("reasons_")]
    reasons = [name for name in decided if name.startswith("reasons_")]
    wanted = [*kept, *order, "facts_filled", *reasons, *beside]
    if sql:
        graded = with_outputs(program, steps.filter(~left_out) if program.refusals else steps).select(*wanted)
    else:
        # rows leave by their grade, worked out last: a filter on the check itself would be moved before everything
        steps = steps.with_columns(nw.when(left_out).then(nw.lit(-1)).otherwise(nw.col(internal(program.grade_steps[-1]))).alias(RANK))
        graded = with_outputs(program, steps).select(*wanted, RANK).filter(nw.col(RANK) >= 0).drop(RANK)
    return Graded(graded.to_native(), rejects.to_native(), key, {fact.name: fact for fact in program.facts})


def with_shadow(
    shadow: Program, program: Program, frame: Native, as_of: dt.date, *, key: str, absent: Collection[str], texts: bool
) -> tuple[Native, list[str]]:
    """The table with what another program makes of each row, and the names of those columns; null where it cannot grade the row."""
    table = as_table(frame)
    columns = table.collect_schema().names()
    outputs = tuple(replace(output, name=f"shadow_{output.name}") for output in shadow.outputs if output.name in SHADOWED)
    names = [output.name for output in outputs]
    if clash := [name for name in columns if name in names]:
        raise ProblemError(Problem("column-clash", f"the table has a column `{name}` already", Place(field=name), "rename it") for name in clash)
    steps = {internal(step.name) for step in shadow.steps}
    aside = {name: f"{ASIDE}{name}" for name in columns if name in steps and name != key}  # a step would overwrite it on the way
    table = table.rename(aside)
    facts = {fact.name for fact in shadow.facts}
    try:
        ready = prepare(table, shadow.facts, key=key, absent=[name for name in absent if name in facts], texts=texts).ready
    except ProblemError as error:
        known = {fact.name for fact in program.facts}
        only = [problem for problem in error.problems if problem.place.field in facts - known]
        raise ProblemError(
            replace(one, message=f"{one.message}, for which only the second rulebook asks") if one in only else one for one in error.problems
        ) from None
    unfit = nw.col(REJECTED)
    for refusal in shadow.refusals:
        unfit = unfit | nw.col(internal(refusal.step))
    made = with_outputs(replace(shadow, outputs=outputs), run_steps(shadow, ready, as_of))
    if made.implementation.is_pandas():  # whose plain integers know no missing value
        whole = {output.name: "Int64" for output in outputs if output.type == "integer"}
        made = nw.from_native(made.to_native().astype(whole))
    came = [nw.col(aside.get(name, name)).alias(name) for name in columns]
    return made.select(*came, *(nw.when(~unfit).then(nw.col(name)).alias(name) for name in names)).to_native(), names
