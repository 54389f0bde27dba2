"""Credentials: the claims of the tokens that were made or revoked here; never a token itself."""

from concurrent.futures import Future
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from jorge_data.events.timestamps import micros, moment
from jorge_data.store.audit_entry import AuditedAction
from jorge_data.store.credential import Credential
from jorge_data.store.sql import audit
from jorge_data.store.sql.driver import upsert
from jorge_data.store.sql.tables import sessions, tokens
from jorge_data.store.sql.writing import Read, Writing


class SQLCredentials:
    """`credential.Credentials`."""

    def __init__(self, writer: Writing, read: Read) -> None:
        self._writer, self._read = writer, read

    def add(self, credential: Credential, session: str | None, jti: str | None, act: AuditedAction) -> Future[bool]:
        def work(connection: Connection) -> bool:
            made_in = select(sessions.c.user, sessions.c.ended_at).where(sessions.c.id == session)
            made_by = select(tokens.c.user, tokens.c.revoked_at).where(tokens.c.jti == jti)
            user, ended = connection.execute(made_by if session is None else made_in).one_or_none() or (None, None)
            if ended is not None:
                return False
            connection.execute(insert(tokens).values(_values(credential._replace(user=user))))
            audit.write(connection, act)
            return True

        return self._writer.run(work)

    def revoke(self, jti: str, act: AuditedAction) -> Future[None]:
        def work(connection: Connection) -> None:
            _revoke(connection, jti, micros(act.at))
            audit.write(connection, act)

        return self._writer.run(work)

    def get(self, jti: str) -> Credential | None:
        with self._read() as connection:
            row = connection.execute(select(tokens).where(tokens.c.jti == jti)).one_or_none()
        return None if row is None else _credential(row)

    def newest(self, location: str | None, limit: int) -> list[Credential]:
        query = select(tokens).order_by(tokens.c.issued_at.desc()).limit(limit)
        if location is not None:
            query = query.where(tokens.c.location == location)
        with self._read() as connection:
            return [_credential(row) for row in connection.execute(query)]

    def of_user(self, user: int, now: datetime) -> list[Credential]:
        valid = tokens.c.revoked_at.is_(None), tokens.c.expires_at > micros(now)
        with self._read() as connection:
            rows = connection.execute(select(tokens).where(tokens.c.user == user, *valid))
            return [_credential(row) for row in rows]

    def revoked(self, now: datetime) -> list[Credential]:
        unexpired = or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > micros(now))
        with self._read() as connection:
            rows = connection.execute(select(tokens).where(tokens.c.revoked_at.is_not(None), unexpired))
            return [_credential(row) for row in rows]


def _revoke(connection: Connection, jti: str, at: int) -> None:
    connection.execute(
        upsert(connection, tokens).values(jti=jti, issued_at=at).on_conflict_do_nothing()
    )  # made elsewhere
    unrevoked = update(tokens).where(tokens.c.jti == jti, tokens.c.revoked_at.is_(None))
    connection.execute(unrevoked.values(revoked_at=at))


def _values(credential: Credential) -> dict[str, Any]:
    columns = credential._asdict()
    return {name: micros(value) if isinstance(value, datetime) else value for name, value in columns.items()}


def _credential(row: Row[*tuple[Any, ...]]) -> Credential:
    times = {
        name: None if value is None else moment(value) for name, value in row._mapping.items() if name.endswith("_at")
    }
    return Credential(**{**row._mapping, **times})
