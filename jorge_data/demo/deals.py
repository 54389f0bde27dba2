"""Deals: they open, move through the stages, and are won or lost; month by month, what is won comes near the target."""

from collections.abc import Generator, Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from jorge_data.demo.events import contact_created, event
from jorge_data.demo.people import Person, people
from jorge_data.demo.story import DAY, HOUR, In, Json, Story

STAGES = {"prospect": 0.10, "qualified": 0.25, "showing": 0.40, "offer": 0.65, "under_contract": 0.90}
"""Stage and the probability that a deal in it is won."""

_ORDER = tuple(STAGES)

MONTHS_WORTH = 25_000 / 0.06
"""US dollars of deals that win the usual target at the usual rate."""

_LOST_A_MONTH = 5
_LEAD_SOURCES = {"referral": 5, "website": 4, "facebook": 3, "open house": 2}


class DemoDeal(NamedTuple):
    """A deal with one person, and the updates that its life can bring."""

    person: Person
    value: int  # US dollars
    lead_source: str

    def update(self, stage: str, status: str = "open", **dates: Any) -> Json:
        probability = {"open": STAGES.get(stage, 0.0), "won": 1.0}.get(status, 0.0)
        return event(
            "ghl",
            "commission_update",
            deal_id=f"deal-{self.person.contact_id}",
            contact_id=self.person.contact_id,
            name=self.person.home.address,
            deal_value=self.value,
            status=status,
            pipeline_id="listings",
            stage_id=stage,
            stage=stage,
            probability=probability,
            lead_source=self.lead_source,
            **dates,
        )

    def at_stage(self, stage: str, stay_s: float = 9 * DAY) -> Json:
        left = len(_ORDER) - _ORDER.index(stage)
        return self.update(stage, expected_close=In(left * stay_s))

    def closed(self, stage: str, status: str) -> Json:
        return self.update(stage, status, closed_at=In(0, "moment"))


def opened(rng: Random, person: Person, lead_source: str) -> Story:
    """The life of a deal that a hot seller begins: a stage takes hours, so that the live day shows one move."""
    deal = DemoDeal(person, person.home.value, lead_source)
    yield 0.4, deal.at_stage("qualified")
    stage = "qualified"
    for following in _ORDER[2:]:
        if rng.random() < 0.12:
            yield rng.uniform(2, 20) * HOUR, deal.closed(stage, "lost")
            return
        yield rng.uniform(2, 20) * HOUR, deal.at_stage(following)
        stage = following
    yield rng.uniform(3, 20) * HOUR, deal.closed("closed", "won")


def won(rng: Random, deal: DemoDeal, takes_s: float) -> Story:
    """A deal that goes all the way, in so many seconds."""
    waited = yield from _through(rng, deal, _ORDER, takes_s)
    yield waited, deal.closed("closed", "won")


def lost(rng: Random, deal: DemoDeal, takes_s: float) -> Story:
    """A deal that ends at some stage; some contacts just never come back to it."""
    stages = _ORDER[: rng.randint(1, len(_ORDER))]
    waited = yield from _through(rng, deal, stages, takes_s)
    yield waited, deal.closed(stages[-1], rng.choices(("lost", "abandoned"), (5, 1))[0])


def _through(
    rng: Random, deal: DemoDeal, stages: tuple[str, ...], takes_s: float
) -> Generator[tuple[float, Json], None, float]:
    """Go through stages; return how long the deal stays at the last one."""
    weights = [rng.uniform(0.5, 1.5) for _ in stages]
    stay_s = takes_s / sum(weights)
    yield 0.0, contact_created(deal.person, deal.lead_source, ["Listing"])
    waited = 1.0
    for stage, weight in zip(stages, weights, strict=True):
        yield waited, deal.at_stage(stage, stay_s)
        waited = weight * stay_s
    return waited


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
        deal = DemoDeal(next(met), int(value), _lead_source(rng))
        yield _moment(rng, month, day, zero), takes_s, won(rng, deal, takes_s)


def _losses(rng: Random, month: date, zero: datetime) -> Iterator[Plan]:
    met = people(rng)
    for _ in range(_LOST_A_MONTH):
        takes_s = rng.uniform(4, 40) * DAY
        deal = DemoDeal(next(met), rng.randrange(140_000, 520_000, 1000), _lead_source(rng))
        yield _moment(rng, month, rng.randint(1, 28), zero), takes_s, lost(rng, deal, takes_s)


def _moment(rng: Random, month: date, day: int, zero: datetime) -> datetime:
    """A moment of an office day, in the zone of `zero`."""
    midnight = datetime(month.year, month.month, day, tzinfo=zero.tzinfo)
    return (midnight + timedelta(seconds=rng.uniform(9, 17) * HOUR)).astimezone(UTC)


def _lead_source(rng: Random) -> str:
    return rng.choices(tuple(_LEAD_SOURCES), tuple(_LEAD_SOURCES.values()))[0]
