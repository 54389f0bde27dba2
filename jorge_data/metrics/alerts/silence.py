"""Episodes of a source that is silent against its own rhythm: at hours of the week at which it usually talks.

What is usual at an hour is the least that came at the same hour of the week in the WEEKS before, for bots work in
bursts; so each hour is judged by what was known then. Where nothing at all arrived, though something usually does,
nobody can say who was silent: such hours are unheard, and claimed of no single source.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from jorge_data.events.timestamps import DAY, HOUR, micros, moment
from jorge_data.metrics.alerts.evaluation import Episode

WEEKS = 4
FEWEST_WEEKS = 3
"""With fewer weeks before it, nothing is usual yet."""

MISSED = 10
"""A source is silent once so many events are missing that it would usually have sent."""

Counts = Mapping[int, int]
"""The number of events by the beginning of the hour (microseconds); an hour that is missing has none."""


def usual(counts: Counts, hour: int, first: int, unheard: Collection[int], zone: ZoneInfo) -> int:
    """Return how many events usually come in an hour, 0 where that is not known; `first` is the first hour of all.

    Both by the office's clock and by one that is never put forward or back, the less: nobody knows by which a machine
    works, and in the weeks after the change one of both would miss what comes an hour later.
    """
    local = moment(hour).astimezone(zone)
    by_office = [micros(local - timedelta(weeks=weeks)) // HOUR * HOUR for weeks in range(1, WEEKS + 1)]
    by_utc = [hour - weeks * 7 * DAY for weeks in range(1, WEEKS + 1)]
    return min(_least(counts, hours, first, unheard) for hours in (by_office, by_utc))


def _least(counts: Counts, hours: Sequence[int], first: int, unheard: Collection[int]) -> int:
    known = [counts.get(each, 0) for each in hours if each >= first and each not in unheard]
    return min(known) if len(known) >= FEWEST_WEEKS else 0


def silences(
    subject: str, counts: Counts, hours: Sequence[int], unheard: Collection[int], zone: ZoneInfo
) -> Iterator[Episode]:
    """Yield each time in which a source was silent though it usually talks.

    `hours` are whole ones, one after another: each is known at its end. A silence ends with the hour in which
    something came.
    """
    if not counts:
        return
    first, missed, began = min(counts), 0, None
    for hour in hours:
        if counts.get(hour, 0):
            if began is not None:
                yield Episode(subject, began, hour + HOUR)
            missed, began = 0, None
        elif hour > first and hour not in unheard:
            missed += usual(counts, hour, first, unheard, zone)
            if began is None and missed >= MISSED:
                began = hour + HOUR
    if began is not None:
        yield Episode(subject, began)


def unheard_hours(counts: Counts, hours: Sequence[int], zone: ZoneInfo) -> frozenset[int]:
    """Return the hours in which nothing at all arrived, once so much is missing that a source would be silent.

    No source is missed earlier than all of them, so that none is called silent in the hours before.
    """
    if not counts:
        return frozenset()
    first, missed, unheard = min(counts), 0, set[int]()
    for hour in hours:
        if counts.get(hour, 0):
            missed = 0
        elif hour > first:
            missed += usual(counts, hour, first, unheard, zone)
            if missed >= MISSED:
                unheard.add(hour)
    return frozenset(unheard)


def spans_of(hours: Collection[int]) -> list[tuple[int, int]]:
    """Return hours as half-open spans, those that follow one another as one."""
    spans: list[tuple[int, int]] = []
    for hour in sorted(hours):
        if spans and spans[-1][1] == hour:
            spans[-1] = spans[-1][0], hour + HOUR
        else:
            spans.append((hour, hour + HOUR))
    return spans
