"""From registers to facts: what had happened, as far as the authority knew it, on the day that is asked for."""

from .facts import Evidence, work_out

__all__ = ["Evidence", "work_out"]
