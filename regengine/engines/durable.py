"""durable-rules: the program as a ruleset, one enterprise in and one decision out, equal to `single`.

durable-rules decides whatever is decided: every comparison, `and`, `or`, `not` and `in` of the program, and which row of a
table holds first, is a rule of the ruleset (see `choices`). Its rules compare properties of an event with constants and
with each other, but give no number out; so the action of the rule that fires does the arithmetic of its row (sums,
products, the lesser and the greater) and posts the next event. One posted event runs a whole decision by forward chaining.

What durable-rules 2.0.28 does, and what is done about it here:

- An event fires one rule, that of the least `pri` among those that hold, and is gone. So each choice has its event, its
  rows are rules in order of `pri`, and its last rule, where no row holds, compares nothing.
- An event without an id is given one by hashing, and different events have been taken for the same. Each has its own here.
- A ruleset keeps at most 1,024 contexts. All enterprises share one here, and leave nothing in it.
- What an action raises is kept in the context and not raised. It is raised here, and the ruleset made anew.
- A `Host` has two threads, which now and then take an event from whoever posted it. A ruleset is used without one here.
- An event follows at most 64 branches, and holds at most 255 properties. Choices are cut to 48 (see `choices`).
- Texts past 64 KiB are compared in part. Events hold whole numbers and booleans here, and each text has a number.
- It knows no threads. A lock lets one decision at a time through each ruleset here.
- A ruleset is never freed: one of the size of `cn/henan-2022` takes 3.5 MB until the process ends.
- It does not import on Python 3.13 or later. `durable` says so there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from threading import Lock
from typing import Any

from ..problems import one_problem
from ..program.evaluate import evaluate
from ..program.expr import Column
from ..program.program import Program
from .choices import Choice, Comparison, choices_of
from .single import Value

__all__ = ["Durable", "durable"]

NAME, CONTEXT = "regengine", "enterprise"
OPERATORS = {"!=": "$neq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}
MOST = {"choices": 500, "rules": 4_000}  # of one ruleset, which holds a few more
DEFAULT = "the default engine gives the same decisions"


def durable(program: Program) -> Durable:
    """Make the ruleset of a program.

    Raises `ProblemError`: `extra-missing` where durable-rules is not installed or does not run on this Python,
    `engine-limit` for a program that is more than a ruleset holds.
    """
    if sys.version_info >= (3, 13):
        version = "{}.{}".format(*sys.version_info)
        raise one_problem("extra-missing", f"no version of durable-rules runs on Python {version}, only up to 3.12", hint=f"use the default: {DEFAULT}")
    try:
        module = import_module("durable.engine")
    except ImportError:
        raise one_problem("extra-missing", "`durable-rules` is not installed", hint=f"pip install 'regengine[durable]'; {DEFAULT}") from None
    return Durable(program, module)


class Durable:
    """A program as a ruleset. `run(*inputs, *days)` gives the values of the steps in order, as that of `Single` does."""

    def __init__(self, program: Program, module: Any) -> None:
        self.plan = choices_of(program)
        self.choices = [part for part in self.plan if isinstance(part, Choice)]
        columns = dict.fromkeys(name for choice in self.choices for name in choice.columns)
        self.properties = {name: f"v{index}" for index, name in enumerate(columns)}
        self.texts: dict[str, int] = {}  # the number of each text that a rule names
        self.events = {choice.name: (number, [(self.properties[name], name) for name in choice.columns]) for number, choice in enumerate(self.choices)}
        self.given = (*program.inputs, *(f"day {index}" for index in range(len(program.days))))
        self.steps = tuple(step.name for step in program.steps)
        self.module = module
        self.ruleset = self.made()
        self.lock = Lock()
        # of the run under way
        self.left = iter(self.plan)
        self.values: dict[str, Value] = {}
        self.seen: dict[str, int] = {}

    def run(self, *given: Value) -> tuple[Value, ...]:
        """The values of the steps for one enterprise. Raises `RuntimeError` with what an action raised."""
        with self.lock:
            self.left, self.values, self.seen = iter(self.plan), dict(zip(self.given, given, strict=True)), dict(self.texts)
            try:
                event = self.next_event()
                if event is not None:
                    self.post(event)
                return tuple(self.values[name] for name in self.steps)
            except BaseException:
                self.ruleset = self.made()  # nothing of a broken run stays
                raise

    def post(self, event: dict[str, Value]) -> None:
        """Post the first event of a run; the actions post the others."""
        told: list[tuple[BaseException | None, dict[str, Any] | None]] = []
        self.ruleset.do_actions(self.ruleset.assert_event(event), lambda error, state: told.append((error, state)))
        error, state = told[-1]
        if error is not None:
            raise error
        if state is None or "exception" in state:
            raise RuntimeError(f"durable-rules: {'no rule fired' if state is None else state['exception']}")

    def next_event(self) -> dict[str, Value] | None:
        """Work out what can be worked out before the next choice, and give the event that asks for that one."""
        for part in self.left:
            if isinstance(part, Choice):
                number, asked = self.events[part.name]
                return {"id": part.name, "sid": CONTEXT, "choice": number, **{key: typed(self.values[name], self.seen) for key, name in asked}}
            row = 0 if part.choice is None else int(self.values[part.choice])
            self.values[part.name] = evaluate(part.values[row], self.values, {})
        return None

    def made(self) -> Any:
        """A new ruleset: a rule for each way of each row of each choice, and one for where no row holds."""
        rules: dict[str, Any] = {}
        for choice in self.choices:
            this = {"choice": self.events[choice.name][0]}
            for row, ways in enumerate((*choice.rows, ((),))):
                for number, way in enumerate(ways):
                    when = [{"m": {"$and": [this, *map(self.compared, way)]}}]
                    rules[f"{choice.name} row {row} way {number}"] = {"all": when, "pri": row, "run": self.action(choice.name, row)}
        for what, found in (("choices", len(self.choices)), ("rules", len(rules))):
            if found > MOST[what]:
                told = f"the rulebook has {found:,} {what}, and a ruleset of durable-rules holds {MOST[what]:,}"
                raise one_problem("engine-limit", told, hint=f"use the default: {DEFAULT}")
        return self.module.Ruleset(NAME, None, rules)

    def compared(self, one: Comparison) -> dict[str, Any]:
        """A comparison in the words of durable-rules."""
        other = {"$m": self.properties[one.other.name]} if isinstance(one.other, Column) else typed(one.other.value, self.texts)
        sides = {self.properties[one.column.name]: other}
        return sides if one.op == "==" else {OPERATORS[one.op]: sides}

    def action(self, choice: str, row: int) -> Callable[[Any], None]:
        """What the rule of a row does: note the row, and ask for what comes next."""

        def chosen(context: Any) -> None:
            self.values[choice] = row
            event = self.next_event()
            if event is not None:
                context.post(event)

        return chosen


def typed(value: Value, texts: dict[str, int]) -> int | bool:
    """A value as events and rules hold it; a text by its number."""
    return texts.setdefault(value, len(texts)) if isinstance(value, str) else value
