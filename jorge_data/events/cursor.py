"""The position of an event, the same in the store, on the wire and in every cache: `(epoch, seq)`."""

from typing import NamedTuple

from jorge_data.errors import Invalid
from jorge_data.events.numbers import read_whole


class Cursor(NamedTuple):
    """A position in a location's log; a log that was wiped begins again under another epoch."""

    epoch: str
    seq: int

    def __str__(self) -> str:
        return f"{self.epoch}:{self.seq}"

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Read `<epoch>:<seq>`; the epoch of a log that never had an event is empty. Raise Invalid where it is none."""
        epoch, colon, seq = text.rpartition(":")
        position = read_whole(seq)
        if not colon or position is None:
            raise Invalid(f"cursor {text[:80]!r}: allowed is <epoch>:<seq>, as in 7f3a91c2:48211")
        return cls(epoch, position)
