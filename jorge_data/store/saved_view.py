"""Saved views: names for links into the dashboard, each of one owner, his own or shared."""

from collections.abc import Mapping
from concurrent.futures import Future
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from jorge_data.store.audit_entry import AuditedAction


class SavedView(NamedTuple):
    """A name for a link: whose, for which page, with which parameters; `location`: for whom, where it is shared.

    `id` is 0 before it is saved; the owner is empty of views from before there were owners.
    """

    owner: str
    name: str
    page: str
    parameters: Mapping[str, Any]
    shared: bool
    location: str | None
    saved_at: datetime
    id: int = 0


class SavedViews(Protocol):
    """Keeps them; any thread may call; what returns a future is durable when done."""

    def visible(self, owner: str, location: str | None) -> list[SavedView]:
        """Return an owner's own views and the shared ones, of everybody and of a location (None: of all), by name."""

    def get(self, id_: int) -> SavedView | None:
        """Return a view by its number."""

    def save(self, view: SavedView, most: int, act: AuditedAction | None) -> Future[int | None]:
        """Save a view, in place of the one that has its owner and name.

        The future is its number; None, and nothing saved, where the owner has `most` others.
        """

    def remove(self, id_: int, act: AuditedAction | None) -> Future[None]:
        """Remove a view; it may be gone already."""

    def take_over(self, taken: list[SavedView]) -> Future[None]:
        """Save views from before there was this table; one whose name is taken stays as it is."""
