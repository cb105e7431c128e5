"""One pass over a population: how many enterprises have which values of some steps, in which groups. Only these counts are held."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from ..engines.frame import internal, run_steps
from ..intake.files import as_problems, scan_table
from ..intake.frame import REJECTED, prepare
from ..intake.native import lazily
from ..problems import Place, Problem, ProblemError, nearest, one_problem
from ..program import Program
from ..program.program import Step
from ..rulebook.facts import FactSpec

__all__ = ["COUNT", "NOWHERE", "Population", "Wanted", "population_of", "ready", "tally"]

COUNT = "enterprises"
NOWHERE = "-"  # the group of those whose column is empty
MOST = 2**62  # what a packed column may hold


@dataclass(frozen=True, slots=True)
class Population:
    """A table of enterprises to be read: its frame, and whether a text in it may stand for a value of any type."""

    lazy: pl.LazyFrame
    texts: bool = False
    path: Path | None = None

    @property
    def columns(self) -> list[str]:
        return self.lazy.collect_schema().names()


@dataclass(frozen=True, slots=True)
class Wanted:
    """A step that is counted under a name; it has the values 0 to `size - 1`."""

    name: str
    step: str
    size: int


def population_of(given: Any) -> Population:
    """The table that a user gives: a path, a Polars or pandas frame, or a DuckDB relation. Raises `ProblemError` for anything else."""
    if isinstance(given, Population):
        return given
    if isinstance(given, str | Path):
        source = scan_table(Path(given))
        return Population(source.lazy, source.texts, source.path)
    if isinstance(given, pl.LazyFrame | pl.DataFrame):
        return Population(given.lazy())
    if type(given).__module__.partition(".")[0] in ("pandas", "duckdb", "_duckdb"):
        return Population(lazily(given, "population"))
    kind = f"{type(given).__module__}.{type(given).__qualname__}"
    raise one_problem("frame-unsupported", f"`{kind}` is not a population", hint="give a path, a Polars or pandas frame, or a DuckDB relation")


def tally(
    population: Population, base: Program, facts: Sequence[FactSpec], steps: Sequence[Step], wanted: Sequence[Wanted], *,
    as_of: dt.date, key: str, by: Sequence[str], absent: Collection[str],
) -> tuple[pl.DataFrame, int]:  # fmt: skip
    """A row for each combination that is met of the wanted steps and the values of `by`, with its number of enterprises; and how many were rejected.

    Raises `ProblemError` for columns that are missing or of another type than their facts.
    """
    with as_problems(population.path or Path("population")):
        frame = ready(population, base, facts, steps, as_of=as_of, key=key, by=by, absent=absent)
        words = packed(wanted)
        exprs = [code(word).alias(f"word {number}") for number, word in enumerate(words)]
        exprs[0] = pl.when(pl.col(REJECTED)).then(-1).otherwise(exprs[0]).alias("word 0")
        names = [f"word {number}" for number in range(len(words))]
        counted = frame.select(*exprs, *(f"in {name}" for name in by)).group_by(*names, *(f"in {name}" for name in by)).agg(pl.len().alias(COUNT))
        found = counted.collect(engine="streaming")
    rejected = int(found.filter(pl.col("word 0") < 0).get_column(COUNT).sum())
    back = [value for number, word in enumerate(words) for value in unpacked(number, word)]
    table = found.filter(pl.col("word 0") >= 0).select(*back, *(pl.col(f"in {name}") for name in by), pl.col(COUNT).cast(pl.Int64))
    return table.sort(pl.all().exclude(COUNT)), rejected


def ready(
    population: Population, base: Program, facts: Sequence[FactSpec], steps: Sequence[Step], *,
    as_of: dt.date, key: str, by: Sequence[str] = (), absent: Collection[str] = (),
) -> pl.LazyFrame:  # fmt: skip
    """The population with a column for each step, the columns of `by` as texts under `in NAME`, and REJECTED. Raises `ProblemError` as `tally` does."""
    columns = population.columns
    if missing := [name for name in by if name not in columns]:
        raise ProblemError(Problem("column-missing", f"there is no column `{name}`", Place(field=name), nearest(name, columns)) for name in missing)
    kept = [name for name in dict.fromkeys((key, *(fact.name for fact in facts))) if name in columns]
    groups = [pl.col(name).cast(pl.String).fill_null(NOWHERE).alias(f"in {name}") for name in by]
    prepared = prepare(nw.from_native(population.lazy.select(*kept, *groups)), facts, key=key, absent=absent, texts=population.texts).ready
    frame: pl.LazyFrame = nw.to_native(run_steps(replace(base, facts=tuple(facts), steps=tuple(steps)), prepared, as_of))
    return frame


def packed(wanted: Sequence[Wanted]) -> list[list[Wanted]]:
    """The wanted steps in as few groups as fit into one whole number each."""
    words: list[list[Wanted]] = [[]]
    size = 1
    for one in wanted:
        if size * one.size > MOST:
            words.append([])
            size = 1
        words[-1].append(one)
        size *= one.size
    return words


def code(word: Sequence[Wanted]) -> pl.Expr:
    """One number for the values of several steps."""
    made, weight = pl.lit(0, pl.Int64), 1
    for one in word:
        made = made + pl.col(internal(one.step)).cast(pl.Int64) * weight
        weight *= one.size
    return made


def unpacked(number: int, word: Sequence[Wanted]) -> list[pl.Expr]:
    made, weight = [], 1
    for one in word:
        made.append((pl.col(f"word {number}") // weight % one.size).alias(one.name))
        weight *= one.size
    return made
