"""The office's life: what happened before the live hour and how it goes on, at one rate.

The bots' own steps are told from the live hour on: they show who works now, and no figure of the past counts them.
"""

import heapq
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, takewhile
from random import Random
from typing import NamedTuple

from jorge_data.demo import cast, health, intent
from jorge_data.demo.deals import Planned, book
from jorge_data.demo.events import LEAD, SELLER, sweep
from jorge_data.demo.lead import Lead
from jorge_data.demo.people import person
from jorge_data.demo.seller import HOT, Seller
from jorge_data.demo.story import DAY, HOUR, MINUTE, Arrival, Story, Timed, begin_of, play
from jorge_data.demo.team import Desk, with_team

DAYS = 60
"""How far back reaches what is told first: two whole months, so that one can be held against the other."""

YEAR = 365
"""How far back the deals reach, and in the end everything."""

SELLERS_A_DAY, LEADS_A_DAY = 16, 10

_HOURS = (3, 2, 1, 1, 1, 2, 4, 7, 10, 12, 13, 12, 10, 10, 11, 12, 13, 14, 14, 12, 10, 8, 6, 4)
"""How much of a day falls into each hour of the office's clock."""

_WEEKDAYS = (1.1, 1.2, 1.15, 1.1, 1.0, 0.75, 0.6)
_GROWTH_A_YEAR = 0.5
"""A year ago so much less happened, as a share of what happens today."""

_NO_NIGHT_SINCE = -3 * HOUR
"""Since then no hour is quieter than the mean one, so that whoever looks in the night sees the bots at work."""

_NEWCOMERS: tuple[float, ...] = (
    -49 * MINUTE,
    -31 * MINUTE,
    -16 * MINUTE,
    -6 * MINUTE,
    -MINUTE,
    70.0,
    5 * MINUTE,
    13 * MINUTE,
)
_NEWCOMERS += (22 * MINUTE, 34 * MINUTE, 47 * MINUTE)
"""When sellers come around the moment at which somebody begins to watch, whatever the hour."""

_LATE_SHARE = 0.01
_VENDORS = ("ghl", "retell")
"""The sources whose webhooks now and then come late, after a retry."""

VERSION = 5
"""The version of the stories; raise it with every change after which the same seed gives other ones."""


class HistoryId(NamedTuple):
    """Which history it is: that of a seed and of its live hour's begin; the ids of its events begin with it."""

    seed: int
    zero: datetime

    def __str__(self) -> str:
        return f"history{VERSION}-{self.seed}-{self.zero.astimezone(UTC):%Y%m%dT%H%M%SZ}"

    @classmethod
    def of(cls, identifier: str) -> "HistoryId | None":
        """Return the history that an event's id names, None where it names none of this version."""
        match = re.match(rf"history{VERSION}-(-?\d+)-(\d{{8}}T\d{{6}})Z-", identifier)
        return cls(int(match[1]), datetime.strptime(f"{match[2]}Z", "%Y%m%dT%H%M%S%z")) if match else None


_SWEEPS = ((SELLER, "check_silent_sellers"), (LEAD, "check_due_steps"))


def history(history_id: HistoryId, days: int = DAYS) -> Iterator[Timed]:
    """Yield what happened since so many days before `zero`, in its zone, and on without end; by time, always the same.

    Offsets count from `zero`: what was before is negative. Dates in the events are still to be written out.
    """
    seed, zero = history_id
    probes = [
        Arrival(-days * DAY, component, _story(reports, -days * DAY))
        for component, reports in health.reports(seed, days)
    ]
    streams = (
        _sellers(seed, zero, range(-days, 10**6)),
        _leads(seed, zero, range(-days, 10**6)),
        _newcomers(seed, zero),
        _deals(seed, zero, days),
        cast.arrivals(seed, zero, days),
        iter(probes),
        (Arrival(0.0, f"{bot}-sweeps", _sweeps(Random(f"{seed}:{bot}"), bot, node)) for bot, node in _SWEEPS),
    )
    return play(heapq.merge(*streams, key=begin_of), str(history_id))


def earlier(history_id: HistoryId, days: int = DAYS, back: int = YEAR) -> Iterator[Timed]:
    """Yield the stories that began before those of `history` with so many days, as far `back`, the newest first.

    Each is told to its end before the next: nobody seems to wait for what is yet to be told. What `history` has told of
    a deal among them comes again, with the same id.
    """
    seed, zero = history_id
    told = takewhile(lambda planned: planned.begin < -days * DAY, _planned(seed, zero))
    deals = [_dealing(seed, zero, planned) for planned in told if planned.begin >= -back * DAY]
    past = (range(number, number + 1) for number in range(-days - 1, -back - 1, -1))
    others = chain.from_iterable(chain(_sellers(seed, zero, each), _leads(seed, zero, each)) for each in past)
    return chain.from_iterable(play(iter([arrival]), str(history_id)) for arrival in chain(reversed(deals), others))


