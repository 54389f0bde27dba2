"""Who may open the live socket, and for which location: one-use tickets, never in a URL, and the key of a page."""

import hmac
import secrets
import threading
from collections.abc import Callable
from hashlib import blake2b
from typing import NamedTuple

import orjson

from jorge_data.dashboard.login.user import User

LIFE_S = 30.0
MOST = 10_000
KEY_LIFE_S = 7 * 86_400.0


class Holder(NamedTuple):
    """Whom a ticket admits, and to which location (None: his own, or the demo)."""

    user: User
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

    def redeem(self, ticket: str, user: User) -> Holder | None:
        """Use the ticket up and return its holder, where it is this user's by the same login; else None.

        None as well for a ticket that is unknown, used or expired.
        """
        with self._lock:
            until, holder = self._open.pop(ticket, (0.0, None))
        if holder is None or self._clock() >= until or _login_of(holder.user) != _login_of(user):
            return None
        return holder._replace(user=user)

    def key(self, holder: Holder) -> str:
        """Return a key for a page of this holder."""
        content = orjson.dumps([_login_of(holder.user), holder.location, self._clock() + KEY_LIFE_S])
        return f"{content.hex()}.{self._signature(content)}"

    def holder_of(self, key: object, user: User) -> Holder | None:
        """Return the page's holder where this user, who sends the key, is in by the same login; else None.

        None as well for a key that is none of ours, of an earlier process, or too old. What he may do is looked up
        anew: the key says who he is and no more.
        """
        content_hex, _, signature = key.partition(".") if isinstance(key, str) else ("", "", "")
        try:
            content = bytes.fromhex(content_hex)
        except ValueError:
            return None
        if not hmac.compare_digest(signature.encode(), self._signature(content).encode()):
            return None
        login, location, until = orjson.loads(content)
        return Holder(user, location) if login == _login_of(user) and self._clock() < until else None

    def _signature(self, content: bytes) -> str:
        return hmac.digest(self._secret, content, "sha256").hex()


def _login_of(user: User) -> str:
    """Return by which login of whom a page is used, so that any script of the page may read it."""
    return blake2b(f"{user.name}\n{user.session or ''}".encode(), digest_size=16).hexdigest()
