"""The demo's stream: the office's stories with their costs and dates, as they are published."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import dropwhile

from jorge_data.demo import costs
from jorge_data.demo.calendar import Calendar
from jorge_data.demo.history import DAYS, HistoryId, history
from jorge_data.demo.story import RelativeDate, Timed

_SOME_NOON = Calendar(datetime(2026, 11, 23, 14, 0, tzinfo=UTC))


def days(history_id: HistoryId, calendar: Calendar, back: int = DAYS) -> Iterator[Timed]:
    """Yield a history and how it goes on, without end: the same id and calendar give the same events."""
    return written(history(history_id, back), calendar)


def day(seed: int, calendar: Calendar = _SOME_NOON) -> Iterator[Timed]:
    """Yield the live day of a seed alone, without end."""
    return dropwhile(lambda timed: timed[0] < 0, days(HistoryId(seed, calendar.zero), calendar, back=1))


def written(stream: Iterator[Timed], calendar: Calendar) -> Iterator[Timed]:
    """Add to events what they cost, and write out their dates by a calendar."""
    for offset, event in stream:
        costs.tell(event, offset)
        for field, value in event["data"].items():
            if isinstance(value, RelativeDate):
                event["data"][field] = calendar.write(value, offset)
        yield round(offset, 3), event
