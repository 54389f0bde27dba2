"""The checkpoint of an import or export that broke off: a small file beside the one that is read or written."""

import os
from pathlib import Path
from typing import Any

import orjson

SUFFIX = ".progress"


class TransferCheckpoint:
    """Saves how far one transfer is; `of` describes it, and only a transfer of the same description goes on."""

    def __init__(self, path: Path, of: dict[str, Any]) -> None:
        self._path = path.with_name(path.name + SUFFIX)
        self._of = of

    def load(self) -> dict[str, Any]:
        """Return what was saved last, an empty dict where there is no checkpoint of this transfer."""
        try:
            saved = orjson.loads(self._path.read_bytes())
        except (FileNotFoundError, orjson.JSONDecodeError):
            return {}
        return saved["at"] if isinstance(saved, dict) and saved.get("of") == self._of else {}

    def save(self, **at: Any) -> None:
        """Save how far it is, atomically."""
        new = self._path.with_name(self._path.name + ".new")
        new.write_bytes(orjson.dumps({"of": self._of, "at": at}))
        os.replace(new, self._path)

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)
