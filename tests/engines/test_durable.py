"""durable-rules gives the decisions of the default engine, one enterprise after another, and keeps nothing of them."""

from __future__ import annotations

import gc
import random
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import regengine as rg
from regengine.engines.choices import Result, choices_of
from regengine.engines.durable import durable
from regengine.engines.single import Value, single
from regengine.program import expr as e
from regengine.program.expr import walk
from regengine.program.program import Program, Step

from .test_agree import AS_OF, BOOKS, RULES, population, some_value

# durable-rules reads the clock in a way that Python 3.12 warns of
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcfromtimestamp:DeprecationWarning")
runs = pytest.mark.usefixtures("durable_rules")
EVERY_FORM = BOOKS["every_form"]
FACTS, PENALTIES, OWNER = EVERY_FORM.program.inputs, e.Column("fact.penalties"), e.Column("fact.owner")
STATM = Path("/proc/self/statm")


def arguments(book: rg.Book, rows: list[dict[str, Any]]) -> list[tuple[Value, ...]]:
    """What an engine is given for each enterprise."""
    ready = book.ready(book.law)
    days = ready.single.days_at(AS_OF).values()
    return [(*ready.reader.read(row, "enterprise").values, *days) for row in rows]


def exactly(values: tuple[Value, ...]) -> list[tuple[type, Value]]:
    """Values with their types, since `True == 1`."""
    return [(type(value), value) for value in values]


def program_of(*steps: e.Expr, kind: str = "integer") -> Program:
    """A program of some steps over the facts of the rulebook that has every form."""
    return replace(EVERY_FORM.program, steps=tuple(Step(f"step.{index}", expr, kind) for index, expr in enumerate(steps)))


def inputs(seed: int = 1, **facts: Value) -> list[Value]:
    """The inputs of an enterprise of that rulebook, some facts as named."""
    drawn = dict(zip(FACTS, arguments(EVERY_FORM, population(EVERY_FORM, 1, seed))[0], strict=False))
    return list((drawn | {f"fact.{name}": value for name, value in facts.items()}).values())


# equal decisions


@runs
@pytest.mark.parametrize("name", [*rg.rulebook_ids(), *sorted(path.stem for path in RULES.glob("*.yaml"))])
def test_enterprises_of_each_rulebook(name: str) -> None:
    book = rg.load(name if "/" in name else RULES / f"{name}.yaml")
    closure, ruleset = single(book.program).run, durable(book.program).run
    for one in arguments(book, population(book, 200 if "/" in name and name != "cn/henan-2022" else 2_000, seed=19)):
        assert exactly(ruleset(*one)) == exactly(closure(*one))


@runs
@pytest.mark.parametrize("name", rg.rulebook_ids())
def test_the_cases_of_a_rulebook_get_the_grades_that_it_says(name: str) -> None:
    book = rg.load(name)
    cases = [case for case in book.cases if "grade" in case.expect]
    assert len(cases) >= 5
    for case in cases:
        day = case.as_of or book.law.document.in_force.since
        assert book.decide(case.facts, as_of=day, engine="durable").grade == case.expect["grade"]


@runs
def test_a_decision_tells_the_same_whichever_engine_made_it() -> None:
    book = rg.load("cn/henan-2022")
    for row in population(book, 25, seed=5):
        usual, made = book.decide(row, as_of=AS_OF), book.decide(row, as_of=AS_OF, engine="durable")
        assert made.trace == usual.trace
        assert (made.as_dict(), made.columns()) == (usual.as_dict(), usual.columns())
        assert (made.why_not(), made.enterprise, made.days) == (usual.why_not(), usual.enterprise, usual.days)
    assert made.nearest_better() == usual.nearest_better()


@runs
def test_the_law_of_the_day_applies() -> None:
    book = rg.load("us/hud-reac")
    for row in population(book, 20, seed=5):
        for day in ("2015-01-01", "2022-01-01"):
            assert book.decide(row, as_of=day, engine="durable").as_dict() == book.decide(row, as_of=day).as_dict()


@runs
def test_an_enterprise_that_cannot_be_graded_is_refused_as_ever() -> None:
    book = rg.load(RULES / "unique.yaml")
    assert book.decide({"beds": 5, "open": True}, as_of=AS_OF, engine="durable").grade == "B"
    with pytest.raises(rg.ProblemError, match="row-not-unique"):
        book.decide({"beds": 5, "open": False}, as_of=AS_OF, engine="durable")
    with pytest.raises(rg.ProblemError, match="fact-out-of-range"):
        book.decide({"beds": -5, "open": False}, as_of=AS_OF, engine="durable")


