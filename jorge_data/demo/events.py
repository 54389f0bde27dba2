"""The events that stories are made of: one function for each thing that a bot, the CRM or a contact reports."""

from collections.abc import Sequence
from random import Random
from typing import Any

from jorge_data.demo.people import Person
from jorge_data.demo.story import Json, Story
from jorge_data.events.envelope import DEMO

SELLER, LEAD, DECODER = "jorge-seller", "lead-bot", "intent-decoder"

_ERRORS = (
    "claude_api: 529 overloaded, retried",
    "claude_api: no answer in 10 s, retried",
    "GoHighLevel: too many requests, waited 2 s",
    "ghl_api: 502 bad gateway, retried",
)

_TYPICAL_MS = {SELLER: 410.0, LEAD: 1800.0, DECODER: 34.0}


def event(source: str, kind: str, /, **data: Any) -> Json:
    return {"source": source, "type": kind, "locationid": DEMO, "data": data}


def event_about(person: Person, source: str, kind: str, /, **data: Any) -> Json:
    return event(source, kind, contact_id=person.contact_id, **data)


def step(bot: str, person: Person, node: str, status: str = "processing", **data: Any) -> Json:
    """A bot works at a node of its graph."""
    return event_about(person, bot, "bot_status_update", bot_type=bot, status=status, current_step=node, **data)


def completed(rng: Random, bot: str, person: Person, node: str) -> Json:
    return step(bot, person, node, "completed", processing_time_ms=_processing_ms(rng, bot))


def sweep(rng: Random, bot: str, node: str) -> Story:
    """A bot looks whether something is due, and rests again."""
    data = {"bot_type": bot, "contact_id": None}
    yield 0.0, event(bot, "bot_status_update", **data, status="processing", current_step=node)
    took = {"processing_time_ms": _processing_ms(rng, bot)}
    yield rng.uniform(4, 14), event(bot, "bot_status_update", **data, status="completed", current_step=node, **took)


def idle(bot: str) -> Json:
    return event(bot, "bot_status_update", bot_type=bot, status="idle", contact_id=None, current_step=None)


def run_nodes(rng: Random, bot: str, person: Person, nodes: tuple[str, ...], pace: tuple[float, float]) -> Story:
    """Go through nodes at this pace (seconds, from–to); now and then one fails and is tried again."""
    for node in nodes:
        yield rng.uniform(*pace), step(bot, person, node, processing_time_ms=_processing_ms(rng, bot))
        if rng.random() < 0.003:
            yield rng.uniform(*pace), step(bot, person, node, "error", error_message=rng.choice(_ERRORS))
            yield rng.uniform(*pace), step(bot, person, node, processing_time_ms=_processing_ms(rng, bot))


def _processing_ms(rng: Random, bot: str) -> float:
    return round(_TYPICAL_MS[bot] * rng.lognormvariate(0, 0.35), 1)


def conversation(person: Person, kind: str, source: str = "ghl", /, **data: Any) -> Json:
    """Something happened in the conversation with a person; `source` reports it, by default the CRM."""
    name = person.conversation_id
    return event_about(person, source, "conversation_event", conversation_id=name, kind=kind, **data)


def message(person: Person, author: str, body: str, source: str = "ghl", channel: str = "sms", **data: Any) -> Json:
    """The contact, the bot or an agent wrote; what the bot has not sent itself is reported by the CRM."""
    direction = "inbound" if author == "contact" else "outbound"
    data = {"direction": direction, "author": author, "channel": channel, "body": body, **data}
    return conversation(person, "message", source, **data)


def opted_out(person: Person) -> Json:
    """The last event of a contact's story: nobody writes to them again."""
    return conversation(person, "opted_out", author="contact", channel="sms")


def contact_update(
    person: Person, changed: dict[str, tuple[Any, Any]], added: Sequence[str] = (), removed: Sequence[str] = ()
) -> Json:
    """Fields of a contact changed in the CRM, from the first value to the second; tags were added and removed."""
    fields = {field: {"from": before, "to": after} for field, (before, after) in changed.items()}
    data = {"name": person.name, "changed": fields, "tags_added": list(added), "tags_removed": list(removed)}
    return event_about(person, "ghl", "contact_update", **data)


def contact_created(person: Person, lead_source: str, *tags: str) -> Json:
    """Introduce a contact; a story begins with it, so that every screen knows the name."""
    address = f"{person.home.address}, {person.home.place}"
    reached = {"phone": person.phone, "email": person.email, "address": address}
    fields = {field: (None, value) for field, value in {**reached, "lead_source": lead_source}.items()}
    update = contact_update(person, fields, tags)
    update["data"] |= {**reached, "url": person.url}
    return update
