"""The acts of the audit log in words, and the groups in which they are chosen."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from zoneinfo import ZoneInfo

from jorge_data.dashboard.ui.navigation import ENTRIES
from jorge_data.events import parse_moment
from jorge_data.metrics.formatting import joined, number, write_moment
from jorge_data.metrics.names import field_words
from jorge_data.metrics.wall.event_sentences import OUTCOMES

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
    "Charts": {"chart.annotate": "marked a time on the charts"},
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
        "store.move": "moved everything that is stored",
    },
}
"""Every act under its group, as a sentence goes on after a name."""

WHO = {
    "event-server": "the event server",
    "command-line": "a command on the server",
    "anonymous": "somebody on the server's machine",
    "an unknown name": "nobody who is known here",
}
"""Who in the log is nobody's name."""

WORDS = {act: words for group in GROUPS.values() for act, words in group.items()}


WAYS = {
    "the dashboard": "on the dashboard",
    "polling": "events",
    "the stream": "events as they come",
    "the socket": "events as they come",
    "Socket.IO": "events as they come",
    "rows": "a list",
    "figures": "what needs somebody, and names",
    "deliveries": "webhooks that failed",
    "refusals": "events that were refused",
}
"""By what somebody began to read, in words."""

TITLES = {entry.path: entry.title for entry in ENTRIES}
NEEDS: dict[str, str] = {
    "component": "a part of the system",
    "bot": "a bot",
    "optout": "an opt-out",
    "hot": "a hot seller",
    "callback": "a call back",
    "call": "a call without an outcome",
    "stall": "a seller who stalled",
    "send": "a message that was not sent",
    "reply": "an answer that is owed",
    "overdue": "a step that is overdue",
}
"""What needs somebody, in words."""

LOGINS = {"password": "by a password", "oidc": "by the company's login", "proxy": "by the company's proxy"}
FORMATS = {"csv": "CSV", "xlsx": "Excel", "parquet": "Parquet", "ndjson": "JSON lines"}

LONGEST_ID = 12
"""Letters of an id that are read: of a longer one its end tells as much."""

_DIGEST = re.compile(r"(?:hmac|sha256)-[0-9a-f]+")
_REQUEST = re.compile(r"^(?:[A-Z]+ /\S*|[a-zA-Z. ]{1,40}): (?=.)")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")


def role_words(role: str, session: str) -> str:
    """Return in which role something was done, and whether by a token: it may have the name of somebody else."""
    return f"{role}, by a token" if session.startswith("token ") else role


def who_words(name: str) -> str:
    """Write who did something."""
    return WHO.get(name, name)


def subject_words(entry: Mapping[str, Any], name: Callable[[str], str] = str) -> str:
    """Write to what an act was done, as a sentence goes on after it; "" where the act says it all.

    `name` returns the name of a contact, or its id where that is not known.
    """
    act, what = str(entry["act"]), str(entry["what"])
    if what == entry["by"]:
        return ""
    if contact := contact_of(entry):
        about = NEEDS.get(what.partition(":")[0], "") if act.startswith("needs.") else ""
        return joined(about, _whose(contact, name(contact)))
    write = _SUBJECTS.get(act) or _SUBJECTS.get(act.partition(".")[0], str)
    return write(_DIGEST.sub("whose id is a number or an address", what))


def contact_of(entry: Mapping[str, Any]) -> str | None:
    """Return the contact to whom something was done, None where there is none, or none whose page is left."""
    act, what = str(entry["act"]), str(entry["what"])
    if act.startswith("needs."):
        about, _, what = what.partition(":")
        return what if what and about not in ("bot", "component") else None
    is_of_contact = act.startswith(("contact.", "transcript.")) and not act.startswith("contact.erase")
    return what if is_of_contact and what and not _DIGEST.search(what) else None


def _whose(contact: str, name: str) -> str:
    """Write a contact: its name, else its id, of a long one the end."""
    if name != contact:
        return name
    return f"a contact, {_ending(contact)}" if len(contact) > LONGEST_ID else f"contact {contact}"


def _refusal(what: str) -> str:
    said = _REQUEST.sub("", what)
    return f"{said[:1].upper()}{said[1:]}"


def _item(what: str) -> str:
    about, _, whose = what.partition(":")
    return joined(NEEDS.get(about, about), whose)


def _token(what: str) -> str:
    described, colon, _ = what.rpartition(": ")
    return f"of the {described}" if colon else _ending(what)


def _ending(what: str) -> str:
    return f"its id ends in {what[-6:]}"


def _reading(what: str) -> str:
    way, _, position = what.partition(", from ")
    return joined(WAYS.get(way, way), f"from number {number(int(position) + 1)} on" if position.isdigit() else "")


def _file(what: str) -> str:
    path, _, ending = what.partition(", ")
    page, _, part = path.partition("/")
    return joined(TITLES.get(page, page), part.replace("-", " ").replace("_", " "), FORMATS.get(ending, ending))


def _nothing(what: str) -> str:
    return ""


_SUBJECTS: dict[str, Callable[[str], str]] = {
    "session.limit": _nothing,
    "key": _nothing,
    "crm": _nothing,
    "request": _refusal,
    "needs": _item,
    "contact": "contact {}".format,
    "transcript": "contact {}".format,
    "label": lambda what: f"of a message, {_ending(what)}",
    "chart": "annotation {}".format,
    "token": _token,
    "location.read": _reading,
    "export": _file,
    "audit.export": lambda what: FORMATS.get(what, what),
    "view": lambda what: f"of {TITLES.get(what, what)}",
}
"""How what an act was done to is written, by the act or by all that begin so."""


def state_words(state: Mapping[str, Any] | None, zone: ZoneInfo | None = None) -> str:
    """Write what was before or is after an act: "action: assigned · to: ann"; moments in the office's zone."""
    return joined(*(_told(name, value, zone) for name, value in (state or {}).items()))


def _told(name: str, value: Any, zone: ZoneInfo | None) -> str:
    match name:
        case "grants":
            return ", ".join(map(_grant, value)) or "nothing granted"
        case "may_log_in":
            return "may log in" if value else "may not log in"
        case "times" | "rows" | "events" | "entries" | "sessions" if isinstance(value, int):
            word = {"sessions": "logins"}.get(name, name)
            return f"{number(value)} {word if value != 1 else word.removesuffix('s')}"
        case "keys" | "hash":
            return ""
        case "by" if value == "a link":
            return "by a link"
        case "fields" if isinstance(value, list):
            return f"fields: {', '.join(field_words(str(each)) for each in value)}"
        case "outcome":
            return f"outcome: {OUTCOMES.get(value, value)}"
        case "login":
            return LOGINS.get(value, str(value))
    return f"{name.replace('_', ' ')}: {_value(value, zone)}"


def _grant(grant: Mapping[str, Any]) -> str:
    agent = f" as {grant['agent_id']}" if grant.get("agent_id") else ""
    return f"{grant['role']} at {grant['location'] or 'every office'}{agent}"


def _value(value: Any, zone: ZoneInfo | None) -> str:
    if value is None:
        return "nobody"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if zone is not None and isinstance(value, str) and _MOMENT.fullmatch(value):
        with suppress(ValueError):
            moment = parse_moment(value).astimezone(zone)
            return write_moment(moment, year=True)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
