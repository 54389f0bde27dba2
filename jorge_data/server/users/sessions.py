"""Sessions: who is logged in, until when, and the short tokens by which he asks; they end at once, everywhere.

What a browser holds is `<secret>.<its signature>`; the store has a hash of the secret, which is also the `sid` of the
session's tokens. The open ones stand in memory: one process has the store, so that what it ends is ended for everybody
who asks, and whoever follows by a token of the session is sent away (`Revocations`).
"""

import asyncio
import hmac
import logging
import secrets
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Literal, NamedTuple, cast

from jorge_data.errors import Forbidden, LoginRefused, SessionEnded, TooMany, Unavailable
from jorge_data.permissions import Person
from jorge_data.server.auth.authenticator import Authenticator
from jorge_data.server.auth.revocations import session_key
from jorge_data.server.auth.tokens import LEEWAY_S, Identity
from jorge_data.server.users.login_limits import Attempt, LoginLimits
from jorge_data.server.users.names import NOBODY, UNKNOWN, read_name
from jorge_data.server.users.passwords import Passwords, check_password
from jorge_data.store import (
    ActName,
    Audit,
    AuditedAction,
    ProviderAccount,
    StoredGrant,
    StoredSession,
    StoredUser,
    Users,
)

logger = logging.getLogger(__name__)

Provider = Literal["oidc", "proxy"]

TOKEN_S = 300
"""How long a person's token is valid: a dashboard asks for the next one a minute before."""

MOST_OPEN = 100
"""Most open sessions of one user; one more ends the one that was used least recently."""

LOOK_S = 2.0
NOTE_USED_EVERY_S = 60.0
FORGET_AFTER = timedelta(days=30)

REFUSED = "this name and this password do not let you in"
"""One sentence for an unknown name, another password, and a user who is disabled."""


class OpenSession(NamedTuple):
    """A session that has begun: what the browser holds, of whom, until when at the latest."""

    session: str
    user: StoredUser
    ends_at: datetime


class AccessToken(NamedTuple):
    """A token by which a person asks at one location, or at all."""

    token: str
    expires_at: datetime
    role: str
    agent_id: str | None


@dataclass(frozen=True)
class LoginPolicy:
    """How long a session lasts unused, and at the latest; and who vouches for people besides their passwords."""

    idle: timedelta
    longest: timedelta
    provider: str = ""


