"""The owner's lock: one process at a time has a store's file open to write."""

import os
import socket
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import orjson

from jorge_data.errors import StoreTaken

SUFFIX = "-lock"
"""What the file's name has after the store's: nothing moves it, copies it, or takes it away."""

WAIT_S = 3.0
"""How long a new owner waits for one that is just dying: a child of a parent that was started anew."""

WAIT_FOR_ENDING_S = 15.0
"""The same for an owner that has said that it ends: it may take ten seconds to finish what it accepted."""

EVERY_S = 0.05
_BYTES = 512
_AT = 1 << 30  # the locked byte where a locked one cannot be read: far behind what is written


class Owner(NamedTuple):
    """The process that holds a store, as it says itself; `since` is RFC 3339."""

    pid: int
    host: str
    since: str
    ending: bool

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, since {self.since}"


class OwnerLock:
    """Held until `release`, or until the process ends in any way: the system frees it.

    Raise StoreTaken, which names the holder, where it is not free within `wait_s`, and OSError where the file cannot
    be made. On a file system of a network, the lock may hold for this machine alone.
    """

    def __init__(self, store: Path, wait_s: float = WAIT_S) -> None:
        self.path = store.with_name(store.name + SUFFIX)
        began, pause = time.monotonic(), threading.Event()
        while (descriptor := _locked(self.path)) is None:
            owner = owner_of(store)
            most = WAIT_FOR_ENDING_S if owner is not None and owner.ending and wait_s else wait_s
            if time.monotonic() - began >= most:
                raise StoreTaken(str(store), str(owner or "a process that has just begun"))
            pause.wait(EVERY_S)
        self._descriptor = descriptor
        self._former: list[int] = []  # of files that lost their name: their locks are held on
        self._owner = Owner(os.getpid(), socket.gethostname(), f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", False)
        _held.add(descriptor)
        self._write(self._owner)

    def announce_end(self) -> None:
        """Say that this process ends, so that the next owner waits longer for it."""
        if self._descriptor in _held:
            with suppress(OSError):  # a disk that is full or gone must not keep the server from ending in order
                self._write(self._owner._replace(ending=True))

    def hold_on(self) -> bool:
        """Return whether the store is ours still; where somebody removed the file, it is made and locked anew."""
        try:
            if os.path.samestat(os.fstat(self._descriptor), self.path.stat()):
                return True
        except OSError:
            pass
        try:
            descriptor = _locked(self.path)
        except OSError:  # the folder is gone, or full
            return True
        if descriptor is None:
            return False
        self._former.append(self._descriptor)
        self._descriptor = descriptor
        _held.add(descriptor)
        with suppress(OSError):  # a full disk: that it is held matters more than who it says that it is
            self._write(self._owner)
        return True

    def release(self) -> None:
        """Free the store for another owner."""
        for descriptor in (self._descriptor, *self._former):
            if descriptor in _held:
                _held.remove(descriptor)
                os.close(descriptor)

    def _write(self, owner: Owner) -> None:
        write_at(self._descriptor, orjson.dumps(owner._asdict()).ljust(_BYTES), 0)


def owner_of(store: Path) -> Owner | None:
    """Return what the newest owner of a store said of itself, whether it still lives or not; None where there is none.

    Nothing is locked, and nothing changed.
    """
    try:
        return Owner(**orjson.loads(store.with_name(store.name + SUFFIX).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


_held: set[int] = set()
"""Descriptors of locks that this process holds."""


def _forget_held() -> None:
    """Close the copies that a forked child has: its parent's lock must end with its parent."""
    for descriptor in _held:
        os.close(descriptor)
    _held.clear()


def _locked(path: Path) -> int | None:
    """Return a locked descriptor of the file that has this name now, None where another process has it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
    try:
        _lock(descriptor)
        # The name may stand for another file by now: a lock on the one that was removed keeps out nobody.
        if os.path.samestat(os.fstat(descriptor), path.stat()):
            return descriptor
    except OSError:
        pass
    os.close(descriptor)
    return None


if sys.platform == "win32":
    import msvcrt

    _seeking = threading.Lock()  # guards the place of every descriptor that `write_at` moves

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, _AT, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def write_at(descriptor: int, content: bytes, offset: int) -> None:
        """Write at a place in a file, from any thread."""
        with _seeking:
            os.lseek(descriptor, offset, os.SEEK_SET)
            os.write(descriptor, content)

else:
    import fcntl

    os.register_at_fork(after_in_child=_forget_held)

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def write_at(descriptor: int, content: bytes, offset: int) -> None:
        """Write at a place in a file, from any thread."""
        os.pwrite(descriptor, content, offset)
