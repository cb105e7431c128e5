"""Parse and check a condition: Python's own parser reads it, a whitelist and the declared types decide.

Guarantees: nothing of the text is ever run; what is returned uses only declared names, with types that fit, exact numbers,
and ranges within 64 bits. Refuses: attribute access but `used.name`, calls but the listed ones, text over 200 characters,
expressions over 4,000 characters, 200 nodes or 20 levels, numbers with more than four decimal places.
"""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from ..problems import nearest
from .guards import unguarded
from .syntax import Fault, Refused, Syntax, shorten
from .tree import (
    Absolute,
    And,
    Arithmetic,
    AsOf,
    Compare,
    DaysBetween,
    Known,
    Literal,
    Name,
    Node,
    Not,
    OneOf,
    Or,
    Pick,
    Share,
)  # fmt: skip
from .types import Boolean, Day, Number, Scope, Text, alike, combined, describe

__all__ = ["Fault", "parse"]

MOST_TEXT, MOST_PLACES = 200, 4
LARGEST_NUMBER = 10**15
COMPARISONS = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
ARITHMETIC = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}
CALLS = ("min", "max", "abs", "known", "days_between", "date", "months", "days", "years", "share")
SEE = "see the condition language in docs/rulebook.md"
SPANS = {"days": (0, 1), "months": (1, 0), "years": (12, 0)}
MOST_SPAN = {"days": 100_000, "months": 3_600, "years": 300}  # some three hundred years


def parse(text: str, scope: Scope, *, known: frozenset[str] = frozenset(), may_be_unknown: bool = False) -> tuple[Node | None, tuple[Fault, ...]]:
    """The checked tree of `text`, or None with everything found wrong.

    `known` are names proved to be known before this text is read. With `may_be_unknown` the text is the definition of a
    term, and uses that are not guarded make the term itself one that may be unknown; they are no fault, and `share()` may
    stand at its top.
    """
    reader = Reader(text, scope, share_at_top=may_be_unknown)
    node = reader.read()
    if node is not None and not may_be_unknown:
        for name in unguarded(node, scope.unknown, known):
            reader.note(
                "unknown-unguarded",
                f"`{name.name}` may be unknown",
                f"write `known({name.name}) and ...` before it",
                name.offset,
            )
    return (None if reader.faults else node), tuple(reader.faults)


