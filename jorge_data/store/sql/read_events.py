"""Reading rows of events: by position, by ranges of time, and page by page in order of time."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, select, text, tuple_

from jorge_data.events import Cursor, Event, Record, decode
from jorge_data.events import place as put_cursor
from jorge_data.store.event_filter import EventFilter, EventPage, EventRow, EventSortKey, TimeRange
from jorge_data.store.sql import statements
from jorge_data.store.sql.driver import all_rows, fetch
from jorge_data.store.sql.fields import text_of
from jorge_data.store.sql.tables import events


def parameters(log: int, event_filter: EventFilter, ranges: Sequence[TimeRange] = ()) -> dict[str, Any]:
    """Return the parameters of a statement of `statements`; the conditions are part of the statement itself."""
    as_json = orjson.dumps([list(each) for each in ranges]).decode()
    start, end = min((each.start for each in ranges), default=0), max((each.end for each in ranges), default=0)
    return {
        "log": log,
        "kind": event_filter.kind,
        "top": event_filter.top,
        "ranges": as_json,
        "start": start,
        "end": end,
    }


def in_ranges(
    connection: Connection, log: int, event_filter: EventFilter, ranges: Sequence[TimeRange], limit: int
) -> list[EventRow]:
    """Return up to `limit` events of ranges of time, in no order."""
    rows = all_rows(
        connection,
        statements.in_ranges(event_filter.conditions, event_filter.visible),
        parameters(log, event_filter, ranges) | {"limit": limit + len(ranges)},
    )
    found = [EventRow(bucket, EventSortKey(time, seq), body) for bucket, time, seq, body in rows if seq is not None]
    return found[:limit]


def records(connection: Connection, log: int, epoch: str, after: int, limit: int) -> list[Record]:
    """Return up to `limit` records after a position, in order of the log."""
    rows = all_rows(connection, statements.RECORDS, {"log": log, "after": after, "limit": limit})
    return [Record(seq, kind, put_cursor(body.encode(), Cursor(epoch, seq))) for seq, kind, body in rows]


def read_page(connection: Connection, log: int, page: EventPage) -> list[EventRow]:
    """Return a page of events in order of time."""
    after = {} if page.after is None else page.after._asdict()
    start, end = page.span
    values = {**parameters(log, page.filter), "start": start, "end": end, "limit": page.limit, **after}
    wanted = page.filter
    statement = statements.page(wanted.conditions, page.fields, page.after is None, page.descending, wanted.visible)
    rows = all_rows(connection, statement, values)
    if page.fields:
        return [EventRow(0, EventSortKey(time, seq), "", fields) for time, seq, fields in rows]
    return [EventRow(0, EventSortKey(time, seq), body) for time, seq, body in rows]


_NEXT_REPORT = (
    select(events.c.time, events.c.seq)
    .where(
        events.c.log == bindparam("log"),
        events.c.type == "bot_status_update",
        events.c.time >= bindparam("time"),
        tuple_(events.c.time, events.c.seq) > tuple_(bindparam("time"), bindparam("seq")),
        events.c.seq + 0 <= bindparam("top"),
        text_of(events.c.body, "data", "bot_type") == bindparam("bot"),
    )
    .order_by(events.c.time, events.c.seq)
    .limit(1)
)


def next_report(connection: Connection, log: int, bot: str, after: tuple[int, int], top: int) -> tuple[int, int] | None:
    """Return the time and position of a bot's next status report after those, up to a position.

    The events of that time are read until one is this bot's: it is asked for late reports of another status alone.
    """
    values = {"log": log, "bot": bot, "time": after[0], "seq": after[1], "top": top}
    return next(((time, seq) for time, seq in fetch(connection, _NEXT_REPORT, values)), None)


_NEWEST_ABOUT = text(
    "SELECT seq, body FROM events /* by events_subject */"
    " WHERE log = :log AND subject = :subject AND type = :kind ORDER BY time DESC, seq DESC LIMIT 1"
)


def newest_about(connection: Connection, log: int, epoch: str, subject: str, kind: str) -> Event | None:
    """Return the newest event of a kind about a contact, by time and then position."""
    rows = fetch(connection, _NEWEST_ABOUT, {"log": log, "subject": subject, "kind": kind})
    return next((decode(put_cursor(body.encode(), Cursor(epoch, seq))) for seq, body in rows), None)
