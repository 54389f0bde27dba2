"""The archive: old events as Parquet files, one a location and day of the office, readable without us."""

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jorge_data.errors import StoreError
from jorge_data.events import Record, decode


def sync(path: Path) -> None:
    """Write a file, or a folder's list of names, through to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


FOLDER = "archive"
"""The archive's folder, beside the store's file."""

SUFFIX = ".parquet"

_FIRST, _LAST = date(1, 1, 2), date(9999, 12, 29)
"""The first and the last day that have a day before and after them in Python's calendar."""


Epochs = Sequence[tuple[str, int]]
"""Each epoch of a log that events were archived in, and the position below which these are the log's."""


class Day(NamedTuple):
    """One day of an office, whatever its zone: its file, and moments between which it lies."""

    path: Path
    earliest: datetime
    latest: datetime


class Archive:
    """Keeps the events that left the store, in a folder; one thread writes, any thread reads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def check_writable(self) -> None:
        """Make the folder where there is none; raise StoreError where nothing can be written there."""
        probe = self._folder / ".probe"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            probe.touch()
            probe.unlink()
        except OSError as error:
            remedy = "let this user write there, or set JORGE_RETENTION=keep"
            raise StoreError(f"{self._folder} cannot be used as the archive: {error.strerror}: {remedy}") from None

    def write(self, location: str, oldest: int, records: Sequence[Record], zone: ZoneInfo) -> None:
        """Add records to the files of their days in a zone; when this returns they are on disk under their names.

        What a file has from `oldest` on was left by a run that ended before the store deleted the events: it is
        replaced, so that a repeat is the same.
        """
        from jorge_data.store.archive.day_file import rewrite

        events = [(decode(record.wire), record) for record in records]
        days = sorted(((_date(event.time, zone), (event, record)) for event, record in events), key=itemgetter(0))
        folder = self._folder_of(location)
        folder.mkdir(parents=True, exist_ok=True)
        for day, group in groupby(days, key=itemgetter(0)):
            rewrite(folder / f"{day}{SUFFIX}", oldest, [event for _, event in group])
        for directory in (folder, self._folder, self._folder.parent):
            sync(directory)

    def days(self, location: str, start: datetime, end: datetime) -> list[Day]:
        """Return the days that may have records of a span, in order."""
        days = (_day_of(path) for path in self._files(location))
        return [day for day in days if day is not None and day.earliest < end and start < day.latest]

    def read(
        self, days: Iterable[Day], epochs: Epochs, kind: str | None, start: datetime, end: datetime
    ) -> Iterator[Record]:
        """Yield the records of a span, day by day; of each day in the log's order.

        `epochs` are the log's now: what the store still holds is not yielded here as well.
        """
        from jorge_data.store.archive.day_file import DayFilter, scan

        yield from scan((day.path for day in days), DayFilter(epochs, 0, start, end, kind))

    def records(self, location: str, epochs: Epochs, after: int, limit: int) -> list[Record]:
        """Return the records of the `limit` positions after one, in order, as far as they are archived."""
        paths = self._files(location)
        if not paths:
            return []
        from jorge_data.store.archive.day_file import DayFilter, scan

        within = tuple((epoch, min(before, after + limit + 1)) for epoch, before in epochs)
        return sorted(scan(paths, DayFilter(within, after + 1)))

    def remove(self, location: str) -> None:
        """Remove a location's files."""
        shutil.rmtree(self._folder_of(location), ignore_errors=True)

    def _files(self, location: str) -> list[Path]:
        return sorted(self._folder_of(location).glob(f"*{SUFFIX}"))

    def _folder_of(self, location: str) -> Path:
        """Return a location's folder; its name may begin with dots, which to a file system mean another folder."""
        return self._folder / (f"%2E{location[1:]}" if location.startswith(".") else location)


def _day_of(path: Path) -> Day | None:
    """Return the day of a file, None where its name is no date: the archive did not write it."""
    try:
        day = date.fromisoformat(path.stem)
    except ValueError:
        return None
    midnight = datetime.combine(min(max(day, _FIRST), _LAST), time(), UTC)
    return Day(path, midnight - timedelta(days=1), midnight + timedelta(days=2))


def _date(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).date().isoformat()
