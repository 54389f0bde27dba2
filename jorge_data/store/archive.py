"""The archive: old events as Parquet files, one a location and day of the office, readable without us."""

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from jorge_data.errors import StoreError
from jorge_data.events import Event, Record, decode

_SCHEMA = pa.schema(
    [
        ("seq", pa.int64()),
        ("epoch", pa.string()),
        ("time", pa.timestamp("us", tz="UTC")),
        ("type", pa.string()),
        ("source", pa.string()),
        ("subject", pa.string()),
        ("event", pa.string()),
    ]
)
"""What is asked for by itself, and the event as it is served."""

FOLDER = "archive"
"""Beside the store's file."""

_ROWS = 5_000
SUFFIX = ".parquet"


class Archive:
    """Keeps what left the store, in a folder; one thread writes, any thread reads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, location: str, oldest: int, records: Sequence[Record], zone: ZoneInfo) -> None:
        """Add records to the files of their days in a zone; when this returns they are on disk under their names.

        What a file has from `oldest` on was left by a run that was broken off before the store forgot it: it is
        replaced, so that a repeat is the same.
        """
        events = [(decode(record.wire), record) for record in records]
        days = sorted(((_day(event.time, zone), _row(event, record)) for event, record in events), key=itemgetter(0))
        folder = self._of(location)
        folder.mkdir(parents=True, exist_ok=True)
        for day, group in groupby(days, key=itemgetter(0)):
            _rewrite(folder / f"{day}{SUFFIX}", oldest, [row for _, row in group])
        for directory in (folder, self._folder, self._folder.parent):
            _sync(directory)

    def read(
        self, location: str, epoch: str, oldest: int, kind: str | None, start: datetime, end: datetime
    ) -> Iterator[Record]:
        """Yield what happened in a span, day by day; of each day in the log's order.

        `epoch` and `oldest` are the log's now: what the store still holds is not yielded here as well.
        """
        wanted = (ds.field("epoch") == epoch) & (ds.field("seq") < oldest)
        wanted &= (ds.field("time") >= start) & (ds.field("time") < end)
        if kind is not None:
            wanted &= ds.field("type") == kind
        margin = timedelta(days=2)  # in whatever zone the days of the files are
        first, last = _day(start - margin, UTC), _day(end + margin, UTC)
        yield from _scan([path for path in self._files(location) if first <= path.stem <= last], wanted)

    def records(self, location: str, epoch: str, after: int, limit: int) -> list[Record]:
        """Return the records of the so many positions after one, in order, as far as they are archived."""
        position = ds.field("seq")
        wanted = (ds.field("epoch") == epoch) & (position > after) & (position <= after + limit)
        return sorted(_scan(self._files(location), wanted))

    def remove(self, location: str) -> None:
        """Remove a location's files."""
        shutil.rmtree(self._of(location), ignore_errors=True)

    def _files(self, location: str) -> list[Path]:
        return sorted(self._of(location).glob(f"*{SUFFIX}"))

    def _of(self, location: str) -> Path:
        """A location's folder; its name may begin with dots, which to a file system mean another place."""
        return self._folder / (f"%2E{location[1:]}" if location.startswith(".") else location)


def _day(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).date().isoformat()


def _row(event: Event, record: Record) -> dict[str, object]:
    names = ("seq", "epoch", "time", "type", "source", "subject")
    return {name: getattr(event, name) for name in names} | {"event": record.wire.decode()}


def _rewrite(path: Path, oldest: int, rows: list[dict[str, object]]) -> None:
    """Write a day's file anew beside the old one, and put it in its place when it is on disk."""
    new = path.with_name(f"{path.name}.new")
    with pq.ParquetWriter(new, _SCHEMA, compression="zstd") as writer:
        known = (ds.field("seq") < oldest) & (ds.field("epoch") == rows[0]["epoch"])
        for batch in _batches([path] if path.exists() else [], known):
            writer.write_batch(batch)
        for start in range(0, len(rows), _ROWS):
            writer.write_table(pa.Table.from_pylist(rows[start : start + _ROWS], schema=_SCHEMA))
    _sync(new)
    os.replace(new, path)


def _scan(paths: list[Path], wanted: ds.Expression) -> Iterator[Record]:
    for batch in _batches(paths, wanted):
        columns = (batch.column(name).to_pylist() for name in ("seq", "type", "event"))
        yield from (Record(seq, kind, event.encode()) for seq, kind, event in zip(*columns, strict=True))


def _batches(paths: list[Path], wanted: ds.Expression) -> Iterable[pa.RecordBatch]:
    """Yield what is wanted of files, in order; raise StoreError that names the one that cannot be read."""
    for path in paths:
        try:
            yield from ds.dataset(path, schema=_SCHEMA, format="parquet").to_batches(filter=wanted, batch_size=_ROWS)
        except (OSError, pa.ArrowException) as error:
            raise StoreError(f"{path} cannot be read as an archive: {error}") from error


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
