"""Deals: hot sellers begin them; they move through the stages, and are won or lost within sixty days.

Month by month, two to four are won, worth about what the target asks for.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from random import Random
from typing import Any, NamedTuple

from jorge_data.demo.events import contact_created, event_about
from jorge_data.demo.people import Person, person
from jorge_data.demo.story import DAY, HOUR, Json, RelativeDate, Story

STAGES = {"prospect": 0.10, "qualified": 0.25, "showing": 0.40, "offer": 0.65, "under_contract": 0.90}
"""Stage and the probability that a deal in it is won."""

_ORDER = tuple(STAGES)

MONTHS_WORTH = 25_000 / 0.06
"""US dollars of deals that win the usual target at the usual rate."""

_LOST_A_MONTH = 5
_LEAD_SOURCES = {"referral": 5, "website": 4, "facebook": 3, "open house": 2}
_STAGE_S = 9 * DAY
"""How long a stage is expected to take."""


class DemoDeal(NamedTuple):
    """A deal with one person: through which stages it goes, and how much of its time it spends in each."""

    person: Person
    lead_source: str
    status: str  # won | lost | abandoned
    stages: tuple[str, ...]
    shares: tuple[float, ...]

    def story(self, takes_s: float) -> Story:
        """Go through the stages in so many seconds, then close."""
        waited = 0.0
        for stage, share in zip(self.stages, self.shares, strict=True):
            closes = RelativeDate((len(_ORDER) - _ORDER.index(stage)) * _STAGE_S)
            yield waited, self._update(stage, "open", STAGES[stage], expected_close=closes)
            waited = takes_s * share / sum(self.shares)
        stage, probability = ("closed", 1.0) if self.status == "won" else (self.stages[-1], 0.0)
        yield waited, self._update(stage, self.status, probability, closed_at=RelativeDate(0, "moment"))

    def without_bots(self, takes_s: float) -> Story:
        """Go through the deal of somebody whom no bot has met."""
        created: Story = iter([(0.0, contact_created(self.person, self.lead_source, "Listing"))])
        return chain(created, self.story(takes_s))

    def _update(self, stage: str, status: str, probability: float, **dates: Any) -> Json:
        return event_about(
            self.person,
            "ghl",
            "commission_update",
            deal_id=f"deal-{self.person.contact_id}",
            name=self.person.home.address,
            deal_value=self.person.home.value,
            status=status,
            pipeline_id="listings",
            stage_id=stage,
            stage=stage,
            probability=probability,
            lead_source=self.lead_source,
            **dates,
        )


class Planned(NamedTuple):
    """A deal that closes at an offset, so long after its seller came."""

    closes: float
    takes_s: float
    name: str
    deal: DemoDeal

    @property
    def begin(self) -> float:
        return self.closes - self.takes_s


def book(seed: int, zero: datetime, since: datetime) -> Iterator[Planned]:
    """Yield each deal that closes from a month on, month after month without end, by when its seller came."""
    month, waiting = date(since.year, since.month, 1), list[Planned]()
    while True:
        waiting += _of_month(seed, zero, month)
        month = (month + timedelta(days=32)).replace(day=1)
        following = datetime(month.year, month.month, 1, tzinfo=zero.tzinfo).astimezone(UTC)
        # No deal of a later month has come by then.
        safe = (following - zero.astimezone(UTC)).total_seconds() - _LONGEST_S
        yield from sorted((planned for planned in waiting if planned.begin < safe), key=lambda each: each.begin)
        waiting = [planned for planned in waiting if planned.begin >= safe]


_LONGEST_S = 58 * DAY


def _of_month(seed: int, zero: datetime, month: date) -> Iterator[Planned]:
    rng = Random(f"{seed}:book:{month}")
    for number, (day, value, status) in enumerate([*_wins(rng), *_losses(rng)]):
        # In office hours; what is won on the first, early.
        hour = rng.uniform(9, 11) if day == 1 else rng.uniform(9, 17)
        midnight = datetime(month.year, month.month, day, tzinfo=zero.tzinfo)
        closes = (midnight + timedelta(seconds=hour * HOUR)).astimezone(UTC)
        takes_s = rng.randint(*(26, 56) if status == "won" else (5, 45)) * DAY + rng.uniform(-4, 4) * HOUR
        # A lost deal ends at any stage.
        stages = _ORDER if status == "won" else _ORDER[: rng.randint(1, len(_ORDER))]
        shares = tuple(rng.uniform(0.5, 1.5) for _ in stages)
        lead_source = rng.choices(tuple(_LEAD_SOURCES), tuple(_LEAD_SOURCES.values()))[0]
        deal = DemoDeal(person(rng, value), lead_source, status, stages, shares)
        offset = (closes - zero.astimezone(UTC)).total_seconds()
        yield Planned(offset, takes_s, f"deal-{month:%Y%m}-{number}", deal)


def _wins(rng: Random) -> Iterator[tuple[int, int, str]]:
    """Yield a month's two to four wins: day, value and status; the first is on one of the first days."""
    shares = [rng.uniform(1, 1.6) for _ in range(rng.choices((2, 3, 4), (3, 4, 2))[0])]
    worth = MONTHS_WORTH * rng.uniform(0.75, 1.2) * (0.85 + 0.05 * len(shares))
    for number, share in enumerate(shares):
        day = rng.randint(4, 28) if number else 1
        yield day, int(round(worth * share / sum(shares), -3)), "won"


def _losses(rng: Random) -> Iterator[tuple[int, int, str]]:
    """Yield a month's losses; some contacts just never come back to it."""
    for _ in range(_LOST_A_MONTH):
        yield rng.randint(1, 28), rng.randrange(165_000, 560_000, 1000), rng.choices(("lost", "abandoned"), (5, 1))[0]
