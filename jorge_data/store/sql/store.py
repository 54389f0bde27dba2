"""What every store on SQL does alike: it appends through one queue, and reads as of one moment."""

import hmac
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, case, delete, func, select

from jorge_data.events import Candidate, Cursor, Record, place
from jorge_data.events.assignment import NamedContacts
from jorge_data.events.message_status import RANKS
from jorge_data.store.archive.archive import Archive
from jorge_data.store.base import AppendResult, Assignments, Bounds
from jorge_data.store.log_page import Hole, Page
from jorge_data.store.rollup_types import Flush
from jorge_data.store.sql import assignments, clear_rollups, delete_old
from jorge_data.store.sql.driver import fetch
from jorge_data.store.sql.erasures import SQLErasures, erasures_told
from jorge_data.store.sql.fields import text_of
from jorge_data.store.sql.inbox import forget
from jorge_data.store.sql.log import Log, find_log
from jorge_data.store.sql.tables import FOLDED, erasures, events, former_epochs, logs, watermarks
from jorge_data.store.sql.view import SQLLogView
from jorge_data.store.sql.writing import Acts, AppendJob, JobQueue, Submission

_RECORDS = select(events.c.seq, events.c.type, events.c.body, logs.c.epoch).join(logs, logs.c.id == events.c.log)


def _superseded(about: tuple[ColumnElement[bool], ...]) -> Select[tuple[int]]:
    """Return the positions of messages of which a newer status stands elsewhere: a message is one line."""
    message, kind = (text_of(events.c.body, "data", name) for name in ("message_id", "kind"))
    rank = case(dict(RANKS), value=text_of(events.c.body, "data", "delivery"), else_=0)
    standing = func.row_number().over(partition_by=(kind, message), order_by=(rank.desc(), events.c.seq.desc()))
    told = select(events.c.seq, standing.label("standing")).join(logs, logs.c.id == events.c.log)
    told = told.where(*about, events.c.type == "conversation_event", kind.in_(("message", "call_ended")))
    ranked = told.where(message.is_not(None)).subquery()
    return select(ranked.c.seq).where(ranked.c.standing > 1)


