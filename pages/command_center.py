"""Command Center: is everything working, and who needs us now? The wall answers, painted live by the provider."""

from jorge_data.dashboard.command_center.recent_events import recent_events

recent_events()
