"""Who is in by a login: the sessions that this process knows, and how it hears within seconds that one has ended."""

import asyncio
import hmac
import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256

from jorge_data.dashboard.login.session_client import SILENCE, LoginSession, PersonsToken, SessionClient
from jorge_data.dashboard.login.user import User
from jorge_data.errors import Invalid, RequestRefused, SessionEnded, Unauthenticated, Unavailable

LONGEST_COOKIE = 256

LOOK_S = 2.0
RENEWED_BEFORE_S = 60.0
FORGOTTEN_AFTER_S = 900.0
"""A session of which no tab is open and that nobody used for so long is asked for again when somebody comes by it."""

PAUSE_S = 5.0
"""For so long a server that was silent is not asked for tokens: a page of many questions would wait for each."""

NEW_TOKEN_EVERY_S = 60.0
"""How often a token that the server refused is replaced by another, which it would refuse as well where the fault is
not the token's: a proxy in between answers 403 to all."""

MOST_REFUSED = 10_000
REFUSED_S = 60.0
"""How many cookies by which nobody is in are remembered, for so long: the server is not asked for each again."""

MOST_ASKED = 64
"""How many cookies the server is asked for at once: anybody can send any."""

MOST_FAREWELLS = 1000

_log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Known:
    """A session that is open here, with its user's tokens and what closes his sockets."""

    cookie: str
    user: User
    ends_at: float  # seconds since 1970
    seen_at: float  # monotonic
    was_used: bool = False  # since the server was told last; a login itself it knows of
    tokens: dict[str | None, PersonsToken] = field(default_factory=dict)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    sockets: int = 0
    farewell: str | None = None  # where its user logs out at the provider of his identity
    replaced_at: float = -math.inf  # when tokens were refused, monotonic
    lock: threading.Lock = field(default_factory=threading.Lock)  # one token is asked for at a time


