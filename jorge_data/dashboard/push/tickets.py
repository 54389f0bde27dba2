"""Who may open the live socket, and for which location: one-use tickets, never in a URL, and the key of a page."""

import hmac
import secrets
import threading
from collections.abc import Callable
from typing import NamedTuple

import orjson

from jorge_data.permissions import Person

LIFE_S = 30.0
MOST = 10_000
KEY_LIFE_S = 7 * 86_400.0


class Holder(NamedTuple):
    """Whom a ticket admits, in which role, and to which location (None: the home location, or the demo)."""

    user: str
    role: Person
    location: str | None


class Tickets:
    """Issue tickets that admit their holder once, within 30 seconds, and pages' keys.

    The key of a page does by HTTP what its socket does, while that one is silent or cannot be opened: it fetches a
    new ticket and saves what was pressed. It is signed, so that none need be held: it ends with the process, or in
    seven days, and each state that a tab gets has a new one.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()  # guards _open: pages issue from script threads, the socket redeems on the loop
        self._open: dict[str, tuple[float, Holder]] = {}
        self._secret = secrets.token_bytes(32)

    def issue(self, holder: Holder) -> str:
        """Return a new ticket for this holder."""
        ticket = secrets.token_urlsafe(24)
        with self._lock:
            now = self._clock()
            while self._open:
                oldest = next(iter(self._open))  # all live equally long, so the first issued is the first to end
                if self._open[oldest][0] > now and len(self._open) < MOST:
                    break
                del self._open[oldest]
            self._open[ticket] = (now + LIFE_S, holder)
        return ticket

    def redeem(self, ticket: str) -> Holder | None:
        """Return the holder and use the ticket up; None if it is unknown, used or expired."""
        with self._lock:
            until, holder = self._open.pop(ticket, (0.0, None))
        return holder if self._clock() < until else None

    def key(self, holder: Holder) -> str:
        """Return a key for a page of this holder."""
        content = orjson.dumps([*holder, self._clock() + KEY_LIFE_S])
        return f"{content.hex()}.{self._signature(content)}"

    def holder_of(self, key: object) -> Holder | None:
        """Return whose page a key is of; None if it is none of ours, of an earlier process, or too old."""
        content_hex, _, signature = key.partition(".") if isinstance(key, str) else ("", "", "")
        try:
            content = bytes.fromhex(content_hex)
        except ValueError:
            return None
        if not hmac.compare_digest(signature.encode(), self._signature(content).encode()):
            return None
        *holder, until = orjson.loads(content)
        return Holder(*holder) if self._clock() < until else None

    def _signature(self, content: bytes) -> str:
        return hmac.digest(self._secret, content, "sha256").hex()
