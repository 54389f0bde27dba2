"""How long to wait before trying again: one policy, for tenacity's clients and for every loop of our own.

Exponential backoff with full jitter (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015): a
thousand clients of a server that comes back do not come back at once.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from tenacity import RetryCallState

_OWN = random.Random()
"""Not the module's own generator, which belongs to whoever seeds it: a property test, for one."""


@dataclass(frozen=True)
class Backoff:
    """The delays after failures in a row; an instance is also what tenacity takes as `wait`."""

    base_s: float = 1.0
    cap_s: float = 30.0
    longest_retry_after_s: float = 60.0
    """The longest Retry-After of a server that is obeyed; a longer one counts as this."""
    random: Callable[[], float] = _OWN.random

    def delay_s(self, failures: int, retry_after_s: float | None = None) -> float:
        """Return the seconds to wait after this many failures in a row, one or more.

        It is a random share of a ceiling that begins at `base_s` and doubles up to `cap_s`, added to `retry_after_s`.
        """
        ceiling_s = min(self.cap_s, self.base_s * 2.0 ** min(failures - 1, 64))  # a float ends at 2 ** 1024
        return min(retry_after_s or 0.0, self.longest_retry_after_s) + self.random() * ceiling_s

    def __call__(self, state: RetryCallState) -> float:
        """Return the delay after a failed attempt, added to the `retry_after_s` of its error if it has one."""
        error = state.outcome.exception() if state.outcome else None
        return self.delay_s(state.attempt_number, getattr(error, "retry_after_s", None))


class Attempts:
    """Counts failures in a row; only a connection that lasted `healthy_s` seconds ends the row."""

    def __init__(self, backoff: Backoff, healthy_s: float) -> None:
        self.count = 0
        self._backoff = backoff
        self._healthy_s = healthy_s
        self._connected_at: float | None = None

    def connected(self, now: float) -> None:
        """Note that a connection was opened at `now`, in seconds of the monotonic clock."""
        self._connected_at = now

    def failed(self, now: float) -> float:
        """Count a failure and return the seconds to wait before the next attempt."""
        if self._connected_at is not None and now - self._connected_at >= self._healthy_s:
            self.count = 0
        self._connected_at = None
        self.count += 1
        return self._backoff.delay_s(self.count)
