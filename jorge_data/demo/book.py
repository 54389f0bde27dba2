"""The book of deals: month by month, what is won comes near the target, and some of the rest is lost."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random

from jorge_data.demo.deals import Deal, lost, won
from jorge_data.demo.people import people
from jorge_data.demo.story import DAY, HOUR, Story

MONTHS_WORTH = 25_000 / 0.06
"""US dollars of deals that win the usual target at the usual rate."""

_LOST_A_MONTH = 5
_LEAD_SOURCES = {"referral": 5, "website": 4, "facebook": 3, "open house": 2}


def book(seed: int, zero: datetime, since: datetime) -> Iterator[tuple[float, Story]]:
    """Yield each deal that ends after `since` and has begun by `zero`: the offset of its begin, and its story."""
    month = date(since.year, since.month, 1)
    for _ in range(8):
        rng = Random(f"{seed}:book:{month}")
        for closes, takes_s, story in [*_wins(rng, month, zero), *_losses(rng, month, zero)]:
            ends = (closes - zero).total_seconds()
            if closes >= since and ends - takes_s < 0:
                yield ends - takes_s, story
        month = (month + timedelta(days=32)).replace(day=1)


Plan = tuple[datetime, float, Story]
"""When a deal closes, how many seconds it takes until then, and its story."""


def _wins(rng: Random, month: date, zero: datetime) -> Iterator[Plan]:
    """One to three; the first in the first days of the month."""
    met, worth = people(rng), MONTHS_WORTH * rng.uniform(0.75, 1.3)
    shares = [rng.uniform(1, 1.6) for _ in range(rng.choice((1, 2, 2, 3)))]
    days = [rng.randint(1, 3), *(rng.randint(5, 28) for _ in shares[1:])]
    for share, day in zip(shares, days, strict=True):
        value = round(worth * share / sum(shares), -3)
        takes_s = rng.uniform(24, 45) * DAY
        deal = Deal(next(met), int(value), _lead_source(rng))
        yield _moment(rng, month, day, zero), takes_s, won(rng, deal, takes_s)


def _losses(rng: Random, month: date, zero: datetime) -> Iterator[Plan]:
    met = people(rng)
    for _ in range(_LOST_A_MONTH):
        takes_s = rng.uniform(4, 40) * DAY
        deal = Deal(next(met), rng.randrange(140_000, 520_000, 1000), _lead_source(rng))
        yield _moment(rng, month, rng.randint(1, 28), zero), takes_s, lost(rng, deal, takes_s)


def _moment(rng: Random, month: date, day: int, zero: datetime) -> datetime:
    """A moment of an office day, in the zone of `zero`."""
    midnight = datetime(month.year, month.month, day, tzinfo=zero.tzinfo)
    return (midnight + timedelta(seconds=rng.uniform(9, 17) * HOUR)).astimezone(UTC)


def _lead_source(rng: Random) -> str:
    return rng.choices(tuple(_LEAD_SOURCES), tuple(_LEAD_SOURCES.values()))[0]
