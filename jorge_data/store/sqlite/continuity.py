"""Whether each log goes on where it ended, by the mark; one that does not begins a new epoch.

A reader's position is one of an epoch. Where a copy of the database was put back, the positions after it are given to
other events: under the old epoch a reader would take them for those that it has.
"""

import logging
import secrets
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection

from jorge_data.events import Cursor, place
from jorge_data.store.audit_entry import AuditedAction
from jorge_data.store.sql.audit import write
from jorge_data.store.sql.log import new_epoch
from jorge_data.store.sqlite.audit import end_fault, head
from jorge_data.store.sqlite.driver import driver_of
from jorge_data.store.sqlite.mark import AUDIT, Mark, Slot, digest, slot

logger = logging.getLogger(__name__)

NAMED = 5
"""Logs that the audit's entry names; of more it says how many."""

_LOGS = "SELECT id, location, epoch, oldest, top FROM logs ORDER BY id"
_BODY = "SELECT body FROM events WHERE log = ? AND seq = ?"
# What is archived of the old epoch stays the log's up to here: what came after it in a life that is given up does not.
_NOTE_FORMER = (
    "INSERT INTO former_epochs (log, epoch, before) SELECT id, epoch, oldest FROM logs WHERE id = ? AND oldest > 1"
)
_RENAME = "UPDATE logs SET epoch = ? WHERE id = ?"
# What is folded of a log stands in the same database, and so is of the same events.
_RENAME_WATERMARK = "UPDATE watermarks SET epoch = ? WHERE log = ? AND epoch = ?"


class _Log(NamedTuple):
    id: int
    location: str
    epoch: str
    oldest: int
    top: int


def go_on(connection: Connection, mark: Mark) -> None:
    """Give each log a new epoch that does not go on where the mark says that it ended, and begin the mark anew."""
    driver = driver_of(connection)
    # Read before the transaction: one that has met a damaged page cannot write. Nobody else does meanwhile.
    name = next((row[0] for row in driver.execute("SELECT id FROM store")), None)
    every = mark.doubt(name)
    logs = [_Log(*row) for row in driver.execute(_LOGS)]
    reasons = {log.id: reason for log in logs if (reason := every or _break(driver, log, mark.slots.get(log.id)))}
    broken = [log for log in logs if log.id in reasons]
    renamed = [log._replace(epoch=new_epoch()) if log.id in reasons else log for log in logs]
    slots = {log.id: mark.slots[log.id] for log in logs if log.id in mark.slots and log.id not in reasons}
    cut = None if every else end_fault(driver, mark.slots.get(AUDIT))
    for log in renamed:
        if log.id not in slots and (wire := _wire(driver, log, log.top)) is not None:
            slots[log.id] = slot(log.epoch, log.top, wire)
    with connection.begin():
        for log, new in zip(logs, renamed, strict=True):
            if log.id in reasons:
                logger.warning("the log of %s begins a new epoch at %d: %s", log.location, log.top, reasons[log.id])
                driver.execute(_NOTE_FORMER, (log.id,))
                driver.execute(_RENAME, (new.epoch, log.id))
                driver.execute(_RENAME_WATERMARK, (new.epoch, log.id, log.epoch))
        if broken:
            write(connection, _act(broken, every))
        if cut:
            logger.error("the audit log was changed while the server did not run: %s", cut)
            write(connection, AuditedAction(datetime.now(UTC), "event-server", "audit.break", cut))
        if name is None:
            name = secrets.token_hex(16)
            driver.execute("INSERT INTO store (id) VALUES (?)", (name,))
    if (end := head(driver)) is not None:
        slots[AUDIT] = end
    mark.begin(name, slots)


def _break(driver: sqlite3.Connection, log: _Log, noted: Slot | None) -> str | None:
    """Return why a log does not go on where the mark says that it ended, None where it does."""
    if noted is None:
        return None
    if noted.epoch != digest(log.epoch.encode()):
        return "it is of another epoch than was acknowledged"
    if log.top < noted.top:
        return f"it was acknowledged up to {noted.top}"
    if noted.top < log.oldest:  # that event has been archived or deleted since
        return None
    wire = _wire(driver, log, noted.top)
    return None if wire is None or digest(wire) == noted.last else f"another event was acknowledged at {noted.top}"


def _wire(driver: sqlite3.Connection, log: _Log, seq: int) -> bytes | None:
    """Return the event at a position as it is served, None where there is none that can be read."""
    try:
        row = driver.execute(_BODY, (log.id, seq)).fetchone()
    except sqlite3.Error:
        return None
    return place(row[0].encode(), Cursor(log.epoch, seq)) if row else None


def _act(broken: Sequence[_Log], every: str | None) -> AuditedAction:
    names = ", ".join(log.location for log in broken[:NAMED])
    more = f" and {len(broken) - NAMED} more" if len(broken) > NAMED else ""
    why = every or "not where it was acknowledged"
    return AuditedAction(datetime.now(UTC), "event-server", "epoch.begin", f"{names}{more}: {why}")
