"""Whole rulebooks at random, each one that loads, and enterprises for them whose facts stand at the edges that count.

Everything is drawn from one `random.Random`, so a seed names a rulebook, and Hypothesis, given the choices, makes it smaller.
What the generator knows of an expression (places, range, what may be unknown) it works out by itself: a rulebook that does
not load is a fault of the generator, or of the loader.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from random import Random
from typing import Any

__all__ = ["AS_OF", "Generated", "generated", "people"]

AS_OF = dt.date(2026, 3, 31)  # a day that most months lack, so that windows end on their last day
LAW_DAYS = ("2020-01-01", "2026-01-01", "2026-12-01")
CATEGORIES = (["food", "drugs", "other"], ["小", "中", "大"], ["a", "b"], ["甲", "乙 丙", "丁'"])
CODES = ["none", "91410100MA0000000X", "企业", "it's", "a b"]
ORDERS = (["A", "B", "C", "D"], ["low", "high"], ["A+", "A", "B"], ["优", "良", "中", "差"], list("ABCDEFGH"))
SPANS = [("months", (0, 1, 6, 12, 24, 37)), ("days", (0, 1, 30, 365)), ("years", (1, 2, 4))]
MANY = 2  # levels of and, or, not
Plain = dict[str, Any]


@dataclass
class Known:
    """What the generator knows of a name: its type, for a number its places and range, and the names it needs to be known."""

    kind: str  # boolean, number, text, date
    text: str
    places: int = 0
    low: Fraction = Fraction(0)
    high: Fraction = Fraction(0)
    values: Sequence[str] = ()
    needs: frozenset[str] = frozenset()
    fact: str | None = None  # of a plain fact, the name under which its edges are kept
    ordered: bool = True


@dataclass
class Generated:
    """Rulebooks (the last one uses the others), and for each fact the values at which a condition turns."""

    rulebooks: list[Plain]
    edges: dict[str, set[Any]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.rulebooks[-1]["rulebook"])


def generated(draw: Random, name: str) -> Generated:
    """A rulebook `xx/NAME`, sometimes with one that it uses."""
    made = Generated([])
    used: Maker | None = None
    if draw.random() < 0.25:
        used = Maker(draw, f"{name}-used", made.edges, None)
        made.rulebooks.append(used.rulebook())
    made.rulebooks.append(Maker(draw, name, made.edges, used).rulebook())
    return made


def number_text(number: Fraction | Decimal | int) -> str:
    """An exact number as rulebooks write it."""
    found = exact(Fraction(number))
    return str(found) if isinstance(found, int) else f"{found:f}"


def exact(number: Fraction) -> Decimal | int:
    return int(number) if number.denominator == 1 else Decimal(number.numerator) / Decimal(number.denominator)


class Maker:
    """Makes one rulebook, section after section; `visible` is what a condition may name so far."""

    def __init__(self, draw: Random, name: str, edges: dict[str, set[Any]], used: Maker | None) -> None:
        self.draw, self.name, self.edges, self.used = draw, name, edges, used
        self.visible: list[Known] = []
        self.facts: dict[str, Plain] = {}
        self.order: list[str] = list(draw.choice(ORDERS))
        self.scored: tuple[Fraction, Fraction, int] | None = None
        self.clipped = False

    def chance(self, share: float) -> bool:
        return self.draw.random() < share

    def rulebook(self) -> Plain:
        made: Plain = {
            "rulebook": f"xx/{self.name}", "edition": "1", "title": "Generated", "authority": "Tests",
            "in_force": {"from": LAW_DAYS[0]}, "audience": "public", "basis": "illustrative",
        }  # fmt: skip
        if self.used is not None:
            made["uses"] = {"general": f"xx/{self.used.name}"}
        self.make_facts()
        made["facts"] = self.facts
        self.see_used()
        made["terms"] = self.terms()
        self.clipped = self.chance(0.5)  # then the points may be dated: no proof rests on their range
        made["indicators"] = self.indicators()
        if self.chance(0.85):
            made["score"] = self.score(made["indicators"])
        made["grades"] = self.grades()
        self.visible.append(Known("text", "grade", values=self.order))
        made["adjust"] = [self.adjustment(number) for number in range(self.draw.randint(0, 5))]
        if self.chance(0.7):
            made["inspection"] = self.outcome_table(self.inspection)
        if self.chance(0.6):
            made["service"] = {"paths": self.paths()}
        if self.chance(0.6):
            made["outcomes"] = {name: self.outcome_table(self.own) for name in ("licence", "fees")[: self.draw.randint(1, 2)]}
        made["warnings"] = [self.warning(number) for number in range(self.draw.randint(0, 2))]
        return {key: value for key, value in made.items() if value not in ({}, [])}

    # facts and terms

    def make_facts(self) -> None:
        makers: dict[str, Callable[[], Plain]] = {
            "boolean": lambda: {},
            "integer": lambda: self.bounds(0),
            "decimal": lambda: {"places": (places := self.draw.randint(1, 3)), **self.bounds(places)},
            "category": lambda: {"values": self.draw.choice(CATEGORIES)},
            "date": lambda: self.draw.choice([{}, {"min": "1990-02-28"}, {"min": "2000-02-29", "max": "2030-01-01"}]),
            "code": lambda: {},
        }
        # one that can always be counted stands first, and a date and a boolean are mostly there
        kinds = ["integer", "date", "boolean", *self.draw.choices(sorted(makers), k=self.draw.randint(0, 5))]
        for index, kind in enumerate(kinds):
            fact: Plain = {"type": kind, **makers[kind]()}
            fact["missing"] = self.missing(fact) if index else self.draw.choice([exact(self.range_of(fact)[0]), "reject"])
            self.declare(f"{kind[:2]}{index}" if self.used is None else f"{kind[:2]}_{index}", fact)
        if self.used is not None:
            for name in self.draw.sample(sorted(self.used.facts), self.draw.randint(0, len(self.used.facts))):
                self.declare(name, self.used.facts[name])

    def bounds(self, places: int) -> Plain:
        low = self.draw.choice([0, 0, 0, 1, -20])
        high = low + self.draw.choice([1, 3, 12, 100, 5000])
        return {"min": low, "max": exact(Fraction(high) + (Fraction(1, 10**places) if places and self.chance(0.3) else 0))}

    def missing(self, fact: Plain) -> Any:
        if self.chance(0.35):
            return "unknown"
        if self.chance(0.25):
            return "reject"
        match fact["type"]:
            case "boolean":
                return self.chance(0.5)
            case "category":
                return self.draw.choice(fact["values"])
            case "code":
                return self.draw.choice(CODES)
            case "date":
                return "2024-02-29"
        low, high = self.range_of(fact)
        return exact(self.draw.choice([low, high, low + Fraction(1, 10 ** fact.get("places", 0))]))

    def range_of(self, fact: Plain) -> tuple[Fraction, Fraction]:
        return Fraction(fact["min"]), Fraction(fact["max"])

    def declare(self, name: str, fact: Plain) -> None:
        self.facts[name] = fact
        self.edges.setdefault(name, set())
        needs = frozenset([name] if fact["missing"] == "unknown" else [])
        match fact["type"]:
            case "integer" | "decimal":
                low, high = self.range_of(fact)
                self.visible.append(Known("number", name, fact.get("places", 0), low, high, needs=needs, fact=name))
            case "category" | "code" as kind:
                self.visible.append(Known("text", name, values=fact["values"] if kind == "category" else CODES, needs=needs, fact=name))
            case kind:
                self.visible.append(Known(kind, name, needs=needs, fact=name))

    def see_used(self) -> None:
        if self.used is not None:
            self.visible.append(Known("text", "general.grade", values=self.used.order))
            if self.used.scored is not None:
                low, high, places = self.used.scored
                self.visible.append(Known("number", "general.score", places, low, high))

    def terms(self) -> Plain:
        made: Plain = {}
        for index in range(self.draw.randint(0, 4)):
            name = f"t{index}" if self.used is None else f"t_{index}"
            match self.draw.choice(["number", "number", "share", "condition", "loose", "day", "text"]):
                case "number":
                    known = self.number(2, unknown=True)
                case "share":
                    known = self.share()
                case "condition":
                    known = Known("boolean", self.condition())
                case "loose":  # a condition over names that may be unknown, without a guard
                    atom, needs = self.atom()
                    known = Known("boolean", atom, needs=needs)
                case "day":
                    known = self.draw.choice([self.day_before(), *self.of_kind("date")])
                case _:
                    known = self.draw.choice(self.of_kind("text") or [self.number(1)])
            made[name] = known.text
            needs = frozenset([name]) if known.needs or known.text.startswith("share") else frozenset()
            self.visible.append(Known(known.kind, name, known.places, known.low, known.high, known.values, needs))
        return made

    def share(self) -> Known:
        whole = [one for one in self.of_kind("number") if one.places == 0 and one.low >= 0 and one.high <= 10**6 and "." not in one.text]
        if not whole:
            return self.number(1)
        part, by = self.draw.choice(whole), self.draw.choice(whole)
        places = self.draw.randint(0, 4)
        text = self.draw.choice([part.text, f"100 * {part.text}"])
        high = part.high * (100 if "*" in text else 1)
        return Known("number", f"share({text}, {by.text}, {places})", places, Fraction(0), high, needs=part.needs | by.needs)

    def of_kind(self, kind: str, *, unknown: bool = True) -> list[Known]:
        return [one for one in self.visible if one.kind == kind and (unknown or not one.needs)]

    # numbers

    def number(self, level: int, *, unknown: bool = False) -> Known:
        """A numeric expression, with the places and the range that the loader will find."""
        if level == 0 or self.chance(0.3):
            if self.chance(0.15):
                value = self.constant(Fraction(-5), Fraction(20), self.draw.randint(0, 1))
                return Known("number", number_text(value), 0 if value.denominator == 1 else 1, value, value)
            return self.draw.choice(self.of_kind("number", unknown=unknown))
        a = self.number(level - 1, unknown=unknown)
        match self.draw.choice(["+", "-", "*", "min", "max", "abs", "minus"]):
            case "abs":
                corners = [abs(a.low), abs(a.high)]
                return Known("number", f"abs({a.text})", a.places, Fraction(0) if a.low <= 0 <= a.high else min(corners), max(corners), needs=a.needs)
            case "minus":
                return Known("number", f"-({a.text})", a.places, -a.high, -a.low, needs=a.needs)
            case "*":
                by = self.constant(Fraction(-2), Fraction(3), 1 if a.places < 3 else 0)
                corners = [a.low * by, a.high * by]
                text = f"({a.text}) * {number_text(by)}"
                return Known("number", text, a.places + (by.denominator != 1), min(corners), max(corners), needs=a.needs)
            case sign:
                b = self.number(level - 1, unknown=unknown)
                places, needs = max(a.places, b.places), a.needs | b.needs
                if sign in "+-":
                    low, high = (a.low + b.low, a.high + b.high) if sign == "+" else (a.low - b.high, a.high - b.low)
                    return Known("number", f"{a.text} {sign} ({b.text})", places, low, high, needs=needs)
                pick = min if sign == "min" else max
                return Known("number", f"{sign}({a.text}, {b.text})", places, pick(a.low, b.low), pick(a.high, b.high), needs=needs)

    def constant(self, low: Fraction, high: Fraction, places: int) -> Fraction:
        """A number in a range, often a small one or an end."""
        scale = 10**places
        first, last = ceil(low * scale), floor(high * scale)
        return Fraction(self.draw.choice([first, last, self.draw.randint(first, last), self.draw.randint(first, min(last, first + 6 * scale))]), scale)

    # conditions

    def condition(self, level: int = MANY) -> str:
        """A condition in which every use of what may be unknown is guarded."""
        if level and self.chance(0.45):
            parts = [self.condition(level - 1) for _ in range(self.draw.randint(2, 3))]
            sign = self.draw.choice([" and ", " or "])
            return sign.join(f"({part})" for part in parts)
        if level and self.chance(0.15):
            return f"not ({self.condition(level - 1)})"
        atom, needs = self.atom()
        if not needs:
            return atom
        names = sorted(needs)
        if self.chance(0.5):
            return " and ".join([*(f"known({name})" for name in names), f"({atom})"])
        return " or ".join([*(f"not known({name})" for name in names), f"({atom})"])

    def atom(self) -> tuple[str, frozenset[str]]:
        """A condition without and, or, not; and the names that it needs to be known."""
        made = getattr(self, f"about_{self.draw.choice(['boolean', 'number', 'number', 'text', 'date'])}")()
        assert isinstance(made, tuple)
        return made

    def about_boolean(self) -> tuple[str, frozenset[str]]:
        choices = self.of_kind("boolean")
        if not choices or self.chance(0.05):
            return self.draw.choice(["true", "false"]), frozenset()
        one = self.draw.choice(choices)
        return self.draw.choice([one.text, f"not {one.text}", f"{one.text} == true", f"{one.text} != false"]), one.needs

    def about_number(self) -> tuple[str, frozenset[str]]:
        one = self.number(self.draw.choice([0, 0, 0, 1, 2]), unknown=True)
        places = min(one.places + self.chance(0.2), 4)
        values = sorted(self.constant(one.low, one.high, places) for _ in range(3))
        if one.fact is not None:
            unit = Fraction(1, 10 ** self.facts[one.fact].get("places", 0)) if one.fact in self.facts else Fraction(1)
            self.edges[one.fact] |= {value + step for value in values for step in (-unit, 0, unit)}
        low, middle, high = map(number_text, values)
        sign = self.draw.choice(["==", "!=", "<", "<=", ">", ">="])
        listed = f"[{low}, {middle}, {high}]"
        other = self.number(1, unknown=True)
        return self.draw.choice([
            (f"{one.text} {sign} {middle}", one.needs),
            (f"{middle} {sign} {one.text}", one.needs),
            (f"{low} <= {one.text} < {high}", one.needs),
            (f"{one.text} {self.draw.choice(['in', 'not in'])} {listed}", one.needs),
            (f"{one.text} {sign} {other.text}", one.needs | other.needs),
        ])  # fmt: skip

    def about_text(self) -> tuple[str, frozenset[str]]:
        choices = self.of_kind("text")
        if not choices:
            return self.about_number()
        one = self.draw.choice(choices)
        if one.fact is not None:
            self.edges[one.fact] |= set(one.values)
        listed = ", ".join(f'"{value}"' for value in self.draw.sample(list(one.values), self.draw.randint(1, len(one.values))))
        value = self.draw.choice(list(one.values))
        forms = [f'{one.text} == "{value}"', f'{one.text} != "{value}"', f"{one.text} in [{listed}]", f"{one.text} not in [{listed}]"]
        return self.draw.choice(forms), one.needs

    def day_before(self) -> Known:
        unit, counts = self.draw.choice(SPANS)
        count = self.draw.choice(counts)
        return Known("date", self.draw.choice(["as_of", f"as_of - {unit}({count})"]), fact=f"{unit} {count}")

    def about_date(self) -> tuple[str, frozenset[str]]:
        choices = self.of_kind("date")
        if not choices:
            return self.about_number()
        one, edge = self.draw.choice(choices), self.day_before()
        fixed = self.draw.choice(["2024-02-29", "2025-12-31", "2026-03-31", "1999-12-31"])
        days = self.draw.choice([0, 1, 30, 365, -1])
        if one.fact is not None:
            near = [day_of(edge), dt.date.fromisoformat(fixed), AS_OF - dt.timedelta(days)]
            self.edges[one.fact] |= {day + dt.timedelta(step) for day in near for step in (-1, 0, 1)}
        other, sign = self.draw.choice(choices), self.draw.choice(["==", "!=", "<", "<=", ">", ">="])
        return self.draw.choice([
            (f"{one.text} {sign} {edge.text}", one.needs),
            (f"{one.text} {sign} {edge.text}", one.needs),
            (f'{one.text} {sign} date("{fixed}")', one.needs),
            (f"days_between({one.text}, as_of) {sign} {days}", one.needs),
            (f"days_between({one.text}, {other.text}) {sign} {days}", one.needs | other.needs),
            (f'{one.text} in [date("{fixed}"), date("2026-03-30")]', one.needs),
            (f'as_of {sign} date("{fixed}")', frozenset()),
        ])  # fmt: skip

    # points and score

    def points(self) -> Decimal | int:
        return exact(self.constant(Fraction(-10), Fraction(40), self.draw.choice([0, 0, 1, 2])))

    def dated(self, value: Any, other: Any) -> Any:
        """A value, or two of which the second holds from a later day on."""
        return {LAW_DAYS[0]: value, self.draw.choice(LAW_DAYS[1:]): other} if self.chance(0.1) else value

    def indicators(self) -> Plain:
        families: Plain = {}
        for index in range(self.draw.randint(1, 4)):
            name = f"f{index}" if self.used is None else f"f_{index}"
            family: Plain = {"items": {f"i{n}": self.item() for n in range(self.draw.randint(1, 3))}}
            if self.chance(0.5):
                family["total"] = self.draw.choice(["sum", "max", "min"])
            family |= self.held()
            families[name] = family
        ranges = {name: family_range(family) for name, family in families.items()}
        places = max(places for _, _, places in ranges.values())
        self.visible += [Known("number", name, places, low, high) for name, (low, high, _) in ranges.items()]
        return {name: self.without_ranges(family) for name, family in families.items()}

    def without_ranges(self, family: Plain) -> Plain:
        return {**family, "items": {name: {key: value for key, value in item.items() if key != "range"} for name, item in family["items"].items()}}

    def held(self) -> Plain:
        low, high = sorted((self.points(), self.points()))
        return self.draw.choice([{}, {}, {"at_least": low}, {"at_most": high}, {"at_least": low, "at_most": high}])

    def item(self) -> Plain:
        """An item, with the range and the places of its points under `range` until the family is made."""
        match self.draw.choice(["points", "points", "bins", "each"]):
            case "bins":
                of = self.number(self.draw.choice([0, 0, 1]))
                keys = self.intervals(of.low, of.high, of.places, self.draw.randint(1, 5), of.fact)
                self.draw.shuffle(keys)
                cells = {key: self.points() for key in keys}
                given = [Fraction(points) for points in cells.values()]
                table = {key: {"give": points, "id": f"b{n}"} if self.chance(0.2) else points for n, (key, points) in enumerate(cells.items())}
                return {"bins": {"of": of.text, "table": table}, "range": (min(given), max(given), max(map(places_of, given)))}
            case "each":
                of = self.number(self.draw.choice([0, 0, 1]))
                give = self.constant(Fraction(-3), Fraction(4), 1 if of.places < 4 else 0) or Fraction(1)
                held = self.held()
                corners = sorted((of.low * give, of.high * give))
                edges = [places_of(Fraction(edge)) for edge in held.values()]
                low, high = (clipped(corner, held) for corner in corners)
                return {"each": {"of": of.text, "give": exact(give), **held}, "range": (low, high, max([of.places + places_of(give), *edges]))}
        rows = self.first_rows()
        made = [{**row, "give": self.points()} for row in rows]
        for row in made:
            if self.chance(0.15):
                row["id"] = f"r{len(row['when'])}_{made.index(row)}"
        last = self.points()
        given = [Fraction(row["give"]) for row in made] + [Fraction(last)]
        places = max(map(places_of, given))
        if self.clipped:
            made = [{**row, "give": self.dated(row["give"], 0)} for row in made]
            low, high = min(0, *given), max(0, *given)
        else:
            low, high = min(given), max(given)
        return {"points": [*made, {"otherwise": last}], "range": (Fraction(low), Fraction(high), places)}

    def first_rows(self) -> list[Plain]:
        """Conditions of a table of which the first row counts; sometimes one rests on the row above it."""
        rows: list[Plain] = [{"when": self.condition()} for _ in range(self.draw.randint(1, 4))]
        atom, needs = self.atom()
        if needs and self.chance(0.4):
            rows = [*({"when": f"not known({name})"} for name in sorted(needs)), {"when": atom}, *rows]
        return rows

    def intervals(self, low: Fraction, high: Fraction, places: int, most: int, fact: str | None = None) -> list[str]:
        """Intervals that cover a range once and exactly, from the lowest on, written in all the ways there are."""
        scale = 10**places
        first, last = ceil(low * scale), floor(high * scale)
        drawn = [self.draw.choice([self.draw.randint(first, last), self.draw.randint(first, min(last, first + 10))]) for _ in range(most - 1)]
        starts = sorted({*drawn} - {first})
        if fact is not None:
            self.edges[fact] |= {Fraction(start + step, scale) for start in starts for step in (-1, 0, 1)}
        ends = [*(start - 1 for start in starts), last]
        return [self.interval(a, b, first, last, scale) for a, b in zip([first, *starts], ends, strict=True)]

    def interval(self, a: int, b: int, first: int, last: int, scale: int) -> str:
        """The scaled whole numbers from `a` to `b` as an interval."""
        at_a, before_a, at_b, after_b = (number_text(Fraction(edge, scale)) for edge in (a, a - 1, b, b + 1))
        forms = [f"[{at_a}, {at_b}]", f"[{at_a}, {after_b})", f"({before_a}, {at_b}]", f"({before_a}, {after_b})"]
        forms += [f"<= {at_b}", f"< {after_b}"] * 2 * (a == first)
        forms += [f">= {at_a}", f"> {before_a}"] * 2 * (b == last)
        return self.draw.choice([*forms, *([at_a] * 4 * (a == b))])

    def score(self, families: Plain) -> Plain:
        parts = [one for one in self.visible if one.text in families] + self.draw.sample(self.of_kind("number", unknown=False), 1)
        text, low, high, places = "", Fraction(0), Fraction(0), max(one.places for one in parts)
        for part in parts:
            by = Fraction(self.draw.choice([1, 1, 1, 2, -1])) if part.places > 3 else self.draw.choice([Fraction(1), Fraction(2), Fraction(1, 2), Fraction(-1)])
            sign, size = (" - " if by < 0 else " + ") if text else ("-" if by < 0 else ""), abs(by)
            text += sign + (part.text if size == 1 else f"{number_text(size)} * {part.text}")
            low, high = low + min(part.low * by, part.high * by), high + max(part.low * by, part.high * by)
            places = max(places, part.places + places_of(by))
        made: Plain = {"is": text, "worse": self.draw.choice(["higher", "lower"])}
        low, high = Fraction(floor(low)), Fraction(ceil(high))
        if self.clipped:
            made["clip"] = True
            low, high = low + self.draw.choice([0, 1, 5]), high - self.draw.choice([0, 1, 5])
        if low >= high:
            low, high = min(low, high) - 5, max(low, high) + 5
        made["between"] = [exact(low), exact(high)]
        self.scored = (low, high, places)
        self.visible.append(Known("number", "score", places, low, high))
        return made

    # the grade

    def grades(self) -> Plain:
        made: Plain = {"order": self.order}
        forms = ["rows", "unique", "matrix"] + ["bands"] * 4 * (self.scored is not None)
        match self.draw.choice(forms):
            case "bands":
                assert self.scored is not None
                bands = self.intervals(*self.scored, len(self.order))
                made["bands"] = dict(zip(self.draw.sample(self.order, len(bands)), bands, strict=True))
            case "rows":
                rows = [{**row, "grade": self.grade()} for row in self.first_rows()]
                made["rows"] = [*rows, {"otherwise": self.grade(), **({"id": "rest"} if self.chance(0.2) else {})}]
            case "unique":
                one, other = self.condition(), self.condition()
                made["hit"] = "unique"
                made["rows"] = [
                    {"when": one, "grade": self.grade()},
                    {"when": f"not ({one}) and ({other})", "grade": self.grade(), "id": "second"},
                    {"when": f"not ({one}) and not ({other})" if self.chance(0.6) else f"not ({other})", "grade": self.grade()},
                ]
            case _:
                across, down = self.side(), self.side()
                cells = [[self.grade() for _ in across["values"]] for _ in down["values"]]
                made["matrix"] = {"across": across, "down": down, "cells": cells}
        return made

    def grade(self) -> str:
        return self.draw.choice(self.order)

    def side(self) -> Plain:
        """One side of a matrix: a thing with a short list of values, none of them unknown."""
        short: list[tuple[str, list[Any]]] = [("true", [True, False])] if self.chance(0.05) else []
        for one in self.visible:
            if one.needs or one.values is CODES:
                continue
            if one.kind == "boolean":
                short.append((one.text, [False, True]))
            elif one.kind == "text":
                short.append((one.text, list(one.values)))
            elif one.kind == "number" and one.places == 0 and one.high - one.low <= 6:
                short.append((one.text, list(range(int(one.low), int(one.high) + 1))))
        text, values = self.draw.choice(short or [("true", [True, False])])
        return {"of": text, "values": self.draw.sample(values, len(values))}

    def adjustment(self, number: int) -> Plain:
        steps = self.draw.randint(1, 3)
        stop = {"stop_at": self.grade()} if self.chance(0.4) else {}
        form = self.draw.choice([
            {"grade": self.grade()}, {"at_best": self.grade()}, {"at_worst": self.grade()}, {"worse_by": steps, **stop}, {"better_by": steps, **stop},
        ])  # fmt: skip
        return {"id": f"a{number}", "when": self.condition(), **form, **({"final": True} if self.chance(0.2) else {})}

    # what it brings

    def outcome_table(self, row: Callable[[], Plain]) -> Plain:
        if self.chance(0.5):
            return {"by_grade": {grade: row() for grade in self.order}}
        rows = [{**one, **({"id": f"o{n}"} if self.chance(0.2) else {}), **row()} for n, one in enumerate(self.first_rows())]
        return {"rows": [*rows, {"otherwise": True, **row()}]}

    def some(self, choices: Plain) -> Plain:
        return {key: self.draw.choice(values) for key, values in choices.items() if self.chance(0.4)}

    def inspection(self) -> Plain:
        made = self.some({
            "ratio": ["2%", "2.5%", "1/3", 1, {"at_least": "1%"}, {"at_most": "50%"}, {"at_least": "1/7", "at_most": "1/3"}],
            "visits": [0, 2, {"at_least": 1}, {"at_most": 4, "per": "half-year"}, {"at_least": 1, "at_most": 2, "per": "month"}],
            "every": ["12 months", "1 year", "20 working days"],
            "manner": ["site", ["remote", "document"]],
            "initiative": ["planned", "on_trigger"],
        })  # fmt: skip
        return {key: self.dated(value, "5%" if key == "ratio" else value) for key, value in made.items()}

    def paths(self) -> list[Plain]:
        grants: Plain = {
            "decision": ["same day", "当场"], "skip": [["visit", "seal"], "visit"], "waive": [["plan"]], "visits": [0, 1], "working_days": [3],
            "supplement_within": ["30 working days"], "check_after": ["60 days", "1 month"],
        }  # fmt: skip
        made = [{"id": f"p{n}", "when": self.condition(), "grants": self.some(grants)} for n in range(self.draw.randint(1, 3))]
        return [*made, {"id": "ordinary", "otherwise": True}] if self.chance(0.6) else made

    def warning(self, number: int) -> Plain:
        when, level = self.condition(), self.draw.choice(["info", "warning", "alert"])
        return {"id": f"w{number}", "when": when, "level": level, "message": {"en": f"Warning {number}", "zh": f"预警{number}"}}

    def own(self) -> Plain:
        return self.some({"length": ["5 years", "1 year"], "fee": [0, 2, Decimal("0.5"), Decimal("1.0001")], "barred": [True, False], "seats": [3, 40]})


def family_range(family: Plain) -> tuple[Fraction, Fraction, int]:
    ranges = [item["range"] for item in family["items"].values()]
    join = {"sum": sum, "max": max, "min": min}[family.get("total", "sum")]
    low, high = (clipped(Fraction(join([one[index] for one in ranges])), family) for index in (0, 1))
    edges = [places_of(Fraction(family[key])) for key in ("at_least", "at_most") if key in family]
    return low, high, max([*(one[2] for one in ranges), *edges])


def clipped(number: Fraction, held: Plain) -> Fraction:
    number = max(number, Fraction(held["at_least"])) if "at_least" in held else number
    return min(number, Fraction(held["at_most"])) if "at_most" in held else number


def places_of(number: Fraction) -> int:
    return next(places for places in range(9) if (number * 10**places).denominator == 1)


def day_of(before: Known) -> dt.date:
    """Near the day that `as_of - ...` is; a few days off where a month is shorter, which does no harm."""
    unit, _, count = (before.fact or "days 0").partition(" ")
    days = int(count) * {"days": 1, "months": 30, "years": 365}[unit]
    return AS_OF if before.text == "as_of" else month_end(days) if unit != "days" else AS_OF - dt.timedelta(days)


def month_end(days: int) -> dt.date:
    """The last day of the month in which a day lies."""
    day = AS_OF - dt.timedelta(days + 5)
    return (day.replace(day=1) + dt.timedelta(31)).replace(day=1) - dt.timedelta(1)


# enterprises


def people(draw: Random, made: Generated, size: int) -> list[Plain]:
    """Enterprises whose facts are mostly at an edge, sometimes missing, and now and then not fit."""
    declared: Plain = {name: fact for rulebook in made.rulebooks for name, fact in rulebook["facts"].items()}
    held = {name: draw.choices(pool(draw, fact, made.edges[name]), k=size) for name, fact in declared.items()}
    return [{"enterprise": f"E{index:06}", **{name: values[index] for name, values in held.items()}} for index in range(size)]


def pool(draw: Random, fact: Plain, edges: set[Any]) -> list[Any]:
    """Values of a fact to draw from, each as often as it is to come."""
    match fact["type"]:
        case "boolean":
            good: list[Any] = [True, False] * 10
        case "category":
            good = list(fact["values"]) * 8
        case "code":
            good = [*CODES, ""] * 4
        case "date":
            low, high = (dt.date.fromisoformat(fact.get(key, end)) for key, end in (("min", "1970-01-01"), ("max", "2031-12-31")))
            days = [low, high, dt.date(2024, 2, 29), dt.date(2025, 2, 28), AS_OF, *sorted(edges)]
            good = [day for day in days if low <= day <= high] * 2 + [low + dt.timedelta(draw.randint(0, (high - low).days)) for _ in range(6)]
        case _:
            good = numbers(draw, fact, edges)
    # most enterprises can be graded: where a fact must be known, it seldom has no value
    missing = [None] * (1 if fact["missing"] == "reject" else max(1, len(good) // 6))
    good = good * max(1, 120 // len(good)) if fact["missing"] == "reject" else good
    return [*good, *missing, *unfit(fact)[: len(good) // 60]]


def numbers(draw: Random, fact: Plain, edges: set[Any]) -> list[Any]:
    low, high, places = Fraction(fact["min"]), Fraction(fact["max"]), fact.get("places", 0)
    inside = [low, high, Fraction(0), *sorted(edges), *(low + Fraction(draw.randint(0, int((high - low) * 10**places)), 10**places) for _ in range(8))]
    fitting = [value for value in inside if low <= value <= high and (value * 10**places).denominator == 1]
    return [int(value) if fact["type"] == "integer" else Decimal(str(exact(value))) for value in fitting]


def unfit(fact: Plain) -> list[Any]:
    """Values that a fact cannot have, of the type of its column."""
    match fact["type"]:
        case "category":
            return ["huge"]
        case "integer":
            return [fact["max"] + 1, fact["min"] - 1]
        case "decimal":
            return [Decimal(fact["max"]) + 1, Decimal("0.00005")]
        case "date" if "max" in fact:
            return [dt.date.fromisoformat(fact["max"]) + dt.timedelta(1)]
    return []
