"""The JSON Schema of rulebook files, for editors: made from the models, so that it cannot fall behind them.

It accepts every form that the loader reads: short forms (a text for a label, a plain ratio, one entry for a list of one)
and, at any place, a dated value; it marks a key without a value, which the loader passes over. It knows nothing of meaning:
what parts mean together is proved only by loading.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import BeforeValidatorFunctionSchema

from .model import Document, as_cell
from .parts import as_bound, as_edge, as_list, as_words

__all__ = ["json_schema"]

DIALECT, ID = "https://json-schema.org/draft/2020-12/schema", "urn:regengine:rulebook"
DAY = r"^\d{4}-\d{2}-\d{2}$"
DATED: JsonSchemaValue = {"description": "A value by the day from which it holds.", "type": "object", "minProperties": 1, "propertyNames": {"pattern": DAY}}
IS_DATED: JsonSchemaValue = {"$ref": "#/$defs/Dated"}
SINGLE: JsonSchemaValue = {"type": ["string", "number", "boolean"]}
Schema = JsonSchemaValue

# The short forms that the models' validators turn into the long ones; pydantic sees the long ones only.
SHORT: dict[Callable[..., Any], Schema] = {
    as_words: {"type": "string"},
    as_bound: {"type": ["string", "integer"]},
    as_cell: {"type": "number"},
}


class ForEditors(GenerateJsonSchema):
    """Adds the short forms to what pydantic says of the long ones."""

    def function_before_schema(self, schema: BeforeValidatorFunctionSchema) -> Schema:
        made = super().function_before_schema(schema)
        turn: Any = schema["function"]["function"]
        if turn is as_edge:
            return {"type": ["number", "string"]}
        if turn is as_list:
            return {"anyOf": [made["items"], made]}
        return {"anyOf": [SHORT[turn], made]} if turn in SHORT else made


def json_schema() -> dict[str, Any]:
    """The schema of a rulebook file (draft 2020-12), by the keys as they are written in YAML."""
    made = Document.model_json_schema(by_alias=True, schema_generator=ForEditors)
    parts: dict[str, Schema] = made.pop("$defs")
    row = parts["OutcomeRow"]
    del row["properties"]["values"]
    row["required"].remove("values")
    row["additionalProperties"] = SINGLE  # the values of an outcome stand beside its own keys
    (grade,) = parts["Grades"]["properties"]["labels"]["patternProperties"]
    parts["Grades"]["properties"]["bands"] = {"type": "object", "patternProperties": {grade: {"type": ["string", "number"]}}}  # a bare number is a band too
    made["description"] = "One regulator's scheme as data. Any value may be a mapping from days to values."
    named = {"Dated": DATED} | {name: inside(part) for name, part in sorted(parts.items())}
    return {"$schema": DIALECT, "$id": ID, "title": "regengine rulebook", **inside(made), "$defs": named}


def inside(schema: Schema) -> Schema:
    """`schema` where each value inside it may also be dated, without what editors do not need."""
    made: Schema = {key: value for key, value in schema.items() if key not in ("title", "default")}
    if "anyOf" in made:
        forms = [inside(one) for one in made.pop("anyOf") if one != {"type": "null"}]
        made |= forms[0] if len(forms) == 1 else {"anyOf": forms}
    for key in ("properties", "patternProperties"):
        if key in made:
            made[key] = {name: or_dated(below) for name, below in made[key].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(made.get(key), dict):
            made[key] = or_dated(made[key])
    if "patternProperties" in made and "additionalProperties" not in made:
        made["additionalProperties"] = False  # a name that is written as no name is a fault
    return made


def or_dated(schema: Schema) -> Schema:
    """A value, or a mapping from days to such values.

    A mapping is told from a dated value by its keys before it is looked into, so that an editor shows the faults of one form
    only; a single value needs no such care.
    """
    schema = inside(schema)
    if not schema:
        return schema
    by_day: Schema = {"additionalProperties": schema}
    if single(schema):
        return {"anyOf": [schema, {**IS_DATED, **by_day}]}
    return {"if": IS_DATED, "then": by_day, "else": schema}


def single(schema: Schema) -> bool:
    """Whether a value of this schema is never a mapping or a list."""
    if "anyOf" in schema:
        return all(single(one) for one in schema["anyOf"])
    kinds = schema.get("type", "object")
    return not {"object", "array"} & ({kinds} if isinstance(kinds, str) else set(kinds))
