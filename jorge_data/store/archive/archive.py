"""The archive: old events as Parquet files, one a location and day of the office, readable without us."""

import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from jorge_data.errors import StoreError
from jorge_data.events import Record, decode

if TYPE_CHECKING:
    from jorge_data.store.archive.day_file import DayFilter

logger = logging.getLogger(__name__)


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


class DayUnreadable(StoreError):
    """A day's file cannot be read; `name` says which, relative to the archive's folder."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} of the archive cannot be read")
        self.name = name


class ArchivedRecords(NamedTuple):
    """Records in order, and the names of the files that cannot be read and may have held more."""

    records: list[Record]
    left_out: frozenset[str] = frozenset()


class Archive:
    """Keeps the events that left the store, in a folder; one thread writes, any thread reads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()  # guards _unreadable
        self._unreadable: dict[str, int] = {}  # and when the file was last changed, ns; 0 where it is gone

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
        replaced, so that a repeat is the same. Raise DayUnreadable where what it has before cannot be read; OSError.
        """
        from jorge_data.store.archive.day_file import rewrite

        events = [(decode(record.wire), record) for record in records]
        days = sorted(((_date(event.time, zone), (event, record)) for event, record in events), key=itemgetter(0))
        folder = self._folder_of(location)
        folder.mkdir(parents=True, exist_ok=True)
        for day, group in groupby(days, key=itemgetter(0)):
            path = folder / f"{day}{SUFFIX}"
            try:
                rewrite(path, oldest, [event for _, event in group])
            except StoreError as error:
                raise self._note(path, error) from error
        for directory in (folder, self._folder, self._folder.parent):
            sync(directory)

    def files(self, location: str) -> list[Path]:
        """Return a location's files, without what a write that was cut off has left, which is removed."""
        for left in self._folder_of(location).glob(f"*{SUFFIX}.new"):
            left.unlink(missing_ok=True)
        return self.listed(location)

    def change(self, path: Path, changed: Callable[[bytes], bytes]) -> int:
        """Replace events of a file, as they are served; return how many are others now. Raise DayUnreadable, OSError.

        For who writes the archive alone, and for `files` likewise.
        """
        from jorge_data.store.archive.day_file import change

        try:
            count = change(path, changed)
        except StoreError as error:
            raise self._note(path, error) from error
        if count:
            sync(path.parent)
        return count

    def day(self, path: Path) -> Day | None:
        """Return the day of a file, None where its name is no date."""
        return _day_of(path)

    def scan(self, path: Path) -> Iterator[Record]:
        """Yield the records of a file; raise DayUnreadable."""
        yield from self._scan(path, None)

    def days(self, location: str, start: datetime, end: datetime) -> list[Day]:
        """Return the days that may have records of a span, in order."""
        days = (_day_of(path) for path in self.listed(location))
        return [day for day in days if day is not None and day.earliest < end and start < day.latest]

    def read(
        self, days: Iterable[Day], epochs: Epochs, kind: str | None, start: datetime, end: datetime
    ) -> Iterator[Record]:
        """Yield the records of a span, day by day; of each day in the log's order. Raise DayUnreadable.

        `epochs` are the log's now: what the store still holds is not yielded here as well.
        """
        from jorge_data.store.archive.day_file import DayFilter

        day_filter = DayFilter(epochs, 0, start, end, kind)
        for day in days:
            yield from self._scan(day.path, day_filter)

    def records(self, location: str, epochs: Epochs, after: int, limit: int) -> ArchivedRecords:
        """Return the records of the `limit` positions after one, as far as they are archived and can be read."""
        paths = self.listed(location)
        if not paths:
            return ArchivedRecords([])
        from jorge_data.store.archive.day_file import DayFilter

        within = tuple((epoch, min(before, after + limit + 1)) for epoch, before in epochs)
        day_filter = DayFilter(within, after + 1)
        records: list[Record] = []
        left_out = set()
        for path in paths:
            try:
                records += list(self._scan(path, day_filter))  # of a file that breaks off nothing is taken
            except DayUnreadable as error:
                left_out.add(error.name)
        return ArchivedRecords(sorted(records), frozenset(left_out))

    @property
    def unreadable(self) -> frozenset[str]:
        """The names of the files that could not be read when they were read last."""
        return frozenset(self._unreadable)

    def is_readable(self, names: Iterable[str]) -> bool:
        """Return whether all of these files can be read from their beginning to their end."""
        return all(self._check(self._folder / name, whole=True) for name in names)

    def check(self) -> None:
        """Look at every file: at all of one that could not be read, else at what it says of itself."""
        paths = {self._name_of(path): path for path in self._folder.glob(f"*/*{SUFFIX}")}
        self._forget(self._unreadable.keys() - paths.keys())
        for name, path in paths.items():
            self._check(path, whole=name in self._unreadable)

    def has_changed(self) -> bool:
        """Return whether a file that could not be read is another one now, or gone."""
        return any(_changed_at(self._folder / name) != at for name, at in self._unreadable.items())

    def _check(self, path: Path, whole: bool) -> bool:
        from jorge_data.store.archive.day_file import check

        try:
            check(path, whole)
        except StoreError as error:
            self._note(path, error)
            return False
        self._forget({self._name_of(path)})
        return True

    def remove(self, location: str) -> None:
        """Remove a location's files."""
        folder = self._folder_of(location)
        shutil.rmtree(folder, ignore_errors=True)
        self._forget({name for name in self._unreadable if name.startswith(f"{folder.name}/")})

    def _scan(self, path: Path, day_filter: "DayFilter | None") -> Iterator[Record]:
        from jorge_data.store.archive.day_file import scan

        try:
            yield from scan(path, day_filter)
        except StoreError as error:
            raise self._note(path, error) from error

    def _note(self, path: Path, reason: StoreError) -> DayUnreadable:
        """Note that a file cannot be read, which is one line of the log however often it is asked for."""
        name, changed_at = self._name_of(path), _changed_at(path)
        with self._lock:
            is_known = name in self._unreadable
            self._unreadable = {**self._unreadable, name: changed_at}
        if not is_known:
            logger.warning("%s", reason)
        return DayUnreadable(name)

    def _forget(self, names: Set[str]) -> None:
        with self._lock:
            self._unreadable = {name: at for name, at in self._unreadable.items() if name not in names}

    def _name_of(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()

    def listed(self, location: str) -> list[Path]:
        return sorted(self._folder_of(location).glob(f"*{SUFFIX}"))

    def _folder_of(self, location: str) -> Path:
        """Return a location's folder; its name may begin with dots, which to a file system mean another folder."""
        return self._folder / (f"%2E{location[1:]}" if location.startswith(".") else location)


def _changed_at(path: Path) -> int:
    """Return when a file was last changed, its rights included (ns), 0 where there is none."""
    try:
        return path.stat().st_ctime_ns
    except OSError:
        return 0


def day_named(name: str) -> Day | None:
    """Return the day of a file by its name, None where that is no date."""
    return _day_of(Path(name))


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
