"""The engines give the same answer: for each shipped rulebook over thousands of generated enterprises, and for every form
that a program can take over a rulebook written to hold them all."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import regengine as rg
from regengine.rulebook.facts import FactSpec

AS_OF = dt.date(2026, 11, 1)
RULES = Path(__file__).with_name("rules") / "xx"


def some_value(spec: FactSpec, draw: random.Random) -> Any:
    """A value of a fact, often at a small number or an end of its range, sometimes missing where that is allowed."""
    if spec.missing != "reject" and draw.random() < 0.15:
        return None
    match spec.type:
        case "boolean":
            return draw.random() < 0.3
        case "category":
            return draw.choice(spec.values or ("",))
        case "code":
            return draw.choice(["", "a", "企业", "91410100MA0000000X"])
        case "date":
            return AS_OF - dt.timedelta(days=draw.choice([0, 1, 29, 30, 31, 365, 366, 730, 1095, 1096, draw.randrange(20_000), -draw.randrange(900)]))
    assert spec.low is not None
    assert spec.high is not None
    low, high = spec.low, spec.high
    number = draw.choice([low, high, draw.randint(low, min(high, low + 12)), draw.randint(low, min(high, low + 200)), draw.randint(low, high)])
    return Decimal(number).scaleb(-spec.places) if spec.places else number


def population(book: rg.Book, size: int, seed: int) -> list[dict[str, Any]]:
    draw = random.Random(seed)
    return [{"enterprise": f"E{index:06}", **{spec.name: some_value(spec, draw) for spec in book.facts.values()}} for index in range(size)]


def polars_frame(book: rg.Book, rows: list[dict[str, Any]]) -> pl.DataFrame:
    kinds = {"boolean": pl.Boolean(), "integer": pl.Int64(), "decimal": pl.Float64(), "date": pl.Date()}
    schema = {"enterprise": pl.String(), **{spec.name: kinds.get(spec.type, pl.String()) for spec in book.facts.values()}}
    plain = [{name: float(value) if isinstance(value, Decimal) else value for name, value in row.items()} for row in rows]
    return pl.DataFrame(plain, schema=schema)


def singles(book: rg.Book, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each row through the closure, as a decided table has it."""
    made: list[dict[str, Any]] = []
    for row in rows:
        decision = book.decide(row, as_of=AS_OF)
        made.append({"enterprise": row["enterprise"], **decision.columns(), "facts_filled": len(decision.filled) + len(decision.unknown)})
    return made


def assert_equal(book: rg.Book, rows: list[dict[str, Any]], frames: Any, *kinds: str) -> None:
    """Every kind of frame grades as the closure does, down to the type of every column."""
    expected = singles(book, rows)
    frame = polars_frame(book, rows)
    for kind in kinds:
        decided = book.split_frame(frames.of(kind, frame), as_of=AS_OF, keep="key")
        assert frames.rows(decided.rejects) == []
        found = frames.rows(decided.graded)
        assert found == [{name: one[name] for name in found[0]} for one in expected], kind
        assert set(found[0]) == set(expected[0])


@pytest.mark.parametrize("name", rg.rulebook_ids())
@pytest.mark.parametrize(("kind", "size"), [("polars", 10_000), ("lazy", 1_000), ("pandas", 1_000), ("duckdb", 1_000)])
def test_thousands_of_enterprises_of_each_rulebook(name: str, kind: str, size: int, frames: Any) -> None:
    book = rg.load(name)
    rows = population(book, size, seed=7)
    assert_equal(book, rows, frames, kind)
    if size == 10_000:
        grades = {book.decide(row, as_of=AS_OF).grade for row in rows[:2_000]}
        assert len(grades) >= 3, "a population with one grade proves little"


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(seed=st.integers(0, 2**32), size=st.integers(1, 40))
@pytest.mark.parametrize("name", ["every_form", "matrix", "cn/henan-2022"])
def test_generated_enterprises(name: str, frames: Any, seed: int, size: int) -> None:
    book = BOOKS[name]
    assert_equal(book, population(book, size, seed), frames, "polars", "lazy", "pandas", "duckdb")


