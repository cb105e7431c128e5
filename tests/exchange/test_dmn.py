"""A rulebook as a DMN model: a DMN engine reads the file and gives every enterprise the same grade."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

import regengine as rg
from regengine.exchange.dmn import day_name, to_dmn
from regengine.intake.one import reader
from regengine.rulebook.shipped import rulebook_ids
from regengine.rulebook.values import day_number, months_before

NS = {"": "https://www.omg.org/spec/DMN/20230324/MODEL/"}
AS_OF = dt.date(2026, 3, 31)


def engine(path: Path, text: str) -> Any:
    """A DMN engine that has read the model."""
    import pyDMNrules

    path.write_text(text, encoding="utf-8")
    made = pyDMNrules.DMN()
    assert made.loadXML(str(path)) == {}
    return made


def drawn(book: rg.Book, draw: Random) -> dict[str, Any]:
    """The facts of an enterprise: small numbers mostly, few things that hold, some facts missing."""
    facts: dict[str, Any] = {}
    for fact in book.program.facts:
        if fact.missing != "reject" and draw.random() < 0.15:
            continue
        low, high = fact.low or 0, min(fact.high or 0, 200 * 10**fact.places)
        match fact.type:
            case "boolean":
                facts[fact.name] = draw.random() < 0.03
            case "integer":
                facts[fact.name] = min(high, max(low, draw.choice([0, 0, 0, draw.randint(0, 3), draw.randint(0, 12), draw.randint(low, high)])))
            case "decimal":
                facts[fact.name] = min(high, max(low, draw.choice([0, 10**fact.places, draw.randint(low, high)]))) / 10**fact.places
            case "category":
                facts[fact.name] = draw.choice(fact.values or ())
            case "date":
                facts[fact.name] = str(AS_OF - dt.timedelta(days=draw.choice([0, 365, draw.randint(-400, 5000)])))
            case _:
                facts[fact.name] = draw.choice(["none", "91410100MA0000000X"])
    return facts


def given(book: rg.Book, facts: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """The facts of an enterprise as the model takes them."""
    program = book.program
    values = reader(program.facts).read(facts, "enterprise").values
    places = {f"fact.{fact.name}": fact.places for fact in program.facts}
    made = {names[name]: value / 10 ** places[name] if places.get(name) else value for name, value in zip(program.inputs, values, strict=True)}
    days = {day_name(day): day_number(months_before(AS_OF, day.months)) - day.days for day in program.days}
    return {**made, **days}


@pytest.mark.parametrize(("name", "size", "grades"), [("us/hud-reac", 600, 4), ("uk/fhrs", 350, 6), ("cn/henan-2022", 50, 4)])
def test_a_dmn_engine_gives_every_enterprise_the_same_grade(name: str, size: int, grades: int, tmp_path: Path) -> None:
    book, draw = rg.load(name), Random(7)
    made = to_dmn(book)
    inputs = {one.get("name") for one in Xml.fromstring(made.text).findall("inputData", NS)}
    reads = engine(tmp_path / "model.dmn", made.text)
    found: Counter[str] = Counter()
    for _ in range(size):
        facts = drawn(book, draw)
        data = {key: value for key, value in given(book, facts, dict(made.names)).items() if key in inputs}
        status, decisions = reads.decide(data)
        grade = book.decide(facts, as_of=AS_OF).grade
        assert (status, decisions[-1]["Result"]["grade"]) == ({}, grade), facts
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
