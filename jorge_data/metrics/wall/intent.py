"""Intent: how fast, how sure and how often right the decoder is, over rolling windows and by labels."""

from collections.abc import Container
from typing import Any, NamedTuple

from jorge_data.events import Event
from jorge_data.events.timestamps import DAY, HOUR, MINUTE, QUARTER, SECOND
from jorge_data.metrics.statistics.counter import KeyCounter
from jorge_data.metrics.statistics.quantile_sketch import Histogram, bucket
from jorge_data.metrics.targets import Targets
from jorge_data.metrics.wall.rolling_window import RollingWindow

_MILLIONTHS = 1_000_000


class Analyses(NamedTuple):
    """What one window says of the analyses in it; all None where there were none."""

    p50_ms: float | None = None
    p95_ms: float | None = None
    within_target: float | None = None
    confidence_mean: float | None = None
    above_target: float | None = None


class _Buckets:
    """Analyses by equal spans of time: times in a quantile sketch, confidence in whole millionths."""

    def __init__(self, width: int, retention: int) -> None:
        self.width = width
        self.retention = retention
        self._times: RollingWindow[Histogram] = RollingWindow(Histogram)
        self._counts: RollingWindow[KeyCounter[str]] = RollingWindow(KeyCounter)

    def add(self, at: int, time_ms: float, counts: dict[str, int]) -> None:
        self._times.add(at // self.width, bucket(time_ms))
        for name, n in counts.items():
            self._counts.add(at // self.width, name, n)

    def total(self, name: str, now: int, span: int, before: bool) -> tuple[Histogram, KeyCounter[str]]:
        """Return the sums over the span that ends with the bucket of `now`, or over the one before it."""
        wide = span // self.width
        end = now // self.width + 1 - (wide if before else 0)
        return self._times.total(name, end - wide, end), self._counts.total(name, end - wide, end)

    def expire(self, at: int) -> None:
        self._times.expire((at - self.retention) // self.width)
        self._counts.expire((at - self.retention) // self.width)

    def dump(self) -> list[Any]:
        return [self._times.dump(), self._counts.dump()]

    def load(self, dump: list[Any]) -> None:
        times, counts = dump
        self._times.load(times)
        self._counts.load(counts)


class Intent:
    """Count analyses for windows of up to an hour by the minute, for that of a day by the quarter of an hour.

    Each is kept for its longest window and the one before it, to compare with; a day of minutes would hold 25 MB at
    50 events a second.
    """

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._minutes = _Buckets(MINUTE, 2 * HOUR + MINUTE)
        self._quarters = _Buckets(QUARTER, 2 * DAY + QUARTER)

    def apply(self, event: Event, at: int) -> None:
        time_ms, confidence = event.data["processing_time_ms"], event.data["confidence_score"]
        counts = {
            "n": 1,
            "confidence": round(confidence * _MILLIONTHS),
            "within": int(time_ms <= self._targets.intent_target_ms),
            "above": int(confidence > self._targets.confidence_target),
        }
        self._minutes.add(at, time_ms, counts)
        self._quarters.add(at, time_ms, counts)

    def analyses(self, now: int, window_s: int, before: bool = False) -> Analyses:
        """Return the figures of the window that ends now, or of the one before it."""
        buckets = self._minutes if window_s <= 3600 else self._quarters
        name = f"{window_s} before" if before else f"{window_s}"
        times, counts = buckets.total(name, now, window_s * SECOND, before)
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

    def expire(self, at: int, contacts: Container[str]) -> None:
        """Forget what no window reaches."""
        self._minutes.expire(at)
        self._quarters.expire(at)

    def dump(self) -> dict[str, Any]:
        return {"minutes": self._minutes.dump(), "quarters": self._quarters.dump()}

    def load(self, dump: dict[str, Any]) -> None:
        self._minutes.load(dump["minutes"])
        self._quarters.load(dump["quarters"])


MAX_ANALYSES = 20_000


class LabelledAnalysis(NamedTuple):
    """The newest label of one analysis."""

    at: int
    right: bool


class Accuracy:
    """Join labels to the last 20,000 analyses."""

    def __init__(self) -> None:
        self._categories: dict[str, str] = {}
        self._labels: dict[str, LabelledAnalysis] = {}
        self._right = 0

    def apply(self, event: Event, at: int) -> None:
        if event.type == "intent_feedback":
            self._label(event.data["analysis_id"], event.data["actual_category"], at)
            return
        self._categories[event.id] = event.data["intent_category"]
        if len(self._categories) > MAX_ANALYSES:
            self._drop(next(iter(self._categories)))

    @property
    def labelled(self) -> int:
        """Return how many analyses carry a label."""
        return len(self._labels)

    @property
    def share(self) -> float | None:
        """Return the share of labelled analyses that were right, None where there are no labels."""
        return self._right / len(self._labels) if self._labels else None

    def dump(self) -> dict[str, Any]:
        return {
            "categories": [[name, category] for name, category in self._categories.items()],
            "labels": {name: list(label) for name, label in self._labels.items()},
        }

    def load(self, dump: dict[str, Any]) -> None:
        self._categories = dict(dump["categories"])
        self._labels = {name: LabelledAnalysis(*row) for name, row in dump["labels"].items()}
        self._right = sum(label.right for label in self._labels.values())

    def _label(self, analysis: str, actual: str, at: int) -> None:
        category, was = self._categories.get(analysis), self._labels.get(analysis)
        if category is None or (was is not None and at < was.at):
            return
        self._labels[analysis] = LabelledAnalysis(at, actual == category)
        self._right += (actual == category) - (was.right if was else 0)

    def _drop(self, analysis: str) -> None:
        del self._categories[analysis]
        label = self._labels.pop(analysis, None)
        self._right -= label.right if label else 0
