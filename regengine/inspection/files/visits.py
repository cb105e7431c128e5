"""The visits of each inspector, and who else goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...words import listed, pick
from ..tables import PlanTables
from .words import inspector_words

__all__ = ["colleagues_words", "visits_of"]


def visits_of(tables: PlanTables) -> dict[str, list[dict[str, Any]]]:
    """The rows of the placed visits of each inspector, each with the teams of all departments that go on the same trip."""
    rows = tables.placed.rows(named=True)
    together: dict[str, list[str]] = {}
    for row in rows:
        together.setdefault(row["trip"], []).extend(row["inspectors"])
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        for id_ in row["inspectors"]:
            found.setdefault(id_, []).append(row | {"colleagues": [other for other in together[row["trip"]] if other != id_]})
    return found


def colleagues_words(tables: PlanTables, row: Mapping[str, Any], lang: str) -> list[str]:
    """Who else goes: those of the same department, then those of each other one under its name."""
    by = {one.id: one for one in tables.inspectors}
    teams: dict[str, list[str]] = {row["department"]: []}
    for id_ in row["colleagues"]:
        teams.setdefault(by[id_].department, []).append(inspector_words(by[id_]))
    own, *others = ((tables.department(of, lang), listed(team, lang)) for of, team in teams.items())
    return [*filter(None, [own[1]]), *(pick(("{}: {}", "{}：{}"), lang).format(*team) for team in others)]
