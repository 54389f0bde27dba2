"""What every store promises: the Protocol, and the values that go in and out of it.

Here and in its neighbours stands what holds of any store, without SQL; in `sqlite/` what holds of one. What a store has
beside its log is promised beside the values of each: `log_view.LogView`, `delivery.Inbox`, `credential.Credentials`,
`user.Users`, `saved_view.SavedViews`, `audit_entry.Audit`, `erasure.Erasures` and `erasure.Wiping`.
"""

from collections.abc import Collection, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from jorge_data.events import Candidate, Cursor, Record
from jorge_data.events.assignment import NamedContacts
from jorge_data.store.archive.archive import Archive
from jorge_data.store.audit_entry import Audit, AuditedAction
from jorge_data.store.credential import Credentials
from jorge_data.store.delivery import Inbox
from jorge_data.store.erasure import Erasures, Wiping
from jorge_data.store.log_page import Hole, Page
from jorge_data.store.log_view import LogView
from jorge_data.store.rollup_types import Flush
from jorge_data.store.saved_view import SavedViews
from jorge_data.store.user import Users


class Bounds(NamedTuple):
    """One location's log: its epoch, its oldest position that is left, and its newest (0 when empty)."""

    location: str
    epoch: str
    oldest: int
    top: int


class AppendResult(NamedTuple):
    """The position of an appended event; `duplicate`: it was in the log already, at this position."""

    id: str
    cursor: Cursor
    duplicate: bool


@dataclass(frozen=True)
class Commit:
    """The records that one commit added to one location's log: contiguous, in order, on disk."""

    bounds: Bounds
    records: tuple[Record, ...]


class Assignments(NamedTuple):
    """Whose each contact is, and of which contact each deal: (name, agent or contact, time, position) of each.

    The agent is empty where a contact is nobody's again. Of several events the newest by time and then position holds.
    """

    contacts: Sequence[tuple[str, str, int, int]] = ()
    deals: Sequence[tuple[str, str, int, int]] = ()


class CommitListener(Protocol):
    """Called with each commit, on the writer's thread, in order of commits, before its futures are done.

    What it raises is logged, and stops neither the commit nor the next one."""

    def __call__(self, commit: Commit) -> None: ...


class UnreadableListener(Protocol):
    """Called once a process with each hole that a reader of a log has met, on that reader's thread."""

    def __call__(self, location: str, epoch: str, hole: Hole, /) -> None: ...


PartOfStore = Literal["store", "log"]
"""Whether events can be stored, and whether all that is stored can be read."""

PartState = Literal["ok", "degraded", "failed"]


class Report(Protocol):
    """Called with the state of a part whenever it changes, by any thread; `why` names no path and no location."""

    def __call__(self, name: PartOfStore, state: PartState, why: str, /) -> None: ...


