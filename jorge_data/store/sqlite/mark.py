"""The mark: a small file beside the store that says how far each log was acknowledged, outside of the database.

The audit log is one of them.

A database that was copied back says nothing of what came after the copy was made; the mark does. Each slot is written
after the commit and before its acknowledgement: into the page cache, which survives every death of the process. After
a power cut it may lag behind the database, never the other way round.
"""

import os
import time
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from struct import Struct
from typing import NamedTuple

import orjson

from jorge_data.store.sqlite.owner_lock import write_at

SUFFIX = "-mark"
RESTORED = "restored"
"""The store's name in a mark under which no log goes on."""

AUDIT = 0
"""The slot of the audit log: no log of events has this number."""

HEADER_BYTES = 512
GROWN_BY = 1024
"""Slots by which the file grows: a full disk is met then, and not at each commit."""

LAG_S = 0.05
"""How much later than it says of itself the file may have been changed: the time of one write, on a busy machine."""

TRIES = 5
"""How often the header is written again where a busy machine held that up for longer."""

LAG_AFTER_REBOOT_S = 40.0
"""The same after a power cut: the file's time may be on disk before its content is, which the kernel writes by 35 s."""

_SLOT = Struct("<8sq8sq")
_EMPTY = bytes(_SLOT.size)
_BOOT = Path("/proc/sys/kernel/random/boot_id")


class Slot(NamedTuple):
    """How far one log was acknowledged: digests of its epoch and of its last event, and when that was written.

    `at` is microseconds since 1970, 0 before it is.
    """

    epoch: bytes
    top: int
    last: bytes
    at: int = 0


class MarkHeader(NamedTuple):
    """What the mark says of itself: of which store it is, which file, when it was written last, and whether at the end.

    `at` is microseconds since 1970; `boot` names the start of the machine in which it was written.
    """

    store: str
    file: int
    at: int
    ended: bool
    boot: str


def digest(content: bytes) -> bytes:
    """Return eight bytes that another content does not have."""
    return blake2b(content, digest_size=8).digest()


def slot(epoch: str, top: int, wire: bytes) -> Slot:
    """Return the slot of a log whose last event is served as `wire`."""
    return Slot(digest(epoch.encode()), top, digest(wire))


