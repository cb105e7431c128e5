"""Visits that something triggers: a complaint, a transferred case, a warning, a law. They enter the plan outside the draw, each with its lead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl

from ..problems import Place, Problem, ProblemError, nearest
from ..rulebook.values import parse_day
from .rules import PlanRules

__all__ = ["COLUMNS", "Trigger", "triggers_of"]

COLUMNS = ("enterprise", "department", "kind", "received", "due", "lead", "authority")
NEEDED = COLUMNS[:4]


@dataclass(frozen=True, slots=True)
class Trigger:
    """One lead: who is to visit whom, why (`kind` is a trigger of the rulebook), since when, by when, and where the lead is kept."""

    enterprise: str
    department: str
    kind: str
    received: dt.date
    due: dt.date | None
    lead: str | None
    authority: str | None


def triggers_of(table: pl.DataFrame, rules: PlanRules, *, enterprises: Collection[str], departments: Collection[str], file: str | None = None) -> list[Trigger]:
    """The leads of a table, in its order. Raises `ProblemError` (`trigger-wrong`, `column-missing`) with every row that is wrong."""
    if missing := [name for name in NEEDED if name not in table.columns]:
        raise ProblemError([Problem("column-missing", f"the table of triggers has no column `{name}`", Place(file, field=name)) for name in missing])
    problems: list[Problem] = []
    made: list[Trigger] = []
    known = {"enterprise": frozenset(enterprises), "department": frozenset(departments), "kind": frozenset(rules.triggers)}
    for number, row in enumerate(table.iter_rows(named=True), 1):
        faults = list(faults_of(row, known))
        problems += [
            Problem("trigger-wrong", message, Place(file, row=number, key=said(row["enterprise"]), field=name), hint) for name, message, hint in faults
        ]
        if not faults:
            due = None if row.get("due") is None else parse_day(row["due"])
            made.append(Trigger(row["enterprise"], row["department"], row["kind"], parse_day(row["received"]), due, row.get("lead"), row.get("authority")))
    if problems:
        raise ProblemError(problems)
    return made


def said(value: object) -> str | None:
    return None if value is None else str(value)


def faults_of(row: Mapping[str, object], known: Mapping[str, frozenset[str]]) -> list[tuple[str, str, str | None]]:
    """What is wrong with one lead: the column, the message, a hint."""
    found: list[tuple[str, str, str | None]] = []
    for name, values in known.items():
        if row[name] is None:
            found.append((name, f"no `{name}` is named", None))
        elif row[name] not in values:
            hint = None if name == "enterprise" else nearest(str(row[name]), values)
            found.append((name, f"there is no {name} `{row[name]}`" if name != "kind" else f"`{row[name]}` is no trigger of the rulebook", hint))
    days: dict[str, dt.date] = {}
    for name in ("received", "due"):
        if row.get(name) is None:
            if name == "received":
                found.append((name, "the day on which the lead came in is missing", None))
            continue
        try:
            days[name] = parse_day(row[name])
        except ValueError as error:
            found.append((name, str(error), None))
    if len(days) == 2 and days["due"] < days["received"]:
        found.append(("due", f"the lead is due on {days['due']}, before it came in on {days['received']}", None))
    return found
