"""The demo day: all stories woven into one stream in the order of time."""

import heapq
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

from jorge_data.demo import deals, health, lead, seller, sequence
from jorge_data.demo.calendar import Calendar
from jorge_data.demo.line import serve, timeline
from jorge_data.demo.people import people
from jorge_data.demo.story import In, Json, Timed

_SOME_NOON = Calendar(datetime(2026, 11, 23, 14, 0, tzinfo=UTC))


def day(seed: int, calendar: Calendar = _SOME_NOON, anchor: str = "demo") -> Iterator[Timed]:
    """Yield office days without end and without nights: the same seed, calendar and anchor give the same events.

    The first events have negative offsets: they tell what stood before the day began.
    """
    for number, (offset, event) in enumerate(heapq.merge(*_streams(seed, calendar), key=_offset)):
        # Set before the story goes on, which may refer to the event by its id.
        event["id"] = f"{anchor}-{number}"
        yield round(offset, 3), _dated(event, offset, calendar)


def _streams(seed: int, calendar: Calendar) -> Iterator[Iterator[Timed]]:
    of_sellers, of_leads, of_deals = (Random(f"{seed}:{name}") for name in ("sellers", "leads", "deals"))
    new_leads, clients = people(of_leads), people(of_deals)
    steps, due = sequence.roster(of_leads, new_leads, lead.follow)
    book, going_on = deals.book(of_deals, clients, calendar)
    yield iter(sorted(steps + book, key=_offset))
    yield from (timeline(begins, story) for begins, story in going_on)
    sellers = (seller.tell(of_sellers, person) for person in people(of_sellers))
    yield serve([], sellers, lambda: of_sellers.uniform(0.2, 0.8))
    leads = (lead.tell(of_leads, person) for person in new_leads)
    yield serve(due, leads, lambda: of_leads.uniform(60, 240))
    yield health.probe(Random(f"{seed}:health"))


def _dated(event: Json, offset: float, calendar: Calendar) -> Json:
    for field, value in event["data"].items():
        if isinstance(value, In):
            event["data"][field] = calendar.write(value, offset)
    return event


def _offset(timed: Timed) -> float:
    return timed[0]
