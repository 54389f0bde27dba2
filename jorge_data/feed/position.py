"""The place in the log: every event once, in order, whichever way it came.

A log that was never written has no name: its epoch is empty, and the first event brings the name along.
"""

from collections.abc import Sequence

from jorge_data.events import Cursor, Event
from jorge_data.feed.failures import Gap, Garbled, PositionLost


class LogPosition:
    """Hold the one cursor that the websocket and polling share, and admit only what follows it."""

    def __init__(self, history: int) -> None:
        self.cursor: Cursor | None = None
        self._history = history
        self._kept_after: Cursor | None = None
        self._before: Cursor | None = None

    def restart(self, at: Cursor) -> Cursor:
        """Go back from a checkpoint far enough to fill the buffer, but never over what was already delivered."""
        floors = [floor.seq for floor in (self._kept_after, self._before) if floor and floor.epoch == at.epoch]
        self.cursor = Cursor(at.epoch, min(at.seq, max(0, at.seq - self._history, *floors)))
        return self.cursor

    def forget(self, lost: PositionLost) -> None:
        """Give up the cursor; the next one comes from a checkpoint and is not before what the server still has."""
        self._before, self.cursor = self.cursor, None
        self._kept_after = Cursor(lost.epoch, lost.oldest - 1)

    def resume(self, epoch: str, recovered: bool, oldest: int) -> None:
        """Go on from the cursor if the server can; raise PositionLost if it cannot."""
        cursor = self.here()
        if not recovered or cursor.epoch not in ("", epoch):
            raise PositionLost(cursor, epoch, oldest)
        self.cursor = cursor._replace(epoch=epoch)

    def admit(self, events: Sequence[Event], prev: int) -> list[Event]:
        """Return the events that are new and move the cursor over them; raise Gap if some before them are missing."""
        cursor = self.here()
        if prev > cursor.seq:
            raise Gap(cursor, prev)
        if not events:
            return []
        _check_order(events, Cursor(cursor.epoch or events[0].epoch, prev))
        fresh = [event for event in events if event.seq > cursor.seq]
        if fresh:
            self.cursor = fresh[-1].cursor
        return fresh

    def here(self) -> Cursor:
        """Return the cursor; there must be one."""
        if self.cursor is None:
            raise Garbled("events before a position")
        return self.cursor


def _check_order(events: Sequence[Event], last: Cursor) -> None:
    for event in events:
        if event.epoch != last.epoch or event.seq <= last.seq:
            raise Garbled(f"event {event.cursor} after {last}")
        last = event.cursor
