"""Who a contact is, by all that is stored: its other ids, its deals, and what it is known by."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from jorge_data.events import Record
from jorge_data.events.personal import Eraser, Identifiers, contacts_in
from jorge_data.store import Store

PAGE = 2_000

Json = dict[str, Any]


@dataclass
class KnownPerson:
    """The ids of one person (those that were merged are one), those of its deals, what it is known by."""

    contacts: set[str]
    deals: set[str] = field(default_factory=set)
    known: Identifiers = field(default_factory=Identifiers)
    events: int = 0
    """Events about it, the archived ones among them."""

    def eraser(self, key: bytes) -> Eraser:
        """Return what takes the person out of texts."""
        return Eraser(key, self.contacts, self.deals, self.known)


def stored_records(store: Store, location: str) -> Iterator[Record]:
    """Yield every event of a location's log that has not been archived, around what cannot be read."""
    bounds = store.bounds(location)
    position = bounds.oldest - 1
    while position < bounds.top:
        page = store.read(location, position, PAGE)
        yield from page.records
        if page.position <= position:
            return
        position = page.position


def all_records(store: Store, location: str) -> Iterator[Record]:
    """Yield every event of a location, the archived ones first; raise DayUnreadable."""
    for path in store.archive.listed(location):  # without tidying up: another thread may be writing
        yield from store.archive.scan(path)
    yield from stored_records(store, location)


def find_person(store: Store, location: str, contacts: Iterable[str]) -> KnownPerson:
    """Return the person that these ids are of, by everything that is stored of a location."""
    person = KnownPerson(set(contacts))
    merged = _merged(store, location)
    while more := {other for pair in merged if pair & person.contacts for other in pair} - person.contacts:
        person.contacts |= more
    person.deals = _deals(store, location, person.contacts)
    eraser = person.eraser(b"")
    for record in all_records(store, location):
        text = record.wire.decode()
        if eraser.may_mention(text):
            event = orjson.loads(text)
            if eraser.is_about(record.type, event["subject"], event["data"]):
                person.events += 1
                person.known.read(event["data"], deal=record.type == "commission_update")
    for rows in store.erasures.rows("crm_entities", location):
        for row in rows:
            if row["kind"] == "contact" and row["id"] in person.contacts:
                person.known.read(orjson.loads(row["body"]))
    _share(store, location, person)
    return person


def _share(store: Store, location: str, person: KnownPerson) -> None:
    """Note what is not the person's own alone: a couple's number, a line of the office, a name that is a stage's."""
    pattern, eraser = person.known.pattern(shared=True), person.eraser(b"")
    if pattern is None:
        return
    for record in all_records(store, location):
        text = record.wire.decode()
        if pattern.search(text):
            event = orjson.loads(text)
            about = record.type, event["subject"], event["data"]
            if not eraser.is_about(*about):
                person.known.leave(event["data"])
                if contacts_in(*about):
                    person.known.share(event["data"])
    for rows in store.erasures.rows("crm_entities", location):
        for row in rows:
            if row["kind"] == "contact" and row["id"] not in person.contacts:
                person.known.share(orjson.loads(row["body"]))


def _merged(store: Store, location: str) -> list[set[str]]:
    """Return each pair of contacts that were merged."""
    pairs = []
    for record in all_records(store, location):
        if b'"merged_into"' in record.wire:
            event = orjson.loads(record.wire)
            if isinstance(into := event["data"].get("merged_into"), str):
                pairs += [{name, into} for name in contacts_in(record.type, event["subject"], event["data"])]
    return pairs


def _deals(store: Store, location: str, contacts: set[str]) -> set[str]:
    deals = set()
    for rows in store.erasures.rows("entities", location):
        for row in rows:
            if row["family"] == "deal" and orjson.loads(row["summary"]).get("contact_id") in contacts:
                deals.add(row["key"])
    return deals
