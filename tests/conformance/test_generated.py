"""Rulebooks that nobody wrote, and enterprises at their edges: every engine says what the naive interpreter says.

The seeds name the same rulebooks on every run; `million.py` goes on where they end. What Hypothesis draws is new each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .engines import ENGINES, FRAMES, Engine, Split, Table
from .form import Scheme, load_schemes
from .generate import AS_OF, generated, people

SEEDS, GROUP, PEOPLE = 40, 5, 500


def scheme_of(seed: int | Random, folder: Path, size: int) -> tuple[Scheme, Table]:
    """A generated rulebook and enterprises for it."""
    draw = Random(seed) if isinstance(seed, int) else seed
    made = generated(draw, f"g{seed}" if isinstance(seed, int) else "drawn")
    scheme = load_schemes(made.rulebooks, folder)[made.name]
    return scheme, Table(scheme.book.facts, people(draw, made, size))


def assert_agree(scheme: Scheme, table: Table, engines: Sequence[tuple[str, Engine]], first: Split | None = None) -> Split:
    """Every engine gives the rows of the first, down to the type of every column and every bit, and the same rejects."""
    for name, engine in engines:
        found = engine(scheme, table, AS_OF, AS_OF)
        first = first or found
        assert found.rejects == first.rejects, name
        assert found.graded.schema == first.graded.schema, name
        differing = [(one, other) for one, other in zip(first.graded.to_dicts(), found.graded.to_dicts(), strict=True) if one != other]
        assert differing == [], name
    assert first is not None
    assert len(first.graded) + len(first.rejects) == len(table.rows)
    return first


@pytest.mark.parametrize("start", range(0, SEEDS, GROUP))
def test_all_engines_agree(start: int, tmp_path: Path) -> None:
    for seed in range(start, start + GROUP):
        scheme, table = scheme_of(seed, tmp_path, PEOPLE)
        few = Table(table.facts, table.rows[:50])
        assert_agree(scheme, few, [(name, ENGINES[name]) for name in ("naive", "single")])
        assert_agree(scheme, table, [("single", ENGINES["single"]), *FRAMES.items()])


def test_the_naive_interpreter_and_the_program_agree(tmp_path: Path) -> None:
    """The two readings of the page, on more enterprises than the others."""
    for seed in range(1_000, 1_020):
        scheme, table = scheme_of(seed, tmp_path, 100)
        assert_agree(scheme, table, [(name, ENGINES[name]) for name in ("naive", "single", "polars-lazy")])


@pytest.mark.usefixtures("durable_rules")
def test_durable_rules_agree(tmp_path: Path) -> None:
    for seed in range(8):
        scheme, table = scheme_of(seed, tmp_path, 40)
        assert_agree(scheme, table, [(name, ENGINES[name]) for name in ("naive", "durable")])


@pytest.mark.xdist_group("spark")
def test_spark_agrees(spark_engine: Engine, tmp_path: Path) -> None:
    for seed in range(4):
        scheme, table = scheme_of(seed, tmp_path, 200)
        assert_agree(scheme, table, [("polars-lazy", ENGINES["polars-lazy"]), ("pyspark", spark_engine)])


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(draw=st.randoms(use_true_random=False))
def test_drawn_rulebooks(draw: Random) -> None:
    """Hypothesis draws each choice, so that a rulebook on which two readings differ is made as small as it can be."""
    with TemporaryDirectory() as folder:
        scheme, table = scheme_of(draw, Path(folder), 12)
        assert_agree(scheme, table, [(name, ENGINES[name]) for name in ("naive", "single", "polars")])


def test_generated_rulebooks_reach_what_there_is(tmp_path: Path) -> None:
    """A generator that made only one kind of rulebook would prove little."""
    documents = [load_schemes(made.rulebooks, tmp_path)[made.name].book.law.document for seed in range(60) if (made := generated(Random(seed), f"g{seed}"))]
    assert {form for one in documents for form in ("bands", "rows", "matrix") if getattr(one.grades, form)} == {"bands", "rows", "matrix"}
    assert {one.grades.hit for one in documents} == {"first", "unique"}
    assert {fact.type for one in documents for fact in one.facts.values()} == {"boolean", "integer", "decimal", "category", "date", "code"}
    items = [item for one in documents for family in one.indicators.values() for item in family.items.values()]
    assert {form for item in items for form in ("points", "bins", "each") if getattr(item, form)} == {"points", "bins", "each"}
    forms = ("grade", "at_best", "at_worst", "worse_by", "better_by", "stop_at", "final")
    assert {form for one in documents for rule in one.adjust for form in forms if getattr(rule, form)} == set(forms)
    assert any(one.uses for one in documents)
    assert any(text.startswith("share(") for one in documents for text in one.terms.values())
    assert sum(bool(one.score and one.score.clip) for one in documents) >= 10


@pytest.mark.parametrize(
    "changed",
    [
        pl.when(pl.int_range(pl.len()) == 7).then(pl.lit("Z")).otherwise(pl.col("grade")).alias("grade"),
        pl.col("reasons_1") + pl.when(pl.int_range(pl.len()) == 7).then(2**62).otherwise(0),
        pl.col("facts_filled").cast(pl.Float64),
    ],
    ids=["one grade", "one bit", "the type of a column"],
)
def test_a_difference_is_found(changed: pl.Expr, tmp_path: Path) -> None:
    """The comparison itself can fail."""
    scheme, table = scheme_of(1, tmp_path, 50)
    single = [("single", ENGINES["single"])]
    first = assert_agree(scheme, table, single)
    with pytest.raises(AssertionError):
        assert_agree(scheme, table, single, Split(first.graded.with_columns(changed), first.rejects))
