"""`Decision`: the result for one enterprise, with every reason, its text in both languages, and its citation.

A decision keeps the trace of its run and works out texts when they are asked for; asking never runs the rules again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

from ..program.evaluate import evaluate
from ..program.expr import AsOf
from ..program.program import BITS, Part, Program, Rule
from ..rulebook.law import Law
from ..rulebook.outcomes import InspectionOutcome, RatioBound, VisitBound
from ..rulebook.parts import Words
from ..rulebook.values import Span
from .trace import Shown, Trace, Value, exact, fact_value

if TYPE_CHECKING:
    from .nearest import Lift
    from .why_not import WhyNot

__all__ = ["Citation", "Decision", "Inspection", "Reason", "RefusedPath", "Service", "ServicePath", "Telling", "Warning_", "citations_of", "telling"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in a published text: the instrument, the article where one is named, and how good the copy was."""

    source: str
    instrument: str
    article: str | None
    seen: str
    url: str | None

    def __str__(self) -> str:
        return f"{self.instrument}, {self.article}" if self.article else self.instrument


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that made the decision what it is: the points it gave, its text, and where it comes from.

    `points` is None for rules that give no points; `basis` is "published", "derived" or "illustrative".
    """

    rule: str
    table: str
    points: int | Decimal | None
    words: Words
    basis: str
    citations: tuple[Citation, ...]

    def text(self, lang: str = "en") -> str:
        """The rule for people, in English (`en`) or Chinese (`zh`)."""
        return self.words.say(lang)


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the grade brings in inspections; what the rulebook does not say is None."""

    rule: str
    ratio: RatioBound | None
    visits: VisitBound | None
    every: Span | None
    manner: tuple[str, ...] | None
    initiative: str | None
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class ServicePath:
    """A path that the enterprise is offered, and what it grants."""

    id: str
    words: Words
    grants: Mapping[str, Any]
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class RefusedPath:
    """A path that is not offered, with each condition that failed, in the rulebook's words."""

    id: str
    words: Words
    failed: tuple[str, ...]
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """The service paths: `path` is the first whose condition holds, `offered` all of them, `refused` the others."""

    offered: tuple[ServicePath, ...]
    refused: tuple[RefusedPath, ...]

    @property
    def path(self) -> ServicePath | None:
        """The path that is taken, or None where no condition holds."""
        return self.offered[0] if self.offered else None


@dataclass(frozen=True, slots=True)
class Warning_:
    """An early warning that was given."""

    id: str
    level: str
    message: Words
    citations: tuple[Citation, ...]


def citations_of(law: Law, cites: tuple[str, ...]) -> tuple[Citation, ...]:
    """The citations of a value, with what the rulebook says of their sources."""
    made: list[Citation] = []
    for cite in cites:
        name, _, article = cite.partition("#")
        source = law.document.sources[name]
        made.append(Citation(name, source.instrument, article or None, source.seen, source.url))
    return tuple(made)


@dataclass(frozen=True, slots=True)
class Telling:
    """How the reasons of a program are read from its trace.

    `words` has, for each reason column, its place in the trace and the bits of the rules that can be a reason for a
    grade; `reasons` has the reason for each rule by its bit, None where its points vary.
    """

    words: tuple[tuple[int, int], ...]
    reasons: tuple[Reason | None, ...]


def telling(program: Program, place: Mapping[str, int]) -> Telling:
    """Work out once what the reasons of a program's decisions are read from."""
    masks = [0] * program.words
    for rule in program.rules:
        if rule.table in ("grade", "adjust") or (rule.table == "points" and rule.gives != 0):
            masks[rule.word - 1] |= rule.mask
    words = tuple((place[f"reasons.{index + 1}"], mask) for index, mask in enumerate(masks))
    varies = [rule.table == "points" and rule.gives is None for rule in program.rules]
    return Telling(words, tuple(None if vary else reason_of(program.law, rule, rule.gives) for rule, vary in zip(program.rules, varies, strict=True)))


