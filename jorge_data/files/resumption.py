"""Where a broken transfer goes on: a small file beside the one that is read or written."""

import os
from pathlib import Path
from typing import Any

import orjson

SUFFIX = ".progress"


class Resumption:
    """Keeps how far one transfer is; what it is of must be the same for it to go on."""

    def __init__(self, path: Path, of: dict[str, Any]) -> None:
        self._path = path.with_name(path.name + SUFFIX)
        self._of = of

    def load(self) -> dict[str, Any]:
        """Return how far it was, or nothing where none of this was begun."""
        try:
            kept = orjson.loads(self._path.read_bytes())
        except (FileNotFoundError, orjson.JSONDecodeError):
            return {}
        return kept["at"] if isinstance(kept, dict) and kept.get("of") == self._of else {}

    def save(self, **at: Any) -> None:
        """Keep how far it is, whole or not at all."""
        new = self._path.with_name(self._path.name + ".new")
        new.write_bytes(orjson.dumps({"of": self._of, "at": at}))
        os.replace(new, self._path)

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)
