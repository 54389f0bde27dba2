"""Responses: how many property alerts contacts answer, and how fast."""

from collections.abc import Mapping
from typing import NamedTuple

from jorge_data.metrics.statistics.interval import Interval, wilson
from jorge_data.metrics.statistics.percentile import Bins, total
from jorge_data.metrics.statistics.survival import Survival, kaplan_meier

WITHIN_S = 7 * 86_400
"""An inbound message counts as an answer for so long after the alert."""


class AlertResponse(NamedTuple):
    """The alerts of one type: how many were answered, with Wilson's interval, and the median time to the answer.

    The median counts those not answered yet by their age, and is None where fewer than half are answered.
    """

    alert_type: str
    alerts: int
    answered: int
    share: float | None
    interval: Interval | None
    median_s: float | None


def responses(answered: Mapping[str, Bins], waiting: Mapping[str, Bins]) -> list[AlertResponse]:
    """Return each type of alert, the most frequent first.

    `answered`: kind=alert_response, measure=duration_s, agg=bins, by=alert_type, where state:eq:answered; `waiting`:
    (age in seconds, count) of those where state:eq:waiting, from `velocity.ages`.
    """
    names = answered.keys() | waiting.keys()
    by_type = [_response(name, list(answered.get(name, ())), list(waiting.get(name, ()))) for name in names]
    return sorted(by_type, key=lambda each: (-each.alerts, each.alert_type))


def _response(name: str, answered: Bins, waiting: Bins) -> AlertResponse:
    n, part = total(answered) + total(waiting), total(answered)
    return AlertResponse(name, n, part, part / n if n else None, wilson(part, n), unanswered(answered, waiting).median)


def unanswered(answered: Bins, waiting: Bins) -> Survival:
    """Return the curve of the alerts not answered yet, from times to the answer and ages of those that wait.

    Times end at WITHIN_S. A sketch may place an answer of the last moment 1 % later: it would then come after all who
    wait were censored, and look as if half had answered.
    """
    within = ([(min(time, WITHIN_S), int(count)) for time, count in bins] for bins in (answered, waiting))
    return kaplan_meier(*within)
