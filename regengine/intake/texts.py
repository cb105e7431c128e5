"""The facts of one enterprise as texts, as a CSV row holds them, turned into values by each fact's type.

The accepted words are those of `frame`, so that a row explained alone is read as it was read in its table. A text that is not
among them is left as it is: the reader then names the fact and the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from ..rulebook.facts import FactSpec
from .frame import FALSE_WORDS, INTEGER, TRUE_WORDS

__all__ = ["from_texts"]


def from_texts(facts: Mapping[str, object], specs: Iterable[FactSpec], key: str = "enterprise") -> dict[str, object]:
    """The values of the facts among `facts`, and of `key`, without any other columns.

    None is no value. What is no text keeps its value, as numbers and truth values of JSON lines do.
    """
    made = {key: facts[key]} if key in facts else {}
    for spec in specs:
        if spec.name in facts:
            value = facts[spec.name]
            made[spec.name] = value_of(value, spec) if isinstance(value, str) else value
    return made


def value_of(text: str, spec: FactSpec) -> object:
    """One text as a value of its fact, or as it is where it cannot be read."""
    clean = text.strip()
    match spec.type:
        case "boolean":
            return True if clean in TRUE_WORDS else False if clean in FALSE_WORDS else text
        case "integer":
            return int(clean) if re.fullmatch(INTEGER, clean) else text
        case "decimal":
            return Decimal(clean) if re.fullmatch(rf"[+-]?[0-9]{{1,11}}(\.[0-9]{{1,{max(spec.places, 1)}}})?", clean) else text
        case "date":
            return clean
        case _:
            return text
