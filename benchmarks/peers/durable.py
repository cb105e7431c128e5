"""durable-rules (C, Python): a ruleset with a rule for each row that can give points; a fact is asserted, read and retracted.

The safe use: one context, an explicit id for each fact, the returned state's `exception` raised, the fact retracted before the next
one; the library's own background thread, which may run an action in the middle of a call and leave the caller without an answer,
is not started. All rules that match a fact fire, so each row also says that no earlier one holds. Two things rules cannot say are done in
Python: adding points up (by the actions, and the families, score and grade afterwards), and the sum of two facts, which the caller gives.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import reduce
from typing import Any

import polars as pl
from durable.engine import Host
from durable.lang import m, rule, ruleset

from .scheme import BANDS, CAPS, DIRECT, EACH, TABLES, Test, Ways, filled

OPERATORS = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
OPPOSITE = {"==": "!=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
SUM = "penalties_24m + other_penalties_24m"
Given = list[tuple[str, int]]


def said(one: Test, *, holds: bool) -> Any:
    fact, op, value = one
    return OPERATORS[op if holds else OPPOSITE[op]](getattr(m, "all_penalties_24m" if fact == SUM else fact), value)


class Quiet(Host):  # type: ignore[misc]
    """A host whose rules run only when it is called."""

    def _run(self) -> None:
        """Start no thread."""


def host(given: Given, marks: list[str]) -> Host:
    """The ruleset in a host; its actions put points in `given` and direct judgements in `marks`."""
    rules = ruleset("henan")
    with rules:
        for table in TABLES:
            for number, (one, give) in enumerate(table.rows):
                when = reduce(operator.and_, [said(one, holds=True), *(said(before, holds=False) for before, _ in table.rows[:number])])
                rule("all", True, when)(points(given, table.family, give))
        for each in EACH:
            rule("all", True, getattr(m, each.fact) > 0)(counted(given, each.family, each.fact, each.give, each.most))
        rule("all", True, m.firms_at_address >= 0)(lambda c: None)  # noqa: ARG005 - a fact that no rule matches is an error to the library
        for fact in DIRECT:
            rule("all", True, getattr(m, fact) == True)(marked(marks, fact))  # noqa: E712 - the library's own words
    return Quiet(dict([rules.define()]))


def points(given: Given, family: str, give: int) -> Callable[[Any], None]:
    return lambda c: given.append((family, give))  # noqa: ARG005 - an action takes its context


def counted(given: Given, family: str, fact: str, give: int, most: int) -> Callable[[Any], None]:
    return lambda c: given.append((family, min(c.m[fact] * give, most)))


def marked(marks: list[str], fact: str) -> Callable[[Any], None]:
    return lambda c: marks.append(fact)  # noqa: ARG005 - an action takes its context


def prepare(path: str, rows: int) -> Ways:
    facts = filled(path, rows)
    given: Given = []
    marks: list[str] = []
    engine = host(given, marks)
    table = facts.with_columns(all_penalties_24m=pl.col("penalties_24m") + pl.col("other_penalties_24m")).to_dicts()
    for number, row in enumerate(table):
        row["id"] = number

    def grade(row: dict[str, object]) -> tuple[int, str]:
        given.clear()
        marks.clear()
        state = engine.assert_fact("henan", row)
        if "exception" in state:
            raise RuntimeError(state["exception"])
        engine.retract_fact("henan", row)
        families = dict.fromkeys(CAPS, 0)
        for family, give in given:
            families[family] += give
        score = sum(min(total, CAPS[family]) for family, total in families.items())
        band = next(grade for edge, grade in BANDS if score >= edge)
        if "serious_dishonesty" in marks or "judgment_defaulter" in marks:
            return score, "D"
        return score, max(band, "C") if "social_concern" in marks else band

    return {"batch": lambda: tuple(zip(*map(grade, table), strict=True))}
