"""Report spans: the time that a component's report speaks for."""

from collections.abc import Iterator

from jorge_data.events.timestamps import DAY, MINUTE

KNOWN_FOR = 15 * MINUTE
"""How long a report holds; after that a component counts as unknown, unless the report was down."""

LONGEST_DOWN = 366 * DAY
"""How long a component is down without a further report; a year is 35,136 facts of a quarter of an hour each."""

DOWN = "down"


def report_spans(at: int, status: str, until: int, down_until_reported: bool) -> Iterator[tuple[int, int]]:
    """Return what a report speaks for up to the next one, or up to now, as (start, duration), 15 minutes at most each.

    What was down is down until the next report, where that is the rule; any other status holds for KNOWN_FOR.
    """
    longest = LONGEST_DOWN if down_until_reported and status == DOWN else KNOWN_FOR
    end = min(until, at + longest)
    yield at, min(end - at, KNOWN_FOR)
    for start in range(at + KNOWN_FOR, end, KNOWN_FOR):
        yield start, min(end - start, KNOWN_FOR)
