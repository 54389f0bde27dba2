"""Report spans: the time that a component's report speaks for, and the share of it that components were up."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from jorge_data.events.timestamps import DAY, MINUTE

KNOWN_FOR = 15 * MINUTE
"""How long a report holds; after that a component counts as unknown, unless the report was down."""

LONGEST_DOWN = 366 * DAY
"""How long a component is down without a further report; a year is 35,136 facts of a quarter of an hour each."""

DOWN = "down"

UP = frozenset({"healthy", "degraded", "recovering"})
"""The statuses that count as up: all but down."""


class StatusTime(NamedTuple):
    """How long a component was in a status from a moment on, in microseconds."""

    component: str
    status: str
    at: int
    duration: int


def since_newest(
    newest: Iterable[tuple[str, str, int]], start: int, end: int, now: int, down_until_reported: bool
) -> Iterator[StatusTime]:
    """Return the time for which newest reports (component, status, when) speak up to now, of what begins in a span.

    It is what kind=component_time would hold if every component reported now.
    """
    for component, status, reported in newest:
        for at, duration in report_spans(reported, status, now, down_until_reported, start):
            if start <= at < end and duration > 0:
                yield StatusTime(component, status, at, duration)


def up_share(up: float, known: float) -> float | None:
    """Return the share of the known time that components were up, None where none is known."""
    return up / known if known else None


def report_spans(
    at: int, status: str, until: int, down_until_reported: bool, since: int | None = None
) -> Iterator[tuple[int, int]]:
    """Return what a report speaks for up to the next one, or up to now, as (start, duration), 15 minutes at most each.

    What was down is down until the next report, where that is the rule; any other status holds for KNOWN_FOR. Those
    that begin before `since` are left out.
    """
    longest = LONGEST_DOWN if down_until_reported and status == DOWN else KNOWN_FOR
    end = min(until, at + longest)
    if since is None or at >= since:
        yield at, min(end - at, KNOWN_FOR)
    passed = 0 if since is None else max(0, -(-(since - at) // KNOWN_FOR) - 1)
    for start in range(at + (1 + passed) * KNOWN_FOR, end, KNOWN_FOR):
        yield start, min(end - start, KNOWN_FOR)
