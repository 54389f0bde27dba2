import pytest

from jorge_data.metrics import dashboard
from tests.metrics.live_location import DAY, MINUTE, NOON, LiveLocation


def overall(location: LiveLocation) -> object:
    return dashboard(location.state, NOON)["system"]["overall"]


def test_without_reports_there_is_no_data(location: LiveLocation) -> None:
    assert location.tile("system")["value"] == "no data"
    assert dashboard(location.state, NOON)["system"] == {"overall": None, "components": {}}


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["healthy", "healthy"], "healthy"),
        (["healthy", "recovering"], "degraded"),
        (["healthy", "degraded"], "degraded"),
        (["degraded", "down"], "critical"),
    ],
)
def test_the_system_is_as_its_worst_component(location: LiveLocation, statuses: list[str], expected: str) -> None:
    for number, status in enumerate(statuses):
        location.report(f"component-{number}", status)
    assert overall(location) == expected


def test_a_component_that_stopped_reporting_is_unknown(location: LiveLocation) -> None:
    location.report("redis", "down", NOON - 16 * MINUTE)
    location.report("claude_api", "healthy", NOON)
    assert overall(location) == "healthy"
    assert dashboard(location.state, NOON)["system"]["components"]["redis"]["status"] == "unknown"
    assert "1 not reporting" in location.note("system")


def test_uptime_is_the_share_of_known_time(location: LiveLocation) -> None:
    location.report("redis", "healthy", NOON - 25 * MINUTE)
    location.report("redis", "down", NOON - 19 * MINUTE)
    location.report("redis", "healthy", NOON - 16 * MINUTE)
    # 6 minutes up, 3 down, 15 up, then unknown.
    assert location.state.health.uptime(int(NOON.timestamp() * 1e6)) == pytest.approx(21 / 24)
    assert location.note("system") == "87.5 % in 30 days · 1 not reporting"


def test_unknown_time_is_not_counted(location: LiveLocation) -> None:
    location.report("redis", "healthy", NOON - 5 * DAY)
    location.report("redis", "down", NOON - 15 * MINUTE)
    assert location.state.health.uptime(int(NOON.timestamp() * 1e6)) == 0.5


def test_time_of_more_than_thirty_days_ago_is_not_counted(location: LiveLocation) -> None:
    location.report("redis", "down", NOON - 40 * DAY)
    location.report("redis", "healthy", NOON - MINUTE)
    assert location.state.health.uptime(int(NOON.timestamp() * 1e6)) == 1.0


def test_a_late_report_changes_nothing_newer(location: LiveLocation) -> None:
    location.report("redis", "healthy", NOON)
    location.report("redis", "down", NOON - MINUTE)
    assert overall(location) == "healthy"
