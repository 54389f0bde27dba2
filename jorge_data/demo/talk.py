"""What is said, and what happens, in a conversation."""

from typing import Any

from jorge_data.demo.people import Person
from jorge_data.demo.story import Json, event


def happened(source: str, person: Person, kind: str, /, **data: Any) -> Json:
    return event(
        source,
        "conversation_event",
        conversation_id=person.conversation_id,
        contact_id=person.contact_id,
        kind=kind,
        **data,
    )


def heard(person: Person, body: str, channel: str = "sms") -> Json:
    """The contact wrote; it is the CRM that reports it."""
    return happened("ghl", person, "message", direction="inbound", author="contact", channel=channel, body=body)


def said(source: str, person: Person, body: str, channel: str = "sms", **data: Any) -> Json:
    return happened(source, person, "message", direction="outbound", author="bot", channel=channel, body=body, **data)


def agent_said(person: Person, body: str) -> Json:
    return happened("ghl", person, "message", direction="outbound", author="agent", channel="sms", body=body)


def opted_out(person: Person) -> Json:
    """The last event of a contact's story: nobody writes to them again."""
    return happened("ghl", person, "opted_out", author="contact", channel="sms")
