"""Writing what a fold changed, a few bulk statements a flush, and the watermark of a log: how far it is folded."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection

from jorge_data.store.postgresql.driver import PostgreSQLDriver, driver_of
from jorge_data.store.rollup_types import CellDelta, EntityRow, FactRow, Flush, Watermark
from jorge_data.store.sql.log import find_log, read_watermark
from jorge_data.store.sql.search import sought
from jorge_data.store.sql.tables import DIMS

_BIGGEST = (1 << 63) - 1
_D = [f"d{place}" for place in range(DIMS)]
_KEY = ["kind", "measure", "grain", "bucket", *_D]


def _columns(texts: Sequence[str], first: int = 0) -> str:
    """Return the values of each list as text, from a place on."""
    return ", ".join(f"value ->> {place}" for place in range(first, first + len(texts)))


_PUT_WATERMARK = """
INSERT INTO watermarks (log, epoch, seq, rules, newest, minutes_from, mixed, left_out) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (log) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq, rules = excluded.rules,
    newest = excluded.newest, minutes_from = excluded.minutes_from, mixed = excluded.mixed, left_out = excluded.left_out
"""
_ADD_CELLS = f"""
INSERT INTO rollups (log, {", ".join(_KEY)}, n, sum, lo, hi, sketch)
SELECT ?, value ->> 0, value ->> 1, value ->> 2, (value ->> 3)::bigint, {_columns(_D, 4)}, (value ->> 12)::bigint,
    (value ->> 13)::bigint, (value ->> 14)::bigint, (value ->> 15)::bigint, value ->> 16
FROM listed(?)
ON CONFLICT (log, {", ".join(_KEY)}) DO UPDATE SET
    n = rollups.n + excluded.n,
    sum = greatest(least(rollups.sum::numeric + excluded.sum, {_BIGGEST}), -{_BIGGEST})::bigint,
    lo = least(rollups.lo, excluded.lo), hi = greatest(rollups.hi, excluded.hi),
    sketch = add_sketches(rollups.sketch, excluded.sketch)
"""  # noqa: S608 - names of columns
_REMOVE_EMPTY = f"""
DELETE FROM rollups AS r USING listed(?) AS name
WHERE r.log = ? AND r.n = 0 AND r.kind = name.value ->> 0 AND r.measure = name.value ->> 1
AND r.grain = name.value ->> 2 AND r.bucket = (name.value ->> 3)::bigint
AND {" AND ".join(f"r.{d} = name.value ->> {place}" for place, d in enumerate(_D, 4))}
"""  # noqa: S608 - names of columns
"""Of the rows that were written: an index of the empty ones would make each change of a row one of all its indexes."""
_REMOVE_MINUTES = """
DELETE FROM rollups AS r USING listed(?) AS name WHERE r.log = ? AND r.kind = name.value ->> 0
AND r.measure = name.value ->> 1 AND r.grain = 'minute' AND r.bucket < ?
"""
_PUT_ENTITIES = """
INSERT INTO entities (log, family, key, at, name, value, status, summary, state, sought, digits)
SELECT ?, value ->> 0, value ->> 1, (value ->> 2)::bigint, value ->> 3, (value ->> 4)::bigint, value ->> 5,
    value ->> 6, substr(?::bytea, (value ->> 7)::int, (value ->> 8)::int), value ->> 9, value ->> 10
FROM listed(?)
ON CONFLICT (log, family, key) DO UPDATE SET at = excluded.at, name = excluded.name, value = excluded.value,
    status = excluded.status, summary = excluded.summary, state = excluded.state, sought = excluded.sought,
    digits = excluded.digits
"""
_RETRACT = f"""
DELETE FROM facts WHERE id IN (
    SELECT id FROM (
        SELECT f.id AS id, (gone.value ->> 12)::bigint AS n,
            row_number() OVER (PARTITION BY gone.key ORDER BY f.id) AS number
        FROM listed(?) AS gone JOIN facts AS f
        ON f.log = ? AND f.kind = gone.value ->> 0 AND f.entity = gone.value ->> 2
        AND f.at = (gone.value ->> 1)::bigint AND f.measures = gone.value ->> 11
        AND {" AND ".join(f"f.{d} = gone.value ->> {place}" for place, d in enumerate(_D, 3))}) AS alike
    WHERE number <= n)
