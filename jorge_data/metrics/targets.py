"""What the figures are measured against."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from jorge_data.events.timestamps import office_date
from jorge_data.metrics.commission import CommissionRates, share


@dataclass(frozen=True)
class Targets:
    """Hold the office's zone, commission rates, targets and limits; the defaults are those of the settings."""

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("America/Chicago"))
    rates: CommissionRates = field(default_factory=CommissionRates)
    monthly_target: float = 25_000
    intent_target_ms: float = 42
    confidence_target: float = 0.85
    uptime_target: float = 0.995
    silent_after_s: float = 900
    fresh_amber_s: float = 300
    fresh_red_s: float = 1800

    def commission(self, value: int, closed_at: int = 0) -> int:
        """Return our share of cents: at the rate of the office's day of closing, at the newest while open (0)."""
        if not closed_at:
            return share(value, self.rates.last)
        return share(value, self.rates.on(office_date(closed_at, self.zone)))
