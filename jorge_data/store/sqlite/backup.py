"""Backups: a folder with a copy of the store and its archive, verified, and the way back.

The copy is of one moment, made while the server runs. Put back, every log begins a new epoch: its readers start anew.
"""

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson

from jorge_data.errors import StoreError
from jorge_data.events.timestamps import micros
from jorge_data.store.archive.archive import FOLDER, sync
from jorge_data.store.archive.copy_days import copy_days
from jorge_data.store.audit_entry import AuditedAction
from jorge_data.store.sql.audit import append
from jorge_data.store.sqlite.mark import SUFFIX as MARK
from jorge_data.store.sqlite.mark import Mark
from jorge_data.store.sqlite.owner_lock import OwnerLock

STORE = "store.db"
MANIFEST = "manifest.json"
DRAFT = ".partial"

OPERATIONS = 200_000
"""SQLite's steps between two looks at how far a copy is."""

CHUNK = 1 << 20

Show = Callable[[float, str], None]
"""Called with the share that is done (0–1) and a note."""

_TAKE_OVER = (
    "INSERT INTO tokens (jti, subject, role, location, issued_at, expires_at, issued_by, revoked_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (jti) DO UPDATE SET revoked_at = coalesce(revoked_at, excluded.revoked_at)"
)
_ERASED = "SELECT location, contact, contacts, asked_at, asked_by FROM erasures"
_ERASE_AGAIN = "INSERT INTO erasures (location, contact, contacts, asked_at, asked_by) VALUES (?, ?, ?, ?, ?)"
"""Who was erased since the backup is in it: the server erases him again at its next start."""
_DISABLED = "SELECT disabled_at, name FROM users WHERE disabled_at IS NOT NULL"
_DISABLE = "UPDATE users SET disabled_at = ? WHERE name = ? AND disabled_at IS NULL"
_RECORD = "INSERT INTO audit (at, by, act, what) VALUES (?, 'command-line', 'store.restore', ?)"
_REVOKED = (
    "SELECT jti, subject, role, location, issued_at, expires_at, issued_by, revoked_at FROM tokens"
    " WHERE revoked_at IS NOT NULL"
)


def back_up(store: Path, folder: Path, show: Show) -> dict[str, Any]:
    """Copy a store and its archive into a new folder; return its manifest, when all is verified and on disk.

    The folder has its name when it is whole, not before. Raise StoreError where something cannot be read or written.
    """
    if not store.is_file():
        raise StoreError(f"{store} is not there: set JORGE_STORE_URL to the store that is to be backed up")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StoreError(f"{folder} is not empty: allowed is a folder that is empty or does not exist yet")
    draft = folder.with_name(folder.name + DRAFT)
    with _told(f"{store} cannot be backed up"):
        shutil.rmtree(draft, ignore_errors=True)  # of a backup that was broken off
        draft.mkdir(parents=True)
        try:
            _copy_database(store, draft / STORE, show)
            days = copy_days(store.with_name(FOLDER), draft / FOLDER)  # second: what left the store is in it
            show(0.8, f"{days:,} archived days copied")
            logs = _verify(draft / STORE, show)
            files = {str(path.relative_to(draft)): _described(path) for path in _files(draft)}
            manifest = {"made_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "logs": logs, "files": files}
            (draft / MANIFEST).write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
            for path in (*_files(draft), *(each for each in draft.rglob("*") if each.is_dir()), draft):
                sync(path)
            if folder.exists():
                folder.rmdir()
            draft.rename(folder)
            sync(folder.parent)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    return manifest


def restore(folder: Path, store: Path, show: Show) -> list[str]:
    """Put a backup in the place of a store; return what is to be known afterwards, a sentence each.

    What stood there is moved aside, not removed. Raise StoreTaken while a server has the store, StoreError where the
    backup is not what its manifest says, or something cannot be written.
    """
    manifest = _read_manifest(folder)
    with _told(f"{folder} cannot be restored"):
        _compare(folder, manifest, show)
        _verify(folder / STORE, show)
        store.parent.mkdir(parents=True, exist_ok=True)
        real = store.resolve()
        lock = OwnerLock(real, wait_s=0.0)
        try:
            return _put_back(folder, real, store.with_name(FOLDER), show)
        finally:
            lock.release()


def begin_new_epochs(store: Path) -> None:
    """Have every log of a store begin a new epoch at the next start: that a disk's image was put back, no file shows.

    Raise StoreTaken while a server has the store.
    """
    if not store.is_file():
        raise StoreError(f"{store} is not there: set JORGE_STORE_URL to the store that was put back")
    with _told(f"{store} cannot begin new epochs"):
        real = store.resolve()
        lock = OwnerLock(real, wait_s=0.0)
        try:
            Mark.put_restored(real)
        finally:
            lock.release()


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{what}: {error}") from error


def _opened(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path))}?mode={mode}", uri=True, isolation_level=None)


def _copy_database(store: Path, to: Path, show: Show) -> None:
    with closing(_opened(store, "ro")) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        free = connection.execute("PRAGMA freelist_count").fetchone()[0]
        whole = (pages - free) * connection.execute("PRAGMA page_size").fetchone()[0]

        def look() -> None:
            with suppress(OSError):
                copied = to.stat().st_size
                show(0.6 * min(1.0, copied / whole), f"{copied:,} of {whole:,} bytes copied")

        connection.set_progress_handler(look, OPERATIONS)
        connection.execute("VACUUM INTO ?", (str(to),))


