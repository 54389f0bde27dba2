"""What the figures mean and how they are computed: pure functions, with the clock passed in.

`entities` turns events into facts and cells of rollups, `statistics` turns series into figures, `definitions` names and
explains every figure and asks its question, `wall` puts into words what is happening now.
"""

from jorge_data.metrics.entities.event_subject import contact_of
from jorge_data.metrics.targets import Targets
from jorge_data.metrics.wall.current_view import diff, view
from jorge_data.metrics.wall.event_sentences import line_of
from jorge_data.metrics.wall.view import Line, WallView

__all__ = ["Line", "Targets", "WallView", "contact_of", "diff", "line_of", "view"]
