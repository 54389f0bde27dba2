"""Users and what they are granted, their sessions, and the links by which a password is chosen; each only as a hash.

Every change stands in one transaction with its act in the audit log. What a change depends on (no user of that name
yet, a link that has not been used) is looked at in that transaction too: of two that come at once, one is done.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, or_, select, update

from jorge_data.events.timestamps import micros, moment
from jorge_data.store.sqlite import audit
from jorge_data.store.sqlite.audit import AuditedAction
from jorge_data.store.sqlite.tables import grants, invitations, sessions, users
from jorge_data.store.sqlite.writer import Writer

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


class Users:
    """Keeps them; any thread may call; what returns a future is durable when done."""

    def __init__(self, writer: Writer, read: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._writer, self._read = writer, read

    def is_empty(self) -> bool:
        """Return whether there is no user at all."""
        with self._read() as connection:
            return not _count(connection)

    def all(self) -> list[StoredUser]:
        """Return all users, by name."""
        return self._users()

    def named(self, name: str) -> StoredUser | None:
        return next(iter(self._users(users.c.name == name)), None)

    def of_account(self, account: ProviderAccount) -> StoredUser | None:
        """Return the user whose account of a login provider this is."""
        return next(iter(self._users(users.c.issuer == account.issuer, users.c.subject == account.subject)), None)

    def get(self, user: int) -> StoredUser | None:
        return next(iter(self._users(users.c.id == user)), None)

    def add(
        self, user: StoredUser, invitation: StoredInvitation | None, act: AuditedAction
    ) -> Future[StoredUser | None]:
        """Add a user, with the link of his first password; the future is None where the name is another's already.

        The `id` of both is given by the store.
        """

        def work(connection: Connection) -> StoredUser | None:
            if connection.execute(select(users.c.id).where(users.c.name == user.name)).one_or_none():
                return None
            added = _add(connection, user)
            if invitation is not None:
                connection.execute(insert(invitations).values(_values(invitation._replace(user=added.id))))
            connection.execute(delete(invitations).where(invitations.c.user.is_(None)))  # he is not the first any more
            audit.write(connection, act)
            return added

        return self._writer.run(work)

    def set_grants(self, user: int, granted: Sequence[StoredGrant], act: AuditedAction) -> Future[None]:
        """Replace all that is granted to a user, and end his sessions."""

        def work(connection: Connection) -> None:
            connection.execute(delete(grants).where(grants.c.user == user))
            _grant(connection, user, granted)
            _end(connection, sessions.c.user == user, act.at)
            audit.write(connection, act)

        return self._writer.run(work)

    def set_disabled(self, user: int, disabled: bool, act: AuditedAction) -> Future[None]:
        """Let a user come in no more and end his sessions, or let him in again."""

        def work(connection: Connection) -> None:
            at = micros(act.at) if disabled else None
            connection.execute(update(users).where(users.c.id == user).values(disabled_at=at))
            if disabled:
                connection.execute(delete(invitations).where(invitations.c.user == user))
                _end(connection, sessions.c.user == user, act.at)
            audit.write(connection, act)

        return self._writer.run(work)

    def reset(self, user: int, invitation: StoredInvitation | None, act: AuditedAction) -> Future[None]:
        """Forget a user's password and which account of a login provider is his, end his sessions, and take this link
        in place of an earlier one."""

        def work(connection: Connection) -> None:
            nothing = {"password": None, "issuer": None, "subject": None}
            connection.execute(update(users).where(users.c.id == user).values(nothing))
            connection.execute(delete(invitations).where(invitations.c.user == user))
            if invitation is not None:
                connection.execute(insert(invitations).values(_values(invitation)))
            _end(connection, sessions.c.user == user, act.at)
            audit.write(connection, act)

        return self._writer.run(work)

    def set_password(self, user: int, password: str, keep: str | None, act: AuditedAction) -> Future[None]:
        """Replace a user's password, and end his sessions but the one to keep."""

        def work(connection: Connection) -> None:
            connection.execute(update(users).where(users.c.id == user).values(password=password))
            _end(connection, sessions.c.user == user, act.at, sessions.c.id != (keep or ""))
            audit.write(connection, act)

        return self._writer.run(work)

    def rehash(self, user: int, before: str, password: str) -> Future[bool]:
        """Keep the same password under a newer hash; the future is False where it was changed or forgotten meanwhile,
        and it stays so."""

        def work(connection: Connection) -> bool:
            unchanged = update(users).where(users.c.id == user, users.c.password == before)
            return connection.execute(unchanged.values(password=password)).rowcount == 1

        return self._writer.run(work)

    def invite_first(self, invitation: StoredInvitation) -> Future[bool]:
        """Take this link in place of an earlier one for the first user; the future is False where there is one."""

        def work(connection: Connection) -> bool:
            if _count(connection):
                return False
            connection.execute(delete(invitations).where(invitations.c.user.is_(None)))
            connection.execute(insert(invitations).values(_values(invitation)))
            return True

        return self._writer.run(work)

    def invitation(self, invitation: str, now: datetime) -> StoredInvitation | None:
        """Return a link that may be used now."""
        with self._read() as connection:
            return _invitation(connection, invitation, now)

    def use_invitation(
        self, invitation: str, first: StoredUser | None, password: str, act: AuditedAction
    ) -> Future[StoredUser | None]:
        """Use a link up: set its user's password and end his sessions, or add the first user of all.

        The future is None, and nothing done, where the link may not be used, or is for a first user that is not given.
        """

        def work(connection: Connection) -> StoredUser | None:
            found = _invitation(connection, invitation, act.at)
            if found is None:
                return None
            if found.user is None:
                if first is None or _count(connection):
                    return None
                user = _add(connection, first._replace(password=password))
            else:
                about = users.c.id == found.user, users.c.disabled_at.is_(None)
                if not _read_users(connection, *about):
                    return None
                connection.execute(update(users).where(*about).values(password=password))
                _end(connection, sessions.c.user == found.user, act.at)
                user = _read_users(connection, *about)[0]
            connection.execute(delete(invitations).where(invitations.c.id == invitation))
            audit.write(connection, act._replace(by=user.name))
            return user

        return self._writer.run(work)

    def begin_session(
        self, session: StoredSession, password: str | None, account: ProviderAccount | None, act: AuditedAction
    ) -> Future[bool]:
        """Write a new session, and the account of a login provider by which it begins as its user's, where he has none.

        The future is False, and nothing written, where he is disabled, or has another password or account meanwhile.
        """

        def work(connection: Connection) -> bool:
            user = connection.execute(select(users).where(users.c.id == session.user)).one()
            if user.disabled_at is not None or user.password != password:
                return False
            if account is not None and account != (user.issuer, user.subject):
                of_another = users.c.issuer == account.issuer, users.c.subject == account.subject
                if user.issuer is not None or _read_users(connection, *of_another):
                    return False
                connection.execute(update(users).where(users.c.id == user.id).values(account._asdict()))
            connection.execute(insert(sessions).values(_values(session)))
            audit.write(connection, act)
            return True

        return self._writer.run(work)

    def end_sessions(self, ids: Sequence[str], at: datetime, act: AuditedAction | None) -> Future[None]:
        """End sessions; those that have ended stay so from then."""

        def work(connection: Connection) -> None:
            _end(connection, sessions.c.id.in_(ids), at)
            if act is not None:
                audit.write(connection, act)

        return self._writer.run(work)

    def note_used(self, used: dict[str, datetime]) -> Future[None]:
        """Write when sessions were used last."""

        def work(connection: Connection) -> None:
            for session, at in used.items():
                connection.execute(update(sessions).where(sessions.c.id == session).values(used_at=micros(at)))

        return self._writer.run(work)

    def sessions(self, ended_since: datetime) -> list[StoredSession]:
        """Return the sessions that have not ended, and those that ended since a moment."""
        query = select(sessions).where(or_(sessions.c.ended_at.is_(None), sessions.c.ended_at > micros(ended_since)))
        with self._read() as connection:
            return [StoredSession(**_moments(row)) for row in connection.execute(query)]

    def forget_sessions(self, ended_before: datetime) -> Future[None]:
        """Remove the sessions and the links that ended before a moment."""

        def work(connection: Connection) -> None:
            connection.execute(delete(sessions).where(sessions.c.ended_at < micros(ended_before)))
            connection.execute(delete(invitations).where(invitations.c.ends_at < micros(ended_before)))

        return self._writer.run(work)

    def _users(self, *conditions: ColumnElement[bool]) -> list[StoredUser]:
        with self._read() as connection:
            return _read_users(connection, *conditions)


