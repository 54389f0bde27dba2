"""The tokens by which an audience's feed is read: those of the people who look at it, one after the other."""

import threading
from collections.abc import Callable

from jorge_data.dashboard.login.user import Access, User
from jorge_data.errors import Forbidden, Unauthenticated, Unavailable
from jorge_data.feed.failures import ConnectionLost, NoToken

PRESENT_S = 60.0
"""Whoever has not been seen for so long looks no more; the person of this machine, who has no login, always does."""


class AudienceTokens:
    """Hold who looks at one office with the same rights, and return the token of one of them (a `feed.TokenSource`).

    It stays that of the same person while he is there; the next one's follows when he goes, when his login ends, or
    when the server refuses his.
    """

    def __init__(self, location: str, access: Access, monotonic: Callable[[], float]) -> None:
        self._location, self._access, self._monotonic = location, access, monotonic
        self._lock = threading.Lock()  # guards the two below: scripts and the loop see people, the feed's thread asks
        self._seen: dict[User, float] = {}
        self._refused: list[str] = []

    def see(self, user: User) -> bool:
        """Note that somebody looks; return whether he is new here."""
        with self._lock:
            is_new = user not in self._seen
            self._seen[user] = self._monotonic()
            return is_new

    def current(self) -> str:
        """Return the token to read by; raise NoToken where nobody looks who has one, ConnectionLost where none is made.

        Where the server has refused all of them it is the one that was refused last.
        """
        tokens, silent = list[str](), None
        for user in self._present():
            try:
                tokens.append(self._access.token(user, self._location))
            except (Unauthenticated, Forbidden):
                with self._lock:
                    self._seen.pop(user, None)
            except Unavailable as error:
                silent = error
            else:
                if tokens[-1] not in self._refused:
                    return tokens[-1]
        if silent is not None:
            raise ConnectionLost(str(silent))
        if not tokens:
            raise NoToken(self._location)
        return max(tokens, key=self._refused.index)

    def refused(self, token: str) -> None:
        """Take another one next, while there is one."""
        self._access.refused(token)
        with self._lock:
            kept = [each for each in self._refused if each != token]
            self._refused = [*kept[-50:], token]

    @property
    def is_of_person(self) -> bool:
        return not self.is_local

    @property
    def is_local(self) -> bool:
        """Whether the person of this machine looks."""
        with self._lock:
            return any(user.session is None for user in self._seen)

    def _present(self) -> list[User]:
        """Return who is still there, and forget who is not."""
        with self._lock:
            oldest = self._monotonic() - PRESENT_S
            gone = [user for user, at in self._seen.items() if user.session is not None and at < oldest]
            gone += [user for user in self._seen if not self._access.is_in(user)]
            for user in gone:
                self._seen.pop(user, None)
            return list(self._seen)
