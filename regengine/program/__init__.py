"""The program: a rulebook's law as a short, flat, typed list of steps that every engine runs alike."""

from .compile import compile_law
from .program import Output, Program, Rule, Step

__all__ = ["Output", "Program", "Rule", "Step", "compile_law"]
