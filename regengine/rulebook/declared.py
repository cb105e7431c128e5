"""What a rulebook declares: names, sources, facts, registers, used rulebooks and terms."""

from __future__ import annotations

import datetime as dt
import keyword
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ..conditions import Boolean, Day, Number, Scope, Text, Type
from ..conditions.guards import unguarded
from ..conditions.tree import Share
from ..problems import nearest
from .law import Law, Steps
from .outcomes import Grants
from .parts import say
from .reading import Reading, blocks
from .registers import Effect, Fact, From, Register, Related
from .values import parse_day, places_of, window_start

__all__ = ["OWN_COLUMNS", "RESERVED", "Declarations", "fact_type", "widest"]

INSPECTION = ("ratio_at_least", "ratio_at_most", "visits_at_least", "visits_at_most", "visits_per", "every", "manner", "initiative")
ROUTE = ("path", "decision", "skip", "waive", "supplement_within", "check_after", "saved_working_days", "saved_steps", "saved_documents", "saved_visits")
OWN_COLUMNS = frozenset([
    *("facts_filled", "rejected_for", "service_path"),
    *(f"{table}_{key}" for table, keys in (("inspection", INSPECTION), ("service", Grants.model_fields), ("route", ROUTE)) for key in keys),
])  # fmt: skip
RESERVED = frozenset(
    [
        *("enterprise", "grade", "score", "graded_by", "grade_before", "as_of", "law_at", "known", "true", "false", "min", "max", "abs"),
        *("days_between", "date", "months", "days", "years", "share", "otherwise", "reject", "unknown"),
        *("tests", "inspection", "service", "warnings", "grades", "adjust", "outcomes"),
        *OWN_COLUMNS,
    ]
)
ANY_DAY = dt.date(2025, 1, 1)  # to compare spans of time by
UNBOUNDED = 10**12  # a number without declared bounds is held to this at intake
EXACT = 2**53 - 1  # the largest number up to which a column of floats holds every whole one


def widest(fact: Fact) -> Decimal:
    """What a number without declared bounds is held to: so that a column of floats still holds each of its decimal places."""
    places = fact.places or 0
    return min(Decimal(UNBOUNDED), Decimal(EXACT).scaleb(-places)) if places else Decimal(UNBOUNDED)


def fact_type(fact: Fact) -> Type:
    """The type of a fact in conditions."""
    match fact.type:
        case "boolean":
            return Boolean()
        case "date":
            return Day()
        case "code":
            return Text(None, "code")
        case "category":
            return Text(tuple(fact.values or ()))
        case _:
            low = Fraction(fact.min) if isinstance(fact.min, Decimal) else Fraction(-widest(fact))
            high = Fraction(fact.max) if isinstance(fact.max, Decimal) else Fraction(widest(fact))
            return Number(fact.places or 0, low, high)


