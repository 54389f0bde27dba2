"""One day's file of the archive: Parquet, readable without us.

Loaded when old events are moved or read, and not before: the library takes 80 MB that most servers never need.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from jorge_data.errors import StoreError
from jorge_data.events import Event, Record
from jorge_data.store.archive.archive import Epochs, sync

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
"""What rows are filtered by, and the event as it is served."""

_RECORD = ("seq", "type", "event")

_ROWS = 5_000

_FORMAT = ds.ParquetFileFormat(
    default_fragment_scan_options=ds.ParquetFragmentScanOptions(page_checksum_verification=True)
)
"""A page that has changed on the disk is an error, and not other events; files of before have no checksums."""


class DayFilter(NamedTuple):
    """Which rows: of each epoch those below its position, from `first` on, in a span, of one kind; None is any."""

    epochs: Epochs
    first: int = 0
    start: datetime | None = None
    until: datetime | None = None
    kind: str | None = None

    @property
    def expression(self) -> ds.Expression:
        of_epochs = [(ds.field("epoch") == epoch) & (ds.field("seq") < before) for epoch, before in self.epochs]
        rows = reduce(or_, of_epochs) & (ds.field("seq") >= self.first)
        if self.start is not None:
            rows &= ds.field("time") >= self.start
        if self.until is not None:
            rows &= ds.field("time") < self.until
        return rows if self.kind is None else rows & (ds.field("type") == self.kind)


def rewrite(path: Path, oldest: int, events: Sequence[tuple[Event, Record]]) -> None:
    """Write a day's file anew beside the old one, and put it in its place when it is on disk.

    Of what it held, rows before `oldest` stay, and those of other epochs: which of them count is the reader's to say.
    """
    rows = [_row(event, record) for event, record in events]
    new = path.with_name(f"{path.name}.new")
    with pq.ParquetWriter(new, _SCHEMA, compression="zstd", write_page_checksum=True) as writer:
        existing = (ds.field("epoch") != events[0][0].epoch) | (ds.field("seq") < oldest)
        for batch in _batches(path, existing) if path.exists() else ():
            writer.write_batch(batch)
        for start in range(0, len(rows), _ROWS):
            writer.write_table(pa.Table.from_pylist(rows[start : start + _ROWS], schema=_SCHEMA))
    sync(new)
    os.replace(new, path)


def change(path: Path, changed: Callable[[bytes], bytes]) -> int:
    """Replace events of a file, as they are served, by what a function makes of each; return how many are others now.

    A file in which none changes stays as it is; raise StoreError where it cannot be read.
    """
    if all(changed(record.wire) == record.wire for record in scan(path)):
        return 0
    new, count = path.with_name(f"{path.name}.new"), 0
    place = _SCHEMA.get_field_index("event")
    with pq.ParquetWriter(new, _SCHEMA, compression="zstd", write_page_checksum=True) as writer:
        for batch in _batches(path, None):
            before = batch.column("event").to_pylist()
            after = [changed(text.encode()).decode() for text in before]
            count += sum(one != other for one, other in zip(before, after, strict=True))
            table = pa.Table.from_batches([batch]).select(_SCHEMA.names)
            writer.write_table(table.set_column(place, _SCHEMA.field(place), pa.array(after, pa.string())))
    sync(new)
    os.replace(new, path)
    return count


def scan(path: Path, day_filter: DayFilter | None = None) -> Iterator[Record]:
    """Yield the records that pass a filter, in order; raise StoreError where the file cannot be read."""
    for batch in _batches(path, None if day_filter is None else day_filter.expression):
        try:
            columns = [batch.column(name).to_pylist() for name in _RECORD]
        except UnicodeDecodeError as error:
            raise _unreadable(path, error) from error
        yield from (Record(seq, kind, event.encode()) for seq, kind, event in zip(*columns, strict=True))


def check(path: Path, whole: bool) -> None:
    """Read what a file says of itself, or all of it; raise StoreError where it cannot be read."""
    if whole:
        deque(scan(path), maxlen=0)
    else:
        _dataset(path)


def _dataset(path: Path) -> ds.Dataset:
    try:
        dataset = ds.dataset(path, schema=_SCHEMA, format=_FORMAT)
        (fragment,) = dataset.get_fragments()
        missing = [name for name in _SCHEMA.names if name not in fragment.physical_schema.names]
    except (OSError, ValueError, pa.ArrowException) as error:
        raise _unreadable(path, error) from error
    if missing:  # or its rows would be filtered away
        raise _unreadable(path, f"it has no {missing[0]}")
    return dataset


def _batches(path: Path, expression: ds.Expression | None) -> Iterator[pa.RecordBatch]:
    dataset = _dataset(path)
    try:
        for batch in dataset.to_batches(filter=expression, batch_size=_ROWS):
            if any(batch.column(name).null_count for name in _RECORD):
                raise _unreadable(path, "rows of it are empty")
            yield batch
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, reason: object) -> StoreError:
    # Of both no more than the name: a reader is told, and need not know where this machine keeps what.
    return StoreError(f"{path.name} cannot be read as an archive: {str(reason).replace(str(path), path.name)}")


def _row(event: Event, record: Record) -> dict[str, object]:
    names = ("seq", "epoch", "time", "type", "source", "subject")
    return {name: getattr(event, name) for name in names} | {"event": record.wire.decode()}
