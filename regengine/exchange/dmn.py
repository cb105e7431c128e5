"""A rulebook as a DMN 1.5 model: the compiled program, from the facts to the grade, as decisions that other tools read.

Each step of the program that the grade rests on is one decision: a decision table with hit policy FIRST where it picks the first row
that holds and its columns are names, which is all that some tools read; a literal expression in FEEL otherwise. So the model says what
runs, and nothing else. Numbers come in with their decimal places, and are whole numbers inside, as in the program. Days are counted from
1970-01-01, and the days that depend on `as_of` are inputs of their own. What a grade brings is not in the model.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as Xml

from ..book import Book
from ..program.expr import (
    Add,
    AllOf,
    AnyOf,
    AsOf,
    Column,
    Compare,
    Constant,
    Expr,
    First,
    Greatest,
    Least,
    Multiply,
    Negate,
    OneOf,
    Quotient,
    Subtract,
    walk,
)  # fmt: skip
from ..program.program import Program, Step

__all__ = ["GRADE", "Made", "day_name", "to_dmn"]

NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"
GRADE = "grade"  # the decision on top
KINDS = {"boolean": "boolean", "integer": "number", "text": "string"}
FACTS = {"boolean": "boolean", "integer": "number", "decimal": "number", "date": "number", "category": "string", "code": "string"}


@dataclass(frozen=True, slots=True)
class Made:
    """A DMN file: its text, how many inputs and decisions it has, and the name in the model of each input of the program."""

    text: str
    inputs: int
    decisions: int
    names: Mapping[str, str]


def to_dmn(book: Book, lang: str = "en") -> Made:
    """The law of a book as a DMN file; labels are in `lang`."""
    return Model(book, lang).made()


def day_name(day: AsOf) -> str:
    """The input that holds a day which depends on `as_of`, such as `as_of_less_24_months`."""
    parts = [f"{count}_{unit}" for count, unit in ((day.months, "months"), (day.days, "days")) if count]
    return "_less_".join(["as_of", *parts])


class Model:
    """The elements of one model."""

    def __init__(self, book: Book, lang: str) -> None:
        self.book, self.lang, self.program = book, lang, book.program
        self.facts = {f"fact.{fact.name}": fact for fact in self.program.facts}
        self.steps = needed(self.program)
        self.scaled = {name: f"scaled.{fact.name}" for name, fact in self.facts.items() if fact.places}
        names = [
            GRADE,
            *self.facts,
            *(name for name in self.program.inputs if name not in self.facts),
            *self.scaled.values(),
            *(step.name for step in self.steps),
        ]
        self.names = distinct(names)
        self.labels = {rule.holds_step: rule.label.say(lang) for rule in self.program.rules if rule.holds_step}

    def made(self) -> Made:
        """The whole file."""
        law = self.book.law
        root = Xml.Element("definitions", {"xmlns": NAMESPACE, "id": "rulebook", "name": law.id, "namespace": f"urn:regengine:{law.digest}"})
        add(root, "description").text = f"{law.document.title.say(self.lang)}; {law.id}, edition {law.document.edition}, digest {law.digest}"
        expressions = [part for step in self.steps for part in walk(step.expr)]
        for name in dict.fromkeys(self.input_of(part) for part in expressions if isinstance(part, Column | AsOf)):
            if name is not None:
                self.input_data(root, name)
        for name, scaled in self.scaled.items():
            if any(part == Column(name) for part in expressions):
                made = self.head(root, self.names[scaled], None, "number", [name])
                add(add(made, "literalExpression", id=f"expression_{self.names[scaled]}"), "text").text = self.whole(name)
        for step in self.steps:
            self.decision(root, step)
        self.top(root)
        Xml.indent(root)
        text = f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(root, encoding="unicode")}\n'
        read = {name: self.names[name] for name in self.program.inputs}
        return Made(text, len(root.findall("inputData")), len(root.findall("decision")), read)

    def input_of(self, part: Column | AsOf) -> str | AsOf | None:
        """The input that an expression reads, None where it reads another step."""
        if isinstance(part, AsOf):
            return part
        return part.name if part.name.startswith(("fact.", "known.")) and part.name in self.program.inputs else None

    def input_data(self, root: Xml.Element, name: str | AsOf) -> None:
        """A fact, whether a fact is known, or a day."""
        shown = self.name(name)
        made = add(root, "inputData", id=f"input_{shown}", name=shown)
        kind = "number"
        if isinstance(name, str):
            fact = self.facts.get(name)
            kind = FACTS[fact.type] if fact is not None else "boolean"
            label = self.book.law.document.facts.get(name.partition(".")[2])
            if fact is not None and label is not None and label.label is not None:
                made.set("label", label.label.say(self.lang))
        add(made, "variable", id=f"variable_{shown}", name=shown, typeRef=kind)

    def name(self, name: str | AsOf) -> str:
        return day_name(name) if isinstance(name, AsOf) else self.names[name]

    def decision(self, root: Xml.Element, step: Step) -> None:
        """A step as a decision with what it requires."""
        shown = self.names[step.name]
        made = self.head(root, shown, self.labels.get(step.name), KINDS[step.type], self.reads(step.expr))
        if isinstance(step.expr, First) and all(map(re.compile(r"\w+").fullmatch, inputs_of(step.expr, self.feel))):
            table(made, shown, step.expr, KINDS[step.type], self.feel)
        else:
            add(add(made, "literalExpression", id=f"expression_{shown}"), "text").text = self.feel(step.expr)

    def head(self, root: Xml.Element, shown: str, label: str | None, kind: str, reads: list[str | AsOf]) -> Xml.Element:
        """A decision without its logic: its name, and the inputs and decisions that it requires."""
        made = add(root, "decision", id=f"decision_{shown}", name=shown)
        if label:
            made.set("label", label)
        add(made, "variable", id=f"variable_{shown}", name=shown, typeRef=kind)
        for name in reads:
            need = add(made, "informationRequirement", id=f"need_{shown}_{self.name(name)}")
            if isinstance(name, AsOf) or name in self.program.inputs:
                add(need, "requiredInput", href=f"#input_{self.name(name)}")
            else:
                add(need, "requiredDecision", href=f"#decision_{self.name(name)}")
        return made

    def reads(self, expr: Expr) -> list[str | AsOf]:
        """What an expression reads, each once: days, inputs and steps, and numbers with decimals as whole ones."""
        parts = (part for part in walk(expr) if isinstance(part, Column | AsOf))
        return list(dict.fromkeys(part if isinstance(part, AsOf) else self.scaled.get(part.name, part.name) for part in parts))

    def whole(self, name: str) -> str:
        """A number with decimals as the whole number that a program holds; `decimal` mends what binary numbers would do to it."""
        return f"decimal({self.names[name]} * {10 ** self.facts[name].places}, 0)"

    def top(self, root: Xml.Element) -> None:
        """The grade by its name."""
        order = self.book.law.document.grades.order
        rank = Column(self.program.grade_steps[-1])
        rows = tuple((Compare("==", rank, Constant(number)), Constant(grade)) for number, grade in enumerate(order[:-1]))
        expr = First(rows, Constant(order[-1]))
        label = "等级" if self.lang == "zh" else "Grade"
        table(self.head(root, self.names[GRADE], label, "string", self.reads(expr)), self.names[GRADE], expr, "string", self.feel)

    def feel(self, expr: Expr) -> str:
        """An expression of a program in FEEL."""
        say = self.feel
        match expr:
            case Constant(bool() as value):
                return "true" if value else "false"
            case Constant(value):
                return json.dumps(value, ensure_ascii=False)
            case Column(name):
                return self.names[self.scaled.get(name, name)]
            case AsOf():
                return day_name(expr)
            case Compare(op, left, right):
                return f"({say(left)} {'=' if op == '==' else op} {say(right)})"
            case AllOf(parts) | AnyOf(parts) | Add(parts):
                word = {AllOf: " and ", AnyOf: " or ", Add: " + "}[type(expr)]
                return f"({word.join(map(say, parts))})" if len(parts) > 1 else say(parts[0])
            case Negate(of):
                return f"not({say(of)})"
            case OneOf(of, values):
                return "(" + " or ".join(f"({say(of)} = {say(Constant(value))})" for value in values) + ")"
            case Subtract(left, right):
                return f"({say(left)} - {say(right)})"
            case Multiply(left, right):
                return f"({say(left)} * {say(right)})"
            case Quotient(left, right):
                return f"floor({say(left)} / {say(right)})"
            case Least(parts):
                return f"min({', '.join(map(say, parts))})"
            case Greatest(parts):
                return f"max({', '.join(map(say, parts))})"
            case First(rows, otherwise):
                return "(" + "".join(f"if {say(when)} then {say(value)} else " for when, value in rows) + f"{say(otherwise)})"


def needed(program: Program) -> list[Step]:
    """The steps that the grade rests on, in their order."""
    wanted = {program.grade_steps[-1]}
    found: list[Step] = []
    for step in reversed(program.steps):
        if step.name in wanted:
            found.append(step)
            wanted |= {part.name for part in walk(step.expr) if isinstance(part, Column)}
    return found[::-1]


def distinct(names: list[str]) -> Mapping[str, str]:
    """A FEEL name for each name: a fact by its own, everything else with `_` for each dot, and no two alike."""
    made: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        plain = name.removeprefix("fact.")
        short = re.sub(r"\W", "_", plain)
        made[name] = next(one for one in (short, *(f"{short}_{number}" for number in range(2, 10_000))) if one not in taken)
        taken.add(made[name])
    return made


def table(above: Xml.Element, shown: str, first: First, kind: str, feel: Callable[[Expr], str]) -> None:
    """A decision table: the first row that holds, and a last one for all else. Rows that test one number share one column."""
    made = add(above, "decisionTable", id=f"table_{shown}", hitPolicy="FIRST", outputLabel=shown)
    one, inputs = tested(first), inputs_of(first, feel)
    for number, text in enumerate(inputs, 1):
        column = add(made, "input", id=f"input_{shown}_{number}", label=text)
        typed = "boolean" if one is None else "number"
        add(add(column, "inputExpression", id=f"expression_{shown}_{number}", typeRef=typed), "text").text = text
    add(made, "output", id=f"output_{shown}", typeRef=kind)  # without a name: the value is the decision's
    for number, (tests, value) in enumerate(rows_of(first, one, inputs, feel), 1):
        rule = add(made, "rule", id=f"rule_{shown}_{number}")
        for place, test in enumerate(tests, 1):
            add(add(rule, "inputEntry", id=f"test_{shown}_{number}_{place}"), "text").text = test
        add(add(rule, "outputEntry", id=f"gives_{shown}_{number}"), "text").text = value


def inputs_of(first: First, feel: Callable[[Expr], str]) -> list[str]:
    """What the columns of a table look at."""
    one = tested(first)
    return [feel(one)] if one is not None else list(dict.fromkeys(feel(when) for when, _ in first.rows))


def tested(first: First) -> Expr | None:
    """The one number that all rows compare with constants, if there is one."""
    lefts = {
        when.left if isinstance(when, Compare) and isinstance(when.right, Constant) and not isinstance(when.right.value, bool | str) else None
        for when, _ in first.rows
    }
    return lefts.pop() if len(lefts) == 1 else None


def rows_of(first: First, one: Expr | None, inputs: list[str], feel: Callable[[Expr], str]) -> Iterator[tuple[list[str], str]]:
    """The cells of each row: the tests, and what it gives."""
    for when, value in first.rows:
        if one is not None and isinstance(when, Compare):
            yield [("" if when.op == "==" else f"{when.op} ") + feel(when.right)], feel(value)
        else:
            yield ["true" if text == feel(when) else "-" for text in inputs], feel(value)
    yield ["-"] * len(inputs), feel(first.otherwise)


def add(above: Xml.Element, tag: str, **attributes: str) -> Xml.Element:
    return Xml.SubElement(above, tag, attributes)
