"""One day's file of the archive: Parquet, readable without us.

Loaded when old events are moved or read, and not before: the library takes 80 MB that most servers never need.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
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

_ROWS = 5_000


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
    with pq.ParquetWriter(new, _SCHEMA, compression="zstd") as writer:
        existing = (ds.field("epoch") != events[0][0].epoch) | (ds.field("seq") < oldest)
        for batch in _batches([path] if path.exists() else [], existing):
            writer.write_batch(batch)
        for start in range(0, len(rows), _ROWS):
            writer.write_table(pa.Table.from_pylist(rows[start : start + _ROWS], schema=_SCHEMA))
    sync(new)
    os.replace(new, path)


def scan(paths: Iterable[Path], day_filter: DayFilter) -> Iterator[Record]:
    """Yield the records that pass a filter, in order; raise StoreError that names a file that cannot be read."""
    for batch in _batches(paths, day_filter.expression):
        columns = (batch.column(name).to_pylist() for name in ("seq", "type", "event"))
        yield from (Record(seq, kind, event.encode()) for seq, kind, event in zip(*columns, strict=True))


def _batches(paths: Iterable[Path], rows: ds.Expression) -> Iterable[pa.RecordBatch]:
    for path in paths:
        try:
            yield from ds.dataset(path, schema=_SCHEMA, format="parquet").to_batches(filter=rows, batch_size=_ROWS)
        except (OSError, pa.ArrowException) as error:
            raise StoreError(f"{path} cannot be read as an archive: {error}") from error


def _row(event: Event, record: Record) -> dict[str, object]:
    names = ("seq", "epoch", "time", "type", "source", "subject")
    return {name: getattr(event, name) for name in names} | {"event": record.wire.decode()}
