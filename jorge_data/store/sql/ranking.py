"""The contacts and properties with the most alerts in a span, without reading everybody's alerts.

How often each was ever named is kept beside the events (`namings`), and nobody is named more often in a span than
ever. So the most named are counted in the span first, and the search ends where no further name could be among the
greatest: the threshold algorithm (Fagin, Lotem and Naor, 2001), of one list.
"""

from collections.abc import Sequence
from heapq import nsmallest
from typing import Any

from sqlalchemy import ColumnClause, Connection, column, text

from jorge_data.store.sql.driver import AllRows, all_rows, fetch

FEW = 2_000
"""Alerts of a span that are read as quickly as names are looked up."""

FIRST, MOST_COUNTED = 128, 10_000
"""Names that the first step counts, each step twice as many; and how many all steps together may."""

_FIRST_OF_ALL = -(1 << 63)
_MANY = text(
    "SELECT count(*) FROM (SELECT 1 FROM events"
    " WHERE log = :log AND type = 'property_alert' AND time >= :start AND time < :end LIMIT :few) AS few"
)
_NEXT = """
SELECT name, standing, (
    SELECT count(*) FROM events /* by events_alerts_<column> */ WHERE log = :log AND type = 'property_alert'
    AND <column> = named.name AND time >= :start AND time < :end AND seq + 0 <= :top) AS n
FROM (
    SELECT name, standing FROM namings WHERE log = :log AND field = :field AND (standing, name) > (:standing, :name)
    ORDER BY standing, name LIMIT :limit) AS named
"""
COLUMN_OF = {"contact_id": "contact", "property_id": "property"}
"""The fields of an alert that have an index, and the column of each."""

_COUNTED: tuple[ColumnClause[Any], ...] = tuple(column(name) for name in ("name", "standing", "n"))

NEXT_NAMES: dict[str, AllRows] = {
    field: AllRows(text(_NEXT.replace("<column>", own)).columns(*_COUNTED)) for field, own in COLUMN_OF.items()
}
"""For each field: the next names in order of their standing, each with how many alerts it has in the span."""


def ranked(connection: Connection, field: str, within: dict[str, int], most: int) -> list[tuple[str, int]] | None:
    """Return the names with the most alerts and how many, in that order, of equals the first by name.

    None where reading the span's alerts is cheaper: there are few, or so many names were counted in vain.
    `within`: log, start and end of the time (microseconds, half-open), and the top position that counts.
    """
    if fetch(connection, _MANY, within | {"few": FEW})[0][0] < FEW:
        return None
    best: list[tuple[int, str]] = []
    values: dict[str, Any] = within | {"field": field, "standing": _FIRST_OF_ALL, "name": "", "limit": FIRST}
    while 2 * values["limit"] - FIRST <= MOST_COUNTED:
        rows = all_rows(connection, NEXT_NAMES[field], values)
        best = nsmallest(most, [*best, *((-n, name) for name, _, n in rows if n)])
        if len(rows) < values["limit"] or _is_decided(best, most, rows[-1]):
            return [(name, -n) for n, name in best]
        values |= {"standing": rows[-1][1], "name": rows[-1][0], "limit": 2 * values["limit"]}
    return None


def _is_decided(best: list[tuple[int, str]], most: int, last: Sequence[Any]) -> bool:
    """Return whether no later name can be among the best: each has as many at most, or comes later by name."""
    name, standing, _ = last
    return len(best) == most and best[-1] <= (standing, name)
