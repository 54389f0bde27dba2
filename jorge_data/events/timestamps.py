"""Time: RFC 3339 texts, integer microseconds since 1970 in UTC, and the days and months of an office's time zone.

A `moment` is an aware datetime; `at`, `start` and `end` are microseconds since 1970.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from jorge_data.events.envelope import Event

DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
MOMENT = DATE + r"[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-5][0-9])"

_YEAR, _HOUR, _MINUTE = "([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])", "([01][0-9]|2[0-3])", "[0-5][0-9]"
_DAY = "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|[12][0-9]))"
DATE_SCHEMA = f"{_YEAR}-{_DAY}"
MOMENT_SCHEMA = rf"{DATE_SCHEMA}[Tt ]{_HOUR}:{_MINUTE}:{_MINUTE}(\.[0-9]+)?([Zz]|[+-]{_HOUR}:{_MINUTE})"
"""What JSON Schema can say of those that there are, which is all but the 29th of February."""

ALLOWED_MOMENT = "allowed: RFC 3339 with a zone, as in 2026-11-23T14:07:31Z"
ALLOWED_DATE = "allowed: a date, as in 2026-11-23"

SECOND = 1_000_000
MINUTE = 60 * SECOND
QUARTER = 15 * MINUTE
HOUR = 60 * MINUTE
DAY = 24 * HOUR

STEP_MINUTES = {"1m": 1, "2m": 2, "5m": 5, "10m": 10, "15m": 15, "20m": 20, "30m": 30, "1h": 60, "3h": 180}
STEPS = (*STEP_MINUTES, "1d", "1w", "1mo")
"""The sizes of time buckets; "1mo" is a month."""

MAX_AHEAD = timedelta(minutes=5)
"""So much later than the clock of who receives it an event may be: clocks differ."""

_1970 = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def parse_moment(text: str) -> datetime:
    """Return an RFC 3339 text as a moment in UTC; raise ValueError that says what is allowed."""
    if not re.fullmatch(MOMENT, text):
        raise ValueError(ALLOWED_MOMENT)
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{error}; {ALLOWED_MOMENT}") from None


def parse_date(text: str) -> date:
    """Return a text as a calendar date; raise ValueError that says what is allowed."""
    if not re.fullmatch(DATE, text):
        raise ValueError(ALLOWED_DATE)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{error}; {ALLOWED_DATE}") from None


def check_moment(text: str) -> str:
    parse_moment(text)
    return text


def check_date(text: str) -> str:
    parse_date(text)
    return text


def check_date_or_moment(text: str) -> str:
    return check_date(text) if len(text) <= 10 else check_moment(text)


def micros(moment: datetime) -> int:
    """Return a moment as microseconds since 1970, rounded down."""
    return (moment - _1970) // _MICROSECOND


def moment(at: int) -> datetime:
    """Return the moment of microseconds since 1970, in UTC."""
    return _1970 + at * _MICROSECOND


def rfc3339(at: int) -> str:
    """Return the moment of microseconds since 1970 as the contract writes it: in UTC, with a Z."""
    return moment(at).isoformat().replace("+00:00", "Z")


EARLIEST = micros(datetime(1900, 1, 1, tzinfo=UTC))
LATEST = micros(datetime(2200, 1, 1, tzinfo=UTC))
"""A moment outside is a publisher's mistake and counts as the nearer end: in year 1 or 9999 a zone's days overflow."""


def age_s(newest: datetime | None, now: datetime) -> float | None:
    """Return the age of the newest event in seconds.

    None without one, and where it is later than an event may be: then a clock is wrong, and nobody knows the age.
    """
    if newest is None or newest > now + MAX_AHEAD:
        return None
    return max(0.0, (now - newest).total_seconds())


def in_words(seconds: float) -> str:
    """Return how far two clocks are apart, rounded to what a person would say: "45 s", "12 min", "3 h", "9 d"."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if abs(seconds) >= 1.5 * size:
            return f"{abs(seconds) / size:.0f} {unit}"
    return f"{abs(seconds):.0f} s"


def event_micros(event: Event) -> int:
    """Return when an event happened, in microseconds, within EARLIEST and LATEST."""
    return _within(micros(event.time))


def micros_of(text: str, zone: ZoneInfo) -> int:
    """Return a valid date or moment of the contract in microseconds; a date alone is its midnight in the zone."""
    if len(text) <= 10:
        return midnight(min(max(parse_date(text), date(1900, 1, 1)), date(2200, 1, 1)), zone)
    return _within(micros(parse_moment(text)))


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())  # it walks the whole data base on the disk: 10 ms


def zone_named(name: str) -> ZoneInfo | None:
    """Return a time zone by its IANA name, None where no zone has that name."""
    return ZoneInfo(name) if name in _zones() else None


def midnight(day: date, zone: ZoneInfo) -> int:
    """Return when a day begins in a zone, in microseconds; where no clock shows 00:00, that is at 01:00.

    Compare microseconds, or moments in UTC, never the clock's time: in Santiago 2026-09-06 begins at 01:00, and a
    moment in the zone that is made of that date and 00:00 is unequal to it, though it is the same instant.
    """
    return micros(datetime.combine(day, time(), zone))


def office_date(at: int, zone: ZoneInfo) -> date:
    """Return the office's date at a moment."""
    return moment(at).astimezone(zone).date()


def office_day(now: datetime, zone: ZoneInfo) -> tuple[int, int]:
    """Return the half-open span of the office's day that holds `now`, in microseconds."""
    today = now.astimezone(zone).date()
    return midnight(today, zone), midnight(today + timedelta(days=1), zone)


def window_start(now: int, length: int) -> int:
    """Return the whole minute in which a window begins that reaches so far back from now, all in microseconds.

    Nothing that happened within the length is left out, and whole minutes are counted without reading events.
    """
    return (now - length) // MINUTE * MINUTE


def office_month(now: datetime, zone: ZoneInfo) -> tuple[int, int]:
    """Return the half-open span of the office's month that holds `now`, in microseconds."""
    first = now.astimezone(zone).date().replace(day=1)
    return midnight(first, zone), midnight((first + timedelta(days=31)).replace(day=1), zone)


def buckets(start: int, end: int, step: str, zone: ZoneInfo) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each bucket of size `step` that overlaps [start, end), in microseconds and in order.

    Days begin at the zone's midnight, weeks on Monday. Shorter buckets are counted from each day's midnight; the last
    one of a day ends with the day, also where a change of the clocks leaves it shorter than the others.
    """
    size = STEP_MINUTES.get(step, 0) * MINUTE
    day = _first(office_date(start, zone), step)
    while (begins := midnight(day, zone)) < end:
        day = _next(day, step)
        ends = midnight(day, zone)
        if size:
            first = begins + max(0, (start - begins) // size * size)
            yield from ((at, min(at + size, ends)) for at in range(first, min(ends, end), size))
        elif ends > start:
            yield begins, ends


def _first(day: date, step: str) -> date:
    match step:
        case "1w":
            return day - timedelta(days=day.weekday())
        case "1mo":
            return day.replace(day=1)
    return day


def _next(day: date, step: str) -> date:
    match step:
        case "1w":
            return day + timedelta(days=7)
        case "1mo":
            return (day + timedelta(days=31)).replace(day=1)
    return day + timedelta(days=1)


def _within(at: int) -> int:
    return min(max(at, EARLIEST), LATEST)
