"""Moving: every row of a store into an empty one, table by table in the order of keys, and a hash of both sides.

What has been moved is a beginning of each table in that order, so that a move that was broken off goes on behind it.
Until all is verified the target's schema has a version that no server opens.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

import orjson
from sqlalchemy import Boolean, Connection, LargeBinary, Table, inspect

from jorge_data.errors import StoreError
from jorge_data.store.audit_entry import AuditedAction
from jorge_data.store.sql.audit import write
from jorge_data.store.sql.driver import Driver, driver_of
from jorge_data.store.sql.tables import events, metadata, store

BATCH = 5_000
"""Rows of one transaction: some 5 MB of events."""

COPYING, VERIFYING = 0.6, 0.4
"""Shares of the work: writing a row takes longer than reading it on both sides."""

MOVING = "moving-"
"""How the version of a schema begins into which a move goes on; what follows names the source and its state."""

MOVED_TABLES = tuple(table for table in metadata.sorted_tables if table is not store)
"""Those that others refer to first; `store` is written last, and is what a server looks for."""

Show = Callable[[float, str], None]
"""Called with the share that is done (0–1) and a note."""

Row = Sequence[Any]


class Life(NamedTuple):
    """When a store's last server was last known alive (microseconds since 1970), and whether it ended in order."""

    alive_at: int | None
    ended: bool


class MovedLog(NamedTuple):
    """A log that was moved: how many events it has, and the SHA-256 of them, the same on both sides."""

    location: str
    events: int
    sha256: str


class MoveSide(Protocol):
    """One store of a move; no server has it as long as it is open."""

    @property
    def name(self) -> str:
        """What people call it; never with a password."""

    @property
    def connection(self) -> Connection:
        """The one connection to it."""

    @property
    def head(self) -> str:
        """The version of its schema that this program knows."""

    @property
    def keeps_zeros(self) -> bool:
        """Whether a text may have a character zero."""

    def life(self) -> Life:
        """Return what is known of its last server."""

    def migrate(self) -> None:
        """Make the tables where there are none."""

    def insert(self, table: Table, names: Sequence[str], rows: Sequence[Row]) -> None:
        """Insert rows in a transaction that has begun, without what triggers do: their rows are moved as well."""

    def write_store(self, name: str, life: Life) -> None:
        """Write the row of `store`, and let new rows go on behind those that were moved."""

    def finish(self) -> None:
        """Make what was committed a store that a server opens."""


def move(source: MoveSide, target: MoveSide, show: Show) -> list[MovedLog]:
    """Move all rows of a source into a target that is empty, or in which a move of the same source was broken off.

    Raise StoreError, the target unusable as a store, where one of them is not what it should be.
    """
    with source.connection.begin():  # one moment, however long it takes
        driver = driver_of(source.connection)
        if (version := version_of(source.connection)) != source.head:
            raise StoreError(f"{source.name} is of version {version}, and this program of {source.head}: start the"
                             " event server of this version on it once, and end it")  # fmt: skip
        counts = {table: _count(driver, table) for table in MOVED_TABLES}
        ((name,),) = driver.execute('SELECT "id" FROM "store"').fetchall()
        _begin(target, MOVING + _state_of(driver, name, counts))
        _copy(source, target, counts, show)
        moved = _verify(source, target, counts, show)
    act = AuditedAction(datetime.now(UTC), "command-line", "store.move", f"from {source.name} to {target.name}")
    with target.connection.begin():
        target.write_store(name, source.life())
        write(target.connection, act)
        driver_of(target.connection).execute("UPDATE alembic_version SET version_num = ?", (target.head,))
    target.finish()
    return moved


