"""Compile a law: every decision of meaning is made here, once, so that no engine makes any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ..rulebook.facts import fact_specs
from ..rulebook.law import Law, Steps
from ..rulebook.outcomes import InspectionOutcome, OutcomeRow, Path
from . import expr as e
from .builder import Row
from .grading import GradeCompiler
from .program import BITS, Output, Program
from .wording import said

__all__ = ["compile_law"]


def compile_law(law: Law) -> Program:
    """The program of a law. A law has no faults, so compiling cannot fail."""
    return Compiler(law).program()


class Compiler(GradeCompiler):
    """Compiles a whole law: to the grade, and what the grade brings."""

    def program(self) -> Program:
        graded_by = self.compile_grade()
        self.compile_outcomes()
        self.output_grade(graded_by)
        for word in range(1, -(-len(self.rules) // BITS) + 1):
            self.step(f"reasons.{word}", e.Add(tuple(self.bits[word])), "integer")
            self.outputs.append(Output(f"reasons_{word}", f"reasons.{word}", "integer"))
        return Program(
            self.law, tuple(fact_specs(self.law)), tuple(self.steps), tuple(self.rules), tuple(self.outputs), tuple(self.refusals),
            tuple(self.grade_steps),
        )  # fmt: skip

    def compile_outcomes(self) -> None:
        document = self.document
        if document.inspection is not None:
            self.compile_table("inspection", ("inspection",), document.inspection, inspection_values)
        if document.service is not None:
            self.compile_service(document.service.paths)
        for name, table in document.outcomes.items():
            self.compile_table(name, ("outcomes", name), table, lambda row: dict(row.values))
        for index, warning in enumerate(document.warnings):
            held = self.held(f"warnings.{warning.id}", ("warnings", index, "when"))
            rule = self.rule(f"warnings.{warning.id}", "warning", ("warnings", index), warning.message, warning.when, holds_step=held.name)
            self.mark([(held, rule)])
            self.outputs.append(Output(f"warning_{warning.id}", held.name, "boolean"))

    def compile_table(self, name: str, path: Steps, table: Any, values: Any) -> None:
        kind = "inspection" if name == "inspection" else "outcome"
        rows: list[Row] = []
        found: list[dict[str, Any]] = []
        if table.by_grade is not None:
            for rank, grade in enumerate(self.order):
                outcome = table.by_grade[grade]
                rule = self.rule(f"{name}.{grade}", kind, (*path, "by_grade", grade), said(outcome.label, grade, None, None), f'grade == "{grade}"')
                rows.append((e.Compare("==", e.Column(self.grade_steps[-1]), e.Constant(rank)) if rank < len(self.order) - 1 else None, rule))
                found.append(values(outcome))
            of = self.grade_steps[-1]
        else:
            for index, outcome in enumerate(table.rows):
                key = outcome.id or ("otherwise" if outcome.when is None else index + 1)
                when = None if outcome.when is None else self.held(f"{name}.{key}", (*path, "rows", index, "when"))
                rows.append(
                    (
                        when,
                        self.rule(
                            f"{name}.{key}",
                            kind,
                            (*path, "rows", index),
                            outcome.label or said(None, key, None, outcome.when),
                            outcome.when,
                            holds_step=when and when.name,
                        ),
                    )
                )
                found.append(values(outcome))
            table_rows = tuple((when, e.Constant(i)) for i, (when, _) in enumerate(rows) if when is not None)
            of = self.step(f"row.{name}", e.First(table_rows, e.Constant(len(rows) - 1)) if table_rows else e.Constant(0), "integer")
        self.mark(rows)
        self.look_up(name, of, found)

    def look_up(self, name: str, of: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """One output column for each name that any row gives a value."""
        for key in dict.fromkeys(key for row in rows for key in row):
            values = tuple(plain_value(row.get(key)) for row in rows)
            self.outputs.append(Output(f"{name}_{key}", of, type_of(values), values=values))

    def compile_service(self, paths: Sequence[Path]) -> None:
        rows: list[Row] = []
        for index, path in enumerate(paths):
            at: Steps = ("service", "paths", index)
            when = None if path.when is None else self.held(f"service.{path.id}", (*at, "when"))
            rule = self.rule(f"service.{path.id}", "service", at, said(path.label, path.id, None, None), path.when, holds_step=when and when.name)
            self.mark([(when or e.TRUE, rule)])
            rows.append((when, rule))
        table = tuple((when, e.Constant(i)) for i, (when, _) in enumerate(rows) if when is not None)
        last = len(rows) - 1 if rows[-1][0] is None else len(rows)
        of = self.step("row.service", e.First(table, e.Constant(last)) if table else e.Constant(last), "integer")
        self.outputs.append(Output("service_path", of, "text", values=(*(path.id for path in paths), *([None] if last == len(rows) else []))))
        granted: list[dict[str, Any]] = [path.grants.model_dump(exclude_none=True) if path.grants else {} for path in paths]
        self.look_up("service", of, [*granted, *([{}] if last == len(rows) else [])])

    def output_grade(self, graded_by: str) -> None:
        kind = self.law.score
        head = [Output("grade", self.grade_steps[-1], "text", values=self.order)]
        if kind is not None:
            head.append(Output("score", f"{self.prefix}score", "number" if kind.places else "integer", places=kind.places))
        head.append(Output("graded_by", graded_by, "text", values=self.by))
        self.outputs[:0] = head


def inspection_values(row: InspectionOutcome | OutcomeRow) -> dict[str, Any]:
    """The flat columns of an inspection outcome."""
    assert isinstance(row, InspectionOutcome)
    found: dict[str, Any] = {}
    if row.ratio is not None:
        found |= {"ratio_at_least": row.ratio.at_least, "ratio_at_most": row.ratio.at_most}
    if row.visits is not None:
        found |= {"visits_at_least": row.visits.at_least, "visits_at_most": row.visits.at_most, "visits_per": row.visits.per}
    found |= {"every": row.every, "manner": row.manner, "initiative": row.initiative}
    return {key: value for key, value in found.items() if value is not None}


def plain_value(value: Any) -> int | float | str | bool | None:
    """A cell of an output column: lists are joined, fractions and decimals become the nearest double, spans their text."""
    if value is None or isinstance(value, bool | int | str | float):
        return value
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, Fraction | Decimal):
        return float(value)
    return str(value)


def type_of(values: Sequence[object]) -> str:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return "boolean"
    if kinds == {int}:
        return "integer"
    return "number" if kinds <= {int, float} else "text"
