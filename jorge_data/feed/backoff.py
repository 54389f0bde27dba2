"""How long to wait before coming back: random, so that a thousand clients do not come back at once."""

from collections.abc import Callable, Iterator

from jorge_data.feed.endpoint import Timing


def delays(random: Callable[[], float], base_s: float = 1.0, cap_s: float = 30.0) -> Iterator[float]:
    """Yield delays with full jitter: anywhere below a ceiling that doubles up to the cap."""
    ceiling = base_s
    while True:
        yield random() * ceiling
        ceiling = min(cap_s, ceiling * 2)


class Attempts:
    """Count failures in a row; only a connection that lived for `healthy_s` ends the row."""

    def __init__(self, timing: Timing, random: Callable[[], float]) -> None:
        self._timing = timing
        self._random = random
        self._connected_at: float | None = None
        self._reset()

    def connected(self, now: float) -> None:
        """Note that the subscription stands since `now`, on the monotonic clock."""
        self._connected_at = now

    def failed(self, now: float) -> float:
        """Count a failure and return how long to wait before the next attempt."""
        if self._connected_at is not None and now - self._connected_at >= self._timing.healthy_s:
            self._reset()
        self._connected_at = None
        self.count += 1
        return next(self._delays)

    def _reset(self) -> None:
        self.count = 0
        self._delays = delays(self._random, self._timing.backoff_base_s, self._timing.backoff_cap_s)
