"""Points and score: each item's table, and the range that families and score can reach."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ..conditions import Number
from ..conditions.types import combined
from .declared import Declarations
from .law import Steps
from .model import Item
from .parts import Block
from .reading import number_text
from .values import places_of

__all__ = ["Scoring"]


class Scoring(Declarations):
    """Reads `indicators` and `score`."""

    def read_indicators(self) -> None:
        """The families, each with the range of its points."""
        self.point_places = max([0, *map(places_of, self.point_numbers())])
        for name, family in self.document.indicators.items():
            self.read_family(name, family)
        # `each` over a decimal fact may need more places than the numbers that are written
        self.families = {name: Number(self.point_places, kind.low, kind.high) for name, kind in self.families.items()}
        self.visible |= self.families

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


def bounded(low: Fraction, high: Fraction, at_least: Decimal | None, at_most: Decimal | None) -> tuple[Fraction, Fraction]:
    """A range after a floor and a ceiling."""
    for edge, pick in ((at_least, max), (at_most, min)):
        if edge is not None:
            low, high = pick(low, Fraction(edge)), pick(high, Fraction(edge))
    return low, high
