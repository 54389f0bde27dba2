"""Retry or fatal: the one place that says what a failure means."""

from typing import Literal, NamedTuple

from jorge_data.feed.endpoint import Endpoint, Timing
from jorge_data.feed.failures import Closed, FeedFailure, Refused, Rejected
from jorge_data.feed.status import State

TOKEN = "the server does not accept this dashboard's token"


class Verdict(NamedTuple):
    """Say whether a failure passes by itself, whether a person must look at it, and in what words."""

    come_back: Literal["soon", "slowly"]
    wrong: bool
    sentence: str


def retry_or_fatal(failure: Exception) -> Verdict:
    """Judge a failure: `slowly` is for what somebody has to change before another attempt can succeed."""
    match failure:
        case (
            Refused(status=401 | 403 as code)
            | Closed(code=4501 | 4503 as code)
            | Rejected(code="unauthenticated" | "forbidden" as code)
        ):
            return Verdict("slowly", True, f"{TOKEN} ({code}): set JORGE_TOKEN to one that may read this location")
        case Closed(code=4401) | Rejected(code="token_expired"):
            return Verdict("slowly", True, "this dashboard's token has expired: set JORGE_TOKEN to a new one")
        case Closed(code=code) if 4500 <= code <= 4999:
            return Verdict("slowly", True, str(failure))
        case Rejected(code="invalid"):
            return Verdict("slowly", True, str(failure))
        case Refused(status=404):
            return Verdict("soon", True, f"{failure}: no event server is at this address, or it has no such location")
        case FeedFailure():
            return Verdict("soon", False, str(failure))
        case _:
            return Verdict("soon", True, f"the feed failed by its own fault: {type(failure).__name__}: {failure}")


class Step(NamedTuple):
    """What to show after a failure, and how long to wait."""

    state: State
    delay_s: float


def after_poll(verdict: Verdict, endpoint: Endpoint, timing: Timing) -> Step:
    """Choose what follows a poll that failed."""
    state: State = "error" if verdict.wrong else "disconnected"
    return Step(state, timing.fatal_s if verdict.come_back == "slowly" else endpoint.poll_interval_s)


def after_attempt(verdict: Verdict, attempts: int, jitter_s: float, endpoint: Endpoint, timing: Timing) -> Step:
    """Choose what follows a websocket that failed for the `attempts`-th time in a row."""
    if verdict.come_back == "slowly":
        return Step("error", timing.fatal_s)
    exhausted = attempts >= endpoint.attempts
    if exhausted and endpoint.polling:
        return Step("error" if verdict.wrong else "disconnected", 0.0)
    return Step("error" if verdict.wrong or exhausted else "connecting", jitter_s)
