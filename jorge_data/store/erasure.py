"""Erasures: who was erased, and the rewriting of what is stored of a person, in transactions that hold up nobody."""

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from jorge_data.events import Candidate

ERASURE_ID = "erasure-"
"""How the ids of the events begin that tell who was erased; their source is the event server's own."""


class Erasure(NamedTuple):
    """An erasure that was asked for: `plan` is what it needs to go on, None once nothing is left to be found by it."""

    id: int
    location: str
    contact: str
    contacts: tuple[str, ...]
    asked_at: datetime
    asked_by: str
    plan: dict[str, Any] | None
    done_at: datetime | None


class StoredRow(NamedTuple):
    """A row of a table, by its id, and its columns of text as they are to be."""

    id: Any
    values: dict[str, Any]


class FieldProgress(NamedTuple):
    """How far a field was taken out of a log: up to a time (microseconds), of events up to a position, and when."""

    until: int = -(1 << 62)
    seen: int = 0
    at: int = 0


class Erasures(Protocol):
    """Remembers who was erased, and rewrites rows; any thread may call; what returns a future is durable when done."""

    def contacts(self, location: str) -> frozenset[str]:
        """Return the ids of everybody who was erased in a location, or is being erased."""

    def forget_location(self, location: str) -> None:
        """Forget whom a location has erased: it was removed."""

    def redacted(self, location: str, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
        """Return what is to be appended without what is personal of those who were erased."""

    def all(self) -> list[Erasure]:
        """Return every erasure, in the order in which they were asked for."""

    def begin(self, location: str, contact: str, contacts: Sequence[str], at: datetime, by: str) -> Future[int]:
        """Note an erasure; once it is noted, what comes of that person is redacted. The future is its id."""

    def plan(self, erasure: Erasure, contacts: Sequence[str], plan: dict[str, Any] | None) -> Future[None]:
        """Note what an erasure needs to go on after a restart; an erasure that went with its office stays away."""

    def finish(self, erasure: Erasure, at: datetime) -> Future[None]:
        """Note that nothing is left of an erasure to do."""

    def rewrite_events(self, location: str, bodies: Sequence[tuple[int, bytes]]) -> None:
        """Replace the JSON of events at their positions; return when all is on disk.

        The mark says by its content which event was acknowledged last: it is silent meanwhile, for that event may be
        among these.
        """

    def rows(self, table: str, location: str) -> Iterator[list[dict[str, Any]]]:
        """Yield the rows of `entities`, `deliveries` or `crm_entities` of a location, some at a time."""

    def change(self, table: str, rows: Sequence[StoredRow]) -> None:
        """Set columns of rows of `entities` or `deliveries`; return when that is on disk."""

    def change_copies(self, location: str, copies: Sequence[tuple[str, str, str | None]]) -> None:
        """Set the bodies of copies by kind and id, or remove those without one; return when that is on disk."""

    def change_views(self, changed: Callable[[str], str]) -> None:
        """Replace the names and parameters of saved views by what a function makes of each: who searched for whom."""

    def progress(self, location: str, field: str) -> FieldProgress:
        """Return how far a field was taken out of a log."""

    def note_progress(self, location: str, field: str, progress: FieldProgress) -> Future[None]:
        """Note how far a field was taken out of a log."""

    def old_events(self, location: str, progress: FieldProgress, end: int) -> Iterator[tuple[int, str]]:
        """Yield position and JSON of the events from before a time that were not looked at up to now."""

    def words(self, location: str) -> list[tuple[str, str, str]]:
        """Return the kind, dimension and value of each word by which figures of a location are split."""

    def rename_word(self, location: str, kind: str, dim: str, place_: int, old: str, new: str) -> None:
        """Have figures be split by another word instead of one; return when that is on disk."""


class Wiping(Protocol):
    """Sees to it that no text that was removed stands on in the store's files; any thread may call."""

    def empty_log(self) -> None:
        """Move what is in the write-ahead log into the database, and cut it to nothing; raise StoreError."""

    def finds(self, texts: Collection[str]) -> bool:
        """Return whether one of these stands in the database's file where no row has it: in free space."""

    @property
    def is_wiped(self) -> bool:
        """Whether all that was ever removed from the file was overwritten."""

    def rewrite(self) -> None:
        """Write the whole file anew, without free space; publishes wait meanwhile, some seconds a gigabyte."""
