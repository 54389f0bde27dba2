"""Users and what they are granted, their sessions, and the links by which a password is chosen; each only as a hash.

Every change stands in one transaction with its act in the audit log. What a change depends on (no user of that name
yet, a link that has not been used) is looked at in that transaction too: of two that come at once, one is done.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, or_, select, update

from jorge_data.events.timestamps import micros, moment
from jorge_data.store.audit_entry import AuditedAction
from jorge_data.store.sql import audit
from jorge_data.store.sql.tables import grants, invitations, sessions, users
from jorge_data.store.sql.writing import Read, Writing
from jorge_data.store.user import ProviderAccount, StoredGrant, StoredInvitation, StoredSession, StoredUser

T = TypeVar("T")


class SQLUsers:
    """`user.Users`."""

    def __init__(self, writer: Writing, read: Read) -> None:
        self._writer, self._read = writer, read
        self._version = 0

    @property
    def version(self) -> int:
        return self._version

    def _counted(self, done: Future[T]) -> Future[T]:
        """Note a change of users once it is done: before anybody who waits for it on an event loop goes on."""
        done.add_done_callback(self._count)
        return done

    def _count(self, _: Future[Any]) -> None:
        self._version += 1

    def is_empty(self) -> bool:
        with self._read() as connection:
            return not _count(connection)

    def all(self) -> list[StoredUser]:
        return self._users()

    def named(self, name: str) -> StoredUser | None:
        return next(iter(self._users(users.c.name == name)), None)

    def of_account(self, account: ProviderAccount) -> StoredUser | None:
        return next(iter(self._users(users.c.issuer == account.issuer, users.c.subject == account.subject)), None)

    def get(self, user: int) -> StoredUser | None:
        return next(iter(self._users(users.c.id == user)), None)

    def add(
        self, user: StoredUser, invitation: StoredInvitation | None, act: AuditedAction
    ) -> Future[StoredUser | None]:
        def work(connection: Connection) -> StoredUser | None:
            if connection.execute(select(users.c.id).where(users.c.name == user.name)).one_or_none():
                return None
            added = _add(connection, user)
            if invitation is not None:
                connection.execute(insert(invitations).values(_values(invitation._replace(user=added.id))))
            connection.execute(delete(invitations).where(invitations.c.user.is_(None)))  # he is not the first any more
            audit.write(connection, act)
            return added

        return self._counted(self._writer.run(work))

    def set_grants(self, user: int, granted: Sequence[StoredGrant], act: AuditedAction) -> Future[None]:
        def work(connection: Connection) -> None:
            connection.execute(delete(grants).where(grants.c.user == user))
            _grant(connection, user, granted)
            _end(connection, sessions.c.user == user, act.at)
            audit.write(connection, act)

        return self._counted(self._writer.run(work))

    def set_disabled(self, user: int, disabled: bool, act: AuditedAction) -> Future[None]:
        def work(connection: Connection) -> None:
            at = micros(act.at) if disabled else None
            connection.execute(update(users).where(users.c.id == user).values(disabled_at=at))
            if disabled:
                connection.execute(delete(invitations).where(invitations.c.user == user))
                _end(connection, sessions.c.user == user, act.at)
            audit.write(connection, act)

        return self._counted(self._writer.run(work))

    def reset(self, user: int, invitation: StoredInvitation | None, act: AuditedAction) -> Future[None]:
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
        def work(connection: Connection) -> None:
            connection.execute(update(users).where(users.c.id == user).values(password=password))
            _end(connection, sessions.c.user == user, act.at, sessions.c.id != (keep or ""))
            audit.write(connection, act)

        return self._writer.run(work)

    def rehash(self, user: int, before: str, password: str) -> Future[bool]:
        def work(connection: Connection) -> bool:
            unchanged = update(users).where(users.c.id == user, users.c.password == before)
            return connection.execute(unchanged.values(password=password)).rowcount == 1

        return self._writer.run(work)

    def invite_first(self, invitation: StoredInvitation) -> Future[bool]:
        def work(connection: Connection) -> bool:
            if _count(connection):
                return False
            connection.execute(delete(invitations).where(invitations.c.user.is_(None)))
            connection.execute(insert(invitations).values(_values(invitation)))
            return True

        return self._writer.run(work)

    def invitation(self, invitation: str, now: datetime) -> StoredInvitation | None:
        with self._read() as connection:
            return _invitation(connection, invitation, now)

    def use_invitation(
        self, invitation: str, first: StoredUser | None, password: str, act: AuditedAction
    ) -> Future[StoredUser | None]:
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

        return self._counted(self._writer.run(work))

    def begin_session(
        self, session: StoredSession, password: str | None, account: ProviderAccount | None, act: AuditedAction
    ) -> Future[bool]:
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
        def work(connection: Connection) -> None:
            _end(connection, sessions.c.id.in_(ids), at)
            if act is not None:
                audit.write(connection, act)

        return self._writer.run(work)

    def note_used(self, used: dict[str, datetime]) -> Future[None]:
        def work(connection: Connection) -> None:
            for session, at in used.items():
                connection.execute(update(sessions).where(sessions.c.id == session).values(used_at=micros(at)))

        return self._writer.run(work)

    def sessions(self, ended_since: datetime) -> list[StoredSession]:
        query = select(sessions).where(or_(sessions.c.ended_at.is_(None), sessions.c.ended_at > micros(ended_since)))
        with self._read() as connection:
            return [StoredSession(**_moments(row)) for row in connection.execute(query)]

    def forget_sessions(self, ended_before: datetime) -> Future[None]:
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
