"""A contact's row in the list of contacts, and the one fact by which lists count and filter it."""

from collections.abc import Iterator
from typing import Any

from jorge_data.events.timestamps import rfc3339
from jorge_data.metrics.entities.contact import Contact
from jorge_data.metrics.entities.cube import Fact
from jorge_data.metrics.entities.event_facts import text
from jorge_data.metrics.entities.seller import QUESTIONS
from jorge_data.metrics.entities.sequence import open_due, outcome


def contact_row(contact: Contact) -> dict[str, Any]:
    """Return what the list shows of a contact: its newest answer, step and message, how it is reached.

    Null where there is none. The number is E.164 where it is one; the owner is an agent of the CRM, by its id.
    """
    answer = contact.answers[-1] if contact.answers else None
    seller, due = contact.seller, open_due(contact)
    return {
        "contact_id": contact.key,
        "name": contact.shown_name,
        "at": 0 if contact.is_deleted else contact.at,  # what was never heard of is not listed
        "temperature": answer and answer.temperature,
        "answered": answer and answer.answered,
        "effectiveness": seller and seller.effectiveness,
        "stalled": answer and answer.stalled,
        "next_step": seller and seller.next_step,
        "frs_score": seller and seller.frs_score,
        "pcs_score": seller and seller.pcs_score,
        "sequence_day": contact.steps[-1].day if contact.steps else None,
        "sequence_due": None if due is None else rfc3339(due),
        "outcome": outcome(contact) if contact.steps else None,
        "waiting": contact.waiting,
        "messages": contact.message_count,
        "alerts": contact.alert_count,
        "phone": contact.details.phone or None,
        "email": contact.details.get("email") or None,
        "address": contact.details.get("address") or None,
        "url": contact.details.get("url") or None,
        "owner": contact.details.get("owner") or None,
        "value": contact.value,
    }


def contact_facts(contact: Contact) -> Iterator[Fact]:
    """Return the one fact of a contact, at its newest event; none before the first."""
    if contact.at:
        answer = contact.answers[-1] if contact.answers else None
        seller = answer and answer.temperature, answer and answer.stalled
        step = (outcome(contact), contact.steps[-1].day) if contact.steps else (None, None)
        in_progress = answer and answer.answered < len(QUESTIONS)
        yield Fact("contact_state", contact.at, tuple(map(text, (*seller, *step, contact.waiting, in_progress))))
