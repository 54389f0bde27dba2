"""Contacts: when each last had an event, and the name to show."""

from typing import Any

from jorge_data.events import Event
from jorge_data.events.timestamps import DAY
from jorge_data.metrics.entities.event_subject import contact_of, name_in

RETENTION = 30 * DAY
MAX_CONTACTS = 50_000
"""Most contacts held past an hour; beyond, those whose last event is oldest are dropped."""


class Contacts:
    """Every contact of the last 30 days; the newest name by event time is shown, else the contact's id."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}
        self._names: dict[str, tuple[int, str]] = {}

    def apply(self, event: Event, at: int) -> str | None:
        """Take note of the event's contact and return it."""
        contact = contact_of(event)
        if contact is None or event.type == "attention_update":
            return contact
        if at > self._seen.get(contact, 0):
            self._seen[contact] = at
        name = name_in(event)
        if name and at >= self._names.get(contact, (0, ""))[0]:
            self._names[contact] = (at, name)
        return contact

    def name(self, contact: str) -> str:
        """Return the name to show."""
        named = self._names.get(contact)
        return named[1] if named else contact

    def seen(self, contact: str) -> int:
        """Return when the contact last had an event, 0 for never."""
        return self._seen.get(contact, 0)

    def __contains__(self, contact: object) -> bool:
        return contact in self._seen

    def expire(self, at: int) -> None:
        """Drop the contacts without an event for 30 days, and the stalest beyond MAX_CONTACTS."""
        before = at - RETENTION
        if len(self._seen) > MAX_CONTACTS:
            before = max(before, sorted(self._seen.values())[-MAX_CONTACTS])
        self._seen = {contact: seen for contact, seen in self._seen.items() if seen >= before}
        self._names = {contact: named for contact, named in self._names.items() if contact in self._seen}

    def dump(self) -> dict[str, Any]:
        names = [[contact, at, name] for contact, (at, name) in self._names.items()]
        return {"seen": dict(self._seen), "names": names}

    def load(self, dump: dict[str, Any]) -> None:
        self._seen = dict(dump["seen"])
        self._names = {contact: (at, name) for contact, at, name in dump["names"]}
