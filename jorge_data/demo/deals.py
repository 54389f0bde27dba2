"""Deals: they open, move through the stages, and are won or lost; month by month, what is won comes near the target."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import chain, takewhile
from random import Random
from typing import Any, NamedTuple

from jorge_data.demo.events import contact_created, event_about
from jorge_data.demo.people import Person, people
from jorge_data.demo.story import DAY, HOUR, Json, RelativeDate, Story

STAGES = {"prospect": 0.10, "qualified": 0.25, "showing": 0.40, "offer": 0.65, "under_contract": 0.90}
"""Stage and the probability that a deal in it is won."""

_ORDER = tuple(STAGES)

MONTHS_WORTH = 25_000 / 0.06
"""US dollars of deals that win the usual target at the usual rate."""

_LOST_A_MONTH = 5
_LEAD_SOURCES = {"referral": 5, "website": 4, "facebook": 3, "open house": 2}


class DemoDeal(NamedTuple):
    """A deal with one person."""

    person: Person
    value: int  # US dollars
    lead_source: str
    stage_s: float = 9 * DAY  # how long a stage is expected to take

    def story(self, stages: Sequence[str], stays_s: Sequence[float], status: str) -> Story:
        """Stay so many seconds at each of these stages, then close as won, lost or abandoned."""
        waited = 0.4
        for stage, stay_s in zip(stages, stays_s, strict=True):
            remaining = len(_ORDER) - _ORDER.index(stage)
            yield (
                waited,
                self._update(stage, "open", STAGES[stage], expected_close=RelativeDate(remaining * self.stage_s)),
            )
            waited = stay_s
        stage, probability = ("closed", 1.0) if status == "won" else (stages[-1], 0.0)
        yield waited, self._update(stage, status, probability, closed_at=RelativeDate(0, "moment"))

    def _update(self, stage: str, status: str, probability: float, **dates: Any) -> Json:
        return event_about(
            self.person,
            "ghl",
            "commission_update",
            deal_id=f"deal-{self.person.contact_id}",
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


def listing(rng: Random, person: Person, lead_source: str) -> Story:
    """Return the deal that a hot seller begins: a stage takes hours, so that the live day shows one move."""
    stages = (_ORDER[1], *takewhile(lambda _: rng.random() >= 0.12, _ORDER[2:]))
    status = "won" if stages[-1] == _ORDER[-1] else "lost"
    return DemoDeal(person, person.home.value, lead_source).story(
        stages, [rng.uniform(2, 20) * HOUR for _ in stages], status
    )


def book(seed: int, zero: datetime, since: datetime) -> Iterator[tuple[float, Story]]:
    """Yield each deal that closes after `since` and has begun by `zero`: the offset of its begin, and its story."""
    month = date(since.year, since.month, 1)
    for _ in range(8):
        rng = Random(f"{seed}:book:{month}")
        met = people(rng)
        for day, value, status in [*_wins(rng), *_losses(rng)]:
            closes = datetime(month.year, month.month, day, tzinfo=zero.tzinfo)
            closes = (closes + timedelta(seconds=rng.uniform(9, 17) * HOUR)).astimezone(UTC)  # in office hours
            takes_s = (rng.uniform(24, 45) if status == "won" else rng.uniform(4, 40)) * DAY
            begin = (closes - zero).total_seconds() - takes_s
            # A lost deal ends at any stage.
            stages = _ORDER if status == "won" else _ORDER[: rng.randint(1, len(_ORDER))]
            weights = [rng.uniform(0.5, 1.5) for _ in stages]
            stage_s = takes_s / sum(weights)
            lead_source = rng.choices(tuple(_LEAD_SOURCES), tuple(_LEAD_SOURCES.values()))[0]
            deal = DemoDeal(next(met), value, lead_source, stage_s)
            if closes >= since and begin < 0:
                created: Story = iter([(0.0, contact_created(deal.person, lead_source, "Listing"))])
                yield begin, chain(created, deal.story(stages, [weight * stage_s for weight in weights], status))
        month = (month + timedelta(days=32)).replace(day=1)


def _wins(rng: Random) -> Iterator[tuple[int, int, str]]:
    """Yield a month's one to three wins: day, value and status; the first is in the first days."""
    worth = MONTHS_WORTH * rng.uniform(0.75, 1.3)
    shares = [rng.uniform(1, 1.6) for _ in range(rng.choice((1, 2, 2, 3)))]
    for number, share in enumerate(shares):
        day = rng.randint(5, 28) if number else rng.randint(1, 3)
        yield day, int(round(worth * share / sum(shares), -3)), "won"


def _losses(rng: Random) -> Iterator[tuple[int, int, str]]:
    """Yield a month's losses; some contacts just never come back to it."""
    for _ in range(_LOST_A_MONTH):
        yield rng.randint(1, 28), rng.randrange(140_000, 520_000, 1000), rng.choices(("lost", "abandoned"), (5, 1))[0]