class SessionService:
    """Begins, looks up and ends sessions; event loop only, but for what it asks the store."""

    def __init__(
        self,
        users: Users,
        audit: Audit,
        authenticator: Authenticator,
        passwords: Passwords,
        policy: LoginPolicy,
    ) -> None:
        self.passwords = passwords
        self.login_limits = LoginLimits()
        self.changing = asyncio.Lock()
        """Held from a change in the store to what follows of it here: else a session could begin in between."""
        self._users, self._audit = users, audit
        self._tokens, self._revocations = authenticator.tokens, authenticator.revocations
        self._addresses = authenticator.session_addresses
        self._policy = policy
        self._used: set[str] = set()  # since that was written last
        now = datetime.now(UTC)
        self._open: dict[str, StoredSession] = {}
        for each in users.sessions(ended_since=now - FORGET_AFTER):
            if each.ended_at is None:
                self._remember(each)
            else:
                self.login_limits.note_login(each.address)
                if each.ended_at > now - timedelta(seconds=TOKEN_S + LEEWAY_S):
                    self._revoke(each.id, each.ended_at)

    async def begin_with_password(self, name: str, password: str, address: str | None) -> OpenSession:
        """Begin a session; raise LoginRefused, which tells not why, or TooMany, which tells not of what."""
        with_this_name = read_name(name)
        async with self.attempt(address) as attempt:
            user = await asyncio.to_thread(self._users.named, with_this_name)
            attempt.name(with_this_name, user is not None)
        hashed = user.password if user is not None and user.disabled_at is None and user.login == "password" else None
        try:
            matches = await self.passwords.matches(hashed, password)
        except Unavailable:  # nobody has looked at it
            attempt.succeed()
            raise
        if not matches or user is None or hashed is None:
            await self._tell("session.refuse", UNKNOWN if user is None else user.name, address)
            raise LoginRefused(REFUSED)
        attempt.succeed()
        if self.passwords.is_outdated(hashed):
            newer = await self.passwords.hash(password)
            if await asyncio.wrap_future(self._users.rehash(user.id, hashed, newer)):
                user = user._replace(password=newer)
        return await self.begin(user, "password", address, None)

    async def begin_with_provider(
        self,
        provider: Provider,
        name: str,
        address: str | None,
        ends_at: datetime | None,
        account: ProviderAccount | None = None,
    ) -> OpenSession:
        """Begin a session of who was vouched for; raise LoginRefused where no such user was added, or is disabled.

        An account of a provider is the user's who came in by it first, whatever he is called there now; and who has
        come in by one comes in by no other. Raises Forbidden where this server knows of no such provider: a
        dashboard's word alone is not enough.
        """
        if provider != self._policy.provider:
            raise Forbidden(f"nobody comes in by {provider} here: allowed is what JORGE_LOGIN says to the event server")
        user = None if account is None else await asyncio.to_thread(self._users.of_account, account)
        if user is None:
            user = await asyncio.to_thread(self._users.named, read_name(name))
        if user is None or user.disabled_at is not None or user.login != "other":
            refused_as = UNKNOWN if user is None else user.name
            await self._tell("session.refuse", refused_as, address, after={"login": provider})
            raise LoginRefused("who was vouched for may not come in: an admin adds users")
        if account is not None and not user.may_be(account):
            why = f"{user.name}, by another account of the login provider than his first"
            await self._tell("session.refuse", user.name, address, why, {"login": provider})
            raise LoginRefused("who was vouched for may not come in: another account came in by this name before")
        return await self.begin(user, provider, address, ends_at, account)

    async def begin(
        self,
        user: StoredUser,
        login: Provider | Literal["password"],
        address: str | None,
        ends_at: datetime | None,
        account: ProviderAccount | None = None,
    ) -> OpenSession:
        """Begin a session of a user who has shown who he is; raise LoginRefused where he may not any more."""
        now = datetime.now(UTC)
        latest = now + self._policy.longest
        secret = secrets.token_urlsafe(32)
        ends = min(latest, ends_at) if ends_at is not None else latest
        session = StoredSession(_id_of(secret), user.id, login, address, now, now, ends)
        is_new = account is not None and user.issuer is None
        after = {"login": login} | ({"account": "new"} if is_new else {})
        act = self._action("session.begin", user.name, session, after=after)
        async with self.changing:
            if not await asyncio.wrap_future(self._users.begin_session(session, user.password, account, act)):
                raise LoginRefused(REFUSED)
            self._remember(session)
            of_user = sorted(
                (each for each in self._open.values() if each.user == user.id), key=lambda each: each.used_at
            )
            await self._end([each.id for each in of_user[:-MOST_OPEN]], None)
        return OpenSession(f"{secret}.{_signature(secret, self._tokens.secrets[0])}", user, ends)

    @asynccontextmanager
    async def attempt(self, address: str | None) -> AsyncIterator[Attempt]:
        """Count an attempt to come in from an address, and tell of those that are held back; raise TooMany."""
        attempt = None
        try:
            attempt = self.login_limits.begin(address)
            yield attempt
        except TooMany:
            if count := self.login_limits.to_tell():
                logger.warning("%d attempts to log in were held back, the last from %s", count, address)
                tried_as = (attempt and attempt.user) or NOBODY
                held_back = {"times": count}
                await self._tell("session.limit", tried_as, address, "attempts were held back", held_back)
            raise

    async def current(self, session: str) -> OpenSession:
        """Return a session as it is now; raise SessionEnded."""
        found = self._find(session)
        user = await asyncio.to_thread(self._users.get, found.user)
        self._find(session)  # it may have ended meanwhile
        assert user is not None
        return OpenSession(session, user, found.ends_at)

    async def token(self, session: str, location: str | None) -> AccessToken:
        """Return a token of a session's user for a location, or for all of them; raise SessionEnded, Forbidden."""
        entry = await self.current(session)
        grant = grant_at(entry.user, location)
        if grant is None:
            where = f"at {location!r}" if location else "at every location"
            raise Forbidden(f"{entry.user.name} has no grant {where}: an admin gives it")
        ttl_s = min(TOKEN_S, (entry.ends_at - datetime.now(UTC)).total_seconds())
        identity = Identity(grant.agent_id, entry.user.display_name, self._find(session).id)
        token = self._tokens.issue(cast(Person, grant.role), entry.user.name, ttl_s, location, identity)
        expires = self._tokens.verify(token).expires
        assert expires is not None
        return AccessToken(token, datetime.fromtimestamp(expires, UTC), grant.role, grant.agent_id)

    def note_used(self, seen: Iterable[tuple[str, bool]]) -> list[str]:
        """Take over which sessions were used just now; return those that have ended."""
        ended, now = [], datetime.now(UTC)
        for session, used in seen:
            try:
                found = self._find(session)
            except SessionEnded:
                ended.append(session)
                continue
            if used:
                self._open[found.id] = found._replace(used_at=now)
                self._used.add(found.id)
        return ended

    async def end(self, session: str, everywhere: bool) -> None:
        """End a session, or all of its user; one that has ended stays so."""
        async with self.changing:
            try:
                found = self._find(session)
            except SessionEnded:
                return
            ids = self._ids_of(found.user) if everywhere else [found.id]
            user = await asyncio.to_thread(self._users.get, found.user)
            assert user is not None
            await self._end(ids, self._action("session.end", user.name, found, after={"sessions": len(ids)}))

    async def change_password(self, session: str, old: str, new: str) -> None:
        """Replace a user's password and end his other sessions; raise LoginRefused where the old one is another."""
        entry = await self.current(session)
        if entry.user.login != "password":
            raise Forbidden("this user has no password here: he comes in by another login")
        check_password(new, entry.user.name)
        address = self._find(session).address
        async with self.attempt(address) as attempt:
            attempt.name(entry.user.name, True)
        if not await self.passwords.matches(entry.user.password, old):
            await self._tell("session.refuse", entry.user.name, address)
            raise LoginRefused("the old password is another one")
        attempt.succeed()
        hashed = await self.passwords.hash(new)
        async with self.changing:
            found = self._find(session)
            act = self._action("user.password", entry.user.name, found)
            await asyncio.wrap_future(self._users.set_password(entry.user.id, hashed, found.id, act))
            self.forget(entry.user.id, keep=found.id)

    def forget(self, user: int, keep: str | None = None) -> None:
        """Note that the sessions of a user have ended in the store."""
        for session in self._ids_of(user):
            if session != keep:
                del self._open[session]
                self._revoke(session, datetime.now(UTC))

    def open_of(self, user: int) -> list[StoredSession]:
        """Return a user's open sessions."""
        return [each for each in self._open.values() if each.user == user]

    async def repeat(self) -> None:
        """End what is over every two seconds, and write when sessions were used; until cancelled."""
        noted = forgotten = 0.0
        loop = asyncio.get_running_loop()
        while True:
            try:
                over = [each.id for each in self._open.values() if self._is_over(each)]
                if over:
                    async with self.changing:
                        await self._end(over, None)
                if self._used and loop.time() - noted >= NOTE_USED_EVERY_S:
                    noted, used = loop.time(), self._used & self._open.keys()
                    self._used = set()
                    await asyncio.wrap_future(self._users.note_used({each: self._open[each].used_at for each in used}))
                if loop.time() - forgotten >= FORGET_AFTER.total_seconds() or not forgotten:
                    forgotten = loop.time()
                    await asyncio.wrap_future(self._users.forget_sessions(datetime.now(UTC) - FORGET_AFTER))
            except Exception:
                logger.exception("sessions could not be looked after: trying again")
            await asyncio.sleep(LOOK_S)

    def _find(self, session: str) -> StoredSession:
        secret, _, signature = session.partition(".")
        signed = any(
            hmac.compare_digest(_signature(secret, key).encode(), signature.encode()) for key in self._tokens.secrets
        )
        found = self._open.get(_id_of(secret)) if signed else None
        if found is None or self._is_over(found):
            raise SessionEnded("the session has ended: log in again")
        return found

    def _is_over(self, session: StoredSession) -> bool:
        now = datetime.now(UTC)
        return now >= session.ends_at or now >= session.used_at + self._policy.idle

    def _ids_of(self, user: int) -> list[str]:
        return [each.id for each in self.open_of(user)]

    async def _end(self, ids: list[str], act: AuditedAction | None) -> None:
        if not ids:
            return
        now = datetime.now(UTC)
        await asyncio.wrap_future(self._users.end_sessions(ids, now, act))
        for session in ids:
            self._open.pop(session, None)
            self._revoke(session, now)

    def _remember(self, session: StoredSession) -> None:
        self._open[session.id] = session
        self.login_limits.note_login(session.address)
        if session.address:
            self._addresses[session.id] = session.address

    def _revoke(self, session: str, ended_at: datetime) -> None:
        """Refuse the tokens that a session has left, for as long as they would last."""
        key = session_key(session)
        assert key is not None
        self._revocations.add(key, ended_at.timestamp() + TOKEN_S + LEEWAY_S + 1)
        self._addresses.pop(session, None)

    async def _tell(
        self, act: ActName, by: str, address: str | None, what: str = "", after: Mapping[str, Any] | None = None
    ) -> None:
        action = AuditedAction(datetime.now(UTC), by, act, what or by, address=address or "", after=after)
        await asyncio.wrap_future(self._audit.record(action))

    @staticmethod
    def _action(
        act: ActName, user: str, session: StoredSession, after: Mapping[str, Any] | None = None
    ) -> AuditedAction:
        """Return what the audit log gets of what a user did by a session of his."""
        now, address = datetime.now(UTC), session.address or ""
        return AuditedAction(now, user, act, user, address=address, session=session.id, after=after)


def grant_at(user: StoredUser, location: str | None) -> StoredGrant | None:
    """Return what is granted to a user at a location: that of its own, else that of every one."""
    by_location = {grant.location: grant for grant in user.grants}
    return by_location.get(location) or by_location.get(None)


def _id_of(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()[:32]


def _signature(secret: str, key: str) -> str:
    return hmac.digest(key.encode(), b"jorge-session:" + secret.encode(), "sha256").hex()
