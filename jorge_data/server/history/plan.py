"""The plan of an answer: whole days, quarters and minutes from the rollups, what is left at the edges from events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jorge_data.metrics.clock import HOUR, MINUTE, moment
from jorge_data.metrics.facts import Grain
from jorge_data.server.history.slots import AFTER_ALL, BEFORE_ALL, QUARTER, Slot, midnight
from jorge_data.store import Span, Stretch

SHORTEST_DAY = 22 * HOUR
"""No zone's clock was ever put forward by more than two hours on a day."""


class Piece(NamedTuple):
    """A half-open span of time, and the grain that covers it exactly; None where only events do."""

    grain: Grain | None
    start: int
    end: int


@dataclass
class Plan:
    """What to read: cells for each slot, and the stretches of time that no cell covers exactly."""

    spans: list[Span] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)


def plan(slots: Sequence[Slot], office: ZoneInfo, minutes_from: int) -> Plan:
    """Cover each slot once, with the largest grains that fit."""
    planned = Plan()
    for number, slot in enumerate(slots):
        for piece in cover(slot.start, slot.end, office, minutes_from):
            if piece.grain is None:
                planned.stretches.append(Stretch(number, piece.start, piece.end))
            else:
                planned.spans.append(Span(number, piece.grain, piece.start, piece.end))
    return planned


def cover(start: int, end: int, office: ZoneInfo, minutes_from: int) -> Iterator[Piece]:
    """Cover a span with the office's days, with quarters beside them, with minutes beside those where they are kept."""
    first, last = _days(start, end, office)
    if first < last:
        yield from _quarters(start, first, minutes_from)
        yield Piece("day", first, last)
        yield from _quarters(last, end, minutes_from)
    else:
        yield from _quarters(start, end, minutes_from)


def _days(start: int, end: int, office: ZoneInfo) -> tuple[int, int]:
    """Return the first midnight of the office at or after the start, and the last at or before the end."""
    if end - start < SHORTEST_DAY:
        return end, start
    first = start if start == BEFORE_ALL else _midnight_before(start, office)
    if first < start:
        first = midnight(moment(start).astimezone(office).date() + timedelta(days=1), office)
    return first, end if end == AFTER_ALL else _midnight_before(end, office)


def _midnight_before(at: int, office: ZoneInfo) -> int:
    return midnight(moment(at).astimezone(office).date(), office)


def _quarters(start: int, end: int, minutes_from: int) -> Iterator[Piece]:
    first, last = -(-start // QUARTER) * QUARTER, end // QUARTER * QUARTER
    if first < last:
        yield from _minutes(start, first, minutes_from)
        yield Piece("quarter", first, last)
        yield from _minutes(last, end, minutes_from)
    else:
        yield from _minutes(start, end, minutes_from)


def _minutes(start: int, end: int, minutes_from: int) -> Iterator[Piece]:
    first, last = max(-(-start // MINUTE) * MINUTE, minutes_from), end // MINUTE * MINUTE
    if first < last:
        yield from _events(start, first)
        yield Piece("minute", first, last)
        yield from _events(last, end)
    else:
        yield from _events(start, end)


def _events(start: int, end: int) -> Iterator[Piece]:
    if start < end:
        yield Piece(None, start, end)
