"""Time as the metrics count it: integer microseconds since 1970 in UTC; days and months are the office's."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from jorge_data.events import Event, parse_date, parse_moment

SECOND = 1_000_000
MINUTE = 60 * SECOND
QUARTER = 15 * MINUTE
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_START = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Return an aware moment as microseconds since 1970, exactly."""
    return (moment - _START) // _MICROSECOND


def moment(at: int) -> datetime:
    """Return the aware moment in UTC that `micros` came from."""
    return _START + at * _MICROSECOND


def rfc3339(at: int) -> str:
    """Return the moment as the contract writes it, in UTC with a Z."""
    return moment(at).isoformat().replace("+00:00", "Z")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())  # it walks the whole data base on the disk: 10 ms


def zone_named(name: str) -> ZoneInfo | None:
    """Return a time zone by its IANA name, None where there is none of that name."""
    return ZoneInfo(name) if name in _zones() else None


EARLIEST = micros(datetime(1900, 1, 1, tzinfo=UTC))
LATEST = micros(datetime(2200, 1, 1, tzinfo=UTC))
"""A moment outside is a publisher's slip and counts at the nearer end: in year 1 or 9999 a zone's days overflow."""


def happened(event: Event) -> int:
    """Return when an event happened."""
    return _within(micros(event.time))


def micros_of(text: str, zone: ZoneInfo) -> int:
    """Read a valid date or moment of the contract; a date alone is its midnight in the office."""
    if len(text) <= 10:
        return _midnight(min(max(parse_date(text), date(1900, 1, 1)), date(2200, 1, 1)), zone)
    return _within(micros(parse_moment(text)))


def office_date(at: int, zone: ZoneInfo) -> date:
    """Return the office's date at a moment."""
    return moment(at).astimezone(zone).date()


def office_day(now: datetime, zone: ZoneInfo) -> tuple[int, int]:
    """Return the half-open span of the office's day that holds `now`."""
    today = now.astimezone(zone).date()
    return _midnight(today, zone), _midnight(today + timedelta(days=1), zone)


def office_month(now: datetime, zone: ZoneInfo) -> tuple[int, int]:
    """Return the half-open span of the office's month that holds `now`."""
    first = now.astimezone(zone).date().replace(day=1)
    return _midnight(first, zone), _midnight((first + timedelta(days=31)).replace(day=1), zone)


def _midnight(day: date, zone: ZoneInfo) -> int:
    return micros(datetime.combine(day, time(), zone))


def _within(at: int) -> int:
    return min(max(at, EARLIEST), LATEST)
