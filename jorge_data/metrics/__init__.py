"""Events to live state, and live state to what the Command Center shows: pure, with the clock passed in."""

from jorge_data.metrics.entities.event_subject import contact_of
from jorge_data.metrics.targets import Targets
from jorge_data.metrics.wall.current_view import diff, view
from jorge_data.metrics.wall.event_sentences import line_of
from jorge_data.metrics.wall.figures import dashboard
from jorge_data.metrics.wall.state import LiveState
from jorge_data.metrics.wall.view import Line, WallView

__all__ = ["Line", "LiveState", "Targets", "WallView", "contact_of", "dashboard", "diff", "line_of", "view"]
