"""ZEN (Rust): a decision graph compiled once, given to the engine by its static loader and evaluated with `evaluate_batch`.

Written both ways that its documentation shows: a first-hit decision table for each item, and one expression node for all items, which is
faster. An expression node adds up families and score, a first-hit table gives the grade. One at a time it is `ZenDecision.evaluate`.
"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import zen

from .scheme import BANDS, CAPS, EACH, TABLES, Graded, Pairs, Table, Ways, filled

Node = dict[str, Any]


def table_node(name: str, inputs: list[str], outputs: list[str], rules: list[dict[str, str]], *, passes: bool) -> Node:
    """A first-hit table; a cell that a rule leaves out holds for every value."""
    rows = [{"_id": f"{name}-{number}", **dict.fromkeys(inputs, ""), **rule} for number, rule in enumerate(rules)]
    columns = {"inputs": [column(one) for one in inputs], "outputs": [column(one) for one in outputs]}
    return {"id": name, "type": "decisionTableNode", "name": name, "content": {"hitPolicy": "first", "passThrough": passes, **columns, "rules": rows}}


def column(name: str) -> dict[str, str]:
    return {"id": name, "name": name, "field": name}


def item_table(key: str, table: Table) -> Node:
    fact = table.rows[0][0][0]
    rules = [{fact: json.dumps(value) if op == "==" else f"{op} {value}", key: str(give)} for (_, op, value), give in table.rows]
    return table_node(key, [fact], [key], [*rules, {key: "0"}], passes=True)


def item_expression(table: Table) -> str:
    return "".join(f"{fact} {op} {json.dumps(value)} ? {give} : " for (fact, op, value), give in table.rows) + "0"


def graph(*, tables: bool) -> Node:
    items = {f"item{number}": table for number, table in enumerate(TABLES)}
    each = {f"each{number}": one for number, one in enumerate(EACH)}
    lines = {key: f"min([{one.fact} * {one.give}, {one.most}])" for key, one in each.items()}
    if not tables:
        lines |= {key: item_expression(table) for key, table in items.items()}
    keys = {family: [("$." if key in lines else "") + key for key, one in (items | each).items() if one.family == family] for family in CAPS}
    lines |= {family: f"min([{' + '.join(keys[family])}, {most}])" for family, most in CAPS.items()}
    lines["score"] = " + ".join(f"$.{family}" for family in CAPS)
    expressions = [{"id": key, "key": key, "value": text} for key, text in lines.items()]
    direct = [("serious_dishonesty", "true", "D"), ("judgment_defaulter", "true", "D"), ("score", ">= 750", "D"), ("social_concern", "true", "C")]
    rows = [*direct, *(("score", f">= {edge}", grade) for edge, grade in BANDS[1:])]
    given = table_node(
        "decided", ["serious_dishonesty", "judgment_defaulter", "social_concern", "score"], ["grade", "points"],
        [{name: test, "grade": f'"{grade}"', "points": "score"} for name, test, grade in rows], passes=False,
    )  # fmt: skip
    nodes = [
        {"id": "in", "type": "inputNode", "name": "facts"},
        *(item_table(key, table) for key, table in items.items() if tables),
        {"id": "scored", "type": "expressionNode", "name": "scored", "content": {"expressions": expressions, "passThrough": True}},
        given,
        {"id": "out", "type": "outputNode", "name": "decision"},
    ]
    edges = [{"id": f"{a['id']}-{b['id']}", "sourceId": a["id"], "targetId": b["id"], "type": "edge"} for a, b in pairwise(nodes)]
    return {"nodes": nodes, "edges": edges}


def prepare(path: str, rows: int) -> Ways:
    graphs = {"expressions": graph(tables=False), "tables": graph(tables=True)}
    engine = zen.ZenEngine({"loader": {"type": "static", "content": graphs}})
    decision = zen.ZenEngine().create_decision(zen.ZenDecisionContent(json.dumps(graphs["expressions"])))
    facts = filled(path, rows).to_dicts()

    def batch(key: str) -> Graded:
        results = [answer["data"]["result"] for answer in engine.evaluate_batch([{"key": key, "context": row} for row in facts])]
        return [result["points"] for result in results], [result["grade"] for result in results]

    def one(*, trace: bool) -> Pairs:
        for row in facts:
            result = decision.evaluate(row, {"trace": trace})["result"]
            yield result["points"], result["grade"]

    return {
        "expressions": lambda: batch("expressions"),
        "tables": lambda: batch("tables"),
        "one": lambda: one(trace=False),
        "one with its trace": lambda: one(trace=True),
    }
