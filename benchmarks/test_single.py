"""One enterprise at a time: the bare closure, a decision, a decision with its reasons."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import regengine as rg

FACTS: dict[str, Any] = {
    "enterprise": "91410100MA0000000X", "serious_dishonesty": False, "penalties_24m": 3, "report_overdue": True, "abnormal_listed": True,
    "failed_checks_12m": 1, "tax_grade": "C", "wage_arrears": True,
}  # fmt: skip


@pytest.fixture(scope="module")
def all_facts(book: rg.Book) -> dict[str, Any]:
    """The same enterprise with every fact given, as a licensing system that knows them all would."""
    given = {name: value for name, value in book.decide(FACTS).facts.items() if value is not None}
    return {**given, "enterprise": FACTS["enterprise"]}


def test_bare_closure(benchmark: BenchmarkFixture, book: rg.Book, all_facts: dict[str, Any]) -> None:
    ready = book.ready(book.law)
    assert book.law_at is not None
    arguments = (*ready.reader.read(all_facts, "enterprise").values, *ready.single.days_at(book.law_at).values())
    benchmark(ready.single.run, *arguments)


def test_decide(benchmark: BenchmarkFixture, book: rg.Book, all_facts: dict[str, Any]) -> None:
    assert benchmark(book.decide, all_facts).grade == "C"


def test_decide_with_reasons(benchmark: BenchmarkFixture, book: rg.Book, all_facts: dict[str, Any]) -> None:
    assert len(benchmark(lambda: book.decide(all_facts).reasons)) == 7


def test_route_with_reasons(benchmark: BenchmarkFixture, book: rg.Book, all_facts: dict[str, Any]) -> None:
    def routed() -> tuple[int, int, int]:
        route = book.route("food_sale_permit", all_facts)
        return len(route.reasons), len(route.due), len(route.refused)

    assert benchmark(routed) == (7, 2, 0)
