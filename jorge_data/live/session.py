"""A session's own window: the last 1,000 events that its role may see."""

from collections import deque
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

from jorge_data.events import Cursor, Event
from jorge_data.live.office import Office
from jorge_data.permissions import Person, may_see_kind

KEY = "window"
SIZE = 1000


@dataclass
class Window:
    """What one session has seen of one office, in order, up to a cursor."""

    location: str
    events: deque[Event] = field(default_factory=lambda: deque(maxlen=SIZE))
    cursor: Cursor | None = None

    def take(self, events: list[Event], role: Person) -> int:
        """Add what is new and may be seen; return how many were added."""
        if not events:
            return 0
        newest = events[-1].cursor
        if self.cursor is not None and self.cursor.epoch != newest.epoch:
            self.events.clear()
        seen = [event for event in events if may_see_kind(role, event.type)]
        self.events.extend(seen)
        self.cursor = newest
        return len(seen)


def window(state: MutableMapping[Any, Any], office: Office, role: Person) -> Window:
    """Bring the session's window up to the office's buffer and return it; another office begins a new one."""
    held = state.get(KEY)
    if not isinstance(held, Window) or held.location != office.location:
        held = state[KEY] = Window(office.location)
    held.take(office.events_after(held.cursor), role)
    return held
