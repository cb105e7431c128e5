"""regengine: a regulator's scheme as data, graded the same for one enterprise and for millions, with the reasons.

import regengine as rg

book = rg.load("cn/henan-2022").at("2026-11-01")
decision = book.decide({"enterprise": "91410100MA0000000X", "serious_dishonesty": False})
graded = book.decide_frame(frame)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .book import Book, load
    from .decision import Decision, Reason
    from .problems import Place, Problem, ProblemError
    from .rulebook.reform import Reform, read_reform
    from .rulebook.shipped import rulebook_ids
    from .simulate.backtest import Backtest, backtest
    from .simulate.compare import Comparison, Costs, compare
    from .simulate.project import Projection, project
    from .simulate.seek import Budget, Sought, seek
    from .simulate.sweep import sweep

__all__ = [
    "Backtest", "Book", "Budget", "Comparison", "Costs", "Decision", "Place", "Problem", "ProblemError", "Projection", "Reason", "Reform", "Sought",
    "__version__", "backtest", "compare", "load", "project", "read_reform", "rulebook_ids", "seek", "sweep",
]  # fmt: skip
__version__ = "0.1.0"

HOMES = {
    "Book": "book", "load": "book", "Decision": "decision", "Reason": "decision", "Place": "problems", "Problem": "problems",
    "ProblemError": "problems", "rulebook_ids": "rulebook.shipped", "Reform": "rulebook.reform", "read_reform": "rulebook.reform",
    "Comparison": "simulate.compare", "Costs": "simulate.compare", "compare": "simulate.compare",
    "Backtest": "simulate.backtest", "backtest": "simulate.backtest", "Projection": "simulate.project", "project": "simulate.project",
    "Budget": "simulate.seek", "Sought": "simulate.seek", "seek": "simulate.seek", "sweep": "simulate.sweep",
}  # fmt: skip


def __getattr__(name: str) -> object:
    """Public names are imported on first use, so that `import regengine` costs next to nothing."""
    if name not in HOMES:
        raise AttributeError(f"module `regengine` has no attribute `{name}`")
    value = getattr(import_module(f"{__name__}.{HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
