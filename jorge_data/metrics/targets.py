"""What the figures are measured against."""

from dataclasses import dataclass

from jorge_data.metrics.rules import Rules


@dataclass(frozen=True)
class Targets(Rules):
    """The rules of facts, and the targets and limits of the pages; the defaults are those of the settings."""

    monthly_target: float = 25_000
    uptime_target: float = 0.995
    response_target: float = 0.5
    silent_after_s: float = 900
    fresh_amber_s: float = 300
    fresh_red_s: float = 1800
