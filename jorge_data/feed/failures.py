"""Whatever ends a connection or a request of the feed; none of these leaves the feed.

FeedFailure
├── Lost            the network failed us, or the peer went away without a word
├── Silent          nothing came for longer than is allowed
├── Closed          the server closed the websocket with a code
├── Rejected        the server answered the subscription with an error
├── Refused         the server answered HTTP with a status that is not success
├── Garbled         what came is not the protocol
├── Gap             events are missing between the cursor and what came
└── PositionLost    the server cannot resume from the cursor; the state must be read again
"""

from dataclasses import dataclass

from jorge_data.errors import JorgeError
from jorge_data.events import Cursor


class FeedFailure(JorgeError):
    """Base of every failure that the feed answers by coming back."""


@dataclass
class Lost(FeedFailure):
    detail: str

    def __str__(self) -> str:
        return f"the connection failed: {self.detail}"


@dataclass
class Silent(FeedFailure):
    seconds: float

    def __str__(self) -> str:
        return f"the server sent nothing for {self.seconds:g} s"


@dataclass
class Closed(FeedFailure):
    code: int
    reason: str

    def __str__(self) -> str:
        return f"the server closed the connection: {self.code} {self.reason}".rstrip()


@dataclass
class Rejected(FeedFailure):
    code: str
    detail: str

    def __str__(self) -> str:
        return f"the server rejects the subscription: {self.detail} ({self.code})"


@dataclass
class Refused(FeedFailure):
    status: int
    path: str

    def __str__(self) -> str:
        return f"the server answered {self.status} to {self.path}"


@dataclass
class Garbled(FeedFailure):
    detail: str

    def __str__(self) -> str:
        return f"the server sent what is not the protocol: {self.detail}"


@dataclass
class Gap(FeedFailure):
    cursor: Cursor
    found: int

    def __str__(self) -> str:
        return f"events after {self.cursor.seq} and up to {self.found} did not arrive"


@dataclass
class PositionLost(FeedFailure):
    cursor: Cursor
    epoch: str
    oldest: int

    def __str__(self) -> str:
        return f"the server cannot resume from {self.cursor}: its log {self.epoch} begins at {self.oldest}"
