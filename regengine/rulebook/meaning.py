"""What the parts of a rulebook mean together: names, types, ranges, tables without gap or overlap, citations.

Sections are read in the order in which they are evaluated, and none sees a later one; so there are no circles to look
for. All faults are collected; a `Law` comes out only where there are none.
"""

from __future__ import annotations

import datetime as dt
import keyword
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from ..conditions import Boolean, Day, Number, Scope, Text, Type, describe, parse
from ..conditions.guards import proved_false, unguarded
from ..conditions.parse import combined, shorten
from ..conditions.tree import Node, Share
from ..problems import Problem, nearest
from .law import Basis, Law, Steps
from .located import Located, dotted
from .model import Block, Document, Fact, Form, Grants, Item, say
from .values import Interval, parse_day, parse_interval, places_of

__all__ = ["fact_type", "understand"]

INSPECTION = ("ratio_at_least", "ratio_at_most", "visits_at_least", "visits_at_most", "visits_per", "every", "manner", "initiative")
OWN_COLUMNS = frozenset(
    ["facts_filled", "rejected_for", "service_path", *(f"inspection_{key}" for key in INSPECTION), *(f"service_{key}" for key in Grants.model_fields)]
)
RESERVED = frozenset(
    [
        *("enterprise", "grade", "score", "graded_by", "grade_before", "as_of", "law_at", "known", "true", "false", "min", "max", "abs"),
        *("days_between", "date", "months", "days", "years", "share", "otherwise", "reject", "unknown"),
        *("tests", "inspection", "service", "warnings", "grades", "adjust", "outcomes"),
        *OWN_COLUMNS,
    ]
)
UNBOUNDED = 10**12  # a number without declared bounds is held to this at intake


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
            low = Fraction(fact.min) if isinstance(fact.min, Decimal) else Fraction(-UNBOUNDED)
            high = Fraction(fact.max) if isinstance(fact.max, Decimal) else Fraction(UNBOUNDED)
            return Number(fact.places or 0, low, high)


def understand(
    document: Document, root: Located, file: str, *, uses: Mapping[str, Law], digest: str, since: dt.date, blind: frozenset[str] = frozenset()
) -> tuple[Law | None, tuple[Problem, ...]]:
    """The law of a document, or everything that keeps it from being one."""
    reading = Reading(document, root, file, uses, blind)
    reading.read()
    if reading.problems:
        return None, tuple(reading.problems)
    law = Law(
        document=document,
        file=file,
        digest=digest,
        conditions=MappingProxyType(reading.conditions),
        bases=MappingProxyType(reading.bases),
        facts=MappingProxyType(reading.facts),
        terms=MappingProxyType(reading.terms),
        may_be_unknown=frozenset(reading.unknown),
        point_places=reading.point_places,
        families=MappingProxyType(reading.families),
        score=reading.score,
        uses=MappingProxyType(dict(uses)),
        since=since,
    )
    return law, ()


