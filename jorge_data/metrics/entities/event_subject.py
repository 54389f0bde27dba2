"""Whom an event is about, whether it is a message or another response of the contact, and why a step failed."""

from typing import Any

from jorge_data.events import Event
from jorge_data.events.consent import consent_in
from jorge_data.events.money import dollars
from jorge_data.events.personal import is_erased
from jorge_data.metrics.formatting import line

_ABOUT_CONTACTS = ("optout", "hot", "callback", "reply", "stall", "overdue", "call", "send", "contact")
"""What an item about a contact is called; `contact` is the contact itself, where nothing of it is open."""


def contact_of(event: Event) -> str | None:
    """Return the contact that an event is about, if it is about one."""
    if event.type == "attention_update":
        return item_about(event) if event.data["item"].partition(":")[0] in _ABOUT_CONTACTS else None
    contact = event.data.get("contact_id") or event.subject
    return contact if isinstance(contact, str) else None


def item_about(event: Event) -> str:
    """Return what the item of an attention_update is about: a contact, a bot or a component by its name."""
    return str(event.data["item"].partition(":")[2])


def name_in(event: Event) -> str | None:
    """Return the name that an event gives its contact, on one line, if it gives one."""
    data = event.data
    name = data.get("contact_name")
    if not name and event.type == "contact_update":
        name = data.get("name") or data["changed"].get("name", {}).get("to")
    return line(name) if isinstance(name, str) and not is_erased(name) else None


def is_erasure(event: Event) -> bool:
    """Return whether an event tells that its contact was erased."""
    return event.type == "contact_update" and event.data.get("erased") is True


def deletion_in(event: Event) -> bool | None:
    """Return whether an event says that its contact or deal was deleted, or is there again; None where it does not."""
    data = event.data
    if event.type == "commission_update":
        return data["status"] == "deleted" or data.get("deleted") is True  # as it was told before there was the status
    if event.type != "contact_update":
        return None
    deleted = data.get("deleted")
    if deleted is None:  # as it was told before there was the field, from one of both to the other
        change = data["changed"].get("deleted", {})
        deleted = change.get("to") if change.get("from") is (not change.get("to")) else None
    return deleted if isinstance(deleted, bool) else None


def failure_in(data: dict[str, Any]) -> str:
    """Return why a step failed, on one line: in words where it says so beside the reason, "" where it does not say."""
    detail = data.get("failure_detail")
    return line(detail if detail and isinstance(detail, str) else data.get("failure_reason"))


def from_contact(data: dict[str, Any]) -> bool:
    """Return whether a message or a call is the contact's own."""
    return data.get("direction") == "inbound" and data.get("author") in (None, "contact")


def is_by_bot(data: dict[str, Any]) -> bool:
    """Return whether a conversation event is a bot's: it wrote it, or tells what it cost."""
    return data.get("author") == "bot" or dollars(data.get("cost_usd")) is not None


def is_conversation_deletion(data: dict[str, Any]) -> bool:
    """Return whether an event says that its conversation was deleted in the CRM."""
    return data["kind"] == "stage_changed" and data.get("conversation_deleted") is True


def message_id_in(data: dict[str, Any]) -> str | None:
    """Return the name of a message or a call, by which it is the same one when it is told again; None without one."""
    name = data.get("message_id") if data["kind"] in ("message", "call_ended") else None
    return f"{data['kind']}:{name}" if isinstance(name, str) and name else None


def is_answer(data: dict[str, Any]) -> bool:
    """Return whether a conversation event is the contact's own message, or a call that the contact began.

    "STOP" and "START" answer nothing, and nobody must answer them.
    """
    return data["kind"] in ("message", "call_started") and from_contact(data) and consent_in(data) is None


def is_response(data: dict[str, Any]) -> bool:
    """Return whether a conversation event is the contact's response: an answer or a booking."""
    return data["kind"] == "appointment_booked" or is_answer(data)
