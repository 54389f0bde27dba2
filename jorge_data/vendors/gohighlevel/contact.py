"""Contacts: what changed against the copy last seen, which is all that tells, for webhooks carry whole contacts."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

import orjson

from jorge_data.vendors.base import Json, VendorEntity
from jorge_data.vendors.gohighlevel.message import cut
from jorge_data.vendors.gohighlevel.names import Names, slug
from jorge_data.vendors.phone import normalize

FIELDS = {
    "address1": "address",
    "assignedTo": "assigned_to",
    "city": "city",
    "companyName": "company_name",
    "contactType": "contact_type",
    "country": "country",
    "dateOfBirth": "date_of_birth",
    "dnd": "dnd",
    "dndSettings": "dnd_settings",
    "email": "email",
    "name": "name",
    "phone": "phone",
    "postalCode": "postal_code",
    "source": "lead_source",
    "state": "state",
    "timezone": "timezone",
    "website": "website",
}
"""Which fields are compared, and what a `contact_update` calls them; ids and dates of the record itself are not."""

MAX_VALUE = 250
CHANGES_AN_EVENT = 25
"""Both so that the largest contact still fits into events of 64 KiB; a tag is a change as well."""

MOST = 1_000
"""Custom fields, and tags, of one contact that are compared: with 30,000 one contact held everybody up for a second."""

FIELDS_CUT, TAGS_CUT = "custom_fields_cut", "tags_cut"
"""Under which names a contact says how many more there are."""


class Diff(NamedTuple):
    """What a delivery means for one entity: the events, and the copy to keep."""

    events: list[Json]
    seen: Json


def read_contact(body: Json, names: Names) -> Json:
    """Return a contact as it is kept: fields by our names, tags, and custom fields by id; what is absent stays out."""
    fields = {ours: body[theirs] for theirs, ours in FIELDS.items() if theirs in body}
    whole = " ".join(str(body[part]) for part in ("firstName", "lastName") if body.get(part))
    if not fields.get("name") and whole:
        fields["name"] = whole
    if isinstance(fields.get("dnd_settings"), dict):
        fields["dnd_settings"] = _channels(fields["dnd_settings"])
    contact: Json = {"fields": fields, "custom": dict(_custom(body, names))}
    if "tags" in body:
        contact["tags"] = _tags(body["tags"])
    return contact


def contact_events(was: Json | None, body: Json, names: Names, at: datetime) -> Diff:
    """Return what a whole or partial contact changes in the copy: what is not in the body is as it was.

    A body older than the copy changes nothing.
    """
    if was and was["at"] > at.isoformat():
        return Diff([], was)
    old: Json = was or {"fields": {}, "custom": {}, "tags": []}
    read = read_contact(body, names)
    now = _bounded(
        {
            "at": at.isoformat(),
            "fields": old["fields"] | read["fields"],
            "custom": old["custom"] | read["custom"],
            "tags": read.get("tags", old["tags"]),
        }
    )
    changed = dict(_changes(old, now, names))
    if old.get("deleted"):
        changed["deleted"] = {"from": True, "to": False}
    return Diff(_updates(str(body.get("id")), old, now, changed, first=was is None), now)


def contact_deleted(was: Json | None, identifier: str, at: datetime) -> Diff:
    """Return the event of a contact's removal; the copy is kept and marked, so that nothing older revives it."""
    if was and (was.get("deleted") or was["at"] > at.isoformat()):
        return Diff([], was)
    old: Json = was or {"fields": {}, "custom": {}, "tags": []}
    now = {**old, "at": at.isoformat(), "deleted": True}
    return Diff(_updates(identifier, old, now, {"deleted": {"from": False, "to": True}}, first=False), now)


def phone_of(contact: Json) -> VendorEntity | None:
    """Return under what a contact's number is kept, so that a call can be told whose it is."""
    number = normalize(contact["fields"].get("phone"))
    return VendorEntity("phone", number) if number else None


