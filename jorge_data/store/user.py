"""Users and what they are granted, their sessions, and the links by which a password is chosen; each only as a hash.

Every change stands in one transaction with its act in the audit log. What a change depends on (no user of that name
yet, a link that has not been used) is looked at in that transaction too: of two that come at once, one is done.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from jorge_data.store.audit_entry import AuditedAction

Login = Literal["password", "other"]


class StoredGrant(NamedTuple):
    """A role at a location (null: at every one that has no grant of its own), and as which agent of the CRM."""

    location: str | None
    role: str
    agent_id: str | None = None


class ProviderAccount(NamedTuple):
    """An account of a login provider: of which provider, and who it is there."""

    issuer: str
    subject: str


class StoredUser(NamedTuple):
    """A user with all that is granted to him; `password` is its hash, None until one is chosen.

    `issuer` and `subject`: which account of a login provider is his alone, None until he has come in by one.
    """

    id: int
    name: str
    display_name: str
    login: Login
    password: str | None
    added_at: datetime
    disabled_at: datetime | None
    grants: tuple[StoredGrant, ...]
    issuer: str | None = None
    subject: str | None = None

    def may_be(self, account: ProviderAccount) -> bool:
        """Return whether an account of a login provider is his, or he has none yet."""
        return self.issuer is None or account == (self.issuer, self.subject)


class StoredSession(NamedTuple):
    """A login of a user, from where, and until when at the latest; `id` is a hash of what the browser holds."""

    id: str
    user: int
    login: str
    address: str | None
    began_at: datetime
    used_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None


class StoredInvitation(NamedTuple):
    """A link by which a password is chosen, once; `user` is None for that of the first user of all."""

    id: str
    user: int | None
    ends_at: datetime


class Users(Protocol):
    """Keeps them; any thread may call; what returns a future is durable when done."""

    @property
    def version(self) -> int:
        """Return a number that is another one once users or what is granted to them have changed."""

    def is_empty(self) -> bool:
        """Return whether there is no user at all."""

    def all(self) -> list[StoredUser]:
        """Return all users, by name."""

    def named(self, name: str) -> StoredUser | None: ...

    def of_account(self, account: ProviderAccount) -> StoredUser | None:
        """Return the user whose account of a login provider this is."""

    def get(self, user: int) -> StoredUser | None: ...

    def add(
        self, user: StoredUser, invitation: StoredInvitation | None, act: AuditedAction
    ) -> Future[StoredUser | None]:
        """Add a user, with the link of his first password; the future is None where the name is another's already.

        The `id` of both is given by the store.
        """

    def set_grants(self, user: int, granted: Sequence[StoredGrant], act: AuditedAction) -> Future[None]:
        """Replace all that is granted to a user, and end his sessions."""

    def set_disabled(self, user: int, disabled: bool, act: AuditedAction) -> Future[None]:
        """Let a user come in no more and end his sessions, or let him in again."""

    def reset(self, user: int, invitation: StoredInvitation | None, act: AuditedAction) -> Future[None]:
        """Forget a user's password and which account of a login provider is his, end his sessions, and take this link
        in place of an earlier one."""

    def set_password(self, user: int, password: str, keep: str | None, act: AuditedAction) -> Future[None]:
        """Replace a user's password, and end his sessions but the one to keep."""

    def rehash(self, user: int, before: str, password: str) -> Future[bool]:
        """Keep the same password under a newer hash; the future is False where it was changed or forgotten meanwhile,
        and it stays so."""

    def invite_first(self, invitation: StoredInvitation) -> Future[bool]:
        """Take this link in place of an earlier one for the first user; the future is False where there is one."""

    def invitation(self, invitation: str, now: datetime) -> StoredInvitation | None:
        """Return a link that may be used now."""

    def use_invitation(
        self, invitation: str, first: StoredUser | None, password: str, act: AuditedAction
    ) -> Future[StoredUser | None]:
        """Use a link up: set its user's password and end his sessions, or add the first user of all.

        The future is None, and nothing done, where the link may not be used, or is for a first user that is not given.
        """

    def begin_session(
        self, session: StoredSession, password: str | None, account: ProviderAccount | None, act: AuditedAction
    ) -> Future[bool]:
        """Write a new session, and the account of a login provider by which it begins as its user's, where he has none.

        The future is False, and nothing written, where he is disabled, or has another password or account meanwhile.
        """

    def end_sessions(self, ids: Sequence[str], at: datetime, act: AuditedAction | None) -> Future[None]:
        """End sessions; those that have ended stay so from then."""

    def note_used(self, used: dict[str, datetime]) -> Future[None]:
        """Write when sessions were used last."""

    def sessions(self, ended_since: datetime) -> list[StoredSession]:
        """Return the sessions that have not ended, and those that ended since a moment."""

    def forget_sessions(self, ended_before: datetime) -> Future[None]:
        """Remove the sessions and the links that ended before a moment."""
