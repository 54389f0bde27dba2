"""Where the event server is, and how long the feed waits for it."""

from dataclasses import dataclass, field
from typing import Protocol


class Clock(Protocol):
    """Two clocks that the module `time` has: one for what people read, one that never jumps."""

    def time(self) -> float: ...

    def monotonic(self) -> float: ...


class TokenSource(Protocol):
    """The tokens by which a feed reads: one after the other, while somebody has one."""

    @property
    def is_of_person(self) -> bool:
        """Whether it is read by who has logged in: then no setting mends what the server refuses."""

    def current(self) -> str:
        """Return the token to read by now: another where the last one ends, or was refused; raise a FeedFailure."""

    def refused(self, token: str) -> None:
        """Note that the server no longer takes this token."""


@dataclass(frozen=True)
class OneToken:
    """The same token for ever; "" is none."""

    token: str = field(default="", repr=False)
    is_of_person: bool = False

    def current(self) -> str:
        return self.token

    def refused(self, token: str) -> None:
        return None


@dataclass(frozen=True)
class Endpoint:
    """One event server and how to reach it."""

    socket_url: str
    api_url: str
    token: str = field(default="", repr=False)
    timeout_s: float = 5.0
    attempts: int = 5  # failures in a row before the feed polls
    poll_interval_s: float = 5.0
    websocket: bool = True
    polling: bool = True
    ca_file: str | None = None  # authorities that are trusted besides the machine's; None: those of JORGE_CA_FILE

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


@dataclass(frozen=True)
class Timing:
    """How long the feed waits for what; tests pass shorter times."""

    backoff_base_s: float = 1.0
    backoff_cap_s: float = 30.0
    healthy_s: float = 10.0  # a shorter life does not reset the backoff
    silence_s: float | None = None  # without a byte for so long the connection is dead; else 1.4 heartbeats
    probe_s: float = 30.0  # while polling, how often the websocket is tried
    fatal_s: float = 30.0  # after a refusal that does not pass by itself
    token_look_s: float = 5.0  # how often a connection looks for another token; in silence, at every heartbeat
