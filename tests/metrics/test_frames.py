"""Frames: what charts are drawn from."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from jorge_data.events import Event
from jorge_data.metrics.frames import arrivals

AUSTIN = ZoneInfo("America/Chicago")
NOON = datetime(2026, 11, 23, 18, 0, 30, tzinfo=UTC)


def received(after: timedelta) -> Event:
    return Event("id", "source", "bot_status_update", None, NOON, "default", {}, NOON + after)


def test_every_minute_between_the_first_and_the_last_has_its_count() -> None:
    frame = arrivals([received(timedelta(seconds=s)) for s in (0, 10, 125)], AUSTIN)
    assert frame["events"].tolist() == [2, 0, 1]
    assert [f"{minute:%H:%M}" for minute in frame["minute"]] == ["12:00", "12:01", "12:02"]


def test_minutes_are_those_of_the_viewers_zone_also_where_an_hour_comes_twice() -> None:
    first = datetime(2026, 11, 1, 6, 59, tzinfo=UTC) - NOON  # 01:59, before the clocks go back
    frame = arrivals([received(first), received(first + timedelta(minutes=1))], AUSTIN)
    assert [f"{minute:%H:%M}" for minute in frame["minute"]] == ["01:59", "01:00"]


def test_no_events_are_an_empty_frame() -> None:
    assert arrivals([], AUSTIN).empty
