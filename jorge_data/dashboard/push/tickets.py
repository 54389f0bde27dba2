"""One-use tickets: who may open the live socket, and for which location; never in a URL."""

import secrets
import threading
from collections.abc import Callable
from typing import NamedTuple

from jorge_data.permissions import Person

LIFE_S = 30.0
MOST = 10_000


class Holder(NamedTuple):
    """Whom a ticket admits, in which role, and to which location (None: the home location, or the demo)."""

    user: str
    role: Person
    location: str | None


class Tickets:
    """Issue tickets that admit their holder once, within 30 seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()  # guards _open: pages issue from script threads, the socket redeems on the loop
        self._open: dict[str, tuple[float, Holder]] = {}

    @staticmethod
    def generate() -> str:
        """Return a ticket that admits nobody until it is activated."""
        return secrets.token_urlsafe(24)

    def issue(self, holder: Holder) -> str:
        """Return a new ticket for this holder."""
        ticket = self.generate()
        self.activate(ticket, holder)
        return ticket

    def activate(self, ticket: str, holder: Holder) -> None:
        """Make a generated ticket valid: a socket's next one is activated when the socket ends."""
        with self._lock:
            now = self._clock()
            while self._open:
                oldest = next(iter(self._open))  # all live equally long, so the first issued is the first to end
                if self._open[oldest][0] > now and len(self._open) < MOST:
                    break
                del self._open[oldest]
            self._open[ticket] = (now + LIFE_S, holder)

    def redeem(self, ticket: str) -> Holder | None:
        """Return the holder and use the ticket up; None if it is unknown, used or expired."""
        with self._lock:
            until, holder = self._open.pop(ticket, (0.0, None))
        return holder if self._clock() < until else None