class SessionAccess:
    """Lets in who has a session; `run` on the event loop, and what is asynchronous, the rest from any thread."""

    def __init__(
        self,
        client: SessionClient,
        cookie_name: str,
        farewell: str | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`farewell`: where he is led who logs out, and of whom no way of his own is known (`leave_by`)."""
        self.client, self.cookie_name, self._farewell = client, cookie_name, farewell
        self._clock, self._monotonic = clock, monotonic
        self._lock = threading.Lock()  # guards the three below
        self._known: dict[str, _Known] = {}
        self._refused: OrderedDict[str, float] = OrderedDict()
        self._farewells: OrderedDict[str, str] = OrderedDict()
        self._asked: dict[str, asyncio.Task[User | None]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        # Without a lock, because it matters for moments alone: who reads an old value asks once more.
        self._silent_until, self._failed_looks = 0.0, 0

    def user_of(self, cookies: Mapping[str, str]) -> User | None:
        known = self._known_by(cookies.get(self.cookie_name, ""))
        return known.user if known else None

    def is_in(self, user: User) -> bool:
        return self._known_of(user) is not None

    def refused(self, token: str) -> None:
        now = self._monotonic()
        for known in self._everybody():
            refused = [where for where, held in list(known.tokens.items()) if held.token == token]
            if refused and now - known.replaced_at >= NEW_TOKEN_EVERY_S:
                known.replaced_at = now
                known.tokens.clear()  # what was the matter with one is with all: a key that signs no more

    def token(self, user: User, location: str | None) -> str:
        known = self._known_of(user)
        if known is None:
            raise Unauthenticated("the login has ended: log in again")
        with known.lock:
            held = known.tokens.get(location)
            if held is not None and held.expires_at.timestamp() - RENEWED_BEFORE_S > self._clock():
                return held.token
            is_good = held is not None and held.expires_at.timestamp() > self._clock()
            if self._monotonic() >= self._silent_until:
                try:
                    held, is_good = self.client.token(known.cookie, location), True
                except SessionEnded:
                    self._end(known)
                    raise
                except Unavailable:
                    self._silent_until = self._monotonic() + PAUSE_S
            if held is None or not is_good:
                raise Unavailable(self.client.own.notice or SILENCE)
            known.tokens[location] = held
        return held.token

    def open(self, entry: LoginSession) -> User:
        """Let in whose session has just begun, or was found to be open."""
        user = User(entry.name, entry.display_name, entry.grants, _key(entry.session))
        known = _Known(entry.session, user, entry.ends_at.timestamp(), self._monotonic())
        with self._lock:
            self._refused.pop(entry.session, None)
            standing = self._known.setdefault(_key(entry.session), known)
        return standing.user

    async def admit(self, cookie: str) -> User | None:
        """Return who is in by a cookie, of whom the server is asked where this process knows nothing yet.

        Raises Unavailable where that cannot be said now.
        """
        if known := self._known_by(cookie):
            return known.user
        if not 1 <= len(cookie) <= LONGEST_COOKIE or not cookie.isascii() or self._is_refused(cookie):
            return None
        if cookie not in self._asked and len(self._asked) >= MOST_ASKED:
            raise Unavailable("too many come at once: their logins are checked one after the other", retry_after_s=2)
        if cookie not in self._asked:  # a page that comes back asks for ten things at once
            task = self._asked[cookie] = asyncio.create_task(asyncio.to_thread(self._ask, cookie))
            task.add_done_callback(lambda _: self._asked.pop(cookie, None))
        return await asyncio.shield(self._asked[cookie])

    def use(self, user: User) -> None:
        """Note that a person does something: his session is idle from now on."""
        if known := self._known_of(user):
            known.was_used, known.seen_at = True, self._monotonic()

    def follow(self, user: User) -> "Following":
        """Return what says that a user's session has ended, for a socket that is open as long as it is entered."""
        return Following(self, self._known_of(user))

    def leave(self, user: User, everywhere: bool) -> None:
        """End a user's session, or every one that he has; raise Unavailable where that cannot be done now."""
        known = self._known_of(user)
        if known is None:
            return
        self.client.end(known.cookie, everywhere)
        if farewell := known.farewell or self._farewell:
            with self._lock:
                self._farewells[known.cookie] = farewell
                while len(self._farewells) > MOST_FAREWELLS:
                    self._farewells.popitem(last=False)
        self._end(known)

    def leave_by(self, entry: LoginSession, farewell: str | None) -> None:
        """Note where a person also logs out who logs out here."""
        if known := self._known_by(entry.session):
            known.farewell = farewell

    def has_left(self, cookie: str) -> bool:
        """Return whether somebody has just logged out of a cookie's session, and was not led away yet."""
        with self._lock:
            return cookie in self._farewells

    def farewell(self, cookie: str) -> str | None:
        """Return once where he goes who has just logged out here by himself; None where nowhere else."""
        with self._lock:
            return self._farewells.pop(cookie, None)

    def change_password(self, user: User, old: str, new: str) -> None:
        """Change a user's password; raise LoginRefused, Invalid, TooMany, SessionEnded, and Unavailable."""
        known = self._known_of(user)
        if known is None:
            raise SessionEnded("the login has ended: log in again")
        self.client.change_password(known.cookie, old, new)

    async def run(self) -> None:
        """Close what is open of sessions that have ended, until cancelled."""
        self._loop = asyncio.get_running_loop()
        # A thread of its own: strangers, downloads and a slow server fill those that all share.
        thread = ThreadPoolExecutor(1, thread_name_prefix="ended sessions")
        try:
            await asyncio.gather(self._repeat(self._end_in_time), self._repeat(partial(self._look, thread)))
        finally:
            thread.shutdown(wait=False, cancel_futures=True)

    async def _repeat(self, step: Callable[[], Awaitable[None]]) -> None:
        while True:
            began = self._monotonic()
            try:
                await step()
            except Exception:  # or no tab of a disabled user would be closed until the next start
                _log.exception("whose login has ended could not be asked")
            await asyncio.sleep(max(0.0, began + LOOK_S - self._monotonic()))

    async def _end_in_time(self) -> None:
        """End the sessions that last no longer, whether the server answers or not."""
        for known in self._everybody():
            if known.ends_at <= self._clock():
                self._end(known)

    async def _look(self, thread: Executor) -> None:
        """Ask the server whose session has ended, and tell it whose was used."""
        everybody = self._everybody()
        seen = {known.cookie: known.was_used for known in everybody}
        if not seen:
            return
        for known in everybody:
            known.was_used = False
        over = None
        try:
            over = set(await asyncio.get_running_loop().run_in_executor(thread, self.client.ended, list(seen.items())))
        except RequestRefused as refused:  # who is in stays so: what he asks for is refused by the server itself
            _log.info("whose login has ended is not known now: %s", refused)
            self._failed_looks += 1
            if self._failed_looks > 1:  # or each page would find out by itself, and wait for it
                self._silent_until = self._monotonic() + PAUSE_S
            return
        finally:
            if over is None:
                for known in everybody:
                    known.was_used |= seen[known.cookie]
        self._failed_looks, self._silent_until = 0, 0.0
        for known in everybody:
            if known.cookie in over:
                self._end(known)
            elif not known.sockets and self._monotonic() - known.seen_at > FORGOTTEN_AFTER_S and not known.was_used:
                with self._lock:
                    self._known.pop(_key(known.cookie), None)

    def _everybody(self) -> list[_Known]:
        with self._lock:
            return list(self._known.values())

    def _ask(self, cookie: str) -> User | None:
        try:
            return self.open(self.client.current(cookie))
        except SessionEnded:
            self._refuse(cookie)
            return None
        except Invalid:  # what no session can look like
            return None
        except Unavailable:
            raise
        except RequestRefused as refused:  # it is this dashboard that may not ask: nobody's cookie is at fault
            raise Unavailable(f"logins cannot be checked now: {refused}") from None

    def _known_by(self, cookie: str) -> _Known | None:
        known = self._known.get(_key(cookie)) if cookie else None
        if known is None or not hmac.compare_digest(known.cookie.encode(), cookie.encode()):
            return None
        return known if known.ends_at > self._clock() else None

    def _known_of(self, user: User) -> _Known | None:
        known = self._known.get(user.session or "")
        return known if known is not None and known.ends_at > self._clock() else None

    def _end(self, known: _Known) -> None:
        with self._lock:
            if self._known.get(_key(known.cookie)) is known:
                del self._known[_key(known.cookie)]
        self._refuse(known.cookie)
        loop = self._loop
        if loop is None or loop is _running_loop():
            known.ended.set()
        else:
            loop.call_soon_threadsafe(known.ended.set)

    def _refuse(self, cookie: str) -> None:
        with self._lock:
            self._refused[cookie] = self._monotonic() + REFUSED_S
            while len(self._refused) > MOST_REFUSED:
                self._refused.popitem(last=False)

    def _is_refused(self, cookie: str) -> bool:
        with self._lock:
            return self._refused.get(cookie, 0.0) > self._monotonic()


class Following:
    """Says when a session ends; entered while something of it is open."""

    def __init__(self, access: SessionAccess, known: _Known | None) -> None:
        self._access, self._known = access, known

    async def ended(self) -> None:
        """Return when the session has ended."""
        if self._known is not None:
            await self._known.ended.wait()

    def __enter__(self) -> "Following":
        if self._known is not None:
            self._known.sockets += 1
        return self

    def __exit__(self, *error: object) -> None:
        if self._known is not None:
            self._known.sockets -= 1
            self._known.seen_at = self._access._monotonic()


def _key(cookie: str) -> str:
    """Return by which a session is known here: what it is in the browser is in no message and no log."""
    return sha256(cookie.encode()).hexdigest()[:32]


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
