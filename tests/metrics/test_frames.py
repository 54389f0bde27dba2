"""Frames: what charts are drawn from."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from jorge_data.events import Event
from jorge_data.metrics.frames import arrivals

AUSTIN = ZoneInfo("America/Chicago")
NOON = datetime(2026, 11, 23, 18, 0, 30, tzinfo=UTC)


def happened(after: timedelta) -> Event:
    return Event("id", "source", "bot_status_update", None, NOON + after, "default", {}, NOON)


def test_every_minute_between_the_first_and_the_last_has_its_count() -> None:
    frame = arrivals([happened(timedelta(minutes=m)) for m in (0, 0, 40)], AUSTIN)
    assert frame["events"].tolist() == [2, *[0] * 39, 1]
    assert [f"{minute:%H:%M}" for minute in frame["minute"]][:2] == ["12:00", "12:01"]


def test_one_minute_is_shown_within_its_half_hour() -> None:
    frame = arrivals([happened(timedelta())], AUSTIN)
    assert frame["events"].tolist() == [*[0] * 29, 1]


def test_minutes_are_those_of_the_viewers_zone_also_where_an_hour_comes_twice() -> None:
    last = datetime(2026, 11, 1, 7, 0, tzinfo=UTC) - NOON  # 01:00 again, after the clocks went back
    frame = arrivals([happened(last - timedelta(minutes=1)), happened(last)], AUSTIN)
    assert [f"{minute:%H:%M}" for minute in frame["minute"]][-2:] == ["01:59", "01:00"]


def test_no_events_are_an_empty_frame() -> None:
    assert arrivals([], AUSTIN).empty
