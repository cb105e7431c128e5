"""A rulebook as a DMN model: a DMN engine reads the file and gives every enterprise the same grade."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

import regengine as rg
from regengine.exchange.dmn import to_dmn
from regengine.rulebook.shipped import rulebook_ids

from .compare_dmn import NS, compared, engine


@pytest.mark.parametrize(("name", "size", "grades"), [("us/hud-reac", 600, 4), ("uk/fhrs", 350, 6), ("cn/henan-2022", 50, 4)])
def test_a_dmn_engine_gives_every_enterprise_the_same_grade(name: str, size: int, grades: int, tmp_path: Path) -> None:
    found: Counter[str] = Counter()
    for facts, said, grade in compared(rg.load(name), size, tmp_path):
        assert said == grade, facts
        found[grade] += 1
    assert len(found) == grades, found


def test_the_engine_sees_a_change_of_one_point(tmp_path: Path) -> None:
    text = to_dmn(rg.load("us/hud-reac")).text
    before, after = engine(tmp_path / "a.dmn", text), engine(tmp_path / "b.dmn", text.replace("&lt;= 89", "&lt;= 88"))
    assert [reads.decide({"inspection_score": 89})[1][-1]["Result"]["grade"] for reads in (before, after)] == ["standard_2", "standard_1"]


@pytest.mark.parametrize("name", rulebook_ids())
def test_every_requirement_is_met_in_the_model(name: str, tmp_path: Path) -> None:
    made = to_dmn(rg.load(name), "zh")
    root = Xml.fromstring(made.text)
    ids = [one.get("id") for one in root.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    for tag in ("requiredInput", "requiredDecision"):
        assert {str(one.get("href"))[1:] for one in root.iter(f"{{{NS['']}}}{tag}")} <= set(ids)
    assert (len(root.findall("inputData", NS)), len(root.findall("decision", NS))) == (made.inputs, made.decisions)
    engine(tmp_path / "model.dmn", made.text)


def test_the_bands_are_a_decision_table() -> None:
    root = Xml.fromstring(to_dmn(rg.load("us/hud-reac"), "zh").text)
    assert root.tag == f"{{{NS['']}}}definitions" and root.get("name") == "us/hud-reac"
    fact = root.find("inputData", NS)
    assert fact is not None and fact.attrib == {"id": "input_inspection_score", "name": "inspection_score", "label": "实体检查得分"}
    table = root.find("decision[@name='grade_before']/decisionTable", NS)
    assert table is not None and table.get("hitPolicy") == "FIRST"
    cells = [[text.text for text in rule.findall("*/text", NS)] for rule in table.findall("rule", NS)]
    assert cells == [["<= 59", "3"], ["<= 79", "2"], ["<= 89", "1"], ["-", "0"]]
    top = root.findall("decision", NS)[-1]
    assert (top.get("name"), top.get("label")) == ("grade", "等级")
    rows = [[text.text for text in rule.findall("*/text", NS)] for rule in top.findall("decisionTable/rule", NS)]
    assert rows == [["0", '"standard_1"'], ["1", '"standard_2"'], ["2", '"standard_3"'], ["-", '"failing"']]


def test_the_command(run: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "hud.dmn"
    ran = run("rules", "to-dmn", "us/hud-reac", path, "--lang", "zh")
    assert (ran.code, ran.out) == (0, f"{path}：1 项输入，3 项决策\n")
    assert path.read_text("utf-8") == to_dmn(rg.load("us/hud-reac"), "zh").text
    assert "[not-in-force]" in run("rules", "to-dmn", "us/hud-reac", path, "--law-at", "1999-01-01").err
