"""What a dashboard counts of its feeds, and what of it is as of now."""

from dataclasses import replace
from datetime import UTC, datetime

from prometheus_client import generate_latest

from jorge_data.dashboard.push.location_state import LocationState
from jorge_data.dashboard.push.telemetry import DashboardTelemetry
from jorge_data.feed import FeedStatus
from jorge_data.metrics import Targets
from tests.dashboard.fake_feeds import HOME

STATUS = FeedStatus(HOME, "connected", datetime(2026, 3, 2, tzinfo=UTC), "", connections=1)


def told(telemetry: DashboardTelemetry) -> set[str]:
    return set(generate_latest(telemetry.registry).decode().splitlines())


def test_sums_of_feeds_that_end_and_begin_anew_never_fall() -> None:
    telemetry = DashboardTelemetry()
    first, second = (LocationState(HOME, Targets(), lambda: None, lambda: 0.0, telemetry=telemetry) for _ in range(2))
    first.changed(STATUS)
    first.changed(replace(STATUS, gaps=2, connections=3))
    second.changed(replace(STATUS, gaps=1))
    first.latency.add("bot_screen", 80.0)
    lines = told(telemetry)
    assert {"jorge_dashboard_gaps_total 3.0", "jorge_dashboard_connections_total 4.0"} <= lines
    assert 'jorge_dashboard_latency_seconds_sum{leg="bot_screen"} 0.08' in lines


def test_a_state_in_which_no_feed_is_any_more_is_not_told() -> None:
    telemetry = DashboardTelemetry()
    telemetry.set_now(4, {"live": 2, "offline": 1}, 256, {"feed": "failed", "event-server": "ok"})
    telemetry.set_now(3, {"live": 3}, 256, {"feed": "degraded", "event-server": "ok"})
    lines = {
        line
        for line in told(telemetry)
        if line.startswith(("jorge_dashboard_feeds{", "jorge_part", "jorge_dashboard_tabs"))
    }
    assert lines == {
        *('jorge_dashboard_feeds{state="live"} 3.0', "jorge_dashboard_tabs 3.0"),
        *('jorge_part_state{part="feed"} 1.0', 'jorge_part_state{part="event-server"} 0.0'),
    }
