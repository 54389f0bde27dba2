"""Events to live state, and live state to what the Command Center shows: pure, with the clock passed in."""

from jorge_data.metrics.contacts import contact_of
from jorge_data.metrics.figures import dashboard
from jorge_data.metrics.lines import line_of
from jorge_data.metrics.state import LiveState
from jorge_data.metrics.targets import Targets
from jorge_data.metrics.view import Line, View
from jorge_data.metrics.wall import diff, view

__all__ = ["Line", "LiveState", "Targets", "View", "contact_of", "dashboard", "diff", "line_of", "view"]
