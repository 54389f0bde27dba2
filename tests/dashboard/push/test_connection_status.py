"""What a person is shown of the connection: only what is known at this moment."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from jorge_data.dashboard.push.connection_status import is_seen, shown_since, shown_state, status_view
from jorge_data.dashboard.push.latency import Latency, Timed
from jorge_data.feed import FeedStatus
from tests.dashboard.fake_feeds import HOME, NOON

LIVE = FeedStatus(HOME, "connected", NOON, "live", reachable=True, heard_at=NOON, silent_s=0.0)


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"silent_s": 29.9}, "live"),
        ({"silent_s": 30.0}, "silent"),
        ({"silent_s": 35.0}, "offline"),
        ({"silent_s": 2.4, "heartbeat_s": 2.0}, "silent"),
        ({"silent_s": 2.8, "heartbeat_s": 2.0}, "offline"),
        ({"state": "connecting", "attempts": 0}, "connecting"),
        ({"state": "connecting", "attempts": 1, "silent_s": 3.0}, "connecting"),
        ({"state": "connecting", "attempts": 1, "silent_s": 36.0}, "offline"),
        ({"state": "connecting", "attempts": 2}, "offline"),
        ({"state": "disconnected", "reachable": True}, "polling"),
        ({"state": "disconnected", "reachable": False}, "offline"),
        ({"state": "error"}, "offline"),
    ],
    ids=str,
)
def test_a_state_is_shown_only_as_long_as_it_is_known(change: dict[str, Any], shown: str) -> None:
    status = replace(LIVE, **change)
    assert shown_state(status) == shown
    assert is_seen(status) == (shown != "offline")


def test_offline_counts_from_the_servers_last_word() -> None:
    lost = replace(LIVE, state="error", since=NOON + timedelta(minutes=1))
    assert shown_since(lost) == NOON
    assert shown_since(replace(lost, state="connected")) == NOON + timedelta(minutes=1)


def test_the_view_holds_ages_and_limits_and_never_two_machines_clocks() -> None:
    view = status_view(replace(LIVE, silent_s=12.0), Timed(5.0, 12.0), 5.0)
    silence = {name: view[name] for name in ("silent_ms", "late_ms", "lost_ms")}
    assert silence == {"silent_ms": 12_000, "late_ms": 30_000, "lost_ms": 35_000}
    assert (view["latency_ms"], view["latency_age_ms"]) == (5.0, 12_000)


def test_a_poll_that_fails_is_offline_with_a_countdown() -> None:
    failed = replace(LIVE, state="disconnected", reachable=False, retry_at=NOON + timedelta(seconds=5))
    view = status_view(failed, Timed(5.0, 60.0), 5.0)
    assert (view["state"], view["latency_ms"]) == ("offline", None)
    assert view["retry_ms"] == int(NOON.timestamp() * 1000) + 5000


def test_the_latency_that_is_shown_is_the_newest_with_its_age() -> None:
    now = [100.0]
    latency = Latency(lambda: now[0])
    assert latency.newest("server_feed") is None
    for ms in (900.0, 5.0):
        latency.add("server_feed", ms)
    now[0] += 12
    assert latency.newest("server_feed") == (5.0, 12.0)
