"""Appointments: booked, moved, called off."""

from datetime import datetime

from jorge_data.vendors.base import Json
from jorge_data.vendors.gohighlevel.contact import Diff
from jorge_data.vendors.gohighlevel.message import cut

CALLED_OFF = frozenset({"cancelled", "canceled", "deleted", "invalid", "noshow", "no_show"})
_KEPT = ("title", "startTime", "endTime", "appointmentStatus", "calendarId", "contactId", "address")


def appointment_events(was: Json | None, body: Json, conversation: str | None, at: datetime, deleted: bool) -> Diff:
    """Return what a new, changed or removed appointment means; none where neither its time nor its status changed."""
    if was and was["at"] > at.isoformat():
        return Diff([], was)
    given = body.get("appointment")
    if not isinstance(given, dict):
        raise ValueError("appointment is missing: every appointment webhook has one")
    now: Json = {**(was or {}), **{name: given[name] for name in _KEPT if name in given}, "at": at.isoformat()}
    if deleted:
        now["appointmentStatus"] = "deleted"
    if was and all(was.get(name) == now.get(name) for name in ("startTime", "appointmentStatus")):
        return Diff([], now)
    return Diff([_told(str(given.get("id")), now, conversation)], now)


def _told(identifier: str, now: Json, conversation: str | None) -> Json:
    status = str(now.get("appointmentStatus") or "booked")
    off = status.lower() in CALLED_OFF
    data: Json = {
        "conversation_id": conversation or f"contact:{now.get('contactId')}",
        "contact_id": now.get("contactId"),
        "kind": "stage_changed" if off else "appointment_booked",
        "summary": cut(" · ".join(str(part) for part in (now.get("title"), now.get("startTime")) if part), 500),
        "appointment_id": identifier,
        "appointment_status": cut(status, 128),
        "starts_at": now.get("startTime"),
        "calendar_id": now.get("calendarId"),
    }
    if off:
        data["stage"] = cut(f"appointment {status.lower()}", 128)
    told = {name: value for name, value in data.items() if value is not None or name == "contact_id"}
    return {"type": "conversation_event", "time": now["at"], "data": told}
