"""What the feed says of its connection: its state, its log, its bytes a minute."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from jorge_data.events import Cursor

State = Literal["connecting", "connected", "disconnected", "error"]
"""`disconnected` is polling; `error` is what a person should look at."""


@dataclass(frozen=True)
class FeedStatus:
    """One moment of one location's feed."""

    location: str
    state: State
    since: datetime  # when this state began
    detail: str  # one sentence
    cursor: Cursor | None = None
    attempts: int = 0  # failures in a row
    retry_at: datetime | None = None  # when the next attempt, poll or probe is due
    reachable: bool = False  # whether the server answered when it was last asked
    connections: int = 0  # subscriptions that stood, since the start
    recovered: int = 0  # of these, the ones that resumed where the one before ended
    restarts: int = 0  # checkpoints read because there was no position, or it was lost
    gaps: int = 0  # holes noticed, each then filled by a resume
    consumer_errors: int = 0
    bytes_per_minute: int = 0


KEPT = 200


class Transition(NamedTuple):
    """From this moment on the connection was in this state, for this reason, at this position."""

    at: datetime
    state: State
    detail: str
    cursor: Cursor | None


class ConnectionLog:
    """Keep the last transitions; written by the feed thread, read by any."""

    def __init__(self, kept: int = KEPT) -> None:
        self._lock = threading.Lock()  # guards _transitions: a deque may not grow while it is being copied
        self._transitions: deque[Transition] = deque(maxlen=kept)

    def append(self, transition: Transition) -> None:
        with self._lock:
            self._transitions.append(transition)

    def read(self) -> list[Transition]:
        """Return the transitions kept, oldest first."""
        with self._lock:
            return list(self._transitions)


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
