"""The pages on the format, the problems and the columns say what is true: their blocks load, their examples run, their tables match."""

from __future__ import annotations

import doctest
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import regengine as rg
from regengine.cases import run_cases
from regengine.conditions import Number, Scope, Text, parse
from regengine.problems import CODES
from regengine.rulebook.load import load_rulebook
from regengine.rulebook.located import read_yaml_text

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("rulebook.md", "problems.md", "columns.md")

# what stands around a block of YAML that is no whole rulebook
AROUND = """\
rulebook: xx/around
edition: "1.0"
title: Around
authority: Town of X
in_force: {from: 2020-01-01}
audience: internal
sources:
  act: {instrument: Act 1, issued: 2019-12-01, seen: official}
facts:
  listed: {type: boolean, missing: false}
  penalties: {type: integer, min: 0, max: 1000, missing: 0}
  children: {type: integer, min: 0, max: 100, missing: 0}
  fines: {type: decimal, places: 2, min: 0, max: 10000, missing: 0}
  size: {type: category, values: [micro, small, large], missing: small}
  opened: {type: date, missing: unknown, changeable: false}
  owner: {type: code, missing: none}
indicators:
  conduct: {cite: act#1, items: {penalties: {points: [{when: penalties >= 3, give: 100}, {when: penalties >= 1, give: 40}, {otherwise: 0}]}}}
score: {is: conduct, between: [0, 100], worse: higher}
grades: {order: [A, B, C, D], cite: act#2, bands: {A: "[0, 20)", B: "[20, 50)", C: "[50, 75)", D: "[75, 100]"}}
"""
JOINED = ("sources", "facts", "registers", "terms", "indicators", "uses")  # a block's entries stand beside those around it


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[tuple[int, str]]:
    """The fenced blocks of a page in a language, each with its line."""
    text = page(name)
    return [(text[: found.start()].count("\n") + 1, found[1]) for found in re.finditer(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)]


def plain(text: str) -> dict[str, Any]:
    found = read_yaml_text(text).plain()
    assert isinstance(found, dict)
    return found


def placed(block: str) -> str:
    """A block as a whole rulebook: its sections in the place of those around it, or beside their entries."""
    around = plain(AROUND)
    for name, section in plain(block).items():
        around[name] = {**around.get(name, {}), **section} if name in JOINED else section
    return as_text(around)


