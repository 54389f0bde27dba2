"""When new contacts come: by day and not by night, less at the weekend, and more from month to month."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

_HOURS = (1, 0, 0, 0, 0, 0, 2, 5, 9, 12, 13, 12, 10, 10, 11, 11, 12, 14, 15, 13, 10, 7, 4, 2)
"""How much of a day falls into each hour of the office's clock."""

_WEEKDAYS = (1.1, 1.2, 1.15, 1.1, 1.0, 0.75, 0.55)
_GROWTH = (0.7, 1.3)
"""From the first day to the last, around the typical one."""


def arrivals(rng: Random, zero: datetime, days: int, typical: float) -> Iterator[float]:
    """Yield the offset of each arrival in so many whole days before `zero`, in its zone, and in its own day so far."""
    for number in range(days + 1):
        midnight = datetime(zero.year, zero.month, zero.day, tzinfo=zero.tzinfo) - timedelta(days=days - number)
        first, last = _GROWTH
        expected = typical * _WEEKDAYS[midnight.weekday()] * (first + (last - first) * number / days)
        for _ in range(max(0, round(rng.gauss(expected, expected**0.5)))):
            hour = rng.choices(range(24), _HOURS)[0]
            moment = midnight + timedelta(hours=hour, seconds=rng.uniform(0, 3600))
            offset = (moment.astimezone(UTC) - zero.astimezone(UTC)).total_seconds()
            if offset < 0:
                yield offset
