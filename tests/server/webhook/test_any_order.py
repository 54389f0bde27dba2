"""Webhooks about one contact come in any order: where their own clocks order them, they come to the same facts."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from jorge_data.events.consent import CHANNELS
from jorge_data.metrics.entities.contact import Contact
from jorge_data.metrics.entities.contact_row import contact_row
from jorge_data.metrics.entities.deal import Deal, deal_row
from jorge_data.metrics.entities.opt_out import out_runs
from jorge_data.metrics.rules import Rules
from jorge_data.server.webhook.interpretation import Interpretation
from jorge_data.server.webhook.vendors import vendors_of
from jorge_data.settings import Settings
from jorge_data.store import Delivery
from jorge_data.vendors import Json, VendorEntity

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)
RULES = Rules(ZoneInfo("America/Chicago"))
# Once, and not for each example: settings are read from the environment, which is none of what is tried here.
INTERPRETATION = Interpretation(vendors_of(Settings(_env_file=None)), 0.06)  # type: ignore[call-arg]


def moment(minute: int) -> str:
    return (NOW - timedelta(minutes=60 - minute)).isoformat()


_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "name": st.sampled_from(["Ann", "Ann Lee"]),
    "city": st.sampled_from(["Austin", "", None]),
    "phone": st.sampled_from(["+15125550147", "512-555-0148"]),
    "tags": st.sampled_from([["Cold-Seller"], ["Hot-Seller"], ["Warm-Seller", "dnc"]]),
    "dnd": st.booleans(),
    "dndSettings": st.sampled_from([{"SMS": {"status": "active"}}, {"SMS": {"status": "inactive"}}]),
}
_DEAL: dict[str, st.SearchStrategy[Any]] = {
    "monetaryValue": st.sampled_from([0, 7, "$350k"]),
    "status": st.sampled_from(["open", "won", "lost"]),
    "name": st.sampled_from(["12 Oak St", "Oak"]),
    "pipelineStageName": st.sampled_from(["Offer", "Showing"]),
}
_CONSENT = ("dnd", "dndSettings", "tags")
_contact = st.fixed_dictionaries({"type": st.just("ContactUpdate"), "id": st.just("ann")}, optional=_FIELDS)
_without_consent = st.fixed_dictionaries(
    {"type": st.just("ContactUpdate"), "id": st.just("ann")},
    optional={name: values for name, values in _FIELDS.items() if name not in _CONSENT},
)
_deal = st.fixed_dictionaries(
    {"type": st.just("OpportunityUpdate"), "id": st.just("d"), "contactId": st.just("ann")}, optional=_DEAL
)
_deletion = st.sampled_from([{"type": "ContactDelete", "id": "ann"}, {"type": "OpportunityDelete", "id": "d"}])
_message = st.fixed_dictionaries(
    {
        "type": st.just("OutboundMessage"),
        "contactId": st.just("ann"),
        "messageId": st.sampled_from(["m1", "m2"]),
        "messageType": st.just("SMS"),
        "userId": st.just("sam"),
        "body": st.just("Hello"),
        "status": st.sampled_from(["pending", "sent", "delivered", "read", "failed"]),
    }
)


def _reply(*texts: str) -> st.SearchStrategy[Json]:
    fixed = {"type": st.just("InboundMessage"), "contactId": st.just("ann"), "messageType": st.just("SMS")}
    return st.fixed_dictionaries({**fixed, "body": st.sampled_from(texts)})


_OTHERS = _deal | _deletion | _message
# What the CRM says of consent, or what the contact says: each is ordered by its own clocks, and neither by the other's.
_WEBHOOKS = st.lists(_contact | _reply("hi") | _OTHERS, max_size=9) | st.lists(
    _without_consent | _reply("hi", "STOP", "START") | _OTHERS, max_size=9
)


def clocked(webhooks: list[Json]) -> list[Json]:
    """Return webhooks each with a moment of its own; a message has that of its first, however often it is told."""
    firsts: dict[str, str] = {}
    told = []
    for minute, webhook in enumerate(webhooks):
        at = moment(minute)
        if webhook["type"].endswith("Message"):
            webhook = {"messageId": f"in-{minute}", **webhook}
            told.append({**webhook, "dateAdded": firsts.setdefault(webhook["messageId"], at)})
        else:
            told.append({**webhook, "timestamp" if webhook["type"].endswith("Delete") else "dateUpdated": at})
    return told


def facts(webhooks: list[Json]) -> Json:
    """Return what is known in the end, after webhooks that came in this order."""
    copies: dict[VendorEntity, Json] = {}
    seen: set[str] = set()
    contact, deal = Contact("ann"), Deal("d")
    for number, webhook in enumerate(webhooks):
        delivery = Delivery("a", "ghl", f"k{number}", webhook["type"], NOW, orjson.dumps(webhook))
        interpreted = INTERPRETATION.translate(delivery, copies)
        assert interpreted.state != "failed", interpreted.error
        copies |= interpreted.copies
        for candidate in interpreted.candidates:
            event = candidate.event._replace(seq=len(seen) + 1)
            if event.id not in seen:
                seen.add(event.id)
                (deal if event.type == "commission_update" else contact).apply(event, RULES)
    row, deals = contact_row(contact), deal_row(deal, RULES) if deal.versions else {"at": 0}
    out = [channel for channel in CHANNELS if any(run.ended is None for run in out_runs(contact.consents, channel))]
    known = {name: row[name] for name in ("name", "temperature", "messages")}
    # Since when a contact is blocked is known from the webhook that told of the change, and not where it was overtaken.
    known["waiting"] = None if out else row["waiting"]
    return {  # of what is deleted nothing else is shown
        "contact": None if contact.is_deleted else {**known, "opted out": out},
        "reached": [touch.at for touch in contact.touches],
        "deal": {name: deals[name] for name in ("status", "value", "stage", "name")} if deals["at"] else None,
    }


@settings(max_examples=400, deadline=None)
@given(_WEBHOOKS.map(clocked).flatmap(lambda told: st.tuples(st.just(told), st.permutations(told))))
def test_any_order_of_arrival_comes_to_the_same_facts(orders: tuple[list[Json], list[Json]]) -> None:
    in_order, shuffled = orders
    assert facts(shuffled) == facts(in_order)