def _verify(database: Path, show: Show) -> list[dict[str, Any]]:
    """Return the logs of a copy; raise StoreError where it is damaged, or an event is missing."""
    with closing(_opened(database, "ro")) as connection:
        show(0.8, "the copy is being checked")
        found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found != "ok":
            raise StoreError(f"{database} is damaged: {found}")
        logs = []
        rows = connection.execute("SELECT id, location, epoch, oldest, top FROM logs ORDER BY location").fetchall()
        for log, location, epoch, oldest, top in rows:
            count = connection.execute("SELECT count(*) FROM events WHERE log = ?", (log,)).fetchone()[0]
            if count != top - oldest + 1:
                raise StoreError(f"{database} has {count} events of {location}, and should have {top - oldest + 1}")
            logs.append({"location": location, "epoch": epoch, "oldest": oldest, "top": top})
    show(1.0, f"{sum(log['top'] - log['oldest'] + 1 for log in logs):,} events of {len(logs)} locations")
    return logs


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _described(path: Path) -> dict[str, Any]:
    return {"bytes": path.stat().st_size, "sha256": _sha256(path)}


def _sha256(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = orjson.loads((folder / MANIFEST).read_bytes())
        if STORE not in manifest["files"]:
            raise KeyError(STORE)
    except (OSError, ValueError, KeyError, TypeError):
        raise StoreError(f"{folder} is no backup: allowed is a folder that `backup` has made") from None
    return manifest


def _compare(folder: Path, manifest: dict[str, Any], show: Show) -> None:
    """Raise StoreError that names the first file of a backup that is not as it was made."""
    for number, (name, described) in enumerate(manifest["files"].items(), 1):
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
            raise StoreError(f"{path} is missing: the backup is not whole")
        if _sha256(path) != described["sha256"]:
            raise StoreError(f"{path} is not as it was backed up: the backup cannot be trusted")
        show(0.5 * number / len(manifest["files"]), f"{number:,} files of {len(manifest['files']):,} checked")


def _put_back(folder: Path, store: Path, archive: Path, show: Show) -> list[str]:
    now = datetime.now(UTC)
    draft = store.with_name(f"restoring-{now:%Y%m%dT%H%M%S}")
    draft.mkdir()
    shutil.copy2(folder / STORE, draft / STORE)
    if (folder / FOLDER).is_dir():
        shutil.copytree(folder / FOLDER, draft / FOLDER)
    notes = [_take_over_revocations(store, draft / STORE, folder, now)]
    for path in _files(draft):
        sync(path)
    aside = store.with_name(f"before-restore-{now:%Y%m%dT%H%M%S}")
    old = [path for suffix in ("", "-wal", "-shm", MARK) if (path := store.with_name(store.name + suffix)).exists()]
    if archive.exists():
        old.append(archive)
    if old:
        aside.mkdir()
        for path in old:
            os.replace(path, aside / path.name)
        notes.append(f"What stood there is in {aside}: remove it when you are sure")
    os.replace(draft / STORE, store)
    if (draft / FOLDER).is_dir():
        os.replace(draft / FOLDER, archive)
    draft.rmdir()
    Mark.put_restored(store)
    sync(store.parent)
    show(1.0, "restored")
    notes.append("At the next start every location begins a new epoch: those who follow it start anew")
    notes.append("Webhooks that came since the backup are not in it: have the CRM read again with `sync`")
    return notes


def _has_table(connection: sqlite3.Connection, name: str) -> bool:
    """Return whether a store is of a version that has a table."""
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone() is not None


def _end_of_audit(connection: sqlite3.Connection) -> dict[str, Any] | None:
    """Return the number and the hash of the newest entry of the audit log, None without one, or before the chain."""
    if not _has_hash(connection):
        return None
    newest = connection.execute("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    return None if newest is None else {"entries": newest[0], "hash": newest[1]}


def _has_hash(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM pragma_table_info('audit') WHERE name = 'hash'").fetchone() is not None


def _take_over_revocations(store: Path, restored: Path, folder: Path, now: datetime) -> str:
    """Let nobody into a restored store who is out of the one that it replaces, and write the act."""
    revoked: list[Any] = []
    erased: list[Any] = []
    disabled: list[Any] = []
    replaced: dict[str, Any] | None = None
    note = "Nothing stood there before"
    if store.exists():
        try:
            with closing(_opened(store, "ro")) as connection:
                revoked = connection.execute(_REVOKED).fetchall()
                erased = connection.execute(_ERASED).fetchall() if _has_table(connection, "erasures") else []
                disabled = connection.execute(_DISABLED).fetchall() if _has_table(connection, "users") else []
                replaced = _end_of_audit(connection)
            note = f"Tokens that are revoked and users that are disabled stay so ({len(revoked)}, {len(disabled)})"
        except sqlite3.Error as error:
            note = f"Which tokens were revoked since the backup could not be read ({error}): revoke them again"
    with closing(_opened(restored, "rw")) as connection:
        connection.execute("BEGIN")
        connection.executemany(_TAKE_OVER, revoked)
        if _has_table(connection, "users"):
            # A login that was ended since, a link that was used since: nobody comes in by what the backup remembers.
            connection.execute("UPDATE sessions SET ended_at = ? WHERE ended_at IS NULL", (micros(now),))
            connection.execute("DELETE FROM invitations")
            connection.executemany(_DISABLE, disabled)
        if _has_table(connection, "erasures"):
            connection.executemany(_ERASE_AGAIN, erased)
        elif erased:
            note += f"; erase again at its next start, for the backup is of an older version: {len(erased)} contacts"
        if _has_hash(connection):
            # What is in the one log and not in the other is found by who has the file that was put aside.
            ends = replaced, _end_of_audit(connection)
            act = AuditedAction(now, "command-line", "store.restore", folder.name, before=ends[0], after=ends[1])
            append(connection, act)
        else:  # it is of an older version, and chained at the next start
            connection.execute(_RECORD, (micros(now), folder.name))
        connection.execute("COMMIT")
    return note
