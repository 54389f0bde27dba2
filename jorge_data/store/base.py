"""The seam: what a store promises to whoever keeps or reads events."""

from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from jorge_data.events import Candidate, Cursor, Record
from jorge_data.store.rollup_types import Flush
from jorge_data.store.sqlite.view import LogView


class Bounds(NamedTuple):
    """One location's log: the name of its life, its oldest kept and its newest position (0 when empty)."""

    location: str
    epoch: str
    oldest: int
    top: int


class Kept(NamedTuple):
    """Where an event stands; `duplicate` where it had been kept before, and this is its first position."""

    id: str
    cursor: Cursor
    duplicate: bool


@dataclass(frozen=True)
class Commit:
    """What one commit added to one location's log: contiguous, in order, on disk."""

    bounds: Bounds
    records: tuple[Record, ...]


class Page(NamedTuple):
    """Records in order, and the position up to which the log was read (filtered records are passed over)."""

    records: list[Record]
    position: int


class Checkpoint(NamedTuple):
    """A reduction of the log up to a position, as bytes that only its writer understands."""

    cursor: Cursor
    state: bytes


class CommitListener(Protocol):
    """Told of each commit, on the writer's thread, in order of commits, before its futures are done."""

    def __call__(self, commit: Commit) -> None: ...


class Store(Protocol):
    """Keeps one log a location: durable, contiguous, idempotent.

    Order: positions start at 1 and grow by one; what is visible at a position is so for ever, and nothing below it
    appears later. Durability: a future of `append` is done only after the commit has reached the disk. Threads: every
    method may be called from any thread; reads do not wait for writes.
    """

    def append(self, location: str, candidates: Sequence[Candidate]) -> Future[list[Kept]]:
        """Keep events in this order, each `(source, id)` once; raise StoreBusy where too many wait already."""

    def bounds(self, location: str) -> Bounds:
        """Return a location's log; an unknown location has an empty epoch and nothing in it."""

    def logs(self) -> list[Bounds]:
        """Return every location's log, by name."""

    def read(self, location: str, after: int, limit: int, types: frozenset[str] | None = None) -> Page:
        """Return up to `limit` records after a position, in order."""

    def timeline(self, location: str, subject: str, before: int | None, limit: int) -> list[Record]:
        """Return a contact's newest records below a position, newest first."""

    def save(self, location: str, name: str, checkpoint: Checkpoint) -> Future[None]:
        """Keep the newest checkpoint of a reduction."""

    def load(self, location: str, name: str) -> Checkpoint | None:
        """Return the newest checkpoint of a reduction, if there is one."""

    def view(self, location: str) -> AbstractContextManager[LogView]:
        """Return a view of a location's log, its rollups and its entities, all as of one moment."""

    def flush(self, location: str, changed: Flush) -> Future[bool]:
        """Keep what a fold changed, whole; False, and nothing, where the log is not where the fold began."""

    def clear(self, location: str, lost: int | None) -> Future[bool]:
        """Remove part of what was folded of a log; True when nothing of it is left.

        Nothing is removed, and that is True as well, where the log has lost events since a view said `lost` of it.
        """

    def first_since(self, location: str, moment: int) -> int:
        """Return the position of the first event that happened at a moment (microseconds) or later, else top + 1."""

    def forget(
        self, location: str, epoch: str, before: int, archived: bool = False, folded: bool = False
    ) -> Future[int]:
        """Remove a part of what stands below a position, for good; return the oldest position that is left.

        Repeat until it is `before`. The names of what is removed are forgotten as well: published again, it is new.
        What only events can tell is refused of those that were not `archived` before. `folded`: no more is removed
        than is folded at that moment, and where that is nothing, the oldest stays.
        """

    def drop(self, location: str) -> Future[None]:
        """Remove a location without a trace; the next event there begins a new epoch."""

    def close(self) -> None:
        """Finish what was accepted, then let go of the files."""
