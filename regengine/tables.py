"""Grade a table: prepare it, run the program, and give back the same kind of frame, graded rows and rejects apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar, cast

import narwhals as nw

from .engines.frame import run_steps, with_outputs
from .evidence import Evidence, work_out
from .intake.frame import REASON, REJECTED, prepare
from .intake.rejects import row_problem
from .problems import Place, Problem, ProblemError, one_problem
from .program.program import Program
from .rulebook.facts import FactSpec
from .rulebook.law import Law

__all__ = ["Graded", "grade_table", "work_out_table"]

Native = TypeVar("Native")
RANK = "check.rank"
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
        rejects = nw.from_native(cast(Any, self.rejects))
        found = rejects.collect() if isinstance(rejects, nw.LazyFrame) else rejects
        if len(found):
            head = Problem("rows-rejected", f"{len(found):,} rows could not be graded", hint="`split_frame` keeps them apart")
            raise ProblemError([head, *(row_problem(row, self.key, self.facts) for row in found.head(SHOWN).rows(named=True))])
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
    )


def as_table(frame: object) -> Any:
    """A native table for narwhals. Raises `ProblemError` where it is of a kind that nothing here runs on."""
    try:
        table = nw.from_native(cast(Any, frame))
    except TypeError:
        kind = f"{type(frame).__module__}.{type(frame).__qualname__}"
        raise one_problem("frame-unsupported", f"`{kind}` is not a table that can be graded", hint="give a pandas or Polars frame") from None
    if not (table.implementation.is_polars() or table.implementation.is_pandas()):
        raise one_problem("frame-unsupported", f"tables of {table.implementation} are not graded yet", hint="give a pandas or Polars frame")
    return table


def grade_table(
    program: Program, frame: Native, as_of: dt.date, *, key: str, absent: Collection[str], keep: Literal["all", "key"], texts: bool
) -> Graded[Native]:
    """Grade a native frame; see `Book.split_frame`."""
    table = as_table(frame)
    columns = table.collect_schema().names()
    decided = ["facts_filled", *(output.name for output in program.outputs)]
    kept = columns if keep == "all" else [key]
    needed = {*program.inputs, REJECTED, RANK, REASON}  # a column of such a name would be overwritten on the way, and come out changed
    if keep == "all" or program.refusals:
        needed |= {*(step.name for step in program.steps), "facts_filled"}
    if clash := [name for name in columns if name in needed or (name in kept and name in decided)]:
        hint = {name: 'rename it, or ask for `keep="key"`' for name in decided if keep == "all"}
        raise ProblemError(
            Problem("column-clash", f"the table has a column `{name}` already", Place(field=name), hint.get(name, "rename it")) for name in clash
        )
    ready = prepare(table, program.facts, key=key, absent=absent, texts=texts)
    steps = run_steps(program, ready.ready, as_of)
    rejects = ready.rejects
    left_out = nw.col(REJECTED)
    for refusal in program.refusals:
        refused = steps.filter(nw.col(refusal.step) & ~left_out).select(*columns, nw.lit(f"{refusal.code}: grades").alias(REASON))
        rejects = nw.concat([rejects, refused])
        left_out = left_out | nw.col(refusal.step)
    # rows leave by their grade, worked out last: a query optimiser would move a filter on the check itself before everything
    steps = steps.with_columns(nw.when(left_out).then(nw.lit(-1)).otherwise(nw.col(program.grade_steps[-1])).alias(RANK))
    # the decided columns stand in the order of the program, the count of filled facts before the reasons
    order = [name for name in decided[1:] if not name.startswith("reasons_")]
    reasons = [name for name in decided if name.startswith("reasons_")]
    decided_rows = with_outputs(program, steps).select(*kept, *order, "facts_filled", *reasons, RANK).filter(nw.col(RANK) >= 0)
    graded = decided_rows.drop(RANK)
    return Graded(graded.to_native(), rejects.to_native(), key, {fact.name: fact for fact in program.facts})
