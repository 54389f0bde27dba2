"""Rules: what besides the events decides what a fact contains."""

import hashlib
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from jorge_data.events.timestamps import office_date
from jorge_data.metrics.commission import CommissionRates, share
from jorge_data.metrics.office_hours import OfficeHours

FACTS = 17
"""Version of the facts' code. Raise it with every change of a fact, a state or a sketch: rollups are then rebuilt."""


@dataclass(frozen=True)
class Rules:
    """The office's zone and hours, its commission rates, what facts are measured against, and how long down holds."""

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("America/Chicago"))
    rates: CommissionRates = field(default_factory=CommissionRates)
    intent_target_ms: float = 42
    confidence_target: float = 0.85
    down_until_reported: bool = True
    hours: OfficeHours = field(default_factory=OfficeHours)

    def commission(self, value: int, closed_at: int | None = None) -> int:
        """Return our share in cents: at the rate of the day of closing in the office, at the newest one while open."""
        return share(value, self.rates.last if closed_at is None else self.rates.on(office_date(closed_at, self.zone)))

    @property
    def version(self) -> str:
        """Return a short hash of all that changes a fact; what was folded under another version is stale."""
        targets = float(self.intent_target_ms), float(self.confidence_target)
        content = (FACTS, self.zone.key, self.rates, *targets, self.down_until_reported, self.hours.version)
        return hashlib.sha256(repr(content).encode()).hexdigest()[:12]
