"""What visits found, back from the field: checked against the plan, as entries of a register, and what is still to be done.

Guarantees: every finding is of a visit of the plan and says what it found on which day, or nothing is recorded and every fault is told. A visit that is
reported twice with the same content counts once. A visit without a result is in `open`, so results and open visits are the plan.

Does not know who must be visited again: whoever was not found or refused has a result, and neither is a pass.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from ..problems import Place, Problem, ProblemError, nearest
from ..rulebook.values import parse_day

__all__ = ["ENTRIES", "FINDINGS", "JUDGED", "NOT_FOUND", "PASS", "PROBLEM", "REFUSED", "Recorded", "record"]

PASS, PROBLEM, NOT_FOUND, REFUSED = "pass", "problem", "not_found", "refused"
FINDINGS = (PASS, PROBLEM, NOT_FOUND, REFUSED)
JUDGED = (PASS, PROBLEM)  # visits after which one knows
ENTRIES = pl.Schema(
    {
        "visit": pl.String(), "enterprise": pl.String(), "date": pl.Date(), "known": pl.Date(), "department": pl.String(), "kind": pl.String(),
        "grade": pl.String(), "finding": pl.String(), "severity": pl.String(), "note": pl.String(), "counts": pl.Boolean(),
    }
)  # fmt: skip
NEEDED = ("visit", "date", "finding")
MORE = ("known", "severity", "note")


@dataclass(frozen=True, slots=True)
class Recorded:
    """The results of a plan. `entries` are ready to be a register (`ENTRIES`): `visit` is the id, `enterprise` the key, `date` the day of the visit and
    `known` the day on which the office knew; `counts` is false where nobody was met.

    `open` are the visits of the plan without a result, with `missed`: whether their day was over on `as_of`. A later plan carries them over as debt.
    `visits` is the whole plan with `finding`, null where there is none. `repeated` counts rows that said again what another said.
    """

    entries: pl.DataFrame
    open: pl.DataFrame
    visits: pl.DataFrame
    as_of: dt.date | None
    repeated: int


def record(plan_visits: pl.DataFrame, findings: pl.DataFrame, *, as_of: dt.date | None = None, file: str | None = None) -> Recorded:
    """The results of a plan's visits (the table `visits` of a plan) from a table of findings: `visit`, `date`, `finding`, and where there are any
    `known` (left out, it is `date`), `severity` and `note`. `as_of` is the day up to which results have come in, the last of them where it is left out.

    Raises `ProblemError` with every fault: `column-missing`, and `finding-wrong` for a visit that the plan does not have, a finding that is none of
    `FINDINGS`, a day that is missing, before the plan or after `as_of`, and a visit with two results that differ.
    """
    if missing := [name for name in NEEDED if name not in findings.columns]:
        raise ProblemError(
            Problem("column-missing", f"the findings have no column `{name}`", Place(file, field=name), nearest(name, findings.columns)) for name in missing
        )
    reader = Reader(frozenset(plan_visits["visit"].to_list()), min(plan_visits["earliest"], default=None), as_of, file)
    for number, row in enumerate(findings.iter_rows(named=True), 1):
        reader.read(number, row)
    reader.raise_problems()
    results = pl.DataFrame(list(reader.results.values()), schema={name: ENTRIES[name] for name in (*NEEDED, *MORE)})
    planned = plan_visits.select("visit", "enterprise", "department", "kind", "grade")
    entries = results.join(planned, on="visit", how="left", maintain_order="left").with_columns(counts=pl.col("finding") != NOT_FOUND)
    entries = entries.select(ENTRIES.names()).cast(ENTRIES).sort("date", "visit")
    last = as_of or max(entries["date"], default=None)
    over = pl.lit(False) if last is None else (pl.col("date") <= last).fill_null(False)
    unmade = plan_visits.join(results, on="visit", how="anti", maintain_order="left").with_columns(missed=over)
    visits = plan_visits.join(results.select("visit", "finding"), on="visit", how="left", maintain_order="left")
    return Recorded(entries, unmade, visits, last, len(findings) - len(entries))


class Reader:
    """Reads findings row by row, and keeps what is wrong with them."""

    def __init__(self, visits: frozenset[str], first: dt.date | None, as_of: dt.date | None, file: str | None) -> None:
        self.visits, self.first, self.as_of, self.file = visits, first, as_of, file
        self.results: dict[str, dict[str, Any]] = {}
        self.rows: dict[str, int] = {}
        self.problems: list[Problem] = []

    def read(self, number: int, row: Mapping[str, Any]) -> None:
        """Take one row, or its faults."""
        read = {name: clean(row.get(name)) for name in (*NEEDED, *MORE)}
        read |= {name: str(read[name]) for name in ("visit", "severity", "note") if read[name] is not None}
        visit: str | None = read["visit"]
        faults = [*self.names(visit, read["finding"]), *self.days(read)]
        if not faults and visit in self.results and self.results[visit] != read:
            faults.append(("visit", f"row {self.rows[visit]} says something else of this visit", "keep the one that holds"))
        self.problems += [Problem("finding-wrong", message, Place(self.file, row=number, key=visit, field=field), hint) for field, message, hint in faults]
        if not faults and visit is not None:
            self.results.setdefault(visit, read)
            self.rows.setdefault(visit, number)

    def names(self, visit: str | None, finding: object) -> Iterator[tuple[str, str, str | None]]:
        if visit is None:
            yield "visit", "no visit is named", None
        elif visit not in self.visits:
            yield "visit", f"the plan has no visit `{visit}`", "the id stands in the column `visit` of the plan"
        if finding is None:
            yield "finding", "it is not said what was found", None
        elif finding not in FINDINGS:
            yield "finding", f"`{finding}` is no finding", nearest(str(finding), FINDINGS)

    def days(self, read: dict[str, Any]) -> Iterator[tuple[str, str, str | None]]:
        """What is wrong with the days, which are put in as days where they are right."""
        for name in ("date", "known"):
            if read[name] is None:
                if name == "date":
                    yield name, "the day of the visit is missing", None
                continue
            try:
                read[name] = as_day(read[name])
            except ValueError as error:
                yield name, str(error), None
                return
        day = read["date"]
        if day is None:
            return
        read["known"] = read["known"] or day
        if self.first is not None and day < self.first:
            yield "date", f"{day} is before the plan, which begins on {self.first}", None
        if read["known"] < day:
            yield "known", f"it was known on {read['known']}, before the visit on {day}", None
        if self.as_of is not None and day > self.as_of:
            yield "date", f"{day} is after {self.as_of}, up to which results have come in", None

    def raise_problems(self) -> None:
        if self.problems:
            raise ProblemError(self.problems)


def clean(value: Any) -> Any:
    """A value of a cell; a text without the blanks around it, and none where nothing is left."""
    return value.strip() or None if isinstance(value, str) else value


def as_day(value: object) -> dt.date:
    """A day, or the day of a time. Raises ValueError."""
    return value.date() if isinstance(value, dt.datetime) else parse_day(value)
