"""Removing what was folded of a log, in parts."""

from sqlalchemy import Connection, Table, delete, select, tuple_

from jorge_data.store.sql.log import find_log
from jorge_data.store.sql.tables import FOLDED, watermarks

CLEARED = 20_000
"""Most rows of a table that one transaction removes, so that publishers do not wait for long."""


def clear_rollups(connection: Connection, location: str, lost: int | None) -> bool:
    """Remove the watermark of a log and part of what was folded; return whether there is no more to do.

    A log that has lost events since a view had this `lost` is left as it is: it could not be folded anew.
    """
    log = find_log(connection, location)
    if log is None or log.lost != lost:
        return True
    connection.execute(delete(watermarks).where(watermarks.c.log == log.id))
    unfinished = [table for table in FOLDED if not _clear_some(connection, table, log.id)]  # of each table some
    return not unfinished


def _clear_some(connection: Connection, table: Table, log: int) -> bool:
    keys = tuple_(*table.primary_key.columns)
    some = select(*table.primary_key.columns).where(table.c.log == log).limit(CLEARED)
    return connection.execute(delete(table).where(keys.in_(some))).rowcount < CLEARED
