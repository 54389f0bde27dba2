"""The token service: it makes, lists and revokes tokens, and records every act of administration."""

import asyncio
import logging
import time
from collections.abc import Mapping, Set
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from jorge_data.errors import Forbidden, Invalid, StoreError, Unauthenticated
from jorge_data.events.validation import LOCATION
from jorge_data.permissions import AskedRole, Person, Right
from jorge_data.server.auth.claims import Claims
from jorge_data.server.auth.revocations import MOST_UNDATED, Revocations, secret_key
from jorge_data.server.auth.signing_secrets import LOOK_S, NotedKeys, key_id
from jorge_data.server.auth.tokens import Identity, Tokens
from jorge_data.store import ActName, Audit, AuditedAction, AuditFilter, Credential, Credentials

logger = logging.getLogger(__name__)

MIN_TTL_S, MAX_TTL_S, TTL_S = 60, 366 * 86_400, 30 * 86_400

LONGEST_SESSION = 64
"""Most characters of an entry's `session` in the audit log."""


class TokenRequest(BaseModel):
    """A token to make: whose, in which role, for which location (null: every one), for how many seconds.

    One of the role agent may be bound to an agent of the CRM: it then sees his contacts and nobody's.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    role: AskedRole
    subject: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,128}$")]
    location: Annotated[str, Field(pattern=f"^{LOCATION.pattern}$")] | None = None
    agent_id: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,128}$")] | None = None
    ttl_s: Annotated[int, Field(ge=MIN_TTL_S, le=MAX_TTL_S)] = TTL_S


class TokenService:
    """For admins alone; one that is bound to a location makes, sees and revokes the tokens of that location."""

    def __init__(
        self, tokens: Tokens, credentials: Credentials, audit: Audit, revocations: Revocations, noted_keys: NotedKeys
    ) -> None:
        self.audit = audit
        self.revocations = revocations
        self._tokens, self._credentials, self._noted_keys = tokens, credentials, noted_keys
        for revoked in credentials.revoked(datetime.now(UTC)):
            revocations.add(revoked.jti, _expiry(revoked))

    async def make(self, request: TokenRequest, by: Claims) -> tuple[str, Credential]:
        """Return a new token, which is stored nowhere, and the record of it; raise Forbidden.

        It ends with its maker's token at the latest; a person's lasts for minutes, and binds nothing that he makes.
        """
        by.require(Right.TOKENS)
        if by.location not in (None, request.location):
            raise Forbidden(f"the token is bound to the location {by.location!r}: it makes tokens for that one alone")
        if by.sources is not None:
            sources = ", ".join(sorted(by.sources)) or "none"
            raise Forbidden(f"the token is bound to the sources {sources}: it makes no tokens")
        ttl_s: float = request.ttl_s
        if by.expires is not None and by.session is None:
            ttl_s = min(ttl_s, by.expires - time.time())
        token = self._tokens.issue(request.role, request.subject, ttl_s, request.location, Identity(request.agent_id))
        credential = self._credential(token, request, by)
        what = f"{request.role} {request.subject} for {request.location or 'every location'}: {credential.jti}"
        act = action_of(by, "token.make", what, request.location)
        if not await asyncio.wrap_future(self._credentials.add(credential, by.session, by.token_id, act)):
            raise Unauthenticated("the token by which it was asked for was revoked: ask for a new one")
        return token, credential

    async def revoke(self, jti: str, by: Claims) -> None:
        """Refuse a token from now on, whoever made it; raise Forbidden, or Invalid where no more can be revoked."""
        by.require(Right.TOKENS)
        credential = await asyncio.to_thread(self._credentials.get, jti)
        if by.location is not None and (credential is None or credential.location != by.location):
            raise Forbidden(f"the token is bound to the location {by.location!r}: it revokes tokens of that one alone")
        expires = _expiry(credential)
        if expires is None and self.revocations.full:
            raise Invalid(
                f"{MOST_UNDATED} tokens that were made elsewhere are revoked: no more can be; "
                "a new JORGE_TOKEN_SECRET ends every token"
            )
        await asyncio.wrap_future(
            self._credentials.revoke(jti, action_of(by, "token.revoke", jti, credential and credential.location))
        )
        self.revocations.add(jti, expires)

    async def revoke_peoples_of(self, user: int, by: Claims, kept: Set[str | None] = frozenset()) -> None:
        """Revoke the tokens of people that go back to a user, but for offices where he still may; those of bots stay.

        It looks until there is none: one that was about to end may have made another meanwhile.
        """
        while revoked := [
            credential
            for credential in await asyncio.to_thread(self._credentials.of_user, user, datetime.now(UTC))
            if credential.role in get_args(Person) and credential.location not in kept
        ]:
            for credential in revoked:
                act = action_of(by, "token.revoke", credential.jti, credential.location)
                await asyncio.wrap_future(self._credentials.revoke(credential.jti, act))
                self.revocations.add(credential.jti, _expiry(credential))

    async def watch_secrets(self) -> None:
        """Record that a secret was replaced, and send away within seconds who lives by it; until cancelled."""
        known, audited = self._tokens.secrets, tuple[str, ...]()
        while True:
            if known != audited:
                try:
                    await self._record_keys([key_id(secret) for secret in known])
                    audited = known
                except (StoreError, OSError, ValueError) as error:
                    logger.warning("which keys sign could not be written into the audit log: %s", error)
            await asyncio.sleep(LOOK_S)
            before, known = known, self._tokens.secrets
            for secret in set(before) - set(known):
                key = secret_key(key_id(secret))
                assert key is not None
                self.revocations.add(key, time.time() + LOOK_S)

    async def _record_keys(self, keys: list[str]) -> None:
        noted = await asyncio.to_thread(self._noted_keys.read)
        if noted == keys:
            return
        newest = await asyncio.to_thread(self.audit.newest, None, 1, AuditFilter(acts=("key.rotate",)))
        if noted and not (newest and newest[0].act.after == {"keys": keys}):  # else it was written, and not noted then
            before, after = {"keys": noted}, {"keys": keys}
            act = AuditedAction(datetime.now(UTC), "event-server", "key.rotate", keys[0], before=before, after=after)
            await asyncio.wrap_future(self.audit.record(act))
        await asyncio.to_thread(self._noted_keys.write, keys)

    async def newest(self, by: Claims, limit: int) -> list[Credential]:
        """Return the records of the tokens last made or revoked, newest first; raise Forbidden."""
        by.require(Right.TOKENS)
        return await asyncio.to_thread(self._credentials.newest, by.location, limit)

    async def record(
        self,
        by: Claims,
        act: ActName,
        what: str,
        location: str | None = None,
        before: Mapping[str, Any] | Literal["last"] | None = None,
        after: Mapping[str, Any] | None = None,
        once_in: timedelta | None = None,
    ) -> None:
        """Record an act before it is done: what cannot be recorded is not done. `AuditedAction` says of what."""
        action = action_of(by, act, what, location, before, after, once_in)
        await asyncio.wrap_future(self.audit.record(action))

    def _credential(self, token: str, request: TokenRequest, by: Claims) -> Credential:
        claims = self._tokens.verify(token)
        assert claims.token_id is not None
        assert claims.expires is not None
        return Credential(
            jti=claims.token_id,
            issued_at=datetime.now(UTC),
            subject=request.subject,
            role=request.role,
            location=request.location,
            expires_at=datetime.fromtimestamp(claims.expires, UTC),
            issued_by=by.subject,
        )


def _expiry(credential: Credential | None) -> float | None:
    return credential.expires_at.timestamp() if credential and credential.expires_at else None


def action_of(
    by: Claims,
    act: ActName,
    what: str,
    location: str | None = None,
    before: Mapping[str, Any] | Literal["last"] | None = None,
    after: Mapping[str, Any] | None = None,
    once_in: timedelta | None = None,
) -> AuditedAction:
    """Return what the audit log gets of an act: who, in which role, from where, as the claims say.

    Whoever is not logged in has the id of his token in place of a session: nothing else tells him from a namesake.
    """
    by_token = f"token {by.token_id}"[:LONGEST_SESSION] if by.token_id else ""
    who = by.role, by.address, by.session or by_token
    return AuditedAction(datetime.now(UTC), by.subject, act, what, *who, location or "", before, after, once_in)
