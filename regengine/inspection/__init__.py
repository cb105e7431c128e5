"""Inspection plans: how many of each grade, who by a draw that anyone can check, which inspectors, on which day, and why.

`plan` takes every step; see `regengine.inspection.plan` for the steps one by one.
"""

from .plan import plan

__all__ = ["plan"]