class Reader(Syntax):
    """One pass over one text: whitelist, types and limits together."""

    def __init__(self, text: str, scope: Scope, *, share_at_top: bool) -> None:
        super().__init__(text)
        self.scope = scope
        self.share_at_top = share_at_top

    def read(self) -> Node | None:
        try:
            tree = self.tree()
            self.top = tree
            return self.node(tree)
        except Refused:
            return None

    # one method for each form that the language has

    def node(self, tree: ast.expr) -> Node:
        made = self.form(tree)
        return replace(made, source=ast.get_source_segment(self.text, tree) or "", offset=self.offset(tree))

    def form(self, tree: ast.expr) -> Node:
        match tree:
            case ast.Constant():
                return self.constant(tree)
            case ast.Name():
                return self.name(tree.id, tree)
            case ast.Attribute(value=ast.Name(id=used), attr=name):
                return self.name(f"{used}.{name}", tree)
            case ast.BoolOp():
                parts = self.each(tree.values, self.boolean)
                kind = And if isinstance(tree.op, ast.And) else Or
                return kind(tuple(parts), type=Boolean())
            case ast.UnaryOp(op=ast.Not()):
                return Not(self.boolean(tree.operand), type=Boolean())
            case ast.UnaryOp(op=ast.USub()):
                return self.minus(tree)
            case ast.BinOp():
                return self.arithmetic(tree)
            case ast.Compare():
                return self.comparison(tree)
            case ast.Call(func=ast.Name(id=called), args=arguments, keywords=[]):
                return self.call(called, arguments, tree)
            case _:
                word = ast.get_source_segment(self.text, tree) or type(tree).__name__
                raise self.refuse("condition-forbidden", f"`{shorten(word)}` is not part of the condition language", SEE, tree)

    def each(self, trees: Sequence[ast.expr], read: Callable[[ast.expr], Node]) -> list[Node]:
        """Read every part, so that the faults of all are found, before giving up on any."""
        parts: list[Node] = []
        for tree in trees:
            try:
                parts.append(read(tree))
            except Refused:
                continue
        if len(parts) < len(trees):
            raise Refused
        return parts

    def constant(self, tree: ast.Constant) -> Node:
        value = tree.value
        if isinstance(value, bool):
            return Literal(value, type=Boolean())
        if isinstance(value, str):
            if len(value) > MOST_TEXT:
                raise self.refuse("condition-limit", f"a text has {len(value)} characters, the limit is {MOST_TEXT}", at=tree)
            return Literal(value, type=Text(None, "text"))
        if isinstance(value, int | float):
            return self.number(tree)
        raise self.refuse("condition-forbidden", f"`{shorten(str(value))}` is not part of the condition language", at=tree)

    def number(self, tree: ast.Constant) -> Node:
        written = ast.get_source_segment(self.text, tree) or ""
        if not all(c.isdigit() or c == "." for c in written):
            raise self.refuse("condition-forbidden", f"`{shorten(written)}` is not written as a plain number", at=tree)
        exact = Decimal(written)
        if exact > LARGEST_NUMBER:
            raise self.refuse("range-exceeded", f"`{shorten(written)}` is past {LARGEST_NUMBER:,}", at=tree)
        places = len(written.partition(".")[2].rstrip("0"))
        if places > MOST_PLACES:
            raise self.refuse("places-exceeded", f"`{written}` has {places} decimal places, the limit is {MOST_PLACES}", at=tree)
        return Literal(int(exact) if places == 0 else exact, type=Number(places, Fraction(exact), Fraction(exact)))

    def name(self, name: str, tree: ast.expr) -> Node:
        scope = self.scope
        if name in scope.names:
            return Name(name, type=scope.names[name])
        if name == "as_of":
            return AsOf(type=Day())
        if name in ("true", "false"):
            return Literal(name == "true", type=Boolean())
        if name in scope.blind or name.split(".", maxsplit=1)[0] in scope.blind:
            raise Refused
        if name in scope.later:
            raise self.refuse("name-unknown", f"`{name}` is worked out only after this place", "a section sees only the sections before it", tree)
        raise self.refuse("name-unknown", f"`{shorten(name)}` is not declared", nearest(name, [*scope.names, "as_of"]), tree)

    def of_type(self, tree: ast.expr, kind: type[Boolean | Number | Day]) -> Node:
        made = self.node(tree)
        if not isinstance(made.type, kind):
            wanted = {Boolean: "true or false", Number: "a number", Day: "a date"}[kind]
            raise self.refuse("type-mismatch", f"`{shorten(made.source)}` is {describe(made.type)}, and {wanted} is needed here", at=tree)
        return made

    def boolean(self, tree: ast.expr) -> Node:
        return self.of_type(tree, Boolean)

    def minus(self, tree: ast.UnaryOp) -> Node:
        made = self.of_type(tree.operand, Number)
        kind = made.type
        assert isinstance(kind, Number)
        turned = Number(kind.places, -kind.high, -kind.low)
        if isinstance(made, Literal) and isinstance(made.value, int | Decimal):
            return Literal(-made.value, type=turned)
        return Arithmetic("-", Literal(0, type=Number(0, Fraction(0), Fraction(0))), made, type=turned)

    def arithmetic(self, tree: ast.BinOp) -> Node:
        op = ARITHMETIC.get(type(tree.op))
        if op is None:
            word = shorten(ast.get_source_segment(self.text, tree) or "")
            hint = (
                "write a term `share(a, b, places)` for a ratio"
                if isinstance(tree.op, ast.Div | ast.FloorDiv)
                else "numbers are added, subtracted and multiplied; truths are joined by `and`, `or`"
            )
            raise self.refuse("condition-forbidden", f"`{word}` is not part of the condition language", hint, tree)
        if isinstance(tree.right, ast.Call) and isinstance(tree.right.func, ast.Name) and tree.right.func.id in SPANS:
            return self.day_before(tree, op)
        left, right = self.each([tree.left, tree.right], self.node)
        if isinstance(left.type, Day) or isinstance(right.type, Day):
            raise self.refuse("type-mismatch", "dates are not added or subtracted", "write `days_between(a, b)` or `as_of - months(12)`", tree)
        for side, made in ((tree.left, left), (tree.right, right)):
            if not isinstance(made.type, Number):
                raise self.refuse("type-mismatch", f"`{shorten(made.source)}` is {describe(made.type)}, and a number is needed here", at=side)
        assert isinstance(left.type, Number) and isinstance(right.type, Number)
        return Arithmetic(op, left, right, type=self.fitting(combined(op, left.type, right.type), tree))

    def fitting(self, kind: Number, tree: ast.expr) -> Number:
        if not kind.fits or kind.places > 2 * MOST_PLACES:
            word = shorten(ast.get_source_segment(self.text, tree) or "")
            raise self.refuse("range-exceeded", f"`{word}` could leave 64 bits", "give its facts `min` and `max`", tree)
        return kind

    def day_before(self, tree: ast.BinOp, op: str) -> Node:
        assert isinstance(tree.right, ast.Call) and isinstance(tree.right.func, ast.Name)
        called = tree.right.func.id
        if not (isinstance(tree.left, ast.Name) and tree.left.id == "as_of" and op == "-"):
            raise self.refuse(
                "type-mismatch", f"`{called}(...)` stands only in `as_of - {called}(...)`", "compare the fact with a day counted from `as_of`", tree
            )
        match tree.right.args:
            case [ast.Constant(value=int(n))] if not isinstance(n, bool) and 0 <= n <= MOST_SPAN[called] and not tree.right.keywords:
                months, days = SPANS[called]
                return AsOf(months * n, days * n, type=Day())
        raise self.refuse("type-mismatch", f"`{called}()` takes one whole number from 0 to {MOST_SPAN[called]:,}", at=tree.right)

    def comparison(self, tree: ast.Compare) -> Node:
        sides = [tree.left, *tree.comparators]
        pairs = [self.compared(left, op, right, tree) for left, op, right in zip(sides, tree.ops, sides[1:], strict=False)]
        return pairs[0] if len(pairs) == 1 else And(tuple(pairs), type=Boolean())

    def compared(self, left: ast.expr, op: ast.cmpop, right: ast.expr, tree: ast.expr) -> Node:
        sign = COMPARISONS.get(type(op))
        if sign is None:
            raise self.refuse("condition-forbidden", "`is` is not part of the condition language", "write `==`", tree)
        if sign in ("in", "not in"):
            made = self.one_of(left, right)
            return made if sign == "in" else Not(made, type=Boolean(), source=made.source)
        a, b = self.each([left, right], self.node)
        a, b = self.as_text_of(a, b, left), self.as_text_of(b, a, right)
        if not alike(a.type, b.type):
            raise self.refuse(
                "type-mismatch", f"`{shorten(a.source)}` is {describe(a.type)} and `{shorten(b.source)}` is {describe(b.type)}", self.text_hint(a, b), left
            )
        if sign not in ("==", "!=") and not isinstance(a.type, Number | Day):
            raise self.refuse("type-mismatch", f"`{shorten(a.source)}` is {describe(a.type)}, which has no order", "write `==`, `!=` or `in [...]`", left)
        if isinstance(a.type, Number) and isinstance(b.type, Number):
            self.fitting(combined("-", a.type, b.type), tree)
        whole = f"{a.source} {sign} {b.source}"
        return Compare(sign, a, b, type=Boolean(), source=whole)

    def text_hint(self, a: Node, b: Node) -> str | None:
        for one, other in ((a, b), (b, a)):
            if isinstance(one.type, Day) and isinstance(other, Literal) and isinstance(other.value, str):
                return f'write `date("{other.value}")`'
        return None

    def as_text_of(self, made: Node, other: Node, tree: ast.expr) -> Node:
        """A text literal takes the type of what it is compared with, and must be one of its values."""
        if not (isinstance(made, Literal) and isinstance(made.value, str) and isinstance(other.type, Text)):
            return made
        values = other.type.values
        if values is not None and made.value not in values:
            word = "grade" if other.type.what == "grade" else "value"
            raise self.refuse("category-unknown", f"`{shorten(made.value)}` is not a {word} of `{shorten(other.source)}`", nearest(made.value, values), tree)
        return replace(made, type=other.type)

    def one_of(self, left: ast.expr, right: ast.expr) -> Node:
        if not isinstance(right, ast.List | ast.Tuple) or not right.elts:
            raise self.refuse("condition-forbidden", "`in` is followed by a list such as `[a, b]`", at=right)
        of, *values = self.each([left, *right.elts], self.node)
        literals: list[Literal] = []
        for read, tree in zip(values, right.elts, strict=True):
            value = self.as_text_of(read, of, tree)
            if not isinstance(value, Literal):
                raise self.refuse("condition-forbidden", f"`{shorten(value.source)}` is not a fixed value", "a list holds numbers, texts or dates", tree)
            if not alike(of.type, value.type):
                raise self.refuse(
                    "type-mismatch", f"`{shorten(of.source)}` is {describe(of.type)} and `{shorten(value.source)}` is {describe(value.type)}", at=tree
                )
            literals.append(value)
        source = f"{of.source} in {ast.get_source_segment(self.text, right)}"
        return OneOf(of, tuple(literals), type=Boolean(), source=source)

    def call(self, called: str, arguments: list[ast.expr], tree: ast.Call) -> Node:
        match called, arguments:
            case "known", [ast.Name() | ast.Attribute() as argument]:
                made = self.node(argument)
                if not isinstance(made, Name):
                    raise self.refuse("type-mismatch", "`known()` takes the name of a fact", at=argument)
                return Known(made.name, type=Boolean())
            case (("min" | "max"), [_, _, *_]):
                parts = self.each(arguments, lambda part: self.of_type(part, Number))
                kinds = [part.type for part in parts if isinstance(part.type, Number)]
                pick = min if called == "min" else max
                bounds = Number(max(k.places for k in kinds), pick(k.low for k in kinds), pick(k.high for k in kinds))
                return Pick(called, tuple(parts), type=self.fitting(bounds, tree))
            case "abs", [argument]:
                made = self.of_type(argument, Number)
                assert isinstance(made.type, Number)
                low, high = made.type.low, made.type.high
                least = Fraction(0) if low <= 0 <= high else min(abs(low), abs(high))
                return Absolute(made, type=Number(made.type.places, least, max(abs(low), abs(high))))
            case "days_between", [start, end]:
                a, b = self.each([start, end], lambda part: self.of_type(part, Day))
                span = Fraction(4_000_000)
                return DaysBetween(a, b, type=Number(0, -span, span))
            case "date", [ast.Constant(value=str(written))]:
                try:
                    day = dt.date.fromisoformat(written if DAY.fullmatch(written) else "")
                except ValueError:
                    raise self.refuse("date-wrong", f"`{shorten(written)}` is not a day written as YYYY-MM-DD", at=tree) from None
                return Literal(day, type=Day())
            case "share", [part, whole, ast.Constant(value=int(places))] if not isinstance(places, bool):
                return self.share(part, whole, places, tree)
            case _ if called in SPANS:
                raise self.refuse("type-mismatch", f"`{called}()` stands only next to `as_of`", f"write `as_of - {called}(...)`", tree)
            case _ if called in CALLS:
                raise self.refuse("type-mismatch", f"`{called}()` is not called that way", SEE, tree)
        raise self.refuse("condition-forbidden", f"`{shorten(called)}()` is not part of the condition language", nearest(called, CALLS), tree)

    def share(self, part: ast.expr, whole: ast.expr, places: int, tree: ast.Call) -> Node:
        if not (self.share_at_top and tree is self.top):
            raise self.refuse("condition-forbidden", "`share()` stands alone in a term", "declare it under `terms` and guard its use with `known()`", tree)
        if not 0 <= places <= MOST_PLACES:
            raise self.refuse("places-exceeded", f"`share()` has 0 to {MOST_PLACES} places", at=tree)
        a, b = self.each([part, whole], lambda side: self.of_type(side, Number))
        assert isinstance(a.type, Number) and isinstance(b.type, Number)
        if a.type.places or b.type.places or a.type.low < 0 or b.type.low < 0:
            raise self.refuse("type-mismatch", "`share()` takes two whole numbers that are never negative", "give their facts `min: 0`", tree)
        # twice the scaled part is the largest number on the way to the rounded quotient
        self.fitting(Number(places, Fraction(0), 2 * a.type.high + b.type.high), tree)
        return Share(a, b, type=Number(places, Fraction(0), a.type.high))
