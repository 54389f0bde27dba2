"""GoHighLevel's timestamps: mostly ISO 8601 with a zone, sometimes without one, sometimes milliseconds."""

from datetime import UTC, datetime
from typing import Any

_LATEST_S = 253_402_300_799
_AS_MILLISECONDS = 100_000_000_000
"""A number of seconds this large would be the year 5138."""


def read_moment(value: Any) -> datetime | None:
    """Return a field's timestamp in UTC, which is also assumed where it has no zone; None where it is none."""
    if isinstance(value, str):
        return _from_text(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    seconds = value / 1000 if abs(value) >= _AS_MILLISECONDS else value
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds <= _LATEST_S else None


def first_moment(fields: dict[str, Any], *names: str) -> datetime | None:
    """Return the timestamp of the first of these fields that has one."""
    return next((moment for name in names if (moment := read_moment(fields.get(name)))), None)


def _from_text(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
