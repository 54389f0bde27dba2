"""Writing what a fold changed, a few bulk statements a flush, and the watermark of a log: how far it is folded."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Table, bindparam, delete, select, tuple_

from jorge_data.events import Cursor
from jorge_data.store.rollup_types import CellDelta, EntityRow, FactRow, Flush, Watermark
from jorge_data.store.sqlite.driver import fetch
from jorge_data.store.sqlite.search import sought
from jorge_data.store.sqlite.tables import DIMS, FOLDED, former_epochs, logs, watermarks


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

CLEARED = 20_000
"""Most rows of a table that one transaction removes, so that publishers do not wait for long."""


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


def clear_rollups(connection: Connection, location: str, lost: int | None) -> bool:
    """Remove the watermark of a log and part of what was folded; return whether there is no more to do.

    A log that has lost events since a view had this `lost` is left as it is: it could not be folded anew.
    """
    log = find_log(connection, location)
    if log is None or log.lost != lost:
        return True
    connection.execute(delete(watermarks).where(watermarks.c.log == log.id))
    unfinished = [table for table in FOLDED if not _clear_some(connection, table, log.id)]  # of each table some
    return not unfinished


def _clear_some(connection: Connection, table: Table, log: int) -> bool:
    keys = tuple_(*table.primary_key.columns)
    some = select(*table.primary_key.columns).where(table.c.log == log).limit(CLEARED)
    return connection.execute(delete(table).where(keys.in_(some))).rowcount < CLEARED


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
