"""Deals: they open, move through the stages, and are won or lost."""

from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

from jorge_data.demo.calendar import Calendar
from jorge_data.demo.crm import created
from jorge_data.demo.people import Person
from jorge_data.demo.story import DAY, HOUR, In, Json, Story, Timed, event

STAGES = {"prospect": 0.10, "qualified": 0.25, "showing": 0.40, "offer": 0.65, "under_contract": 0.90}
"""Stage and the probability that a deal in it is won."""

_ORDER = tuple(STAGES)
_WON_BEFORE, _OPEN_BEFORE = 1, 7


class Deal(NamedTuple):
    person: Person
    value: int  # US dollars

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
            **dates,
        )

    def at_stage(self, stage: str) -> Json:
        left = len(_ORDER) - _ORDER.index(stage)
        return self.update(stage, expected_close=In(left * 9 * DAY))


def opened(rng: Random, person: Person) -> Story:
    """The whole life of a new deal."""
    deal = Deal(person, person.home.value)
    yield 0.4, deal.at_stage("qualified")
    yield from moves(rng, deal, "qualified")


def moves(rng: Random, deal: Deal, stage: str) -> Story:
    """Go on from a stage, forward only, until the deal is won or lost."""
    for following in _ORDER[_ORDER.index(stage) + 1 :]:
        if rng.random() < 0.12:
            yield rng.uniform(2, 20) * HOUR, deal.update(stage, "lost", closed_at=In(0, "moment"))
            return
        yield rng.uniform(2, 20) * HOUR, deal.at_stage(following)
        stage = following
    yield rng.uniform(3, 20) * HOUR, deal.update("closed", "won", closed_at=In(0, "moment"))


def book(rng: Random, met: Iterator[Person], calendar: Calendar) -> tuple[list[Timed], list[tuple[float, Story]]]:
    """Return what had happened to earlier deals before the day began, and how they go on, each from its offset."""
    past = [timed for _ in range(_WON_BEFORE) for timed in _won(rng, next(met), calendar)]
    waiting: list[tuple[float, Story]] = []
    for _ in range(_OPEN_BEFORE):
        deal, reached = _deal(next(met)), rng.choice(_ORDER)
        past.extend(_history(deal, _ORDER[: _ORDER.index(reached) + 1], -rng.uniform(0.2, 3) * DAY))
        # The first move takes two hours or more, so none falls before the day.
        waiting.append((-rng.uniform(0, 2) * HOUR, moves(rng, deal, reached)))
    return past, waiting


def _deal(person: Person) -> Deal:
    return Deal(person, person.home.value)


def _won(rng: Random, person: Person, calendar: Calendar) -> Iterator[Timed]:
    closed = calendar.offset(calendar.this_month(rng.uniform(0.35, 0.9)))
    deal = Deal(person, rng.randrange(255_000, 385_000, 1000))
    yield from _history(deal, _ORDER, closed - DAY)
    yield closed, deal.update("closed", "won", closed_at=In(0, "moment"))


def _history(deal: Deal, stages: tuple[str, ...], last: float) -> Iterator[Timed]:
    first = last - 6 * DAY * (len(stages) - 1)
    yield first - HOUR, created(deal.person, "referral", ["Listing"])
    for number, stage in enumerate(stages):
        yield first + number * 6 * DAY, deal.at_stage(stage)
