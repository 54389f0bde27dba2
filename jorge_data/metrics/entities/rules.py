"""Rules: all besides the events that decides what a fact says."""

import hashlib
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from jorge_data.metrics.commission import CommissionRates

FACTS = 4
"""Raise it with every change of code that changes a fact, a state or a sketch: the rollups are then rebuilt."""


@dataclass(frozen=True)
class Rules:
    """Hold the office's zone, its commission rates and the targets that facts are measured against."""

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("America/Chicago"))
    rates: CommissionRates = field(default_factory=CommissionRates)
    intent_target_ms: float = 42
    confidence_target: float = 0.85

    @property
    def version(self) -> str:
        """Return a short hash of all that changes what a fact says; what was folded under another is stale."""
        said = (FACTS, self.zone.key, self.rates, float(self.intent_target_ms), float(self.confidence_target))
        return hashlib.sha256(repr(said).encode()).hexdigest()[:12]
