"""Reading rows of events: by position, by ranges of time, and page by page in order of time."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Connection

from jorge_data.events import Cursor, Record
from jorge_data.events import place as put_cursor
from jorge_data.store.event_filter import EventFilter, EventPage, EventRow, EventSortKey, TimeRange
from jorge_data.store.sqlite import statements
from jorge_data.store.sqlite.json_rows import json_rows


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
    rows = json_rows(
        connection,
        statements.in_ranges(event_filter.conditions),
        parameters(log, event_filter, ranges) | {"limit": limit},
    )
    return [EventRow(bucket, EventSortKey(time, seq), body) for bucket, time, seq, body in rows]


def records(connection: Connection, log: int, epoch: str, after: int, limit: int) -> list[Record]:
    """Return up to `limit` records after a position, in order of the log."""
    rows = json_rows(connection, statements.RECORDS, {"log": log, "after": after, "limit": limit})
    return [Record(seq, kind, put_cursor(body.encode(), Cursor(epoch, seq))) for seq, kind, body in rows]


def read_page(connection: Connection, log: int, page: EventPage) -> list[EventRow]:
    """Return a page of events in order of time."""
    after = {} if page.after is None else page.after._asdict()
    start, end = page.span
    values = {**parameters(log, page.filter), "start": start, "end": end, "limit": page.limit, **after}
    statement = statements.page(page.filter.conditions, page.fields, page.after is None, page.descending)
    rows = json_rows(connection, statement, values)
    if page.fields:
        return [EventRow(0, EventSortKey(time, seq), "", fields) for time, seq, fields in rows]
    return [EventRow(0, EventSortKey(time, seq), body) for time, seq, body in rows]
