"""The connection status of the header: the feed's state, in the four states that a person is shown."""

from typing import Any, Literal

from jorge_data.feed import FeedStatus

Shown = Literal["live", "polling", "connecting", "offline"]

_SHOWN: dict[str, Shown] = {
    "connected": "live",
    "disconnected": "polling",
    "connecting": "connecting",
    "error": "offline",
}


def shown_state(status: FeedStatus | None) -> Shown:
    """Return the state that is shown; before the feed's first status it is connecting."""
    return _SHOWN[status.state] if status else "connecting"


def status_view(status: FeedStatus | None, latency_ms: float | None, poll_interval_s: float) -> dict[str, Any]:
    """Return what the browser needs to show the status and to count down to the next retry; times are Unix ms."""
    state = shown_state(status)
    retry_at = status.retry_at if status and state == "offline" else None
    return {
        "state": state,
        "since_ms": int(status.since.timestamp() * 1000) if status else None,
        "latency_ms": latency_ms if state == "live" else None,
        "retry_ms": int(retry_at.timestamp() * 1000) if retry_at else None,
        "every_ms": int(poll_interval_s * 1000),
    }
