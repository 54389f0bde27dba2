"""Reading a log in order, around what cannot be read: a damaged page, a bad sector, bytes that are no event."""

import sqlite3
import time
from collections.abc import Callable, Sequence

import orjson
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from jorge_data.errors import StoreDamaged
from jorge_data.events import Cursor, Record, place
from jorge_data.store.log_page import Hole, Page
from jorge_data.store.sql.log import Log
from jorge_data.store.sqlite.driver import driver_of
from jorge_data.store.sqlite.failures import is_damage, may_pass

STEPS = 20_000
"""Most positions that are read one by one for a page; a page of rare kinds may be shorter for it."""

STANDS_S = 30.0
"""How long a disk's failure to read must last to be taken for damage: who passes over events does not come back."""

MOST_FAILING = 1_000

_ONE = "SELECT type, body FROM events WHERE log = ? AND seq = ?"


def read_log(
    connection: Connection,
    log: Log,
    after: int,
    limit: int,
    types: frozenset[str] | None,
    fast: Callable[[], list[Record]],
) -> Page:
    """Return up to `limit` records after a position, of these kinds, within a transaction that has read the log.

    `fast` reads them all at once; where that fails, or is not sound, they are read one by one, up to what cannot be.
    """
    try:
        records = fast()
        if _is_sound(records, log, after, limit, types):
            full = len(records) == limit
            return Page(records, records[-1].seq if full else max(log.top, after))
    except StoreDamaged:
        pass
    except (sqlite3.Error, DBAPIError, ValueError) as error:
        if not is_damage(error):
            raise
    return _read_around(driver_of(connection), log, after, limit, types)


def _is_sound(records: Sequence[Record], log: Log, after: int, limit: int, types: frozenset[str] | None) -> bool:
    """Return whether records are all there, where that can be said, and all are events."""
    if types is None:
        begin = max(after + 1, log.oldest)
        end = records[-1].seq if len(records) == limit else log.top
        if [record.seq for record in records] != list(range(begin, end + 1)):
            return False
    return all(map(_is_event, records))


def _is_event(record: Record) -> bool:
    try:
        return isinstance(orjson.loads(record.wire), dict)
    except orjson.JSONDecodeError:
        return False


def _read_around(driver: sqlite3.Connection, log: Log, after: int, limit: int, types: frozenset[str] | None) -> Page:
    records: list[Record] = []
    position = max(after, log.oldest - 1)
    last = min(log.top, position + STEPS)
    while position < last and len(records) < limit:
        record = _read_one(driver, log, position + 1)
        if record is None:
            hole = Hole(position + 1, _next_readable(driver, log, position + 1) - 1)
            return Page(records, hole.last, hole)
        position += 1
        if types is None or record.type in types:
            records.append(record)
    return Page(records, max(position, after))


def _read_one(driver: sqlite3.Connection, log: Log, seq: int) -> Record | None:
    """Return the record at a position of the log, None where it cannot be read."""
    try:
        row = driver.execute(_ONE, (log.id, seq)).fetchone()
    except sqlite3.Error as error:
        if not is_damage(error) or (may_pass(error) and not _stands(log.epoch)):
            raise
        return None
    if row is None or not isinstance(row[1], str):
        return None
    record = Record(seq, row[0], place(row[1].encode(), Cursor(log.epoch, seq)))
    return record if _is_event(record) else None


_failing: dict[str, tuple[float, float]] = {}
"""By epoch: since when the disk has not given back some of a log, and when that was seen last (monotonic seconds)."""


def _stands(epoch: str) -> bool:
    """Return whether the disk's failure to read a log has lasted for STANDS_S: till then everybody tries again."""
    now = time.monotonic()
    first, last = _failing.get(epoch, (now, now))
    if len(_failing) > MOST_FAILING:
        _failing.clear()
    _failing[epoch] = (first if now - last < 2 * STANDS_S else now), now
    return now - _failing[epoch][0] >= STANDS_S


def _next_readable(driver: sqlite3.Connection, log: Log, first: int) -> int:
    """Return the first position behind an unreadable one that can be read, the top + 1 where none can.

    By steps that double, then by halves: a damaged page holds events that follow on one another.
    """
    low, step = first, 1
    while (high := first + step) <= log.top and _read_one(driver, log, high) is None:
        low, step = high, 2 * step
    high = min(high, log.top + 1)
    while high - low > 1:
        middle = (low + high) // 2
        if _read_one(driver, log, middle) is None:
            low = middle
        else:
            high = middle
    return high
