"""The demo day: all stories merged into one stream in the order of time."""

import heapq
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import count
from random import Random

from jorge_data.demo import costs, health
from jorge_data.demo.calendar import Calendar
from jorge_data.demo.lead import Lead
from jorge_data.demo.people import people
from jorge_data.demo.seller import Seller
from jorge_data.demo.story import RelativeDate, Timed, offset_of, serve

_FIRST_DAYS = (3, 3, 3, 7)
_SOME_NOON = Calendar(datetime(2026, 11, 23, 14, 0, tzinfo=UTC))


def day(
    seed: int | str, calendar: Calendar = _SOME_NOON, anchor: str = "demo", history: Iterable[Timed] = ()
) -> Iterator[Timed]:
    """Yield office days without end and without nights: the same seed, calendar and anchor give the same events.

    The events of a history, and how its stories go on, are merged in with the ids they have; offsets before the day
    are negative.
    """
    numbers = count()
    for offset, event in heapq.merge(history, *_streams(seed), key=offset_of):
        # Set before the story goes on, which may refer to the event by its id.
        if "id" not in event:
            event["id"] = f"{anchor}-{next(numbers)}"
        costs.tell(event, offset)
        for field, value in event["data"].items():
            if isinstance(value, RelativeDate):
                event["data"][field] = calendar.write(value, offset)
        yield round(offset, 3), event


def _streams(seed: int | str) -> Iterator[Iterator[Timed]]:
    of_sellers, of_leads = (Random(f"{seed}:{name}") for name in ("sellers", "leads"))
    sellers = (Seller(of_sellers, person).story() for person in people(of_sellers))
    yield serve(sellers, lambda: of_sellers.uniform(0.2, 0.8))
    # Some asked for a call at once: whoever watches for ten minutes sees one made.
    leads = (Lead(of_leads, person).story(of_leads.choice(_FIRST_DAYS)) for person in people(of_leads))
    yield serve(leads, lambda: of_leads.uniform(60, 240))
    yield from health.live(seed)
