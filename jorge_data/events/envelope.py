"""The envelope: who says what happened, to whom, when; and where it stands in its location's log."""

import os
import time
from datetime import datetime
from typing import Any, NamedTuple

from jorge_data.events.cursor import Cursor
from jorge_data.events.priority import Priority


class Event(NamedTuple):
    """One event, with the attributes of the contract; `seq` is 0 and `epoch` empty until the store has committed it."""

    id: str
    source: str
    type: str
    subject: str | None
    time: datetime
    locationid: str
    data: dict[str, Any]
    receivedat: datetime
    priority: Priority = "normal"
    seq: int = 0
    epoch: str = ""

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.epoch, self.seq)


def new_id() -> str:
    """Return a UUIDv7 (RFC 9562, 5.7): 48 bits of milliseconds, then random, so that ids sort by time."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    digits = f"{value:032x}"  # what `uuid.UUID` writes, in a third of the time
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


DEMO = "demo"
"""The location that the demo bots publish into."""

OWN = "command-center"
"""The location in which this product's own parts report how they are; it is no office, and in no list of them."""