"""  # noqa: S608 - names of columns
_ADD_FACTS = f"""
INSERT INTO facts (log, kind, at, entity, {", ".join(_D)}, measures)
SELECT ?, value ->> 0, (value ->> 1)::bigint, value ->> 2, {_columns(_D, 3)}, value ->> 11 FROM listed(?) ORDER BY key
"""  # noqa: S608 - names of columns
_ADD_WORDS = (
    "INSERT INTO words (log, kind, dim, value)"
    " SELECT ?, each.value ->> 0, each.value ->> 1, each.value ->> 2 FROM listed(?) AS each ON CONFLICT DO NOTHING"
)


def write_rollups(connection: Connection, location: str, changed: Flush) -> bool:
    """Write what a fold changed; return False, and write nothing, where the log is not where the fold began."""
    log = find_log(connection, location)
    if log is None or log.epoch != changed.to.cursor.epoch or read_watermark(connection, log.id) != changed.after:
        return False
    driver = driver_of(connection)
    if changed.cells:
        cells = _json(_added_up(changed.cells))
        driver.execute(_ADD_CELLS, (log.id, cells))
        driver.execute(_REMOVE_EMPTY, (cells, log.id))
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


def _write_watermark(driver: PostgreSQLDriver, log: int, watermark: Watermark) -> None:
    (epoch, seq), *rest, left_out = watermark
    driver.execute(_PUT_WATERMARK, (log, epoch, seq, *rest, "\n".join(left_out)))


def _added_up(cells: Iterable[CellDelta]) -> list[list[Any]]:
    """Return each row once, with all that is added to it: one statement may not change a row twice."""
    rows: dict[tuple[Any, ...], list[Any]] = {}
    for cell in cells:
        key = cell.kind, cell.measure, cell.grain, cell.bucket, *_padded(cell.dims)
        n, total, lo, hi, sketch = rows.get(key, [0, 0, None, None, None])
        least = min((each for each in (lo, cell.lo) if each is not None), default=None)
        most = max((each for each in (hi, cell.hi) if each is not None), default=None)
        rows[key] = [n + cell.n, total + cell.sum, least, most, _sketches(sketch, cell.sketch)]
    return [
        [*key, n, max(-_BIGGEST, min(_BIGGEST, total)), lo, hi, None if sketch is None else _sketch(sketch)]
        for key, (n, total, lo, hi, sketch) in rows.items()
    ]


def _sketches(one: Mapping[int, int] | None, other: Mapping[int, int] | None) -> Mapping[int, int] | None:
    if one is None or other is None:
        return one if other is None else other
    return {bucket: one.get(bucket, 0) + other.get(bucket, 0) for bucket in {**one, **other}}


def _sketch(sketch: Mapping[int, int]) -> str:
    return orjson.dumps(sketch, option=orjson.OPT_NON_STR_KEYS).decode()


def _padded(dims: Sequence[str]) -> list[str]:
    return [*dims, *("",) * (DIMS - len(dims))]


def _json(rows: Iterable[Sequence[Any]]) -> str:
    return orjson.dumps(list(rows)).decode()


def _put_entities(driver: PostgreSQLDriver, log: int, entities: Sequence[EntityRow]) -> None:
    """Write each entity as it is now."""
    rows, offset = [], 1
    for row in {(row.family, row.key): row for row in entities}.values():
        found_by = sought(row.family, row.key, row.name, row.summary) or (None, None)
        rows.append(([*row[:-1], offset, len(row.state), *found_by], row.state))
        offset += len(row.state)
    states = b"".join(state for _, state in rows)
    driver.execute(_PUT_ENTITIES, (log, states, _json(row for row, _ in rows)))


def _move_facts(driver: PostgreSQLDriver, log: int, retracted: Sequence[FactRow], added: Sequence[FactRow]) -> None:
    """Take away each retracted fact once, however many are alike, then add the others."""
    counts: dict[FactRow, int] = {}
    for fact in retracted:
        counts[fact] = counts.get(fact, 0) + 1
    gone = ([f.kind, f.at, f.entity, *_padded(f.dims), f.measures, n] for f, n in counts.items())
    driver.execute(_RETRACT, (_json(gone), log))
    driver.execute(_ADD_FACTS, (log, _json([f.kind, f.at, f.entity, *_padded(f.dims), f.measures] for f in added)))