class Store(Protocol):
    """One log a location: durable, contiguous, idempotent.

    Order: positions start at 1 and grow by one; what is visible at a position is so for ever, and nothing below it
    appears later. Durability: a future is done only after its commit has reached the disk. Delivery: the listener is
    called once for each commit of events, in the log's order, before the futures of that commit are done. Threads:
    every method may be called from any thread; reads do not wait for writes. Errors: what cannot be read or written
    is StoreError, from the call or from its future.

    `last_alive`: when the life before this one was last known alive, None before the first; `ended_in_order`: whether
    that one ended in order.
    """

    last_alive: datetime | None
    ended_in_order: bool

    @property
    def archive(self) -> Archive:
        """The files of events that left the log."""

    @property
    def inbox(self) -> Inbox:
        """What vendors delivered."""

    @property
    def credentials(self) -> Credentials:
        """The claims of tokens."""

    @property
    def users(self) -> Users:
        """Users, sessions and invitations."""

    @property
    def views(self) -> SavedViews:
        """Saved views."""

    @property
    def audit(self) -> Audit:
        """The audit log."""

    @property
    def erasures(self) -> Erasures:
        """Who was erased, and the rewriting of what is stored."""

    @property
    def wiping(self) -> Wiping:
        """What sees to it that nothing removed stands on."""

    @property
    def folder(self) -> Path:
        """The folder beside which the archive stands, and where large answers are written for a moment."""

    @property
    def waiting(self) -> int:
        """Events that wait for a commit now."""

    @property
    def size(self) -> int:
        """Bytes that the store takes."""

    def append(
        self, location: str, candidates: Sequence[Candidate], acts: Sequence[AuditedAction | None] = ()
    ) -> Future[list[AppendResult]]:
        """Append events in this order, each `(source, id)` once; raise StoreBusy where too many wait already.

        `acts` are what the audit log gets for each that is new, in the same commit.
        """

    def append_by(
        self,
        agent: str,
        location: str,
        candidates: Sequence[Candidate],
        acts: Sequence[AuditedAction | None] = (),
        together: bool = False,
    ) -> Future[list[AppendResult | None]]:
        """Append as `append` does, but nothing about another agent's contact, as of the commit: None for each of that.

        `together`: nothing at all where there is such an event among them.
        """

    def digest(self, text: str) -> str:
        """Return a digest of a text with a key of the store's: the same in its backups, and in no other store."""

    def bounds(self, location: str) -> Bounds:
        """Return a location's log; of an unknown location the epoch is empty and the positions are 1 and 0."""

    def logs(self) -> list[Bounds]:
        """Return every location's log, by name."""

    def read(self, location: str, after: int, limit: int, types: frozenset[str] | None = None) -> Page:
        """Return up to `limit` records after a position, in order, up to what cannot be read."""

    def timeline(self, location: str, subject: str, before: int | None, limit: int) -> list[Record]:
        """Return a contact's newest records below a position, newest first.

        A message that was told more than once (one `message_id`) is one record: that of its newest delivery.
        """

    def assignments(self, location: str) -> Assignments:
        """Return whose each contact of a location is, and of which contact each deal, as of what is committed."""

    def hidden(self, location: str, named: Sequence[NamedContacts], agent: str) -> list[bool]:
        """Return of each of these whether an agent may not see it, as of what is committed."""

    def lost(self, location: str, agent: str, after: int) -> list[str]:
        """Return the contacts that an agent saw as of a position, and sees no more, as of what is committed."""

    def erased(self, location: str) -> list[tuple[int, str]]:
        """Return who was erased from a log that still tells so, each with the position at which it does, in order."""

    def contacts_of_analyses(self, location: str, ids: Collection[str]) -> dict[str, set[str]]:
        """Return the contacts that each of these analyses names; without those that the log has not, or no more."""

    def view(self, location: str) -> AbstractContextManager[LogView]:
        """Return a view of a location's log, its rollups and its entities, all as of one moment."""

    def flush(self, location: str, changed: Flush) -> Future[bool]:
        """Write all that a fold changed; the future is False, and nothing written, where the log has moved on."""

    def clear(self, location: str, lost: int | None) -> Future[bool]:
        """Remove part of what was folded of a log; the future is True when nothing of it is left.

        Nothing is removed, and the future is True as well, where the log's `lost` is not this one any more.
        """

    def first_since(self, location: str, moment: int) -> int:
        """Return the position of the first event that happened at a moment (microseconds) or later, else top + 1."""

    def forget(
        self, location: str, epoch: str, before: int, archived: bool = False, folded: bool = False
    ) -> Future[int]:
        """Remove for good some of the events below a position; the future is the oldest position that is left.

        Repeat until it is `before`. Their names are removed as well: published again, an event is new. Where they
        were not `archived` before, queries that need events of their time are refused. `folded`: no more is removed
        than is folded at that moment, and where that is nothing, the oldest stays.
        """

    def drop(self, location: str) -> Future[None]:
        """Remove a location without a trace; the next event there begins a new epoch."""

    def announce_end(self) -> None:
        """Say that this process is about to close the store, for the one that opens it next."""

    def close(self) -> None:
        """Finish what was accepted, then close the files."""
