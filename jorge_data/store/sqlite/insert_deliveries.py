"""Filing on SQLite: deliveries that are not known become rows, in the transaction that keeps the events beside them."""

import sqlite3
from collections import Counter
from collections.abc import Sequence

import orjson

from jorge_data.events.timestamps import micros
from jorge_data.store.delivery import Delivery

# One statement for all, as in `appending`; `WHERE true` tells the parser that ON belongs to the INSERT.
_FILE = (
    "INSERT INTO deliveries (location, vendor, key, type, received_at, body, state, events)"
    " SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, 'pending', 0"
    " FROM json_each(?) WHERE true ON CONFLICT (vendor, key) DO NOTHING RETURNING vendor, key"
)

_RELEASE = "UPDATE deliveries SET key = key || '@' || received_at WHERE vendor = ? AND key = ? AND received_at < ?"
"""Take a name from a delivery that is too old for the next of it to be a repeat; the delivery stays."""


def insert_deliveries(connection: sqlite3.Connection, deliveries: Sequence[Delivery]) -> list[bool]:
    """File deliveries within a transaction, in order; say of each whether one of its name had been filed before."""
    if not deliveries:
        return []
    ended = [(d.vendor, d.key, micros(d.received_at - d.known_for)) for d in deliveries if d.known_for is not None]
    if ended:
        connection.executemany(_RELEASE, ended)
    rows = [(d.location, d.vendor, d.key, d.type, micros(d.received_at), d.body.decode()) for d in deliveries]
    fresh = Counter(connection.execute(_FILE, (orjson.dumps(rows).decode(),)).fetchall())
    return [not _take(fresh, (delivery.vendor, delivery.key)) for delivery in deliveries]


def _take(fresh: Counter[tuple[str, str]], name: tuple[str, str]) -> bool:
    """Say whether a name is among the new ones; of two alike in one group the first alone is."""
    fresh[name] -= 1
    return fresh[name] >= 0
