"""Revocations: tokens that are taken no more although they have not expired, and who lives by them."""

import time
from collections.abc import Callable
from math import inf

MOST_UNDATED = 10_000
"""Revoked tokens whose expiry is not known, because they were made elsewhere: kept for ever, and so no more of them."""

End = Callable[[], object]


class Revocations:
    """Ids of revoked tokens until they expire; any thread may look one up, the event loop alone changes them."""

    def __init__(self, most_undated: int = MOST_UNDATED) -> None:
        self._most_undated = most_undated
        self._until: dict[str, float] = {}  # seconds since 1970
        self._living: dict[str, list[End]] = {}

    def __contains__(self, jti: str | None) -> bool:
        return jti in self._until

    @property
    def full(self) -> bool:
        """Whether as many tokens of unknown expiry are revoked as may be."""
        return sum(until == inf for until in self._until.values()) >= self._most_undated

    def add(self, jti: str, expires: float | None) -> None:
        """Revoke a token from now on: whoever lives by it ends at once."""
        now = time.time()
        self._until = {known: until for known, until in self._until.items() if until > now}
        self._until[jti] = inf if expires is None else expires
        for end in self._living.pop(jti, ()):
            end()

    def watch(self, jti: str | None, end: End) -> Callable[[], None]:
        """Have `end` called when a token is revoked, at once where it is already; return how to stop watching."""
        if jti is None:
            return _nothing
        if jti in self._until:
            end()
            return _nothing
        watchers = self._living.setdefault(jti, [])
        watchers.append(end)
        return lambda: self._forget(jti, end)

    def _forget(self, jti: str, end: End) -> None:
        watchers = self._living.get(jti, [])
        if end in watchers:
            watchers.remove(end)
        if not watchers:
            self._living.pop(jti, None)


def _nothing() -> None:
    """There was nothing to watch."""
