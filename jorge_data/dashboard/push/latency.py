"""Latency of events from the bot to the screen, leg by leg."""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Literal, NamedTuple, get_args

from jorge_data.metrics.statistics.percentile import percentile


class Timed(NamedTuple):
    """The newest measurement of a leg, and how long ago it was made."""

    ms: float
    age_s: float


Leg = Literal["bot_server", "server_feed", "feed_screen", "bot_screen"]
SAMPLES = 512


class Latency:
    """Hold the last SAMPLES measurements of each leg, for their median and 95th percentile."""

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        timed: Callable[[Leg, float], None] = lambda leg, ms: None,
    ) -> None:
        """`timed` is told each measurement."""
        self._monotonic, self._timed = monotonic, timed
        self._lock = threading.Lock()  # guards _samples and _newest: the feed's thread adds, the loop reads
        self._newest: dict[Leg, tuple[float, float]] = {}
        self._samples: dict[Leg, deque[float]] = {leg: deque(maxlen=SAMPLES) for leg in get_args(Leg)}

    def add(self, leg: Leg, ms: float) -> None:
        ms = max(0.0, ms)
        self._timed(leg, ms)
        with self._lock:
            self._samples[leg].append(ms)
            self._newest[leg] = (ms, self._monotonic())

    def newest(self, leg: Leg) -> Timed | None:
        """Return the newest measurement; None where nothing was measured."""
        with self._lock:
            newest = self._newest.get(leg)
        return newest and Timed(newest[0], self._monotonic() - newest[1])

    def p50_p95(self, leg: Leg) -> tuple[float, float] | None:
        """Return both figures in milliseconds; None where nothing was measured."""
        with self._lock:
            samples = list(self._samples[leg])
        p50, p95 = (percentile(Counter(samples).items(), q) for q in (0.5, 0.95))
        return None if p50 is None or p95 is None else (p50, p95)
