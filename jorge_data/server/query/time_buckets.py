"""Buckets: the steps of time of a series, in any zone; a day begins at its zone's midnight."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jorge_data.events import timestamps
from jorge_data.events.timestamps import micros, moment
from jorge_data.server.query.query_schema import refuse

STEPS = (*timestamps.STEPS, "all")

MOST_BUCKETS = 10_000

YEARS = range(1900, 2201)
ALLOWED_MOMENTS = range(micros(datetime(YEARS.start, 1, 2, tzinfo=UTC)), micros(datetime(YEARS.stop, 1, 1, tzinfo=UTC)))
"""The moments that a query may name, in microseconds; what is earlier or later counts where a span is open."""

BEFORE_ALL, AFTER_ALL = -(1 << 62), 1 << 62


class TimeBucket(NamedTuple):
    """One step of a series: when it begins (None: it is the only one), and the part of it that is in the span."""

    begins: int | None
    start: int
    end: int


def closed_span(start: int | None, end: int | None) -> tuple[int, int]:
    """Return a span whose open ends lie beyond every moment there is."""
    return BEFORE_ALL if start is None else start, AFTER_ALL if end is None else end


def time_buckets(start: int, end: int, step: str, zone: ZoneInfo) -> list[TimeBucket]:
    """Cut a half-open span into the steps of a zone; raise Invalid where there are too many."""
    if step == "all":
        return [TimeBucket(None, start, end)]
    buckets = []
    for begins, ends in timestamps.buckets(start, end, step, zone):
        buckets.append(TimeBucket(begins, max(begins, start), min(ends, end)))
        if len(buckets) > MOST_BUCKETS:
            refuse("step", step, f"a step of which from–to has {MOST_BUCKETS} at most")
    return buckets


# The hours of a month are requested again and again, and each is formatted in a microsecond or two.
@lru_cache(MOST_BUCKETS)
def label(begins: int | None, zone: ZoneInfo) -> str | None:
    """Return a bucket's beginning as RFC 3339 with the zone's offset."""
    return None if begins is None else moment(begins).astimezone(zone).isoformat()
