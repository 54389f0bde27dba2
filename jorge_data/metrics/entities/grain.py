"""Grains: how long the buckets of time are that facts are counted in, and where each begins."""

from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from jorge_data.events.timestamps import HOUR, MINUTE, QUARTER, moment, office_day

Grain = Literal["minute", "quarter", "hour", "day"]
"""A day is the office's, all others are UTC's; every zone's days begin on a quarter of an hour, most on an hour."""


def minute(at: int) -> int:
    """Return the start of the minute of a moment."""
    return at - at % MINUTE


def quarter(at: int) -> int:
    """Return the start of the quarter of an hour of a moment."""
    return at - at % QUARTER


def hour(at: int) -> int:
    """Return the start of the hour of a moment."""
    return at - at % HOUR


def day(at: int, zone: ZoneInfo) -> int:
    """Return the office's midnight that begins the day of a moment."""
    return _day_of(quarter(at), zone)[0]


def day_end(at: int, zone: ZoneInfo) -> int:
    """Return the office's midnight that ends the day of a moment."""
    return _day_of(quarter(at), zone)[1]


@lru_cache(maxsize=50_000)
def _day_of(start: int, zone: ZoneInfo) -> tuple[int, int]:
    return office_day(moment(start), zone)
