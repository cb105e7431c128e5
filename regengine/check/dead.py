"""What can never matter: rows that nobody reaches, conditions that never vary, points, bounds and adjustments without effect.

One fault is told once: what follows from a fault that is told already (rows below one that always holds, the entries of a grade that
nobody gets) is left out. What a sample shows is not asked of the solver.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from ..conditions.tree import And, Node, Not, Or, names_in
from ..program import expr as e
from ..program.program import Program, Rule
from ..rulebook.law import Steps
from ..rulebook.parts import Words
from .findings import Finding
from .prover import Prover
from .samples import Samples
from .terms import solver

__all__ = ["dead"]

Row = tuple[Rule, e.Expr]  # a rule and when it is a reason


def dead(prover: Prover, unreached: Iterable[str]) -> list[Finding]:
    """The findings of one law; `unreached` are grades that are known to be out of reach, of which nothing more is said."""
    look = Dead(prover, frozenset(unreached))
    look.terms()
    for table in tables(prover.program):
        look.table(table)
    look.points()
    look.bounds()
    look.undecided()
    return look.findings


class Dead:
    """Looks through one law and gathers findings."""

    def __init__(self, prover: Prover, unreached: frozenset[str]) -> None:
        self.prover, self.unreached = prover, unreached
        self.program, self.law = prover.program, prover.program.law
        self.samples = Samples(prover, prover.first)
        self.steps = {step.name: step.expr for step in self.program.steps}
        self.constant: set[str] = set()  # terms that never vary
        self.findings: list[Finding] = []
        self.open = 0  # questions that were not decided

    def undecided(self) -> None:
        """Tell how many questions were left open, so that silence is not taken for an answer."""
        if self.open:
            limit = f"{self.prover.timeout:g}"
            text = Words(
                en=f"not decided within {limit} s: {self.open} questions whether something can ever matter",
                zh=f"{limit}秒内未能判定：{self.open}项是否可能起作用的问题",
            )
            self.findings.append(Finding("not-decided", text, ()))

    def find(self, code: str, text: Words, path: Steps, offset: int = 0) -> None:
        self.findings.append(Finding(code, text, path, offset=offset))

    def never(self, claim: e.Expr) -> bool:
        """Whether a claim holds of no graded enterprise; False also where that is not decided in time."""
        if self.samples.show(claim):
            return False
        answer = self.prover.some(claim)
        self.open += not answer.decided
        return not answer and answer.decided

    # conditions

    def terms(self) -> None:
        for name in self.law.document.terms:
            expr = self.steps[f"term.{name}"]
            kind = next(step.type for step in self.program.steps if step.name == f"term.{name}")
            if kind == "boolean" and self.told(self.law.conditions["terms", name], expr, ("terms", name)) is not None:
                self.constant.add(name)

    def condition(self, rule: Rule, node: Node) -> bool | None:
        """Tell where the condition of a rule never varies, or a part of it; returns what it always is, None where it varies."""
        expr = self.steps.get(f"holds.{rule.id}") or next(part.expr for part in rule.parts)
        return self.told(node, expr, (*rule.path, "when"))

    def follows(self, node: Node) -> bool:
        """Whether what a condition is follows from a fault that is told already."""
        text = node.source
        return any(name in names_in(node) for name in self.constant) or any(f'"{grade}"' in text or f"'{grade}'" in text for grade in self.unreached)

    def told(self, node: Node, expr: e.Expr, path: Steps) -> bool | None:
        """Tell the outermost parts of a condition that never vary."""
        for value, code, en, zh in ((False, "condition-never", "never holds", "从不成立"), (True, "condition-always", "always holds", "始终成立")):
            if self.never(expr if not value else e.Negate(expr)):
                self.find(code, Words(en=f"`{node.source}` {en}", zh=f"`{node.source}` {zh}"), path, node.offset)
                return value
        for part, below in pieces(node, expr):
            self.told(part, below, path)
        return None

    # tables

    def table(self, rows: list[Row]) -> None:
        """Tell each row of a table that no enterprise reaches."""
        if rows[0][0].path[:2] == ("grades", "rows") and self.law.document.grades.hit == "unique":
            rows = [(rule, e.Column(rule.holds_step)) for rule, _ in rows if rule.holds_step]
        for rule, fires in rows:
            node = self.law.conditions.get((*rule.path, "when"))
            if self.of_unreached(rule) or (node is not None and self.follows(node)):
                continue
            always = None if node is None else self.condition(rule, node)
            if always is not None:
                if always:
                    return
                continue
            if self.samples.fires(rule):
                continue
            if self.never(fires):
                text = Words(en=f"no enterprise reaches `{rule.id}`", zh=f"没有企业能命中 `{rule.id}`")
                self.find("rule-unreached", text, place_of(rule))
        for rule, _ in rows:
            if rule.table == "adjust":
                self.adjustment(rule)

    def of_unreached(self, rule: Rule) -> bool:
        """Whether a rule is about a grade that nobody gets."""
        if "by_grade" in rule.path:
            return str(rule.path[-1]) in self.unreached
        if rule.table == "adjust":
            return self.law.document.adjust[int(rule.path[-1])].grade in self.unreached
        return rule.grade is not None and self.law.document.grades.order[rule.grade] in self.unreached

    def adjustment(self, rule: Rule) -> None:
        """Tell an adjustment that applies and never changes the grade."""
        if any(finding.path[: len(rule.path)] == rule.path for finding in self.findings) or self.of_unreached(rule):
            return
        index = int(rule.path[-1])
        before, after = self.program.grade_steps[index : index + 2]
        if self.never(e.Compare("!=", e.Column(before), e.Column(after))):
            self.find("adjust-idle", Words(en=f"`{rule.id}` never changes the grade", zh=f"`{rule.id}` 从不改变等级"), rule.path)

    # points and bounds

    def points(self) -> None:
        """Tell items whose points make no difference; where those of a whole family do not, the family."""
        for name, family in self.law.document.indicators.items():
            idle = [item for item in family.items if self.idle(f"points.{name}.{item}")]
            if len(idle) == len(family.items):
                text = Words(en=f"the points of `{name}` never make a difference", zh=f"`{name}` 的分值从不起作用")
                self.find("points-idle", text, ("indicators", name))
                continue
            for item in idle:
                text = Words(en=f"the points of `{name}.{item}` never make a difference", zh=f"`{name}.{item}` 的分值从不起作用")
                self.find("points-idle", text, ("indicators", name, "items", item))

    def idle(self, step: str) -> bool:
        """Whether no enterprise would have another score, grade or outcome if the item gave any other of its points."""
        seen = observed(self.program)
        values = points_of(self.steps[step])
        if self.samples.vary(step, values, seen):
            return False
        z3, terms = solver(), self.prover.terms
        other = z3.Int(f"{step}'", terms.texts.context)
        columns = terms.run(terms.inputs, {step: other})
        differs = [terms.columns[name] != columns[name] for name in seen if not terms.columns[name].eq(columns[name])]
        chosen = z3.Or(*(other == value for value in values)) if values else other >= 0
        if not differs:
            return True
        none = self.prover.none([z3.Or(*differs), terms.term(self.prover.graded), chosen])
        self.open += none is None
        return bool(none)

    def bounds(self) -> None:
        """Tell bounds of families, items and the score that never bind."""
        document = self.law.document
        for name, family in document.indicators.items():
            self.bound(f"family.{name}", family, ("indicators", name))
            for key, item in family.items.items():
                if item.each is not None:
                    self.bound(f"points.{name}.{key}", item.each, ("indicators", name, "items", key, "each"))
        if document.score is not None and document.score.clip:
            claims = list(islice(binding(self.steps["score"]), 2))  # those of `clip` are the outermost
            if claims and all(self.never(claim) for _, claim in claims):
                self.find("cap-idle", Words(en="the score never leaves its range, `clip` never acts", zh="得分从不越界，`clip` 从不起作用"), ("score", "clip"))

    def bound(self, step: str, part: Any, path: Steps) -> None:
        for key, claim in binding(self.steps[step]):
            if getattr(part, key) is not None and self.never(claim):
                value = getattr(part, key)
                self.find("cap-idle", Words(en=f"`{key}: {value}` never binds", zh=f"`{key}: {value}` 从不起作用"), (*path, key))


def tables(program: Program) -> Iterator[list[Row]]:
    """The tables of a program, each with its rules in order and when each of them is a reason, read from the reasons themselves."""
    by_mask = {(rule.word, rule.mask): rule for rule in program.rules}
    done: set[str] = set()
    for step in program.steps:
        if not step.name.startswith("reasons.") or not isinstance(step.expr, e.Add):
            continue
        word = int(step.name.removeprefix("reasons."))
        for table in step.expr.parts:
            rows = [(by_mask[word, int(mask)], when) for mask, when in masks(table) if (word, int(mask)) in by_mask]
            rows = [(rule, when) for rule, when in rows if rule.id not in done]
            done |= {rule.id for rule, _ in rows}
            if rows:
                yield rows


def masks(table: e.Expr) -> Iterator[tuple[int, e.Expr]]:
    """The bits that a table can set, each with when it does."""
    if isinstance(table, e.Constant):
        yield int(table.value), e.TRUE
    elif isinstance(table, e.First):
        above: tuple[e.Expr, ...] = ()
        for when, mask in table.rows:
            if isinstance(mask, e.Constant):
                yield int(mask.value), e.AllOf((*above, when))
            above = (*above, e.Negate(when))
        if isinstance(table.otherwise, e.Constant):
            yield int(table.otherwise.value), e.AllOf(above)


def pieces(node: Node, expr: e.Expr) -> Iterator[tuple[Node, e.Expr]]:
    """The parts of a condition that are true or false themselves, each with its expression, which has the same shape."""
    if isinstance(node, And | Or) and isinstance(expr, e.AllOf | e.AnyOf):
        yield from zip(node.parts, expr.parts, strict=True)
    elif isinstance(node, Not) and isinstance(expr, e.Negate):
        yield node.of, expr.of


def binding(expr: e.Expr) -> Iterator[tuple[str, e.Expr]]:
    """The bounds around an expression, each with the claim that it binds."""
    match expr:
        case e.Least((inner, e.Constant() as most)):
            yield "at_most", e.Compare(">", inner, most)
            yield from binding(inner)
        case e.Greatest((inner, e.Constant() as least)):
            yield "at_least", e.Compare("<", inner, least)
            yield from binding(inner)


def points_of(expr: e.Expr) -> tuple[int, ...]:
    """The points that the rows of an item give; empty where they go by the count."""
    match expr:
        case e.Constant(int(value)):
            return (value,)
        case e.First(rows, otherwise):
            return tuple(sorted({int(one.value) for one in (*(value for _, value in rows), otherwise) if isinstance(one, e.Constant)}))
        case _:
            return ()


def observed(program: Program) -> tuple[str, ...]:
    """The steps that can be told from outside: the score, the grade, the rows of outcomes, the warnings."""
    names = [step.name for step in program.steps if step.name == "score" or step.name.startswith(("row.", "holds.warnings."))]
    return (*names, program.grade_steps[-1])


def place_of(rule: Rule) -> Steps:
    """Where a rule stands; a cell of a matrix has its place among the cells."""
    if rule.path == ("grades", "matrix"):
        _, down, across = rule.id.rsplit("_", 2)
        return (*rule.path, "cells", int(down) - 1, int(across) - 1)
    return rule.path
