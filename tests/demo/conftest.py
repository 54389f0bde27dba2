from datetime import datetime
from functools import cache
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from jorge_data.demo.calendar import Calendar
from jorge_data.demo.day import days
from jorge_data.demo.history import HistoryId
from jorge_data.demo.story import HOUR, Timed
from tests.bots.conftest import intake

__all__ = ["intake"]

AUSTIN = ZoneInfo("America/Chicago")
CALENDAR = Calendar(datetime(2026, 11, 23, 14, 0, tzinfo=AUSTIN))


@cache
def until(hours: float, seed: int) -> list[Timed]:
    """Return ten days of a seed and so many hours of its live day; do not change it."""
    stream = days(HistoryId(seed, CALENDAR.zero), CALENDAR, back=10)
    return list(takewhile(lambda timed: timed[0] < hours * HOUR, stream))


@cache
def timeline(seed: int) -> list[Timed]:
    """Return the history of a seed and the live day's first hour, by time, dates written out; do not change it."""
    stream = days(HistoryId(seed, CALENDAR.zero), CALENDAR)
    return list(takewhile(lambda timed: timed[0] < CALENDAR.past_s, stream))


def events_of(seed: int) -> list[dict[str, Any]]:
    return [event for _, event in timeline(seed)]


@pytest.fixture(scope="session")
def ten_hours() -> list[Timed]:
    return until(10, 7)
