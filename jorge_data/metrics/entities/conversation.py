"""A conversation: when it began, and when its newest event happened."""

from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from jorge_data.metrics.entities.cube import Fact


@dataclass
class Conversation:
    """When the first and the newest event of a conversation happened, in whatever order they arrive."""

    first: int | None = None
    last: int | None = None

    def apply(self, at: int) -> None:
        """Record that an event happened at a moment."""
        self.first = at if self.first is None else min(self.first, at)
        self.last = at if self.last is None else max(self.last, at)

    def facts(self) -> Iterator[Fact]:
        """Return its two edges: begun before a span's end less over before its start is what overlaps the span."""
        if self.first is not None and self.last is not None:
            yield Fact("conversation_edge", self.first, ("first",))
            yield Fact("conversation_edge", self.last, ("last",))

    def dump(self) -> bytes:
        return orjson.dumps((self.first, self.last))

    @classmethod
    def load(cls, state: bytes | None) -> "Conversation":
        """Read a stored conversation; without a state it is a new one."""
        return cls(*orjson.loads(state)) if state else cls()