def _bounded(contact: Json) -> Json:
    """Return a contact with the first of its many custom fields and tags; those that were known come first."""
    custom, tags = contact["custom"], contact["tags"]
    more = {FIELDS_CUT: ("fields", len(custom) - MOST), TAGS_CUT: ("tags", len(tags) - MOST)}
    notes = {name: f"[cut: {count:,} {what}]" for name, (what, count) in more.items() if count > 0}
    return contact | {
        "fields": contact["fields"] | notes,
        "custom": dict(islice(custom.items(), MOST)),
        "tags": tags[:MOST],
    }


def _changes(was: Json, now: Json, names: Names) -> Iterator[tuple[str, Json]]:
    for field, value in now["fields"].items():
        if _differ(was["fields"].get(field), value):
            yield field, {"from": _shown(was["fields"].get(field)), "to": _shown(value)}
    for identifier, value in now["custom"].items():
        if _differ(was["custom"].get(identifier), value):
            field = names.field(identifier)
            yield (
                (slug(field) if field != identifier else field)[:128],
                {"from": _shown(was["custom"].get(identifier)), "to": _shown(value)},
            )


def _differ(was: Any, now: Any) -> bool:
    """Say whether a value changed; to have none and to be empty are the same."""
    return was != now and not (was in (None, "", []) and now in (None, "", []))


def _updates(identifier: str, was: Json, now: Json, changed: Json, first: bool) -> list[Json]:
    had, has = set(was["tags"]), set(now["tags"])  # a contact may have thousands
    added = [tag for tag in now["tags"] if tag not in had]
    removed = [tag for tag in was["tags"] if tag not in has]
    items: list[tuple[str, Any]] = [("changed", each) for each in changed.items()]
    items += [("tags_added", tag) for tag in added] + [("tags_removed", tag) for tag in removed]
    name = now["fields"].get("name")
    told = {"contact_id": identifier, "name": cut(name) if isinstance(name, str) and name else None}
    parts = (items[n : n + CHANGES_AN_EVENT] for n in range(0, len(items), CHANGES_AN_EVENT))
    seen = {"first_seen": True} if first else {}
    return [{"type": "contact_update", "time": now["at"], "data": {**told, **_sorted(part), **seen}} for part in parts]


def _sorted(part: list[tuple[str, Any]]) -> Json:
    """Return changes by what changed."""
    changed = dict(each for what, each in part if what == "changed")
    tags = {
        kind: [cut(tag, MAX_VALUE) for what, tag in part if what == kind] for kind in ("tags_added", "tags_removed")
    }
    return {"changed": changed, **tags}


def _shown(value: Any) -> Any:
    """Return a value as an event carries it: as it is where it is short, else cut, so that it says so."""
    if isinstance(value, str):
        return cut(value, MAX_VALUE)
    if isinstance(value, list | dict):
        text = orjson.dumps(value).decode()
        return value if len(text) <= MAX_VALUE else cut(text, MAX_VALUE)
    return value


def _tags(value: Any) -> list[str]:
    """Return tags from a list, or from the text that workflows make of one."""
    given = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return list(dict.fromkeys(tag.strip() for tag in given if isinstance(tag, str) and tag.strip()))


def _channels(settings: Json) -> Json:
    """Return each channel's status alone; the messages beside it are the vendor's prose."""
    return {name: one.get("status") if isinstance(one, dict) else one for name, one in settings.items()}


def _custom(body: Json, names: Names) -> Iterator[tuple[str, Any]]:
    """Return custom fields by id: webhooks write `value`, the API `fieldValue`, workflows a label for the id."""
    given = body.get("customFields", body.get("customField"))
    for one in given if isinstance(given, list) else ():
        if isinstance(one, dict) and isinstance(one.get("id"), str):
            yield one["id"], one.get("value", one.get("fieldValue", one.get("field_value")))
    labels = body.get("labels")
    for number, (label, value) in enumerate(labels.items() if isinstance(labels, dict) else ()):
        yield names.id_of(label) if number < MOST else label, value  # what is beyond is counted, and not looked up
