"""rule-engine (Python): rules compiled once with typed symbols, on dictionaries.

An item is written both ways that its documentation shows: a `Chain` (the value of the first rule that matches), and one rule with
`? :`. Families, score and grade are worked out in Python, as the library has no place for them.
"""

from __future__ import annotations

import json
from functools import partial

import polars as pl
import rule_engine

from .scheme import BANDS, CAPS, DIRECT, EACH, TABLES, Graded, Table, Ways, filled

KINDS = {pl.Boolean: rule_engine.DataType.BOOLEAN, pl.String: rule_engine.DataType.STRING}


Items = dict[str, list[rule_engine.Rule | rule_engine.Chain]]


def said(fact: str, op: str, value: object) -> str:
    return fact if value is True else f"{fact} {op} {json.dumps(value)}"


def expression(table: Table) -> str:
    text = "0"
    for (fact, op, value), give in reversed(table.rows):
        text = f"({said(fact, op, value)} ? {give} : {text})"
    return text


def chain(table: Table, context: rule_engine.Context) -> rule_engine.Chain:
    return rule_engine.Chain([(said(*test), give) for test, give in table.rows], default_value=0, context=context)


def prepare(path: str, rows: int) -> Ways:
    given = filled(path, rows)
    types = {name: KINDS.get(kind.base_type(), rule_engine.DataType.FLOAT) for name, kind in given.schema.items()}
    context = rule_engine.Context(type_resolver=rule_engine.type_resolver_from_dict(types))
    each = [(one.family, rule_engine.Rule(f"({one.fact} * {one.give} > {one.most} ? {one.most} : {one.fact} * {one.give})", context=context)) for one in EACH]
    ways = {
        "rules": [(table.family, rule_engine.Rule(expression(table), context=context)) for table in TABLES],
        "chains": [(table.family, chain(table, context)) for table in TABLES],
    }
    families = {way: {family: [one for of, one in (*items, *each) if of == family] for family in CAPS} for way, items in ways.items()}
    direct = [rule_engine.Rule(fact, context=context) for fact in DIRECT]
    facts = given.to_dicts()

    def grade(row: dict[str, object], items: Items) -> tuple[int, str]:
        score = sum(min(int(sum(item.evaluate(row) for item in of)), CAPS[family]) for family, of in items.items())
        band = next(grade for edge, grade in BANDS if score >= edge)
        if direct[0].matches(row) or direct[1].matches(row):
            return score, "D"
        return score, max(band, "C") if direct[2].matches(row) else band

    def batch(way: str) -> Graded:
        scores, grades = zip(*(grade(row, families[way]) for row in facts), strict=True)
        return scores, grades

    return {way: partial(batch, way) for way in ways}
