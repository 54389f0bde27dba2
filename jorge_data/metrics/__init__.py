"""Events to live state, and live state to what the Command Center shows: pure, with the clock passed in."""

from jorge_data.metrics.figures import dashboard
from jorge_data.metrics.state import LiveState
from jorge_data.metrics.targets import Targets
from jorge_data.metrics.view import View
from jorge_data.metrics.wall import diff, view

__all__ = ["LiveState", "Targets", "View", "dashboard", "diff", "view"]
