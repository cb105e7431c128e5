"""The page of a plan: well-formed, with nothing to load, true to the tables, in both languages, and no wider than a telephone."""

from __future__ import annotations

import datetime as dt
import subprocess
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from regengine.inspection.tables import LOAD, UNPLACED
from regengine.report.plan_page import MOST, plan_page

from ..inspection.sample_plan import plan_of
from .chromium import Chromium, chromium
from .test_gazette import Page

LANGS = ("en", "zh")


def lines(lang: str, **parts: object) -> list[str]:
    return [line.strip() for line in Page(plan_page(plan_of(**parts), lang)).said if line.strip()]


def after(said: list[str], *heads: str) -> list[str]:
    """What stands after a heading, and after another below it."""
    for head in heads:
        said = said[said.index(head) + 1 :]
    return said


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_is_whole_and_loads_nothing(lang: str) -> None:
    source = plan_page(plan_of(), lang)
    page = Page(source)
    assert page.open == [] and source == plan_page(plan_of(), lang)
    assert not page.tags & {"script", "link", "img", "iframe", "object"} and not page.attributes & {"src", "href", "onclick", "onload"}
    assert "url(" not in source and "@import" not in source and "http" not in source


def test_what_the_plan_is() -> None:
    said = lines("en")
    assert said[1:4] == ["March plan", "For the office: not for publication. What may be published is in public.csv.", "Not a rating."]
    assert [after(said, head)[0] for head in ("Rulebook", "Law of", "Facts of", "Days")] == [
        "xx/plan-2026, edition 1.0",
        "2026-01-01",
        "2026-02-20",
        "2026-03-01 – 2026-03-31",
    ]
    assert after(said, "Days", "Visits")[0] == "5, of which 4 have a day" and after(said, "Hours of inspectors")[0] == "16"  # 4 visits, 2 inspectors, 2 hours


def test_needs_quotas_and_their_clauses() -> None:
    said = lines("zh")
    needed = after(said, "需求与能力")
    assert needed[:2] == ["市场监管局", "消防救援局"]
    assert [after(needed, head)[:2] for head in ("前期结转", "所需人次", "可用人次", "是否足够")] == [["0", "1"], ["6", "4"], ["40", "3"], ["是", "否"]]
    quotas = after(said, "分层与抽查数量", "依据")
    assert quotas[:16] == [
        "市场监管局", "B", "100", "不低于2%", "2", "2.00%", "(1/50)", "inspection.B: Order 7, article 3",
        "消防救援局", "B", "40", "不超过5%", "1", "2.50%", "(1/40)", "inspection.B: Order 7, article 3",
    ]  # fmt: skip
    assert quotas[16] == "市场监管局：另按不分等级随机抽查抽取1户。"


def test_there_must_be_inspectors_for_a_team() -> None:
    feasibility = plan_of().feasibility.with_columns(inspectors=pl.lit(1, pl.Int64))
    assert after(lines("en", feasibility=feasibility), "Enough")[:2] == ["no", "no"]


def test_visits_by_kind_district_and_month() -> None:
    said = after(lines("en"), "Strata and quotas", "Visits")
    assert said[0] == "4 visits on 3 trips. Joint trips, of two departments or more: 1 (33.3%); visits on them: 2 (50.0%)."
    assert after(said, "By kind")[4:16] == ["Complaint", "1", "0", "1", "Double-random draw", "3", "1", "0", "Required by class or interval", "1", "0", "0"]
    assert after(said, "By district")[4:12] == ["二七区", "2", "0", "2", "金水区", "3", "1", "2"]
    assert after(said, "By month")[4:8] == ["2026-03", "2", "2", "4"]


def test_the_load_as_a_picture() -> None:
    source = plan_page(plan_of(), "en")
    assert source.count('<svg height="152" role="img"') == 2
    assert "<title>week of 2026-03-02: 4 of 20</title>" in source
    bars = source.split("<title>week of 2026-03-02: 4 of 20</title>")[1].split("</g>")[0]
    assert bars == (  # the second of three weeks: a third of the width, all of the height and a fifth of it
        '<rect x="36.67%" y="14" width="26.67%" height="120" fill="#d9e4ec"/><rect x="36.67%" y="110" width="26.67%" height="24" fill="#2f6690"/>'
    )
    assert "Most in the week of 2026-03-02: 4 of 20. In all 4 of 40." in source


