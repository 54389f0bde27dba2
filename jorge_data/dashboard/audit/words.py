"""The acts of the audit log in words, and the groups in which they are chosen."""

from collections.abc import Mapping
from typing import Any

from jorge_data.metrics.formatting import joined

GROUPS: dict[str, dict[str, str]] = {
    "Logins": {
        "session.begin": "logged in",
        "session.refuse": "was not let in",
        "session.limit": "tried to log in too often",
        "session.end": "logged out",
    },
    "Users": {
        "user.add": "added a user",
        "user.grants": "changed what a user may do",
        "user.disable": "shut a user out",
        "user.enable": "let a user in again",
        "user.reset": "had a user choose a new password",
        "user.password": "chose a password",
    },
    "Refused": {"request.refuse": "was refused"},
    "Needs you": {"needs.act": "acted on what needs you"},
    "Labels": {"label.set": "labelled an analysis"},
    "Contacts": {
        "contact.change": "changed a contact",
        "contact.erase": "had a contact erased",
        "contact.erased": "finished erasing a contact",
        "contact.export": "took along all that is known of a contact",
    },
    "Conversations opened": {
        "transcript.open": "opened a conversation",
        "location.read": "began to read what contacts say",
    },
    "Files downloaded": {"export.download": "downloaded a file", "audit.export": "downloaded the audit log"},
    "Shared views": {"view.share": "shared a view", "view.remove": "removed a shared view"},
    "Tokens and keys": {
        "token.make": "made a token",
        "token.revoke": "revoked a token",
        "key.rotate": "took up a new signing key",
    },
    "The system": {
        "audit.break": "found the audit log changed",
        "location.remove": "removed an office",
        "crm.synchronize": "had the CRM read again",
        "deliveries.retranslate": "had deliveries translated again",
        "rollups.rebuild": "had rollups rebuilt",
        "retention.run": "removed what is old",
        "fields.remove": "removed old fields of events",
        "epoch.begin": "began a log anew for its readers",
        "store.restore": "restored a backup",
    },
}
"""Every act under its group, as a sentence goes on after a name."""

WORDS = {act: words for group in GROUPS.values() for act, words in group.items()}


def state_words(state: Mapping[str, Any] | None) -> str:
    """Write what was before or is after an act: "action: assigned · to: ann"."""
    return joined(*(f"{name.replace('_', ' ')}: {_value(value)}" for name, value in (state or {}).items()))


def role_words(role: str, session: str) -> str:
    """Return in which role something was done, and whether by a token: it may have the name of somebody else."""
    return f"{role}, by a token" if session.startswith("token ") else role


def _value(value: Any) -> str:
    if value is None:
        return "nobody"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
