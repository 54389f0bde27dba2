"""The exported events in DuckDB: the only source of the recount, read without any of the product's own code."""

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

_EVENTS = """
CREATE TABLE events AS SELECT seq, id, source, type, epoch_us(time) AS us, time, data FROM read_json(?,
    format = 'newline_delimited', maximum_object_size = 200_000,
    columns = {seq: 'BIGINT', id: 'VARCHAR', source: 'VARCHAR', type: 'VARCHAR', time: 'TIMESTAMPTZ', data: 'JSON'})
"""
_MACROS = (
    "field(name) AS data ->> ('$.' || name)",
    "number(name) AS CAST(data ->> ('$.' || name) AS DOUBLE)",
    "truth(name) AS coalesce(CAST(data ->> ('$.' || name) AS BOOLEAN), false)",
    "local(micros) AS make_timestamptz(micros) AT TIME ZONE 'America/Chicago'",
    "tenth(score) AS CAST(CAST(10 * least(floor(score / 10), 9) AS INT) AS VARCHAR)",
    "twentieth(share) AS printf('%.2f', least(CAST(round(share * 1e6) AS BIGINT) // 50_000, 19) / 20)",
    "cents(dollars) AS CAST(round_even(dollars * 100, 0) AS BIGINT)",
)


class RawEvents:
    """Query the exported events in SQL; `$start` and `$end` stand for a period in microseconds."""

    def __init__(self, export: Path) -> None:
        self._connection = duckdb.connect()
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute(_EVENTS, [str(export)])
        for macro in _MACROS:
            self._connection.execute(f"CREATE MACRO {macro}")

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
