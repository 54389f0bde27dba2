"""Credentials: the claims of the tokens that were made or revoked here; never a token itself."""

from concurrent.futures import Future
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from jorge_data.store.audit_entry import AuditedAction


class Credential(NamedTuple):
    """The claims of a token; of one that was made elsewhere and revoked here, its id alone.

    `user` is to whom it goes back: who made it himself, or by tokens that he had made.
    """

    jti: str
    issued_at: datetime
    subject: str | None = None
    role: str | None = None
    location: str | None = None
    expires_at: datetime | None = None
    issued_by: str | None = None
    revoked_at: datetime | None = None
    user: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the record as the API answers it."""
        fields = self._asdict()
        del fields["user"]
        return fields


class Credentials(Protocol):
    """Keeps them, each change in one transaction with its act; any thread may call; a future's change is durable."""

    def add(self, credential: Credential, session: str | None, jti: str | None, act: AuditedAction) -> Future[bool]:
        """Write the claims of a new token that was made in a session, or by another token.

        The future is False, and nothing written, where that has ended or was revoked meanwhile.
        """

    def revoke(self, jti: str, act: AuditedAction) -> Future[None]:
        """Mark a token as revoked at the time of the act; one that was revoked before stays so from then."""

    def get(self, jti: str) -> Credential | None: ...

    def newest(self, location: str | None, limit: int) -> list[Credential]:
        """Return the tokens last made, or those bound to a location, newest first."""

    def of_user(self, user: int, now: datetime) -> list[Credential]:
        """Return the tokens that go back to a user and are accepted still."""

    def revoked(self, now: datetime) -> list[Credential]:
        """Return the revoked tokens that would be accepted otherwise: those not expired, as far as is known."""
