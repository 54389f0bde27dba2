"""Erasures on SQLite: the mark knows the event that was acknowledged last by its content, which may be rewritten."""

from contextlib import suppress
from functools import partial

from sqlalchemy import Connection, select

from jorge_data.events import Cursor, place
from jorge_data.store.sql.erasures import SQLErasures
from jorge_data.store.sql.tables import logs
from jorge_data.store.sql.writing import Read, Writing
from jorge_data.store.sqlite.driver import driver_of
from jorge_data.store.sqlite.mark import Mark, slot


def marked_erasures(writer: Writing, read: Read, mark: Mark) -> SQLErasures:
    """Return erasures that silence the mark while events are rewritten."""
    return SQLErasures(writer, read, partial(_silence, mark), partial(_note, mark))


def _silence(mark: Mark, connection: Connection, location: str) -> None:
    log = connection.execute(select(logs.c.id).where(logs.c.location == location)).scalar_one_or_none()
    if log is not None:
        with suppress(OSError):
            mark.drop(log)


def _note(mark: Mark, connection: Connection, location: str) -> None:
    query = select(logs.c.id, logs.c.epoch, logs.c.top).where(logs.c.location == location)
    for log, epoch, top in connection.execute(query).all():
        body = driver_of(connection).execute("SELECT body FROM events WHERE log = ? AND seq = ?", (log, top))
        for (text,) in body.fetchall():
            with suppress(OSError):
                mark.note(log, slot(epoch, top, place(text.encode(), Cursor(epoch, top))))
