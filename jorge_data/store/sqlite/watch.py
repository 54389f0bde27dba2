"""The watch over a store: what is seen without anybody publishing, and a mark that is renewed."""

import errno
import logging
import os
import shutil
import threading
import time
from concurrent.futures import Future
from pathlib import Path

from sqlalchemy import Connection, update

from jorge_data.errors import StoreError
from jorge_data.store.sql.condition import StoreCondition
from jorge_data.store.sql.tables import store
from jorge_data.store.sqlite.mark import Mark
from jorge_data.store.sqlite.owner_lock import OwnerLock
from jorge_data.store.sqlite.store_files import REMEDY
from jorge_data.store.sqlite.writer import Writer

logger = logging.getLogger(__name__)

EVERY_S = 1.0
CHECK_EVERY, RENEW_EVERY = 2, 5
"""Ticks between two looks at the files and the disk, and between two renewals of the mark."""

LOW_BYTES = 64 << 20
"""Free space from which on it is tried whether the store can be written."""

ENOUGH_BYTES = 96 << 20
"""Free space from which on the disk is no worry any more; the gap keeps it from changing all the time."""

PROBE_BYTES = 4 << 20
"""What must find room: a commit of one row finds some in the write-ahead log where a publish does not."""


TAKEN = f"another process has taken the store, whose lock was removed: {REMEDY}"


class Watch:
    """A thread that looks after the store's files, its disk and its mark, until it is closed."""

    def __init__(self, path: Path, writer: Writer, mark: Mark, lock: OwnerLock, condition: StoreCondition) -> None:
        self._path, self._writer, self._mark, self._condition = path, writer, mark, condition
        self._lock = lock
        self._probing: Future[None] | None = None
        self._low = False
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="store-watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        tick = 0
        while not self._ending.wait(EVERY_S):
            tick += 1
            try:
                if tick % CHECK_EVERY == 0:
                    self._look()
            except StoreError:  # it is being closed, or as busy as it may be
                pass
            except Exception:  # or nobody would look any more
                logger.exception("the store's files could not be looked at")
            try:
                if tick % RENEW_EVERY == 0:
                    self._mark.renew()
                self._mark.sync()
            except OSError as error:
                self._condition.set("store", "mark", "degraded", f"its mark cannot be written: {error.strerror}")

    def _look(self) -> None:
        if not self._lock.hold_on():
            self._writer.lose(TAKEN)
        if self._probing is not None and not self._probing.done():
            return
        try:
            free = shutil.disk_usage(self._path.parent).free
        except OSError:  # the folder itself is gone, which the writer sees
            free = ENOUGH_BYTES
        self._low = free < (ENOUGH_BYTES if self._low else LOW_BYTES)
        if not self._low and not self._writer.may_recover:
            self._condition.clear("store", "space")
            self._writer.run(lambda connection: None)  # before and after it the writer looks at its files
            return
        self._probing = self._writer.run(self._probe)
        self._probing.add_done_callback(self._probed)

    def _probe(self, connection: Connection) -> None:
        """Take room on the disk, give it back, and commit."""
        path = self._path.with_name(f"{self._path.name}-probe")
        try:
            with path.open("wb") as file:
                if hasattr(os, "posix_fallocate"):
                    os.posix_fallocate(file.fileno(), 0, PROBE_BYTES)
        finally:
            path.unlink(missing_ok=True)
        connection.execute(update(store).values(probed_at=time.time_ns() // 1000))

    def _probed(self, probing: "Future[None]") -> None:
        if error := probing.exception():
            cause = error.__cause__
            full = isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
            why = "the disk is full" if full else getattr(cause, "strerror", None) or str(error)
            self._condition.set("store", "space", "failed", f"events cannot be stored: {why}")
            return
        self._writer.recover()
        if self._low:
            self._condition.set(
                "store", "space", "degraded", f"the disk is nearly full: less than {LOW_BYTES >> 20} MB"
            )
        else:
            self._condition.clear("store", "space")
