"""From facts to the grade: terms, indicators, score, the grade before adjustments, and the adjustments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from ..conditions import Boolean, Number, Text, Type
from ..conditions.guards import unguarded
from ..conditions.tree import Share
from ..rulebook.law import Law, Steps
from ..rulebook.model import Adjust, Family, Item
from ..rulebook.parts import Words
from ..rulebook.values import Interval, parse_interval, places_of
from . import expr as e
from .builder import Builder, Row
from .program import Refusal, Rule
from .wording import OTHERWISE, for_each, said, within, word

__all__ = ["GradeCompiler"]

TOTALS: Mapping[str, type[e.Add | e.Greatest | e.Least]] = MappingProxyType({"sum": e.Add, "max": e.Greatest, "min": e.Least})


class GradeCompiler(Builder):
    """Compiles a law up to its grade; of a rulebook that another uses, this is all that is needed."""

    by: tuple[str, ...]

    def compile_grade(self) -> str:
        """All steps up to the last grade; returns the step that numbers the rule which gave it."""
        for name, law in self.law.uses.items():
            self.compile_used(name, law)
        for name in self.document.terms:
            self.compile_term(name)
        for name, family in self.document.indicators.items():
            self.compile_family(name, family)
        self.compile_score()
        rows, ids = self.compile_base()
        for index, rule in enumerate(self.document.adjust):
            self.compile_adjust(index, rule)
        changed = [
            (e.Compare("!=", e.Column(after), e.Column(before)), e.Constant(len(ids) + index))
            for index, (before, after) in enumerate(zip(self.grade_steps, self.grade_steps[1:], strict=False))
        ]
        base = e.First(tuple((when, e.Constant(i)) for i, (when, _) in enumerate(rows) if when is not None), e.Constant(len(rows) - 1))
        self.by = (*ids, *(f"adjust.{rule.id}" for rule in self.document.adjust))
        return self.step("graded_by", e.First((*reversed(changed), *base.rows), base.otherwise), "integer")

    def compile_used(self, name: str, law: Law) -> None:
        used = GradeCompiler(law, f"{self.prefix}{name}.", self.steps)
        used.compile_grade()
        self.step(f"{name}.grade", e.Column(used.grade_steps[-1]), "integer")
        self.refusals += used.refusals

    def compile_term(self, name: str) -> None:
        node = self.law.conditions["terms", name]
        needs = tuple(dict.fromkeys(use.name for use in unguarded(node, self.law.may_be_unknown)))
        parts = [self.known(need) for need in needs]
        if isinstance(node, Share):
            whole = self.lowering.expr(node.whole)
            parts.append(e.Compare("!=", whole, e.Constant(0)))
            self.compile_share(name, node, whole)
        else:
            self.step(f"term.{name}", self.lowering.expr(node), kind_of(node.type))
        if name in self.law.may_be_unknown:
            self.step(f"known.term.{name}", e.AllOf(tuple(parts)), "boolean")

    def compile_share(self, name: str, node: Share, whole: e.Expr) -> None:
        """`part / whole` rounded half to even, in whole numbers: the quotient, and one more where the rest asks for it."""
        assert isinstance(node.type, Number)
        by = e.Column(self.step(f"term.{name}.whole", e.Greatest((whole, e.Constant(1))), "integer"))
        of = e.Column(self.step(f"term.{name}.part", e.Multiply(self.lowering.expr(node.part), e.Constant(10**node.type.places)), "integer"))
        down = e.Column(self.step(f"term.{name}.down", e.Quotient(of, by), "integer"))
        rest = e.Subtract(of, e.Multiply(down, by))
        twice = e.Column(self.step(f"term.{name}.twice", e.Multiply(rest, e.Constant(2)), "integer"))
        half = e.Multiply(e.Quotient(down, e.Constant(2)), e.Constant(2))
        up = e.AnyOf((e.Compare(">", twice, by), e.AllOf((e.Compare("==", twice, by), e.Compare("!=", down, half)))))
        self.step(f"term.{name}", e.First(((up, e.Add((down, e.Constant(1)))),), down), "integer")

    def compile_family(self, name: str, family: Family) -> None:
        items = tuple(e.Column(self.compile_item(name, key, item)) for key, item in family.items.items())
        total: e.Expr = items[0] if len(items) == 1 else TOTALS[family.total](items)
        if family.at_least is not None:
            total = e.Greatest((total, e.Constant(self.points(family.at_least))))
        if family.at_most is not None:
            total = e.Least((total, e.Constant(self.points(family.at_most))))
        self.step(f"family.{name}", total, "integer")

    def compile_item(self, family: str, name: str, item: Item) -> str:
        full, path = f"{family}.{name}", ("indicators", family, "items", name)
        rows: list[tuple[e.Expr | None, Rule, int]] = []
        if item.points is not None:
            for index, row in enumerate(item.points):
                key = row.id or ("otherwise" if row.when is None else index + 1)
                when = None if row.when is None else self.held(f"{full}.{key}", (*path, "points", index, "when"))
                rule = self.points_rule(
                    f"{full}.{key}",
                    (*path, "points", index),
                    said(item.label, name, row.label or (OTHERWISE if row.when is None else None), row.when),
                    row.when,
                    row.points,
                    when,
                )
                rows.append((when, rule, self.points(row.points)))
        elif item.bins is not None:
            node = self.law.conditions[*path, "bins", "of"]
            of = self.lowering.expr(node)
            keyed = {key: (index, parse_interval(key)) for index, key in enumerate(item.bins.table)}
            rules: dict[str, Rule] = {}
            for key, cell in item.bins.table.items():
                rule_id, text = f"{full}.{cell.id or keyed[key][0] + 1}", within(item.bins.of, key)
                rules[key] = self.points_rule(rule_id, (*path, "bins", "table", key), said(item.label, name, cell.label, text), text, cell.give, None)
            for key, test in ascending(of, node.type, ((key, interval) for key, (_, interval) in keyed.items())):
                rows.append((test, rules[key], self.points(item.bins.table[key].give)))
        else:
            return self.compile_each(full, path, item)
        self.mark([(when, rule) for when, rule, _ in rows])
        table = tuple((when, e.Constant(give)) for when, _, give in rows if when is not None)
        return self.step(f"points.{full}", e.First(table, e.Constant(rows[-1][2])) if table else e.Constant(rows[-1][2]), "integer")

    def points_rule(self, rule_id: str, path: Steps, label: Words, condition: str | None, give: Decimal, when: e.Column | None) -> Rule:
        full = rule_id.rpartition(".")[0]
        return self.rule(rule_id, "points", path, label, condition, gives=self.points(give), points_step=f"points.{full}", holds_step=when and when.name)

    def compile_each(self, full: str, path: Steps, item: Item) -> str:
        each = item.each
        assert each is not None
        node = self.law.conditions[*path, "each", "of"]
        assert isinstance(node.type, Number)
        places = places_of(each.give)
        factor = int(each.give * 10**places) * 10 ** (self.law.point_places - places - node.type.places)
        points: e.Expr = e.Multiply(self.lowering.expr(node), e.Constant(factor))
        if each.at_least is not None:
            points = e.Greatest((points, e.Constant(self.points(each.at_least))))
        if each.at_most is not None:
            points = e.Least((points, e.Constant(self.points(each.at_most))))
        name = self.step(f"points.{full}", points, "integer")
        rule = self.rule(f"{full}.each", "points", (*path, "each"), said(item.label, full.partition(".")[2], None, for_each(each)), each.of, points_step=name)
        self.mark([(e.Compare("!=", e.Column(name), e.Constant(0)), rule)])
        return name

    def compile_score(self) -> None:
        score, kind = self.document.score, self.law.score
        if score is None or kind is None:
            return
        expr = self.lowering.number(self.law.conditions["score", "is"], kind.places)
        if score.clip:
            low, high = (int(edge * 10**kind.places) for edge in (kind.low, kind.high))
            expr = e.Greatest((e.Least((expr, e.Constant(high))), e.Constant(low)))
        self.step("score", expr, "integer")

    def compile_base(self) -> tuple[list[Row], tuple[str, ...]]:
        """The grade before adjustments: its rows and their rule ids."""
        grades = self.document.grades
        rows: list[tuple[e.Expr | None, Rule, str]] = []
        if grades.bands is not None:
            assert self.law.score is not None
            rules = {
                grade: self.rule(
                    f"grades.{grade}",
                    "grade",
                    ("grades", "bands", grade),
                    self.grade_said(grade, Words(en=within("score", band.text), zh=f"得分 {band.text}")),
                    within("score", band.text),
                    grade=self.order.index(grade),
                )
                for grade, band in grades.bands.items()
            }
            for grade, when in ascending(e.Column(f"{self.prefix}score"), self.law.score, grades.bands.items()):
                rows.append((when, rules[grade], grade))
        elif grades.rows is not None:
            for index, row in enumerate(grades.rows):
                key = row.id or ("otherwise" if row.when is None else index + 1)
                when = None if row.when is None else self.held(f"grades.{key}", ("grades", "rows", index, "when"))
                label = row.label or self.grade_said(row.gives, row.when)
                rule = self.rule(
                    f"grades.{key}", "grade", ("grades", "rows", index), label, row.when, holds_step=when and when.name, grade=self.order.index(row.gives)
                )
                rows.append((when, rule, row.gives))
            if grades.hit == "unique":
                self.refuse_ambiguous([when for when, _, _ in rows if when is not None])
        else:
            rows = self.matrix_rows()
        self.mark([(when, rule) for when, rule, _ in rows])
        table = tuple((when, e.Constant(self.order.index(grade))) for when, _, grade in rows if when is not None)
        last = self.order.index(rows[-1][2])
        self.grade_steps.append(self.step("grade.before", e.First(table, e.Constant(last)) if table else e.Constant(last), "integer"))
        return [(when, rule) for when, rule, _ in rows], tuple(rule.id for _, rule, _ in rows)

    def refuse_ambiguous(self, held: list[e.Expr]) -> None:
        """`hit: unique`: an enterprise for which not exactly one row holds is not graded."""
        count = e.Add(tuple(e.First(((when, e.Constant(1)),), e.Constant(0)) for when in held))
        step = self.step("refused.unique", e.Compare("!=", count, e.Constant(1)), "boolean")
        self.refusals.append(Refusal(step, "row-not-unique", "not exactly one row of the grades holds"))

    def grade_said(self, grade: str, condition: Words | str | None) -> Words:
        """A grade with its name and the condition that brings it."""
        name = self.document.grades.labels.get(grade)
        return said(Words(en=f"{grade} ({name.say('en')})", zh=f"{grade}（{name.say('zh')}）") if name else None, grade, None, condition)

    def matrix_rows(self) -> list[tuple[e.Expr | None, Rule, str]]:
        matrix = self.document.grades.matrix
        assert matrix is not None
        across, down = (
            [self.equals(("grades", "matrix", name, "of"), value) for value in side.values] for name, side in (("across", matrix.across), ("down", matrix.down))
        )
        rows: list[tuple[e.Expr | None, Rule, str]] = []
        for i, line in enumerate(matrix.cells):
            for j, grade in enumerate(line):
                text = f"{matrix.down.of} is {word(matrix.down.values[i])}, {matrix.across.of} is {word(matrix.across.values[j])}"
                rule = self.rule(
                    f"grades.cell_{i + 1}_{j + 1}", "grade", ("grades", "matrix"), self.grade_said(grade, text), text, grade=self.order.index(grade)
                )
                rows.append((e.AllOf((down[i], across[j])), rule, grade))
        return [*rows[:-1], (None, *rows[-1][1:])]

    def equals(self, path: Steps, value: Any) -> e.Expr:
        """Whether what a matrix looks at has `value`."""
        node = self.law.conditions[path]
        expr = self.lowering.expr(node)
        if isinstance(node.type, Boolean):
            return expr if value else e.Negate(expr)
        if isinstance(node.type, Text) and node.type.what == "grade" and node.type.values is not None:
            return e.Compare("==", expr, e.Constant(node.type.values.index(value)))
        return e.Compare("==", expr, e.Constant(int(value) if isinstance(value, Decimal) else value))

    def compile_adjust(self, index: int, rule: Adjust) -> None:
        path = ("adjust", index)
        held: e.Expr = self.held(f"adjust.{rule.id}", (*path, "when"))
        stopped = [e.Column(f"{self.prefix}applies.{before.id}") for before in self.document.adjust[:index] if before.final]
        if stopped or rule.final:
            held = e.Column(self.step(f"applies.{rule.id}", e.AllOf((held, *map(e.Negate, stopped))), "boolean"))
        before = e.Column(self.grade_steps[-1])
        made = self.rule(
            f"adjust.{rule.id}", "adjust", path, said(rule.label, rule.id, None, None), rule.when, holds_step=held.name if isinstance(held, e.Column) else None
        )
        self.mark([(held, made)])
        after = e.First(((held, self.adjusted(rule, before)),), before)
        self.grade_steps.append(self.step(f"grade.{rule.id}", after, "integer"))

    def adjusted(self, rule: Adjust, before: e.Expr) -> e.Expr:
        """The grade that an adjustment makes of the one before it; ranks count from the best."""
        rank, worst = self.order.index, len(self.order) - 1
        if rule.grade is not None:
            return e.Constant(rank(rule.grade))
        if rule.at_best is not None:
            return e.Greatest((before, e.Constant(rank(rule.at_best))))
        if rule.at_worst is not None:
            return e.Least((before, e.Constant(rank(rule.at_worst))))
        if rule.worse_by is not None:
            stop = rank(rule.stop_at) if rule.stop_at is not None else worst
            return e.Greatest((before, e.Least((e.Add((before, e.Constant(rule.worse_by))), e.Constant(stop)))))
        stop = rank(rule.stop_at) if rule.stop_at is not None else 0
        return e.Least((before, e.Greatest((e.Subtract(before, e.Constant(rule.better_by or 0)), e.Constant(stop)))))


def ascending(of: e.Expr, kind: Type, intervals: Iterable[tuple[str, Interval]]) -> Iterator[tuple[str, e.Expr | None]]:
    """Intervals that cover a range once, from the lowest on, each with the test that is left when those below failed."""
    assert isinstance(kind, Number)
    spans = [(span, key) for key, interval in intervals if (span := interval.within(kind.places, kind.low, kind.high)) is not None]
    spans.sort()
    for (_, last), key in spans[:-1]:
        yield key, e.Compare("<=", of, e.Constant(last))
    yield spans[-1][1], None


def kind_of(kind: Type) -> str:
    match kind:
        case Boolean():
            return "boolean"
        case Text(what=what) if what != "grade":
            return "text"
        case _:
            return "integer"
