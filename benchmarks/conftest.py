"""The book and the populations that all benchmarks share."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from population import AS_OF, population

import regengine as rg


@pytest.fixture(scope="session")
def book() -> rg.Book:
    return rg.load("cn/henan-2022").at(AS_OF)


@pytest.fixture(scope="session")
def as_of() -> dt.date:
    return dt.date.fromisoformat(AS_OF)


@pytest.fixture(scope="session")
def million(book: rg.Book) -> Path:
    return population(book, 1_000_000)
