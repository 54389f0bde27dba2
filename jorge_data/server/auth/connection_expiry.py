"""The lease of a live connection: how long its client may stay."""

import asyncio
import time
from collections.abc import Callable

from jorge_data.errors import TokenExpired, Unauthenticated
from jorge_data.server.auth.claims import Claims
from jorge_data.server.auth.revocations import Revocations

TOKEN_WITHIN_S = 5.0


class ConnectionExpiry:
    """Ends a connection once, with a close code and why: no token in time, expired, or revoked; event loop only."""

    def __init__(self, revocations: Revocations, end: Callable[[int, str], object]) -> None:
        self._revocations, self._end = revocations, end
        self._loop = asyncio.get_running_loop()
        self._deadline: asyncio.TimerHandle | None = None
        self._unwatch: Callable[[], None] | None = None

    def await_token(self) -> None:
        """End where no token comes in time."""
        self.release()
        self._end_in(TOKEN_WITHIN_S, Unauthenticated.close, "no token came in time")

    def hold(self, claims: Claims) -> None:
        """Last from now on for as long as these claims are good, and no longer by the ones before."""
        self.release()
        if claims.expires is not None:
            self._end_in(max(0.0, claims.expires - time.time()), TokenExpired.close, "the token has expired")
        self._unwatch = self._revocations.watch(claims.token_id, self._revoked)

    def release(self) -> None:
        """Let the connection be: it is over, or goes on by another token."""
        if self._deadline:
            self._deadline.cancel()
        if self._unwatch:
            self._unwatch()
        self._deadline = self._unwatch = None

    def _end_in(self, seconds: float, code: int, why: str) -> None:
        self._deadline = self._loop.call_later(seconds, self._end, code, why)

    def _revoked(self) -> None:
        self._end(Unauthenticated.close, "the token was revoked")
