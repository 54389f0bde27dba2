from datetime import datetime
from zoneinfo import ZoneInfo

from jorge_data.demo.calendar import Calendar
from jorge_data.demo.story import DAY, HOUR, RelativeDate

PAST_S = 6 * HOUR
AUSTIN = ZoneInfo("America/Chicago")
CALENDAR = Calendar(datetime(2026, 11, 1, 4, 0, tzinfo=AUSTIN), speed=60, past_s=PAST_S)


def test_the_past_keeps_its_pace_and_the_future_has_the_speed() -> None:
    assert CALENDAR.at(PAST_S) == CALENDAR.now
    assert CALENDAR.write(RelativeDate(HOUR, "moment"), PAST_S) == "2026-11-01T04:01:00-06:00"


def test_an_hour_that_comes_twice_is_told_twice() -> None:
    moments = [CALENDAR.at(PAST_S - hours * HOUR).isoformat() for hours in (2, 3)]
    assert moments == ["2026-11-01T02:00:00-06:00", "2026-11-01T01:00:00-06:00"]
    assert CALENDAR.at(PAST_S - 4 * HOUR).isoformat() == "2026-11-01T01:00:00-05:00"


def test_an_offset_is_the_way_back_from_its_moment() -> None:
    assert all(CALENDAR.offset(CALENDAR.at(offset)) == offset for offset in (-40 * DAY, 0.0, 5 * HOUR))


def test_the_day_began_when_its_past_did() -> None:
    assert CALENDAR.zero == CALENDAR.at(0.0)
    assert CALENDAR.offset(CALENDAR.zero) == 0.0
