import pytest

from jorge_data.metrics import Targets
from tests.metrics.live_location import DAY, HOUR, MINUTE, NOON
from tests.server.figures.followed_location import FollowedLocation, Following


def overall(followed: FollowedLocation) -> object:
    return followed.figures(NOON)["system"]["overall"]


def test_without_reports_there_is_no_data(followed: FollowedLocation) -> None:
    assert followed.tile("system")["value"] == "no data"
    assert followed.figures(NOON)["system"] == {
        "overall": None,
        "components": {},
        "not_reporting": 0,
        "uptime_30d": None,
    }


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["healthy", "healthy"], "healthy"),
        (["healthy", "recovering"], "degraded"),
        (["healthy", "degraded"], "degraded"),
        (["degraded", "down"], "critical"),
    ],
)
def test_the_system_is_as_its_worst_component(followed: FollowedLocation, statuses: list[str], expected: str) -> None:
    for number, status in enumerate(statuses):
        followed.report(f"component-{number}", status)
    assert overall(followed) == expected


def test_a_component_that_stopped_reporting_is_unknown(followed: FollowedLocation) -> None:
    followed.report("redis", "degraded", NOON - 16 * MINUTE)
    followed.report("claude_api", "healthy", NOON)
    assert overall(followed) == "healthy"
    assert followed.figures(NOON)["system"]["components"]["redis"]["status"] == "unknown"
    assert "1 not reporting" in followed.note("system")


def test_uptime_is_the_share_of_known_time(followed: FollowedLocation) -> None:
    followed.report("redis", "healthy", NOON - 25 * MINUTE)
    followed.report("redis", "down", NOON - 19 * MINUTE)
    followed.report("redis", "healthy", NOON - 16 * MINUTE)
    # 6 minutes up, 3 down, 15 up, then unknown.
    assert followed.figures(NOON)["system"]["uptime_30d"] == pytest.approx(21 / 24)
    assert followed.note("system") == "87.5 % in 30 days · 1 not reporting"


def test_unknown_time_is_not_counted(followed: FollowedLocation) -> None:
    followed.report("redis", "healthy", NOON - 5 * DAY)
    followed.report("redis", "down", NOON - 15 * MINUTE)
    assert followed.figures(NOON)["system"]["uptime_30d"] == 0.5


def test_time_of_more_than_thirty_days_ago_is_not_counted(followed: FollowedLocation) -> None:
    followed.report("redis", "healthy", NOON - 40 * DAY)
    followed.report("redis", "down", NOON - MINUTE)
    assert followed.figures(NOON)["system"]["uptime_30d"] == 0.0


def test_what_said_down_is_down_until_it_says_otherwise(followed: FollowedLocation) -> None:
    followed.report("claude_api", "healthy", NOON - HOUR)
    followed.report("redis", "down", NOON - HOUR)
    assert overall(followed) == "critical"
    redis = followed.figures()["system"]["components"]["redis"]
    assert (redis["status"], redis["since"]) == ("down", "2026-11-23T17:00:00Z")
    # A quarter of an hour up, then unknown; an hour down.
    assert followed.figures()["system"]["uptime_30d"] == pytest.approx(15 / 75)
    followed.report("redis", "recovering", NOON)
    assert overall(followed) == "degraded"


def test_by_the_other_rule_what_said_down_and_falls_silent_is_unknown(following: Following) -> None:
    followed = following(Targets(down_until_reported=False))
    followed.report("redis", "down", NOON - HOUR)
    assert overall(followed) is None
    assert followed.tile("system")["note"] == [("t", "0 % in 30 days · 1 not reporting")]


def test_a_component_is_as_it_is_since_the_first_report_that_said_so(followed: FollowedLocation) -> None:
    followed.report("redis", "healthy", NOON - HOUR)
    for minutes in (5, 20, 9):
        followed.report("redis", "down", NOON - minutes * MINUTE)
    components = followed.figures()["system"]["components"]
    assert components["redis"]["since"] == "2026-11-23T17:40:00Z"
    followed.report("redis", "healthy", NOON - 7 * MINUTE)
    assert followed.figures()["system"]["components"]["redis"]["since"] == "2026-11-23T17:55:00Z"


def test_a_late_report_changes_nothing_newer(followed: FollowedLocation) -> None:
    followed.report("redis", "healthy", NOON)
    followed.report("redis", "down", NOON - MINUTE)
    assert overall(followed) == "healthy"
