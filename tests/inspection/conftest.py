"""What tests of plans share: a rulebook whose grade is a fact, and small decided tables of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import regengine as rg
from regengine.inspection.rules import PlanRules, rules_of

RANKS = {"A": 0, "B": 1, "C": 2, "D": 3, "E": 4}


@pytest.fixture(scope="session")
def book() -> rg.Book:
    return rg.load(Path(__file__).with_name("plan.yaml")).at("2026-01-01")


@pytest.fixture(scope="session")
def rules(book: rg.Book) -> PlanRules:
    return rules_of(book.program)


@pytest.fixture
def graded(book: rg.Book) -> Callable[..., pl.DataFrame]:
    """A decided table from the classes of enterprises by their keys; other columns may be added."""

    def made(classes: dict[str, str], **columns: list[str]) -> pl.DataFrame:
        return book.decide_frame(pl.DataFrame({"enterprise": list(classes), "tier": list(classes.values()), **columns}))

    return made