class Reading:
    """One pass over one document."""

    def __init__(self, document: Document, root: Located, file: str, uses: Mapping[str, Law], blind: frozenset[str]) -> None:
        self.document, self.root, self.file, self.uses, self.blind = document, root, file, uses, blind
        self.problems: list[Problem] = []
        self.conditions: dict[Steps, Node] = {}
        self.bases: dict[Steps, Basis] = {}
        self.paths: dict[int, Steps] = {}  # of each block of the document
        self.facts: dict[str, Type] = {}
        self.terms: dict[str, Type] = {}
        self.unknown: set[str] = set()
        self.families: dict[str, Number] = {}
        self.score: Number | None = None
        self.visible: dict[str, Type] = {}
        self.order = tuple(document.grades.order)
        self.point_places = max([0, *map(places_of, self.point_numbers())])

    def read(self) -> None:
        self.read_names()
        self.read_sources()
        self.read_facts()
        self.read_uses()
        self.read_terms()
        for name, family in self.document.indicators.items():
            self.read_family(name, family)
        # `each` over a decimal fact may need more places than the numbers that are written
        self.families = {name: Number(self.point_places, kind.low, kind.high) for name, kind in self.families.items()}
        self.visible |= self.families
        self.read_score()
        if self.score is not None:
            self.visible["score"] = self.score
        self.read_grades()
        self.visible["grade"] = Text(self.order, "grade")
        self.read_adjust()
        self.read_outcomes()
        self.read_columns()
        self.read_cases()

    def note(self, code: str, message: str, path: Steps, hint: str | None = None, *, offset: int = 0, key: bool = False) -> None:
        self.problems.append(Problem(code, message, self.root.place(path, self.file, offset=offset, key=key), hint))

    # names and sources

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

    def later(self) -> frozenset[str]:
        """Names of this rulebook that are not visible yet."""
        own = {*self.document.facts, *self.document.terms, *self.document.indicators, "grade"} | ({"score"} if self.document.score else set())
        return frozenset(own - set(self.visible))

    def scope(self) -> Scope:
        return Scope(self.visible, frozenset(self.unknown), self.later(), self.blind)

    # conditions

    def condition(self, text: str, path: Steps, want: type | None = Boolean, *, known: frozenset[str] = frozenset(), term: bool = False) -> Node | None:
        """Check the condition at `path` and keep it; None where it is faulty."""
        node, faults = parse(text, self.scope(), known=known, may_be_unknown=term)
        for fault in faults:
            self.note(fault.code, fault.message, path, fault.hint, offset=fault.offset)
        if node is None:
            return None
        if want is not None and not isinstance(node.type, want):
            wanted = {Boolean: "true or false", Number: "a number"}.get(want, "another type")
            self.note("type-mismatch", f"`{shorten(text)}` is {describe(node.type)}, and {wanted} is needed here", path)
            return None
        self.conditions[path] = node
        return node

    def rows(self, rows: Sequence[Any], path: Steps, *, ends: bool = True, alone: bool = False) -> None:
        """A first-match table: each row is read knowing that those before it did not hold, unless it is also looked at `alone`."""
        known: frozenset[str] = frozenset()
        for index, row in enumerate(rows):
            if row.when is not None:
                node = self.condition(row.when, (*path, index, "when"), known=known)
                if node is not None and not alone:
                    known |= proved_false(node)
            elif index < len(rows) - 1:
                self.note("row-order", "no row after `otherwise` can be reached", (*path, index + 1), "move `otherwise` to the end")
        if ends and all(row.when is not None for row in rows):
            self.note("row-order", "the table does not end with `otherwise`", (*path, len(rows) - 1), "add a last row `otherwise`")

    def row_ids(self, rows: Iterable[tuple[str | int, Any]], path: Steps) -> None:
        """The ids that rows have of their own tell them from each other, and from the row `otherwise`."""
        seen: set[str] = set()
        for key, row in rows:
            if row.id == "otherwise":
                self.note("name-duplicate", "`otherwise` is a reserved name", (*path, key, "id"), "choose another name")
            elif row.id is not None:
                self.once(row.id, seen, (*path, key, "id"))

    # origins

    def origin(self, path: Steps, *blocks: Block | None) -> None:
        """The basis of the deciding value at `path`: the nearest of `blocks` (inmost first) that names one."""
        block = next((b for b in (*blocks, self.document) if b is not None and (b.cite is not None or b.basis is not None)), None)
        if block is None:
            self.note(
                "citation-missing", "this value has neither a citation nor a basis", path, "add `cite: source`, or `basis: illustrative` where it is not law"
            )
            return
        if block.basis in (None, "published") and not block.cite and id(block) in self.paths:
            at = self.paths.pop(id(block))  # once for each block, however many values rest on it
            self.note("citation-missing", "a published value needs `cite`", (*at, "basis" if block.basis else "cite"))
        self.bases[path] = Basis(block.basis or "published", tuple(block.cite or ()), block.note)

    # facts, uses, terms

    def read_facts(self) -> None:
        for name, fact in self.document.facts.items():
            before = len(self.problems)
            self.read_fact(name, fact)
            self.facts[name] = fact_type(fact)
            if len(self.problems) > before:
                self.blind |= {name}
            else:
                self.visible[name] = self.facts[name]
            if fact.missing == "unknown":
                self.unknown.add(name)
            if fact.from_ is not None:
                self.read_register_use(name, fact.from_)

    def read_register_use(self, name: str, use: dict[str, Any]) -> None:
        named = [str(use[kind]) for kind in ("count", "any", "sum", "latest", "earliest", "days_since", "max", "min") if isinstance(use.get(kind), str)]
        for register in (word.partition(".")[0] for word in named):
            if register not in self.document.registers and not self.blind & {"registers", f"registers.{register}"}:
                self.note("name-unknown", f"`{register}` is not a declared register", ("facts", name, "from"), nearest(register, self.document.registers))

    def read_fact(self, name: str, fact: Fact) -> None:
        path: Steps = ("facts", name)
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
        for edge in ("min", "max"):
            bound = getattr(fact, edge)
            fits = bound is None or (isinstance(bound, Decimal) and numeric) or (isinstance(bound, dt.date) and dated)
            if not fits:
                self.note("type-mismatch", f"`{edge}` does not fit a fact of type `{fact.type}`", (*path, edge))
            elif isinstance(bound, Decimal) and places_of(bound) > (fact.places or 0):
                self.note("places-exceeded", f"`{edge}` has more decimal places than the fact", (*path, edge))
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

    # points and score

    def point_numbers(self) -> Iterator[Decimal]:
        for family in self.document.indicators.values():
            yield from (edge for edge in (family.at_least, family.at_most) if edge is not None)
            for item in family.items.values():
                yield from (row.points for row in item.points or ())
                yield from (cell.give for cell in (item.bins.table.values() if item.bins else ()))
                if item.each:
                    yield from (edge for edge in (item.each.at_least, item.each.at_most, item.each.give) if edge is not None)

    def read_family(self, name: str, family: Any) -> None:
        path: Steps = ("indicators", name)
        ranges: list[Number] = []
        for item_name, item in family.items.items():
            found = self.read_item((*path, "items", item_name), item, family)
            if found is not None:
                ranges.append(found)
        if len(ranges) < len(family.items):
            self.blind |= {name}
            return
        lows, highs = [r.low for r in ranges], [r.high for r in ranges]
        self.bounds(family, path)
        total = {"sum": (sum(lows), sum(highs)), "max": (max(lows), max(highs)), "min": (min(lows), min(highs))}[family.total]
        low, high = bounded(Fraction(total[0]), Fraction(total[1]), family.at_least, family.at_most)
        self.families[name] = Number(self.point_places, low, high)
        if not self.families[name].fits:
            self.note("range-exceeded", f"the points of `{name}` could leave 64 bits", path)

    def bounds(self, part: Any, path: Steps) -> None:
        if part.at_least is not None and part.at_most is not None and part.at_least > part.at_most:
            self.note("value-wrong", "`at_least` is above `at_most`", (*path, "at_least"))

    def read_item(self, path: Steps, item: Item, family: Block) -> Number | None:
        """Check an item; the range of its points, or None where it is faulty."""
        before = len(self.problems)
        if item.points is not None:
            self.rows(item.points, (*path, "points"))
            self.row_ids(enumerate(item.points), (*path, "points"))
            for index, row in enumerate(item.points):
                self.origin((*path, "points", index), row, item, family)
            given = [row.points for row in item.points]
            made = Number(self.point_places, Fraction(min(given)), Fraction(max(given)))
        elif item.bins is not None:
            node = self.condition(item.bins.of, (*path, "bins", "of"), Number)
            if node is not None and isinstance(node.type, Number):
                self.read_table(item.bins.table, node.type, (*path, "bins", "table"))
            self.row_ids(item.bins.table.items(), (*path, "bins", "table"))
            for key, cell in item.bins.table.items():
                self.origin((*path, "bins", "table", key), cell, item, family)
            given = [cell.give for cell in item.bins.table.values()]
            made = Number(self.point_places, Fraction(min(given)), Fraction(max(given)))
        else:
            assert item.each is not None
            each = item.each
            self.origin((*path, "each"), item, family)
            self.bounds(each, (*path, "each"))
            node = self.condition(each.of, (*path, "each", "of"), Number)
            if node is None or not isinstance(node.type, Number):
                return None
            give = Number(places_of(each.give), Fraction(each.give), Fraction(each.give))
            product = combined("*", node.type, give)
            if not product.fits:
                self.note("range-exceeded", "the points could leave 64 bits", (*path, "each"), "give the fact `min` and `max`")
            if product.places > self.point_places:
                if product.places > 4:
                    self.note("places-exceeded", "the points would have more than four decimal places", (*path, "each"))
                self.point_places = product.places
            made = Number(self.point_places, *bounded(product.low, product.high, each.at_least, each.at_most))
        return made if len(self.problems) == before else None

    def read_table(self, keys: Iterable[str], kind: Number, path: Steps) -> None:
        """Intervals that must cover `kind`'s range once, exactly."""
        read: list[tuple[str, Interval]] = []
        for key in keys:
            try:
                read.append((key, parse_interval(key)))
            except ValueError as error:
                self.note("interval-wrong", str(error), (*path, key), "write `[a, b)`, `<= a`, or a number", key=True)
        if len(read) == len(list(keys)):
            self.cover(read, kind, path, key=True)

    def cover(self, intervals: Iterable[tuple[str, Interval]], kind: Number, path: Steps, *, key: bool = False) -> None:
        """Note each gap, overlap and empty interval over the scaled numbers of `kind`; with `key`, the intervals are the keys."""
        scale = 10**kind.places
        spans: list[tuple[int, int, str]] = []
        outside = False
        for row, interval in intervals:
            inside = interval.within(kind.places, kind.low, kind.high)
            if inside is None:
                outside = True
                reach = f"{number_text(kind.low)} to {number_text(kind.high)}"
                self.note("row-order", f"`{interval.text}` lies outside the range {reach} and is never reached", (*path, row), key=key)
            else:
                spans.append((*inside, row))
        spans.sort()
        expected = -((-kind.low * scale).__floor__())
        last = (kind.high * scale).__floor__()
        for first, end, row in spans:
            if first > expected:
                self.note("table-gap", f"no row covers {gap_text(expected, first - 1, scale)}", path)
            elif first < expected:
                self.note("table-overlap", f"{gap_text(first, min(expected - 1, end), scale)} is covered twice", (*path, row), key=key)
            expected = max(expected, end + 1)
        if expected <= last and (spans or not outside):
            self.note("table-gap", f"no row covers {gap_text(expected, last, scale)}", path)

    def read_score(self) -> None:
        score = self.document.score
        if score is None:
            return
        path: Steps = ("score",)
        node = self.condition(score.is_, (*path, "is"), Number)
        low, high = map(Fraction, score.between)
        if low >= high:
            self.note("value-wrong", "`between` goes from the lower to the higher number", (*path, "between"))
            self.blind |= {"score"}
            return
        places = max([self.point_places, *map(places_of, score.between)])
        if node is not None and isinstance(node.type, Number):
            places = max(places, node.type.places)
            if not score.clip and (node.type.low < low or node.type.high > high):
                reach = f"{number_text(node.type.low)} to {number_text(node.type.high)}"
                self.note("range-exceeded", f"the score can reach {reach}, which leaves `between`", (*path, "between"), "bound a family, or say `clip: true`")
        self.score = Number(places, low, high)
        if not self.score.fits:
            self.note("range-exceeded", "the score could leave 64 bits", (*path, "between"))

    # grades and adjustments

    def grade(self, grade: str | None, path: Steps, *, key: bool = False) -> None:
        if grade is not None and grade not in self.order:
            self.note("category-unknown", f"`{grade}` is not a grade", path, nearest(grade, self.order), key=key)

    def read_grades(self) -> None:
        grades = self.document.grades
        path: Steps = ("grades",)
        if len(set(self.order)) < len(self.order):
            self.note("name-duplicate", "a grade is listed twice", (*path, "order"))
        for grade in grades.labels:
            self.grade(grade, (*path, "labels", grade), key=True)
        if grades.bands is not None:
            for grade in grades.bands:
                self.grade(grade, (*path, "bands", grade), key=True)
                self.origin((*path, "bands", grade), grades)
            if self.document.score is None:
                if "score" not in self.blind:
                    self.note("key-missing", "`bands` need a `score`", (*path, "bands"))
            elif self.score is not None:
                self.cover(grades.bands.items(), self.score, (*path, "bands"))
        elif grades.rows is not None:
            self.rows(grades.rows, (*path, "rows"), ends=grades.hit == "first", alone=grades.hit == "unique")
            self.row_ids(enumerate(grades.rows), (*path, "rows"))
            for index, row in enumerate(grades.rows):
                self.grade(row.gives, (*path, "rows", index, "grade" if row.grade else "otherwise"))
                self.origin((*path, "rows", index), row, grades)
                if grades.hit == "unique" and row.when is None:
                    self.note("row-order", "`hit: unique` has no `otherwise`", (*path, "rows", index))
        elif grades.matrix is not None:
            self.read_matrix((*path, "matrix"))
            self.origin((*path, "matrix"), grades)

    def read_matrix(self, path: Steps) -> None:
        matrix = self.document.grades.matrix
        assert matrix is not None
        for name, side in (("across", matrix.across), ("down", matrix.down)):
            node = self.condition(side.of, (*path, name, "of"), None)
            if node is None:
                continue
            values = [v if not isinstance(v, Decimal) or v % 1 else int(v) for v in side.values]
            match node.type:
                case Text(values=known) if known is not None:
                    whole: set[object] = set(known)
                case Boolean():
                    whole = {True, False}
                case Number(places=0, low=low, high=high) if high - low < 1000:
                    whole = set(range(int(low), int(high) + 1))
                case _:
                    self.note(
                        "type-mismatch",
                        f"`{side.of}` has no short list of values",
                        (*path, name, "of"),
                        "use a category, a boolean, or a whole number with `min` and `max`",
                    )
                    continue
            before = len(self.problems)
            for index, value in enumerate(values):
                if isinstance(value, dict | list) or value not in whole or isinstance(value, bool) != isinstance(node.type, Boolean):
                    self.note(
                        "category-unknown",
                        f"`{say(value)}` is not a value of `{side.of}`",
                        (*path, name, "values", index),
                        nearest(say(value), map(say, whole)),
                    )
                elif value in values[:index]:
                    self.note("table-overlap", f"`{say(value)}` is listed twice", (*path, name, "values", index))
            missing = sorted(say(value) for value in whole if value not in values)
            if missing and len(self.problems) == before:
                self.note("table-gap", f"`{side.of}` can also be " + ", ".join(f"`{m}`" for m in missing[:8]), (*path, name, "values"))
        if len(matrix.cells) != len(matrix.down.values) or any(len(row) != len(matrix.across.values) for row in matrix.cells):
            self.note("table-gap", f"`cells` needs {len(matrix.down.values)} rows of {len(matrix.across.values)} grades", (*path, "cells"))
        for i, row in enumerate(matrix.cells):
            for j, grade in enumerate(row):
                self.grade(grade, (*path, "cells", i, j))

    def read_adjust(self) -> None:
        seen: set[str] = set()
        for index, rule in enumerate(self.document.adjust):
            path: Steps = ("adjust", index)
            self.once(rule.id, seen, (*path, "id"))
            self.condition(rule.when, (*path, "when"))
            for name in ("grade", "at_best", "at_worst", "stop_at"):
                self.grade(getattr(rule, name), (*path, name))
            self.origin(path, rule)

    def once(self, name: str, seen: set[str], path: Steps) -> None:
        if name in seen:
            self.note("name-duplicate", f"`{name}` stands twice", path)
        seen.add(name)

    # outcomes

    def read_outcomes(self) -> None:
        document = self.document
        if document.inspection is not None:
            self.read_by(document.inspection, ("inspection",))
            for kind in ("cap", "quiet", "triggers"):
                for index, block in enumerate(getattr(document.inspection, kind)):
                    self.origin(("inspection", kind, index), block, document.inspection)
            if document.inspection.team is not None:
                self.origin(("inspection", "team"), document.inspection.team, document.inspection)
            for key in ("gap", "random_floor", "result_published_within"):
                if getattr(document.inspection, key) is not None:
                    self.origin(("inspection", key), document.inspection)
        if document.service is not None:
            self.read_service()
        for name, table in document.outcomes.items():
            self.read_by(table, ("outcomes", name))
        seen: set[str] = set()
        for index, warning in enumerate(document.warnings):
            self.once(warning.id, seen, ("warnings", index, "id"))
            self.condition(warning.when, ("warnings", index, "when"))
            self.origin(("warnings", index), warning)

    def read_by(self, table: Any, path: Steps) -> None:
        """A table by grade or by rows."""
        if table.by_grade is not None:
            for grade, outcome in table.by_grade.items():
                self.grade(grade, (*path, "by_grade", grade), key=True)
                self.origin((*path, "by_grade", grade), outcome, table)
                if outcome.when is not None or outcome.otherwise is not None:
                    self.note("value-wrong", "an outcome found by its grade has no `when` and no `otherwise`", (*path, "by_grade", grade))
            for grade in self.order:
                if grade not in table.by_grade and dotted((*path, "by_grade", grade)) not in self.blind:
                    self.note("table-gap", f"the grade `{grade}` has no outcome", (*path, "by_grade"))
        else:
            self.rows(table.rows, (*path, "rows"))
            self.row_ids(enumerate(table.rows), (*path, "rows"))
            for index, outcome in enumerate(table.rows):
                self.origin((*path, "rows", index), outcome, table)
                if outcome.when is None and outcome.otherwise is None:
                    self.note("value-wrong", "a row has `when`, or `otherwise: true`", (*path, "rows", index))

    def read_service(self) -> None:
        service = self.document.service
        assert service is not None
        for name, matter in service.matters.items():
            self.origin(("service", "matters", name), matter, service)
        seen: set[str] = set()
        for index, path in enumerate(service.paths):
            at: Steps = ("service", "paths", index)
            self.once(path.id, seen, (*at, "id"))
            self.origin(at, path, service)
            for key in ("open_to", "closed_to"):
                for place, matter in enumerate(getattr(path, key) or ()):
                    if matter not in service.matters and f"service.matters.{matter}" not in self.blind:
                        self.note("name-unknown", f"`{matter}` is not a declared matter", (*at, key, place), nearest(matter, service.matters))
        self.rows(service.paths, ("service", "paths"), ends=False, alone=True)

    def read_columns(self) -> None:
        """No two columns of a decided table have one name, and none has that of a fact, beside which it stands."""
        taken = OWN_COLUMNS | set(self.facts)
        for name, table in self.document.outcomes.items():
            if name in RESERVED:
                self.note("name-duplicate", f"`{name}` is a reserved name", ("outcomes", name), "choose another name", key=True)
            rows = [*(table.by_grade or {}).values(), *(table.rows or ())]
            kinds: dict[str, set[type]] = {}
            for row in rows:
                for key, value in row.values.items():
                    kinds.setdefault(key, set()).add(int if isinstance(value, Decimal) else type(value))
            for key, found in kinds.items():
                if f"{name}_{key}" in taken:
                    self.note("name-duplicate", f"the column `{name}_{key}` is there already", ("outcomes", name), "choose another name", key=True)
                if len(found) > 1:
                    self.note("type-mismatch", f"the values of `{key}` are not all numbers, all texts, or all true or false", ("outcomes", name), key=True)
                taken |= {f"{name}_{key}"}
        for index, warning in enumerate(self.document.warnings):
            if f"warning_{warning.id}" in taken:
                self.note("name-duplicate", f"the column `warning_{warning.id}` is there already", ("warnings", index, "id"), "choose another name")

    def read_cases(self) -> None:
        seen: set[str] = set()
        for index, case in enumerate(self.document.tests):
            self.once(case.case, seen, ("tests", index, "case"))


