"""The store's condition: what is wrong with it now, by cause, reported as the worst of each part."""

import sqlite3
import threading
from typing import NamedTuple

from sqlalchemy.exc import DBAPIError

from jorge_data.store.base import PartOfStore, PartState, Report

_RANK: dict[PartState, int] = {"ok": 0, "degraded": 1, "failed": 2}


class _Fault(NamedTuple):
    state: PartState
    why: str


class Condition:
    """Holds the faults of each part until they are cleared; any thread may call."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._lock = threading.Lock()  # guards _faults, and keeps reports in order
        self._faults: dict[PartOfStore, dict[str, _Fault]] = {"store": {}, "log": {}}

    def start(self) -> None:
        """Report every part as it is."""
        with self._lock:
            for part in self._faults:
                self._tell(part)

    def set(self, part: PartOfStore, cause: str, state: PartState, why: str) -> None:
        """Note a fault of a part, or how it is now."""
        with self._lock:
            if self._faults[part].get(cause) != (state, why):
                self._faults[part][cause] = _Fault(state, why)
                self._tell(part)

    def clear(self, part: PartOfStore, cause: str) -> None:
        """Note that a fault is no more."""
        if cause in self._faults[part]:  # looked at before the lock is taken: it is asked at each commit
            with self._lock:
                if self._faults[part].pop(cause, None):
                    self._tell(part)

    def _tell(self, part: PartOfStore) -> None:
        worst = max(self._faults[part].values(), key=lambda fault: _RANK[fault.state], default=_Fault("ok", ""))
        self._report(part, *worst)


_DISK = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_REASONS = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "the store's file may not be written",
    **dict.fromkeys(_DAMAGED, "part of the store's file is damaged: restore the last backup"),
}


def _code(error: BaseException) -> int:
    """Return SQLite's primary code of a failure, -1 where it is none of SQLite's."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    return -1 if code is None else code & 0xFF


def is_of_disk(error: BaseException) -> bool:
    """Return whether a failure is the disk's: full, faulty, or not to be written."""
    return _code(error) in _DISK


def is_damage(error: BaseException) -> bool:
    """Return whether a failure to read says that the disk gives back something else than was written."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    not_text = isinstance(cause, ValueError) or "Could not decode to UTF-8" in str(cause)
    return not_text or _code(error) in _DAMAGED | {sqlite3.SQLITE_IOERR}


def why_not_stored(error: BaseException, reason: str) -> str:
    """Return one sentence that says why events cannot be stored."""
    return f"events cannot be stored: {_REASONS.get(_code(error), reason)}"
