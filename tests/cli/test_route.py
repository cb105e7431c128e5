"""`regengine route`: one applicant as a card and as JSON, a table summed up, and calls that cannot be."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

FACTS = '{"enterprise": "e1", "serious_dishonesty": false}'
TABLE = "enterprise,delegated,own_office,zone_level,approved,place\na,true,true,provincial,,\nb,false,true,provincial,,\n"
ROUTE = ("route", "cn/henan-2022", "--matter", "food_sale_permit", "--as-of", "2026-11-02")


def test_one_applicant(run: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "facts.json").write_text(FACTS, encoding="utf-8")
    made = run(*ROUTE, "--facts", tmp_path / "facts.json", "--calendar", "CN", "--format", "json")
    found = json.loads(made.out)
    assert (found["path"]["id"], found["saved"]["working_days"], found["due"][1]["day"]) == ("commitment", 10, "2026-12-14")
    assert "2026-12-14" in run(*ROUTE, "--facts", tmp_path / "facts.json", "--calendar", "CN", "--lang", "zh").out


def test_a_table_is_summed_up(run: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TABLE, encoding="utf-8")
    made = run("route", "cn/zone-delegated", "--matter", "listed", "--table", tmp_path / "t.csv", "--as-of", "2026-11-02", "--format", "json")
    found = json.loads(made.out)
    assert found["paths"] == [{"path": "in_zone", "applications": 1}, {"path": "ordinary", "applications": 1}]
    assert found["saved"] == {"working_days": 10, "steps": 1, "documents": 1, "visits": 1}


def test_the_facts_come_from_one_place(run: Callable[..., Any], tmp_path: Path) -> None:
    made = run(*ROUTE)
    assert made.code == 2 and "option-wrong" in made.err