class Mark:
    """The mark of one store; `note` and `drop` are called by the writer alone, all else by any thread.

    `header` is what was found at the opening, None where there was no mark; `slots` are by the numbers of their logs.
    Whatever is written raises OSError where it cannot be.
    """

    def __init__(self, store: Path) -> None:
        self.path = store.with_name(store.name + SUFFIX)
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
        content = _read(self._descriptor)
        self.header = _header(content)
        self.slots = _slots(content) if self.header else {}
        self._file = os.fstat(self._descriptor).st_ino
        self._boot = _boot()
        self._capacity = 0
        self._store = ""
        self._changed = True
        self._at = 0
        self._lag_s = (_changed_at(self._descriptor) - (self.written_at or 0)) / 1e6

    @classmethod
    def put_restored(cls, store: Path) -> None:
        """Have every log begin a new epoch at the next start."""
        mark = cls(store)
        mark.begin(RESTORED, {})
        mark.close()

    @property
    def written_at(self) -> int | None:
        """When the file was written last before this opening, as it says itself (microseconds)."""
        if self.header is None:
            return None
        return max([self.header.at, *(slot.at for slot in self.slots.values())])

    def doubt(self, store: str | None) -> str | None:
        """Return why the mark cannot speak for the database of this name, None of one that never had a mark."""
        if self.header is None:
            return None if store is None else "its mark is missing"
        if self.header.store == RESTORED:
            return "it was restored"
        if self.header.store != store:
            return "its mark is that of another store"
        if self.header.file != self._file:
            return "its mark is a copy"
        most = LAG_S if self.header.boot == self._boot else LAG_AFTER_REBOOT_S
        return "its mark was copied or changed since it was last written" if self._lag_s > most else None

    def begin(self, store: str, slots: Mapping[int, Slot]) -> None:
        """Write the whole mark anew, for the life of the store that begins; return when it is on disk."""
        self._store = store
        length = max(slots, default=-1) + 1
        now = time.time_ns() // 1000
        packed = (_SLOT.pack(*slots[log][:3], now) if log in slots else _EMPTY for log in range(length))
        old = os.fstat(self._descriptor).st_size - HEADER_BYTES
        write_at(self._descriptor, self._header_now() + b"".join(packed).ljust(old, b"\0"), 0)
        self._reserve(length)
        self.renew()
        self.sync()

    def note(self, log: int, noted: Slot) -> None:
        """Note how far a log is acknowledged from now on."""
        if log >= self._capacity:
            self._reserve(log)
        for _ in range(TRIES):
            at = time.time_ns() // 1000
            write_at(self._descriptor, _SLOT.pack(*noted[:3], at), HEADER_BYTES + log * _SLOT.size)
            if self._is_in_time(at):
                break
        self._changed = True

    def drop(self, log: int) -> None:
        """Forget a log: its number may become another's."""
        write_at(self._descriptor, _EMPTY, HEADER_BYTES + log * _SLOT.size)
        self.renew()  # without a moment the file would have changed later than it says, as one that was copied

    def renew(self, ended: bool = False) -> None:
        """Say that the store is alive now, or that it has just ended in order."""
        for _ in range(TRIES):
            write_at(self._descriptor, self._header_now(ended), 0)
            self._changed = True
            if self._is_in_time(self._at):
                break

    def _is_in_time(self, at: int) -> bool:
        """Return whether what was written of this moment was written then: a busy machine may hold a thread up."""
        return _changed_at(self._descriptor) - at < LAG_S * 1e6

    def sync(self) -> None:
        """Write through to the disk what has changed."""
        if self._changed:
            self._changed = False
            os.fsync(self._descriptor)

    def close(self) -> None:
        """Say that the store has ended in order, and close the file."""
        try:
            self.renew(ended=True)
            self.sync()
        finally:
            os.close(self._descriptor)

    def _header_now(self, ended: bool = False) -> bytes:
        self._at = time.time_ns() // 1000
        header = MarkHeader(self._store, self._file, self._at, ended, self._boot)
        return orjson.dumps(header._asdict()).ljust(HEADER_BYTES)

    def _reserve(self, log: int) -> None:
        """Have room on disk for a log's slot, and for some more."""
        capacity = log + GROWN_BY
        size = HEADER_BYTES + capacity * _SLOT.size
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(self._descriptor, 0, size)
        self._capacity = capacity


def slots_of(store: Path) -> dict[int, Slot]:
    """Return what the mark of a store has, which may be open elsewhere; nothing without one, or of a copy."""
    path = store.with_name(store.name + SUFFIX)
    if not path.exists():
        return {}
    content = path.read_bytes()
    header = _header(content)
    return _slots(content) if header is not None and header.file == path.stat().st_ino else {}


def _read(descriptor: int) -> bytes:
    with os.fdopen(os.dup(descriptor), "rb") as file:
        return file.read()


def _header(content: bytes) -> MarkHeader | None:
    try:
        return MarkHeader(**orjson.loads(content[:HEADER_BYTES]))
    except (ValueError, TypeError):
        return None


def _slots(content: bytes) -> dict[int, Slot]:
    whole = (len(content) - HEADER_BYTES) // _SLOT.size
    packed = content[HEADER_BYTES : HEADER_BYTES + whole * _SLOT.size]
    slots = {log: Slot._make(fields) for log, fields in enumerate(_SLOT.iter_unpack(packed))}
    return {log: slot for log, slot in slots.items() if slot.at}


def _changed_at(descriptor: int) -> int:
    """Return when a file was changed in any way, in microseconds; of a copy, when it was made."""
    return os.fstat(descriptor).st_ctime_ns // 1000


def _boot() -> str:
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""
