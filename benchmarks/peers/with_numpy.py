"""NumPy, as someone would who needs the score and the grade of this one scheme: arrays without missing values, `where` and arithmetic."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from .scheme import BANDS, CAPS, DIRECT, EACH, TABLES, Graded, Table, Ways, filled

OPERATORS = {"==": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
Columns = dict[str, Any]


def points(table: Table, facts: Columns) -> Any:
    if table.rows[0][0][2] is True:
        return facts[table.rows[0][0][0]] * np.int16(table.rows[0][1])
    given: Any = np.int16(0)
    for (fact, op, value), give in reversed(table.rows):
        parts = [facts[name] for name in fact.split(" + ")]
        given = np.where(OPERATORS[op](parts[0] if len(parts) == 1 else parts[0] + parts[1], value), np.int16(give), given)
    return given


def grade(facts: Columns) -> Graded:
    families: Columns = {}
    for table in TABLES:
        families[table.family] = families.get(table.family, 0) + points(table, facts)
    for one in EACH:
        families[one.family] = families.get(one.family, 0) + np.minimum(facts[one.fact] * one.give, one.most).astype(np.int16)
    score = sum(np.minimum(total, CAPS[family]) for family, total in families.items())
    rank = np.select([score >= edge for edge, _ in BANDS], [3, 2, 1, 0])
    serious, defaulter, concern = (facts[name] for name in DIRECT)
    rank = np.where(serious | defaulter, 3, np.where(concern, np.maximum(rank, 2), rank))
    return score, np.array(list("ABCD"))[rank]


def prepare(path: str, rows: int) -> Ways:
    facts = filled(path, rows)
    columns = {name: facts[name].to_numpy() for name in facts.columns}
    return {"batch": lambda: grade(columns)}
