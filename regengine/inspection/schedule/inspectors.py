"""The list of inspectors, read from a table and checked whole: all that is wrong in it is told at once.

Guarantees of a list that is read: ids are given once, and everybody has a department, at least one district, a certificate that ends no earlier than it
begins, and a capacity from 1 to 20 visits a day. Does not know whether a district, a skill or an enterprise that is named there exists.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ...intake.files import as_problems, scan_table
from ...intake.spool import as_text
from ...problems import Place, Problem, ProblemError, nearest
from ...rulebook.values import parse_day
from ...workdays import Calendar
from ..visit import Inspector, Leave

__all__ = ["COLUMNS", "notices", "read_inspectors"]

NEEDED = ("inspector", "department", "districts", "certificate_from", "certificate_until", "capacity")
COLUMNS = (*NEEDED, "skills", "interests", "leave", "name")
MOST = 20  # visits in a day


def read_inspectors(path: Path) -> tuple[Inspector, ...]:
    """The inspectors of a CSV, Excel, Parquet or JSON lines table, by id.

    `districts`, `skills`, `interests` and `leave` hold several values with `;` between; a leave is `2026-02-01/2026-02-10`, or one day. Raises `ProblemError`:
    `column-missing`, `inspector-wrong` for every row that is wrong, and as `scan_table`.
    """
    source = scan_table(path)
    with as_problems(path):
        columns = source.lazy.collect_schema().names()
        problems = [
            Problem("column-missing", f"there is no column `{name}`", Place(str(path)), nearest(name, columns)) for name in NEEDED if name not in columns
        ]
        strange = [name for name in columns if name not in COLUMNS]
        problems += [Problem("inspector-wrong", f"no column `{name}` is known", Place(str(path)), nearest(name, COLUMNS)) for name in strange]
        if problems:
            raise ProblemError(problems)
        rows = source.lazy.collect().rows(named=True)
    inspectors: dict[str, Inspector] = {}
    for number, row in enumerate(rows, 1):
        reader = Reader(row, str(path), number)
        inspector = reader.inspector()
        if inspector is not None and inspector.id in inspectors:
            reader.wrong("inspector", f"the id `{inspector.id}` is given to two inspectors")
        elif inspector is not None:
            inspectors[inspector.id] = inspector
        problems += reader.problems
    if problems:
        raise ProblemError(problems)
    return tuple(inspectors[key] for key in sorted(inspectors))


class Reader:
    """One row as an inspector; what is wrong in it is kept in `problems`."""

    def __init__(self, row: Mapping[str, Any], file: str, number: int) -> None:
        self.row, self.file, self.number = row, file, number
        self.problems: list[Problem] = []

    def inspector(self) -> Inspector | None:
        """The inspector, or None where anything is wrong."""
        id_ = self.text("inspector", needed=True)
        if re.search(r"[|\x00-\x1f\x7f]", id_):
            self.wrong("inspector", "the id holds `|`, a line break or a control character", "tickets are made of the id, with `|` between its parts")
        department = self.text("department", needed=True)
        districts = self.several("districts")
        if not districts:
            self.wrong("districts", "the inspector has no district", "name the districts in which the inspector works, with `;` between")
        first, last = self.day("certificate_from"), self.day("certificate_until")
        if first and last and last < first:
            self.wrong("certificate_until", f"the certificate ends on {last}, before it begins on {first}")
        capacity = self.text("capacity", needed=True)
        if capacity and not (re.fullmatch("[0-9]{1,2}", capacity) and 1 <= int(capacity) <= MOST):
            self.wrong("capacity", f"`{capacity}` is not a number of visits in a day from 1 to {MOST}")
        leave = tuple(self.leave())
        if self.problems or first is None or last is None:
            return None
        interests, skills = self.several("interests"), self.several("skills")
        return Inspector(id_, department, districts, (first, last), int(capacity), skills, interests, leave, self.text("name") or None)

    def wrong(self, column: str, message: str, hint: str | None = None) -> None:
        key = (as_text(self.row.get("inspector")) or "").strip() or None
        self.problems.append(Problem("inspector-wrong", message, Place(self.file, row=self.number, key=key, field=column), hint))

    def text(self, column: str, *, needed: bool = False) -> str:
        text = (as_text(self.row.get(column)) or "").strip()
        if needed and not text:
            self.wrong(column, "the value is missing")
        return text

    def several(self, column: str) -> frozenset[str]:
        return frozenset(part.strip() for part in re.split("[;；]", self.text(column)) if part.strip())

    def day(self, column: str) -> dt.date | None:
        text = self.text(column, needed=True)
        return self.parsed(column, text) if text else None

    def parsed(self, column: str, text: str) -> dt.date | None:
        try:
            return parse_day(text.strip())
        except ValueError as error:
            self.wrong(column, str(error))
            return None

    def leave(self) -> Iterable[Leave]:
        for part in sorted(self.several("leave")):
            first_text, _, last_text = part.partition("/")
            first = self.parsed("leave", first_text)
            last = self.parsed("leave", last_text) if last_text else first
            if first and last and last < first:
                self.wrong("leave", f"the leave `{part}` ends before it begins")
            elif first and last:
                yield Leave(first, last)


def notices(inspectors: Iterable[Inspector], calendar: Calendar) -> list[Problem]:
    """What is told and stops nothing: certificates that end before the plan does (`certificate-ends`), by inspector."""
    told = []
    for inspector in sorted(inspectors, key=lambda one: one.id):
        last = inspector.certificate[1]
        if last < calendar.last:
            when = "before the plan begins" if last < calendar.first else "within the plan"
            message = f"the certificate of `{inspector.id}` ends on {last}, {when}; no visit is given to this inspector after that day"
            told.append(Problem("certificate-ends", message, Place(key=inspector.id), "renew it and plan again, or leave it"))
    return told
