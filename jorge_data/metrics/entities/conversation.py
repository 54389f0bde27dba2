"""A conversation: from when to when it goes."""

from collections.abc import Iterator

import orjson

from jorge_data.metrics.entities.cube import Fact


class Conversation:
    """Know when the first and the newest event of a conversation happened, in whatever order they come."""

    def __init__(self, first: int | None = None, last: int | None = None) -> None:
        self.first = first
        self.last = last

    def hear(self, at: int) -> None:
        """Take note of an event."""
        self.first = at if self.first is None else min(self.first, at)
        self.last = at if self.last is None else max(self.last, at)

    def facts(self) -> Iterator[Fact]:
        """Return its two edges: what begins before a span ends, less what ends before it begins, overlaps it."""
        if self.first is not None and self.last is not None:
            yield Fact("conversation_edge", self.first, ("first",))
            yield Fact("conversation_edge", self.last, ("last",))

    def dump(self) -> bytes:
        return orjson.dumps((self.first, self.last))

    @classmethod
    def load(cls, state: bytes | None) -> "Conversation":
        """Read a stored conversation; without a state it is a new one."""
        return cls(*orjson.loads(state)) if state else cls()
