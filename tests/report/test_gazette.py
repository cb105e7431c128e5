"""The page of a rulebook: well-formed, whole, in both languages, escaped, and without anything to load."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import regengine as rg
from regengine.report.gazette import Check, gazette
from regengine.report.written import Change, changes
from regengine.rulebook.parts import Words
from regengine.rulebook.reading import blocks
from regengine.rulebook.shipped import rulebook_ids, rules_folder

Run = Callable[..., Any]

EMPTY = {"meta", "br", "rect", "link", "img", "wbr"}
DATED = """
rulebook: xx/dated
edition: "1.0"
title: {en: Dated, zh: 变更}
authority: {en: Tests, zh: 测试}
in_force: {from: 2020-01-01, until: 2029-12-31}
audience: public
cite: act#9
sources:
  act: {instrument: "Act <1>", title: {en: The act, zh: 法案}, issued: 2019-11-05, until: 2030-12-31, seen: official, url: "https://example.org/act?a=1&b=2"}
  odd: {instrument: Odd, seen: press, url: "javascript:alert(1)"}
registers:
  fines:
    key: code
    date: decided
    ended: paid
    label: {en: Fines, zh: 罚款}
    columns: {kind: {type: category, values: [light, heavy], missing: reject}}
    effect: {of: kind, longest: {light: 3 months, heavy: 1 year}, least: {heavy: 2 months}, cite: act#4, note: Counted from the decision.}
facts:
  fined: {type: integer, min: 0, max: 9, missing: 0, from: {count: fines, within: 12 months, where: kind == "heavy"}, label: {en: Heavy fines, zh: 重罚}}
indicators:
  conduct:
    label: {en: Conduct, zh: 行为}
    cite: act#1
    items:
      fines: {points: [{when: fined > 2, give: {2020-01-01: 40, 2024-07-01: 60}, label: {en: many, zh: 多}}, {otherwise: 0}]}
score: {is: conduct, between: [0, 100], worse: higher}
grades: {order: [A, B, C, D], cite: act#2, bands: {A: "[0, 25)", B: "[25, 50)", C: "[50, 75)", D: "[75, 100]"}}
adjust:
  - {id: hostile, when: fined == 9, grade: D, basis: illustrative, label: {en: "<script>alert('x')</script> & \\"quotes\\"", zh: "<b>粗</b>"}}
inspection:
  by_grade:
    A: {ratio: 1%}
    B: {ratio: {2020-01-01: 5%, 2024-07-01: 2%}, cite: act#3}
    C: {ratio: 10%, basis: derived, note: Between B and D.}
    D: {visits: 2}
  team: {at_least: 2, cite: act#7}
  triggers: [{id: alarm, label: {en: Alarm, zh: 警报}, cite: act#8}]
service:
  matters: {permit: {label: {en: Permit, zh: 许可}, documents: [papers], working_days: 5, cite: act#6}}
  paths: [{id: ordinary, otherwise: true}]
always: [score <= 100]
tests:
  - {case: none, facts: {fined: 0}, expect: {grade: A}}
  - {case: wrong on purpose <, facts: {fined: 5}, as_of: 2021-01-01, expect: {grade: A}}
"""


class Page(HTMLParser):
    """What is on a page: its text, ids, links, and whether its elements nest."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.said: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.add(tag)
        self.attributes |= set(named)
        self.ids += [str(named["id"])] if "id" in named else []
        self.links += [str(named["href"])] if tag == "a" else []
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.said.append(data)

    @property
    def text(self) -> str:
        return "\n".join(self.said)


@cache
def page_of(name: str, lang: str) -> tuple[str, Page]:
    source = gazette(rg.load(name), lang)
    return source, Page(source)


@pytest.fixture
def dated(tmp_path: Path) -> Path:
    path = tmp_path / "dated.yaml"
    path.write_text(DATED, encoding="utf-8")
    return path


def shown(path: Path, lang: str = "en") -> Page:
    return Page(gazette(rg.load(path), lang))


def row(page: str, anchor: str) -> str:
    found = re.search(rf'<tr id="{re.escape(anchor)}">.*?</tr>', page, flags=re.DOTALL)
    assert found is not None
    return found[0]


def cited(name: str) -> Iterator[str]:
    for _, block in blocks(rg.load(name).law.document, ()):
        yield from block.cite or ()


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", rulebook_ids())
def test_every_shipped_rulebook_is_whole_on_its_page(name: str, lang: str) -> None:
    book = rg.load(name)
    source, page = page_of(name, lang)
    assert page.open == []
    assert source.startswith(f'<!doctype html>\n<html lang="{"zh-CN" if lang == "zh" else "en"}">')
    assert len(page.ids) == len(set(page.ids))
    assert {f"rule-{rule.id}" for rule in book.program.rules} <= set(page.ids)
    assert {rule.id for rule in book.program.rules} <= {part for line in page.said for part in line.split(": ")}
    assert set(cited(name)) <= set(page.said)
    for words in (book.law.document.title, book.law.document.authority, *(rule.label for rule in book.program.rules)):
        assert words.say("en") in page.text
        assert words.say("zh") in page.text
    assert {f"fact-{fact}" for fact in book.facts} <= set(page.ids)
    assert book.digest in page.text
    assert f"{len(book.cases)} of {len(book.cases)} pass" in page.text


@pytest.mark.parametrize("name", rulebook_ids())
def test_a_page_loads_nothing_and_its_links_lead_somewhere(name: str) -> None:
    _, page = page_of(name, "en")
    assert not page.tags & {"script", "link", "img", "iframe", "object", "embed", "image", "use", "base", "form"}
    assert not page.attributes & {"src", "srcset", "background", "action", "onclick", "onload"}
    assert "url(" not in page_of(name, "en")[0]
    assert "@import" not in page_of(name, "en")[0]
    urls = {source.url for source in rg.load(name).law.document.sources.values()}
    for link in page.links:
        assert link in urls if link.startswith("http") else link[0] == "#" and link[1:] in page.ids


def test_the_leading_language_comes_first() -> None:
    english, chinese = (page_of("cn/henan-2022", lang)[1].said for lang in ("en", "zh"))
    title = ("Enterprise credit-risk classification, Henan", "河南省企业信用风险分类管理")
    assert english.index(title[0], 5) < english.index(title[1], 5)
    assert chinese.index(title[1], 5) < chinese.index(title[0], 5)
    assert "◇ illustrative 示例" in english
    assert "◇ 示例 illustrative" in chinese


def test_texts_are_escaped(dated: Path) -> None:
    source = gazette(rg.load(dated))
    page = Page(source)
    assert page.tags & {"script", "b"} == {"b"}
    assert "<script>alert('x')</script> & \"quotes\"" in page.said
    assert "<b>粗</b>" in page.said
    assert "Act <1>" in page.said
    assert 'href="https://example.org/act?a=1&amp;b=2"' in source
    assert "javascript:alert(1)" in page.said
    assert not [link for link in page.links if link.startswith("javascript")]
    assert "wrong on purpose <" in page.said


def test_every_block_has_its_origin(dated: Path) -> None:
    source = gazette(rg.load(dated))
    for anchor, cite in (
        ("rule-conduct.fines.1", "act#1"), ("rule-conduct.fines.otherwise", "act#1"), ("rule-grades.A", "act#2"), ("rule-inspection.B", "act#3"),
        ("rule-service.ordinary", "act#9"),
    ):  # fmt: skip
        assert f">{cite}</a>" in row(source, anchor)
    assert '<span class="mark illustrative">◇ illustrative 示例</span>' in row(source, "rule-adjust.hostile")
    assert '<span class="mark derived">△ derived 推导</span>' in row(source, "rule-inspection.C")
    assert "Between B and D." in row(source, "rule-inspection.C")
    assert {"act#4", "act#6", "act#7", "act#8"} <= set(Page(source).said)
    assert "published 有据可查 14 (88%)" in Page(source).text  # 2 of points, 4 bands, 3 draws, the team, trigger, matter, path and effect, of 16


def test_registers_and_periods_of_effect(dated: Path) -> None:
    source = gazette(rg.load(dated))
    assert "the number of entries of fines, within 12 months, where kind == &quot;heavy&quot;" in row(source, "fact-fined")
    assert "fines的条目数，12个月内，条件：kind == &quot;heavy&quot;" in row(source, "fact-fined")
    assert "fined" in row(source, "register-fines")
    said = Page(source).said
    for text in ("key 主键: code", "ended 终止日: paid", "2 months", "2个月", "3 months", "1 year", "Counted from the decision."):
        assert text in said


def test_the_time_line_says_what_changed(dated: Path) -> None:
    rulebook = rg.load(dated).rulebook
    before, after = (period.law for period in rulebook.periods)
    assert before is not None
    assert after is not None
    assert changes(before, after) == [
        Change(("indicators", "conduct", "items", "fines", "points", 0, "give"), 40, 60),
        Change(("inspection", "by_grade", "B", "ratio"), {"at_least": "5%", "at_most": "5%"}, {"at_least": "2%", "at_most": "2%"}),
    ]
    said = shown(dated).said
    days = [text for text in said if re.fullmatch(r"\d{4}-\d\d-\d\d", text)]
    assert days[-4:] == ["2019-11-05", "2020-01-01", "2024-07-01", "2029-12-31"]
    points = said.index("indicators.conduct.items.fines.points[0].give")
    assert [text for text in said[points + 1 :] if text.strip()][:2] == ["40", "60"]


def test_rows_with_ids_are_compared_by_them(tmp_path: Path) -> None:
    path = tmp_path / "moved.yaml"
    rule = '{{id: {0}, when: fined == {1}, grade: D, label: "{0}"}}'
    old, new = (", ".join(rule.format(name, at) for name, at in rows) for rows in ((("one", 1), ("two", 2)), (("zero", 0), ("one", 1), ("two", 3))))
    text = re.sub(r"adjust:\n.*?\n(?=inspection)", f"adjust: {{2020-01-01: [{old}], 2024-07-01: [{new}]}}\n", DATED, flags=re.DOTALL)
    path.write_text(text, encoding="utf-8")
    before, after = (period.law for period in rg.load(path).rulebook.periods)
    assert before is not None
    assert after is not None
    found = {change.path: (change.before, change.after) for change in changes(before, after) if change.path[0] == "adjust"}
    assert found.keys() == {("adjust", "two", "when"), ("adjust", "zero")}
    assert found["adjust", "two", "when"] == ("fined == 2", "fined == 3")
    assert found["adjust", "zero"][0] is None


def test_the_scale_has_the_bands_in_the_colours_of_the_grades(dated: Path) -> None:
    source = gazette(rg.load(dated))
    scale = source[source.index('aria-label="The scale of grades"') :].partition("</svg>")[0]
    rects = re.findall(r'<rect x="([^"]*)" y="0" width="([^"]*)" height="30" fill="([^"]*)"', scale)
    assert rects == [("0.00%", "25.00%", "#98a84b"), ("25.00%", "25.00%", "#d0b344"), ("50.00%", "25.00%", "#ff8700"), ("75.00%", "25.00%", "#cc555a")]
    assert re.findall(r">([^<]+)</text>", scale) == ["A", "B", "C", "D", "0", "25", "50", "75", "100"]


def test_cases_and_checks(dated: Path) -> None:
    checks = [Check(Words(en="all get one grade", zh="每家一个等级"), Words(en="proved", zh="已证明"), True), Check(Words(en="x"), Words(en="broken"), False)]
    source = gazette(rg.load(dated), checks=checks)
    assert '<td class="failed">1 of 2 pass' in source
    assert "expected `A`, got `C`" not in Page(source).text  # 40 points of 2021 are B
    assert "grade: expected `A`, got `B`" in Page(source).said
    assert "已证明" in Page(source).said
    assert '<td class="failed">broken</td>' in source


def test_the_command_writes_the_page_of_a_day(run: Run, dated: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "page.html"
    ran = run("rules", "show", dated, "--html", out, "--law-at", "2023-01-01", "--lang", "zh")
    assert (ran.code, ran.err) == (0, "")
    assert str(out) in ran.out.replace("\n", "")
    written = out.read_text("utf-8")
    assert '<html lang="zh-CN">' in written
    assert rg.load(dated).at("2023-01-01").digest in written
    assert rg.load(dated).digest not in written
    assert Page(written).open == []
    assert list(out.parent.iterdir()) == [out]


def test_the_page_never_takes_the_place_of_the_rulebook_or_its_cases(run: Run, tmp_path: Path) -> None:
    source = rules_folder() / "us" / "hud-reac.yaml"
    (tmp_path / "us").mkdir()
    for name in ("hud-reac.yaml", "hud-reac.tests.yaml"):
        copy = tmp_path / "us" / name
        copy.write_bytes((source.parent / name).read_bytes())
    for name in ("hud-reac.yaml", "hud-reac.tests.yaml"):
        ran = run("rules", "show", tmp_path / "us" / "hud-reac.yaml", "--html", tmp_path / "us" / name)
        assert (ran.code, ran.out) == (2, "")
        assert "[output-exists]" in ran.err
        assert (tmp_path / "us" / name).read_bytes() == (source.parent / name).read_bytes()


def test_a_page_that_cannot_be_written_is_a_problem_and_leaves_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.html").mkdir()
    ran = run("rules", "show", "us/hud-reac", "--html", tmp_path / "page.html")
    assert (ran.code, ran.out) == (2, "")
    assert "[output-failed]" in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_the_terminal_shows_registers_and_periods_of_effect(run: Run) -> None:
    lines = [" ".join(line.strip("│ ").split()) for line in run("rules", "show", "cn/credit-repair-2025").out.splitlines()]
    assert "penalties serious 1 year 3 years decree-107, opinions-2025" in lines
    assert any(line.startswith("Penalties key: enterprise") for line in lines)
