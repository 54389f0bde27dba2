"""The watermark of a log: how far it is folded; what a flush must find as it left it."""

from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert

from jorge_data.events import Cursor
from jorge_data.store.folded import Watermark
from jorge_data.store.tables import logs, watermarks


class Log(NamedTuple):
    """A location's log within the store: its number, the name of its life, its newest and its oldest position.

    `lost`: the time of the newest event that was removed without being archived (microseconds), None where none was.
    """

    id: int
    epoch: str
    top: int
    oldest: int = 1
    lost: int | None = None


_LOG = select(logs.c.id, logs.c.epoch, logs.c.top, logs.c.oldest, logs.c.lost).where(
    logs.c.location == bindparam("named")
)
_WATERMARK = select(watermarks).where(watermarks.c.log == bindparam("of"))


def find_log(connection: Connection, location: str) -> Log | None:
    """Return a location's log, or None where it has none."""
    row = connection.execute(_LOG, {"named": location}).one_or_none()
    return None if row is None else Log(*row)


def read(connection: Connection, log: int) -> Watermark | None:
    """Return how far a log is folded, or None where nothing of it is."""
    row = connection.execute(_WATERMARK, {"of": log}).one_or_none()
    if row is None:
        return None
    return Watermark(Cursor(row.epoch, row.seq), row.rules, row.newest, row.minutes_from, row.mixed)


def write(connection: Connection, log: int, watermark: Watermark) -> None:
    """Set how far a log is folded."""
    values = {
        "epoch": watermark.cursor.epoch,
        "seq": watermark.cursor.seq,
        "rules": watermark.rules,
        "newest": watermark.newest,
        "minutes_from": watermark.minutes_from,
        "mixed": watermark.mixed,
    }
    statement = insert(watermarks).values(log=log, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["log"], set_=values))


def remove(connection: Connection, log: int) -> None:
    """Forget how far a log is folded: until it is again, nothing may be answered from its rollups."""
    connection.execute(delete(watermarks).where(watermarks.c.log == log))
