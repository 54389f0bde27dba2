"""What becomes of a mail that was sent (`LCEmailStats`): delivered, opened, bounced, or its reader unsubscribes."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from jorge_data.events.encoding import show
from jorge_data.events.message_status import RANKS
from jorge_data.events.validation import is_name
from jorge_data.vendors.base import HOLDERS, Json, StoredCopies, Translation, VendorEntity
from jorge_data.vendors.gohighlevel import message
from jorge_data.vendors.gohighlevel.contact import holder_of, mail_address
from jorge_data.vendors.gohighlevel.do_not_contact import consent_event
from jorge_data.vendors.gohighlevel.names import slug

OPTED_OUT = {
    **dict.fromkeys(("unsubscribed", "unsubscribe", "list_unsubscribe", "group_unsubscribe"), "unsubscribed"),
    **dict.fromkeys(
        ("complained", "complaint", "spam", "spamreport", "spam_report", "spam_complaint"), "reported the mail as spam"
    ),
}
"""The events by which a reader opts out of mail, and how that is said."""

DELIVERIES = {
    **{word: status for word, status in message.DELIVERIES.items() if word not in OPTED_OUT},
    **dict.fromkeys(("accepted", "processed"), "sent"),
    **dict.fromkeys(("open", "click"), "read"),
    "failed": "bounced",
}
"""The events of a mail's way, and the delivery of its message: as a message's status says it, but for these words."""


def about_mail(fields: Json) -> list[VendorEntity]:
    """Return the entities that an event of a mail is compared with: the mail, its reader, their conversation."""
    stats, named = stats_of(fields), fields.get("contactId")
    of_contact = [VendorEntity("conversation", named)] if is_name(named) else []
    mail, reader = _mail_of(stats), _reader_of(stats)
    holders = VendorEntity(HOLDERS, reader.id) if reader else None
    return [*of_contact, *(entity for entity in (mail, reader, holders) if entity)]


def mail_stats(fields: Json, seen: StoredCopies, at: datetime, conversation_with: Callable[[str], str]) -> Translation:
    """Translate an event of a mail: its reader opts out, or the message that it was is told with its delivery."""
    stats = stats_of(fields)
    event = slug(str(stats.get("event") or ""))
    if event in OPTED_OUT:
        contact = _contact_of(fields, stats, seen)
        if contact is None:
            return Translation([], {}, ignored="nobody of whom the CRM told has this address: nobody opts out")
        told = {"kind": "opted_out", "author": "contact", "channel": "email", "summary": OPTED_OUT[event]}
        return Translation([consent_event(contact, conversation_with(contact), told, at)], {})
    delivery, mail = DELIVERIES.get(event), _mail_of(stats)
    if delivery is None or (event == "failed" and stats.get("severity") == "temporary"):
        return Translation([], {}, ignored=f"event is {show(stats.get('event'))}: it says nothing of a delivery")
    sent = seen.get(mail) if mail else None
    if mail is None or sent is None:
        return Translation([], {}, ignored="no message is known that was this mail")
    if not _is_further(delivery, sent["data"].get("delivery")):
        return Translation([], {}, ignored="this mail's delivery was told before")
    # Named as `message_events` names it: told by a message's status too, it is the same event.
    name = f"message:{sent['data']['message_id']}:{delivery}"
    message = {**sent, "id": name, "data": {**sent["data"], "delivery": delivery}}
    return Translation([message], {mail: message})


def sent_mail(fields: Json, events: list[Json]) -> dict[VendorEntity, Json]:
    """Return the copy of a mail among the events of a sent message, by the name under which its events come."""
    named = fields.get("emailMessageId")
    sent = [event for event in events if event["data"]["direction"] == "outbound" and event.get("id")]
    return {VendorEntity("mail", named): sent[0]} if sent and is_name(named) else {}


def stats_of(fields: Json) -> Json:
    """Return what is said of a mail: it stands under `webhookPayload`, or in the body itself."""
    given = fields.get("webhookPayload")
    return given if isinstance(given, dict) else fields


def _reader_of(stats: Json) -> VendorEntity | None:
    address = mail_address(stats.get("recipient") or stats.get("email"))
    return VendorEntity("email", address) if address else None


def _mail_of(stats: Json) -> VendorEntity | None:
    """Return the entity of the mail itself, as `OutboundMessage` names it (`emailMessageId`); None without a name."""
    operations = stats.get("lc-operations")
    named = operations.get("email_message_id") if isinstance(operations, dict) else None
    return VendorEntity("mail", named) if is_name(named) else None


def _contact_of(fields: Json, stats: Json, seen: StoredCopies) -> str | None:
    """Return who got a mail: who is named, else whose the address is; None where nobody has it, or not any more."""
    mail, reader = _mail_of(stats), _reader_of(stats)
    sent = seen.get(mail, {}).get("data", {}) if mail else {}
    named = fields.get("contactId") or sent.get("contact_id")
    if is_name(named):
        return named
    return holder_of(seen, reader) if reader else None


def _is_further(delivery: str, before: Any) -> bool:
    return RANKS[delivery] > RANKS.get(before, 0)
