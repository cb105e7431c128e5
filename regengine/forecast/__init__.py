"""What will change by itself: the days on which an enterprise's grade changes if nothing new happens, and why."""

from .causes import Cause
from .forecast import ASSUMED, Change, Forecast, forecast

__all__ = ["ASSUMED", "Cause", "Change", "Forecast", "forecast"]