def test_a_year_has_each_month_once() -> None:
    weeks = [dt.date(2025, 12, 29) + dt.timedelta(weeks=number) for number in range(53)]
    load = pl.DataFrame([("M-01", "market", week, 1, 10) for week in weeks], schema=LOAD, orient="row")
    texts = [line for line in after(lines("en", load=load), "Load by week") if line.isdigit() and len(line) == 2]
    assert texts[:13] == ["10", *(f"{month:02}" for month in range(1, 13))]  # the highest bar, then the months


def test_what_is_not_in_the_plan() -> None:
    said = lines("zh")
    assert after(said, "未能安排的检查", "可安排的最小调整")[:5] == [
        "市场监管局",
        "91410100MA0000004D",
        "工作量",
        "市场监管部门无两名空闲人员。",
        "M-01在2026-03-05增加1次工作量。",
    ]
    assert after(said, "不在抽查范围的对象", "消防救援局")[:6] == ["已因触发情形安排检查", "0", "1", "已达检查频次上限", "2", "0"]
    assert after(said, "提示")[:3] == ["the certificate of `M-01` ends on 2026-03-20", "certificate-ends", "renew it"]


def test_texts_are_escaped() -> None:
    assert "No two of &lt;market&gt; are free." in plan_page(plan_of(), "en")


def test_many_visits_without_a_day_are_not_all_named() -> None:
    rows = [(f"v{number}", f"v{number}", "market", f"E{number:04}", "window", "w", "w", None, None) for number in range(MOST + 5)]
    said = lines("en", unplaced=pl.DataFrame(rows, schema=UNPLACED, orient="row"))
    assert f"E{MOST - 1:04}" in said and f"E{MOST:04}" not in said and "And 5 more, which stand in plan.xlsx." in said
    assert said.count("none was found") == MOST


def test_a_plan_of_nothing_says_so() -> None:
    plan = plan_of()
    empty = {name: getattr(plan, name).clear() for name in ("strata", "left_out", "unplaced", "load", "feasibility")}
    said = lines("en", visits=[], draws=(), notices=(), **empty)
    assert [after(said, head)[0] for head in ("Visits without a day", "Who was left out", "Notices", "The draws, and how to verify them")] == [
        "None: every visit has a day.", "Nobody.", "None.", "Nothing was drawn.",
    ]  # fmt: skip


def test_a_draw_can_be_verified_by_what_the_page_says() -> None:
    said = after(lines("en"), "The draws, and how to verify them")
    assert said[:9] == [
        "Market supervision",
        "Draw",
        "market-2026",
        "Seed",
        "stars 07 12 19",
        "SHA-256 of the manifest",
        "a" * 64,
        "Record",
        "market.draw.jsonl",
    ]
    assert said[9] == "regengine draw verify market.draw.jsonl\npython3 verify_draw.py market.draw.jsonl"
    command, ticket = said[11].split("\n")
    assert ticket == "1e180f3c53884717713018af4d081a683711260f902b08b277a0eaa3c122257b"
    assert subprocess.run(["sh", "-c", command], check=True, capture_output=True, text=True).stdout.split() == [ticket, "-"]


def test_a_draw_that_drew_none_of_the_visits_has_no_example() -> None:
    visits = [row | {"ticket": "0" * 64} for row in plan_of().visits.rows(named=True)]
    assert not any("sha256sum" in line for line in lines("en", visits=visits))


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with chromium() as found:
        yield found


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits_its_screen(browser: Chromium, tmp_path: Path, lang: str, width: int) -> None:
    path = tmp_path / "plan.html"
    path.write_text(plan_page(plan_of(), lang), encoding="utf-8")
    with browser.page(path.as_uri(), width=width) as page:
        assert page.run("document.documentElement.scrollWidth") <= width
        assert page.run("[...document.querySelectorAll('.scroll')].filter((one) => one.scrollWidth > one.clientWidth).length") == 0
        assert page.run("performance.getEntriesByType('resource').length") == 0
