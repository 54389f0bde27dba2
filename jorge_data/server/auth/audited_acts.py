"""What the audit log gets of what people do by publishing and by reading: ids and choices, never a contact's words."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any, get_args

from jorge_data.events import Event
from jorge_data.permissions import Person
from jorge_data.server.auth.claims import Claims
from jorge_data.server.auth.token_service import action_of
from jorge_data.store import AuditedAction

PEOPLE: frozenset[str] = frozenset(get_args(Person))
Digest = Callable[[str], str]

ONCE_IN = timedelta(minutes=10)
"""How long a transcript that somebody has opened is not written again for him."""


def act_of(event: Event, claims: Claims, digest: Digest) -> AuditedAction | None:
    """Return what the audit log gets of an event that a person published.

    That is an action, a label, an annotation, a change of a contact.
    """
    data, location = event.data, event.locationid
    match event.type:
        case "attention_update":
            about, _, contact = data["item"].partition(":")
            item = f"{about}:{contact_in_audit(location, contact, digest)}" if contact else data["item"]
            after = {name: data[name] for name in ("action", "outcome", "to", "until") if data.get(name) is not None}
            return action_of(claims, "needs.act", item, location, "last", after | _as_whom(data.get("by"), claims))
        case "intent_feedback":
            after = {"category": data["actual_category"]} | _as_whom(data.get("labelled_by"), claims)
            return action_of(claims, "label.set", data["analysis_id"], location, "last", after)
        case "annotation":
            named = data.get("annotation_id") or event.id
            after = {name: data[name] for name in ("from", "to", "deleted") if data.get(name) is not None}
            return action_of(
                claims, "chart.annotate", named, location, "last", after | _as_whom(data.get("by"), claims)
            )
        case "contact_update":
            what = contact_in_audit(location, data["contact_id"], digest)
            return action_of(claims, "contact.change", what, location, *_changed(data))
    return None


def transcript_opened(claims: Claims, location: str, contact: str, digest: Digest) -> AuditedAction:
    """Return what the audit log gets of a contact's timeline that is served, once for each reader in ONCE_IN."""
    what = contact_in_audit(location, contact, digest)
    return action_of(claims, "transcript.open", what, location, once_in=ONCE_IN)


def contact_in_audit(location: str, contact: str, digest: Digest) -> str:
    """Return a contact's id as the audit log has it: a digest of one that is an e-mail address or a phone number.

    The log is for ever, and a contact may be erased: `digest` is the store's, so that nobody finds a number in an
    exported log by trying all.
    """
    return contact if _is_plain(contact) else f"hmac-{digest(f'{location}:{contact}')[:24]}"


def contact_in_older_audit(location: str, contact: str) -> str:
    """Return a contact's id as the audit log had it before the digest had a key."""
    return contact if _is_plain(contact) else f"sha256-{sha256(f'{location}:{contact}'.encode()).hexdigest()[:24]}"


def _is_plain(contact: str) -> bool:
    """Return whether an id is neither an e-mail address nor a phone number."""
    digits = sum(character.isdigit() for character in contact)
    return "@" not in contact and " " not in contact and (digits < 7 or digits * 2 <= len(contact))


def _as_whom(name: Any, claims: Claims) -> dict[str, str]:
    return {"as": name} if isinstance(name, str) and name != claims.subject else {}


def _changed(data: Mapping[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """Return before and after of a change: who has the contact, and of all else the names of the fields alone."""
    changed, before, after = data["changed"], dict[str, Any](), dict[str, Any]()
    if assigned := changed.get("assigned_to"):
        before["assigned_to"], after["assigned_to"] = assigned.get("from"), assigned["to"]
    if "assigned_to" in data:
        after["assigned_to"] = data["assigned_to"]
    after |= {name: data[name] for name in ("deleted", "merged_into") if data.get(name) is not None}
    if fields := sorted(set(changed) - {"assigned_to"}):
        after["fields"] = fields[:50]
    return before or None, after
