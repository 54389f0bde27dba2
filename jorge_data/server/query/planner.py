"""The plan of an answer: days, hours, quarters and minutes from the rollups, what is left at the edges from events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jorge_data.events.timestamps import HOUR, MINUTE, QUARTER, midnight, office_date
from jorge_data.metrics.entities import Grain
from jorge_data.server.query.time_buckets import AFTER_ALL, BEFORE_ALL, TimeBucket
from jorge_data.store import Stretch, TimeSpan

FINER: tuple[tuple[Grain, int], ...] = (("hour", HOUR), ("quarter", QUARTER), ("minute", MINUTE))
"""What is counted beside the days, by length."""

SHORTEST_DAY = 22 * HOUR
"""No zone's clock was ever put forward by more than two hours on a day."""


class Piece(NamedTuple):
    """A half-open span of time, and the grain that covers it exactly; None where only events do."""

    grain: Grain | None
    start: int
    end: int


@dataclass
class QueryPlan:
    """What to read: cells for each slot, and the stretches of time that no cell covers exactly."""

    spans: list[TimeSpan] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)


def plan(slots: Sequence[TimeBucket], office: ZoneInfo, minutes_from: int) -> QueryPlan:
    """Cover each slot once, with the largest grains that fit."""
    planned = QueryPlan()
    for number, slot in enumerate(slots):
        for piece in cover(slot.start, slot.end, office, minutes_from):
            if piece.grain is None:
                planned.stretches.append(Stretch(number, piece.start, piece.end))
            else:
                planned.spans.append(TimeSpan(number, piece.grain, piece.start, piece.end))
    return planned


def cover(start: int, end: int, office: ZoneInfo, minutes_from: int) -> Iterator[Piece]:
    """Cover a span with the office's days, and what lies beside them with the next finer grain, down to the events."""
    first, last = _days(start, end, office)
    if first < last:
        yield from _beside(start, first, minutes_from)
        yield Piece("day", first, last)
        yield from _beside(last, end, minutes_from)
    else:
        yield from _beside(start, end, minutes_from)


def _days(start: int, end: int, office: ZoneInfo) -> tuple[int, int]:
    """Return the first midnight of the office at or after the start, and the last at or before the end."""
    if end - start < SHORTEST_DAY:
        return end, start
    first = start if start == BEFORE_ALL else midnight(office_date(start, office), office)
    if first < start:
        first = midnight(office_date(start, office) + timedelta(days=1), office)
    return first, end if end == AFTER_ALL else midnight(office_date(end, office), office)


def _beside(start: int, end: int, minutes_from: int, finer: Sequence[tuple[Grain, int]] = FINER) -> Iterator[Piece]:
    """Cover a span with what is whole of a grain, and its edges with finer ones; with minutes where they are kept."""
    if start >= end:
        return
    if not finer:
        yield Piece(None, start, end)
        return
    grain, size = finer[0]
    first, last = -(-start // size) * size, end // size * size
    if grain == "minute":
        first = max(first, minutes_from)
    if first < last:
        yield from _beside(start, first, minutes_from, finer[1:])
        yield Piece(grain, first, last)
        yield from _beside(last, end, minutes_from, finer[1:])
    else:
        yield from _beside(start, end, minutes_from, finer[1:])
