"""The audit log: who did what and when; it only grows."""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import Connection, insert, select

from jorge_data.events.timestamps import micros, moment
from jorge_data.store.sqlite.tables import audit
from jorge_data.store.sqlite.writer import Writer

ActName = Literal[
    "token.make",
    "token.revoke",
    "location.remove",
    "deliveries.retranslate",
    "rollups.rebuild",
    "epoch.begin",
    "store.restore",
]


class AuditedAction(NamedTuple):
    """Who did what, when, and to what: a token's id, a location."""

    at: datetime
    by: str
    act: ActName
    what: str


class AuditEntry(NamedTuple):
    """An act in the log; `id` is its number in the order of acts."""

    id: int
    act: AuditedAction


class Audit:
    """Keeps every act for ever; any thread may call; what returns a future is durable when done."""

    def __init__(self, writer: Writer, read: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._writer, self._read = writer, read

    def record(self, act: AuditedAction) -> Future[None]:
        """Write an act. Raise StoreBusy where too much waits."""
        return self._writer.run(lambda connection: write(connection, act))

    def newest(self, before: int | None, limit: int) -> list[AuditEntry]:
        """Return the newest acts, or those before an entry's id, newest first."""
        query = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(audit.c.id < before)
        with self._read() as connection:
            return [
                AuditEntry(row.id, AuditedAction(moment(row.at), row.by, row.act, row.what))
                for row in connection.execute(query)
            ]


def write(connection: Connection, act: AuditedAction) -> None:
    """Write an act in the transaction of what it did."""
    connection.execute(insert(audit).values(at=micros(act.at), by=act.by, act=act.act, what=act.what))
