"""The intent decoder: one analysis for each thing a contact says, some labelled by a person later."""

from random import Random

from jorge_data.demo.events import DECODER, completed, event, event_about, step
from jorge_data.demo.people import Person
from jorge_data.demo.story import Json, Story

MODEL, OLDER_MODEL = "intent-2.4.1", "intent-2.3.0"
LABELLERS = ("jorge", "maria", "amara")
"""Who of the office labels analyses."""

OLDER_UNTIL = 38
"""Days before the live day on which the newer model came."""

SLOW_WEEK = (24, 17)
"""Days before the live day from and to which the decoder was slow."""

_FEATURES = {
    "buyer": ("budget", "bedrooms", "school_district", "preapproval", "neighborhood"),
    "seller": ("motivation", "timeline", "price", "condition", "relocation"),
    "investor": ("cap_rate", "cash_offer", "portfolio", "rental_yield", "off_market"),
    "curious": ("home_value", "market_trend", "short_reply", "no_timeline"),
}


def _processing_ms(rng: Random) -> float:
    """Around 34 ms; about one in forty is a spike over the target of 42."""
    if rng.random() < 0.025:
        return round(rng.uniform(43, 88), 2)
    return round(min(41.9, max(24.0, rng.gauss(34, 2.8))), 2)


def analysis(
    rng: Random, person: Person, category: str, urgency: str, frs: float | None = None, pcs: float | None = None
) -> Json:
    features = _FEATURES[category]
    return event_about(
        person,
        DECODER,
        "intent_analysis_complete",
        processing_time_ms=_processing_ms(rng),
        confidence_score=round(0.62 + 0.38 * rng.betavariate(9, 2.2), 3),  # mostly above 0.85
        intent_category=category,
        urgency_level=urgency,
        ml_features_triggered=rng.sample(features, rng.randint(2, len(features))),
        frs_score=frs,
        pcs_score=pcs,
        model_version=MODEL,
    )


def backdate(rng: Random, result: Json, days_ago: float) -> None:
    """Make an analysis what the decoder would have reported so long ago: an older model, and one slow week."""
    data = result["data"]
    if days_ago > OLDER_UNTIL:
        data["model_version"] = OLDER_MODEL
        data["confidence_score"] = round(0.55 + 0.43 * rng.betavariate(7, 2.6), 3)
        data["processing_time_ms"] = round(data["processing_time_ms"] * 1.06, 2)
    if SLOW_WEEK[1] <= days_ago < SLOW_WEEK[0]:
        data["processing_time_ms"] = round(data["processing_time_ms"] * rng.uniform(1.1, 1.5), 2)


def decode(rng: Random, person: Person, result: Json) -> Story:
    """The decoder takes up a message and reports its analysis."""
    yield rng.uniform(0.2, 0.5), step(DECODER, person, "analyze")
    yield rng.uniform(0.2, 0.4), result
    yield rng.uniform(1.0, 1.6), completed(rng, DECODER, person, "analyze")


def label(rng: Random, result: Json) -> Json:
    """A person of the team labels an analysis with the actual category; the surer it was, the oftener it was right."""
    category, confidence = result["data"]["intent_category"], result["data"]["confidence_score"]
    is_right = rng.random() < 0.78 + 0.2 * confidence
    actual = category if is_right else rng.choice([other for other in _FEATURES if other != category])
    labelled_by = rng.choice(LABELLERS)
    return event("ghl", "intent_feedback", analysis_id=result["id"], actual_category=actual, labelled_by=labelled_by)
