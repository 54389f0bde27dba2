"""Latency of events from the bot to the screen, leg by leg."""

import threading
from collections import Counter, deque
from typing import Literal, get_args

from jorge_data.metrics.statistics.percentile import percentile

Leg = Literal["bot_server", "server_feed", "feed_screen", "bot_screen"]
SAMPLES = 512


class Latency:
    """Hold the last SAMPLES measurements of each leg, for their median and 95th percentile."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards _samples: the feed's thread adds, the loop reads
        self._samples: dict[Leg, deque[float]] = {leg: deque(maxlen=SAMPLES) for leg in get_args(Leg)}

    def add(self, leg: Leg, ms: float) -> None:
        with self._lock:
            self._samples[leg].append(max(0.0, ms))

    def p50_p95(self, leg: Leg) -> tuple[float, float] | None:
        """Return both figures in milliseconds; None where nothing was measured."""
        with self._lock:
            samples = list(self._samples[leg])
        p50, p95 = (percentile(Counter(samples).items(), q) for q in (0.5, 0.95))
        return None if p50 is None or p95 is None else (p50, p95)
