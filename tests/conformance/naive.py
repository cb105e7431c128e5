"""The naive interpreter: `docs/rulebook.md` read a second time, and done as it says.

It takes the plain YAML of a rulebook that loads, and the facts of one enterprise as Python values, and walks them from the
first section to the last with exact fractions and days. It imports nothing of regengine, proves nothing, and is in no
hurry; using a value that is unknown stops it, since a rulebook that loads never does.
"""

from __future__ import annotations

import ast
import calendar
import datetime as dt
import operator
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

__all__ = ["Answer", "Refused", "decide", "resolved"]

Plain = Mapping[str, Any]
Value = Any  # bool, Fraction, date or text; None where it is unknown
NUMBER = r"[-+]?[0-9]+(?:\.[0-9]+)?"
COMPARE: dict[type, Any] = {ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge}
COMPARE |= {ast.In: lambda one, many: one in many, ast.NotIn: lambda one, many: one not in many}
ARITHMETIC: dict[type, Any] = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}
ABOUT_A_ROW = {"when", "otherwise", "id", "label", "cite", "basis", "note"}


class Refused(Exception):
    """The enterprise is not graded; holds each fault as the rejects of a table name it."""

    def __init__(self, faults: Iterable[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = frozenset(faults)


@dataclass
class Answer:
    """What the rulebook says of one enterprise. `rules` are the ids of all rows that were hit, `reasons` those of the grade."""

    grade: str = ""
    grade_before: str = ""
    graded_by: str = ""
    score: Fraction | None = None
    points: dict[str, Fraction] = field(default_factory=dict)
    rules: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    columns: dict[str, Any] = field(default_factory=dict)
    facts_filled: int = 0


def decide(rulebook: Plain, facts: Plain, as_of: dt.date, library: Mapping[str, Plain]) -> Answer:
    """Grade one enterprise; `library` holds the rulebooks that others use, by id. Each is resolved for the day of the law."""
    declared = declared_facts(rulebook, library)
    faults: list[str] = []
    values: dict[str, Value] = {}
    for name, fact in declared.items():
        try:
            values[name] = taken(fact, facts.get(name))
        except ValueError as fault:
            faults.append(f"{fault}: {name}")
    faults += [f"fact-unknown-name: {name}" for name in facts if name not in declared and name != "enterprise"]
    if faults:
        raise Refused(faults)
    answer = Walk(rulebook, values, as_of, library).answer
    answer.facts_filled = sum(facts.get(name) is None for name in declared)
    return answer


# facts


def declared_facts(rulebook: Plain, library: Mapping[str, Plain]) -> dict[str, Plain]:
    found = dict(rulebook["facts"])
    for used in rulebook.get("uses", {}).values():
        found = {**declared_facts(library[used], library), **found}
    return found


def taken(fact: Plain, value: Any) -> Value:
    """A value of a fact, or what stands in for it; raises ValueError with the code of what is wrong."""
    if value is None:
        if fact["missing"] == "reject":
            raise ValueError("fact-missing")
        if fact["missing"] == "unknown":
            return None
        value = fact["missing"]
    match fact["type"]:
        case "integer" | "decimal":
            return number_of(fact, value)
        case "date":
            try:
                return bounded(fact, day_of(value), day_of(fact.get("min", "0001-01-01")), day_of(fact.get("max", "9999-12-31")))
            except TypeError:
                raise ValueError("fact-wrong-type") from None
        case kind if not isinstance(value, bool if kind == "boolean" else str):
            raise ValueError("fact-wrong-type")
        case "category" if value not in fact["values"]:
            raise ValueError("fact-unknown-value")
    return value


def number_of(fact: Plain, value: Any) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or (Fraction(value) * 10 ** fact.get("places", 0)).denominator != 1:
        raise ValueError("fact-wrong-type")
    places = fact.get("places", 0)
    widest = min(Fraction(10**12), Fraction(2**53 - 1, 10**places)) if places else Fraction(10**12)
    made: Fraction = bounded(fact, Fraction(value), Fraction(fact.get("min", -widest)), Fraction(fact.get("max", widest)))
    return made


def bounded(fact: Plain, value: Any, low: Any, high: Any) -> Any:
    if not low <= value <= high:
        raise ValueError("fact-out-of-range")
    return value


def day_of(value: Any) -> dt.date:
    """A day, or a text that writes one; raises TypeError for anything else."""
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise TypeError from None


# conditions


@lru_cache(maxsize=100_000)
def parsed(text: str) -> ast.expr:
    return ast.parse(text.strip().replace("\n", " "), mode="eval").body


@dataclass
class Conditions:
    """The condition language, over names whose values are known or None."""

    names: dict[str, Value]
    as_of: dt.date

    def of(self, text: Any) -> Value:
        return self.value(parsed(str(text).lower() if isinstance(text, bool) else str(text)))

    def value(self, tree: ast.expr) -> Value:
        match tree:
            case ast.BoolOp(op=ast.And(), values=parts):
                return all(self.value(part) for part in parts)
            case ast.BoolOp(values=parts):
                return any(self.value(part) for part in parts)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return not self.value(operand)
            case ast.UnaryOp(operand=operand):
                return -self.value(operand)
            case ast.BinOp(right=ast.Call(func=ast.Name(id="days" | "months" | "years" as unit), args=[ast.Constant(value=int(count))])):
                return earlier(self.as_of, count, unit)
            case ast.BinOp(left=left, op=op, right=right):
                return ARITHMETIC[type(op)](self.value(left), self.value(right))
            case ast.Compare(left=left, ops=ops, comparators=others):
                sides = [self.value(side) for side in (left, *others)]
                return all(COMPARE[type(op)](a, b) for op, a, b in zip(ops, sides, sides[1:], strict=False))
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return [self.value(part) for part in parts]
            case ast.Call(func=ast.Name(id="known"), args=[name]):
                return self.names[ast.unparse(name)] is not None
            case ast.Call(func=ast.Name(id=called), args=arguments):
                return CALLS[called](*map(self.value, arguments))
            case ast.Constant(value=bool() | str() as value):
                return value
            case ast.Constant(value=number):
                return Fraction(str(number))
            case _:
                return self.named(ast.unparse(tree))

    def named(self, name: str) -> Value:
        if name in ("true", "false"):
            return name == "true"
        value = self.as_of if name == "as_of" else self.names[name]
        assert value is not None, f"`{name}` is used while it is unknown"
        return value


def earlier(day: dt.date, count: int, unit: str) -> dt.date:
    """The day so long before `day`; a day of the month that the shorter month lacks becomes its last one."""
    if unit == "days":
        return day - dt.timedelta(count)
    year, month = divmod(day.year * 12 + day.month - 1 - count * (12 if unit == "years" else 1), 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def share(part: Fraction, whole: Fraction, places: Fraction) -> Fraction | None:
    """`round` of a fraction takes the even one of two that are equally near."""
    scale = 10 ** int(places)
    return Fraction(round(part / whole * scale), scale) if whole else None


CALLS: dict[str, Any] = {
    "min": min, "max": max, "abs": abs, "date": dt.date.fromisoformat, "share": share,
    "days_between": lambda start, end: Fraction((end - start).days),
}  # fmt: skip


def unguarded(tree: ast.AST, proved: frozenset[str] = frozenset()) -> set[str]:
    """The names that are used where no `known()` before them proves that they have a value."""
    match tree:
        case ast.Call(func=ast.Name(id="known")):
            return set()
        case ast.Name() | ast.Attribute():
            return {ast.unparse(tree)} - proved
        case ast.BoolOp(op=op, values=parts):
            found: set[str] = set()
            for part in parts:
                found |= unguarded(part, proved)
                proved |= proves(part, isinstance(op, ast.And))
            return found
        case _:
            return {name for part in ast.iter_child_nodes(tree) for name in unguarded(part, proved)}


def proves(tree: ast.AST, holds: bool) -> frozenset[str]:
    """The names that are known wherever a condition holds, or wherever it does not."""
    match tree:
        case ast.Call(func=ast.Name(id="known"), args=[name]) if holds:
            return frozenset([ast.unparse(name)])
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return proves(operand, not holds)
        case ast.BoolOp(op=op, values=parts):
            each = [proves(part, holds) for part in parts]
            return frozenset.union(*each) if isinstance(op, ast.And) == holds else frozenset.intersection(*each)
        case _:
            return frozenset()


# sections


class Walk:
    """One rulebook for one enterprise, section by section; `answer` is the result."""

    def __init__(self, rulebook: Plain, facts: Mapping[str, Value], as_of: dt.date, library: Mapping[str, Plain]) -> None:
        self.rulebook, self.answer = rulebook, Answer()
        self.order: list[str] = rulebook["grades"]["order"]
        self.conditions = Conditions(dict(facts), as_of)
        self.names = self.conditions.names
        for name, used in rulebook.get("uses", {}).items():
            theirs = Walk(library[used], facts, as_of, library).answer
            self.names |= {f"{name}.grade": theirs.grade, f"{name}.score": theirs.score}
        for name, text in rulebook.get("terms", {}).items():
            self.names[name] = self.term(text)
        for name, family in rulebook.get("indicators", {}).items():
            self.names[name] = self.answer.points[name] = self.family(name, family)
        if "score" in rulebook:
            self.names["score"] = self.answer.score = self.score(rulebook["score"])
        self.grades(rulebook["grades"])
        self.adjustments(rulebook.get("adjust", []))
        self.consequences()

    def term(self, text: Any) -> Value:
        if not isinstance(text, bool) and any(self.names.get(name, "") is None for name in unguarded(parsed(text))):
            return None
        return self.conditions.of(text)

    def first(self, table: str, rows: list[Plain]) -> Plain:
        """The first row that holds; it is hit."""
        for number, row in enumerate(rows, 1):
            if "otherwise" in row or self.conditions.of(row["when"]):
                self.hit(f"{table}.{row.get('id', 'otherwise' if 'otherwise' in row else number)}")
                return row
        raise AssertionError(f"no row of `{table}` holds")

    def hit(self, rule: str, *, reason: bool = False) -> None:
        self.answer.rules.append(rule)
        self.answer.reasons += [rule] if reason else []

    # points and score

    def family(self, name: str, family: Plain) -> Fraction:
        points = [self.item(f"{name}.{key}", item) for key, item in family["items"].items()]
        totals: dict[str, Any] = {"sum": sum, "max": max, "min": min}
        return held(totals[family.get("total", "sum")](points), family)

    def item(self, name: str, item: Plain) -> Fraction:
        if "points" in item:
            row = self.first(name, item["points"])
            points = Fraction(row["give"] if "when" in row else row["otherwise"])
        elif "bins" in item:
            of = self.conditions.of(item["bins"]["of"])
            number, cell = next((n, cell) for n, (key, cell) in enumerate(item["bins"]["table"].items(), 1) if inside(key, of))
            cell = cell if isinstance(cell, dict) else {"give": cell}
            self.hit(f"{name}.{cell.get('id', number)}")
            points = Fraction(cell["give"])
        else:
            points = held(Fraction(item["each"]["give"]) * self.conditions.of(item["each"]["of"]), item["each"])
            if points:
                self.hit(f"{name}.each")
        if points:
            self.answer.reasons.append(self.answer.rules[-1])
        self.answer.points[name] = points
        return points

    def score(self, score: Plain) -> Fraction:
        low, high = map(Fraction, score["between"])
        found: Fraction = self.conditions.of(score["is"])
        if score.get("clip"):
            return min(max(found, low), high)
        assert low <= found <= high, "the score leaves `between`"
        return found

    # the grade

    def grades(self, grades: Plain) -> None:
        if "bands" in grades:
            grade = next(grade for grade, band in grades["bands"].items() if inside(band, self.names["score"]))
            self.hit(f"grades.{grade}")
        elif grades.get("hit") == "unique":
            hold = [(number, row) for number, row in enumerate(grades["rows"], 1) if self.conditions.of(row["when"])]
            if len(hold) != 1:
                raise Refused(["row-not-unique: grades"])
            number, row = hold[0]
            self.hit(f"grades.{row.get('id', number)}")
            grade = row["grade"]
        elif "rows" in grades:
            row = self.first("grades", grades["rows"])
            grade = row["grade"] if "when" in row else row["otherwise"]
        else:
            across, down = (self.place(grades["matrix"][side]) for side in ("across", "down"))
            grade = grades["matrix"]["cells"][down][across]
            self.hit(f"grades.cell_{down + 1}_{across + 1}")
        self.answer.graded_by = self.answer.rules[-1]
        self.answer.reasons.append(self.answer.graded_by)
        self.answer.grade = self.answer.grade_before = self.names["grade"] = grade

    def place(self, side: Plain) -> int:
        values: list[Any] = side["values"]
        return values.index(self.conditions.of(side["of"]))

    def adjustments(self, rules: list[Plain]) -> None:
        for rule in rules:
            if not self.conditions.of(rule["when"]):
                continue
            self.hit(f"adjust.{rule['id']}", reason=True)
            after = self.order[self.adjusted(rule, self.order.index(self.answer.grade))]
            if after != self.answer.grade:
                self.answer.graded_by = f"adjust.{rule['id']}"
            self.answer.grade = self.names["grade"] = after
            if rule.get("final"):
                return

    def adjusted(self, rule: Plain, now: int) -> int:
        """The place in the order, from the best, to which a rule moves the grade."""
        at = self.order.index
        if "grade" in rule:
            return at(rule["grade"])
        if "at_best" in rule:
            return max(now, at(rule["at_best"]))
        if "at_worst" in rule:
            return min(now, at(rule["at_worst"]))
        if "worse_by" in rule:
            stop = at(rule["stop_at"]) if "stop_at" in rule else len(self.order) - 1
            return now if now >= stop else min(now + rule["worse_by"], stop)
        stop = at(rule["stop_at"]) if "stop_at" in rule else 0
        return now if now <= stop else max(now - rule["better_by"], stop)

    # what the grade brings

    def consequences(self) -> None:
        if "inspection" in self.rulebook:
            self.table("inspection", self.rulebook["inspection"], inspection)
        if "service" in self.rulebook:
            self.service(self.rulebook["service"]["paths"])
        for name, table in self.rulebook.get("outcomes", {}).items():
            self.table(name, table, own)
        for warning in self.rulebook.get("warnings", []):
            given = self.answer.columns[f"warning_{warning['id']}"] = self.conditions.of(warning["when"])
            if given:
                self.hit(f"warnings.{warning['id']}")

    def table(self, name: str, table: Plain, read: Any) -> None:
        if "by_grade" in table:
            rows, row = list(table["by_grade"].values()), table["by_grade"][self.answer.grade]
            self.hit(f"{name}.{self.answer.grade}")
        else:
            rows, row = table["rows"], self.first(name, table["rows"])
        self.write(name, read(row), map(read, rows))

    def service(self, paths: list[Plain]) -> None:
        offered = [path for path in paths if "otherwise" in path or self.conditions.of(path["when"])]
        for path in offered:
            self.hit(f"service.{path['id']}")
        self.answer.columns["service_path"] = offered[0]["id"] if offered else None
        self.write("service", granted(offered[0]) if offered else {}, map(granted, paths))

    def write(self, name: str, row: Plain, rows: Iterable[Plain]) -> None:
        """A column for each name that any of the rows gives a value."""
        self.answer.columns |= {f"{name}_{key}": row.get(key) for one in rows for key in one}


def held(points: Fraction, bounds: Plain) -> Fraction:
    """Points held between `at_least` and `at_most`."""
    points = max(points, Fraction(bounds["at_least"])) if "at_least" in bounds else points
    return min(points, Fraction(bounds["at_most"])) if "at_most" in bounds else points


def inside(interval: Any, number: Fraction) -> bool:
    text = str(interval).strip()
    if found := re.fullmatch(rf"([\[(])\s*({NUMBER})\s*,\s*({NUMBER})\s*([\])])", text):
        low, high = Fraction(found[2]), Fraction(found[3])
        return (low < number or (low == number and found[1] == "[")) and (number < high or (number == high and found[4] == "]"))
    if found := re.fullmatch(rf"(<=|<|>=|>)\s*({NUMBER})", text):
        compare: Any = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}[found[1]]
        return bool(compare(number, Fraction(found[2])))
    return number == Fraction(text)


# the values of a row as columns


def inspection(row: Plain) -> dict[str, Any]:
    found: dict[str, Any] = {}
    ratio, visits = bound(row.get("ratio")), bound(row.get("visits"))
    found |= {f"ratio_{edge}": float(share_of(value)) for edge, value in ratio.items()}
    found |= {f"visits_{edge}": value for edge, value in ({"per": "year"} | visits if visits else {}).items()}
    found |= {"every": span(row["every"])} if "every" in row else {}
    found |= {"manner": joined(row["manner"])} if "manner" in row else {}
    return found | ({"initiative": row["initiative"]} if "initiative" in row else {})


def bound(value: Any) -> dict[str, Any]:
    """A plain value is floor and ceiling at once."""
    return {} if value is None else dict(value) if isinstance(value, dict) else {"at_least": value, "at_most": value}


def share_of(text: Any) -> Fraction:
    return Fraction(text[:-1]) / 100 if isinstance(text, str) and text.endswith("%") else Fraction(text)


def span(text: str) -> str:
    count, _, unit = text.partition(" ")
    return f"{int(count)} {unit.removesuffix('s')}{'' if int(count) == 1 else 's'}"


def joined(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else value


def granted(path: Plain) -> dict[str, Any]:
    grants = path.get("grants", {})
    return {key: span(value) if key in ("supplement_within", "check_after") else joined(value) for key, value in grants.items()}


def own(row: Plain) -> dict[str, Any]:
    """The values of a table of the rulebook's own; an exact number becomes the nearest double."""
    return {key: float(value) if isinstance(value, Decimal) else value for key, value in row.items() if key not in ABOUT_A_ROW}


# dated values


def resolved(value: Any, law_at: dt.date) -> Any:
    """A rulebook as it holds on one day: a mapping whose keys are all days is the value from the last of them that has come."""
    if isinstance(value, dict) and value and all(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", key) for key in value):
        return resolved(value[max(day for day in value if day <= law_at.isoformat())], law_at)
    if isinstance(value, dict):
        return {key: resolved(below, law_at) for key, below in value.items()}
    return [resolved(below, law_at) for below in value] if isinstance(value, list) else value
