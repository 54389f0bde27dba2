"""The status of the feed's connection, as its consumer and the dashboard read it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from jorge_data.events import Cursor

State = Literal["connecting", "connected", "disconnected", "error"]
"""`disconnected` is polling, where `reachable`; `error` is what a person should see to."""

LATE, LOST = 1.2, 1.4
"""After so many heartbeats without a word a connection is late, and then it counts as lost: 30 and 35 of 25 s."""

HEARTBEAT_S = 25.0
"""The contract's heartbeat, until the server has named its own."""


@dataclass(frozen=True)
class FeedStatus:
    """One moment of one location's feed."""

    location: str
    state: State
    since: datetime  # when this state began
    detail: str  # one sentence
    cursor: Cursor | None = None
    attempts: int = 0  # failures in a row
    retry_at: datetime | None = None  # when the next attempt, poll or probe is due
    reachable: bool = False  # whether the server answered the last request
    connections: int = 0  # subscriptions that the server confirmed, since the start
    recovered: int = 0  # of these, the ones that resumed where the one before ended
    restarts: int = 0  # began anew because there was no position, or it was lost
    gaps: int = 0  # holes noticed, each then filled by a resume
    consumer_errors: int = 0
    bytes_per_minute: int = 0
    heartbeat_s: float = HEARTBEAT_S  # the longest that a server which is well keeps silent
    heard_at: datetime | None = None  # the server's last word, by this machine's clock; None before its first
    silent_s: float | None = None  # how long ago that is, by a clock that never jumps

    @property
    def late(self) -> bool:
        """Whether the server has been silent for longer than one that is well."""
        return self._is_silent_for(LATE)

    @property
    def lost(self) -> bool:
        """Whether the server has been silent for so long that nothing is known of it any more."""
        return self._is_silent_for(LOST)

    def _is_silent_for(self, heartbeats: float) -> bool:
        return self.silent_s is not None and self.silent_s >= heartbeats * self.heartbeat_s


class Transition(NamedTuple):
    """From this moment on the connection was in this state, for this reason, at this position."""

    at: datetime
    state: State
    detail: str
    cursor: Cursor | None
