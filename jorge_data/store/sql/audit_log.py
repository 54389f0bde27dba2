"""The audit log, read and verified; `audit` writes it."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Row, func, or_, select

from jorge_data.errors import StoreError
from jorge_data.events.timestamps import micros, moment
from jorge_data.store.audit_entry import EVERY, ActName, AuditedAction, AuditEntry, AuditFilter, Verification
from jorge_data.store.sql.audit import write
from jorge_data.store.sql.tables import audit
from jorge_data.store.sql.writing import Read, Writing

LATEST = 5000
"""Entries among which the latest are looked for: the log is for ever, and has no index of moments."""


class SQLAudit:
    """`audit_entry.Audit`."""

    def __init__(
        self,
        writer: Writing,
        read: Read,
        verify: Callable[[Connection, tuple[int, str] | None], Verification],
    ) -> None:
        self._writer, self._read, self._verify = writer, read, verify

    def record(self, act: AuditedAction) -> Future[None]:
        return self._writer.run(lambda connection: write(connection, act))

    def newest(self, before: int | None, limit: int, wanted: AuditFilter = EVERY) -> list[AuditEntry]:
        query = select(audit).where(*_conditions(wanted)).order_by(audit.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(audit.c.id < before)
        with self._read() as connection:
            return [_entry(row) for row in connection.execute(query)]

    def after(self, entry: int, limit: int, wanted: AuditFilter = EVERY) -> list[AuditEntry]:
        query = select(audit).where(audit.c.id > entry, *_conditions(wanted)).order_by(audit.c.id).limit(limit)
        with self._read() as connection:
            return [_entry(row) for row in connection.execute(query)]

    def latest(self, since: datetime, acts: Sequence[ActName]) -> list[AuditEntry]:
        newest = select(func.max(audit.c.id)).scalar_subquery()
        wanted = _conditions(AuditFilter(acts=tuple(acts), start=since))
        query = select(audit).where(audit.c.id > newest - LATEST, *wanted).order_by(audit.c.id)
        with self._read() as connection:
            return [_entry(row) for row in connection.execute(query)]

    def names(self, location: str | None = None) -> list[str]:
        query = select(audit.c.by).distinct().order_by(audit.c.by)
        if location is not None:
            query = query.where(audit.c.location == location)
        with self._read() as connection:
            return list(connection.execute(query).scalars())

    def verify(self, known: tuple[int, str] | None = None) -> Verification:
        with self._read() as connection:
            return self._verify(connection, known)


def _conditions(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    columns, found = audit.c, list[ColumnElement[bool]]()
    if wanted.by is not None:
        found.append(columns.by == wanted.by)
    if wanted.acts:
        found.append(columns.act.in_(wanted.acts))
    if wanted.location is not None:
        found.append(columns.location == wanted.location)
    if wanted.start is not None:
        found.append(columns.at >= micros(wanted.start))
    if wanted.end is not None:
        found.append(columns.at < micros(wanted.end))
    if wanted.text:
        within = (columns[name] for name in ("by", "address", "location", "what", "before", "after"))
        found.append(or_(*(each.icontains(wanted.text, autoescape=True) for each in within)))
    return found


def _entry(row: Row[*tuple[Any, ...]]) -> AuditEntry:
    if None in (row.at, row.by, row.act, row.what):
        raise StoreError("the audit log has an entry that this server did not write")
    states = (None if text is None else orjson.loads(text) for text in (row.before, row.after))
    where = row.role, row.address, row.session, row.location
    return AuditEntry(row.id, AuditedAction(moment(row.at), row.by, row.act, row.what, *where, *states), row.hash)
