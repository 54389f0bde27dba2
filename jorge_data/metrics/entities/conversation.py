"""A conversation: when it began, its newest event happened, the contact opted out, and a bot first took part."""

from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from jorge_data.metrics.entities.cube import Fact


@dataclass
class Conversation:
    """When the first and the newest event happened, the first opting out, a bot's first; in any order of arrival."""

    first: int | None = None
    last: int | None = None
    opted_out: int | None = None
    bot: int | None = None

    def apply(self, at: int, kind: str, by_bot: bool = False) -> None:
        """Record that an event of a kind happened at a moment."""
        self.first = at if self.first is None else min(self.first, at)
        self.last = at if self.last is None else max(self.last, at)
        if kind == "opted_out":
            self.opted_out = at if self.opted_out is None else min(self.opted_out, at)
        if by_bot:
            self.bot = at if self.bot is None else min(self.bot, at)

    def facts(self) -> Iterator[Fact]:
        """Return its two edges: begun before a span's end, less ended before it, less over before its start.

        That is what overlaps the span and did not opt out by its end; what comes after an opting out counts no more.
        Beside them, where a bot took part, when it first did.
        """
        if self.first is not None and self.last is not None:
            yield Fact("conversation_edge", self.first, ("first",))
            if self.opted_out is None:
                yield Fact("conversation_edge", self.last, ("last",))
            else:
                yield Fact("conversation_edge", self.opted_out, ("opted_out",))
        if self.bot is not None:
            yield Fact("conversation_edge", self.bot, ("bot",))

    def dump(self) -> bytes:
        return orjson.dumps((self.first, self.last, self.opted_out, self.bot))

    @classmethod
    def load(cls, state: bytes | None) -> "Conversation":
        """Read a stored conversation; without a state it is a new one."""
        return cls(*orjson.loads(state)) if state else cls()
