"""Slots: the steps of time that an answer is in, in any zone; a day begins at its zone's midnight."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jorge_data.events.timestamps import MINUTE, micros, midnight, moment, office_date
from jorge_data.server.history.catalogue import refuse

_MINUTES = {"1m": 1, "2m": 2, "5m": 5, "10m": 10, "15m": 15, "20m": 20, "30m": 30, "1h": 60, "3h": 180}
STEPS = (*_MINUTES, "1d", "1w", "1mo", "all")

MOST_SLOTS = 10_000

YEARS = range(1900, 2201)
NAMED = range(micros(datetime(YEARS.start, 1, 2, tzinfo=UTC)), micros(datetime(YEARS.stop, 1, 1, tzinfo=UTC)))
"""The moments that a question may name; what is earlier or later counts where a span is open."""

BEFORE_ALL, AFTER_ALL = -(1 << 62), 1 << 62


class Slot(NamedTuple):
    """One step of an answer: when it begins (None: it is all there is), and the part of it that was asked for."""

    begins: int | None
    start: int
    end: int


def whole(start: int | None, end: int | None) -> tuple[int, int]:
    """Return a span whose open ends lie beyond every moment there is."""
    return BEFORE_ALL if start is None else start, AFTER_ALL if end is None else end


def slots(start: int, end: int, step: str, zone: ZoneInfo) -> list[Slot]:
    """Cut a half-open span into the steps of a zone; raise Invalid where there are too many."""
    if step == "all":
        return [Slot(None, start, end)]
    cuts = []
    for begins, ends in _cuts(start, end, step, zone):
        if ends > start:
            cuts.append(Slot(begins, max(begins, start), min(ends, end)))
        if len(cuts) > MOST_SLOTS:
            refuse("step", step, f"a step of which from–to has {MOST_SLOTS} at most")
    return cuts


# The hours of a month are asked for again and again, and each is written in a microsecond or two.
@lru_cache(MOST_SLOTS)
def label(begins: int | None, zone: ZoneInfo) -> str | None:
    """Return a slot's beginning as the answer names it: RFC 3339 with the zone's offset."""
    return None if begins is None else moment(begins).astimezone(zone).isoformat()


def _cuts(start: int, end: int, step: str, zone: ZoneInfo) -> Iterator[tuple[int, int]]:
    day = _first(office_date(start, zone), step)
    while (begins := midnight(day, zone)) < end:
        following = _next(day, step)
        ends = midnight(following, zone)
        if minutes := _MINUTES.get(step):
            yield from _within(begins, ends, minutes * MINUTE, start, end)
        else:
            yield begins, ends
        day = following


def _within(begins: int, ends: int, size: int, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a day from its midnight on; where the clock was changed by half an hour, its last step is shorter."""
    first = begins + max(0, (start - begins) // size * size)
    for at in range(first, min(ends, end), size):
        yield at, min(at + size, ends)


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
