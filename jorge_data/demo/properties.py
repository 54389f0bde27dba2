"""Properties matched to people who look for one."""

from random import Random

from jorge_data.demo.people import Person, home
from jorge_data.demo.steps import LEAD
from jorge_data.demo.story import Json, event

_TYPES = ("new_match", "price_drop", "back_on_market", "market_opportunity")


def alert(rng: Random, person: Person, number: int) -> Json:
    found = home(rng)
    kind = rng.choices(_TYPES, (60, 25, 8, 7))[0]
    return event(
        LEAD,
        "property_alert",
        contact_id=person.contact_id,
        alert_id=f"alert-{person.contact_id}-{number}",
        property_id=f"mls-{rng.randrange(10**6, 10**7)}",
        match_score=round(rng.triangular(62, 99, 88), 1),
        alert_type=kind,
        property={
            "address": found.address,
            "price": found.value,
            "bedrooms": found.bedrooms,
            "bathrooms": found.bathrooms,
            "sqft": found.sqft,
        },
        reasons=_reasons(rng, kind, found.bedrooms),
    )


def _reasons(rng: Random, kind: str, bedrooms: int) -> list[str]:
    first = {
        "new_match": "listed today",
        "price_drop": f"${rng.randrange(8, 36)},000 below last week's price",
        "back_on_market": "the buyer's financing fell through",
        "market_opportunity": f"{rng.randint(5, 12)} % under comparable sales",
    }[kind]
    others = (
        f"{bedrooms} bedrooms, as asked",
        "within the budget",
        "20 minutes to work",
        "in the school district asked for",
    )
    return [first, *rng.sample(others, 2)]
