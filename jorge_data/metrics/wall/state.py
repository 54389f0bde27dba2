"""The live state: one location's events reduced to what the Command Center shows, remembered with their position."""

from collections.abc import Callable, Container
from typing import Any, Protocol

import orjson

from jorge_data.events import Cursor, Event
from jorge_data.events.timestamps import HOUR, event_micros
from jorge_data.metrics.targets import Targets
from jorge_data.metrics.wall.attention import Attention
from jorge_data.metrics.wall.attention_actions import AttentionActions
from jorge_data.metrics.wall.bots import Bots
from jorge_data.metrics.wall.contacts import Contacts
from jorge_data.metrics.wall.conversations import Conversations
from jorge_data.metrics.wall.health import Health
from jorge_data.metrics.wall.intent import Accuracy, Intent
from jorge_data.metrics.wall.newest_events import EventRates, Freshness, Recent
from jorge_data.metrics.wall.qualification import Qualification
from jorge_data.metrics.wall.revenue import Revenue
from jorge_data.metrics.wall.sequences import Sequences

VERSION = 4
"""The version of the checkpoint; one of another version is refused, and the log is read again."""

Reduce = Callable[[Event, int], None]

_PARTS = (
    "contacts",
    "freshness",
    "rates",
    "recent",
    "bots",
    "qualification",
    "sequences",
    "intent",
    "accuracy",
    "conversations",
    "revenue",
    "health",
    "attention",
    "acts",
)


class Aging(Protocol):
    """Something that forgets: what is too old at this event time, and contacts that were expired."""

    def expire(self, at: int, contacts: Container[str]) -> None: ...


class LiveState:
    """Reduce a location's events, each once, in the order of the log; one thread at a time.

    What is newest is decided by the events' own times, ties by seq. What is dropped is decided by the newest event
    time so far, never by a wall clock, so that every replay of the same log ends in the same state.
    """

    def __init__(self, targets: Targets) -> None:
        self.targets = targets
        self.cursor: Cursor | None = None
        self._clock = 0
        self.contacts = Contacts()
        self.freshness = Freshness(targets)
        self.rates = EventRates()
        self.recent = Recent(targets)
        self.bots = Bots()
        self.qualification = Qualification()
        self.sequences = Sequences(targets)
        self.intent = Intent(targets)
        self.accuracy = Accuracy()
        self.conversations = Conversations()
        self.revenue = Revenue(targets)
        self.health = Health()
        self.attention = Attention()
        self.acts = AttentionActions()
        self._reducers = self._by_kind()
        self._aging: tuple[Aging, ...] = (
            self.freshness,
            self.bots,
            self.qualification,
            self.sequences,
            self.intent,
            self.conversations,
            self.revenue,
            self.health,
            self.attention,
            self.acts,
        )

    def apply(self, event: Event) -> None:
        """Take one event; one at or before the position of the same epoch is ignored."""
        if self.cursor is not None and event.epoch == self.cursor.epoch and event.seq <= self.cursor.seq:
            return
        self.cursor = event.cursor
        at = event_micros(event)
        if at // HOUR > self._clock // HOUR:
            self._expire(at)
        self._clock = max(self._clock, at)
        contact = self.contacts.apply(event, at)
        self.freshness.apply(event, at)
        self.rates.apply(event)
        for reduce in self._reducers.get(event.type, ()):
            reduce(event, at)
        self.recent.apply(event, self.contacts.name(contact) if contact else "")

    def dump(self) -> dict[str, Any]:
        """Return a checkpoint as plain JSON."""
        parts = {name: getattr(self, name).dump() for name in _PARTS}
        return {"version": VERSION, "cursor": self.cursor and list(self.cursor), "clock": self._clock, **parts}

    def encode(self) -> bytes:
        """Return the checkpoint as JSON text, part by part: all of it as objects would take many times the memory."""
        parts = {name: orjson.Fragment(orjson.dumps(getattr(self, name).dump())) for name in _PARTS}
        head = {"version": VERSION, "cursor": self.cursor and list(self.cursor), "clock": self._clock}
        return orjson.dumps(head | parts)

    def without_contacts(self) -> "LiveState":
        """Return a state as of the same position with the bots and components alone: no contact, no money.

        It shares its parts with this one, and is for reading.
        """
        state = LiveState(self.targets)
        state.cursor, state._clock = self.cursor, self._clock
        state.freshness, state.rates = self.freshness, self.rates
        state.recent, state.bots = self.recent.without_contacts(), self.bots.without_contacts()
        state.health = self.health.without_contacts()
        return state

    @classmethod
    def load(cls, dump: dict[str, Any], targets: Targets) -> "LiveState":
        """Return the state that was dumped; raise ValueError where the checkpoint is of another version."""
        if dump.get("version") != VERSION:
            raise ValueError(f"checkpoint version {dump.get('version')!r}; allowed: {VERSION}")
        state = cls(targets)
        state.cursor = Cursor(*dump["cursor"]) if dump["cursor"] else None
        state._clock = dump["clock"]
        for name in _PARTS:
            getattr(state, name).load(dump[name])
        return state

    def _expire(self, at: int) -> None:
        self.contacts.expire(at)
        for part in self._aging:
            part.expire(at, self.contacts)

    def _by_kind(self) -> dict[str, tuple[Reduce, ...]]:
        return {
            "jorge_qualification_progress": (self.bots.apply, self.qualification.apply),
            "lead_bot_sequence_update": (self.bots.apply, self.sequences.apply, self.attention.apply),
            "intent_analysis_complete": (self.bots.apply, self.intent.apply, self.accuracy.apply),
            "intent_feedback": (self.accuracy.apply,),
            "bot_status_update": (self.bots.apply,),
            "conversation_event": (self.conversations.apply, self.sequences.settle, self.attention.apply),
            "system_health_update": (self.health.apply,),
            "commission_update": (self.revenue.apply,),
            "attention_update": (self.acts.apply,),
        }
