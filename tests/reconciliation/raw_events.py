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
_STOPS = "('stop', 'please stop texting me', 'remove me from your list', 'unsubscribe')"
_VIEWS = (
    f"""
CREATE VIEW spoken AS
SELECT field('contact_id') AS contact, field('conversation_id') AS conversation, us, seq, field('kind') AS kind,
    field('direction') = 'inbound' AND coalesce(field('author'), 'contact') = 'contact' AS inbound,
    CASE field('channel') WHEN 'voicemail' THEN 'call' ELSE coalesce(field('channel'), 'other') END AS channel,
    field('channel') IS NULL AS everywhere,
    kind = 'message' AND inbound AND lower(trim(field('body'), ' .!')) IN {_STOPS} AS stops,
    kind = 'message' AND inbound AND lower(trim(field('body'), ' .!')) = 'start' AS starts,
    kind IN ('message', 'call_started') AND inbound AND NOT stops AND NOT starts AS own
FROM events WHERE type = 'conversation_event'
""",
    """
CREATE VIEW consents AS
SELECT contact, conversation, us, seq, kind = 'opted_out' OR stops AS gone,
    unnest(CASE WHEN everywhere THEN ['sms', 'email', 'call', 'chat', 'other'] ELSE [channel] END) AS channel
FROM spoken WHERE kind IN ('opted_out', 'opted_in') OR stops OR starts
""",
    """
CREATE VIEW ended AS
WITH used AS (
    SELECT DISTINCT conversation, channel FROM spoken
    WHERE kind IN ('message', 'call_started', 'call_ended') AND NOT stops AND NOT starts),
returned AS (
    SELECT conversation, channel, max((us, seq)) AS last_in FROM consents WHERE NOT gone GROUP BY ALL),
since AS (
    SELECT conversation, channel, min(us) AS us FROM consents LEFT JOIN returned USING (conversation, channel)
    WHERE gone AND (us, seq) > coalesce(last_in, (0, 0)) GROUP BY ALL),
whole AS (
    SELECT conversation, count(*) AS channels, count(since.us) AS lost, max(since.us) AS us
    FROM used LEFT JOIN since USING (conversation, channel) GROUP BY conversation)
SELECT conversation, us FROM whole WHERE channels = lost
UNION ALL SELECT conversation, min(us) FROM since WHERE conversation NOT IN (SELECT conversation FROM used) GROUP BY ALL
""",
    """
CREATE VIEW touched AS
WITH acts AS (
    SELECT split_part(field('item'), ':', 2) AS contact, us, seq, field('action') AS action,
        field('outcome') AS outcome,
        lead(field('action')) OVER (PARTITION BY field('item'), field('by') ORDER BY us, seq) AS following
    FROM events WHERE type = 'attention_update')
SELECT contact, max((us, seq)) AS newest FROM (
    SELECT contact, us, seq FROM acts WHERE action = 'called' AND coalesce(following, '') <> 'undone'
        AND outcome IN ('reached', 'appointment', 'not_interested')
    UNION ALL SELECT field('contact_id'), us, seq FROM events
    WHERE type = 'conversation_event' AND field('author') = 'agent' AND field('kind') NOT IN ('task', 'note')
        AND coalesce(field('delivery'), 'read') IN ('delivered', 'read'))
GROUP BY contact
""",
)
"""What people said and opted out of by channel, the conversations that ended so, and when agents reached whom last."""


class RawEvents:
    """Query the exported events in SQL; `$start` and `$end` stand for a period in microseconds."""

    def __init__(self, export: Path) -> None:
        self._connection = duckdb.connect()
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute(_EVENTS, [str(export)])
        for macro in _MACROS:
            self._connection.execute(f"CREATE MACRO {macro}")
        for view in _VIEWS:
            self._connection.execute(view)

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