def as_text(value: Any) -> str:
    """Plain data as YAML of one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{as_text(key)}: {as_text(below)}" for key, below in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_text, value)) + "]"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return {True: "true", False: "false", None: "null"}[value] if value is None or isinstance(value, bool) else str(value)


def canteens(folder: Path) -> Path:
    """The whole rulebook of the page, with its cases beside it, where its examples look for it."""
    whole = next(text for _, text in blocks("rulebook.md", "yaml") if text.startswith("rulebook:"))
    cases = next(text for _, text in blocks("rulebook.md", "yaml") if text.startswith("tests:"))
    path = folder / "xx" / "canteens-2026.yaml"
    path.parent.mkdir()
    path.write_text(whole, encoding="utf-8")
    path.with_name("canteens-2026.tests.yaml").write_text(cases, encoding="utf-8")
    return path


# blocks of YAML


def test_the_around_is_a_good_rulebook(tmp_path: Path) -> None:
    (tmp_path / "around.yaml").write_text(AROUND, encoding="utf-8")
    assert load_rulebook(tmp_path / "around.yaml").id == "xx/around"


YAML = [(line, text) for line, text in blocks("rulebook.md", "yaml") if not text.startswith("tests:")]  # cases are run with their rulebook


@pytest.mark.parametrize("block", [text for _, text in YAML], ids=[f"line {line}" for line, _ in YAML])
def test_every_block_of_yaml_loads(block: str, tmp_path: Path) -> None:
    path = tmp_path / "block.yaml"
    path.write_text(block if block.startswith("rulebook:") else placed(block), encoding="utf-8")
    book = rg.load(path)
    assert book.program.steps
    # every section of the block is in what was loaded
    document = book.law.document
    assert [name for name in plain(block) if not getattr(document, name)] == []


def test_the_cases_of_the_page_pass(tmp_path: Path) -> None:
    results = run_cases(rg.load(canteens(tmp_path)))
    assert [(one.case.case, one.differences) for one in results] == [
        ("one penalty and 250 meals are B", ()),
        ("an outbreak is C whatever the score", ()),
        ("without word of outbreaks no canteen is graded", ()),
    ]


# conditions


@pytest.fixture(scope="module")
def scope(tmp_path_factory: pytest.TempPathFactory) -> Scope:
    path = tmp_path_factory.mktemp("around") / "around.yaml"
    path.write_text(AROUND, encoding="utf-8")
    law = load_rulebook(path).latest
    used = {"general.grade": Text(("A", "B"), "grade"), "general.score": Number(0, Fraction(0), Fraction(1000))}
    return Scope(names={**law.facts, **used}, unknown=law.may_be_unknown)


def lines(language: str) -> list[str]:
    (block,) = blocks("rulebook.md", language)
    return block[1].splitlines()


@pytest.mark.parametrize("text", lines("conditions"))
def test_every_condition_is_read(text: str, scope: Scope) -> None:
    node, faults = parse(text, scope)
    assert faults == ()
    assert node is not None


@pytest.mark.parametrize("line", lines("refused"))
def test_every_refused_condition_is_refused_for_what_the_page_says(line: str, scope: Scope) -> None:
    text, _, code = line.partition("  # ")
    _, faults = parse(text, scope)
    assert [fault.code for fault in faults] == [code.strip()]


# examples


@pytest.mark.parametrize("name", PAGES)
def test_examples_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    canteens(tmp_path)
    monkeypatch.chdir(tmp_path)
    code = "\n".join(text for _, text in blocks(name, "python"))
    test = doctest.DocTestParser().get_doctest(code, {}, name, str(ROOT / "docs" / name), 0)
    assert (name == "problems.md") == (not test.examples)
    told: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test, out=told.append)
    assert result.failed == 0, "".join(told)


# problems


def told_codes() -> dict[str, str]:
    """The sentence of each code in the page."""
    return dict(re.findall(r"^\| `([a-z-]+)` \| (.+?) \| .+ \|$", page("problems.md"), re.MULTILINE))


def test_the_page_of_problems_has_every_code_with_its_sentence() -> None:
    assert list(told_codes().items()) == list(CODES.items())


# codes that no code of regengine gives yet; one that comes to be given is taken off
NOT_YET = {"extra-missing"}


def test_every_code_is_given_somewhere() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "regengine").rglob("*.py") if path.name != "problems.py")
    unused = {code for code in CODES if not re.search(rf'"{code}[":]', source)}
    assert unused <= NOT_YET, f"no longer given: {sorted(unused - NOT_YET)}"


def test_no_other_code_is_named_in_the_pages() -> None:
    heads = {code.partition("-")[0] for code in CODES}
    for name in PAGES:
        words = set(re.findall(r"`([a-z]+-[a-z-]+)(?::[^`]*)?`", page(name)))
        strange = {word for word in words if word.partition("-")[0] in heads} - set(CODES)
        assert strange == set(), name


# columns

TYPES = {"text": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}


@pytest.mark.parametrize("name", ["cn/henan-2022", "us/hud-reac"])
def test_the_columns_of_the_page(name: str) -> None:
    _, _, rest = page("columns.md").partition(f"\n## `{name}`\n")
    part = rest.partition("\n## ")[0]
    told = re.findall(r"^\| `([a-z_0-9]+)` \| ([a-z ]+?) \| (.*?) ?\|$", part, re.MULTILINE)
    book = rg.load(name)
    outputs = [output for output in book.program.outputs if not output.name.startswith("reasons_")]
    reasons = [output for output in book.program.outputs if output.name.startswith("reasons_")]
    made = [(output.name, TYPES[output.type]) for output in outputs] + [("facts_filled", "whole number")] + [(one.name, "whole number") for one in reasons]
    assert [(column, kind) for column, kind, _ in told] == made
    # and the column is null for the rows that the page names
    document = book.law.document
    paths = [path.id for path in document.service.paths] if document.service else []
    for output, (_, _, null) in zip(outputs, told, strict=False):
        rows = paths if output.name.startswith("service_") else document.grades.order
        values = output.values if output.values is not None and len(output.values) == len(rows) and not output.name.startswith("graded") else ()
        assert re.findall(r"`([^`]+)`", null) == [row for row, value in zip(rows, values, strict=bool(values)) if value is None], output.name


@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_a_frame_has_the_columns_of_the_page_in_its_order_and_types(library: str) -> None:
    import pandas as pd
    import polars as pl

    table = {"enterprise": ["a"], "inspection_score": [80]}
    frame: Any = pl.DataFrame(table) if library == "polars" else pd.DataFrame(table)
    graded: Any = rg.load("us/hud-reac").decide_frame(frame, as_of="2019-06-01", keep="key")
    kinds = {
        "polars": {"text": "String", "whole number": "Int64", "true or false": "Boolean"},
        "pandas": {"text": str(pd.Series(["a"], dtype="str").dtype), "whole number": "int64", "true or false": "bool"},
    }[library]
    _, _, rest = page("columns.md").partition("\n## `us/hud-reac`\n")
    told = re.findall(r"^\| `([a-z_0-9]+)` \| ([a-z ]+?) \|", rest, re.MULTILINE)
    assert [(column, str(graded[column].dtype)) for column in graded.columns][1:] == [(column, kinds[kind]) for column, kind in told]
