"""Whether the store's files are still the ones that this process opened, and nobody else has written them."""

import os
from pathlib import Path

REMEDY = "nothing is stored until the server is started again"
FOREIGN = f"another program has written the store's file: {REMEDY}"


class StoreFiles:
    """The database and its write-ahead log; the writer's thread alone.

    Only names are looked at: to open and close the file once more would drop the locks that SQLite holds on it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = path.with_name(f"{path.name}-wal")
        self._known = os.stat(self._path)
        self._known_log = os.stat(self._log)
        self._least = self._known.st_size  # bytes

    def may_be_smaller(self, pages: int, page_bytes: int) -> None:
        """Note that this process has cut the write-ahead log, and the database to so many pages, now or later."""
        self._known, self._known_log = os.stat(self._path), os.stat(self._log)
        self._least = min(self._known.st_size, pages * page_bytes)

    def fault(self, committed: bool = False) -> str | None:
        """Return what somebody else has done to the files, None where nobody has.

        `committed`: since the last call this process may have written them itself.
        """
        try:
            now, log = os.stat(self._path), os.stat(self._log)
        except OSError:
            return f"the store's file was deleted while the server ran: {REMEDY}"
        known, known_log = self._known, self._known_log
        if not (os.path.samestat(now, known) and os.path.samestat(log, known_log)):
            return f"the store's file was replaced while the server ran: {REMEDY}"
        if now.st_size < self._least or log.st_size < known_log.st_size:
            return f"the store's file was cut off while the server ran: {REMEDY}"
        if not committed and (now.st_mtime_ns, now.st_size) != (known.st_mtime_ns, known.st_size):
            return FOREIGN
        if now.st_size != known.st_size:
            self._least = now.st_size
        self._known, self._known_log = now, log
        return None
