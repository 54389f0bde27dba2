"""Moments and dates as text: RFC 3339, with a zone, at microseconds."""

import re
from datetime import UTC, date, datetime

DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
MOMENT = DATE + r"[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-5][0-9])"

ALLOWED_MOMENT = "allowed: RFC 3339 with a zone, as in 2026-11-23T14:07:31Z"
ALLOWED_DATE = "allowed: a date, as in 2026-11-23"


def parse_moment(text: str) -> datetime:
    """Read an RFC 3339 moment into UTC; raise ValueError that says what is allowed."""
    if not re.fullmatch(MOMENT, text):
        raise ValueError(ALLOWED_MOMENT)
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{error}; {ALLOWED_MOMENT}") from None


def parse_date(text: str) -> date:
    """Read a calendar date; raise ValueError that says what is allowed."""
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
