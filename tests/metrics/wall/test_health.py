import pytest

from jorge_data.metrics import dashboard
from tests.metrics.wall.live_office import DAY, MINUTE, NOON, Office


def overall(office: Office) -> object:
    return dashboard(office.state, NOON)["system"]["overall"]


def test_without_reports_there_is_no_data(office: Office) -> None:
    assert office.tile("system")["value"] == "no data"
    assert dashboard(office.state, NOON)["system"] == {"overall": None, "components": {}}


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["healthy", "healthy"], "healthy"),
        (["healthy", "recovering"], "degraded"),
        (["healthy", "degraded"], "degraded"),
        (["degraded", "down"], "critical"),
    ],
)
def test_the_system_is_as_its_worst_component(office: Office, statuses: list[str], expected: str) -> None:
    for number, status in enumerate(statuses):
        office.report(f"component-{number}", status)
    assert overall(office) == expected


def test_a_component_that_stopped_reporting_is_unknown(office: Office) -> None:
    office.report("redis", "down", NOON - 16 * MINUTE)
    office.report("claude_api", "healthy", NOON)
    assert overall(office) == "healthy"
    assert dashboard(office.state, NOON)["system"]["components"]["redis"]["status"] == "unknown"
    assert "1 not reporting" in office.note("system")


def test_uptime_is_the_share_of_known_time(office: Office) -> None:
    office.report("redis", "healthy", NOON - 25 * MINUTE)
    office.report("redis", "down", NOON - 19 * MINUTE)
    office.report("redis", "healthy", NOON - 16 * MINUTE)
    # 6 minutes up, 3 down, 15 up, then unknown.
    assert office.state.health.uptime(int(NOON.timestamp() * 1e6)) == pytest.approx(21 / 24)
    assert office.note("system") == "87.5 % in 30 days · 1 not reporting"


def test_unknown_time_is_not_counted(office: Office) -> None:
    office.report("redis", "healthy", NOON - 5 * DAY)
    office.report("redis", "down", NOON - 15 * MINUTE)
    assert office.state.health.uptime(int(NOON.timestamp() * 1e6)) == 0.5


def test_time_of_more_than_thirty_days_ago_is_not_counted(office: Office) -> None:
    office.report("redis", "down", NOON - 40 * DAY)
    office.report("redis", "healthy", NOON - MINUTE)
    assert office.state.health.uptime(int(NOON.timestamp() * 1e6)) == 1.0


def test_a_late_report_changes_nothing_newer(office: Office) -> None:
    office.report("redis", "healthy", NOON)
    office.report("redis", "down", NOON - MINUTE)
    assert overall(office) == "healthy"
