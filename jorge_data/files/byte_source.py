"""The bytes of a file, unpacked where they are gzip, and how many of them have been read."""

import gzip
import zlib
from pathlib import Path
from typing import BinaryIO, Self, cast

GZIP = b"\x1f\x8b"
BREAKS_OFF = (EOFError, gzip.BadGzipFile, zlib.error)
"""What is raised where a packed file ends too early or is damaged."""


class ByteSource:
    """An open file; `file` has its bytes, unpacked."""

    def __init__(self, path: Path) -> None:
        self._size = max(1, path.stat().st_size)
        self._raw = path.open("rb")
        is_packed = self._raw.read(2) == GZIP
        self._raw.seek(0)
        self.file: BinaryIO = cast(BinaryIO, gzip.GzipFile(fileobj=self._raw)) if is_packed else self._raw

    @property
    def share(self) -> float:
        """Return the share of the file that has been read, 0–1."""
        return min(1.0, self._raw.tell() / self._size)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()
        self._raw.close()
