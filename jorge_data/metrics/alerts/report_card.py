"""The report card of a rule: how often it rang, and what people did then."""

from collections import Counter
from collections.abc import Iterable
from statistics import median
from typing import NamedTuple

from jorge_data.events.timestamps import SECOND
from jorge_data.metrics.alerts.evaluation import FiredAlert
from jorge_data.metrics.alerts.rule import AlertRule

FEWEST_TO_MUTE = 5
"""Of so many that rang and were over, and on which nobody acted, a rule is worth a second thought."""


class ReportCard(NamedTuple):
    """How often a rule rang, by what people did; the median time until they acted, None where nobody did."""

    rang: int
    acted: int
    healed: int
    ignored: int
    ringing: int
    median_act_s: float | None

    @property
    def is_idle(self) -> bool:
        """Return whether it rang often, and nobody ever acted on it."""
        return self.acted == 0 and self.healed + self.ignored >= FEWEST_TO_MUTE


def report_card(rule: AlertRule, alerts: Iterable[FiredAlert], now: int) -> ReportCard:
    """Return the report card of a rule's alerts, all of which have rung."""
    counts, times = Counter[str](), list[float]()
    for alert in alerts:
        outcome = alert.outcome(now, rule.attended_within)
        counts[outcome] += 1
        if outcome == "acted" and alert.acknowledged is not None:
            times.append((alert.acknowledged - alert.rang) / SECOND)
    half = median(times) if times else None
    return ReportCard(counts.total(), counts["acted"], counts["healed"], counts["ignored"], counts["ringing"], half)
