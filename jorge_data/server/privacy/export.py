"""All that is known of one person, as one JSON object."""

from datetime import datetime
from typing import Any

import orjson

from jorge_data.errors import NotFound
from jorge_data.events.personal import names_one_of
from jorge_data.server.auth.audited_acts import contact_in_audit
from jorge_data.server.privacy.known_person import all_records, find_person
from jorge_data.store import ActName, AuditFilter, SQLiteStore

AUDIT_PAGE = 500

ABOUT_CONTACTS: tuple[ActName, ...] = (
    *("contact.change", "contact.erase", "contact.erased", "contact.export", "transcript.open", "needs.act"),
)
"""The acts whose line names a contact, alone or behind the kind of an item."""

FAMILIES = {"contact": "contacts", "deal": "deals", "conversation": "conversations"}
"""The families of entities of a person, and what each is called in the file."""


def export_person(store: SQLiteStore, location: str, contact: str, at: datetime) -> dict[str, Any]:
    """Return everything that a location has of a contact, the archive included; raise NotFound, DayUnreadable."""
    person = find_person(store, location, [contact])
    ids = person.contacts | person.deals
    eraser = person.eraser(b"")
    events = []
    for record in all_records(store, location):
        text = record.wire.decode()
        if eraser.may_mention(text):
            event = orjson.loads(text)
            if eraser.is_about(record.type, event["subject"], event["data"]):
                events.append(event)
    deliveries = [
        {**row, "body": _json_of(row["body"])}
        for rows in store.erasures.rows("deliveries", location)
        for row in rows
        if names_one_of(row["body"], ids) or eraser.finds(row["body"])
    ]
    copies = [
        {"kind": row["kind"], "id": row["id"], "body": _json_of(row["body"])}
        for rows in store.erasures.rows("crm_entities", location)
        for row in rows
        if row["id"] in ids or names_one_of(row["body"], ids)
    ]
    if not (events or copies or deliveries):
        raise NotFound(f"nothing is known of the contact {contact[:80]!r} in {location}")
    entities = _entities(store, location, person.contacts, person.deals)
    return {
        "exported_at": at,
        "location": location,
        "contacts": sorted(person.contacts),
        "known_as": person.known.as_json(),
        **entities,
        "assigned_to": _assignments(events),
        "events": events,
        "deliveries": deliveries,
        "copies": copies,
        "audit": _acts(store, location, person.contacts),
    }


def _entities(store: SQLiteStore, location: str, contacts: set[str], deals: set[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {name: [] for name in FAMILIES.values()}
    for rows in store.erasures.rows("entities", location):
        for row in rows:
            is_theirs = {
                "contact": row["key"] in contacts,
                "deal": row["key"] in deals,
                "conversation": row["family"] == "conversation"
                and names_one_of(bytes(row["state"]).decode(), contacts),
            }
            if is_theirs.get(row["family"]):
                remembered = {"remembered": orjson.loads(row["state"])}
                found[FAMILIES[row["family"]]].append({"id": row["key"], **orjson.loads(row["summary"]), **remembered})
    return found


def _assignments(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return whose contact it was told to be, and when."""
    assignments = []
    for event in events:
        data = event["data"]
        changed = data.get("changed")
        change = changed.get("assigned_to") if isinstance(changed, dict) else None
        if "assigned_to" in data or isinstance(change, dict):
            to = data["assigned_to"] if "assigned_to" in data else (change or {}).get("to")
            assignments.append({"at": event["time"], "to": to})
    return assignments


def _acts(store: SQLiteStore, location: str, contacts: set[str]) -> list[dict[str, Any]]:
    """Return the lines of the audit log that are about the person: of this office alone, and by the whole id.

    An id is the publisher's to choose: found as a word, `admin` or `every` would be in lines about anybody.
    """
    of_office = AuditFilter(acts=ABOUT_CONTACTS, location=location)
    names = {contact_in_audit(location, each) for each in contacts}
    acts: list[dict[str, Any]] = []
    before: int | None = None
    while page := store.audit.newest(before, AUDIT_PAGE, of_office):
        acts += [
            {"id": each.id, **each.act._asdict()}
            for each in page
            if not names.isdisjoint((each.act.what, each.act.what.partition(":")[2]))
        ]
        before = page[-1].id
    return acts[::-1]


def _json_of(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
