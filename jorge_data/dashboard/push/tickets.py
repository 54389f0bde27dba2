"""One-use tickets: who may open the live socket, and for which office; never in a URL."""

import secrets
import threading
from collections.abc import Callable
from typing import NamedTuple

from jorge_data.metrics.wall.view import Window
from jorge_data.permissions import Person

LIFE_S = 30.0
MOST = 10_000


class Holder(NamedTuple):
    """Who a ticket lets in, as what, and to which office (None: the one that is playing)."""

    user: str
    role: Person
    location: str | None
    window: Window


class Tickets:
    """Issue tickets that let their holder in once, within 30 seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()  # guards _open: pages issue from script threads, the socket redeems on the loop
        self._open: dict[str, tuple[float, Holder]] = {}

    @staticmethod
    def draw() -> str:
        """Return a ticket that opens nothing until it is granted."""
        return secrets.token_urlsafe(24)

    def issue(self, holder: Holder) -> str:
        """Return a new ticket for this holder."""
        ticket = self.draw()
        self.grant(ticket, holder)
        return ticket

    def grant(self, ticket: str, holder: Holder) -> None:
        """Let a drawn ticket in from now on: a socket's next one is granted when the socket ends."""
        with self._lock:
            self._forget_old()
            self._open[ticket] = (self._clock() + LIFE_S, holder)

    def redeem(self, ticket: str) -> Holder | None:
        """Return the holder and spend the ticket; None if it is unknown, spent or too old."""
        with self._lock:
            until, holder = self._open.pop(ticket, (0.0, None))
        return holder if self._clock() < until else None

    def _forget_old(self) -> None:
        now = self._clock()
        while self._open:
            oldest = next(iter(self._open))  # all live equally long, so the first issued is the first to end
            if self._open[oldest][0] > now and len(self._open) < MOST:
                return
            del self._open[oldest]
