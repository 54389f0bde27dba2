"""The position in the log: every event once, in order, from the websocket or from polling.

A log that was never written has an empty epoch; the first event brings the real one.
"""

from collections.abc import Sequence

from jorge_data.events import Cursor, Event
from jorge_data.feed.failures import Gap, PositionLost, ProtocolViolation


class LogPosition:
    """Hold the one cursor that the websocket and polling share, and admit only what follows it."""

    def __init__(self, history: int) -> None:
        self.cursor: Cursor | None = None
        self._history = history
        self._oldest: Cursor | None = None  # before the oldest event that the server still had
        self._delivered: Cursor | None = None  # where the position was when it was lost

    def restart(self, top: Cursor, oldest: int) -> Cursor:
        """Go back from the top far enough to fill the buffer, but never over what was already delivered."""
        floors = [floor.seq for floor in (self._oldest, self._delivered) if floor and floor.epoch == top.epoch]
        floors.append(oldest - 1)
        self.cursor = Cursor(top.epoch, min(top.seq, max(0, top.seq - self._history, *floors)))
        return self.cursor

    def clear(self, lost: PositionLost) -> None:
        """Drop the cursor; the next one comes from the top and is not before what the server still has."""
        self._delivered, self.cursor = self.cursor, None
        self._oldest = Cursor(lost.epoch, lost.oldest - 1)

    def resume(self, epoch: str, recovered: bool, oldest: int) -> None:
        """Go on from the cursor if the server can; raise PositionLost if it cannot."""
        cursor = self.current()
        if not recovered or cursor.epoch not in ("", epoch):
            raise PositionLost(cursor, epoch, oldest)
        self.cursor = cursor._replace(epoch=epoch)

    def admit(self, events: Sequence[Event], prev: int) -> list[Event]:
        """Return the events that are new and move the cursor over them; raise Gap if some before them are missing."""
        cursor = self.current()
        if prev > cursor.seq:
            raise Gap(cursor, prev)
        if not events:
            return []
        last = Cursor(cursor.epoch or events[0].epoch, prev)
        for event in events:
            if event.epoch != last.epoch or event.seq <= last.seq:
                raise ProtocolViolation(f"event {event.cursor} after {last}")
            last = event.cursor
        new = [event for event in events if event.seq > cursor.seq]
        if new:
            self.cursor = new[-1].cursor
        return new

    def pass_over(self, to: int) -> None:
        """Move the cursor behind positions that the server cannot read."""
        cursor = self.current()
        self.cursor = cursor._replace(seq=max(cursor.seq, to))

    def current(self) -> Cursor:
        """Return the cursor; raise ProtocolViolation where there is none yet."""
        if self.cursor is None:
            raise ProtocolViolation("events before a position")
        return self.cursor
