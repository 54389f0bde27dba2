"""The ninety days before the demo day: the same stories, in a quieter office, thinned to what is looked at later."""

import heapq
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple

from jorge_data.demo import health, intent, lead, seller
from jorge_data.demo.arrivals import arrivals
from jorge_data.demo.book import book
from jorge_data.demo.care import cared_for
from jorge_data.demo.line import timeline
from jorge_data.demo.people import people
from jorge_data.demo.story import DAY, Json, Story, Timed, begins

DAYS = 90
SELLERS_A_DAY, LEADS_A_DAY = 8, 9
_STEPS_KEPT = 0.25

VERSION = 2
"""Of the stories: raised when the same seed would tell other ones."""


class Telling(NamedTuple):
    """Which history it is: that of a seed, up to a moment; its events carry the name in their ids."""

    seed: int
    zero: datetime

    def __str__(self) -> str:
        return f"history{VERSION}-{self.seed}-{self.zero.astimezone(UTC):%Y%m%dT%H%M%SZ}"

    @classmethod
    def of(cls, identifier: str) -> "Telling | None":
        """Return the history of this version that an event's id is from."""
        match = re.fullmatch(rf"history{VERSION}-(-?\d+)-(\d{{8}}T\d{{6}})Z-\d+", identifier)
        return cls(int(match[1]), datetime.strptime(f"{match[2]}Z", "%Y%m%dT%H%M%S%z")) if match else None


def history(telling: Telling, days: int = DAYS) -> Iterator[Timed]:
    """Yield what happened in so many days before `zero`, in its zone, and how it goes on; by time, always the same.

    Offsets count from `zero`: what was before is negative. Dates in the events are still to be written out.
    """
    stories = (timeline(at, story) for at, story in _stories(telling, days))
    reports = health.past(telling.seed, days)
    for number, (offset, event) in enumerate(heapq.merge(*stories, *reports, key=begins)):
        # Set before the story goes on, which may refer to the event by its id.
        event["id"] = f"{telling}-{number}"
        yield offset, event


def _stories(telling: Telling, days: int) -> Iterator[tuple[float, Story]]:
    seed, zero = telling
    of_sellers, of_leads = (Random(f"{seed}:{name} of history") for name in ("sellers", "leads"))
    for begin in arrivals(of_sellers, zero, days, SELLERS_A_DAY):
        rng = Random(of_sellers.getrandbits(64))
        person = next(people(rng))
        yield begin, cared_for(person, _thinned(rng, begin, seller.tell(rng, person, lists=0)))
    for begin in arrivals(of_leads, zero, days, LEADS_A_DAY):
        rng = Random(of_leads.getrandbits(64))
        person = next(people(rng))
        yield begin, cared_for(person, _thinned(rng, begin, lead.tell(rng, person)))
    yield from book(seed, zero, zero - timedelta(days=days))


def _thinned(rng: Random, begin: float, story: Story) -> Story:
    """Leave out what a bot does on the way, keep a share of what it completed, and let analyses be of their time."""
    waited, now = 0.0, begin
    for gap, event in story:
        waited, now = waited + gap, now + gap
        if event["type"] == "bot_status_update" and not _stays(rng, event):
            continue
        if event["type"] == "intent_analysis_complete":
            intent.as_of(rng, event, -now / DAY)
        yield waited, event
        waited = 0.0


def _stays(rng: Random, step: Json) -> bool:
    return step["data"]["status"] in ("completed", "error") and rng.random() < _STEPS_KEPT
