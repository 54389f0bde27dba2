"""The register: tokens are made, listed and revoked in it, and every act of administration is on its record."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from jorge_data.errors import Forbidden, Invalid
from jorge_data.events.validation import LOCATION
from jorge_data.permissions import Right, Role
from jorge_data.server.auth.claims import Claims
from jorge_data.server.auth.revocations import MOST_UNDATED, Revocations
from jorge_data.server.auth.tokens import Tokens
from jorge_data.store import ActName, Audit, AuditedAction, Credential, Credentials

MIN_TTL_S, MAX_TTL_S, TTL_S = 60, 366 * 86_400, 30 * 86_400


class TokenRequest(BaseModel):
    """The token that is asked for: whose, in which role, for which location (null: every one), for so many seconds."""

    model_config = ConfigDict(extra="forbid")

    role: Role
    subject: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,128}$")]
    location: Annotated[str, Field(pattern=f"^{LOCATION.pattern}$")] | None = None
    ttl_s: Annotated[int, Field(ge=MIN_TTL_S, le=MAX_TTL_S)] = TTL_S


class TokenService:
    """For admins alone; one that is bound to a location makes, sees and revokes the tokens of that location."""

    def __init__(self, tokens: Tokens, credentials: Credentials, audit: Audit, revocations: Revocations) -> None:
        self.audit = audit
        self.revocations = revocations
        self._tokens, self._credentials = tokens, credentials
        for known in credentials.revoked(datetime.now(UTC)):
            revocations.add(known.jti, known.expires_at.timestamp() if known.expires_at else None)

    async def make(self, wanted: TokenRequest, by: Claims) -> tuple[str, Credential]:
        """Return a new token, which is kept nowhere, and what is kept of it; raise Forbidden."""
        by.require(Right.TOKENS)
        if by.location not in (None, wanted.location):
            raise Forbidden(f"the token is bound to the location {by.location!r}: it makes tokens for that one alone")
        token = self._tokens.issue(wanted.role, wanted.subject, wanted.ttl_s, wanted.location)
        credential = self._credential(token, wanted, by)
        what = f"{wanted.role} {wanted.subject} for {wanted.location or 'every location'}: {credential.jti}"
        await asyncio.wrap_future(self._credentials.add(credential, _act(by, "token.make", what)))
        return token, credential

    async def revoke(self, jti: str, by: Claims) -> None:
        """Have a token taken no more, whoever made it; raise Forbidden, or Invalid where no more can be revoked."""
        by.require(Right.TOKENS)
        known = await asyncio.to_thread(self._credentials.get, jti)
        if by.location is not None and (known is None or known.location != by.location):
            raise Forbidden(f"the token is bound to the location {by.location!r}: it revokes tokens of that one alone")
        expires = known.expires_at.timestamp() if known and known.expires_at else None
        if expires is None and self.revocations.full:
            raise Invalid(
                f"{MOST_UNDATED} tokens that were made elsewhere are revoked: no more can be; "
                "a new JORGE_TOKEN_SECRET ends every token"
            )
        await asyncio.wrap_future(self._credentials.revoke(jti, _act(by, "token.revoke", jti)))
        self.revocations.add(jti, expires)

    async def newest(self, by: Claims, limit: int) -> list[Credential]:
        """Return what is kept of the tokens last made or revoked, newest first; raise Forbidden."""
        by.require(Right.TOKENS)
        return await asyncio.to_thread(self._credentials.newest, by.location, limit)

    async def record(self, by: Claims, act: ActName, what: str) -> None:
        """Keep an act before it is done: what cannot be recorded is not done."""
        await asyncio.wrap_future(self.audit.record(_act(by, act, what)))

    def _credential(self, token: str, wanted: TokenRequest, by: Claims) -> Credential:
        claims = self._tokens.verify(token)
        assert claims.token_id is not None
        assert claims.expires is not None
        return Credential(
            jti=claims.token_id,
            issued_at=datetime.now(UTC),
            subject=wanted.subject,
            role=wanted.role,
            location=wanted.location,
            expires_at=datetime.fromtimestamp(claims.expires, UTC),
            issued_by=by.subject,
        )


def _act(by: Claims, act: ActName, what: str) -> AuditedAction:
    return AuditedAction(datetime.now(UTC), by.subject, act, what)
