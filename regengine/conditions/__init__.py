"""The condition language of rulebooks: a small, typed subset of Python's expression grammar.

`parse` turns a text into a checked tree, or says everything that is wrong with it. It is given the names that the text
may use and their types, and knows nothing of rulebooks.
"""

from .parse import Fault, parse
from .types import Boolean, Day, Number, Scope, Text, Type, describe

__all__ = ["Boolean", "Day", "Fault", "Number", "Scope", "Text", "Type", "describe", "parse"]
