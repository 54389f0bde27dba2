"""Appointments: booked, moved, cancelled."""

from datetime import datetime, tzinfo

from jorge_data.events.encoding import show
from jorge_data.vendors.base import Json
from jorge_data.vendors.gohighlevel.contact import Diff
from jorge_data.vendors.gohighlevel.deletion import changed_at, deleted, is_deleted
from jorge_data.vendors.gohighlevel.message import agent_of, cut
from jorge_data.vendors.moments import read_moment, zone_of

CANCELLED = frozenset({"cancelled", "canceled", "deleted", "invalid", "noshow", "no_show"})
_ZONES = ("selectedTimezone", "timezone", "timeZone")
_COPIED = ("title", "startTime", "endTime", "appointmentStatus", "calendarId", "contactId", "address", "assignedUserId")


def appointment_events(
    was: Json | None, fields: Json, conversation: str, users: Json, office: tzinfo, at: datetime
) -> Diff:
    """Return the event of a new or changed appointment; none where neither its time nor its status changed.

    A body older than the copy changes nothing; one that trails behind a deletion is not to be passed.
    """
    if was and not is_deleted(was) and was["at"] > at.isoformat():
        return Diff([], was)
    faults: list[str] = []
    gone = ("deleted", "appointmentStatus") if is_deleted(was) else ()
    old = {name: value for name, value in (was or {}).items() if name not in gone}
    now: Json = {
        **old,
        **given(fields, office, faults),
        "at": max(at.isoformat(), old.get("at", "")),
        "changed_at": changed_at(was, fields, at),
    }
    return _changed(was, now, fields, conversation, users)._replace(faults=tuple(faults))


def appointment_deleted(
    was: Json | None, fields: Json, conversation: str, users: Json, office: tzinfo, at: datetime
) -> Diff:
    """Return the event of a deleted appointment, once."""
    now = {
        **given(fields, office, []),
        **deleted(was, at),
        "contactId": fields["contactId"],
        "appointmentStatus": "deleted",
    }
    return _changed(was, now, fields, conversation, users)


def given(fields: Json, office: tzinfo, faults: list[str]) -> Json:
    """Return what a body says of an appointment; a time without a zone is in that beside it, else in the office's."""
    copied = {name: fields[name] for name in _COPIED if name in fields}
    named = next((fields[name] for name in _ZONES if fields.get(name)), None)
    zone = zone_of(named) or office
    if named and zone_of(named) is None:
        faults.append(f"selectedTimezone is {show(named)}: allowed is the name of a zone, as in America/Chicago")
    for name in ("startTime", "endTime"):
        value = copied.get(name)
        moment = read_moment(value, zone)
        if value and moment is None:
            faults.append(f"{name} is {show(value)}: allowed is a moment, as in 2026-11-23T14:07:31-06:00")
            del copied[name]
        elif moment and not _has_zone(value):
            copied[name] = moment.astimezone(zone).isoformat()
    return copied


def _has_zone(value: object) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _changed(was: Json | None, now: Json, fields: Json, conversation: str, users: Json) -> Diff:
    if was and all(was.get(name) == now.get(name) for name in ("startTime", "appointmentStatus")):
        return Diff([], now)
    return Diff([_event(str(fields.get("id")), now, conversation, users)], now)


def _event(identifier: str, now: Json, conversation: str, users: Json) -> Json:
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
        **agent_of(now.get("assignedUserId"), users),
    }
    if cancelled:
        data["stage"] = cut(f"appointment {status.lower()}", 128)
    present = {name: value for name, value in data.items() if value is not None or name == "contact_id"}
    return {"type": "conversation_event", "time": now["at"], "data": present}
