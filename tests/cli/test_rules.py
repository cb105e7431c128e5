"""`regengine rules`: the shipped rulebooks in a list, and one rulebook in full."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from regengine.rulebook.shipped import rulebook_ids

Run = Callable[..., Any]

RULEBOOK = """
rulebook: xx/wide
edition: "3"
title: {en: Wide, zh: 通则}
authority: Tests
in_force: {from: 2020-01-01, until: 2029-12-31}
audience: public
basis: illustrative
facts:
  fines: {type: integer, min: 0, max: 9, missing: reject}
  rate: {type: decimal, places: 1, min: 0, max: 9.5, missing: unknown}
terms: {many: fines > 3}
indicators:
  conduct:
    at_least: 1
    items:
      each: {each: {of: fines, give: 0.5, at_most: 4}}
      rows: {points: [{when: many, give: {2020-01-01: 2, 2024-07-01: 3.25}, label: {en: many, zh: 多}}, {otherwise: 0}]}
score: {is: conduct, between: [0, 50], worse: higher}
grades: {order: [A, B, C], bands: {A: "[0, 2)", B: "[2, 4)", C: "[4, 50]"}}
adjust:
  - {id: one, when: fines == 9, worse_by: 2, stop_at: C, final: true}
  - {id: two, when: fines == 8, at_worst: B}
  - {id: three, when: fines == 7, at_best: B}
  - {id: four, when: fines == 6, better_by: 1}
inspection:
  rows: [{when: grade == "C", ratio: 1/3, visits: {at_least: 1, at_most: 2}, label: {en: strict, zh: 严格}}, {otherwise: true, every: 2 years}]
  team: {at_least: 2}
  cap: {visits: 2, per: quarter, scope: all, exempt: [{en: fires, zh: 火灾}]}
  gap: 30 days
  quiet: [{days_of_month: [1, 5]}, {weekdays: [mon], except: [{en: alarms, zh: 报警}]}]
  random_floor: 1%
  result_published_within: 20 working days
service:
  matters: {permit: {label: {en: Permit, zh: 许可证}}}
  paths:
    - {id: fast, when: grade == "A", grants: {decision: same day}, open_to: [permit]}
    - {id: ordinary, otherwise: true}