@runs
@pytest.mark.parametrize(
    ("op", "at_9_10_11"),
    [
        ("==", (False, True, False)), ("!=", (True, False, True)), ("<", (True, False, False)),
        ("<=", (True, True, False)), (">", (False, False, True)), (">=", (False, True, True)),
    ],
)  # fmt: skip
def test_each_comparison_on_either_side_and_its_opposite(op: str, at_9_10_11: tuple[bool, ...]) -> None:
    """With 10 on the right it is as it stands; on the left it says of 11, 10 and 9 what it says of 9, 10 and 11 on the right."""
    ten, day, twice = e.Constant(10), e.AsOf(0, 0), e.Multiply(PENALTIES, e.Constant(2))
    right = [e.Compare(op, PENALTIES, ten), e.Compare(op, e.Column("fact.failed"), ten), e.Compare(op, twice, e.Constant(20))]
    left = [e.Compare(op, ten, PENALTIES), e.Compare(op, e.Constant(20), twice), e.Compare(op, ten, e.Column("fact.failed"))]
    engine = durable(program_of(*right, *left, *map(e.Negate, right + left), e.Compare(op, day, e.Add((day, e.Subtract(ten, PENALTIES))))))
    for number, holds, mirrored in zip((9, 10, 11), at_9_10_11, at_9_10_11[::-1], strict=True):
        values = engine.run(*inputs(penalties=number, failed=number), 20_000)
        assert values == (holds,) * 3 + (mirrored,) * 3 + (not holds,) * 3 + (not mirrored,) * 3 + (holds,)


def some_number(draw: random.Random, depth: int) -> e.Expr:
    """A number made of every kind of expression that can give one."""

    def number() -> e.Expr:
        return some_number(draw, depth - 1)

    def rows() -> tuple[tuple[e.Expr, e.Expr], ...]:
        return tuple((some_condition(draw, depth - 1), number()) for _ in range(draw.randint(0, 3)))

    leaves = [PENALTIES, e.Column("fact.balance"), e.Column("fact.fine"), e.AsOf(0, 0), e.AsOf(2, 10), e.Constant(draw.randint(-60, 60))]
    kinds: list[Callable[[], e.Expr]] = [
        lambda: e.Add((number(), number())), lambda: e.Subtract(number(), number()), lambda: e.Multiply(number(), e.Constant(draw.randint(-3, 3))),
        lambda: e.Quotient(e.Greatest((number(), e.Constant(0))), e.Constant(draw.randint(1, 9))), lambda: e.Least((number(), number())),
        lambda: e.Greatest((number(), number(), number())), lambda: e.First(rows(), number()), lambda: e.First(rows(), number()),
    ]  # fmt: skip
    return draw.choice(leaves) if depth == 0 or draw.random() < 0.2 else draw.choice(kinds)()


def some_condition(draw: random.Random, depth: int) -> e.Expr:
    """A condition made of every kind of expression that can give one."""

    def number() -> e.Expr:
        return some_number(draw, depth - 1)

    def conditions(least: int) -> tuple[e.Expr, ...]:
        return tuple(some_condition(draw, depth - 1) for _ in range(draw.randint(least, 3)))

    def text() -> e.Expr:
        return draw.choice([OWNER, e.Column("fact.trade"), e.Constant("food"), e.Constant("企业")])

    order, equal = ["==", "!=", "<", "<=", ">", ">="], ["==", "!="]
    large = e.Constant(draw.choice([2**61, -(2**61), 2**31, -(2**31)]))
    kinds: list[Callable[[], e.Expr]] = [
        lambda: e.Compare(draw.choice(order), number(), number()), lambda: e.Compare(draw.choice(order), number(), large),
        lambda: e.Compare(draw.choice(equal), text(), text()), lambda: e.Compare(draw.choice(equal), *conditions(2)[:2]),
        lambda: e.AllOf(conditions(0)), lambda: e.AnyOf(conditions(1)), lambda: e.Negate(*conditions(1)[:1]), lambda: e.OneOf(number(), (-3, 0, 1, 7, 12)),
        lambda: e.OneOf(OWNER, ("food", "a")), lambda: e.First(((some_condition(draw, depth - 1), some_condition(draw, depth - 1)),), e.TRUE),
    ]  # fmt: skip
    return draw.choice([e.TRUE, e.FALSE, e.Column("fact.listed"), e.Column("known.visits")]) if depth == 0 or draw.random() < 0.1 else draw.choice(kinds)()


