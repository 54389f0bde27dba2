"""The connection status of the header: the feed's state, in the five states that a person is shown."""

from datetime import datetime
from typing import Any, Literal

from jorge_data.dashboard.push.latency import Timed
from jorge_data.feed import LATE, LOST, FeedStatus

Shown = Literal["live", "silent", "polling", "connecting", "offline"]
"""`silent` is a live connection whose heartbeat is late; `offline` is that nothing is known of the server."""

TICK_LATE_S, TICK_LOST_S = 10.0, 35.0
"""A tab that hears nothing of this process for so long says so, and then counts itself as offline."""


def shown_state(status: FeedStatus | None) -> Shown:
    """Return the state that is shown; before the feed's first status it is connecting."""
    if status is None:
        return "connecting"
    match status.state:
        case "connected":
            return "offline" if status.lost else "silent" if status.late else "live"
        case "disconnected":
            return "polling" if status.reachable else "offline"
        case "connecting":  # after the connection that was lost comes one try that may well succeed
            return "offline" if status.lost or status.attempts > 1 else "connecting"
        case "error":
            return "offline"


def is_seen(status: FeedStatus | None) -> bool:
    """Return whether what the server says now arrives here: else no figure of ours says how anything is."""
    return status is None or shown_state(status) != "offline"


def shown_since(status: FeedStatus | None) -> datetime | None:
    """Return since when the state that is shown holds; while it is offline, when the server was last heard of."""
    if status is None:
        return None
    return status.since if is_seen(status) or status.heard_at is None else status.heard_at


def status_view(status: FeedStatus | None, latency: Timed | None, poll_interval_s: float) -> dict[str, Any]:
    """Return what the browser needs to show the status and to let it age; moments are Unix ms, all else durations."""
    state = shown_state(status)
    retry_at = status.retry_at if status and state == "offline" else None
    is_followed = status is not None and status.state == "connected" and status.silent_s is not None
    return {
        "state": state,
        "since_ms": int(since.timestamp() * 1000) if (since := shown_since(status)) else None,
        "detail": status.detail if status else "",
        "latency_ms": latency.ms if latency and state in ("live", "silent") else None,
        "latency_age_ms": int(latency.age_s * 1000) if latency else None,
        "retry_ms": int(retry_at.timestamp() * 1000) if retry_at else None,
        "every_ms": int(poll_interval_s * 1000),
        **(_silence(status) if status and is_followed else {}),
    }


def _silence(status: FeedStatus) -> dict[str, int]:
    limits = {"late_ms": LATE * status.heartbeat_s, "lost_ms": LOST * status.heartbeat_s}
    return {name: int(s * 1000) for name, s in {"silent_ms": status.silent_s or 0.0, **limits}.items()}
