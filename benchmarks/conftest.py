"""The book and the population that all benchmarks share."""

from __future__ import annotations

from pathlib import Path

import pytest
from population import population

import regengine as rg
from regengine.bench import AS_OF, RULEBOOK


@pytest.fixture(scope="session")
def book() -> rg.Book:
    return rg.load(RULEBOOK).at(AS_OF)


@pytest.fixture(scope="session")
def million() -> Path:
    return population(1_000_000)
