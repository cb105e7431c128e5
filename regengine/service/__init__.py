"""Which service path an applicant takes for a matter, why, by when, and what it saves."""

from .frame import Routed, Total
from .parts import Closed, Due, Failing, Offered, Waived
from .route import Route
from .savings import MEASURES, Saved

__all__ = ["MEASURES", "Closed", "Due", "Failing", "Offered", "Route", "Routed", "Saved", "Total", "Waived"]
