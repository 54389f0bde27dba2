"""When something happened, or is to happen: microseconds since 1970 in UTC, within what calendars can hold."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from jorge_data.events import Event
from jorge_data.metrics.clock import micros, micros_of, moment

EARLIEST = micros(datetime(1900, 1, 1, tzinfo=UTC))
LATEST = micros(datetime(2200, 1, 1, tzinfo=UTC))
"""A moment outside is a publisher's slip and counts at the nearer end: in year 1 or 9999 a zone's days overflow."""


def happened(event: Event) -> int:
    """Return when an event happened."""
    return _within(micros(event.time))


def named(text: str, zone: ZoneInfo) -> int:
    """Return the moment that an event names; a date alone is its midnight in the office."""
    return _within(micros_of(text, zone))


def office_date(at: int, zone: ZoneInfo) -> date:
    """Return the office's date at a moment."""
    return moment(at).astimezone(zone).date()


def _within(at: int) -> int:
    return min(max(at, EARLIEST), LATEST)
