"""A rulebook and its reform over one population: who moves, what moved them, what it costs in visits and hours, what it saves applicants.

Guarantees: every enterprise that the rulebook grades is counted once, so the rows of the matrix are the counts of today; what moved enterprises adds up
to all that moved; a small count in a group is hidden, with others, so that it cannot be worked out. All figures are counts of the whole
population or expectations of the draw, and no estimates, so that none has an interval.

Refuses: a reform that changes the grades themselves or the declaration of a fact, and a population without a fact that only the reform needs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from ..book import Book, DayLike
from ..problems import Place, one_problem
from ..program import Program
from ..program import expr as e
from ..program.program import Step
from ..rulebook.reform import Reform, read_reform
from .figures import attribution, matrix, moves, paths, rules, savings, switched, workload
from .groups import Grouped, grouped
from .savings import savings_of
from .switches import Part, switches_of
from .tally import COUNT, Wanted, population_of, tally
from .variants import facts_of, merged, needed
from .workload import Costs, demand_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Comparison", "Costs", "Counted", "Part", "compare"]


@dataclass(frozen=True, slots=True)
class Counted:
    """How many enterprises came in, were graded by the rulebook, and could not be graded."""

    came_in: int
    graded: int
    rejected: int


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What a reform would do. All figures are pandas frames; those with `_before` are by the rulebook, those with `_after` by the reform.

    `matrix` has the grades before as rows, the grades after as columns; `shares` are its parts of each row. `moves` are the enterprises that move, up
    (better) or down, `rules` the rules that gave them their grades. `attribution` says which parts of the reform moved them and adds up to all that
    moved; `switches` what each part does alone and last. `workload` is what one year asks for, by grade. `paths` are the service paths, `savings` what
    one application of each enterprise in each matter saves. `groups` holds figures by the columns that were asked for.
    """

    book: Book
    reformed: Book
    reforms: tuple[Reform, ...]
    parts: tuple[Part, ...]
    idle: tuple[str, ...]
    law_at: dt.date
    as_of: dt.date
    costs: Costs | None
    counted: Counted
    matrix: pd.DataFrame
    shares: pd.DataFrame
    moves: pd.DataFrame
    rules: pd.DataFrame
    attribution: pd.DataFrame
    switches: pd.DataFrame
    workload: pd.DataFrame
    paths: pd.DataFrame
    savings: pd.DataFrame
    groups: Mapping[str, Grouped]

    @property
    def moved(self) -> int:
        """How many enterprises get another grade."""
        return int(self.moves[COUNT].sum())


def compare(
    book: Book, reforms: Reform | str | Path | Sequence[Reform | str | Path], population: Any, *, as_of: DayLike,
    by: Sequence[str] = (), costs: Costs | None = None, key: str = "enterprise", absent: Collection[str] = (),
) -> Comparison:  # fmt: skip
    """Compare a book with itself under one or several reforms, laid one over the other, on a population.

    `population` is a path, a Polars or pandas frame or a DuckDB relation with a column for each fact and the column `key`; `absent` names facts that it
    is known not to hold. The law is that of the book's day, or of `as_of`. `by` names columns by whose values the figures are given too. `costs` are the
    hours of a visit; without them no hours are told. Raises `ProblemError`, before the population is read, for whatever does not fit.
    """
    law_day, facts_day = book.dates(as_of)
    book = book.at(law_day)
    read = [one if isinstance(one, Reform) else read_reform(one) for one in ([reforms] if isinstance(reforms, Reform | str | Path) else reforms)]
    reformed = book.with_reform(*read)
    same_grades(book, reformed)
    table = population_of(population)
    facts_of([book.program, reformed.program], table.columns, absent)  # what is missing is told before the parts are looked for
    switches = switches_of(book, read)
    cases = cases_of(len(switches.parts))
    programs = [*(switches.with_parts(case).program for case in cases[:-1]), reformed.program]
    facts = facts_of(programs, table.columns, absent)
    wanted, steps = wanted_of(programs)
    by = tuple(dict.fromkeys(by))
    counts, rejected = tally(table, programs[0], facts, steps, wanted, as_of=facts_day, key=key, by=by, absent=absent)
    overall = counts.group_by([one.name for one in wanted]).agg(pl.col(COUNT).sum()).sort(pl.all().exclude(COUNT))
    demands = [demand_of(program) for program in programs]
    first, last = programs[0], programs[-1]
    saved = savings_of(first), savings_of(last)
    graded = int(overall[COUNT].sum())
    whole, shares = matrix(first, overall, len(cases) - 1)
    visits = workload(programs, demands, overall, costs)
    return Comparison(
        book, reformed, tuple(read), switches.parts, switches.idle, law_day, facts_day, costs, Counted(graded + rejected, graded, rejected), whole, shares,
        moves(first, overall, len(cases) - 1), rules(first, last, overall, len(cases) - 1), attribution(cases, switches.parts, overall),
        switched(programs, demands, cases, switches.parts, overall), visits, paths(saved, overall, len(cases) - 1), savings(saved, overall, len(cases) - 1),
        grouped(programs, demands, counts, by, costs),
    )  # fmt: skip


def same_grades(book: Book, reformed: Book) -> None:
    """Refuse a reform that changes the grades themselves: then there is no up and down."""
    before, after = (one.law.document.grades.order for one in (book, reformed))
    if before != after:
        message = f"the reform changes the grades from {', '.join(before)} to {', '.join(after)}, so nobody can be said to move"
        raise one_problem("reform-wrong", message, place=Place(path="grades.order"))


def cases_of(parts: int) -> list[frozenset[int]]:
    """Which parts are switched on in each case: none in the first, each alone, all but each, and all in the last."""
    every = frozenset(range(parts))
    alone = [frozenset([place]) for place in range(parts)]
    between = dict.fromkeys([*alone, *(every - one for one in alone)])
    return [frozenset(), *(case for case in between if case and case != every), every]


def wanted_of(programs: Sequence[Program]) -> tuple[list[Wanted], tuple[Step, ...]]:
    """What is counted of each case, and the steps that it takes.

    That is the grade, and where inspections go by rows the row; of the first and the last case also the rule that gave the grade, and the path.
    """
    found = merged(programs)
    steps = list(found.steps)
    wanted: list[Wanted] = []
    for number, (program, names) in enumerate(zip(programs, found.names, strict=True)):
        order = program.law.document.grades.order
        grade = names[program.grade_steps[-1]]
        if program.refusals:
            refused = tuple((e.Column(names[one.step]), e.Constant(len(order))) for one in program.refusals)
            steps.append(Step(f"graded@{number}", e.First(refused, e.Column(grade)), "integer"))
            grade = f"graded@{number}"
        wanted.append(Wanted(f"grade {number}", grade, len(order) + 1))
        inspection = program.law.document.inspection
        if inspection is not None and inspection.rows is not None:
            wanted.append(Wanted(f"row {number}", names["row.inspection"], len(inspection.rows)))
        if number in (0, len(programs) - 1):
            by = next(output for output in program.outputs if output.name == "graded_by")
            wanted.append(Wanted(f"rule {number}", names[by.of], len(by.values or ())))
            if program.law.document.service is not None:
                wanted.append(Wanted(f"path {number}", names["row.service"], len(program.law.document.service.paths) + 1))
    return wanted, needed(steps, [one.step for one in wanted])
