"""Revocations: tokens that are refused although they have not expired, and the connections that they opened.

The tokens of a session are revoked with it, and those of a secret, by these beside the ids of tokens (`session_key`,
`secret_key`).
"""

import time
from collections.abc import Callable
from math import inf

MOST_UNDATED = 10_000
"""Most revoked tokens whose expiry is not known, because they were made elsewhere: these are never dropped."""

End = Callable[[], object]


def session_key(session: str | None) -> str | None:
    """Return under which key a session's end stands here: no token's id, for none has a space."""
    return None if session is None else f"session {session}"


def secret_key(kid: str | None) -> str | None:
    """Return under which key it stands that a secret signs no more and verifies no more."""
    return None if kid is None else f"secret {kid}"


class Revocations:
    """Ids of revoked tokens until they expire; any thread may look one up, the event loop alone changes them."""

    def __init__(self, most_undated: int = MOST_UNDATED) -> None:
        self._most_undated = most_undated
        self._expiries: dict[str, float] = {}  # id to seconds since 1970
        self._watchers: dict[str, list[End]] = {}

    def __contains__(self, jti: str | None) -> bool:
        return jti in self._expiries

    @property
    def full(self) -> bool:
        """Whether as many tokens of unknown expiry are revoked as may be."""
        return sum(until == inf for until in self._expiries.values()) >= self._most_undated

    def add(self, jti: str, expires: float | None) -> None:
        """Revoke a token from now on: every connection that it opened ends at once."""
        now = time.time()
        self._expiries = {token: until for token, until in self._expiries.items() if until > now}
        self._expiries[jti] = inf if expires is None else expires
        for end in self._watchers.pop(jti, ()):
            end()

    def watch(self, jti: str | None, end: End) -> Callable[[], None]:
        """Have `end` called when a token is revoked, at once where it is already; return how to stop watching."""
        if jti is None:
            return _nothing
        if jti in self._expiries:
            end()
            return _nothing
        watchers = self._watchers.setdefault(jti, [])
        watchers.append(end)
        return lambda: self._unwatch(jti, end)

    def _unwatch(self, jti: str, end: End) -> None:
        watchers = self._watchers.get(jti, [])
        if end in watchers:
            watchers.remove(end)
        if not watchers:
            self._watchers.pop(jti, None)


def _nothing() -> None:
    """There was nothing to watch."""
