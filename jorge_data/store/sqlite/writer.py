"""The one thread that commits: group commit, so that a durable append costs a share of one fsync."""

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError

from jorge_data.errors import StoreError
from jorge_data.store.base import CommitListener
from jorge_data.store.sql.condition import StoreCondition
from jorge_data.store.sql.writing import Added, AppendJob, DeliveryJob, JobQueue, Task, acknowledge, refuse
from jorge_data.store.sqlite.append import append
from jorge_data.store.sqlite.audit import head
from jorge_data.store.sqlite.driver import driver_of
from jorge_data.store.sqlite.failures import is_damage, is_of_disk, is_of_lock, why_not_stored
from jorge_data.store.sqlite.mark import AUDIT, Mark, Slot, slot
from jorge_data.store.sqlite.store_files import FOREIGN, StoreFiles

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Writer(JobQueue):
    """Owns the writing connection: every commit and every checkpoint of the WAL happens on its thread.

    Both on one connection: that avoids SQLite's WAL-reset bug (3.7.0 to 3.51.2). Nothing is acknowledged before the
    mark has it, and nothing any more where the store's files are not the ones that were opened.
    """

    def __init__(
        self, connection: Connection, listener: CommitListener, mark: Mark, files: StoreFiles, condition: StoreCondition
    ) -> None:
        super().__init__()
        self._connection = connection
        self._driver = driver_of(connection)
        self._data_version = _data_version(self._driver)
        self._listener = listener
        self._mark, self._files, self._condition = mark, files, condition
        self.lost: str | None = None
        """What has become of the store's files, after which nothing is written; None while they are well."""
        self.may_recover = False
        """Whether the newest commit failed by what may pass: the disk, or another program that has the file locked."""
        self.audited: Slot | None = head(self._driver)
        """The end of the audit log as the mark has it, None while it is empty."""
        self._fails_by_disk = False
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Finish what was queued, then end the thread."""
        self.end()
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while group := self.next_group():
            if isinstance(group[0], Task):
                self._perform(group[0])
            else:
                appends = [job for job in group if isinstance(job, AppendJob)]
                self._commit(appends, [job for job in group if isinstance(job, DeliveryJob)])

    def _commit(self, appends: list[AppendJob], deliveries: list[DeliveryJob]) -> None:
        submissions = [job.submission for job in appends]
        try:
            self._check()
            outcomes = append(self._driver, submissions, [job.delivery for job in deliveries])
            self._check(committed=True)
            if any(submission.acts for submission in submissions):
                self._note_audit()
        except Exception as error:
            self._note_failure(error, of_events=True)
            refuse(appends, deliveries, reason_of(error))
            return
        self._note_commit(outcomes.added)
        acknowledge(outcomes, appends, deliveries, self._listener)

    def _perform(self, task: Task) -> None:
        try:
            self._check()
            if task.alone:
                result = task.work(self._connection)
                self._files.may_be_smaller(*_pages(self._driver))
            else:
                with self._connection.begin():
                    result = task.work(self._connection)
            self._check(committed=True)
            self._note_audit()
        except Exception as error:
            self._note_failure(error, of_events=False)
            failure = StoreError(f"the store could not write: {reason_of(error)}")
            failure.__cause__ = error
            task.done.set_exception(failure)
        else:
            task.done.set_result(result)

    def recover(self) -> None:
        """Note that the store could be written, after a fault that has passed."""
        if self.may_recover:
            self.may_recover = self._fails_by_disk = False
            self._condition.clear("store", "commit")

    def lose(self, why: str) -> None:
        """Write nothing from now on: the store is not ours any more; any thread."""
        self.lost = why
        self._condition.set("store", "files", "failed", why)

    def _check(self, committed: bool = False) -> None:
        """Raise StoreError, now and for ever, where the store's files are not the ones that were opened."""
        if self.lost is None and (fault := self._files.fault(committed) or self._foreign_commit()) is not None:
            self.lose(fault)
        if self.lost is not None:
            raise StoreError(self.lost)

    def _foreign_commit(self) -> str | None:
        """Return that another program has committed, through SQLite and so without a trace on the files; else None."""
        version = _data_version(self._driver)
        if self._fails_by_disk:  # SQLite counts its own cache, which it drops after such a failure, as another's commit
            self._data_version = version
        return None if version == self._data_version else FOREIGN

    def _note_commit(self, added: list[Added]) -> None:
        """Write into the mark what is about to be acknowledged: its loss of a write is told, and holds up nothing."""
        with self._marking():
            for log, bounds, records in added:
                self._mark.note(log, slot(bounds.epoch, bounds.top, records[-1].wire))
        self.may_recover = self._fails_by_disk = False
        self._condition.clear("store", "commit")

    @contextmanager
    def _marking(self) -> Iterator[None]:
        try:
            yield
            self._condition.clear("store", "mark")
        except OSError as error:
            self._condition.set("store", "mark", "degraded", f"its mark cannot be written: {error.strerror}")

    def _note_audit(self) -> None:
        """Write into the mark where the audit log ends, where it has grown."""
        newest = head(self._driver)
        if newest is not None and (self.audited is None or newest.top != self.audited.top):
            self.audited = newest
            with self._marking():
                self._mark.note(AUDIT, newest)

    def _note_failure(self, error: Exception, of_events: bool) -> None:
        """Report a failure of SQLite's: of a commit of events any, else what keeps those from being stored as well."""
        cause = error.orig if isinstance(error, DBAPIError) else error
        stops_all = is_of_disk(error) or is_of_lock(error) or (of_events and is_damage(error))
        if isinstance(cause, sqlite3.Error) and not stops_all:  # what these events alone were refused for
            logger.error("the store could not commit: %s", reason_of(error))
        elif isinstance(cause, sqlite3.Error):
            self._fails_by_disk = is_of_disk(error)
            self.may_recover = self._fails_by_disk or is_of_lock(error)
            self._condition.set("store", "commit", "failed", why_not_stored(error, reason_of(error)))


def _data_version(driver: sqlite3.Connection) -> int:
    """Return what changes where another connection than this one has committed, and there is none in this process."""
    version: int = driver.execute("PRAGMA data_version").fetchone()[0]
    return version


def _pages(driver: sqlite3.Connection) -> tuple[int, int]:
    """Return the pages of the database, and the bytes of each."""
    count, size = (driver.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    return count, size


def reason_of(error: Exception) -> str:
    """Return the driver's own message of a failure, without the statement and its parameters, which are contacts'."""
    if isinstance(error, StatementError) and error.orig is not None:
        return str(error.orig)
    return str(error.args[0]) if isinstance(error, SQLAlchemyError) and error.args else str(error)
