"""A location's log in the store, and how far it is folded."""

import secrets
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select

from jorge_data.events import Cursor
from jorge_data.store.rollup_types import Watermark
from jorge_data.store.sql.driver import fetch
from jorge_data.store.sql.tables import former_epochs, logs, watermarks


class Log(NamedTuple):
    """A location's log in the store: its number, its epoch, its newest and its oldest position.

    `lost`: the time of the newest event that was removed without being archived (microseconds), None where none was.
    `former`: earlier epochs of it, each with the position below which what is archived of that epoch is the log's.
    """

    id: int
    epoch: str
    top: int
    oldest: int = 1
    lost: int | None = None
    former: tuple[tuple[str, int], ...] = ()

    @property
    def archived(self) -> tuple[tuple[str, int], ...]:
        """Each epoch of the log, with the position below which its archived events are the log's."""
        return (*self.former, (self.epoch, self.oldest))


_LOG = select(logs.c.id, logs.c.epoch, logs.c.top, logs.c.oldest, logs.c.lost).where(
    logs.c.location == bindparam("location")
)
_FORMER = select(former_epochs.c.epoch, former_epochs.c.before).where(former_epochs.c.log == bindparam("log"))
_WATERMARK = select(
    watermarks.c.epoch,
    watermarks.c.seq,
    watermarks.c.rules,
    watermarks.c.newest,
    watermarks.c.minutes_from,
    watermarks.c.mixed,
    watermarks.c.left_out,
).where(watermarks.c.log == bindparam("log"))


def new_epoch() -> str:
    """Return the name of a log's life."""
    return secrets.token_hex(4)


def find_log(connection: Connection, location: str) -> Log | None:
    """Return a location's log, or None where it has none; within a transaction."""
    for id_, epoch, top, oldest, lost in fetch(connection, _LOG, {"location": location}):
        former = fetch(connection, _FORMER, {"log": id_}) if oldest > 1 else []
        return Log(id_, epoch, top, oldest, lost, tuple((name, before) for name, before in former))
    return None


def read_watermark(connection: Connection, log: int) -> Watermark | None:
    """Return how far a log is folded, or None where nothing of it is."""
    for epoch, seq, rules, newest, minutes_from, mixed, left_out in fetch(connection, _WATERMARK, {"log": log}):
        files = tuple(left_out.splitlines())
        return Watermark(Cursor(epoch, seq), rules, newest, minutes_from, bool(mixed), files)
    return None
