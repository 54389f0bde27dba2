"""The bus within one process."""

from collections.abc import Callable

from jorge_data.bus.base import Announcement


class MemoryBus:
    """A Bus for one server process; loses nothing, since it calls its listeners at once."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[Announcement], None]] = []

    def publish(self, announcement: Announcement) -> None:
        for listener in self._listeners:
            listener(announcement)

    def subscribe(self, listener: Callable[[Announcement], None]) -> None:
        self._listeners.append(listener)
