"""Tasks and notes of the office's people about a contact."""

from datetime import datetime

from jorge_data.vendors.base import Json, StoredCopies
from jorge_data.vendors.gohighlevel.message import agent_of, cut, from_html
from jorge_data.vendors.gohighlevel.names import USERS, office_zone
from jorge_data.vendors.moments import read_moment

STATUSES = {"Create": "open", "Update": "open", "Complete": "completed", "Delete": "deleted"}
"""What the end of a type says of a task or a note: `TaskComplete` is of one that is completed."""


def task_event(fields: Json, conversation: str, seen: StoredCopies, at: datetime, faults: list[str]) -> Json:
    """Return the event of a task: what is to be done, until when, by whom, and whether it is done."""
    given, due = fields.get("dueDate"), read_moment(fields.get("dueDate"), office_zone(seen))
    if given and due is None:
        faults.append(f"dueDate is {str(given)[:80]!r}: allowed is a moment, as in 2026-11-23T14:07:31Z")
    status = "completed" if fields.get("completed") is True else _status(fields)
    title, body = _text(fields, "title"), _text(fields, "body")
    data = {
        "kind": "task",
        "summary": title or body,
        "body": body if title else None,
        "task_id": fields.get("id"),
        "task_status": status,
        "due_at": due.isoformat() if due else None,
        **_agent(fields, ("assignedTo", "userId"), seen),
    }
    return _event(fields, conversation, data, at)


def note_event(fields: Json, conversation: str, seen: StoredCopies, at: datetime) -> Json:
    """Return the event of a note: its text, and who wrote it."""
    data = {
        "kind": "note",
        "body": _text(fields, "body"),
        "note_id": fields.get("id"),
        "note_status": "deleted" if _status(fields) == "deleted" else None,
        **_agent(fields, ("userId", "createdBy"), seen),
    }
    return _event(fields, conversation, data, at)


def _agent(fields: Json, names: tuple[str, ...], seen: StoredCopies) -> Json:
    """Return who did it, by the first of these fields; by the name alone where a workflow gives no more."""
    named = agent_of(next((fields[name] for name in names if fields.get(name)), None), seen.get(USERS, {}))
    return named or ({"agent_name": fields["userName"]} if fields.get("userName") else {})


def _event(fields: Json, conversation: str, data: Json, at: datetime) -> Json:
    data = {"conversation_id": conversation, "contact_id": fields.get("contactId"), "author": "agent", **data}
    present = {name: value for name, value in data.items() if value is not None or name == "contact_id"}
    return {"type": "conversation_event", "time": at.isoformat(), "data": present}


def _status(fields: Json) -> str:
    word = str(fields.get("type"))
    return next((status for end, status in STATUSES.items() if word.endswith(end)), "open")


def _text(fields: Json, name: str) -> str | None:
    value = fields.get(name)
    return cut(from_html(value)) or None if isinstance(value, str) else None