def version_of(connection: Connection) -> str | None:
    """Return the version of a store's schema, None where there is none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    rows = driver_of(connection).execute("SELECT version_num FROM alembic_version").fetchall()
    return str(rows[0][0]) if rows else None


def _begin(target: MoveSide, version: str) -> None:
    """Have a target that is empty wait for rows, or see that one which was broken off is of the same source."""
    connection = target.connection
    with connection.begin():
        found = version_of(connection)
        strange = found is None and inspect(connection).get_table_names()
    if found == version:
        return
    if found is not None and found.startswith(MOVING):
        other = "a move of another store, or of an earlier state of this one, was broken off in it"
        raise StoreError(f"{target.name}: {other}: remove it, make an empty one, and begin again")
    if strange:
        raise StoreError(f"{target.name} is not empty: it has tables of something else")
    if found is None:
        target.migrate()
        found = target.head
    if found != target.head:
        raise StoreError(f"{target.name} is of version {found}, and this program of {target.head}: take an empty one")
    with connection.begin():
        driver = driver_of(connection)
        for table in MOVED_TABLES:
            if _count(driver, table):
                raise StoreError(f"{target.name} is not empty: allowed is one in which no server has written yet")
        driver.execute('DELETE FROM "store"')
        driver.execute("UPDATE alembic_version SET version_num = ?", (version,))


def _state_of(driver: Driver, name: str, counts: dict[Table, int]) -> str:
    """Return what another source has not, nor this one after a server has written in it."""
    logs = driver.execute('SELECT "location", "epoch", "oldest", "top" FROM "logs" ORDER BY "id"').fetchall()
    state = [name, [list(log) for log in logs], list(counts.values())]
    return hashlib.sha256(orjson.dumps(state)).hexdigest()[:24]


def _copy(source: MoveSide, target: MoveSide, counts: dict[Table, int], show: Show) -> None:
    whole, copied = sum(counts.values()) or 1, 0
    for table in MOVED_TABLES:
        names = _names(table)
        with target.connection.begin():
            there = driver_of(target.connection)
            copied += _count(there, table)
            last = there.execute(_select(table, _keys(table), descending=True), (1,)).fetchall()
        for rows in _batches(source, table, last[0] if last else None, target.keeps_zeros):
            with target.connection.begin():
                target.insert(table, names, rows)
            copied += len(rows)
            show(COPYING * min(1.0, copied / whole), f"{copied:,} of {whole:,} rows copied")


def _verify(source: MoveSide, target: MoveSide, counts: dict[Table, int], show: Show) -> list[MovedLog]:
    """Return the logs; raise StoreError that names the first table of which the target has not what the source has."""
    whole, read, moved = sum(counts.values()) or 1, 0, []
    for table in MOVED_TABLES:
        hashes = []
        with target.connection.begin():
            for side in (source, target):
                hashes.append(_hashes(side, table, target.keeps_zeros))
                read += counts[table]
                share = COPYING + VERIFYING * min(1.0, read / (2 * whole))
                show(share, f"{read // 2:,} of {whole:,} rows verified")
        if hashes[0] != hashes[1]:
            raise StoreError(f"{target.name} has not the {table.name} of {source.name}: remove it, and begin again")
        if table is events:
            logs = driver_of(source.connection).execute('SELECT "id", "location" FROM "logs" ORDER BY "location"')
            empty = 0, hashlib.sha256().hexdigest()
            moved = [MovedLog(location, *hashes[0].get(log, empty)) for log, location in logs.fetchall()]
    return moved


def _hashes(side: MoveSide, table: Table, with_zeros: bool) -> dict[int, tuple[int, str]]:
    """Return how many rows a table has and the SHA-256 of them: of events by their log, of all others under 0."""
    hashes: dict[int, Any] = {}
    counts: dict[int, int] = {}
    log_of = itemgetter(0) if table is events else lambda row: 0
    for rows in _batches(side, table, None, with_zeros):
        for log, group in groupby(rows, log_of):
            lines = [orjson.dumps(row[1:] if table is events else row, default=bytes.hex) for row in group]
            hashes.setdefault(log, hashlib.sha256()).update(b"\n".join((*lines, b"")))
            counts[log] = counts.get(log, 0) + len(lines)
    return {log: (counts[log], found.hexdigest()) for log, found in hashes.items()}


def _batches(side: MoveSide, table: Table, after: Row | None, with_zeros: bool) -> Iterator[list[Row]]:
    """Yield the rows of a table behind a key, in the order of keys, as the other side is to have them."""
    driver, names, keys = driver_of(side.connection), _names(table), _keys(table)
    places = [names.index(key) for key in keys]
    while rows := driver.execute(_select(table, names, after), (*(after or ()), BATCH)).fetchall():
        after = [rows[-1][place] for place in places]
        yield _as_declared(table, rows, with_zeros)
        if len(rows) < BATCH:
            return


def _as_declared(table: Table, rows: Sequence[Row], with_zeros: bool) -> list[Row]:
    """Return rows with the types of their columns, which not every engine keeps."""
    columns = [table.c[name] for name in _names(table)]
    truths = [place for place, column in enumerate(columns) if isinstance(column.type, Boolean)]
    blobs = [place for place, column in enumerate(columns) if isinstance(column.type, LargeBinary)]
    declared: list[Row] = []
    for row in rows:
        values = list(row)
        for place in truths:
            values[place] = bool(values[place])
        for place in blobs:
            values[place] = values[place].encode() if isinstance(values[place], str) else bytes(values[place])
        if not with_zeros:
            values = [v.replace("\0", "\ufffd") if isinstance(v, str) and "\0" in v else v for v in values]
        declared.append(values)
    return declared


def _count(driver: Driver, table: Table) -> int:
    ((count,),) = driver.execute(f'SELECT count(*) FROM "{table.name}"').fetchall()  # noqa: S608 - a name of ours
    return int(count)


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.computed is None]


def _keys(table: Table) -> list[str]:
    return [column.name for column in table.primary_key]


def _select(table: Table, names: Sequence[str], after: Row | None = None, descending: bool = False) -> str:
    keys = _keys(table)
    behind = f" WHERE ({_quoted(keys)}) > ({', '.join('?' * len(keys))})" if after is not None else ""
    order = ", ".join(f'"{key}" DESC' if descending else f'"{key}"' for key in keys)
    return f'SELECT {_quoted(names)} FROM "{table.name}"{behind} ORDER BY {order} LIMIT ?'  # noqa: S608 - names of ours


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
