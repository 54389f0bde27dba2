"""How long an event takes on each leg of its way from the bot to the screen."""

import threading
from collections import deque
from statistics import quantiles
from typing import Literal, get_args

Leg = Literal["bot_server", "server_feed", "feed_screen", "bot_screen"]
KEPT = 512


class Latency:
    """Keep the last measurements of each leg and tell their median and 95th percentile."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards _samples: the feed's thread adds, the loop reads
        self._samples: dict[Leg, deque[float]] = {leg: deque(maxlen=KEPT) for leg in get_args(Leg)}

    def add(self, leg: Leg, ms: float) -> None:
        with self._lock:
            self._samples[leg].append(max(0.0, ms))

    def p50_p95(self, leg: Leg) -> tuple[float, float] | None:
        """Return both figures in milliseconds; None where nothing was measured."""
        with self._lock:
            samples = list(self._samples[leg])
        if len(samples) < 2:
            return (samples[0], samples[0]) if samples else None
        cuts = quantiles(samples, n=20, method="inclusive")
        return cuts[9], cuts[18]
