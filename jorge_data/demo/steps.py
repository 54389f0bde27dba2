"""A bot's steps through its graph, by the graph's own node names."""

from random import Random
from typing import Any

from jorge_data.demo.people import Person
from jorge_data.demo.story import Json, Story, event

SELLER, LEAD, DECODER = "jorge-seller", "lead-bot", "intent-decoder"

ERRORS = (
    "claude_api: 529 overloaded, retried",
    "claude_api: no answer in 10 s, retried",
    "ghl_api: 429 rate limit, waited 2 s",
    "ghl_api: 502 bad gateway, retried",
)

_TYPICAL_MS = {SELLER: 410.0, LEAD: 1800.0, DECODER: 34.0}


def step(bot: str, person: Person, node: str, status: str = "processing", **data: Any) -> Json:
    return event(
        bot, "bot_status_update", bot_type=bot, status=status, contact_id=person.contact_id, current_step=node, **data
    )


def walk(rng: Random, bot: str, person: Person, nodes: tuple[str, ...], pace: tuple[float, float]) -> Story:
    """Go through nodes at this pace (seconds, from–to); now and then one fails and is tried again."""
    for node in nodes:
        yield rng.uniform(*pace), step(bot, person, node, processing_time_ms=_lasted(rng, bot))
        if rng.random() < 0.003:
            yield rng.uniform(*pace), step(bot, person, node, "error", error_message=rng.choice(ERRORS))
            yield rng.uniform(*pace), step(bot, person, node, processing_time_ms=_lasted(rng, bot))


def done(rng: Random, bot: str, person: Person, node: str) -> Json:
    return step(bot, person, node, "completed", processing_time_ms=_lasted(rng, bot))


def idle(bot: str) -> Json:
    return event(bot, "bot_status_update", bot_type=bot, status="idle", contact_id=None, current_step=None)


def _lasted(rng: Random, bot: str) -> float:
    return round(_TYPICAL_MS[bot] * rng.lognormvariate(0, 0.35), 1)