def reason_of(law: Law, rule: Rule, points: int | None) -> Reason:
    """A rule as a reason, with its points (scaled) where it gives any."""
    shown = exact(points, law.point_places) if rule.table == "points" and points is not None else None
    return Reason(rule.id, rule.table, shown, rule.label, rule.basis.kind, citations_of(law, rule.basis.cites))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Decision:
    """The result for one enterprise under one law, with the facts of one day.

    `law_at` is the day whose law was applied, `as_of` the day whose facts were looked at. `filled` are the facts without
    a value that took the one their rulebook names, `unknown` those that stayed unknown.
    """

    enterprise: str | None
    law_at: dt.date
    as_of: dt.date
    filled: tuple[str, ...]
    unknown: tuple[str, ...]
    program: Program
    trace: Trace
    days: Mapping[AsOf, int]
    told: Telling
    run: Callable[..., tuple[Value, ...]]

    def __repr__(self) -> str:
        return f"<Decision {self.enterprise or '-'}: {self.grade} by {self.graded_by}, {self.law.id} at {self.law_at}>"

    # what came out

    @property
    def law(self) -> Law:
        """The law that was applied."""
        return self.program.law

    @property
    def rulebook(self) -> str:
        """The id of the rulebook."""
        return self.law.id

    @property
    def edition(self) -> str:
        """The edition of the rulebook's encoding."""
        return self.law.document.edition

    @property
    def digest(self) -> str:
        """SHA-256 of the exact text that decided."""
        return self.law.digest

    @property
    def order(self) -> tuple[str, ...]:
        """The grades, best first."""
        return tuple(self.law.document.grades.order)

    @property
    def grade(self) -> str:
        """The grade after adjustments."""
        return self.law.document.grades.order[self.trace.number(self.program.grade_steps[-1])]

    @property
    def grade_before(self) -> str:
        """The grade before adjustments."""
        return self.law.document.grades.order[self.trace.number(self.program.grade_steps[0])]

    @property
    def graded_by(self) -> str:
        """The id of the rule that last changed the grade: the grade row where no adjustment did."""
        return str(self.columns(["graded_by"])["graded_by"])

    @property
    def score(self) -> int | Decimal | None:
        """The score, exact; None where the rulebook has none."""
        return None if self.law.score is None else exact(self.trace.number("score"), self.law.score.places)

    @property
    def families(self) -> dict[str, int | Decimal]:
        """The points of each family, exact."""
        return {name: exact(self.trace.number(f"family.{name}"), self.law.point_places) for name in self.law.families}

    @property
    def facts(self) -> dict[str, Shown | None]:
        """Every fact as the program saw it; None where it is unknown."""
        return {
            spec.name: None if spec.name in self.unknown else fact_value(spec, self.trace[f"fact.{spec.name}"]) for spec in self.program.facts
        }  # fmt: skip

    def columns(self, names: list[str] | None = None) -> dict[str, int | float | str | bool | None]:
        """The decision as a row of a decided table has it (see `docs/columns.md`); `names` picks some of its columns."""
        row: dict[str, int | float | str | bool | None] = {}
        for output in self.program.outputs:
            if names is not None and output.name not in names:
                continue
            value = self.trace[output.of]
            if output.values is not None:
                row[output.name] = output.values[int(value)]
            else:
                row[output.name] = int(value) / 10**output.places if output.places else value
        return row

    # why

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every row that was hit, of all tables, in the rulebook's order."""
        return tuple(rule for rule in self.program.rules if self.trace.number(f"reasons.{rule.word}") & rule.mask)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The rules that made the grade: those that gave points, the grade row, and the adjustments that held."""
        found: list[Reason] = []
        values, told = self.trace.values_, self.told
        for word, (place, mask) in enumerate(told.words):
            bits = cast(int, values[place]) & mask
            while bits:
                low = bits & -bits
                bits ^= low
                reason = told.reasons[word * BITS + low.bit_length() - 1]
                found.append(reason if reason is not None else self.counted(self.program.rules[word * BITS + low.bit_length() - 1]))
        return tuple(found)

    def counted(self, rule: Rule) -> Reason:
        """A rule whose points vary, as a reason of this decision."""
        return reason_of(self.law, rule, self.trace.number(str(rule.points_step)))

    @property
    def warnings(self) -> tuple[Warning_, ...]:
        """The early warnings that hold."""
        hit = {rule.id: rule for rule in self.rules if rule.table == "warning"}
        return tuple(
            Warning_(one.id, one.level, one.message, citations_of(self.law, hit[f"warnings.{one.id}"].basis.cites))
            for one in self.law.document.warnings
            if f"warnings.{one.id}" in hit
        )

    # what it brings

    @property
    def inspection(self) -> Inspection | None:
        """The inspection outcome; None where the rulebook has none."""
        table = self.law.document.inspection
        if table is None:
            return None
        rule = next(rule for rule in self.rules if rule.table == "inspection")
        outcome: InspectionOutcome
        if table.by_grade is not None:
            outcome = table.by_grade[self.grade]
        else:
            assert table.rows is not None
            outcome = table.rows[self.trace.number("row.inspection")]
        manner = None if outcome.manner is None else tuple(outcome.manner)
        cites = citations_of(self.law, rule.basis.cites)
        return Inspection(rule.id, outcome.ratio, outcome.visits, outcome.every, manner, outcome.initiative, cites)

    @property
    def service(self) -> Service:
        """The service paths offered and refused; both empty where the rulebook has none."""
        section = self.law.document.service
        if section is None:
            return Service((), ())
        by_id = {rule.id: rule for rule in self.program.rules if rule.table == "service"}
        offered: list[ServicePath] = []
        refused: list[RefusedPath] = []
        for path in section.paths:
            rule = by_id[f"service.{path.id}"]
            cites = citations_of(self.law, rule.basis.cites)
            if rule.holds_step is None or self.trace[rule.holds_step]:
                grants = path.grants.model_dump(exclude_none=True) if path.grants else {}
                offered.append(ServicePath(path.id, rule.label, grants, cites))
            else:
                failed = tuple(part.text for part in self.failed(rule))
                refused.append(RefusedPath(path.id, rule.label, failed, cites))
        return Service(tuple(offered), tuple(refused))

    def failed(self, rule: Rule) -> tuple[Part, ...]:
        """The parts of a rule's condition that do not hold."""
        return tuple(part for part in rule.parts if not evaluate(part.expr, self.trace, self.days))

    # why not better

    def why_not(self, grade: str | None = None) -> tuple[WhyNot, ...]:
        """For each grade better than this one (or only for `grade`): what stands in its way, and by how much."""
        from .why_not import why_not

        return why_not(self, grade)

    def nearest_better(self) -> Lift:
        """The smallest change of changeable facts that would lift the grade, within a bound that is said."""
        from .nearest import nearest_better

        return nearest_better(self)

    def as_dict(self, lang: str | None = None) -> dict[str, Any]:
        """The whole decision as plain data for JSON; texts in `lang`, or in both languages as `{en, zh}`."""
        names = ("enterprise", "grade", "grade_before", "graded_by", "score", "families", "reasons", "inspection", "service", "warnings", "filled", "unknown")
        made = {name: plain(getattr(self, name), lang) for name in names}
        own = {output.name for output in self.program.outputs}
        made["outcomes"] = {f"{name}_{key}": value for name in self.law.document.outcomes for key, value in self.outcome(name, own).items()}
        made["law_at"], made["as_of"] = str(self.law_at), str(self.as_of)
        made["rulebook"] = {"id": self.rulebook, "edition": self.edition, "digest": self.digest, "audience": self.law.document.audience}
        return made

    def outcome(self, name: str, own: set[str] | None = None) -> dict[str, Any]:
        """The values of one of the rulebook's own outcome tables."""
        own = own or {output.name for output in self.program.outputs}
        wanted = [column for column in own if column.startswith(f"{name}_")]
        return {column.removeprefix(f"{name}_"): value for column, value in self.columns(wanted).items()}


def plain(value: Any, lang: str | None) -> Any:
    """Any part of a decision as JSON data."""
    if isinstance(value, Words):
        return value.say(lang) if lang else {"en": value.say("en"), "zh": value.say("zh")}
    if isinstance(value, RatioBound | VisitBound):
        return {key: plain(getattr(value, key), lang) for key in type(value).model_fields if getattr(value, key) is not None}
    if is_dataclass(value) and not isinstance(value, type | Span):
        return {field.name: plain(getattr(value, field.name), lang) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(below, lang) for key, below in value.items()}
    if isinstance(value, tuple | list):
        return [plain(below, lang) for below in value]
    if isinstance(value, Fraction):
        return ratio_text(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dt.date | Span):
        return str(value)
    return cast(Any, value)


def ratio_text(ratio: Fraction) -> str:
    """A ratio as it is written: a percentage where that is exact, else a fraction."""
    percent = ratio * 100
    return f"{percent.numerator}%" if percent.denominator == 1 else f"{float(percent):g}%" if Fraction(f"{float(percent):g}") == percent else str(ratio)
