"""The consumer of a feed, and the guard that keeps the feed alive when a consumer fails."""

import logging
from collections.abc import Callable
from typing import Any, Protocol

from jorge_data.events import Cursor, Event
from jorge_data.feed.status import FeedStatus

_log = logging.getLogger(__name__)


class Consumer(Protocol):
    """Take a location's events; every method is called from the feed thread alone, one call at a time."""

    def restart(self, cursor: Cursor) -> None:
        """Begin anew: what is delivered next follows on this cursor, and what came before counts no more."""

    def deliver(self, events: list[Event], received_at: float) -> None:
        """Take the next events of the log, in order and once; `received_at` is seconds since 1970."""

    def take_figures(self, changed: dict[str, Any], as_of: Cursor) -> None:
        """Take the sections of the location's figures that changed, as of a position that has been delivered."""

    def forget(self, contact: str) -> None:
        """Drop what was delivered about a contact: the reader does not see it any more."""

    def changed(self, status: FeedStatus) -> None:
        """Take the connection's new status: its state, the reason, or the moment of the next attempt has changed."""


class Guard:
    """Call a consumer so that what it raises is logged and counted, and ends nothing; once closed, call it no more."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer
        self._closed = False
        self.errors = 0

    def close(self) -> None:
        """Begin no further call; safe from any thread."""
        self._closed = True

    def restart(self, cursor: Cursor) -> None:
        self._call(self._consumer.restart, cursor)

    def take_figures(self, changed: dict[str, Any], as_of: Cursor) -> None:
        self._call(self._consumer.take_figures, changed, as_of)

    def deliver(self, events: list[Event], received_at: float) -> None:
        self._call(self._consumer.deliver, events, received_at)

    def forget(self, contact: str) -> None:
        self._call(self._consumer.forget, contact)

    def changed(self, status: FeedStatus) -> None:
        self._call(self._consumer.changed, status)

    def _call(self, method: Callable[..., None], *arguments: Any) -> None:
        if self._closed:
            return
        try:
            method(*arguments)
        except Exception:
            self.errors += 1
            _log.exception("the feed's consumer failed in %s; the feed goes on", method.__name__)
