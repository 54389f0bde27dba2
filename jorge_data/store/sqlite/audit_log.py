"""The audit log, read and verified; `audit` writes it."""

import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, closing
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
from sqlalchemy import ColumnElement, Connection, Row, func, or_, select

from jorge_data.errors import StoreError
from jorge_data.events.timestamps import micros, moment
from jorge_data.store.audit_entry import EVERY, ActName, AuditedAction, AuditEntry, AuditFilter, Verification
from jorge_data.store.sqlite.audit import verify, write
from jorge_data.store.sqlite.driver import driver_of
from jorge_data.store.sqlite.mark import AUDIT, slots_of
from jorge_data.store.sqlite.tables import audit
from jorge_data.store.sqlite.writer import Writer

LATEST = 5000
"""Entries among which the latest are looked for: the log is for ever, and has no index of moments."""


class SQLiteAudit:
    """`audit_entry.Audit` on SQLite."""

    def __init__(self, writer: Writer, read: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._writer, self._read = writer, read

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
        noted = self._writer.audited
        with self._read() as connection:
            return _with_earlier_break(driver_of(connection), verify(driver_of(connection), noted, known))


def verify_audit_log(store: Path) -> Verification | None:
    """Verify the chain of a store, which may be open elsewhere; None where it is of an older version than the chain.

    Raise StoreError where it cannot be read.
    """
    try:
        noted = slots_of(store).get(AUDIT)  # first: the log may grow meanwhile
        with closing(sqlite3.connect(f"file:{quote(str(store))}?mode=ro", uri=True)) as connection:
            if not connection.execute("SELECT 1 FROM pragma_table_info('audit') WHERE name = 'hash'").fetchone():
                return None
            connection.execute("BEGIN")
            return _with_earlier_break(connection, verify(connection, noted))
    except sqlite3.Error as error:
        raise StoreError(f"the audit log cannot be read: {error}") from error


def _with_earlier_break(connection: sqlite3.Connection, found: Verification) -> Verification:
    """Return what was found, and what an earlier start found: from there on the chain is whole again."""
    acts = connection.execute("SELECT what FROM audit WHERE act = 'audit.break'").fetchone()
    return found if found.fault or not acts else found._replace(fault=f"at an earlier start {acts[0]}")


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
