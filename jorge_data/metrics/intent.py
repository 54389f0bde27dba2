"""Intent: how fast and how sure the decoder is, over rolling windows."""

from collections.abc import Container
from typing import Any, NamedTuple

from jorge_data.events import Event
from jorge_data.metrics.clock import DAY, HOUR, MINUTE
from jorge_data.metrics.histogram import Histogram, bucket
from jorge_data.metrics.tally import Tally
from jorge_data.metrics.targets import Targets
from jorge_data.metrics.window import Window

_KEPT = 2 * DAY + HOUR
"""The longest window and the one before it, to compare with."""

_MILLIONTHS = 1_000_000


class Analyses(NamedTuple):
    """What one window says of the analyses in it; all None where there were none."""

    p50_ms: float | None = None
    p95_ms: float | None = None
    within_target: float | None = None
    confidence_mean: float | None = None
    above_target: float | None = None


class Intent:
    """Count analyses by minute: times in a quantile sketch, confidence in whole millionths."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._times: Window[Histogram] = Window(Histogram)
        self._counts: Window[Tally[str]] = Window(Tally)

    def apply(self, event: Event, at: int) -> None:
        minute, data, add = at // MINUTE, event.data, self._counts.add
        time_ms, confidence = data["processing_time_ms"], data["confidence_score"]
        self._times.add(minute, bucket(time_ms))
        add(minute, "n")
        add(minute, "confidence", round(confidence * _MILLIONTHS))
        if time_ms <= self._targets.intent_target_ms:
            add(minute, "within")
        if confidence > self._targets.confidence_target:
            add(minute, "above")

    def analyses(self, now: int, window_s: int, before: bool = False) -> Analyses:
        """Return the figures of the window that ends now, or of the one before it."""
        span = window_s // 60
        end = now // MINUTE + 1 - (span if before else 0)
        name = f"{window_s} before" if before else f"{window_s}"
        times = self._times.total(name, end - span, end)
        counts = self._counts.total(name, end - span, end)
        n = counts.of("n")
        if not n:
            return Analyses()
        return Analyses(
            times.quantile(0.5),
            times.quantile(0.95),
            counts.of("within") / n,
            counts.of("confidence") / n / _MILLIONTHS,
            counts.of("above") / n,
        )

    def expire(self, at: int, known: Container[str]) -> None:
        """Forget minutes that no window reaches."""
        before = (at - _KEPT) // MINUTE
        self._times.expire(before)
        self._counts.expire(before)

    def dump(self) -> dict[str, Any]:
        return {"times": self._times.dump(), "counts": self._counts.dump()}

    def load(self, dump: dict[str, Any]) -> None:
        self._times.load(dump["times"])
        self._counts.load(dump["counts"])
