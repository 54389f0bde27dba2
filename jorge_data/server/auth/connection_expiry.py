"""The expiry of a live connection: it ends with the token that it was opened with."""

import asyncio
import time
from collections.abc import Callable

from jorge_data.errors import SessionEnded, TokenExpired, Unauthenticated
from jorge_data.server.auth.claims import Claims
from jorge_data.server.auth.revocations import Revocations, secret_key, session_key

TOKEN_WITHIN_S = 5.0


class ConnectionExpiry:
    """Ends a connection once, with a close code and the reason: no token in time, expired, revoked, its session ended;
    event loop only."""

    def __init__(self, revocations: Revocations, end: Callable[[int, str], object]) -> None:
        self._revocations, self._end = revocations, end
        self._loop = asyncio.get_running_loop()
        self._deadline: asyncio.TimerHandle | None = None
        self._unwatch: list[Callable[[], None]] = []

    def await_token(self) -> None:
        """End where no token comes in time."""
        self.cancel()
        self._end_in(TOKEN_WITHIN_S, Unauthenticated.close, "no token came in time")

    def follow(self, claims: Claims) -> None:
        """End the connection when this token expires or is revoked, whatever its last token allowed."""
        self.cancel()
        if claims.expires is not None:
            self._end_in(max(0.0, claims.expires - time.time()), TokenExpired.close, "the token has expired")
        self._unwatch = [
            self._revocations.watch(claims.token_id, self._revoked),
            self._revocations.watch(session_key(claims.session), self._session_ended),
            self._revocations.watch(secret_key(claims.key), self._replaced),
        ]

    def cancel(self) -> None:
        """End nothing any more: the connection is closed, or follows another token."""
        if self._deadline:
            self._deadline.cancel()
        for unwatch in self._unwatch:
            unwatch()
        self._deadline, self._unwatch = None, []

    def _end_in(self, seconds: float, code: int, reason: str) -> None:
        self._deadline = self._loop.call_later(seconds, self._end, code, reason)

    def _revoked(self) -> None:
        self._end(Unauthenticated.close, "the token was revoked")

    def _session_ended(self) -> None:
        self._end(SessionEnded.close, "the session of this token has ended")

    def _replaced(self) -> None:
        self._end(Unauthenticated.close, "the key of this token was replaced")
