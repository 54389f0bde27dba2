"""The status of the feed's connection, as its consumer and the dashboard read it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from jorge_data.events import Cursor

State = Literal["connecting", "connected", "disconnected", "error"]
"""`disconnected` is polling; `error` is what a person should see to."""


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


class Transition(NamedTuple):
    """From this moment on the connection was in this state, for this reason, at this position."""

    at: datetime
    state: State
    detail: str
    cursor: Cursor | None
