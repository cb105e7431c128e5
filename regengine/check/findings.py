"""What `check` finds: a code, a place, a severity, a text in both languages, and a witness. The codes are a contract."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ..decision.trace import Shown
from ..problems import Place
from ..program.expr import Expr
from ..rulebook.facts import FactSpec
from ..rulebook.law import Steps
from ..rulebook.parts import Words
from .prover import Enterprise, Worse

__all__ = ["CODES", "SEVERITIES", "Code", "Coverage", "Finding", "Pair", "Period", "Proof", "Report", "at_or_above", "facts_text", "shown"]

SEVERITIES = ("note", "warning", "error")  # in order


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of finding: how grave it is, and what it means."""

    severity: str
    meaning: Words


def code(severity: str, en: str, zh: str) -> Code:
    return Code(severity, Words(en=en, zh=zh))


CODES: Mapping[str, Code] = MappingProxyType(
    {
        # tables and conditions
        "rows-gap": code("error", "An enterprise for which no row of a `hit: unique` table holds.", "存在不符合唯一命中表任何一行的企业。"),
        "rows-overlap": code("error", "An enterprise for which two rows of a `hit: unique` table hold.", "存在同时符合唯一命中表两行的企业。"),
        "rule-unreached": code("warning", "A row, bin, cell or entry that no enterprise reaches.", "没有企业能命中的行、区间、单元格或条目。"),
        "condition-never": code("warning", "A condition that holds for no enterprise.", "对任何企业都不成立的条件。"),
        "condition-always": code("warning", "A condition that holds for every enterprise.", "对所有企业都成立的条件。"),
        "points-idle": code("warning", "Points of an item that never change the score, the grade or what it brings.", "从不影响得分、等级及其后果的指标分值。"),
        "cap-idle": code("note", "A bound of points or of the score that never binds.", "从不起作用的上下限。"),
        "adjust-idle": code("warning", "An adjustment that applies but never changes the grade.", "会触发但从不改变等级的调整规则。"),
        # proofs
        "grade-unreached": code("error", "A grade that no enterprise can get.", "没有企业能得到的等级。"),
        "monotony-grade": code("error", "A worse value of a fact gives a better grade.", "事实变差反而得到更好的等级。"),
        "monotony-inspection": code("error", "A worse value of a fact gives fewer inspections.", "事实变差反而减少检查。"),
        "monotony-path": code("error", "A worse value of a fact opens a better service path.", "事实变差反而适用更优的办理程序。"),
        "path-closed": code("error", "A path is offered to a grade that it is closed to.", "办理程序向其排除的等级开放。"),
        "cap-below-floor": code("error", "A cap allows fewer visits than an entry demands.", "检查次数上限低于要求的最低次数。"),
        "always-broken": code("error", "An enterprise for which a condition of `always` does not hold.", "存在不满足 always 条件的企业。"),
        "not-decided": code("warning", "A question that was not decided within the time limit.", "在时限内未能判定的问题。"),
        # sources
        "source-early": code("warning", "A source that was issued after the law date.", "发布日期晚于法律适用日的依据。"),
        "source-ended": code("warning", "A source that is no longer in force at the law date.", "在法律适用日已失效的依据。"),
        "source-none": code("note", "A published or derived value without any source that is in force.", "没有现行有效依据的取值。"),
        "source-unused": code("note", "A source on which no value rests.", "没有任何取值引用的依据。"),
        # coverage
        "rules-untested": code("note", "Rules that no case ever fires.", "没有用例触发的规则。"),
        "edges-untested": code("note", "Thresholds without a case on each side.", "两侧没有用例的分界值。"),
    }
)


@dataclass(frozen=True, slots=True)
class Pair:
    """What a finding about two enterprises is about: the fact in which they differ, which way is worse, and how the worse one fares."""

    fact: FactSpec
    higher: bool
    fares: tuple[Worse, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, told once. `witness` is one enterprise for which it happens, or two.

    `claim` is what holds of the enterprises that it touches, or `pair` of those that would fare better with a worse fact; `touches` is how
    many of the real ones they are, where they were counted. `since` is the last period in which it was found.
    """

    code: str
    message: Words
    path: Steps
    offset: int = 0  # characters into the text at `path`
    place: Place = field(default_factory=Place)
    severity: str = ""
    witness: tuple[Enterprise, ...] = ()
    claim: Expr | None = None
    pair: Pair | None = None
    touches: int | None = None
    cites: tuple[str, ...] = ()
    since: dt.date | None = None

    @property
    def grave(self) -> str:
        """The severity: its own, or that of its code."""
        return self.severity or CODES[self.code].severity


@dataclass(frozen=True, slots=True)
class Proof:
    """A claim about all enterprises and how it came out: "proved", "broken" or "not decided"."""

    what: Words
    result: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many rules some case fires and how many thresholds have a case on each side, and which do not."""

    rules: int
    fired: int
    unfired: tuple[str, ...]
    edges: int
    tested: int
    untested: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Period:
    """One stretch of the law: its balance of sources."""

    since: dt.date
    balance: Mapping[str, int] | None


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in one rulebook, the gravest first; `counted` is how many real enterprises were looked at."""

    rulebook: str
    file: str
    digest: str
    periods: tuple[Period, ...]
    findings: tuple[Finding, ...]
    proofs: tuple[Proof, ...]
    coverage: Coverage | None
    counted: int | None = None

    def as_data(self) -> dict[str, Any]:
        """The report as plain data."""
        made: dict[str, Any] = {
            "rulebook": self.rulebook,
            "digest": self.digest,
            "periods": [{"since": str(period.since), "balance": dict(period.balance) if period.balance else None} for period in self.periods],
            "findings": [finding_as_data(finding) for finding in self.findings],
            "proofs": [{"claim": words(proof.what), "result": proof.result} for proof in self.proofs],
        }
        if self.coverage is not None:
            one = self.coverage
            made["coverage"] = {
                "rules": {"all": one.rules, "fired": one.fired, "unfired": list(one.unfired)},
                "edges": {"all": one.edges, "tested": one.tested, "untested": list(one.untested)},
            }
        if self.counted is not None:
            made["enterprises"] = self.counted
        return made


def finding_as_data(finding: Finding) -> dict[str, Any]:
    place = finding.place
    made: dict[str, Any] = {
        "code": finding.code,
        "severity": finding.grave,
        "message": words(finding.message),
        "place": {"file": place.file, "line": place.line, "column": place.column, "path": place.path},
        "witness": [witness_as_data(one) for one in finding.witness],
    }
    if finding.since is not None:
        made["law_from"] = str(finding.since)
    if finding.cites:
        made["cites"] = list(finding.cites)
    if finding.touches is not None:
        made["enterprises"] = finding.touches
    return made


def shown(value: Shown) -> str:
    """A value of a fact as a rulebook writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def facts_text(facts: Mapping[str, Shown]) -> str:
    """Facts in one line."""
    return ", ".join(f"{name} = {shown(value)}" for name, value in facts.items())


def witness_as_data(one: Enterprise) -> dict[str, Any]:
    facts = {name: value if isinstance(value, bool | int) else str(value) for name, value in one.facts.items()}
    return {"facts": facts, "as_of": str(one.as_of), "grade": one.grade}


def words(text: Words) -> dict[str, str]:
    return {"en": text.say("en"), "zh": text.say("zh")}


def at_or_above(findings: Iterable[Finding], severity: str) -> bool:
    """Whether any finding is as grave as `severity`, or more."""
    least = SEVERITIES.index(severity)
    return any(SEVERITIES.index(finding.grave) >= least for finding in findings)
