"""`regengine compare`: tables, data, a page, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

RULES = Path(__file__).parent.parent / "simulate" / "rules.yaml"
TIGHTER = """
reform: tighter
over: test/simulate
set: {grades.bands: {A: "[0, 10)", B: "[10, 50)", C: "[50, 120]"}}
basis: illustrative
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    population, reform = tmp_path / "population.csv", tmp_path / "tighter.yaml"
    lines = [f"e{number},{number % 4},false,false,{'east' if number < 30 else 'west'}" for number in range(40)]
    population.write_text("enterprise,penalties,late,listed,zone\n" + "\n".join(lines) + "\n", encoding="utf-8")
    reform.write_text(TIGHTER, encoding="utf-8")
    return population, reform


def ask(files: tuple[Path, Path], *more: object) -> list[object]:
    return ["compare", "--population", files[0], "--reform", files[1], "--rulebook", RULES, "--as-of", "2026-11-01", *more]


def test_data(run: Callable[..., Any], files: tuple[Path, Path]) -> None:
    found = run(*ask(files, "--format", "json", "--by", "zone"))
    assert found.code == 0
    data = json.loads(found.out)
    assert (data["moved"], data["rows"]) == (10, {"in": 40, "graded": 40, "rejected": 0})  # those with one penalty, 10 points
    tables = {table["table"]: table for table in data["tables"]}
    assert tables["migration"]["rows"][0] == {"grade": "A", "after_A": 10, "after_B": 10, "after_C": 0, "all": 20, "stay": 0.5}
    assert [row["down"] for row in tables["by_zone"]["rows"]] == [None, None]  # 8 in the east, and 2 in the west, which are too few to tell


@pytest.mark.parametrize(("lang", "said"), [("en", "Who moves: grades before and after"), ("zh", "等级迁移")])
def test_tables_and_page(run: Callable[..., Any], files: tuple[Path, Path], tmp_path: Path, lang: str, said: str) -> None:
    page = tmp_path / "page.html"
    found = run(*ask(files, "--lang", lang, "--out", page, "--hours", "2", "--enterprise-hours", "1.5"))
    assert found.code == 0
    assert said in found.out and str(page) in found.out.replace("\n", "")
    assert said in page.read_text("utf-8")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--hours", "2"], "option-wrong"),
        (["--out", "page.pdf"], "file-kind"),
        (["--by", "zones"], "did you mean `zone`?"),
        (["--law-at", "2019-01-01"], "not-in-force"),
    ],
)  # fmt: skip
def test_what_is_refused(run: Callable[..., Any], files: tuple[Path, Path], more: list[str], said: str) -> None:
    found = run(*ask(files, *more))
    assert found.code == 2
    assert said in found.err


def test_hours_that_are_none(run: Callable[..., Any], files: tuple[Path, Path]) -> None:
    found = run(*ask(files, "--hours", "soon", "--enterprise-hours", "nan"))
    assert found.code == 2
    assert "not a number of hours" in found.err
