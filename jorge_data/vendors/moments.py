"""Moments as vendors and people spell them: ISO 8601, numbers since 1970, and the forms that people write."""

import re
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from dateutil import parser, tz

_EARLIEST_S, _LATEST_S = 100_000_000, 253_402_300_799
"""1973 and 9999: a smaller number is a day of the month, or a spreadsheet's day, or an id."""

_AS_MILLISECONDS = 100_000_000_000
"""A number of seconds this large would be the year 5138."""

MAX_TEXT = 80
_DEFAULTS = datetime(2000, 1, 1), datetime(2004, 2, 2)
"""A text that names year, month and day gives the same moment upon both."""

_IANA = re.compile(r"\b(?:Africa|America|Asia|Atlantic|Australia|Europe|Indian|Pacific|US)/[A-Za-z_/+-]+")
_AMERICAN = {
    **dict.fromkeys(("eastern", "est", "edt", "eastern standard", "eastern daylight"), "America/New_York"),
    **dict.fromkeys(("central", "cst", "cdt", "central standard", "central daylight"), "America/Chicago"),
    **dict.fromkeys(("mountain", "mst", "mdt", "mountain standard", "mountain daylight"), "America/Denver"),
    **dict.fromkeys(("pacific", "pst", "pdt", "pacific standard", "pacific daylight"), "America/Los_Angeles"),
    **dict.fromkeys(("alaska", "akst", "akdt"), "America/Anchorage"),
    **dict.fromkeys(("hawaii", "hst"), "Pacific/Honolulu"),
    **dict.fromkeys(("utc", "gmt", "z"), "UTC"),
}
"""America's zones as people, Windows and Rails name them, `Central Time (US & Canada)`."""

_UTC_OFFSET = re.compile(r"(?:GMT|UTC) ?([+-]\d)")
_ABBREVIATED = {
    **{
        name: -hours for name, hours in {"AST": 4, "EST": 5, "CST": 6, "MST": 7, "PST": 8, "AKST": 9, "HST": 10}.items()
    },
    **{name: -hours for name, hours in {"ADT": 3, "EDT": 4, "CDT": 5, "MDT": 6, "PDT": 7, "AKDT": 8}.items()},
    **dict.fromkeys(("UTC", "GMT", "Z"), 0),
}
"""The zones that America abbreviates, in hours from UTC; another abbreviation means this to one, that to another."""


def read_moment(value: Any, zone: tzinfo = UTC) -> datetime | None:
    """Return a moment in UTC, in this zone where the value names none; None where it is no moment, or an unclear one.

    Of `03/04/2026` the month comes first, as in America; of `03.04.2026` the day.
    """
    if isinstance(value, str):
        return _from_text(value.strip(), zone) if len(value) <= MAX_TEXT else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int) and abs(value) > _LATEST_S * 10**9:  # too large for a float to divide
        return None
    units = (value / scale for scale in (1, 1e3, 1e6, 1e9))  # seconds, milliseconds, microseconds, nanoseconds
    seconds = next((seconds for seconds in units if seconds < _AS_MILLISECONDS), 0)
    return datetime.fromtimestamp(seconds, UTC) if _EARLIEST_S <= seconds <= _LATEST_S else None


def first_moment(fields: dict[str, Any], *names: str) -> datetime | None:
    """Return the moment of the first of these fields that has one."""
    return next((moment for name in names if (moment := read_moment(fields.get(name)))), None)


def zone_of(name: Any) -> tzinfo | None:
    """Return the time zone of a name: an IANA name, alone or among other words, or an American one; None for others."""
    if not isinstance(name, str) or not 0 < len(name) <= MAX_TEXT:
        return None
    if (inside := _IANA.search(name)) and inside[0] != name:
        return zone_of(inside[0])
    try:
        return ZoneInfo(_AMERICAN.get(name.casefold().partition(" (")[0].removesuffix(" time"), name))
    except (KeyError, OSError, ValueError):  # unknown, a folder of the table, a path
        return None


@lru_cache(1024)  # one body has the same moment in several fields, and each is asked for several times
def _from_text(text: str, zone: tzinfo) -> datetime | None:
    # Before ISO 8601, to which thirteen digits of milliseconds are a day of the year 1768.
    if text.isascii() and text.replace(".", "", 1).isdecimal() and (moment := read_moment(float(text))):
        return moment
    try:
        return _in_utc(datetime.fromisoformat(text), zone)
    except ValueError:
        return _from_words(text, zone)


def _from_words(text: str, zone: tzinfo) -> datetime | None:
    # JavaScript writes GMT-0600 (Central Standard Time); what POSIX means by it is the other way around.
    words = _UTC_OFFSET.sub(r"\1", text.partition(" (")[0].replace("|", " "))
    day_first = "." in words.partition(" ")[0]
    try:
        first, second = (
            parser.parse(words, default=default, dayfirst=day_first, tzinfos=_zone_named) for default in _DEFAULTS
        )
    except (ValueError, ArithmeticError, TypeError):
        return None
    return _in_utc(first, zone) if first == second else None


def _zone_named(name: str | None, offset: int | None) -> tzinfo | None:
    if offset is not None:
        return tz.tzoffset(name, offset)
    if name is None:
        return None
    if name not in _ABBREVIATED:
        raise ValueError(f"{name} is no zone")
    return tz.tzoffset(name, _ABBREVIATED[name] * 3600)


def _in_utc(moment: datetime, zone: tzinfo) -> datetime | None:
    try:
        return (moment.replace(tzinfo=zone) if moment.tzinfo is None else moment).astimezone(UTC)
    except (OverflowError, ValueError):
        return None
