"""A condition's text as Python's tree, within limits of length, parts and depth; and what is wrong with it, at its place in the text."""

from __future__ import annotations

import ast
from dataclasses import dataclass

__all__ = ["Fault", "Refused", "Syntax", "shorten"]

MOST_CHARACTERS, MOST_NODES, MOST_LEVELS = 4_000, 200, 20


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a condition; `offset` counts characters from the start of its text."""

    code: str
    message: str
    hint: str | None
    offset: int


class Refused(Exception):
    """Leaves the part of the tree that cannot be read; the fault is already noted."""


class Syntax:
    """Reads the tree of one text, and gathers what is wrong with it."""

    def __init__(self, text: str) -> None:
        self.indent = len(text) - len(text.lstrip())
        self.text = text.strip().replace("\n", " ")
        self.faults: list[Fault] = []

    def note(self, code: str, message: str, hint: str | None = None, at: ast.AST | int = 0) -> None:
        self.faults.append(Fault(code, message, hint, self.offset(at) if isinstance(at, ast.AST) else at))

    def offset(self, tree: ast.AST) -> int:
        """How many characters of the text as it was given stand before a part of it."""
        return len(self.text.encode()[: getattr(tree, "col_offset", 0)].decode(errors="ignore")) + self.indent

    def refuse(self, code: str, message: str, hint: str | None = None, at: ast.AST | int = 0) -> Refused:
        self.note(code, message, hint, at)
        return Refused()

    def tree(self) -> ast.expr:
        if len(self.text) > MOST_CHARACTERS:
            raise self.refuse("condition-limit", f"the condition has {len(self.text)} characters, the limit is {MOST_CHARACTERS}")
        if not self.text:
            raise self.refuse("condition-syntax", "the condition is empty")
        if "\\" in self.text:
            raise self.refuse("condition-forbidden", "a backslash has no meaning in a condition")
        try:
            tree = ast.parse(self.text, mode="eval").body
        except SyntaxError as error:
            hint = "compare with `==`" if "=" in (error.text or "") and "==" not in (error.text or "") else None
            at = max((error.offset or 1) - 1, 0) + self.indent
            raise self.refuse("condition-syntax", f"`{shorten(self.text)}` is not an expression", hint, at) from None
        except (RecursionError, MemoryError, ValueError):
            raise self.refuse("condition-limit", "the condition is nested too deeply to be read") from None
        self.measure(tree)
        return tree

    def measure(self, tree: ast.expr) -> None:
        waiting: list[tuple[ast.AST, int]] = [(tree, 1)]
        count = 0
        while waiting:
            node, level = waiting.pop()
            if isinstance(node, ast.expr_context | ast.operator | ast.cmpop | ast.boolop | ast.unaryop):
                continue
            count += 1
            if level > MOST_LEVELS:
                raise self.refuse("condition-limit", f"the condition is more than {MOST_LEVELS} levels deep", "split it with `terms`")
            if count > MOST_NODES:
                raise self.refuse("condition-limit", f"the condition has more than {MOST_NODES} parts", "split it with `terms`")
            waiting.extend((child, level + 1) for child in ast.iter_child_nodes(node))


def shorten(text: str, most: int = 60) -> str:
    """The user's words, cut where they would flood a message."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"
