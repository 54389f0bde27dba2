"""The plan of a series: days, hours, quarters and minutes from the rollups, and the edges of a span from events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jorge_data.events.timestamps import HOUR, MINUTE, QUARTER, midnight, office_date
from jorge_data.metrics.entities import Grain
from jorge_data.server.query.time_buckets import AFTER_ALL, BEFORE_ALL, TimeBucket
from jorge_data.store import GrainRange, TimeRange

FINER: tuple[tuple[Grain, int], ...] = (("hour", HOUR), ("quarter", QUARTER), ("minute", MINUTE))
"""The grains below the days, by length."""

SHORTEST_DAY = 22 * HOUR
"""No zone's clock was ever put forward by more than two hours on a day."""


class Piece(NamedTuple):
    """A half-open span of time, and the grain that covers it exactly; None where only events do."""

    grain: Grain | None
    start: int
    end: int


@dataclass
class QueryPlan:
    """What to read: rollups for each bucket, and events of the ranges of time that no rollup covers exactly."""

    rollup_ranges: list[GrainRange] = field(default_factory=list)
    event_ranges: list[TimeRange] = field(default_factory=list)


def plan(buckets: Sequence[TimeBucket], office_zone: ZoneInfo, minutes_from: int) -> QueryPlan:
    """Cover each bucket once, with the largest grains that fit."""
    query_plan = QueryPlan()
    for number, bucket in enumerate(buckets):
        for piece in cover(bucket.start, bucket.end, office_zone, minutes_from):
            if piece.grain is None:
                query_plan.event_ranges.append(TimeRange(number, piece.start, piece.end))
            else:
                query_plan.rollup_ranges.append(GrainRange(number, piece.grain, piece.start, piece.end))
    return query_plan


def cover(start: int, end: int, office_zone: ZoneInfo, minutes_from: int) -> Iterator[Piece]:
    """Cover a span with the office's days, and the edges beside them with the next finer grain, down to the events."""
    first, last = _days(start, end, office_zone)
    if first < last:
        yield from _cover_edge(start, first, minutes_from)
        yield Piece("day", first, last)
        yield from _cover_edge(last, end, minutes_from)
    else:
        yield from _cover_edge(start, end, minutes_from)


def _days(start: int, end: int, office_zone: ZoneInfo) -> tuple[int, int]:
    """Return the first midnight of the office at or after the start, and the last at or before the end."""
    if end - start < SHORTEST_DAY:
        return end, start
    first = start if start == BEFORE_ALL else midnight(office_date(start, office_zone), office_zone)
    if first < start:
        first = midnight(office_date(start, office_zone) + timedelta(days=1), office_zone)
    return first, end if end == AFTER_ALL else midnight(office_date(end, office_zone), office_zone)


def _cover_edge(start: int, end: int, minutes_from: int, finer: Sequence[tuple[Grain, int]] = FINER) -> Iterator[Piece]:
    """Cover a span with what is whole of a grain, and its edges with finer ones; with minutes where they are stored."""
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
        yield from _cover_edge(start, first, minutes_from, finer[1:])
        yield Piece(grain, first, last)
        yield from _cover_edge(last, end, minutes_from, finer[1:])
    else:
        yield from _cover_edge(start, end, minutes_from, finer[1:])
