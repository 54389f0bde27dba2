"""Deals: they open, move through the stages, and are won or lost."""

from collections.abc import Generator
from random import Random
from typing import Any, NamedTuple

from jorge_data.demo.crm import created
from jorge_data.demo.people import Person
from jorge_data.demo.story import DAY, HOUR, In, Json, Story, event

STAGES = {"prospect": 0.10, "qualified": 0.25, "showing": 0.40, "offer": 0.65, "under_contract": 0.90}
"""Stage and the probability that a deal in it is won."""

_ORDER = tuple(STAGES)


class Deal(NamedTuple):
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
    deal = Deal(person, person.home.value, lead_source)
    yield 0.4, deal.at_stage("qualified")
    stage = "qualified"
    for following in _ORDER[2:]:
        if rng.random() < 0.12:
            yield rng.uniform(2, 20) * HOUR, deal.closed(stage, "lost")
            return
        yield rng.uniform(2, 20) * HOUR, deal.at_stage(following)
        stage = following
    yield rng.uniform(3, 20) * HOUR, deal.closed("closed", "won")


def won(rng: Random, deal: Deal, takes_s: float) -> Story:
    """A deal that goes all the way, in so many seconds."""
    waited = yield from _through(rng, deal, _ORDER, takes_s)
    yield waited, deal.closed("closed", "won")


def lost(rng: Random, deal: Deal, takes_s: float) -> Story:
    """A deal that ends at some stage; some contacts just never come back to it."""
    stages = _ORDER[: rng.randint(1, len(_ORDER))]
    waited = yield from _through(rng, deal, stages, takes_s)
    yield waited, deal.closed(stages[-1], rng.choices(("lost", "abandoned"), (5, 1))[0])


def _through(
    rng: Random, deal: Deal, stages: tuple[str, ...], takes_s: float
) -> Generator[tuple[float, Json], None, float]:
    """Go through stages; return how long the deal stays at the last one."""
    weights = [rng.uniform(0.5, 1.5) for _ in stages]
    stay_s = takes_s / sum(weights)
    yield 0.0, created(deal.person, deal.lead_source, ["Listing"])
    waited = 1.0
    for stage, weight in zip(stages, weights, strict=True):
        yield waited, deal.at_stage(stage, stay_s)
        waited = weight * stay_s
    return waited
