"""Saved views: names for links, stored in one JSON file beside the store, shared by everybody at this dashboard."""

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from jorge_data.errors import RequestRefused
from jorge_data.settings import Settings

MOST = 200
LONGEST = 80
_lock = threading.Lock()  # guards the file: read, changed and replaced in one piece

View = dict[str, Any]
"""A link's parameters by name."""


class Views:
    """Read and change the file of saved views; safe from any thread of one process."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @classmethod
    def beside_the_store(cls, settings: Settings) -> "Views":
        """Return the views of this installation."""
        return cls(settings.store_file.with_name("views.json"))

    def all(self) -> dict[str, View]:
        """Return every view by name; none where the file is missing. Raise RequestRefused where it cannot be read."""
        try:
            views = orjson.loads(self._file.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            raise RequestRefused(f"the saved views in {self._file.name} cannot be read") from None
        return {name: view for name, view in views.items() if isinstance(view, dict)}

    def save(self, name: str, view: Mapping[str, Any]) -> None:
        """Save a view under a name, in place of the one that has it; raise RequestRefused."""
        name = name.strip()
        if not 0 < len(name) <= LONGEST:
            raise RequestRefused(f"the name {name[:LONGEST]!r}: allowed are 1–{LONGEST} characters")
        with _lock:
            views = self.all()
            if name not in views and len(views) >= MOST:
                raise RequestRefused(f"{MOST} views are saved already: remove one first")
            self._write(views | {name: dict(view)})

    def remove(self, name: str) -> None:
        """Remove a view; it may be gone already."""
        with _lock:
            views = self.all()
            views.pop(name, None)
            self._write(views)

    def _write(self, views: Mapping[str, View]) -> None:
        part = self._file.with_suffix(".part")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(orjson.dumps(views, option=orjson.OPT_INDENT_2))
            os.replace(part, self._file)  # whole or not at all
        except OSError as error:
            raise RequestRefused(f"the saved views cannot be written: {error.strerror}") from None