@pytest.mark.xdist_group("spark")
@pytest.mark.parametrize("name", ["every_form", "matrix", "cn/henan-2022"])
def test_thousands_of_enterprises_on_spark(name: str, frames: Any) -> None:
    assert_equal(BOOKS[name], population(BOOKS[name], 5_000, seed=3), frames, "spark")


BOOKS = {"every_form": rg.load(RULES / "every-form.yaml"), "matrix": rg.load(RULES / "matrix.yaml"), "cn/henan-2022": rg.load("cn/henan-2022")}


@pytest.mark.parametrize("name", ["every_form", "matrix"])
def test_every_rule_is_reached(name: str) -> None:
    """The rulebooks above would prove nothing about a row that nobody reaches."""
    book = BOOKS[name]
    seen: set[str] = set()
    for row in population(book, 6_000, seed=1):
        seen |= {rule.id for rule in book.decide(row, as_of=AS_OF).rules}
    assert {rule.id for rule in book.program.rules} - seen == set()


def as_text(value: Any) -> str | None:
    """A value as a CSV file holds it."""
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("name", ["every_form", "cn/henan-2022"])
def test_texts_are_read_as_the_values_they_write(name: str, kind: str, frames: Any) -> None:
    book = BOOKS[name]
    rows = population(book, 1_500, seed=3)
    typed = book.decide_frame(polars_frame(book, rows), as_of=AS_OF, keep="key")
    texts = pl.DataFrame([{key: as_text(value) for key, value in row.items()} for row in rows], schema=dict.fromkeys(rows[0], pl.String()))
    if kind == "pandas":
        with pytest.raises(rg.ProblemError, match="texts are not read in a pandas frame"):
            book.split_frame(frames.of(kind, texts), as_of=AS_OF, keep="key", texts=True)
        return
    decided = book.split_frame(frames.of(kind, texts), as_of=AS_OF, keep="key", texts=True)
    assert frames.rows(decided.graded) == typed.to_dicts()


def spoiled(spec: FactSpec, draw: random.Random) -> Any:
    """A value that a fact cannot have, of the Python type of its column."""
    match spec.type:
        case "category":
            return draw.choice(["", "Food", "食品"])
        case "integer":
            return draw.choice([(spec.low or 0) - 1, (spec.high or 0) + 1, 2**62, -(2**62)])
        case "decimal":
            return draw.choice([0.0001, 1e12, -1e12, float("inf"), 123456.789])
        case _:
            return None


def fails(book: rg.Book, row: dict[str, Any]) -> set[str]:
    """What single decisions say against a row, in the words of the rejects."""
    try:
        book.decide(row, as_of=AS_OF)
    except rg.ProblemError as error:
        return {f"{problem.code}: {problem.place.field}" for problem in error.problems}
    return set()


@pytest.mark.parametrize("name", ["every_form", "cn/henan-2022"])
def test_every_engine_rejects_the_same_rows_for_the_same_reasons(name: str, kind: str, frames: Any) -> None:
    book = BOOKS[name]
    draw = random.Random(5)
    rows = population(book, 800, seed=11)
    for row in rows[::2]:
        for spec in draw.sample(list(book.facts.values()), 2):
            row[spec.name] = spoiled(spec, draw)
    result = book.split_frame(frames.of(kind, polars_frame(book, rows)), as_of=AS_OF)
    rejects = frames.rows(result.rejects)
    assert len(frames.rows(result.graded)) + len(rejects) == len(rows)
    assert len(rejects) > 100
    plain = [{key: float(value) if isinstance(value, Decimal) else value for key, value in row.items()} for row in rows]
    expected = {row["enterprise"]: found for row in plain if (found := fails(book, row))}
    assert {row["enterprise"]: set(row["rejected_for"].split("; ")) for row in rejects} == expected


