"""A session's own window: the last 1,000 events of the office on screen, as far as its role may see them.

It holds references into the office's one buffer and copies nothing: a thousand events cost a session 8 KB, where their
JSON is 554 KB. It is filled where it is listed, and dropped on every page that does not list it.
"""

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

from jorge_data.dashboard.push.location_state import LocationState
from jorge_data.events import Event
from jorge_data.permissions import Rights, may_see_kind

KEY = "window"


@dataclass(frozen=True, slots=True)
class EventWindow:
    """The events of one office that somebody with these rights may see, newest first."""

    location: str
    rights: Rights
    generation: int
    events: tuple[Event, ...]


def fill_window(
    state: MutableMapping[Any, Any], location_state: LocationState, rights: Rights, hold: bool = False
) -> EventWindow:
    """Fill the session's window from the office's buffer and return it; `hold` leaves it as it was last listed.

    Whoever was erased meanwhile, or is another agent's by now, is in none.
    """
    location, previous, generation = location_state.location, state.get(KEY), location_state.generation
    recent = location_state.recent()
    if hold and isinstance(previous, EventWindow) and (previous.location, previous.rights) == (location, rights):
        if previous.generation != generation:
            known = set(map(id, recent))  # the buffer drops whom it forgets
            kept = tuple(each for each in previous.events if id(each) in known)
            previous = state[KEY] = EventWindow(location, rights, generation, kept)
        return previous
    events = tuple(event for event in recent if may_see_kind(rights.role, event.type))
    current = state[KEY] = EventWindow(location, rights, generation, events)
    return current


def drop_window(state: MutableMapping[Any, Any]) -> None:
    """Remove the window from a session that does not list it."""
    state.pop(KEY, None)
