"""A conversation: when it began, when its newest event happened, and when the contact opted out of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from jorge_data.events.consent import CHANNELS, channel_of
from jorge_data.metrics.entities.cube import Fact
from jorge_data.metrics.entities.entity import insert_record
from jorge_data.metrics.entities.opt_out import ConsentRecord, consent_of, out_runs

_SPOKEN = ("message", "call_started", "call_ended")


@dataclass
class Conversation:
    """When the first and the newest event happened, its channels, and the consents, in whatever order they arrive."""

    first: int | None = None
    last: int | None = None
    channels: set[str] = field(default_factory=set)
    consents: list[ConsentRecord] = field(default_factory=list)

    def apply(self, at: int, seq: int, data: dict[str, Any]) -> None:
        """Record an event of the conversation that happened at a moment."""
        self.first = at if self.first is None else min(self.first, at)
        self.last = at if self.last is None else max(self.last, at)
        consent = consent_of(at, seq, data)
        if consent:
            insert_record(self.consents, consent)
        elif data["kind"] in _SPOKEN:
            self.channels.add(channel_of(data))

    @property
    def opted_out(self) -> int | None:
        """Return since when the contact is opted out of each of its channels; None while one of them is open.

        Where nothing was said, it is when the contact opted out of any.
        """
        if not self.consents:
            return None
        runs = (out_runs(self.consents, channel)[-1:] for channel in (self.channels or CHANNELS))
        since = [run[0].began.at if run and run[0].ended is None else None for run in runs]
        known = [at for at in since if at is not None]
        if not self.channels:
            return min(known, default=None)
        return max(known) if len(known) == len(since) else None

    def facts(self) -> Iterator[Fact]:
        """Return its two edges: begun before a span's end, less ended before it, less over before its start.

        That is what overlaps the span and did not opt out by its end; what comes after an opting out counts no more.
        """
        if self.first is not None and self.last is not None:
            yield Fact("conversation_edge", self.first, ("first",))
            if self.opted_out is None:
                yield Fact("conversation_edge", self.last, ("last",))
            else:
                yield Fact("conversation_edge", self.opted_out, ("opted_out",))

    def dump(self) -> bytes:
        return orjson.dumps((self.first, self.last, sorted(self.channels), self.consents), default=tuple)

    @classmethod
    def load(cls, state: bytes | None) -> "Conversation":
        """Read a stored conversation; without a state it is a new one."""
        if not state:
            return cls()
        first, last, channels, *consents = orjson.loads(state)
        if not consents:  # states of older versions have the moment of the first opting out, of whatever channel
            gone = [] if channels is None else [ConsentRecord(channels, 0, "", out=True)]
            return cls(first, last, set(), gone)
        return cls(first, last, set(channels), list(map(ConsentRecord._make, consents[0])))
