"""Deleting the oldest part of a log: positions below `oldest` are gone, those above it stay without a hole."""

from sqlalchemy import Connection, delete, func, select, update

from jorge_data.store.sql.log import read_watermark
from jorge_data.store.sql.tables import events, logs

AT_ONCE = 2_000
"""Most events that one transaction removes, so that no publish waits for more."""


def first_since(connection: Connection, location: str, moment: int) -> int:
    """Return the position of the first event that happened at a moment (microseconds) or later, else after the top."""
    log = connection.execute(select(logs.c.id, logs.c.top).where(logs.c.location == location)).one_or_none()
    if log is None:
        return 1
    query = select(events.c.seq).where(events.c.log == log.id, events.c.time >= moment).order_by(events.c.seq).limit(1)
    seq: int | None = connection.execute(query).scalar_one_or_none()
    return log.top + 1 if seq is None else seq


def delete_old(connection: Connection, location: str, epoch: str, before: int, archived: bool, folded: bool) -> int:
    """Remove the oldest events below a position, at most AT_ONCE; return the log's oldest position after it.

    A log of another epoch is left as it is. Of events that are not archived, the log notes the time of the newest as
    `lost`. `folded`: no more than what is folded now.
    """
    query = select(logs).where(logs.c.location == location, logs.c.epoch == epoch)
    log = connection.execute(query).one_or_none()
    if log is None:
        return before
    if folded:
        watermark = read_watermark(connection, log.id)
        before = min(
            before, watermark.cursor.seq + 1 if watermark is not None and watermark.cursor.epoch == epoch else 1
        )
    oldest: int = max(log.oldest, min(before, log.oldest + AT_ONCE, log.top + 1))
    gone = events.c.log == log.id, events.c.seq < oldest
    newest = None if archived else connection.execute(select(func.max(events.c.time)).where(*gone)).scalar_one()
    lost = max((time for time in (log.lost, newest) if time is not None), default=None)
    connection.execute(delete(events).where(*gone))
    connection.execute(update(logs).where(logs.c.id == log.id).values(oldest=oldest, lost=lost))
    return oldest
