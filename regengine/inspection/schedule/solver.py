"""HiGHS, told what is needed here: choices, what each costs, and rows of which so many may be taken at most.

The linear programme is solved, and what it splits is rounded: choices are taken from the largest share down, as long as every row holds. Of trips and
weeks it splits one or two choices in a hundred, ten where capacity is short. A proof in whole numbers took HiGHS twenty to fifty times as long on a
plan of 5,000 visits and placed nothing that `repair` did not.

Guarantees: every row holds; one thread, a fixed seed and no limit in time, so the same question has the same answer on the same version. Does not
guarantee an optimum in whole numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np

from ...intake.spool import extra

__all__ = ["Question"]

OPTIONS = {
    "output_flag": False,
    "threads": 1,
    "parallel": "off",
    "random_seed": 1,
    "solver": "ipm",
}  # interior point and crossover: simplex takes 20 times as long
SURE = 1e-6  # what HiGHS holds for equal


@dataclass(slots=True)
class Question:
    """Choices with their costs, and rows: so many of the choices of a row at most."""

    costs: list[float] = field(default_factory=list)
    rows: list[tuple[Sequence[int], int]] = field(default_factory=list)

    def choice(self, cost: float) -> int:
        """A new choice, which is worth taking where its cost is below zero; its place."""
        self.costs.append(cost)
        return len(self.costs) - 1

    def at_most(self, ceiling: int, choices: Sequence[int]) -> None:
        """A row, where it can bind at all."""
        if len(choices) > ceiling:
            self.rows.append((choices, ceiling))

    def taken(self) -> list[int]:
        """The places of the choices that are taken."""
        if not self.costs:
            return []
        highspy = extra("highspy", "highspy", "plan")
        solver = highspy.Highs()
        for name, value in OPTIONS.items():
            solver.setOptionValue(name, value)
        solver.passModel(self.model(highspy))
        solver.run()
        return self.rounded(np.array(solver.getSolution().col_value))

    def model(self, highspy: ModuleType) -> Any:
        """The question in the solver's words."""
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self.costs), len(self.rows)
        lp.col_cost_ = np.array(self.costs)
        lp.col_lower_, lp.col_upper_ = np.zeros(len(self.costs)), np.ones(len(self.costs))
        lp.row_lower_, lp.row_upper_ = np.full(len(self.rows), -highspy.kHighsInf), np.array([ceiling for _, ceiling in self.rows], float)
        index = np.array([place for choices, _ in self.rows for place in choices], np.int32)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.cumsum([0, *(len(choices) for choices, _ in self.rows)])
        lp.a_matrix_.index_, lp.a_matrix_.value_ = index, np.ones(len(index))
        return lp

    def rounded(self, shares: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[int]:
        """Choices from the largest share down, as long as every row holds."""
        in_rows: dict[int, list[int]] = defaultdict(list)
        for row, (choices, _) in enumerate(self.rows):
            for place in choices:
                in_rows[place].append(row)
        left = [ceiling for _, ceiling in self.rows]
        taken = []
        for place in np.lexsort((np.arange(len(shares)), -np.round(shares, 6))).tolist():
            if shares[place] > SURE and all(left[row] > 0 for row in in_rows[place]):
                taken.append(place)
                for row in in_rows[place]:
                    left[row] -= 1
        return taken
