"""The page on a reform: what it says, that it needs no network, and how it looks to a real browser."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest

import regengine as rg
from regengine.report.reform_page import reform_page

from .chromium import chromium

RULES = Path(__file__).parent.parent / "simulate" / "rules.yaml"


@pytest.fixture(scope="module")
def found() -> rg.Comparison:
    rows = [(f"e{number}", number % 11, number % 3 == 0, number % 7 == 0, "north" if number % 5 else "<south>") for number in range(600)]
    table = pl.DataFrame(rows, schema=["enterprise", "penalties", "late", "listed", "zone"], orient="row")
    tighter = rg.Reform(
        reform="tighter", over="test/simulate", set={"grades.bands.A": "[0, 10)", "grades.bands.B": "[10, 50)"}, basis="illustrative",
        title={"en": "A ends at 10 & no more"},
    )  # fmt: skip
    return rg.compare(rg.load(RULES), tighter, table, as_of="2026-11-01", by=["zone"], costs=rg.Costs(Fraction(2), Fraction(3, 2)))


def without_scripts(page: str) -> str:
    return re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_says_what_was_asked_and_found(found: rg.Comparison, lang: str) -> None:
    page = without_scripts(reform_page(found, lang))
    for said in (found.book.digest, found.reformed.digest, "grades.bands.A", "2026-11-01", f"{found.moved:,}", "A ends at 10 &amp; no more", "&lt;south&gt;"):
        assert said in page
    assert page.index(found.book.digest) < page.index("<section>")  # on the first page
    assert "<south>" not in page


def test_every_chart_stands_beside_a_table(found: rg.Comparison) -> None:
    sections = re.split("<section", reform_page(found))
    with_charts = [section for section in sections if 'class="chart"' in section.partition("<script>")[0]]
    assert len(with_charts) == 3  # migration, workload, zones
    assert all("<table" in section for section in with_charts)


def test_the_page_needs_no_network(found: rg.Comparison) -> None:
    page = reform_page(found)
    assert not re.search(r"<(?:script|img|link|iframe)[^>]*\s(?:src|href)=", page)
    assert page.count("<script>") == 2  # Plotly's own, and what draws


def test_equal_comparisons_give_equal_pages(found: rg.Comparison) -> None:
    assert reform_page(found) == reform_page(found)


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_in_a_browser(found: rg.Comparison, tmp_path: Path, width: int) -> None:
    path = tmp_path / "page.html"
    path.write_text(reform_page(found), encoding="utf-8")
    with chromium() as browser, browser.page(path.as_uri(), width=width) as page:
        page.wait("document.querySelectorAll('.chart .main-svg').length >= 4")
        assert page.run("document.documentElement.scrollWidth <= innerWidth")
        assert page.run("document.querySelectorAll('.sankey-link').length") == 1  # from A to B, and nobody else
        assert page.run("[...document.querySelectorAll('.chart')].every(one => one.firstElementChild.clientWidth <= one.clientWidth)")
