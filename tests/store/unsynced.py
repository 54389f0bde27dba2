"""A disk that forgets: files whose writes are on it once they are synced, and before that in part, or not at all."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw

Change = tuple[int, bytes | None]
"""Bytes written at a place, or None where the file was cut there."""


def changed(content: bytearray, change: Change) -> None:
    """Do to a file's content what was done to the file."""
    offset, written = change
    if written is None:
        del content[offset:]
        return
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(written)] = written


class ForgetfulDisk(apsw.VFS):
    """SQLite's own files, and beside them what a power cut would leave of each; each change calls `at_change`."""

    def __init__(self, name: str, at_change: Callable[[], None]) -> None:
        self.at_change = at_change
        self.synced: dict[str, bytearray] = {}
        self.pending: dict[str, list[Change]] = {}
        super().__init__(name, "unix")

    def xOpen(self, name: Any, flags: list[int]) -> "ForgetfulFile":
        return ForgetfulFile(self, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        super().xDelete(filename, syncdir)
        self.synced.pop(filename, None)
        self.pending.pop(filename, None)

    def images(self, chance: random.Random) -> dict[str, bytes]:
        """Return what the disk holds after a power cut now: of what was not synced some, in any order, some torn."""
        images = {}
        for name, synced in self.synced.items():
            content = bytearray(synced)
            for offset, written in self.pending[name]:
                fate = chance.random()
                if fate < 0.4:
                    changed(content, (offset, written))
                elif fate < 0.6 and written:
                    changed(content, (offset, written[: chance.randrange(0, len(written), 512) or 512]))
            images[Path(name).name] = bytes(content)
        return images


class ForgetfulFile(apsw.VFSFile):
    """One file of that disk."""

    def __init__(self, disk: ForgetfulDisk, name: Any, flags: list[int]) -> None:
        super().__init__("unix", name, flags)
        self._disk, self._name = disk, str(name.filename() if isinstance(name, apsw.URIFilename) else name)
        if self._name not in disk.synced:
            path = Path(self._name)
            disk.synced[self._name] = bytearray(path.read_bytes() if path.exists() else b"")
            disk.pending[self._name] = []

    def _note(self, change: Change) -> None:
        self._disk.pending[self._name].append(change)
        self._disk.at_change()

    def xWrite(self, data: bytes, offset: int) -> None:
        super().xWrite(data, offset)
        self._note((offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:
        super().xTruncate(newsize)
        self._note((newsize, None))

    def xSync(self, flags: int) -> None:
        super().xSync(flags)
        for change in self._disk.pending[self._name]:
            changed(self._disk.synced[self._name], change)
        self._disk.pending[self._name].clear()