@runs
@pytest.mark.parametrize("seed", range(40))
def test_any_program_at_all(seed: int) -> None:
    """Every kind of expression within every other, forty steps at a time."""
    draw = random.Random(seed)
    program = program_of(*(draw.choice([some_number, some_condition])(draw, 3) for _ in range(40)))
    closure, ruleset = single(program), durable(program)
    days = closure.days_at(AS_OF).values()
    for row in population(EVERY_FORM, 12, seed):
        one = (*EVERY_FORM.ready(EVERY_FORM.law).reader.read(row, "enterprise").values, *days)
        assert exactly(ruleset.run(*one)) == exactly(closure.run(*one))


@pytest.mark.parametrize("name", ["every_form", "matrix", "cn/henan-2022"])
def test_whatever_decides_is_in_a_choice(name: str) -> None:
    results = [part for part in choices_of(BOOKS[name].program) if isinstance(part, Result)]
    kinds = {type(part) for result in results for value in result.values for part in walk(value)}
    assert kinds <= {e.Constant, e.Column, e.Add, e.Subtract, e.Multiply, e.Quotient, e.Least, e.Greatest}
    assert {step.name for step in BOOKS[name].program.steps} <= {result.name for result in results}


# more than durable-rules takes at once


LONG = tuple(e.Compare("==", PENALTIES, e.Constant(number)) for number in (*range(-140, 0), *range(12, 20)))  # never, or at 12 to 19


@runs
@pytest.mark.parametrize(
    ("expr", "at_11", "at_12"),
    [
        (e.AnyOf(LONG), False, True),
        (e.Negate(e.AnyOf(LONG)), True, False),
        (e.AllOf(tuple(map(e.Negate, LONG))), True, False),
        (e.OneOf(PENALTIES, tuple(range(12, 160))), False, True),
        (e.Negate(e.OneOf(PENALTIES, tuple(range(12, 160)))), True, False),
        (e.AnyOf(tuple(e.Compare(">", PENALTIES, e.Constant(12 - number)) for number in range(1, 150))), True, True),
        (e.First(tuple((e.Compare(">=", PENALTIES, e.Constant(number)), e.Constant(number)) for number in range(200, -200, -1)), e.Constant(-999)), 11, 12),
        (e.First(tuple((e.Compare("<", PENALTIES, e.Constant(-number)), e.TRUE) for number in range(150)), e.FALSE), False, False),
    ],
)
def test_tables_and_lists_of_any_length(expr: e.Expr, at_11: Value, at_12: Value) -> None:
    engine = durable(program_of(expr))
    assert [engine.run(*inputs(penalties=number)) for number in (11, 12, 11)] == [(at_11,), (at_12,), (at_11,)]


@runs
@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([e.Compare(">", PENALTIES, e.Constant(number)) for number in range(501)], "501 choices, and a ruleset of durable-rules holds 500"),
        (
            [e.First(tuple((e.Compare(">", PENALTIES, e.Constant(40 * step + row)), e.TRUE) for row in range(40)), e.FALSE) for step in range(100)],
            "4,100 rules, and a ruleset of durable-rules holds 4,000",
        ),
    ],
)
def test_a_program_too_large_for_a_ruleset_is_told(steps: list[e.Expr], message: str) -> None:
    with pytest.raises(rg.ProblemError) as told:
        durable(program_of(*steps))
    (problem,) = told.value.problems
    assert problem.code == "engine-limit"
    assert message in problem.message
    assert problem.hint == "use the default: the default engine gives the same decisions"


@runs
def test_a_program_as_large_as_a_ruleset_holds() -> None:
    engine = durable(program_of(*(e.Compare(">", PENALTIES, e.Constant(number)) for number in range(500))))
    for penalties in (0, 7, 20):
        assert engine.run(*inputs(penalties=penalties)) == tuple(number < penalties for number in range(500))


TRAILING = "企业" + "x" * (2**16 - len("企业".encode()))


@runs
@pytest.mark.parametrize("owner", ["企业", "", "企", "企业 ", 'a"b', "a\\", "'", "\ud800", "\0", "0", "true", TRAILING, TRAILING + "企业"])
def test_texts_are_equal_only_to_themselves(owner: str) -> None:
    texts = ("企业", 'a"b', "\ud800", "0")
    engine = durable(program_of(*(e.Compare("==", OWNER, e.Constant(text)) for text in texts), e.Negate(e.OneOf(OWNER, texts))))
    expected = {"企业": 0, 'a"b': 1, "\ud800": 2, "0": 3}.get(owner, 4)
    assert engine.run(*inputs(owner=owner)) == tuple(index == expected for index in range(5))


