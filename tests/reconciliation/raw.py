"""The exported events in DuckDB: all that the recount may know, read without any of the product's own code."""

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

_EVENTS = """
CREATE TABLE events AS SELECT seq, id, source, type, epoch_us(time) AS us, time, data FROM read_json(?,
    format = 'newline_delimited', maximum_object_size = 200_000,
    columns = {seq: 'BIGINT', id: 'VARCHAR', source: 'VARCHAR', type: 'VARCHAR', time: 'TIMESTAMPTZ', data: 'JSON'})
"""
_FIELD = "CREATE MACRO field(name) AS data ->> ('$.' || name)"
_NUMBER = "CREATE MACRO number(name) AS CAST(data ->> ('$.' || name) AS DOUBLE)"
_TRUE = "CREATE MACRO truth(name) AS coalesce(CAST(data ->> ('$.' || name) AS BOOLEAN), false)"
_LOCAL = "CREATE MACRO local(micros) AS make_timestamptz(micros) AT TIME ZONE 'America/Chicago'"

_SCALARS = """
CREATE MACRO cents(dollars) AS CAST(round_even(CAST(dollars AS DOUBLE) * 100, 0) AS BIGINT)
"""


class Raw:
    """Ask the exported events in SQL; `$start` and `$end` stand for a period in microseconds."""

    def __init__(self, export: Path) -> None:
        self._connection = duckdb.connect()
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute(_EVENTS, [str(export)])
        for macro in (_FIELD, _NUMBER, _TRUE, _LOCAL, _SCALARS):
            self._connection.execute(macro)

    def rows(self, sql: str, **named: Any) -> list[Any]:
        """Return the rows of a query; parameters that it does not name are left out."""
        given = {name: _micros(value) for name, value in named.items() if f"${name}" in sql}
        return self._connection.execute(sql, given).fetchall()

    def one(self, sql: str, **named: Any) -> Any:
        """Return the single value of a query."""
        ((value,),) = self.rows(sql, **named)
        return value

    def table(self, sql: str, **named: Any) -> dict[Any, Any]:
        """Return the rows of a query by all their columns but the last."""
        return {row[0] if len(row) == 2 else row[:-1]: row[-1] for row in self.rows(sql, **named)}

    def close(self) -> None:
        self._connection.close()


def _micros(value: Any) -> Any:
    if not isinstance(value, datetime):
        return value
    return round(value.timestamp()) * 1_000_000 + value.microsecond
