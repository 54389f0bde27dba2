"""Command Center: is everything working, and who needs us now? The wall answers, painted live by the provider."""

from jorge_data.dashboard.command_center.recent_events import recent_events
from jorge_data.dashboard.ui import paper
from jorge_data.dashboard.ui.shell import scope

paper.head_of_now(scope().location, scope().zone)
recent_events()
