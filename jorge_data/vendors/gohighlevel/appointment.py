"""Appointments: booked, moved, cancelled."""

from datetime import datetime

from jorge_data.vendors.base import Json
from jorge_data.vendors.gohighlevel.contact import Diff
from jorge_data.vendors.gohighlevel.deletion import changed_at, deleted, is_deleted
from jorge_data.vendors.gohighlevel.message import cut

CANCELLED = frozenset({"cancelled", "canceled", "deleted", "invalid", "noshow", "no_show"})
_COPIED = ("title", "startTime", "endTime", "appointmentStatus", "calendarId", "contactId", "address")


def appointment_events(was: Json | None, fields: Json, conversation: str, at: datetime) -> Diff:
    """Return the event of a new or changed appointment; none where neither its time nor its status changed.

    A body older than the copy changes nothing; one that trails behind a deletion is not to be passed.
    """
    if was and not is_deleted(was) and was["at"] > at.isoformat():
        return Diff([], was)
    gone = ("deleted", "appointmentStatus") if is_deleted(was) else ()
    old = {name: value for name, value in (was or {}).items() if name not in gone}
    now: Json = {
        **old,
        **{name: fields[name] for name in _COPIED if name in fields},
        "at": max(at.isoformat(), old.get("at", "")),
        "changed_at": changed_at(was, fields, at),
    }
    return _changed(was, now, fields, conversation)


def appointment_deleted(was: Json | None, fields: Json, conversation: str, at: datetime) -> Diff:
    """Return the event of a deleted appointment, once."""
    given = {name: fields[name] for name in _COPIED if name in fields}
    now = {**given, **deleted(was, at), "contactId": fields["contactId"], "appointmentStatus": "deleted"}
    return _changed(was, now, fields, conversation)


def _changed(was: Json | None, now: Json, fields: Json, conversation: str) -> Diff:
    if was and all(was.get(name) == now.get(name) for name in ("startTime", "appointmentStatus")):
        return Diff([], now)
    return Diff([_event(str(fields.get("id")), now, conversation)], now)


def _event(identifier: str, now: Json, conversation: str) -> Json:
    status = str(now.get("appointmentStatus") or "booked")
    cancelled = status.lower() in CANCELLED
    data: Json = {
        "conversation_id": conversation,
        "contact_id": now.get("contactId"),
        "kind": "stage_changed" if cancelled else "appointment_booked",
        "summary": cut(" · ".join(str(part) for part in (now.get("title"), now.get("startTime")) if part), 500),
        "appointment_id": identifier,
        "appointment_status": cut(status, 128),
        "starts_at": now.get("startTime"),
        "calendar_id": now.get("calendarId"),
    }
    if cancelled:
        data["stage"] = cut(f"appointment {status.lower()}", 128)
    present = {name: value for name, value in data.items() if value is not None or name == "contact_id"}
    return {"type": "conversation_event", "time": now["at"], "data": present}
