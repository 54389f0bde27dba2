"""The connection log: what the connection went through, for the System page and bug reports."""

import threading
from collections import deque
from datetime import datetime
from typing import NamedTuple

from jorge_data.events import Cursor
from jorge_data.feed.status import State

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
