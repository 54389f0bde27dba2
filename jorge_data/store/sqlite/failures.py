"""What SQLite's failures say: a full or faulty disk, a file that is damaged."""

import sqlite3

from sqlalchemy.exc import DBAPIError

from jorge_data.errors import StoreDamaged, StoreError

_DISK = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_REASONS = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "the store's file may not be written",
    sqlite3.SQLITE_BUSY: "another program has the store's file locked",
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


def is_of_lock(error: BaseException) -> bool:
    """Return whether another program has the file locked."""
    return _code(error) == sqlite3.SQLITE_BUSY


def is_damage(error: BaseException) -> bool:
    """Return whether a failure to read says that the disk gives back something else than was written."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    not_text = isinstance(cause, ValueError) or "Could not decode to UTF-8" in str(cause)
    return not_text or _code(error) in _DAMAGED | {sqlite3.SQLITE_IOERR}


def may_pass(error: BaseException) -> bool:
    """Return whether a failure to read may be over in a moment: a disk that did not answer, as over a network."""
    full = getattr(error, "sqlite_errorcode", None)
    return _code(error) == sqlite3.SQLITE_IOERR and full != sqlite3.SQLITE_IOERR_SHORT_READ


def read_failure(error: BaseException, reason: str) -> StoreError:
    """Return the error of a read that failed, for this reason of the driver's."""
    message = f"the store could not read: {reason}"
    return StoreDamaged(message) if is_damage(error) else StoreError(message)


def why_not_stored(error: BaseException, reason: str) -> str:
    """Return one sentence that says why events cannot be stored."""
    return f"events cannot be stored: {_REASONS.get(_code(error), reason)}"