def test_duplicate_and_empty_keys_are_rejected_whole(kind: str, frames: Any) -> None:
    book = rg.load("us/hud-reac")
    frame = pl.DataFrame({"enterprise": ["a", "b", None, "a", "c"], "inspection_score": [90, 80, 70, 60, 50]})
    result = book.split_frame(frames.of(kind, frame), as_of=AS_OF, keep="key")
    assert [(row["enterprise"], row["grade"]) for row in frames.rows(result.graded)] == [("b", "standard_2"), ("c", "failing")]
    rejects = sorted((row["enterprise"] or "", row["inspection_score"], row["rejected_for"]) for row in frames.rows(result.rejects))
    assert rejects == [("", 70, "key-column: empty"), ("a", 60, "key-column: duplicate"), ("a", 90, "key-column: duplicate")]


@pytest.mark.parametrize("name", rg.rulebook_ids())
def test_a_rulebooks_cases_are_graded_alike_in_a_table(name: str) -> None:
    book = rg.load(name)
    names = list(book.facts)
    by_day: dict[dt.date, list[tuple[dict[str, Any], str]]] = {}
    for index, case in enumerate(book.cases):
        if "grade" in case.expect:
            day = case.as_of or book.law.document.in_force.since
            given = book.decide(case.facts, as_of=day).facts
            row = {"enterprise": f"case {index}", **{fact: given[fact] if fact in case.facts else None for fact in names}}
            by_day.setdefault(day, []).append((row, case.expect["grade"]))
    assert sum(map(len, by_day.values())) >= 15
    for day, cases in by_day.items():
        graded = book.decide_frame(polars_frame(book, [row for row, _ in cases]), as_of=day, keep="key")
        assert graded["grade"].to_list() == [grade for _, grade in cases]


def test_where_not_exactly_one_row_holds_nobody_is_graded(kind: str, frames: Any) -> None:
    book = rg.load(RULES / "unique.yaml")
    rows = [{"enterprise": f"{beds}{opened}", "beds": beds, "open": opened} for beds in (3, 4, 5) for opened in (False, True)]
    result = book.split_frame(frames.of(kind, polars_frame(book, rows)), as_of=AS_OF, keep="key")
    graded, rejects = frames.rows(result.graded), frames.rows(result.rejects)
    assert [(row["enterprise"], row["grade"]) for row in graded] == [("3False", "A"), ("3True", "A"), ("4False", "A"), ("5True", "B")]
    assert [(row["enterprise"], row["rejected_for"]) for row in rejects] == [("4True", "row-not-unique: grades"), ("5False", "row-not-unique: grades")]
    for row in rows:
        if row["enterprise"] in ("4True", "5False"):
            with pytest.raises(rg.ProblemError, match="row-not-unique"):
                book.decide(row, as_of=AS_OF)
        else:
            assert book.decide(row, as_of=AS_OF).grade == ("B" if row["beds"] == 5 else "A")


def test_facts_that_a_table_does_not_hold_are_as_their_rulebook_says(kind: str, frames: Any) -> None:
    book = BOOKS["every_form"]
    frame = polars_frame(book, population(book, 50, seed=2)).select("enterprise", "listed", "penalties")
    absent = [name for name in book.facts if name not in frame.columns]
    graded = frames.rows(book.decide_frame(frames.of(kind, frame), as_of=AS_OF, absent=absent, keep="key"))
    expected = singles(book, [{key: value for key, value in row.items() if value is not None} for row in frame.to_dicts()])
    assert [(row["grade"], row["facts_filled"]) for row in graded] == [(row["grade"], row["facts_filled"]) for row in expected]


def test_a_day_too_early_for_its_windows_is_refused() -> None:
    with pytest.raises(rg.ProblemError, match="before the year 1000"):
        rg.load(RULES / "every-form.yaml").decide({}, as_of="0200-01-01")
