"""The ninety days before the demo day: the same stories in a quieter office, without most of the bots' steps."""

import heapq
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple

from jorge_data.demo import health, intent
from jorge_data.demo.deals import book
from jorge_data.demo.lead import Lead
from jorge_data.demo.people import people
from jorge_data.demo.seller import Seller
from jorge_data.demo.story import DAY, HOUR, MINUTE, Story, Timed, offset_of, timeline
from jorge_data.demo.team import with_team

DAYS = 90
SELLERS_A_DAY, LEADS_A_DAY = 8, 9
_COMPLETED_SHARE = 0.25

_HOURS = (1, 0, 0, 0, 0, 0, 2, 5, 9, 12, 13, 12, 10, 10, 11, 11, 12, 14, 15, 13, 10, 7, 4, 2)
"""How much of a day falls into each hour of the office's clock."""

_WEEKDAYS = (1.1, 1.2, 1.15, 1.1, 1.0, 0.75, 0.55)
_GROWTH = (0.7, 1.3)
"""The events of the first and of the last day, as a multiple of a typical day's; between them it grows."""

_LATE_SHARE = 0.01
_VENDORS = ("ghl", "retell")
"""The sources whose webhooks now and then come late, after a retry."""

VERSION = 4
"""The version of the stories; raise it with every change after which the same seed gives other ones."""


class HistoryId(NamedTuple):
    """Which history it is: that of a seed, up to a moment; the ids of its events begin with it."""

    seed: int
    zero: datetime

    def __str__(self) -> str:
        return f"history{VERSION}-{self.seed}-{self.zero.astimezone(UTC):%Y%m%dT%H%M%SZ}"

    @classmethod
    def of(cls, identifier: str) -> "HistoryId | None":
        """Return the history that an event's id names, None where it names none of this version."""
        match = re.fullmatch(rf"history{VERSION}-(-?\d+)-(\d{{8}}T\d{{6}})Z-\d+", identifier)
        return cls(int(match[1]), datetime.strptime(f"{match[2]}Z", "%Y%m%dT%H%M%S%z")) if match else None


def history(history_id: HistoryId, days: int = DAYS) -> Iterator[Timed]:
    """Yield what happened in so many days before `zero`, in its zone, and how it goes on; by time, always the same.

    Offsets count from `zero`: what was before is negative. Dates in the events are still to be written out.
    """
    stories = (timeline(begin, story) for begin, story in _stories(history_id, days))
    reports = health.past(history_id.seed, days)
    for number, (offset, event) in enumerate(heapq.merge(*stories, *reports, key=offset_of)):
        # Set before the story goes on, which may refer to the event by its id.
        event["id"] = f"{history_id}-{number}"
        yield offset, event


def _stories(history_id: HistoryId, days: int) -> Iterator[tuple[float, Story]]:
    seed, zero = history_id
    of_sellers, of_leads = (Random(f"{seed}:{name} of history") for name in ("sellers", "leads"))
    for begin in _arrivals(of_sellers, zero, days, SELLERS_A_DAY):
        rng = Random(of_sellers.getrandbits(64))
        person = next(people(rng))
        yield begin, with_team(person, _thinned(rng, begin, Seller(rng, person, lists=0).story()))
    for begin in _arrivals(of_leads, zero, days, LEADS_A_DAY):
        rng = Random(of_leads.getrandbits(64))
        person = next(people(rng))
        yield begin, with_team(person, _thinned(rng, begin, Lead(rng, person).story()))
    yield from book(seed, zero, zero - timedelta(days=days))


def _thinned(rng: Random, begin: float, story: Story) -> Story:
    """Leave out a bot's steps except errors and a share of what it completed; backdate what the decoder reports."""
    waited, now = 0.0, begin
    for gap, event in story:
        waited, now = waited + gap, now + gap
        if event["type"] == "bot_status_update":
            is_end = event["data"]["status"] in ("completed", "error")
            if not (is_end and rng.random() < _COMPLETED_SHARE):
                continue
        elif event["type"] == "intent_analysis_complete":
            intent.backdate(rng, event, -now / DAY)
        yield waited, event
        waited = 0.0


def _arrivals(rng: Random, zero: datetime, days: int, typical: float) -> Iterator[float]:
    """Yield the offset of each arrival in so many whole days before `zero`, in its zone, and in its own day so far."""
    for number in range(days + 1):
        midnight = datetime(zero.year, zero.month, zero.day, tzinfo=zero.tzinfo) - timedelta(days=days - number)
        first, last = _GROWTH
        expected = typical * _WEEKDAYS[midnight.weekday()] * (first + (last - first) * number / days)
        for _ in range(max(0, round(rng.gauss(expected, expected**0.5)))):
            hour = rng.choices(range(24), _HOURS)[0]
            moment = midnight + timedelta(hours=hour, seconds=rng.uniform(0, 3600))
            offset = (moment.astimezone(UTC) - zero.astimezone(UTC)).total_seconds()
            if offset < 0:
                yield offset


def delivered(rng: Random, stream: Iterator[Timed]) -> Iterator[Timed]:
    """Yield events in the order of delivery: of the vendors' a few come late, but none after the live day has begun."""
    late: list[tuple[float, int, Timed]] = []
    for number, timed in enumerate(stream):
        offset, event = timed
        while late and late[0][0] <= offset:
            yield heapq.heappop(late)[2]
        if offset < 0 and event["source"] in _VENDORS and rng.random() < _LATE_SHARE:
            heapq.heappush(late, (min(0.0, offset + rng.uniform(10 * MINUTE, 5 * HOUR)), number, timed))
        else:
            yield timed
    while late:
        yield heapq.heappop(late)[2]
