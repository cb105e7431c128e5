"""Check one rulebook: every period of its law, its sources and its cases, with each finding at its place in the file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from ..book import Book, load
from ..rulebook.law import Steps
from ..rulebook.load import Rulebook
from ..rulebook.located import Located, read_yaml
from ..rulebook.parts import Words
from ..rulebook.shipped import find
from ..rulebook.values import resolve
from .citations import sources_at, unused_sources
from .coverage import coverage, coverage_findings, suggested
from .dead import dead
from .findings import SEVERITIES, Finding, Period, Proof, Report
from .proofs import prove
from .prover import Prover

__all__ = ["Checked", "YEARS", "check"]

YEARS = 50  # how far proofs look ahead in a law without an end
AT_KEYS = ("table", "bands", "by_grade", "indicators", "items", "sources")  # what stands below these is named by its key


@dataclass(frozen=True, slots=True)
class Checked:
    """A book and what was found; `suggest` gives cases for what no case tries."""

    book: Book
    report: Report
    prover: Prover

    def suggest(self) -> str:
        return suggested(self.prover, self.report.coverage.untested if self.report.coverage else ())


def check(name: str | Path, *, proofs: bool = True, timeout: float = 10.0) -> Checked:
    """Check a shipped rulebook by its id, or any by its path. Raises `ProblemError` where it does not load.

    Without `proofs` nothing is proved of all enterprises, but what can never matter is looked for. `timeout` is the limit of each
    question in seconds.
    """
    book = load(name)
    root = read_yaml(find(name), book.rulebook.file)
    found: dict[tuple[str, Steps, str], Finding] = {}
    proved: list[Proof] = []
    solves = find_spec("z3") is not None
    for first, last in stretches(book.rulebook):
        law = book.rulebook.at(first)
        prover = Prover(book.ready(law).program, first, last, timeout)
        findings = sources_at(law, first)
        unreached: set[str] = set()
        if solves and proofs:
            made = prove(prover)
            proved += made.proofs
            findings += made.findings
            unreached = made.unreached
        if solves:
            findings += dead(prover, unreached)
        here, _ = resolve(root, first)
        for finding in findings:
            placed = replace(at_place(finding, here, book.rulebook.file), since=law.since)
            found[placed.code, placed.path, placed.message.say("en")] = placed
    laws = [period.law for period in book.rulebook.periods if period.law is not None]
    first, last = list(stretches(book.rulebook))[-1]
    latest = Prover(book.program, first, last, timeout)
    tried = coverage(book, latest if solves and proofs else None)
    whole = [*unused_sources(laws), *coverage_findings(tried), *([] if solves else [unproved()])]
    for finding in whole:
        found[finding.code, finding.path, ""] = at_place(finding, root, book.rulebook.file)
    report = Report(
        rulebook=str(name),
        file=book.rulebook.file,
        digest=book.digest,
        periods=tuple(Period(period.since, period.law.balance if period.law else None) for period in book.rulebook.periods),
        findings=tuple(sorted(found.values(), key=lambda one: (-SEVERITIES.index(one.grave), one.place.line or 0, one.place.column or 0))),
        proofs=tuple(proved),
        coverage=tried,
    )
    return Checked(book, report, latest)


def stretches(rulebook: Rulebook) -> Iterator[tuple[dt.date, dt.date]]:
    """The first and the last day of each period that has a law."""
    day = dt.timedelta(days=1)
    ends = [*(period.since - day for period in rulebook.periods[1:]), rulebook.until]
    for period, end in zip(rulebook.periods, ends, strict=True):
        if period.law is not None:
            far = period.since.replace(year=min(period.since.year + YEARS, dt.MAXYEAR), month=1, day=1)
            yield period.since, min(end or far, far)


def at_place(finding: Finding, root: Located, file: str) -> Finding:
    key = len(finding.path) > 1 and finding.path[-2] in AT_KEYS
    return replace(finding, place=root.place(finding.path, file, offset=finding.offset, key=key))


def unproved() -> Finding:
    hint = "pip install 'regengine[check]'"
    return Finding("not-decided", Words(en=f"nothing was proved, since z3 is not installed: {hint}", zh=f"未安装 z3，未作任何证明：{hint}"), ())
