"""What every part of the compiler builds on: steps, rules with their bits, and conditions lowered to columns."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ..conditions import Day, Number
from ..conditions.tree import And, Compare, Node
from ..rulebook.law import Basis, Law, Steps
from ..rulebook.parts import Words
from . import expr as e
from .lower import Lowering
from .program import Output, Part, Refusal, Rule, Step

__all__ = ["Builder", "Row"]

UNSAID = Basis("illustrative")
Row = tuple[e.Expr | None, Rule | None]  # the condition (None: otherwise) and the rule of a row


class Builder:
    """Gathers the steps, rules and bits of one law; a used rulebook adds to the same steps under its prefix."""

    def __init__(self, law: Law, prefix: str = "", steps: list[Step] | None = None) -> None:
        self.law, self.document, self.prefix = law, law.document, prefix
        self.steps: list[Step] = [] if steps is None else steps
        self.rules: list[Rule] = []
        self.bits: dict[int, list[e.Expr]] = {}
        self.outputs: list[Output] = []
        self.refusals: list[Refusal] = []
        self.grade_steps: list[str] = []
        self.order = tuple(law.document.grades.order)
        self.lowering = Lowering(self.column_of, self.known)

    # names

    def step(self, name: str, expr: e.Expr, kind: str) -> str:
        self.steps.append(Step(self.prefix + name, expr, kind))
        return self.prefix + name

    def column_of(self, name: str) -> str:
        """The column of a name in conditions."""
        document = self.document
        if name in self.law.facts and name not in document.terms:
            return f"fact.{name}"
        if name in document.terms:
            return f"{self.prefix}term.{name}"
        if name in document.indicators:
            return f"{self.prefix}family.{name}"
        if name == "grade":
            return self.grade_steps[-1]
        if name == "score":
            return f"{self.prefix}score"
        used, _, result = name.partition(".")
        return f"{self.prefix}{used}.{result}"

    def known(self, name: str) -> e.Expr:
        if name not in self.law.may_be_unknown:
            return e.TRUE
        return e.Column(f"{self.prefix}known.term.{name}" if name in self.document.terms else f"known.{name}")

    def condition(self, path: Steps) -> e.Expr:
        return self.lowering.expr(self.law.conditions[path])

    def held(self, name: str, path: Steps) -> e.Column:
        """The step that says whether the condition at `path` holds; a bare fact is its own step."""
        expr = self.condition(path)
        return expr if isinstance(expr, e.Column) else e.Column(self.step(f"holds.{name}", expr, "boolean"))

    def points(self, number: Decimal | Fraction | int) -> int:
        return int(Fraction(number) * 10**self.law.point_places)

    # rules and their bits

    def rule(self, rule_id: str, table: str, path: Steps, label: Words, condition: str | None, **more: Any) -> Rule:
        node = self.law.conditions.get((*path, "when"))
        parts = tuple(map(self.part, node.parts if isinstance(node, And) else [node])) if node is not None else ()
        made = Rule(rule_id, len(self.rules), table, label, condition, self.law.bases.get(path, UNSAID), parts=parts, path=path, **more)
        self.rules.append(made)
        return made

    def part(self, node: Node) -> Part:
        """One part of a condition, with its two sides where they can be measured against each other."""
        expr = self.lowering.expr(node)
        if not (isinstance(node, Compare) and isinstance(expr, e.Compare) and node.op not in ("==", "!=")):
            return Part(node.source, expr)
        kinds = (node.left.type, node.right.type)
        places = max((kind.places for kind in kinds if isinstance(kind, Number)), default=0)
        unit = "days" if isinstance(kinds[0], Day) else None
        return Part(node.source, expr, (expr.left, expr.right), places, unit)

    def mark(self, rows: Sequence[Row]) -> None:
        """Set the bit of the first row that holds, in its reason column."""
        for word in sorted({rule.word for _, rule in rows if rule is not None}):
            masks = [(when, rule.mask if rule is not None and rule.word == word else 0) for when, rule in rows]
            last = masks[-1][1] if masks[-1][0] is None else 0
            table = tuple((when, e.Constant(mask)) for when, mask in masks if when is not None)
            self.bits.setdefault(word, []).append(e.First(table, e.Constant(last)) if table else e.Constant(last))