def _sellers(seed: int, zero: datetime, days: range) -> Iterator[Arrival]:
    for begin, name in _arrivals(seed, zero, days, "seller", SELLERS_A_DAY):
        yield _seller(seed, zero, begin, name)


def _newcomers(seed: int, zero: datetime) -> Iterator[Arrival]:
    for number, after_s in enumerate(_NEWCOMERS):
        yield _seller(seed, zero, HOUR + after_s, f"newcomer-{number}")


def _seller(seed: int, zero: datetime, begin: float, name: str) -> Arrival:
    rng, desk = Random(f"{seed}:{name}"), Desk(zero, begin)
    somebody = person(rng)
    story = _thinned(rng, begin, Seller(rng, somebody, desk).story())
    return Arrival(begin, name, with_team(somebody, desk, story))


def _leads(seed: int, zero: datetime, days: range) -> Iterator[Arrival]:
    for begin, name in _arrivals(seed, zero, days, "lead", LEADS_A_DAY):
        rng, desk = Random(f"{seed}:{name}"), Desk(zero, begin)
        somebody = person(rng)
        story = _thinned(rng, begin, Lead(rng, somebody, desk).story())
        yield Arrival(begin, name, with_team(somebody, desk, story))


def _deals(seed: int, zero: datetime, days: int) -> Iterator[Arrival]:
    """Yield the sellers who begin a deal; those who came before so many days are of the CRM's telling alone."""
    for planned in _planned(seed, zero):
        arrival = _dealing(seed, zero, planned)
        yield arrival if arrival.begin >= -days * DAY else arrival._replace(is_quiet=True)


def _planned(seed: int, zero: datetime) -> Iterator[Planned]:
    since = zero - timedelta(days=YEAR)
    return book(seed, zero, datetime(since.year, since.month, 1, tzinfo=zero.tzinfo))


def _dealing(seed: int, zero: datetime, planned: Planned) -> Arrival:
    rng, desk, somebody = Random(f"{seed}:{planned.name}"), Desk(zero, planned.begin), planned.deal.person
    story = _thinned(rng, planned.begin, Seller(rng, somebody, desk, HOT, planned).story())
    return Arrival(planned.begin, planned.name, with_team(somebody, desk, story))


def _thinned(rng: Random, begin: float, story: Story) -> Story:
    """Leave out the bots' steps before the live hour; backdate what the decoder reported then."""
    waited, now = 0.0, begin
    for gap, event in story:
        waited, now = waited + gap, now + gap
        if now < 0:
            if event["type"] == "bot_status_update":
                continue
            if event["type"] == "intent_analysis_complete":
                intent.backdate(rng, event, -now / DAY)
        yield waited, event
        waited = 0.0


def _sweeps(rng: Random, bot: str, node: str) -> Story:
    while True:
        for gap, event in sweep(rng, bot, node):
            yield gap or rng.uniform(90, 220), event


def _story(timed: Iterator[Timed], begin: float) -> Story:
    """Return the story of what has offsets."""
    for offset, event in timed:
        yield offset - begin, event
        begin = offset


def _arrivals(seed: int, zero: datetime, days: range, what: str, typical: float) -> Iterator[tuple[float, str]]:
    """Yield the offset and the name of each arrival in some days, counted from that of `zero` in its zone."""
    for number in days:
        midnight = datetime(zero.year, zero.month, zero.day, tzinfo=zero.tzinfo) + timedelta(days=number)
        rng = Random(f"{seed}:{what}:{midnight:%Y%m%d}")
        growth = 1 - _GROWTH_A_YEAR * min(1.0, max(0, -number) / YEAR)
        expected = typical * _WEEKDAYS[midnight.weekday()] * growth
        hours = rng.choices(range(24), _HOURS, k=max(1, round(rng.gauss(expected, 0.6 * expected**0.5))))
        moments = [midnight + timedelta(hours=hour, seconds=rng.uniform(0, 3600)) for hour in hours]
        offsets = [(moment.astimezone(UTC) - zero.astimezone(UTC)).total_seconds() for moment in moments]
        if number >= -1:
            offsets += _by_night(rng, (midnight.astimezone(UTC) - zero.astimezone(UTC)).total_seconds(), typical)
        yield from ((offset, f"{what}-{midnight:%Y%m%d}-{index}") for index, offset in enumerate(sorted(offsets)))


def _by_night(rng: Random, midnight: float, typical: float) -> Iterator[float]:
    """Yield who comes besides in the quiet hours, once somebody may be watching."""
    for hour, share in enumerate(_HOURS):
        missing = typical * (1 / len(_HOURS) - share / sum(_HOURS))
        offset = midnight + (hour + rng.random()) * HOUR
        if rng.random() < missing and offset >= _NO_NIGHT_SINCE:
            yield offset


def delivered(rng: Random, stream: Iterator[Timed]) -> Iterator[Timed]:
    """Yield events in the order of delivery: of the vendors' a few come late, none after the live hour has begun."""
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
