"""The figures of Conversations and contacts."""

from jorge_data.metrics.definitions.definition import Definition
from jorge_data.metrics.definitions.shared import ACTIVE, CONTACTS, WAITING
from jorge_data.metrics.formatting import Unit

EVENT = "conversation_event"
FIGURES = {
    "contacts": Definition(
        "Contacts",
        "Contacts last heard of in the period whom the search and the filters let through; who was heard of later as "
        "well counts there.",
        "count of contacts whose newest event is in the period",
        Unit.COUNT,
        CONTACTS,
        "contacts",
        "no contact matches",
    ),
    "waiting": WAITING,
    "active": ACTIVE,
    "messages": Definition(
        "Messages",
        "Messages in the period, inbound and outbound, by channel where split.",
        "count of events with kind = message, by direction, channel",
        Unit.COUNT,
        EVENT,
        EVENT,
    ),
    "stalls": Definition(
        "Stalls",
        "Stalls that a bot noticed in conversations.",
        "count of events with kind = stall_detected",
        Unit.COUNT,
        EVENT,
        EVENT,
    ),
    "handoffs": Definition(
        "Handoffs",
        "Conversations handed to a person.",
        "count of events with kind = handoff",
        Unit.COUNT,
        EVENT,
        EVENT,
    ),
    "sentiment": Definition(
        "Sentiment",
        "Share of the events that carry a sentiment whose sentiment is positive (or neutral, or negative).",
        "events by sentiment / events with a sentiment",
        Unit.SHARE,
        EVENT,
        EVENT,
        "no event of the period carries a sentiment",
    ),
    "changes": Definition(
        "CRM changes",
        "Changes of contacts in the CRM.",
        "count of events",
        Unit.COUNT,
        "contact_update",
        "contact_update",
    ),
}
