"""When each trip takes place, and who goes: joint trips, teams by ticket, days by every hard rule, and planning again."""

from .place import Schedule, schedule

__all__ = ["Schedule", "schedule"]
