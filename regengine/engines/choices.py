"""A program as choices between rows, for an engine that can tell which row of comparisons holds first and nothing more.

Every step comes out as a `Result`: arithmetic over columns, one for each row of a `Choice`. All deciding is in the
choices: every comparison of the program stands in a row of one of them, and none in a result.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from ..program import expr as e
from ..program.program import Program

__all__ = ["Choice", "Comparison", "Result", "choices_of"]

MOST_WAYS = 48  # of one choice; a longer one is cut in parts, each chosen before the one that it ends in
OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
MIRRORED = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Comparison:
    """A column compared with another or with a constant."""

    column: e.Column
    op: str
    other: e.Column | e.Constant


Way = tuple[Comparison, ...]
Row = tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Rows, of which the number of the first that holds is wanted; it is `len(rows)` where none holds.

    A row holds where one of its ways does, and a way where all its comparisons do.
    """

    name: str
    rows: tuple[Row, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are compared, in order of first use."""
        sides = (side for row in self.rows for way in row for one in way for side in (one.column, one.other))
        return tuple(dict.fromkeys(side.name for side in sides if isinstance(side, e.Column)))


@dataclass(frozen=True, slots=True)
class Result:
    """A named value: that of the chosen row, or the only one where there is nothing to choose."""

    name: str
    values: tuple[e.Expr, ...]
    choice: str | None = None


def choices_of(program: Program) -> tuple[Choice | Result, ...]:
    """The program's steps as choices and results, in order of need.

    The days of the program are columns here, `day 0` and on in the order of `Program.days`; no name of a rulebook holds a
    space, so none of the names made here is one of its own.
    """
    made = Choices({day: f"day {index}" for index, day in enumerate(program.days)})
    for step in program.steps:
        made.result(step.name, step.expr)
    return tuple(made.plan)


@dataclass(slots=True)
class Choices:
    """Gathers the choices and results of a program. Choices of the same rows are made once."""

    days: dict[e.AsOf, str]
    plan: list[Choice | Result] = field(default_factory=list)
    names: dict[tuple[Row, ...], str] = field(default_factory=dict)
    parts: count[int] = field(default_factory=count)

    def result(self, name: str, expr: e.Expr) -> None:
        """Add a named value, after all that it needs."""
        match expr:
            case e.First(rows, otherwise):
                taken: list[Row] = []
                for when, _ in rows:
                    row = self.ways(when)
                    if sum(map(len, taken)) + len(row) > MOST_WAYS:
                        otherwise = e.First(rows[len(taken) :], otherwise)
                        break
                    taken.append(row)
                values = [*(value for _, value in rows[: len(taken)]), otherwise]
                made = Result(name, tuple(map(self.plain, values)), self.choice(tuple(taken)))
            case e.Compare() | e.AllOf() | e.AnyOf() | e.OneOf() | e.Negate():
                self.result(name, e.First(((expr, e.TRUE),), e.FALSE))
                return
            case _:
                made = Result(name, (self.plain(expr),))
        self.plan.append(made)

    def choice(self, rows: tuple[Row, ...]) -> str:
        if rows not in self.names:
            self.names[rows] = f"choice {len(self.names)}"
            self.plan.append(Choice(self.names[rows], rows))
        return self.names[rows]

    def part(self, expr: e.Expr) -> e.Column:
        """An expression as a column of its own."""
        name = f"part {next(self.parts)}"
        self.result(name, expr)
        return e.Column(name)

    def plain(self, expr: e.Expr) -> e.Expr:
        """A value as arithmetic over columns; whatever decides within it becomes a column."""
        match expr:
            case e.Constant() | e.Column():
                return expr
            case e.AsOf():
                return e.Column(self.days[expr])
            case e.Add(parts):
                return e.Add(tuple(map(self.plain, parts)))
            case e.Least(parts):
                return e.Least(tuple(map(self.plain, parts)))
            case e.Greatest(parts):
                return e.Greatest(tuple(map(self.plain, parts)))
            case e.Subtract(left, right):
                return e.Subtract(self.plain(left), self.plain(right))
            case e.Multiply(left, right):
                return e.Multiply(self.plain(left), self.plain(right))
            case e.Quotient(left, right):
                return e.Quotient(self.plain(left), self.plain(right))
            case _:
                return self.part(expr)

    def ways(self, condition: e.Expr) -> Row:
        """The ways in which a condition can hold."""
        match condition:
            case e.AnyOf(parts) if len(parts) > MOST_WAYS:
                return self.ways(e.AnyOf((e.AnyOf(parts[:MOST_WAYS]), e.AnyOf(parts[MOST_WAYS:]))))
            case e.AnyOf(parts):
                return tuple(map(self.way, parts))
            case e.OneOf(of, values):
                column = self.plain(of)
                return self.ways(e.AnyOf(tuple(e.Compare("==", column, e.Constant(value)) for value in values)))
            case e.Negate(of):
                return self.ways(opposite(of))
            case _:
                return (self.way(condition),)

    def way(self, condition: e.Expr) -> Way:
        """A condition as comparisons that must all hold; a part that is of another kind becomes a column."""
        match condition:
            case e.Compare(op, left, right):
                return (self.comparison(op, self.plain(left), self.plain(right)),)
            case e.AllOf(parts):
                return tuple(one for part in parts for one in self.way(part))
            case e.Negate(of):
                return self.way(opposite(of))
            case e.Column():
                return (Comparison(condition, "==", e.TRUE),)
            case _:
                return (Comparison(self.part(condition), "==", e.TRUE),)

    def comparison(self, op: str, left: e.Expr, right: e.Expr) -> Comparison:
        """Two values compared; arithmetic becomes a column."""
        if isinstance(right, e.Column) and not isinstance(left, e.Column):
            op, left, right = MIRRORED[op], right, left
        return Comparison(left if isinstance(left, e.Column) else self.part(left), op, right if isinstance(right, e.Column | e.Constant) else self.part(right))


def opposite(condition: e.Expr) -> e.Expr:
    """A condition that holds exactly where another does not, with no `Negate` at its head."""
    match condition:
        case e.Compare(op, left, right):
            return e.Compare(OPPOSITE[op], left, right)
        case e.AllOf(parts):
            return e.AnyOf(tuple(map(e.Negate, parts)))
        case e.AnyOf(parts):
            return e.AllOf(tuple(map(e.Negate, parts)))
        case e.OneOf(of, values):
            return e.AllOf(tuple(e.Compare("!=", of, e.Constant(value)) for value in values))
        case e.Negate(of):
            return of
        case _:
            return e.Compare("==", condition, e.FALSE)
