"""What the figures are measured against."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Targets:
    """Hold the office's zone, rate, targets and limits; the defaults are those of the settings."""

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("America/Chicago"))
    commission_rate: float = 0.06
    monthly_target: float = 25_000
    intent_target_ms: float = 42
    confidence_target: float = 0.85
    uptime_target: float = 0.995
    silent_after_s: float = 900
    fresh_amber_s: float = 300
    fresh_red_s: float = 1800
