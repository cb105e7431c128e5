"""OpenFisca-Core (AGPL, installed for this benchmark only): a variable with a vectorised formula for each item, family, score and grade.

Formulas use `select`, `where` and NumPy arithmetic as its documentation on vectorial computing asks; words are Enums, days are dates as numbers.
A simulation is built and given its inputs each time, since one keeps what it has worked out.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
import polars as pl
from openfisca_core.entities import Entity
from openfisca_core.indexed_enums import Enum
from openfisca_core.model_api import ETERNITY, Variable, max_, min_, select, where
from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from .scheme import BANDS, CAPS, DIRECT, EACH, TABLES, Each, Graded, Table, Ways, filled

WORDS = {
    "industry_risk": Enum("Industry", {name: name for name in ("general", "raised", "high")}),
    "size_class": Enum("Size", {name: name for name in ("micro", "small", "medium", "large")}),
    "tax_grade": Enum("Tax", {name: name for name in ("A", "B", "M", "C", "D", "unrated")}),
}
Grade = Enum("Grade", {name: name for name in "ABCD"})
TYPES = {pl.Boolean: bool, pl.Float64: float}
OPERATORS = {"==": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
PERIOD = "2026-11-01"


def system(facts: pl.DataFrame) -> TaxBenefitSystem:
    enterprise = Entity("enterprise", "enterprises", "An enterprise", "")
    made = TaxBenefitSystem([enterprise])

    def add(name: str, kind: object, formula: Callable[..., object] | None = None, **more: object) -> None:
        body = {"value_type": kind, "entity": enterprise, "definition_period": ETERNITY, "label": name, **more}
        made.add_variable(type(name, (Variable,), body | ({"formula": formula} if formula else {})))

    for name, kind in facts.schema.items():
        if name in WORDS:
            add(name, Enum, possible_values=WORDS[name], default_value=next(iter(WORDS[name])))
        else:
            add(name, TYPES.get(kind.base_type(), int))
    names = {family: [] for family in CAPS}
    for number, table in enumerate((*TABLES, *EACH)):
        add(f"item_{number}", int, item(table) if isinstance(table, Table) else each(table))
        names[table.family].append(f"item_{number}")
    for family, items in names.items():
        add(family, int, total(items, CAPS[family]))
    add("score", int, total(list(CAPS), 1000))

    def grade(enterprises: Callable[..., np.ndarray], period: object) -> np.ndarray:
        score, direct = enterprises("score", period), [enterprises(name, period) for name in DIRECT]
        band = select([score >= edge for edge, _ in BANDS], [ord(grade) - ord("A") for _, grade in BANDS])
        return where(direct[0] + direct[1], 3, where(direct[2], max_(band, 2), band))

    add("grade", int, grade)
    return made


def item(table: Table) -> Callable[..., object]:
    def formula(enterprises: Callable[..., np.ndarray], period: object) -> np.ndarray:
        def holds(fact: str, op: str, value: object) -> np.ndarray:
            column = reduce(operator.add, [enterprises(part, period) for part in fact.split(" + ")])
            return column if value is True else OPERATORS[op](column, WORDS[fact][value] if fact in WORDS else value)

        return select([holds(*test) for test, _ in table.rows], [give for _, give in table.rows], 0)

    return formula


def each(one: Each) -> Callable[..., object]:
    return lambda enterprises, period: min_(enterprises(one.fact, period) * one.give, one.most)


def total(names: list[str], most: int) -> Callable[..., object]:
    return lambda enterprises, period: min_(sum(enterprises(name, period) for name in names), most)


def prepare(path: str, rows: int) -> Ways:
    facts = filled(path, rows)
    made = system(facts)
    columns = {name: facts[name].to_numpy() for name in facts.columns}
    words = {name: columns[name].astype(str) for name in WORDS}
    encoded = {name: WORDS[name].encode(column) for name, column in words.items()}

    def batch(words: Any) -> Graded:
        simulation = SimulationBuilder().build_default_simulation(made, facts.height)
        for name, column in (columns | words).items():
            simulation.set_input(name, PERIOD, column)
        grade, score = simulation.calculate("grade", PERIOD), simulation.calculate("score", PERIOD)
        return score, np.array(list("ABCD"))[grade]

    return {"encoded": lambda: batch(encoded), "from words": lambda: batch(words)}
