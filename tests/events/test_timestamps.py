"""Time: microseconds both ways, RFC 3339, and where the days and months of any zone begin."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from jorge_data.events.timestamps import (
    DAY,
    HOUR,
    MINUTE,
    micros,
    micros_of,
    midnight,
    moment,
    office_date,
    office_day,
    office_month,
    rfc3339,
    zone_named,
)

UTC_ZONE = ZoneInfo("UTC")

# What is hard of each: a day that begins at 01:00, one that shows 00:00 or 23:00 twice, changes of half an hour,
# offsets of +5:45 and +13:45, a change at one minute past midnight, a date that was left out.
DAYS = [
    ("America/Santiago", date(2026, 9, 6)),
    ("America/Santiago", date(2026, 4, 5)),
    ("Asia/Beirut", date(2026, 3, 29)),
    ("Asia/Beirut", date(2026, 10, 25)),
    ("America/Asuncion", date(2023, 10, 1)),
    ("America/Havana", date(2026, 3, 8)),
    ("America/Havana", date(2026, 11, 1)),
    ("Africa/Cairo", date(2026, 4, 24)),
    ("Pacific/Chatham", date(2026, 9, 27)),
    ("Pacific/Chatham", date(2026, 12, 31)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Asia/Kathmandu", date(2026, 3, 8)),
    ("America/St_Johns", date(2010, 11, 7)),
    ("Pacific/Apia", date(2011, 12, 31)),
    ("America/Chicago", date(2026, 3, 8)),
    ("America/Chicago", date(2026, 11, 1)),
]


def first_minute_of(day: date, zone: ZoneInfo) -> datetime:
    """Walk the minutes from long before the day until the zone's calendar shows it."""
    at = datetime.combine(day, time(), UTC) - timedelta(hours=26)
    while at.astimezone(zone).date() < day:
        at += timedelta(minutes=1)
    return at


@pytest.mark.parametrize(("name", "day"), DAYS)
def test_a_day_begins_with_the_first_minute_that_the_calendar_shows_it(name: str, day: date) -> None:
    zone = ZoneInfo(name)
    assert moment(midnight(day, zone)) == first_minute_of(day, zone)


@pytest.mark.parametrize(("name", "day"), DAYS)
def test_the_days_of_an_office_join_without_a_gap(name: str, day: date) -> None:
    zone = ZoneInfo(name)
    start, end = office_day(moment(midnight(day, zone) + 12 * HOUR), zone)
    assert start == midnight(day, zone)
    assert (office_date(start, zone), office_date(start - 1, zone) < day) == (day, True)
    assert office_day(moment(end), zone)[0] == end


@pytest.mark.parametrize(
    ("name", "day", "hours"),
    [
        ("America/Santiago", date(2026, 9, 6), 23),
        ("America/Santiago", date(2026, 4, 4), 25),
        ("America/Havana", date(2026, 11, 1), 25),
        ("Pacific/Chatham", date(2026, 9, 27), 23),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Asia/Kathmandu", date(2026, 9, 27), 24),
    ],
)
def test_a_day_is_as_long_as_its_clocks_make_it(name: str, day: date, hours: float) -> None:
    zone = ZoneInfo(name)
    assert (midnight(day + timedelta(days=1), zone) - midnight(day, zone)) / HOUR == hours


def test_a_month_begins_with_its_first_day() -> None:
    zone = ZoneInfo("Pacific/Chatham")
    start, end = office_month(datetime(2026, 12, 31, 10, 14, 59, tzinfo=UTC), zone)
    assert (rfc3339(start), rfc3339(end)) == ("2026-11-30T10:15:00Z", "2026-12-31T10:15:00Z")


def test_microseconds_are_exact_both_ways() -> None:
    for at in (-1, 0, 1, 1_764_547_200_123_456, -2_208_988_800_000_000, 253_402_300_799_999_999):
        assert micros(moment(at)) == at
    assert micros(datetime(1970, 1, 2, 5, 45, tzinfo=ZoneInfo("Asia/Kolkata"))) == DAY + 15 * MINUTE


def test_a_moment_is_written_in_utc_with_a_z() -> None:
    assert rfc3339(0) == "1970-01-01T00:00:00Z"
    assert rfc3339(1_500_000) == "1970-01-01T00:00:01.500000Z"


def test_a_date_alone_is_the_midnight_of_the_office() -> None:
    zone = ZoneInfo("Asia/Beirut")
    assert micros_of("2026-03-29", zone) == micros_of("2026-03-29T01:00:00+03:00", zone)
    assert rfc3339(micros_of("0001-01-01", UTC_ZONE)) == "1900-01-01T00:00:00Z"
    assert rfc3339(micros_of("9999-12-31T00:00:00Z", UTC_ZONE)) == "2200-01-01T00:00:00Z"


def test_a_zone_goes_by_its_name() -> None:
    assert zone_named("Pacific/Chatham") == ZoneInfo("Pacific/Chatham")
    assert zone_named("../etc/passwd") is None
