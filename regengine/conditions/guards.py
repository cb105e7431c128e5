"""Which facts a condition proves to be known, and which uses stand unguarded.

`and` and `or` are read from left to right, as a reader does: `known(x) and x > 3` guards its second part, and
`not known(x) or x > 3` does too. A row of a first-match table is read knowing that the rows before it did not hold.
"""

from __future__ import annotations

from collections.abc import Iterator

from .tree import And, Known, Name, Node, Not, Or, children

__all__ = ["proved_false", "proved_true", "unguarded"]

Names = frozenset[str]
NONE: Names = frozenset()


def proved_true(node: Node) -> Names:
    """The names that are known wherever the condition holds."""
    match node:
        case Known(name=name):
            return frozenset([name])
        case Not(of=inner):
            return proved_false(inner)
        case And(parts=parts):
            return NONE.union(*map(proved_true, parts))
        case Or(parts=parts):
            return frozenset.intersection(*map(proved_true, parts))
        case _:
            return NONE


def proved_false(node: Node) -> Names:
    """The names that are known wherever the condition does not hold."""
    match node:
        case Not(of=inner):
            return proved_true(inner)
        case And(parts=parts):
            return frozenset.intersection(*map(proved_false, parts))
        case Or(parts=parts):
            return NONE.union(*map(proved_false, parts))
        case _:
            return NONE


def unguarded(node: Node, unknown: Names, known: Names = NONE) -> Iterator[Name]:
    """Each use of a name of `unknown` that nothing before it proves to be known."""
    match node:
        case Name(name=name) if name in unknown and name not in known:
            yield node
        case And(parts=parts):
            for part in parts:
                yield from unguarded(part, unknown, known)
                known |= proved_true(part)
        case Or(parts=parts):
            for part in parts:
                yield from unguarded(part, unknown, known)
                known |= proved_false(part)
        case _:
            for child in children(node):
                yield from unguarded(child, unknown, known)
