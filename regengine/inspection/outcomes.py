"""What each grade, or each row of a table by rows, brings in inspections: the shares to draw, the visits to make, and the clause that says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from ..decision.decision import citations_of
from ..problems import Problem, ProblemError, nearest
from ..program import Program
from ..program.program import Rule
from ..rulebook.law import Law, Steps
from ..rulebook.outcomes import InspectionOutcome
from ..rulebook.parts import Words
from ..rulebook.values import Span

__all__ = ["Outcome", "clause_of", "check_ratios", "outcomes_of"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One entry of a rulebook's `inspection`: what holds for the enterprises of a grade, or of a row.

    `word` and `mask` are where its bit stands in the reason columns of a decided table. `rank` is 0 for what is best: the place of the grade, or
    of the row counted from the mildest (see `outcomes_of`).
    """

    id: str
    rank: int
    word: int
    mask: int
    label: Words
    clause: str
    basis: str
    ratio_at_least: Fraction | None
    ratio_at_most: Fraction | None
    visits_at_least: int | None
    visits_at_most: int | None
    visits_per: str
    every: Span | None
    manner: tuple[str, ...]
    initiative: str | None

    @property
    def drawn(self) -> bool:
        """Whether a share of these enterprises is drawn."""
        return self.ratio_at_least is not None or self.ratio_at_most is not None

    @property
    def required(self) -> bool:
        """Whether each of these enterprises must be visited, without a draw."""
        return not self.drawn and self.initiative != "on_trigger" and bool(self.visits_at_least or self.every)

    def ratio(self, wanted: Fraction | None = None) -> Fraction:
        """The share that is drawn: the floor where the rulebook has one, or the ceiling, or a `wanted` share between them."""
        if wanted is not None:
            return wanted
        return self.ratio_at_least if self.ratio_at_least is not None else self.ratio_at_most or Fraction(0)

    def most(self, population: int) -> int:
        """The most that the rulebook's ceiling allows of so many: it is not passed."""
        return population if self.ratio_at_most is None else floor(self.ratio_at_most * population)


def outcomes_of(program: Program) -> tuple[Outcome, ...]:
    """The entries of a compiled law's `inspection`, mildest first; none where it has no such section.

    By grade, they stand in the order of the grades. By rows, in the order of their shares and visits, a row that says neither before all others.
    """
    inspection = program.law.document.inspection
    if inspection is None:
        return ()
    rules = {rule.path: rule for rule in program.rules if rule.table == "inspection"}
    if inspection.by_grade is not None:
        order = program.law.document.grades.order
        return tuple(outcome_of(program, grade, rank, inspection.by_grade[grade], rules["inspection", "by_grade", grade]) for rank, grade in enumerate(order))
    rows = [(row, rules["inspection", "rows", place]) for place, row in enumerate(inspection.rows or ())]
    rows.sort(key=lambda pair: demand(pair[0]))
    return tuple(outcome_of(program, rule.id.removeprefix("inspection."), rank, row, rule) for rank, (row, rule) in enumerate(rows))


def demand(row: InspectionOutcome) -> tuple[Fraction, int]:
    """How much a row asks for, to put rows in order."""
    share = Fraction(0) if row.ratio is None else row.ratio.at_least or row.ratio.at_most or Fraction(0)
    visits = 0 if row.visits is None else row.visits.at_least or row.visits.at_most or 0
    return share, visits


def outcome_of(program: Program, name: str, rank: int, row: InspectionOutcome, rule: Rule) -> Outcome:
    ratio, visits = row.ratio, row.visits
    return Outcome(
        name, rank, rule.word, rule.mask, rule.label, clause_of(program.law, rule.id, rule.path), rule.basis.kind,
        ratio.at_least if ratio else None, ratio.at_most if ratio else None,
        visits.at_least if visits else None, visits.at_most if visits else None, visits.per if visits else "year",
        row.every, tuple(row.manner or ()), row.initiative,
    )  # fmt: skip


def clause_of(law: Law, rule: str, path: Steps) -> str:
    """The id of a rule with what it rests on: `inspection.B: 豫市监办〔2022〕100号; …`, or that it is ours."""
    basis = law.bases[path]
    return f"{rule}: {'; '.join(map(str, citations_of(law, basis.cites))) or basis.kind}"


def check_ratios(outcomes: Mapping[str, Outcome], wanted: Mapping[str, Fraction]) -> None:
    """Raise `ProblemError` (`draw-quota`) for a wanted share of an entry that there is none of, or outside what the rulebook allows."""
    problems: list[Problem] = []
    for name, share in wanted.items():
        outcome = outcomes.get(name)
        if outcome is None:
            problems.append(Problem("draw-quota", f"the rulebook has no entry `{name}` in `inspection`", hint=nearest(name, outcomes)))
            continue
        low, high = outcome.ratio_at_least, outcome.ratio_at_most
        if not outcome.drawn:
            problems.append(Problem("draw-quota", f"`{name}` has no share to draw in the rulebook"))
        elif (low is not None and share < low) or (high is not None and share > high):
            allowed = " and ".join([f"at least {low}"] * (low is not None) + [f"at most {high}"] * (high is not None))
            message = f"the share {share} of `{name}` is not what the rulebook allows"
            problems.append(Problem("draw-quota", message, hint=f"it says {allowed} ({outcome.clause})"))
    if problems:
        raise ProblemError(problems)
