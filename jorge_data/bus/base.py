"""The seam: how server processes learn that a log has grown."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from jorge_data.events import Record


class Announcement(NamedTuple):
    """A location's log has grown to `top`; `records` carries the news where it was written in this process.

    An empty `epoch` says that the location was removed.
    """

    location: str
    epoch: str
    top: int
    records: tuple[Record, ...] = ()


class Bus(Protocol):
    """Tells every listener of every announcement, in order of publishing, on the event loop's thread.

    Delivery is at most once: an announcement is a wake-up, the store is the truth. A listener that finds a hole
    reads the store.
    """

    def publish(self, announcement: Announcement) -> None: ...

    def subscribe(self, listener: Callable[[Announcement], None]) -> None: ...
