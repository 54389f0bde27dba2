"""All that is known of one person, as one JSON object."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import orjson

from jorge_data.errors import NotFound, StoreError
from jorge_data.events.assignment import assignment_in
from jorge_data.events.personal import names_one_of
from jorge_data.server.auth.audited_acts import contact_in_audit, contact_in_older_audit
from jorge_data.server.privacy.known_person import KnownPerson, all_records, find_person
from jorge_data.store import ActName, AuditFilter, Store

AUDIT_PAGE = 500

IN_MEMORY = 8 << 20
"""Bytes of an export that are held in memory; beyond, it is in a file without a name, in the store's folder."""

ABOUT_CONTACTS: tuple[ActName, ...] = (
    *("contact.change", "contact.erase", "contact.erased", "contact.export", "transcript.open", "needs.act"),
)
"""The acts whose line names a contact, alone or behind the kind of an item."""

FAMILIES = {"contact": "contacts", "deal": "deals", "conversation": "conversations"}
"""The families of entities of a person, and what each is called in the file."""


def export_person(store: Store, location: str, contact: str, at: datetime) -> SpooledTemporaryFile[bytes]:
    """Return everything that a location has of a contact, the archive included, as JSON from the file's beginning.

    Raise NotFound, DayUnreadable. The file has no name: it is gone with whoever holds it.
    """
    person = find_person(store, location, [contact])
    with ExitStack() as opened:
        try:
            file = opened.enter_context(SpooledTemporaryFile(IN_MEMORY, dir=str(store.folder)))
            if not _write(file, store, location, person, at):
                raise NotFound(f"nothing is known of the contact {contact[:80]!r} in {location}")
            file.seek(0)
        except OSError as error:
            raise StoreError(f"the export cannot be written: {error.strerror}") from error
        opened.pop_all()
    return file


def _write(file: IO[bytes], store: Store, location: str, person: KnownPerson, at: datetime) -> int:
    """Write the object, one thing of the person after the other; return of how many its office knows him by."""
    assigned: list[dict[str, Any]] = []
    head = {"exported_at": at, "location": location, "contacts": sorted(person.contacts)}
    head |= {"known_as": {name: sorted(getattr(person.known, name)) for name in ("names", "phones", "emails")}}
    head |= _entities(store, location, frozenset(person.contacts), person.deals)
    file.write(orjson.dumps(head, option=orjson.OPT_UTC_Z)[:-1])
    found = _write_list(file, "events", _events(store, location, person, assigned))
    found += _write_list(file, "deliveries", _deliveries(store, location, person))
    found += _write_list(file, "copies", _copies(store, location, person))
    _write_list(file, "assigned_to", assigned)
    _write_list(file, "audit", _acts(store, location, person.contacts))
    file.write(b"}")
    return found


def _write_list(file: IO[bytes], name: str, values: Iterable[Any]) -> int:
    """Write one more member of the object; return how many values it has."""
    count = 0
    file.write(b',"%b":[' % name.encode())
    for count, value in enumerate(values, 1):
        file.write(b"," * (count > 1) + orjson.dumps(value, option=orjson.OPT_UTC_Z))
    file.write(b"]")
    return count


def _events(
    store: Store, location: str, person: KnownPerson, assigned: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Yield the events about the person; add to `assigned` whose contact they tell it to be."""
    eraser = person.eraser(b"")
    for record in all_records(store, location):
        text = record.wire.decode()
        if eraser.may_mention(text):
            event = orjson.loads(text)
            if eraser.is_about(record.type, event["subject"], event["data"]):
                if record.type == "contact_update" and (agent := assignment_in(event["data"])) is not None:
                    assigned.append({"at": event["time"], "to": agent or None})
                yield event


def _deliveries(store: Store, location: str, person: KnownPerson) -> Iterator[dict[str, Any]]:
    ids, eraser = frozenset(person.contacts | person.deals), person.eraser(b"")
    for rows in store.erasures.rows("deliveries", location):
        for row in rows:
            if names_one_of(row["body"], ids) or eraser.finds(row["body"]):
                yield {**row, "body": _json_of(row["body"])}


def _copies(store: Store, location: str, person: KnownPerson) -> Iterator[dict[str, Any]]:
    ids = frozenset(person.contacts | person.deals)
    for rows in store.erasures.rows("crm_entities", location):
        for row in rows:
            if row["id"] in ids or names_one_of(row["body"], ids):
                yield {"kind": row["kind"], "id": row["id"], "body": _json_of(row["body"])}


def _entities(store: Store, location: str, contacts: frozenset[str], deals: set[str]) -> dict[str, list[Any]]:
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


def _acts(store: Store, location: str, contacts: set[str]) -> Iterator[dict[str, Any]]:
    """Yield the lines of the audit log that are about the person: of this office alone, and by the whole id.

    An id is the publisher's to choose: found as a word, `admin` or `every` would be in lines about anybody.
    """
    of_office = AuditFilter(acts=ABOUT_CONTACTS, location=location)
    names = {contact_in_audit(location, each, store.digest) for each in contacts}
    names |= {contact_in_older_audit(location, each) for each in contacts}
    after = 0
    while page := store.audit.after(after, AUDIT_PAGE, of_office):
        for each in page:
            if not names.isdisjoint((each.act.what, each.act.what.partition(":")[2])):
                yield {"id": each.id, **each.act._asdict()}
        after = page[-1].id


def _json_of(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
