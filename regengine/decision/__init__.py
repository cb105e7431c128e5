"""What came out for one enterprise and why; why it is not better; what would lift it."""

from .decision import Citation, Decision, Inspection, Reason, RefusedPath, Service, ServicePath, Warning_
from .nearest import Change, Lift
from .why_not import Obstacle, WhyNot

__all__ = [
    "Change", "Citation", "Decision", "Inspection", "Lift", "Obstacle", "Reason", "RefusedPath", "Service", "ServicePath",
    "Warning_", "WhyNot",
]  # fmt: skip
