"""Grains: the sizes of the buckets of time that facts are counted in, and the office's days among them."""

from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from jorge_data.events.timestamps import QUARTER, moment, office_day

Grain = Literal["minute", "quarter", "hour", "day"]
"""A day is the office's, all others are UTC's; every zone's days begin on a quarter of an hour, most on an hour."""


def day(at: int, zone: ZoneInfo) -> int:
    """Return the office's midnight that begins the day of a moment."""
    return _day(at - at % QUARTER, zone)[0]


def day_end(at: int, zone: ZoneInfo) -> int:
    """Return the office's midnight that ends the day of a moment."""
    return _day(at - at % QUARTER, zone)[1]


@lru_cache(maxsize=50_000)
def _day(at: int, zone: ZoneInfo) -> tuple[int, int]:
    return office_day(moment(at), zone)