# one process


@runs
def test_five_thousand_enterprises_in_a_row_leave_nothing_behind() -> None:
    book = rg.load("cn/henan-2022")
    closure, engine = single(book.program).run, durable(book.program)
    held, contexts = {"most": 0, "now": 0}, set()

    def stored(ruleset: str, context: str, event: str, action: int, content: str) -> int:
        held["now"] += 1
        held["most"] = max(held.values())
        contexts.add(context)
        return 0

    def deleted(ruleset: str, context: str, event: str) -> int:
        held["now"] -= 1
        return 0

    engine.ruleset.set_store_message_callback(stored)
    engine.ruleset.set_delete_message_callback(deleted)
    draw = random.Random(3)
    seen, memory = set(), []
    for number in range(5_000):
        (one,) = arguments(book, [{spec.name: some_value(spec, draw) for spec in book.facts.values()}])
        seen.add(one)
        assert engine.run(*one) == closure(*one)
        if number in (1_000, 4_999) and STATM.exists():
            gc.collect()
            memory.append(int(STATM.read_text().split()[1]) * 4)
    assert len(seen) == 5_000
    assert contexts == {"enterprise"}
    assert held == {"most": 3, "now": 1}  # the state of the context stays, and beside it there is an event and the one that follows
    assert engine.ruleset.get_facts("enterprise") == engine.ruleset.get_pending_events("enterprise") == []
    if memory:  # KiB; one event of 7 KiB kept by each decision would come to 28,000
        assert memory[1] - memory[0] < 4_096


@runs
def test_what_an_action_raises_is_raised_and_does_not_stay() -> None:
    """A quotient by nothing cannot come out of a rulebook; here it is made to fail inside an action."""
    share = e.Quotient(e.Constant(100), e.Subtract(PENALTIES, e.Constant(4)))
    engine = durable(program_of(e.First(((e.Compare(">", PENALTIES, e.Constant(2)), share),), e.Constant(0))))
    assert engine.run(*inputs(penalties=6)) == (50,)
    for _ in range(3):
        with pytest.raises(RuntimeError, match="durable-rules: exception caught integer division or modulo by zero"):
            engine.run(*inputs(penalties=4))
        assert engine.run(*inputs(penalties=6)) == (50,)
        assert engine.run(*inputs(penalties=1)) == (0,)


@runs
def test_threads_share_an_engine() -> None:
    book = rg.load("us/hud-reac")
    rows = population(book, 300, seed=4)
    expected = [book.decide(row, as_of=AS_OF).trace for row in rows]

    def decided(row: dict[str, Any]) -> Any:
        return book.decide(row, as_of=AS_OF, engine="durable").trace

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(decided, rows)) == expected


# where it cannot be had


def refused(**how: Any) -> rg.Problem:
    with pytest.raises(rg.ProblemError) as told:
        rg.load("us/hud-reac").decide({"inspection_score": 90}, as_of="2015-01-01", **how)
    (problem,) = told.value.problems
    return problem


def test_another_engine_is_not_known() -> None:
    problem = refused(engine="durables")
    assert (problem.code, problem.message, problem.hint) == ("option-wrong", "`durables` is not an engine for one enterprise", "did you mean `durable`?")


@pytest.mark.skipif(sys.version_info < (3, 13), reason="durable-rules runs on this Python; the refusal for real needs Python 3.13 or later")
def test_on_python_3_13_and_later_it_is_said_what_to_use_instead() -> None:
    problem = refused(engine="durable")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert problem.code == "extra-missing"
    assert problem.message == f"no version of durable-rules runs on Python {version}, only up to 3.12"
    assert problem.hint == "use the default: the default engine gives the same decisions"


@runs
def test_an_older_python_says_of_a_later_one_what_that_one_would(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "version_info", (3, 14, 0, "final", 0))
        problem = refused(engine="durable")
    assert problem.message == "no version of durable-rules runs on Python 3.14, only up to 3.12"
    assert rg.load("us/hud-reac").decide({"inspection_score": 90}, as_of="2015-01-01", engine="durable").grade == "standard_1"


@runs
def test_without_the_package_its_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "durable.engine", None)
    problem = refused(engine="durable")
    assert (problem.code, problem.message) == ("extra-missing", "`durable-rules` is not installed")
    assert problem.hint == "pip install 'regengine[durable]'; the default engine gives the same decisions"