class SQLStore(ABC):
    """The part of `base.Store` that asks nothing of an engine but its `driver.Engine`."""

    writer: JobQueue
    archive: Archive
    erasures: SQLErasures
    _key: bytes

    @abstractmethod
    def _read(self) -> AbstractContextManager[Connection]:
        """Return a connection on which nothing is written; what fails on it is StoreError."""

    @abstractmethod
    def _read_log(
        self,
        connection: Connection,
        log: Log,
        after: int,
        limit: int,
        types: frozenset[str] | None,
        fast: Callable[[], list[Record]],
    ) -> Page:
        """Return a page of a log; `view.ReadLog`."""

    @abstractmethod
    def _write_rollups(self, connection: Connection, location: str, changed: Flush) -> bool:
        """Write what a fold changed, within a transaction; `base.Store.flush`."""

    def _met_hole(self, location: str, epoch: str, hole: Hole) -> None:  # noqa: B027 - most engines have none
        """Tell of what cannot be read."""

    def _forget_log(self, log: int) -> None:  # noqa: B027 - most engines know nothing of a log beside it
        """Forget what is known of a log beside the database."""

    def append(self, location: str, candidates: Sequence[Candidate], acts: Acts = ()) -> Future[list[AppendResult]]:
        return self._append(Submission(location, candidates, acts))

    def append_by(
        self, agent: str, location: str, candidates: Sequence[Candidate], acts: Acts = (), together: bool = False
    ) -> Future[list[AppendResult | None]]:
        return self._append(Submission(location, candidates, acts, agent, together))

    def _append(self, given: Submission) -> Future[list[Any]]:
        redacted = list(self.erasures.redacted(given.location, given.candidates))
        job = AppendJob(given._replace(candidates=redacted))
        self.writer.put(job)
        return job.results

    def digest(self, text: str) -> str:
        return hmac.digest(self._key, text.encode("utf-8", "replace"), "sha256").hex()

    def bounds(self, location: str) -> Bounds:
        query = select(logs.c.epoch, logs.c.oldest, logs.c.top).where(logs.c.location == location)
        with self._read() as connection:
            row = connection.execute(query).one_or_none()
        return Bounds(location, *row) if row else Bounds(location, "", 1, 0)

    def logs(self) -> list[Bounds]:
        query = select(logs.c.location, logs.c.epoch, logs.c.oldest, logs.c.top).order_by(logs.c.location)
        with self._read() as connection:
            return [Bounds(*row) for row in connection.execute(query)]

    def read(self, location: str, after: int, limit: int, types: frozenset[str] | None = None) -> Page:
        query = _RECORDS.where(logs.c.location == location, events.c.seq > after).order_by(events.c.seq).limit(limit)
        if types is not None:
            query = query.where(events.c.type.in_(sorted(types)))
        with self._read() as connection, _one_moment(connection):
            log = find_log(connection, location)
            if log is None:
                return Page([], after)
            page = self._read_log(
                connection, log, after, limit, types, lambda: [_record(row) for row in connection.execute(query)]
            )
        if page.unreadable is not None:
            self._met_hole(location, log.epoch, page.unreadable)
        return page

    def timeline(self, location: str, subject: str, before: int | None, limit: int) -> list[Record]:
        about = logs.c.location == location, events.c.subject == subject
        query = _RECORDS.where(*about, events.c.seq.not_in(_superseded(about)))
        query = query.order_by(events.c.seq.desc()).limit(limit)
        if before is not None:
            query = query.where(events.c.seq < before)
        with self._read() as connection:
            return [_record(row) for row in connection.execute(query)]

    def assignments(self, location: str) -> Assignments:
        with self._read() as connection, _one_moment(connection):
            log = find_log(connection, location)
            return Assignments() if log is None else Assignments(*assignments.every(connection, log.id))

    def hidden(self, location: str, named: Sequence[NamedContacts], agent: str) -> list[bool]:
        with self._read() as connection, _one_moment(connection):
            log = find_log(connection, location)
            owners = None if log is None else assignments.owners(partial(fetch, connection), log.id, named)
        return [each.are_hidden_from(agent, *(owners or ({}, {}, {}))) for each in named]

    def lost(self, location: str, agent: str, after: int) -> list[str]:
        with self._read() as connection, _one_moment(connection):
            log = find_log(connection, location)
            return [] if log is None else assignments.lost(partial(fetch, connection), log.id, agent, after)

    def erased(self, location: str) -> list[tuple[int, str]]:
        with self._read() as connection:
            return erasures_told(connection, location)

    def contacts_of_analyses(self, location: str, ids: Collection[str]) -> dict[str, set[str]]:
        with self._read() as connection, _one_moment(connection):
            log = find_log(connection, location)
            return {} if log is None else assignments.contacts_of_analyses(partial(fetch, connection), log.id, ids)

    @contextmanager
    def view(self, location: str) -> Iterator[SQLLogView]:
        with (
            self._read() as connection,
            _one_moment(connection),
            closing(
                SQLLogView(connection, location, self.archive, self._read_log, partial(self._met_hole, location))
            ) as view,
        ):
            yield view

    def flush(self, location: str, changed: Flush) -> Future[bool]:
        return self.writer.run(lambda connection: self._write_rollups(connection, location, changed))

    def clear(self, location: str, lost: int | None) -> Future[bool]:
        return self.writer.run(lambda connection: clear_rollups.clear_rollups(connection, location, lost))

    def first_since(self, location: str, moment: int) -> int:
        with self._read() as connection:
            return delete_old.first_since(connection, location, moment)

    def forget(
        self, location: str, epoch: str, before: int, archived: bool = False, folded: bool = False
    ) -> Future[int]:
        return self.writer.run(
            lambda connection: delete_old.delete_old(connection, location, epoch, before, archived, folded)
        )

    def drop(self, location: str) -> Future[None]:
        self.erasures.forget_location(location)
        return self.writer.run(lambda connection: _drop(connection, location, self._forget_log))

    @property
    def waiting(self) -> int:
        return self.writer.waiting


@contextmanager
def _one_moment(connection: Connection) -> Iterator[None]:
    """Have all that is read be of one moment."""
    transaction = connection.begin()
    try:
        yield
    finally:
        transaction.rollback()  # a commit of a transaction that has met a damaged page fails


def _record(row: Row[*tuple[Any, ...]]) -> Record:
    return Record(row.seq, row.type, place(row.body.encode(), Cursor(row.epoch, row.seq)))


def _drop(connection: Connection, location: str, forget_log: Callable[[int], None]) -> None:
    log = connection.execute(select(logs.c.id).where(logs.c.location == location)).scalar_one_or_none()
    for table in (watermarks, former_epochs, *FOLDED, events, *assignments.TABLES):
        connection.execute(delete(table).where(table.c.log == log))
    if log is not None:
        forget_log(log)
    connection.execute(delete(logs).where(logs.c.id == log))
    forget(connection, location)
    connection.execute(delete(erasures).where(erasures.c.location == location))