outcomes: {licence: {by_grade: {A: {length: 3 years}, B: {length: 2 years}, C: {length: 1 year}}}}
warnings: [{id: high, when: fines > 5, level: alert, message: {en: High., zh: 高。}}]
"""


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    path = tmp_path / "wide.yaml"
    path.write_text(RULEBOOK, encoding="utf-8")
    return path


def cells(text: str) -> list[str]:
    return [" ".join(line.strip("│ ").split()) for line in text.splitlines()]


def test_list(run: Run) -> None:
    ran = run("rules", "list")
    assert ran.code == 0
    assert ran.err == ""
    assert cells(ran.out)[0] == "rulebook edition in force grades facts published △ derived ◇ illustrative"
    for name in rulebook_ids():
        assert name in ran.out
    assert "us/hud-reac 1.0 2001-01-08 – standard_1 standard_2 1 100% 0% 0%" in cells(ran.out)


def test_list_in_chinese(run: Run) -> None:
    out = run("rules", "list", "--lang", "zh").out
    assert cells(out)[0] == "规则集 版次 施行 等级 事实 有据可查 △ 推导 ◇ 示例"
    assert "河南省企业信用风险分类管理" in out


def test_list_as_json(run: Run) -> None:
    found = {one["id"]: one for one in json.loads(run("rules", "list", "--format", "json").out)}
    assert list(found) == rulebook_ids()
    assert found["us/hud-reac"] == {
        "id": "us/hud-reac",
        "title": {"en": "HUD physical inspection scores, multifamily housing", "zh": "美国住房与城市发展部多户住宅实体检查评分"},
        "edition": "1.0",
        "in_force": {"from": "2001-01-08"},
        "audience": "public",
        "grades": ["standard_1", "standard_2", "standard_3", "failing"],
        "facts": 1,
        "balance": {"published": 13, "derived": 0, "illustrative": 0},
    }


def test_show_says_every_section(run: Run, wide: Path) -> None:
    ran = run("rules", "show", wide)
    assert ran.code == 0
    assert {len(line) for line in ran.out.splitlines()} == {120}
    shown = cells(ran.out)
    for line in (
        "Id xx/wide, edition 3",
        "In force 2020-01-01 – 2029-12-31; the text changes on 2020-01-01, 2024-07-01",
        "fines whole number ≥ 0, ≤ 9 not graded",
        "rate number ≥ 0, ≤ 9.5 stays unknown",
        "many fines > 3",
        "each: 0.5 for each, at most 4 0.5 × fines, ≤ 4 ◇ illustrative",
        "rows: many 3.25 ◇ illustrative",
        "conduct.rows.1: many",
        "conduct 0 – 50, higher is worse",
        "C score [4, 50]",
        "one 2 worse, not past C, and no later one ◇ illustrative",
        "two B at worst ◇ illustrative",
        "three B at best ◇ illustrative",
        "four 1 better ◇ illustrative",
        "adjust.four: fines == 6",
        "strict Drawn: 1/3 of the enterprises of this ◇ illustrative",
        'inspection.1: grade == "C" class',
        "Visits: 1 to 2 per year",
        "otherwise Interval: every 2 years ◇ illustrative",
        "fast decision same day ◇ illustrative",
        'service.fast: grade == "A" open to Permit',
        "A length 3 years ◇ illustrative",
        "High. alert ◇ illustrative",
        "Team at least 2 inspectors",
        "Cap at most 2 visits per quarter by all authorities together, not counting fires",
        "Gap 30 days between two visits",
        "Quiet days 1–5 of the month",
        "Quiet mon, not counting alarms",
        "Random floor 1%",
        "Published within 20 working days",
    ):
        assert line in shown
    assert "conduct · sum; at least 1" in ran.out


def test_show_the_law_of_a_day(run: Run, wide: Path) -> None:
    assert "rows: many 2 ◇ illustrative" in cells(run("rules", "show", wide, "--law-at", "2024-06-30").out)
    assert "rows: many 3.25 ◇ illustrative" in cells(run("rules", "show", wide, "--law-at", "2024-07-01").out)


def test_show_in_chinese(run: Run, wide: Path) -> None:
    shown = cells(run("rules", "show", wide, "--lang", "zh").out)
    for line in (
        "标识 xx/wide，第3版",
        "fines 整数 ≥ 0, ≤ 9 不予评级",
        "conduct 0至50，越高越差",
        "one 降2级，止于C，其后不再调整 ◇ 示例",
        "上限 各部门合计每季度不超过2次，火灾除外",
        "静默期 每月1–5日",
        "结果公示 20个工作日内",
    ):
        assert line in shown


def test_show_as_json(run: Run, wide: Path) -> None:
    found = json.loads(run("rules", "show", wide, "--format", "json").out)
    assert found["changes_on"] == ["2020-01-01", "2024-07-01"]
    assert found["law_since"] == "2024-07-01"
    assert found["balance"]["published"] == 0
    assert found["in_force"] == {"from": "2020-01-01", "until": "2029-12-31"}
    assert found["facts"]["rate"] == {"type": "decimal", "missing": "unknown", "min": 0, "max": 9.5, "places": 1, "changeable": True}
    assert found["score"] == {"is": "conduct", "between": [0, 50], "worse": "higher", "clip": False}
    assert found["grades"]["bands"] == {"A": "[0, 2)", "B": "[2, 4)", "C": "[4, 50]"}
    assert found["indicators"]["conduct"]["items"]["rows"]["points"][0] == {"when": "many", "give": 3.25, "label": {"en": "many", "zh": "多"}}
    assert found["inspection"]["rows"][0]["ratio"] == {"at_least": "1/3", "at_most": "1/3"}
    assert found["inspection"]["quiet"][1] == {"weekdays": ["mon"], "except": [{"en": "alarms", "zh": "报警"}]}
    assert found["inspection"]["gap"] == "30 days"
    assert found["outcomes"]["licence"]["by_grade"]["A"] == {"length": "3 years"}


@pytest.mark.parametrize("name", rulebook_ids())
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_shipped_rulebook_can_be_shown(run: Run, name: str, lang: str) -> None:
    assert run("rules", "show", name, "--lang", lang).code == 0
    assert json.loads(run("rules", "show", name, "--format", "json").out)["rulebook"] == name


def test_an_unknown_rulebook_is_a_problem_with_a_hint(run: Run) -> None:
    ran = run("rules", "show", "cn/henan-2021")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "`cn/henan-2021` is not a shipped rulebook [rulebook-unknown]\n  hint: did you mean `cn/henan-2022`?\n"


def test_a_day_before_the_law_is_a_problem(run: Run) -> None:
    ran = run("rules", "show", "cn/henan-2022", "--law-at", "2020-01-01")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("`cn/henan-2022` is in force from 2022-07-25, not on 2020-01-01 [not-in-force]\n")
