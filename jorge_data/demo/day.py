"""The demo day: all stories woven into one stream in the order of time."""

import heapq
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import count
from random import Random

from jorge_data.demo import health, lead, seller
from jorge_data.demo.calendar import Calendar
from jorge_data.demo.people import people
from jorge_data.demo.story import In, Json, Timed, begins, serve

_FIRST_DAYS = (3, 3, 3, 7)
_SOME_NOON = Calendar(datetime(2026, 11, 23, 14, 0, tzinfo=UTC))


def day(
    seed: int | str, calendar: Calendar = _SOME_NOON, anchor: str = "demo", history: Iterable[Timed] = ()
) -> Iterator[Timed]:
    """Yield office days without end and without nights: the same seed, calendar and anchor give the same events.

    What a history told and tells on is woven in, under the ids that it gave; its offsets before the day are negative.
    """
    numbers = count()
    for offset, event in heapq.merge(history, *_streams(seed), key=begins):
        # Set before the story goes on, which may refer to the event by its id.
        if "id" not in event:
            event["id"] = f"{anchor}-{next(numbers)}"
        yield round(offset, 3), _dated(event, offset, calendar)


def _streams(seed: int | str) -> Iterator[Iterator[Timed]]:
    of_sellers, of_leads = (Random(f"{seed}:{name}") for name in ("sellers", "leads"))
    sellers = (seller.tell(of_sellers, person) for person in people(of_sellers))
    yield serve(sellers, lambda: of_sellers.uniform(0.2, 0.8))
    # Some asked for a call at once: whoever watches for ten minutes sees one made.
    leads = (lead.tell(of_leads, person, of_leads.choice(_FIRST_DAYS)) for person in people(of_leads))
    yield serve(leads, lambda: of_leads.uniform(60, 240))
    yield health.probe(Random(f"{seed}:health"))


def _dated(event: Json, offset: float, calendar: Calendar) -> Json:
    for field, value in event["data"].items():
        if isinstance(value, In):
            event["data"][field] = calendar.write(value, offset)
    return event
