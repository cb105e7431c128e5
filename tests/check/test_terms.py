"""What the solver reasons about is what runs: z3's terms, given the facts of an enterprise, are the steps of the closure."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

import regengine as rg
from regengine.check.prover import Inputs, Prover
from regengine.check.terms import Texts, runs, term
from regengine.program import expr as e
from regengine.program.evaluate import evaluate
from regengine.rulebook.facts import FactSpec
from regengine.rulebook.values import day_number, months_before

RULES = Path(__file__).parents[1] / "engines/rules/xx"
FIRST, LAST = dt.date(2020, 1, 1), dt.date(2049, 12, 31)
BOOKS = {name: rg.load(RULES / f"{name}.yaml") for name in ("every-form", "matrix", "unique")} | {"henan": rg.load("cn/henan-2022")}
PROVERS = {name: Prover(book.program, FIRST, LAST, 10) for name, book in BOOKS.items()}


def values_of(fact: FactSpec) -> st.SearchStrategy[int | bool | str]:
    if fact.type == "boolean":
        return st.booleans()
    if fact.values is not None:
        return st.sampled_from(fact.values)
    if fact.low is None or fact.high is None:
        return st.sampled_from(["", "none", "a", "企业"])
    few = st.integers(fact.low, min(fact.high, fact.low + 30))
    return (
        few | st.integers(fact.low, fact.high) | st.integers(max(fact.low, min(17_000, fact.high)), min(fact.high, 23_000))
        if fact.type == "date"
        else few | st.integers(fact.low, fact.high)
    )


@st.composite
def enterprises(draw: st.DrawFn, name: str) -> tuple[Inputs, dt.date]:
    inputs: Inputs = {}
    for fact in PROVERS[name].program.facts:
        plain = PROVERS[name].plain(fact)
        given = {f"fact.{fact.name}": draw(values_of(fact))} | ({f"known.{fact.name}": True} if fact.missing == "unknown" else {})
        inputs |= given if draw(st.booleans()) else plain
    return inputs, draw(st.dates(FIRST, LAST))


@pytest.mark.parametrize("name", BOOKS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_step_is_what_the_closure_says(name: str, data: st.DataObject) -> None:
    prover = PROVERS[name]
    terms = prover.terms
    inputs, as_of = data.draw(enterprises(name))
    trace = prover.trace(inputs, as_of)
    given = [(terms.inputs[key], terms.plain(value)) for key, value in inputs.items()]
    given.append((terms.as_of, terms.plain(day_number(as_of))))
    given += [(terms.months[count], terms.plain(day_number(months_before(as_of, count)))) for count in terms.months]
    for step in prover.program.steps:
        found = z3.simplify(z3.substitute(terms.columns[step.name], *given))
        assert found.eq(z3.simplify(terms.plain(trace[step.name]))), step.name


@pytest.mark.parametrize("name", BOOKS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_enterprise_is_outside_what_is_proved(name: str, data: st.DataObject) -> None:
    """Whatever intake lets through is among the enterprises that the solver looks at; otherwise a proof would leave some out."""
    terms = PROVERS[name].terms
    inputs, as_of = data.draw(enterprises(name))
    engine = z3.Solver(ctx=terms.texts.context)
    engine.add(*terms.within, *terms.exact(), terms.as_of == day_number(as_of), *(terms.inputs[key] == terms.plain(value) for key, value in inputs.items()))
    assert engine.check() == z3.sat


TEXTS = Texts()
numbers = st.integers(-50, 50)
bases = st.one_of(numbers.map(e.Constant), st.sampled_from([e.Column("a"), e.Column("b")]))


def larger(inner: st.SearchStrategy[e.Expr]) -> st.SearchStrategy[e.Expr]:
    pair, few = st.tuples(inner, inner), st.lists(inner, min_size=1, max_size=3).map(tuple)
    truth = st.one_of(
        st.builds(lambda op, sides: e.Compare(op, *sides), st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), pair),
        st.builds(e.OneOf, inner, st.lists(numbers, min_size=1, max_size=3).map(tuple)),
    )
    truths = st.lists(truth, min_size=1, max_size=3).map(tuple)
    joined = truth | truths.map(e.AllOf) | truths.map(e.AnyOf) | truth.map(e.Negate)
    positive = st.integers(1, 9).map(e.Constant)
    return st.one_of(
        few.map(e.Add), pair.map(lambda sides: e.Subtract(*sides)), pair.map(lambda sides: e.Multiply(*sides)), few.map(e.Least), few.map(e.Greatest),
        st.builds(lambda left, right: e.Quotient(e.Greatest((left, e.Constant(0))), right), inner, positive),
        st.builds(e.First, st.lists(st.tuples(joined, inner), min_size=1, max_size=3).map(tuple), inner),
    )  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(expr=st.recursive(bases, larger, max_leaves=12), a=numbers, b=numbers)
def test_any_expression_is_what_it_evaluates_to(expr: e.Expr, a: int, b: int) -> None:
    columns = {"a": z3.Int("a", TEXTS.context), "b": z3.Int("b", TEXTS.context)}
    given = [(columns[name], z3.IntVal(value, TEXTS.context)) for name, value in (("a", a), ("b", b))]
    found = z3.simplify(z3.substitute(term(expr, columns, {}, TEXTS), *given))
    assert found.as_long() == evaluate(expr, {"a": a, "b": b}, {})


@pytest.mark.parametrize(
    ("months", "first", "last", "days"),
    [
        (1, "2023-02-27", "2023-03-31", [31, 28, 29, 30, 31]),  # from 29 March on, the day that February lacks is its last
        (12, "2021-03-01", "2021-12-31", [365]),
        (12, "2020-01-01", "2020-12-31", [365, 366]),  # over 29 February 2020 from 1 March on
        (36, "2021-01-01", "2021-12-31", [1096]),  # one leap day, whichever day it is
    ],
)
def test_how_long_months_are(months: int, first: str, last: str, days: list[int]) -> None:
    found = runs(months, dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    assert [count for _, _, count in found] == days
    assert (found[0][0], found[-1][1]) == (day_number(dt.date.fromisoformat(first)), day_number(dt.date.fromisoformat(last)))