class Declarations(Reading):
    """Reads the sections that everything else rests on."""

    def read_names(self) -> None:
        """Facts, terms, families and used rulebooks share one set of names."""
        first: dict[str, str] = {}
        for section in ("facts", "uses", "terms", "indicators"):
            for name in getattr(self.document, section):
                path: Steps = (section, name)
                if name in RESERVED or keyword.iskeyword(name):
                    self.note("name-duplicate", f"`{name}` is a reserved name", path, "choose another name", key=True)
                elif name in first:
                    self.note("name-duplicate", f"`{name}` is declared under `{first[name]}` already", path, key=True)
                first.setdefault(name, section)

    def read_sources(self) -> None:
        """What each block says of its origin, at the block itself, however many values rest on it."""
        if self.document.in_force.until and self.document.in_force.until < self.document.in_force.since:
            self.note("date-wrong", "`until` is before `from`", ("in_force", "until"))
        for path, block in blocks(self.document, ()):
            self.paths[id(block)] = path
            kind = block.basis or "published"
            if kind == "derived" and not block.note:
                self.note("note-missing", "a derived value needs a `note` that says how", (*path, "basis"))
            for index, cite in enumerate(block.cite or ()):
                name = cite.partition("#")[0]
                source = self.document.sources.get(name)
                if source is None:
                    if not self.blind & {"sources", f"sources.{name}"}:
                        self.note("citation-unknown", f"`{cite}` is not a declared source", (*path, "cite", index), nearest(name, self.document.sources))
                elif source.seen == "recalled" and kind != "illustrative":
                    self.note("citation-recalled", f"the source `{cite}` was only recalled", (*path, "cite", index), "mark the value `basis: illustrative`")

    def read_facts(self) -> None:
        for name, fact in self.document.facts.items():
            before = len(self.problems)
            self.read_fact(("facts", name), fact)
            self.facts[name] = fact_type(fact)
            if len(self.problems) > before:
                self.blind |= {name}
            else:
                self.visible[name] = self.facts[name]
            if fact.missing == "unknown":
                self.unknown.add(name)
            if fact.from_ is not None:
                self.read_from(name, fact, fact.from_)

    def read_registers(self) -> None:
        """Each register's columns, declared as facts are."""
        for name, register in self.document.registers.items():
            for column, fact in register.columns.items():
                self.read_fact(("registers", name, "columns", column), fact)
                if fact.from_ is not None:
                    self.note("value-wrong", "a column of a register is given and not worked out", ("registers", name, "columns", column, "from"))
                if fact.worse is not None:
                    self.note("value-wrong", "`worse` is said of facts, not of columns", ("registers", name, "columns", column, "worse"))
            if register.other is not None and (register.other == register.key or register.other in register.columns):
                what = "the key too" if register.other == register.key else "declared under `columns` too"
                self.note("name-duplicate", f"the other side `{register.other}` is {what}", ("registers", name, "other"), "it is read as the key is")
            if register.effect is not None:
                self.read_effect(("registers", name, "effect"), register, register.effect)

    def read_effect(self, path: Steps, register: Register, effect: Effect) -> None:
        """Every class has a longest time, and none a least time past it."""
        self.origin(path, effect)
        column = register.columns.get(effect.of)
        if column is None or column.values is None:
            self.note("name-unknown", f"`{effect.of}` is not a category column of the register", (*path, "of"), nearest(effect.of, register.columns))
            return
        for key in ("longest", "least"):
            for value, span in getattr(effect, key).items():
                if value not in column.values:
                    self.note("category-unknown", f"`{value}` is not a value of `{effect.of}`", (*path, key, value), nearest(value, column.values), key=True)
                elif span.unit == "working day":
                    self.note("value-wrong", "a time of effect counts days, months or years", (*path, key, value))
        for value in column.values:
            if value not in effect.longest:
                self.note("table-gap", f"`{value}` has no longest time of effect", (*path, "longest"))
        for value, least in effect.least.items():
            longest = effect.longest.get(value)
            if longest is not None and "working day" not in (least.unit, longest.unit) and window_start(ANY_DAY, least) < window_start(ANY_DAY, longest):
                self.note("value-wrong", f"the least time of `{value}` is past the longest", (*path, "least", value))

    def read_from(self, name: str, fact: Fact, use: From) -> None:
        """How a fact is worked out: its register, its column, its condition over the entry's columns, and its type."""
        path: Steps = ("facts", name, *use.path)
        counting = use.counting
        register = self.document.registers.get(use.register)
        if register is None:
            if not self.blind & {"registers", f"registers.{use.register}"}:
                self.note("name-unknown", f"`{use.register}` is not a declared register", path, nearest(use.register, self.document.registers))
            return
        column = register.columns.get(use.column)
        if use.column and column is None:
            self.note("name-unknown", f"`{use.column}` is not a column of `{use.register}`", (*path, use.kind), nearest(use.column, register.columns))
            return
        if use.open and register.ended is None and register.effect is None:
            self.note("value-wrong", f"`open` needs `ended` or `effect` in the register `{use.register}`", (*path, "open"))
        for span, key in ((counting.within, "within"), *((span, "weights") for span in use.weights or ())):
            if span is not None and span.unit == "working day":
                self.note("value-wrong", "a window counts days, months or years", (*path, key))
        self.read_aggregate((*path, use.kind), fact, use, column)
        if use.related is not None:
            self.read_related(path, use.related, register)
        if counting.where is not None:
            scope = Scope(
                {key: fact_type(one) for key, one in register.columns.items()},
                frozenset(key for key, one in register.columns.items() if one.missing == "unknown"),
            )
            self.condition(counting.where, (*path, "where"), scope=scope)

    def read_related(self, path: Steps, use: Related, register: Register) -> None:
        """The register must name the other side, and the fact be one that is known before any enterprise is related to another."""
        if register.other is None:
            self.note("value-wrong", f"the register `{use.by}` does not name the other side", (*path, "by"), "say with `other` which column holds it")
        fact = self.document.facts.get(use.fact)
        if fact is None:
            if not self.blind & {"facts", use.fact}:
                self.note("name-unknown", f"`{use.fact}` is not a declared fact", (*path, use.kind), nearest(use.fact, self.document.facts))
        elif fact.from_ is not None and fact.from_.related is not None:
            hint = "name a fact that is given, or worked out from entries"
            self.note("value-wrong", f"`{use.fact}` is worked out from related enterprises itself", (*path, use.kind), hint)
        elif fact.type != "boolean":
            self.note("type-mismatch", f"`{use.fact}` is not true or false", (*path, use.kind))

    def read_aggregate(self, path: Steps, fact: Fact, use: From, column: Fact | None) -> None:
        """The type that an aggregate gives must be the fact's."""
        if column is not None and column.type not in ("integer", "decimal"):
            self.note("type-mismatch", f"`{use.column}` is not a number", path)
            return
        places = (column.places or 0) if column is not None else 0
        if use.weights:
            places += max(map(places_of, use.weights.values()))
        wanted = {"any": "boolean", "latest": "date", "earliest": "date", "days_since": "integer"}.get(use.kind, "decimal" if places else "integer")
        if fact.type != wanted and not (wanted == "integer" and fact.type == "decimal"):
            self.note("type-mismatch", f"`{use.kind}` gives a fact of type `{wanted}`, not `{fact.type}`", path)
        elif places > (fact.places or 0):
            self.note("places-exceeded", f"the fact needs {places} decimal places", path)

    def read_fact(self, path: Steps, fact: Fact) -> None:
        numeric, dated = fact.type in ("integer", "decimal"), fact.type == "date"
        if (fact.type == "category") != (fact.values is not None):
            self.note("value-wrong", "`values` goes with `type: category`, and is needed there", path)
            return
        if (fact.type == "decimal") != (fact.places is not None):
            self.note("value-wrong", "`places` goes with `type: decimal`, and is needed there", path)
            return
        if fact.values and len(set(fact.values)) < len(fact.values):
            self.note("name-duplicate", "a value is listed twice", (*path, "values"))
        for word in {"reject", "unknown"} & set(fact.values or ()):
            self.note("name-duplicate", f"`{word}` has a meaning under `missing` and cannot be a value", (*path, "values"))
        if fact.worse is not None and fact.type == "code":
            self.note("value-wrong", "a code has no worse value", (*path, "worse"))
        for edge in ("min", "max"):
            bound = getattr(fact, edge)
            fits = bound is None or (isinstance(bound, Decimal) and numeric) or (isinstance(bound, dt.date) and dated)
            if not fits:
                self.note("type-mismatch", f"`{edge}` does not fit a fact of type `{fact.type}`", (*path, edge))
            elif isinstance(bound, Decimal) and places_of(bound) > (fact.places or 0):
                self.note("places-exceeded", f"`{edge}` has more decimal places than the fact", (*path, edge))
            elif isinstance(bound, Decimal) and fact.type == "decimal" and abs(bound).scaleb(fact.places or 0) > EXACT:
                hint = f"a number of {fact.places} places goes up to {widest(fact):,}"
                self.note("range-exceeded", f"`{edge}` is more than a column of numbers holds exactly", (*path, edge), hint)
        if fact.min is not None and fact.max is not None and type(fact.min) is type(fact.max) and fact.min > fact.max:
            self.note("value-wrong", "`min` is above `max`", (*path, "min"))
        elif fact.missing not in ("reject", "unknown") and (fault := self.unfit(fact.missing, fact)):
            self.note("value-wrong", f"`missing: {say(fact.missing)}` {fault}", (*path, "missing"), "write `reject`, `unknown`, or a value of the fact")

    def unfit(self, value: Any, fact: Fact) -> str | None:
        """Why a value cannot be one of the fact's, or None where it can."""
        match fact.type:
            case "boolean":
                return None if isinstance(value, bool) else "is not true or false"
            case "category":
                return None if value in (fact.values or ()) else "is not among its `values`"
            case "code":
                return None if isinstance(value, str) and value else "is not a text"
            case "date":
                try:
                    value = parse_day(value)
                except ValueError:
                    return "is not a day written as YYYY-MM-DD"
            case _:
                if isinstance(value, bool) or not isinstance(value, int | Decimal) or places_of(value) > (fact.places or 0):
                    return "is not a number of the fact's type"
        low, high = fact.min, fact.max
        if (type(low) is not type(high) and None not in (low, high)) or (low is not None and isinstance(low, dt.date) != (fact.type == "date")):
            return None
        if (low is not None and value < low) or (high is not None and value > high):
            return "is outside the fact's bounds"
        return None

    def read_uses(self) -> None:
        declared = dict(self.document.facts)
        for name, law in self.uses.items():
            self.visible[f"{name}.grade"] = Text(tuple(law.document.grades.order), "grade")
            if law.score is not None:
                self.visible[f"{name}.score"] = law.score
            for fact, other in declared_facts(law).items():
                kind = law.facts[fact]
                first = declared.setdefault(fact, other)
                days = (first.min, first.max) == (other.min, other.max) or other.type != "date"  # numbers have their bounds in their type
                if self.facts.setdefault(fact, kind) != kind or (first.type, first.missing) != (other.type, other.missing) or not days:
                    self.note("uses-clash", f"`{fact}` is declared otherwise in `{law.id}`", ("uses", name), "declare it alike in both")
                for section in ("uses", "terms", "indicators"):
                    if fact in getattr(self.document, section):
                        self.note("uses-clash", f"`{fact}` is a fact of `{law.id}`", (section, fact), "choose another name", key=True)
                if fact in law.may_be_unknown:
                    self.unknown.add(fact)

    def read_terms(self) -> None:
        for name, text in self.document.terms.items():
            node = self.condition(text, ("terms", name), None, term=True)
            if node is None:
                self.blind |= {name}
                continue
            if isinstance(node, Share) or any(unguarded(node, frozenset(self.unknown))):
                self.unknown.add(name)
            kind = Text(None, "code") if isinstance(node.type, Text) and node.type.what == "text" else node.type
            self.terms[name] = self.visible[name] = kind


def declared_facts(law: Law) -> dict[str, Fact]:
    """The facts that a law needs: its own, and those of the rulebooks it uses."""
    found: dict[str, Fact] = {}
    for used in law.uses.values():
        found |= declared_facts(used)
    return found | law.document.facts