def blocks(part: Any, path: Steps) -> Iterator[tuple[Steps, Block]]:
    """Every part of a document that may say where its values come from, with its path."""
    if isinstance(part, Block):
        yield path, part
    if isinstance(part, Form):
        for name, field in type(part).model_fields.items():
            yield from blocks(getattr(part, name), (*path, field.alias or name))
    elif isinstance(part, dict | list):
        for key, below in part.items() if isinstance(part, dict) else enumerate(part):
            yield from blocks(below, (*path, key))


def declared_facts(law: Law) -> dict[str, Fact]:
    """The facts that a law needs: its own, and those of the rulebooks it uses."""
    found: dict[str, Fact] = {}
    for used in law.uses.values():
        found |= declared_facts(used)
    return found | law.document.facts


def bounded(low: Fraction, high: Fraction, at_least: Decimal | None, at_most: Decimal | None) -> tuple[Fraction, Fraction]:
    """A range after a floor and a ceiling."""
    for edge, pick in ((at_least, max), (at_most, min)):
        if edge is not None:
            low, high = pick(low, Fraction(edge)), pick(high, Fraction(edge))
    return low, high


def number_text(number: Fraction) -> str:
    """A number as a reader writes it."""
    return str(number.numerator) if number.denominator == 1 else f"{float(number):.4f}".rstrip("0")


def gap_text(first: int, last: int, scale: int) -> str:
    """A run of scaled numbers, as a reader writes it."""
    one, other = number_text(Fraction(first, scale)), number_text(Fraction(last, scale))
    return one if first == last else f"{one} to {other}"
