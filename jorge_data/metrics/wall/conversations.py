"""Conversations: which are alive, and where a contact waits for an answer."""

from collections.abc import Container
from typing import Any, NamedTuple

from jorge_data.events import Event
from jorge_data.events.timestamps import DAY
from jorge_data.metrics.entities.event_subject import from_contact


class OpenConversation(NamedTuple):
    """A conversation's newest event and message; opting out stands whatever comes later."""

    at: int
    message_at: int
    waiting: bool
    opted_out: bool


class Conversations:
    """Keep the conversations of the last 24 hours."""

    def __init__(self) -> None:
        self._by_id: dict[str, OpenConversation] = {}
        self._started = False

    def apply(self, event: Event, at: int) -> None:
        data = event.data
        was = self._by_id.get(data["conversation_id"]) or OpenConversation(0, 0, False, False)
        message_at, waiting = was.message_at, was.waiting
        if data["kind"] == "message" and at >= message_at:
            message_at, waiting = at, from_contact(data)
        opted_out = was.opted_out or data["kind"] == "opted_out"
        self._by_id[data["conversation_id"]] = OpenConversation(max(at, was.at), message_at, waiting, opted_out)
        self._started = True

    def active(self, now: int) -> int | None:
        """Return how many had an event in the last 24 hours and did not opt out; None before the first of all."""
        return len(self._alive(now)) if self._started else None

    def waiting(self, now: int) -> int:
        """Return in how many of the active ones the contact spoke last."""
        return sum(conversation.waiting for conversation in self._alive(now))

    def expire(self, at: int, contacts: Container[str]) -> None:
        """Forget conversations without an event for 24 hours."""
        self._by_id = {name: conversation for name, conversation in self._by_id.items() if conversation.at > at - DAY}

    def dump(self) -> dict[str, Any]:
        return {"known": self._started, "by_id": {name: list(row) for name, row in self._by_id.items()}}

    def load(self, dump: dict[str, Any]) -> None:
        self._started = dump["known"]
        self._by_id = {name: OpenConversation(*row) for name, row in dump["by_id"].items()}

    def _alive(self, now: int) -> list[OpenConversation]:
        return [one for one in self._by_id.values() if one.at > now - DAY and not one.opted_out]
