"""Uptime: measured over the known time; other time is unknown."""

from datetime import datetime
from zoneinfo import ZoneInfo

from jorge_data.metrics.statistics.period import aligned
from jorge_data.metrics.statistics.uptime import overall, strip, uptime
from tests.metrics.statistics.frames import frame

AUSTIN = ZoneInfo("America/Chicago")
HOUR = 3600.0

HELD = frame(
    "component status value",
    ("redis", "healthy", 20 * HOUR),
    ("redis", "degraded", 2 * HOUR),
    ("redis", "recovering", 1 * HOUR),
    ("redis", "down", 1 * HOUR),
    ("retell", "healthy", 6 * HOUR),
)
DAY = 24 * HOUR


def test_whatever_is_not_down_is_up() -> None:
    redis, _ = uptime(HELD, DAY)
    assert (redis.up, redis.down, redis.unknown, redis.share) == (23 * HOUR, HOUR, 0, 23 / 24)


def test_time_without_a_report_is_unknown_and_neither_up_nor_down() -> None:
    _, retell = uptime(HELD, DAY)
    assert (retell.unknown, retell.share) == (18 * HOUR, 1.0)


def test_all_together_is_by_their_known_time() -> None:
    assert overall(uptime(HELD, DAY)) == 29 / 30


def test_where_nothing_is_known_there_is_no_uptime() -> None:
    silent = uptime(frame("component status value", ("redis", "healthy", 0.0)), DAY)
    assert (silent[0].share, overall(silent), overall([])) == (None, None, None)
    assert uptime(frame("component status value"), DAY) == []


def test_a_newest_report_without_a_duration_adds_nothing() -> None:
    assert uptime(frame("component status value n", ("redis", "healthy", None, 1)), DAY)[0].share is None


def test_a_report_that_reaches_beyond_the_period_leaves_nothing_unknown() -> None:
    assert uptime(frame("component status value", ("redis", "healthy", DAY + 300)), DAY)[0].unknown == 0


MORNING = aligned(
    datetime(2026, 11, 1, 0, tzinfo=AUSTIN), datetime(2026, 11, 1, 3, tzinfo=AUSTIN), "1h", AUSTIN
)  # the hour from 1 to 2 comes twice


def test_the_strip_shows_each_status_of_a_step_by_its_share() -> None:
    marks = strip(
        frame(
            "t component status value",
            ("2026-11-01T00:00:00-05:00", "redis", "healthy", 50),
            ("2026-11-01T00:00:00-05:00", "redis", "recovering", 1),
            ("2026-11-01T01:00:00-05:00", "redis", "down", 15),
            ("2026-11-01T01:00:00-05:00", "redis", "healthy", 45),
            ("2026-11-01T02:00:00-06:00", "redis", "healthy", 30),
        ),
        MORNING,
    )
    hours = [t.hour for t in marks["t"]]
    assert list(zip(hours, marks["mark"], marks["share"], strict=True)) == [
        (0, "up", 1.0),
        (0, "degraded", 1 / 51),
        (1, "up", 1.0),
        (1, "down", 0.25),
        (1, "unknown", 1.0),
        (2, "up", 1.0),
    ]


def test_a_step_of_one_moment_s_reports_shows_the_worst_of_them() -> None:
    at = "2026-11-01T00:00:00-05:00"
    marks = strip(frame("t component status value", (at, "redis", "healthy", 0), (at, "redis", "down", None)), MORNING)
    assert marks[["mark", "share"]].values.tolist()[:2] == [["up", 1.0], ["down", 1.0]]


def test_without_reports_the_strip_is_empty() -> None:
    assert strip(frame("t component status value"), MORNING).empty