def _count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(users)).scalar_one()


def _add(connection: Connection, user: StoredUser) -> StoredUser:
    values = _values(user)
    granted = values.pop("grants")
    del values["id"]
    added = connection.execute(insert(users).values(values)).inserted_primary_key
    assert added is not None
    _grant(connection, added[0], granted)
    return user._replace(id=added[0])


def _grant(connection: Connection, user: int, granted: Sequence[StoredGrant]) -> None:
    for grant in granted:
        connection.execute(insert(grants).values(user=user, **{**grant._asdict(), "location": grant.location or ""}))


def _end(connection: Connection, about: ColumnElement[bool], at: datetime, *also: ColumnElement[bool]) -> None:
    connection.execute(update(sessions).where(about, sessions.c.ended_at.is_(None), *also).values(ended_at=micros(at)))


def _invitation(connection: Connection, invitation: str, now: datetime) -> StoredInvitation | None:
    query = select(invitations).where(invitations.c.id == invitation, invitations.c.ends_at > micros(now))
    row = connection.execute(query).one_or_none()
    return None if row is None else StoredInvitation(**_moments(row))


def _read_users(connection: Connection, *conditions: ColumnElement[bool]) -> list[StoredUser]:
    found = list(connection.execute(select(users).where(*conditions).order_by(users.c.name)))
    granted: dict[int, list[StoredGrant]] = {row.id: [] for row in found}
    for row in connection.execute(select(grants).where(grants.c.user.in_(granted)).order_by(grants.c.location)):
        granted[row.user].append(StoredGrant(row.location or None, row.role, row.agent_id))
    return [StoredUser(**_moments(row), grants=tuple(granted[row.id])) for row in found]


def _values(stored: StoredUser | StoredSession | StoredInvitation) -> dict[str, Any]:
    columns: dict[str, Any] = stored._asdict()
    return {name: micros(value) if isinstance(value, datetime) else value for name, value in columns.items()}


def _moments(row: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    return {
        name: moment(value) if name.endswith("_at") and value is not None else value
        for name, value in row._mapping.items()
    }
