"""Whatever ends a connection or a request of the feed, and the one function that decides whether to try again."""

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

from jorge_data.errors import JorgeError
from jorge_data.events import Cursor
from jorge_data.feed.endpoint import Endpoint, Timing
from jorge_data.feed.status import State
from jorge_data.http_client import lasting_fault, why_unreachable

_ERRNO = re.compile(r"\[Errno -?\d+\] ")


class FeedFailure(JorgeError):
    """Base of every failure after which the feed tries again."""


@dataclass
class ConnectionLost(FeedFailure):
    detail: str

    def __str__(self) -> str:
        return f"the connection failed: {_ERRNO.sub('', self.detail)}"


@dataclass
class ConnectionImpossible(FeedFailure):
    """A connection that fails until somebody changes something: the certificate, its authority, or the address."""

    detail: str

    def __str__(self) -> str:
        return self.detail


def lost_connection(error: Exception, url: str) -> ConnectionLost | ConnectionImpossible:
    """Return what a failed request or handshake means for the feed."""
    lasting = lasting_fault(error, url)
    return ConnectionImpossible(lasting) if lasting else ConnectionLost(why_unreachable(error, url))


@dataclass
class ConnectionSilent(FeedFailure):
    seconds: float

    def __str__(self) -> str:
        return f"the server sent nothing for {self.seconds:g} s"


@dataclass
class ConnectionClosed(FeedFailure):
    code: int
    reason: str

    def __str__(self) -> str:
        return f"the server closed the connection: {self.code} {self.reason}".rstrip()


@dataclass
class SubscriptionRejected(FeedFailure):
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
class ProtocolViolation(FeedFailure):
    detail: str

    def __str__(self) -> str:
        return f"the server sent what is not the protocol: {self.detail}"


@dataclass
class Gap(FeedFailure):
    cursor: Cursor
    top: int

    def __str__(self) -> str:
        return f"events after {self.cursor.seq} and up to {self.top} did not arrive"


@dataclass
class PositionLost(FeedFailure):
    cursor: Cursor
    epoch: str
    oldest: int

    def __str__(self) -> str:
        return f"the server cannot resume from {self.cursor}: its log {self.epoch} begins at {self.oldest}"


@dataclass
class NoToken(FeedFailure):
    """Nobody is here by whose token the location may be read."""

    location: str

    def __str__(self) -> str:
        return f"nobody is here any more who may read {self.location}"


TOKEN = "the server does not accept this dashboard's token"
NO_LONGER = "you may not read this office any more: log in again"


class RetryDecision(NamedTuple):
    """When to try again, whether a person must see to it, and why, in one sentence."""

    retry: Literal["soon", "slowly"]
    is_error: bool
    detail: str


def is_of_token(failure: Exception) -> bool:
    """Return whether the server would take another token, or this one no longer."""
    match failure:
        case (
            HTTPRefused(status=401 | 403)
            | ConnectionClosed(code=4401 | 4501 | 4503)
            | SubscriptionRejected(code="unauthenticated" | "forbidden" | "token_expired")
        ):
            return True
    return False


def retry_or_fatal(failure: Exception, is_of_person: bool = False) -> RetryDecision:
    """Decide how to go on after a failure: `slowly` where somebody has to change something before a retry succeeds.

    `is_of_person`: the token was that of who has logged in, and none that is set.
    """
    if is_of_person and is_of_token(failure):
        return RetryDecision("slowly", True, NO_LONGER)
    match failure:
        case (
            HTTPRefused(status=401 | 403 as code)
            | ConnectionClosed(code=4501 | 4503 as code)
            | SubscriptionRejected(code="unauthenticated" | "forbidden" as code)
        ):
            return RetryDecision(
                "slowly", True, f"{TOKEN} ({code}): set JORGE_TOKEN to one that may read this location"
            )
        case ConnectionClosed(code=4401) | SubscriptionRejected(code="token_expired"):
            return RetryDecision("slowly", True, "this dashboard's token has expired: set JORGE_TOKEN to a new one")
        case ConnectionImpossible() | NoToken():
            return RetryDecision("slowly", True, str(failure))
        case ConnectionClosed(code=code) if 4500 <= code <= 4999:
            return RetryDecision("slowly", True, str(failure))
        case SubscriptionRejected(code="invalid"):
            return RetryDecision("slowly", True, str(failure))
        case HTTPRefused(status=404):
            detail = f"{failure}: no event server is at this address, or it has no such location"
            return RetryDecision("soon", True, detail)
        case FeedFailure():
            return RetryDecision("soon", False, str(failure))
        case _:
            return RetryDecision("soon", True, f"the feed failed by its own fault: {type(failure).__name__}: {failure}")


def after_poll(decision: RetryDecision, endpoint: Endpoint, timing: Timing) -> tuple[State, float]:
    """Return the state to show after a poll that failed, and the seconds to the next."""
    state: State = "error" if decision.is_error else "disconnected"
    return state, timing.fatal_s if decision.retry == "slowly" else endpoint.poll_interval_s


def after_attempt(
    decision: RetryDecision, attempts: int, jitter_s: float, endpoint: Endpoint, timing: Timing
) -> tuple[State, float]:
    """Return the state after a websocket failed for the `attempts`-th time in a row, and the seconds to wait."""
    if decision.retry == "slowly":
        return "error", timing.fatal_s
    exhausted = attempts >= endpoint.attempts
    if exhausted and endpoint.polling:
        return "error" if decision.is_error else "disconnected", 0.0
    return "error" if decision.is_error or exhausted else "connecting", jitter_s
