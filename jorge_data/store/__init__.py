"""Keeps events: one log a location, durable before it is acknowledged."""

from pathlib import Path

from jorge_data.store.base import Bounds, Checkpoint, Commit, CommitListener, Kept, Page, Store
from jorge_data.store.delivery import Copy, Delivery, Filed, State, Tally, Verdict
from jorge_data.store.inbox import Inbox
from jorge_data.store.sqlite import SQLiteStore

__all__ = [
    "Bounds",
    "Checkpoint",
    "Commit",
    "CommitListener",
    "Copy",
    "Delivery",
    "Filed",
    "Inbox",
    "Kept",
    "Page",
    "SQLiteStore",
    "State",
    "Store",
    "Tally",
    "Verdict",
    "open_store",
]


def open_store(url: str, listener: CommitListener) -> SQLiteStore:
    """Open the store that a URL names (`sqlite:///<file>`) and bring its tables up to date."""
    return SQLiteStore(Path(url.removeprefix("sqlite:///")), listener)
