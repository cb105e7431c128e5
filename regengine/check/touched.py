"""How many real enterprises a finding touches: its claim asked of every row of a table, by the engine that grades tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from typing import Any

import narwhals as nw

from ..engines.frame import column, internal, run_steps
from ..engines.single import days_of
from ..intake.frame import REJECTED, prepare
from ..program.expr import AllOf, Column, Expr, Negate
from ..program.program import Program
from .edges import edges
from .findings import Finding, Pair, Report
from .prover import Value, days_in

__all__ = ["touched"]

NUMBER, CLAIM = "check:row", "check:claim"
Frame = nw.LazyFrame[Any]


def touched(report: Report, program: Program, table: Frame, as_of: dt.date, *, key: str, texts: bool = False) -> Report:
    """The report with the number of enterprises of a table that each finding with a witness touches.

    Rows that intake rejects are not among them. A finding about two enterprises touches those that would fare better with some worse value
    of the fact, of the values beside its thresholds.
    """
    prepared = prepare(table, program.facts, key=key, texts=texts).ready.filter(~nw.col(REJECTED)).with_row_index(NUMBER, order_by=key)
    inputs = prepared.select(NUMBER, *map(internal, program.inputs)).collect().lazy()
    run = run_steps(program, inputs, as_of).collect().lazy()
    findings = tuple(replace(one, touches=count(one, program, inputs, run, as_of)) if asks(one, program) else one for one in report.findings)
    return replace(report, findings=findings, counted=rows(inputs))


def asks(finding: Finding, program: Program) -> bool:
    """Whether a finding can be asked of real enterprises under this law."""
    return finding.since == program.law.since and (finding.claim is not None or finding.pair is not None)


def rows(frame: Frame) -> int:
    return int(frame.select(nw.len()).collect().item())


def count(finding: Finding, program: Program, inputs: Frame, run: Frame, as_of: dt.date) -> int:
    if finding.claim is not None:
        return rows(holding(run, finding.claim, as_of))
    assert finding.pair is not None
    pair, name = finding.pair, internal(f"fact.{finding.pair.fact.name}")
    graded = AllOf(tuple(Negate(Column(refusal.step)) for refusal in program.refusals))
    if pair.fact.missing == "unknown":
        graded = AllOf((graded, Column(f"known.{pair.fact.name}")))
    steps = [internal(one.step) for one in pair.fares]
    before = holding(run, graded, as_of).select(NUMBER, name, *(nw.col(step).alias(f"{step}:before") for step in dict.fromkeys(steps)))
    better: list[Frame] = []
    for value, lower in worse_values(pair, program, as_of):
        after = holding(run_steps(program, inputs.with_columns(nw.lit(value).alias(name)), as_of), graded, as_of)
        both = before.filter(nw.col(name).is_in(lower) if isinstance(lower, list) else nw.col(name) < value if pair.higher else nw.col(name) > value).join(
            after.select(NUMBER, *dict.fromkeys(steps)), on=NUMBER
        )
        fares = [
            (nw.col(f"{internal(one.step)}:before") == a) & (nw.col(internal(one.step)) == b) for one in pair.fares for a, b in sorted(one.pairs)
        ]  # fmt: skip
        better.append(both.filter(reduce(lambda x, y: x | y, fares)).select(NUMBER))
    return rows(nw.concat(better).unique()) if better else 0


def holding(frame: Frame, claim: Expr, as_of: dt.date) -> Frame:
    """The rows of which a claim holds."""
    return frame.with_columns(column(claim, days_in(claim, as_of)).alias(CLAIM)).filter(nw.col(CLAIM))


def worse_values(pair: Pair, program: Program, as_of: dt.date) -> Iterator[tuple[Value, list[Value] | None]]:
    """The values that a fact is tried with: of a short list all, each with those better than it; of numbers and days those at thresholds."""
    fact = pair.fact
    if fact.low is None or fact.high is None:
        listed: list[Value] = [False, True] if fact.type == "boolean" else list(fact.values or ())
        ranked = listed if pair.higher else listed[::-1]
        yield from ((value, ranked[:index]) for index, value in enumerate(ranked) if index)
        return
    days = days_of(program.days, as_of)
    found: set[int] = {fact.low, fact.high}
    for edge in edges(program):
        if edge.column == f"fact.{fact.name}":
            found |= {side + (0 if edge.base is None else days[edge.base]) for side in edge.sides}
    yield from ((value, None) for value in sorted(found) if fact.low <= value <= fact.high)
