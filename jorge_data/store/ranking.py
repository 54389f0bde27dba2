"""The contacts and properties with the most alerts in a span, without reading everybody's alerts.

How often each was ever named is kept beside the events (`namings`), and nobody is named more often in a span than
ever. So the most named are counted in the span first, and the search ends where nobody left could be among the
greatest: the threshold algorithm (Fagin, Lotem and Naor, 2001), of one list.
"""

from heapq import nsmallest
from typing import Any

import orjson
from sqlalchemy import Connection, TextClause, text

FIRST, MOST_COUNTED = 128, 10_000
"""Names that the first look counts, each look twice as many; where so many were not enough all alerts are counted."""

_FIRST_OF_ALL = -(1 << 63)
_NEXT = """
SELECT json_group_array(json_array(name, standing, (
    SELECT count(*) FROM events INDEXED BY events_alerts_<column> WHERE log = :log AND type = 'property_alert'
    AND <column> = named.name AND time >= :start AND time < :end AND seq + 0 <= :top)))
FROM (
    SELECT name, standing FROM namings WHERE log = :log AND field = :field AND (standing, name) > (:standing, :name)
    ORDER BY standing, name LIMIT :look) AS named
"""
_EVERYBODY = """
SELECT json_group_array(json_array(name, n)) FROM (
    SELECT <column> AS name, count(*) AS n FROM events INDEXED BY events_alerts_<column>
    WHERE log = :log AND type = 'property_alert' AND <column> IS NOT NULL
    AND time >= :start AND time < :end AND seq + 0 <= :top GROUP BY <column> ORDER BY n DESC, name LIMIT :most)
"""
_COLUMNS = {"contact_id": "contact", "property_id": "property"}


def _of(sql: str) -> dict[str, TextClause]:
    return {field: text(sql.replace("<column>", column)) for field, column in _COLUMNS.items()}


_LOOKS, _WHOLES = _of(_NEXT), _of(_EVERYBODY)
RANKED = frozenset(_COLUMNS)
"""What alerts can be ranked by."""


def ranked(connection: Connection, field: str, within: dict[str, int], most: int) -> list[tuple[str, int]]:
    """Return the names with the most alerts and how many, in that order, of equals the first by name.

    `within`: log, start and end of the time (microseconds, half-open), and the top position that counts.
    """
    best: list[tuple[int, str]] = []
    given: dict[str, Any] = within | {"field": field, "standing": _FIRST_OF_ALL, "name": "", "look": FIRST}
    while given["look"] <= MOST_COUNTED:
        found = _rows(connection, _LOOKS[field], given)
        best = nsmallest(most, [*best, *((-n, name) for name, _, n in found if n)])
        if len(found) < given["look"]:
            return [(name, -n) for n, name in best]
        name, standing, _ = found[-1]
        if len(best) == most and best[-1] <= (standing, name):  # who comes later has as many at most, or a later name
            return [(name, -n) for n, name in best]
        given |= {"standing": standing, "name": name, "look": 2 * given["look"]}
    return [(name, n) for name, n in _rows(connection, _WHOLES[field], within | {"most": most})]


def _rows(connection: Connection, statement: TextClause, given: dict[str, Any]) -> list[list[Any]]:
    rows: list[list[Any]] = orjson.loads(connection.execute(statement, given).scalar_one())
    return rows
