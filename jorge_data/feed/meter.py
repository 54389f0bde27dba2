"""How many bytes came in the last minute."""

import threading
from collections import deque
from collections.abc import Callable

WINDOW_S = 60


class Meter:
    """Sum amounts over the last minute, to the second; safe from any thread."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()  # guards _seconds
        self._seconds: deque[tuple[int, int]] = deque(maxlen=WINDOW_S + 1)

    def add(self, amount: int) -> None:
        second = int(self._monotonic())
        with self._lock:
            if self._seconds and self._seconds[-1][0] == second:
                amount += self._seconds.pop()[1]
            self._seconds.append((second, amount))

    def per_minute(self) -> int:
        oldest = int(self._monotonic()) - WINDOW_S
        with self._lock:
            return sum(amount for second, amount in self._seconds if second > oldest)
