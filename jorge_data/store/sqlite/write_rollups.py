"""Writing what a fold changed, a few bulk statements a flush, and the watermark of a log: how far it is folded."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection

from jorge_data.store.rollup_types import CellDelta, EntityRow, FactRow, Flush, Watermark
from jorge_data.store.sql.log import find_log, read_watermark
from jorge_data.store.sql.search import sought
from jorge_data.store.sql.tables import DIMS

_PUT_WATERMARK = """
INSERT INTO watermarks (log, epoch, seq, rules, newest, minutes_from, mixed, left_out) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (log) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq, rules = excluded.rules,
    newest = excluded.newest, minutes_from = excluded.minutes_from, mixed = excluded.mixed, left_out = excluded.left_out
"""


def _write_watermark(driver: sqlite3.Connection, log: int, watermark: Watermark) -> None:
    """Set how far a log is folded."""
    (epoch, seq), *rest, left_out = watermark
    driver.execute(_PUT_WATERMARK, (log, epoch, seq, *rest, "\n".join(left_out)))


_BIGGEST = (1 << 63) - 1

_ADD_CELLS = """
INSERT INTO rollups (log, kind, measure, grain, bucket, d0, d1, d2, d3, d4, d5, d6, d7, n, sum, lo, hi, sketch)
VALUES (:row)
ON CONFLICT DO UPDATE SET
    n = n + excluded.n,
    sum = sum + excluded.sum,
    lo = min(coalesce(lo, excluded.lo), coalesce(excluded.lo, lo)),
    hi = max(coalesce(hi, excluded.hi), coalesce(excluded.hi, hi)),
    sketch = CASE WHEN excluded.sketch IS NULL THEN sketch WHEN sketch IS NULL THEN excluded.sketch ELSE (
        SELECT json_group_object(key, n) FROM (
            SELECT key, sum(value) AS n FROM (
                SELECT key, value FROM json_each(rollups.sketch)
                UNION ALL SELECT key, value FROM json_each(excluded.sketch))
            GROUP BY key HAVING sum(value) <> 0))
    END
"""
_REMOVE_EMPTY = "DELETE FROM rollups INDEXED BY rollups_empty WHERE log = ? AND n = 0"
_REMOVE_MINUTES = """
DELETE FROM rollups WHERE (log, kind, measure, grain, bucket, d0, d1, d2, d3, d4, d5, d6, d7) IN (
    SELECT r.log, r.kind, r.measure, r.grain, r.bucket, r.d0, r.d1, r.d2, r.d3, r.d4, r.d5, r.d6, r.d7
    FROM json_each(?) AS name CROSS JOIN rollups AS r
    ON r.log = ? AND r.kind = name.value ->> 0 AND r.measure = name.value ->> 1
    AND r.grain = 'minute' AND r.bucket < ?)
"""
_PUT_ENTITIES = """
INSERT INTO entities (log, family, key, at, name, value, status, summary, state, sought, digits)
SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
    substr(?3, value ->> 7, value ->> 8), value ->> 9, value ->> 10
FROM json_each(?2) WHERE true
ON CONFLICT DO UPDATE SET at = excluded.at, name = excluded.name, value = excluded.value, status = excluded.status,
    summary = excluded.summary, state = excluded.state, sought = excluded.sought, digits = excluded.digits
"""
_RETRACT = """
DELETE FROM facts WHERE id IN (
    SELECT id FROM (
        SELECT f.id AS id, gone.value ->> 12 AS n,
            row_number() OVER (PARTITION BY gone.key ORDER BY f.id) AS number
        FROM json_each(?) AS gone CROSS JOIN facts AS f
        ON f.log = ? AND f.kind = gone.value ->> 0 AND f.entity = gone.value ->> 2 AND f.at = gone.value ->> 1
        AND f.d0 = gone.value ->> 3 AND f.d1 = gone.value ->> 4 AND f.d2 = gone.value ->> 5
        AND f.d3 = gone.value ->> 6 AND f.d4 = gone.value ->> 7 AND f.d5 = gone.value ->> 8
        AND f.d6 = gone.value ->> 9 AND f.d7 = gone.value ->> 10 AND f.measures = gone.value ->> 11)
    WHERE number <= n)
