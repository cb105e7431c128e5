"""The JSON Schema for editors: it accepts what the loader accepts, and marks what a writer gets wrong.

A small reader of the keywords that the schema uses stands in for a whole library of JSON Schema.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from regengine.rulebook.located import read_yaml
from regengine.rulebook.schema import json_schema
from regengine.rulebook.shipped import rulebook_ids, rules_folder

SCHEMA = json_schema()
EVERY_FORM = Path(__file__).parents[1] / "engines/rules/xx/every-form.yaml"
KNOWN = {
    "$ref", "type", "enum", "const", "pattern", "minLength", "maxLength", "minimum", "maximum", "anyOf", "if", "then", "else", "properties", "required",
    "additionalProperties", "patternProperties", "propertyNames", "minProperties", "items", "minItems", "maxItems", "description",
}  # fmt: skip
TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | Decimal) and not isinstance(value, bool),
}


def faults(value: Any, schema: dict[str, Any], at: str = "") -> list[str]:
    """The places where `value` is not as `schema` asks."""
    assert set(schema) - {"$schema", "$id", "$defs", "title"} <= KNOWN, f"unread keywords at {at}"
    found: list[str] = []
    if "$ref" in schema:
        found += faults(value, SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")], at)
    if "if" in schema:
        found += faults(value, schema["else" if faults(value, schema["if"], at) else "then"], at)
    if "anyOf" in schema and all(faults(value, one, at) for one in schema["anyOf"]):
        found.append(at)
    kinds = schema.get("type", [])
    if kinds and not any(TYPES[kind](value) for kind in ([kinds] if isinstance(kinds, str) else kinds)):
        return [*found, at]
    if ("enum" in schema and value not in schema["enum"]) or ("const" in schema and value is not schema["const"]):
        found.append(at)
    fits: object = True
    if isinstance(value, str):
        fits = re.search(schema.get("pattern", ""), value) and schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
    elif isinstance(value, int | Decimal):
        fits = schema.get("minimum", value) <= value <= schema.get("maximum", value)
    elif isinstance(value, list):
        fits = schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value))
        found += [fault for index, one in enumerate(value) for fault in faults(one, schema.get("items", {}), f"{at}[{index}]")]
    elif isinstance(value, dict):
        fits = set(schema.get("required", ())) <= set(value) and len(value) >= schema.get("minProperties", 0)
        for key, below in value.items():
            found += object_faults(key, below, schema, f"{at}.{key}")
    return found if fits else [*found, at]


def object_faults(key: str, value: Any, schema: dict[str, Any], at: str) -> list[str]:
    found = faults(key, schema.get("propertyNames", {}), at)
    if key in schema.get("properties", {}):
        return found + faults(value, schema["properties"][key], at)
    for pattern, below in schema.get("patternProperties", {}).items():
        if re.search(pattern, key):
            return found + faults(value, below, at)
    rest = schema.get("additionalProperties", True)
    if rest is False:
        return [*found, at]
    return found if rest is True else found + faults(value, rest, at)


def written(name: str) -> Any:
    return read_yaml(rules_folder() / f"{name}.yaml").plain()


def test_what_it_is() -> None:
    assert list(SCHEMA)[:3] == ["$schema", "$id", "title"]
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["$id"] == "urn:regengine:rulebook"
    assert SCHEMA["title"] == "regengine rulebook"
    assert SCHEMA["required"] == ["rulebook", "edition", "title", "authority", "in_force", "audience", "facts", "grades"]
    assert json_schema() == SCHEMA


def test_keys_are_those_of_the_file() -> None:
    assert "from" in SCHEMA["$defs"]["InForce"]["properties"]
    assert "from" in SCHEMA["$defs"]["Fact"]["properties"]
    assert "is" in SCHEMA["$defs"]["Score"]["properties"]
    assert "except" in SCHEMA["$defs"]["Quiet"]["properties"]
    assert "values" not in SCHEMA["$defs"]["OutcomeRow"]["properties"]


@pytest.mark.parametrize("name", rulebook_ids())
def test_shipped_rulebooks_are_accepted(name: str) -> None:
    assert faults(written(name), SCHEMA) == []


def test_every_form_is_accepted() -> None:
    assert faults(read_yaml(EVERY_FORM).plain(), SCHEMA) == []


def put(path: str, value: Any) -> dict[str, Any]:
    """The Henan rulebook with one value put in."""
    document: dict[str, Any] = copy.deepcopy(written("cn/henan-2022"))
    *above, last = path.split("/")
    at: Any = document
    for step in above:
        at = at[int(step)] if isinstance(at, list) else at[step]
    at[last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("inspection/by_grade/B/ratio", {"2021-06-01": "2%", "2026-01-01": {"at_least": "1%"}}),
        ("inspection/by_grade/B/ratio", 1),
        ("inspection/by_grade/B/manner", "remote"),
        ("inspection/by_grade/B/visits", 2),
        ("inspection/cap", {"visits": 2}),
        ("inspection/cap", [{"visits": 2, "per": "month"}]),
        ("inspection/quiet", {"weekdays": ["mon"], "except": ["alarms"]}),
        ("indicators/social/at_most", {"2020-01-01": 90, "2024-01-01": Decimal("99.5")}),
        ("indicators/social/label", "Social"),
        ("indicators/social/label", {"2020-01-01": {"en": "Social"}, "2024-01-01": "Society"}),
        ("grades/bands", {"2022-07-25": {"A": "[0, 200)", "B": 200}}),
        ("grades/bands/A", {"2022-07-25": "[0, 200)"}),
        ("facts/penalties_24m/missing", "reject"),
        ("facts/opened/min", "2000-01-01"),
        ("facts/penalties_24m/from", {"count": "penalties", "within": "24 months"}),
        ("outcomes", {"licence": {"by_grade": {"A": {"length": "3 years", "seal": True, "years": {"2022-07-25": 3}}}}}),
        ("adjust/0/when", True),
        ("facts/penalties_24m/worse", "higher"),
        ("always", ['grade != "A" or not serious_dishonesty', True]),
        ("service/paths/0/closed_to", ["D"]),
        ("service/paths/0/grants/skip", "site_visit"),
    ],
)
def test_short_and_dated_forms_are_accepted(path: str, value: Any) -> None:
    assert faults(put(path, value), SCHEMA) == []


@pytest.mark.parametrize(
    ("path", "value", "at"),
    [
        ("audience", "private", ".audience"),
        ("grades/band", {}, ".grades.band"),
        ("inspection/by_grade/B/ratoi", "2%", ".inspection.by_grade.B.ratoi"),
        ("facts/Penalties", {"type": "integer", "missing": 0}, ".facts.Penalties"),
        ("facts/penalties_24m/type", "int", ".facts.penalties_24m.type"),
        ("facts/penalties_24m/changeable", "no", ".facts.penalties_24m.changeable"),
        ("indicators/social/at_most", "90", ".indicators.social.at_most"),
        ("indicators/social/at_most", {"2020": 90}, ".indicators.social.at_most"),
        ("indicators/social/at_most", {"2020-01-01": "90"}, ".indicators.social.at_most"),
        ("in_force/from", "25 July 2022", ".in_force.from"),
        ("outcomes", {"licence": {"by_grade": {"A": {"length": ["3 years"]}}}}, ".outcomes.licence.by_grade.A.length"),
        ("notice", None, ".notice"),
        ("facts/penalties_24m/worse", "more", ".facts.penalties_24m.worse"),
        ("always", ["score >= 0", 3], ".always[1]"),
    ],
)
def test_faults_are_marked_where_they_stand(path: str, value: Any, at: str) -> None:
    assert set(faults(put(path, value), SCHEMA)) == {at}


def test_the_command_prints_it(run: Callable[..., Any]) -> None:
    ran = run("schema")
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out) == SCHEMA
