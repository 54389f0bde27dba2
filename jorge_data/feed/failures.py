"""Whatever ends a connection or a request of the feed, and the one place that says whether to try again."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from jorge_data.errors import JorgeError
from jorge_data.events import Cursor
from jorge_data.feed.endpoint import Endpoint, Timing
from jorge_data.feed.status import State


class FeedFailure(JorgeError):
    """Base of every failure that the feed answers by coming back."""


@dataclass
class Lost(FeedFailure):
    detail: str

    def __str__(self) -> str:
        return f"the connection failed: {self.detail}"


@dataclass
class ConnectionSilent(FeedFailure):
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
class HTTPRefused(FeedFailure):
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


TOKEN = "the server does not accept this dashboard's token"


class FailureVerdict(NamedTuple):
    """Say whether a failure passes by itself, whether a person must look at it, and in what words."""

    come_back: Literal["soon", "slowly"]
    wrong: bool
    sentence: str


def retry_or_fatal(failure: Exception) -> FailureVerdict:
    """Judge a failure: `slowly` is for what somebody has to change before another attempt can succeed."""
    match failure:
        case (
            HTTPRefused(status=401 | 403 as code)
            | Closed(code=4501 | 4503 as code)
            | Rejected(code="unauthenticated" | "forbidden" as code)
        ):
            return FailureVerdict(
                "slowly", True, f"{TOKEN} ({code}): set JORGE_TOKEN to one that may read this location"
            )
        case Closed(code=4401) | Rejected(code="token_expired"):
            return FailureVerdict("slowly", True, "this dashboard's token has expired: set JORGE_TOKEN to a new one")
        case Closed(code=code) if 4500 <= code <= 4999:
            return FailureVerdict("slowly", True, str(failure))
        case Rejected(code="invalid"):
            return FailureVerdict("slowly", True, str(failure))
        case HTTPRefused(status=404):
            return FailureVerdict(
                "soon", True, f"{failure}: no event server is at this address, or it has no such location"
            )
        case FeedFailure():
            return FailureVerdict("soon", False, str(failure))
        case _:
            return FailureVerdict(
                "soon", True, f"the feed failed by its own fault: {type(failure).__name__}: {failure}"
            )


class NextAttempt(NamedTuple):
    """What to show after a failure, and how long to wait."""

    state: State
    delay_s: float


def after_poll(verdict: FailureVerdict, endpoint: Endpoint, timing: Timing) -> NextAttempt:
    """Choose what follows a poll that failed."""
    state: State = "error" if verdict.wrong else "disconnected"
    return NextAttempt(state, timing.fatal_s if verdict.come_back == "slowly" else endpoint.poll_interval_s)


def after_attempt(
    verdict: FailureVerdict, attempts: int, jitter_s: float, endpoint: Endpoint, timing: Timing
) -> NextAttempt:
    """Choose what follows a websocket that failed for the `attempts`-th time in a row."""
    if verdict.come_back == "slowly":
        return NextAttempt("error", timing.fatal_s)
    exhausted = attempts >= endpoint.attempts
    if exhausted and endpoint.polling:
        return NextAttempt("error" if verdict.wrong else "disconnected", 0.0)
    return NextAttempt("error" if verdict.wrong or exhausted else "connecting", jitter_s)