"""
_ADD_FACTS = """
INSERT INTO facts (log, kind, at, entity, d0, d1, d2, d3, d4, d5, d6, d7, measures)
SELECT ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
    value ->> 8, value ->> 9, value ->> 10, value ->> 11
FROM json_each(?)
"""
_ADD_WORDS = (
    "INSERT OR IGNORE INTO words (log, kind, dim, value)"
    " SELECT ?, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)"
)


_COLUMNS = 18
_ROW = ",".join("?" * _COLUMNS)
_MOST_ROWS = 1 << 8
"""Most rows of one statement; through `json_each`, parsing them again cost more than writing them."""
_ADD_ROWS = {rows: _ADD_CELLS.replace(":row", "),(".join([_ROW] * rows)) for rows in (1 << power for power in range(9))}
"""Statements by their number of rows: few, for the driver caches each prepared; one for every number held 25 MB."""


def write_rollups(connection: Connection, driver: sqlite3.Connection, location: str, changed: Flush) -> bool:
    """Write what a fold changed; return False, and write nothing, where the log is not where the fold began."""
    log = find_log(connection, location)
    if log is None or log.epoch != changed.to.cursor.epoch or read_watermark(connection, log.id) != changed.after:
        return False
    if changed.cells:
        _add_cells(driver, log.id, changed.cells)
    if changed.entities:
        _put_entities(driver, log.id, changed.entities)
    if changed.retracted or changed.added:
        _move_facts(driver, log.id, changed.retracted, changed.added)
    if changed.words:
        driver.execute(_ADD_WORDS, (log.id, _json(changed.words)))
    if changed.expired:
        driver.execute(_REMOVE_MINUTES, (_json(changed.expired), log.id, changed.to.minutes_from))
    _write_watermark(driver, log.id, changed.to)
    return True


def _clamped(value: int) -> int:
    """Return a sum as SQLite can store it; only made-up numbers are beyond."""
    return max(-_BIGGEST, min(_BIGGEST, value))


def _padded(dims: Sequence[str]) -> list[str]:
    return [*dims, *("",) * (DIMS - len(dims))]


def _json(rows: Iterable[Sequence[Any]]) -> str:
    return orjson.dumps(list(rows)).decode()


def _add_cells(driver: sqlite3.Connection, log: int, cells: Sequence[CellDelta]) -> None:
    """Add to the rollups; a row that comes to count nothing is gone."""
    at = 0
    while count := min(_MOST_ROWS, len(cells) - at):
        rows = 1 << count.bit_length() - 1
        driver.execute(_ADD_ROWS[rows], [value for cell in cells[at : at + rows] for value in _cell(log, cell)])
        at += rows
    driver.execute(_REMOVE_EMPTY, (log,))


def _cell(log: int, c: CellDelta) -> tuple[Any, ...]:
    sketch = None if c.sketch is None else orjson.dumps(c.sketch, option=orjson.OPT_NON_STR_KEYS).decode()
    figures = c.n, _clamped(c.sum), c.lo, c.hi, sketch
    return log, c.kind, c.measure, c.grain, c.bucket, *_padded(c.dims), *figures


def _put_entities(driver: sqlite3.Connection, log: int, entities: Sequence[EntityRow]) -> None:
    """Write each entity as it is now."""
    rows, offset = [], 1
    for row in entities:
        found_by = sought(row.family, row.key, row.name, row.summary) or (None, None)
        rows.append([*row[:-1], offset, len(row.state), *found_by])
        offset += len(row.state)
    driver.execute(_PUT_ENTITIES, (log, _json(rows), b"".join(row.state for row in entities)))


def _move_facts(driver: sqlite3.Connection, log: int, retracted: Sequence[FactRow], added: Sequence[FactRow]) -> None:
    """Take away each retracted fact once, however many are alike, then add the others."""
    counts: dict[FactRow, int] = {}
    for fact in retracted:
        counts[fact] = counts.get(fact, 0) + 1
    gone = ([f.kind, f.at, f.entity, *_padded(f.dims), f.measures, n] for f, n in counts.items())
    driver.execute(_RETRACT, (_json(gone), log))
    driver.execute(_ADD_FACTS, (log, _json([f.kind, f.at, f.entity, *_padded(f.dims), f.measures] for f in added)))
