"""A session's own window: the last 1,000 events of the office on screen, as far as its role may see them.

It holds references into the office's one buffer and copies nothing: a thousand events cost a session 8 KB, where their
JSON is 554 KB. It is filled where it is listed, and dropped on every page that does not list it.
"""

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

from jorge_data.dashboard.push.location_state import LocationState
from jorge_data.events import Event
from jorge_data.metrics.entities.event_subject import contact_of, is_erasure
from jorge_data.permissions import Rights, may_see_kind

KEY = "window"


@dataclass(frozen=True, slots=True)
class EventWindow:
    """The events of one office that somebody with these rights may see, newest first."""

    location: str
    rights: Rights
    events: tuple[Event, ...]


def fill_window(
    state: MutableMapping[Any, Any], location_state: LocationState, rights: Rights, hold: bool = False
) -> EventWindow:
    """Fill the session's window from the office's buffer and return it; `hold` leaves it as it was last listed.

    Whoever was erased meanwhile is in none.
    """
    location, previous = location_state.location, state.get(KEY)
    if hold and isinstance(previous, EventWindow) and (previous.location, previous.rights) == (location, rights):
        gone = {contact_of(event) for event in location_state.recent() if is_erasure(event)}
        kept = tuple(each for each in previous.events if contact_of(each) not in gone or is_erasure(each))
        state[KEY] = EventWindow(location, rights, kept) if gone else previous
        held: EventWindow = state[KEY]
        return held
    events = tuple(event for event in location_state.recent() if may_see_kind(rights.role, event.type))
    current = state[KEY] = EventWindow(location, rights, events)
    return current


def drop_window(state: MutableMapping[Any, Any]) -> None:
    """Remove the window from a session that does not list it."""
    state.pop(KEY, None)
