"""Saved views from before they were in the store: one file beside it, taken over once."""

import asyncio
import logging
from datetime import UTC, datetime
from pathlib import Path

import orjson

from jorge_data.store import SavedView, Store

logger = logging.getLogger(__name__)

FILE = "views.json"
PAGE = "explore"
"""The only page that had views."""


async def take_over_views(store: Store) -> None:
    """Save the views of the file as shared ones without an owner, and remove it: searches in it may name a contact."""
    file = store.folder / FILE
    await asyncio.to_thread(_remove, file.with_name(f"{FILE}.taken-over"))
    if (views := await asyncio.to_thread(_read, file)) is None:
        return
    await asyncio.wrap_future(store.views.take_over(views))
    await asyncio.to_thread(_remove, file)


def _remove(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:  # read-only: at the next start all of its names are taken
        logger.warning("%s cannot be removed: %s", file.name, error.strerror)


def _read(file: Path) -> list[SavedView] | None:
    try:
        views = orjson.loads(file.read_bytes())
        now = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        items = [(name, view) for name, view in views.items() if isinstance(view, dict)]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, AttributeError) as error:
        logger.warning("the saved views in %s cannot be read, and are left there: %s", file.name, error)
        return None
    return [SavedView("", name, PAGE, view, True, None, now) for name, view in items]
