"""Contacts: their changes against the stored copy, since a webhook has the whole contact and not what changed."""

from collections.abc import Iterator
from datetime import datetime
from email.utils import parseaddr
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import quote

import orjson

from jorge_data.events.validation import is_name
from jorge_data.telephone import normalize
from jorge_data.vendors.base import Json, StoredCopies, VendorEntity
from jorge_data.vendors.gohighlevel.clocks import CLOCKS, clocks_after, overtaken
from jorge_data.vendors.gohighlevel.deletion import changed_at, deleted, is_deleted
from jorge_data.vendors.gohighlevel.do_not_contact import blocks, told_as_blocked
from jorge_data.vendors.gohighlevel.message import cut
from jorge_data.vendors.gohighlevel.names import Names, slug
from jorge_data.vendors.phone import holders_of

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
"""The fields that are compared, and their names in a `contact_update`; ids and dates of the record are not."""

MAX_VALUE = 250
CHANGES_AN_EVENT = 25
"""Characters of a value, and changes an event: the largest contact fits into events of 64 KiB; a tag is a change."""

MAX_COMPARED = 1_000
"""Custom fields, and tags, of one contact that are compared: a contact with 30,000 delayed all others by a second."""

FIELDS_CUT, TAGS_CUT = "custom_fields_cut", "tags_cut"
"""The fields that say how many more a contact has."""


class Diff(NamedTuple):
    """What a delivery means for one entity: the events, and the copy to store."""

    events: list[Json]
    seen: Json
    faults: tuple[str, ...] = ()
    """Values that could not be read, each with its field and what is allowed."""


def read_contact(body: Json, names: Names) -> Json:
    """Return a contact as it is stored: fields by our names, custom fields by id, tags; nothing that the body lacks."""
    fields = {ours: body[theirs] for theirs, ours in FIELDS.items() if theirs in body}
    full_name = " ".join(str(body[part]) for part in ("firstName", "lastName") if body.get(part))
    if not fields.get("name") and full_name:
        fields["name"] = full_name
    if isinstance(fields.get("dnd_settings"), dict):
        fields["dnd_settings"] = _channels(fields["dnd_settings"])
    contact: Json = {"fields": fields, "custom": dict(_custom(body, names))}
    if "tags" in body:
        contact["tags"] = _tags(body["tags"])
    return contact


UNKNOWN: Json = {"fields": {}, "custom": {}, "tags": [], CLOCKS: {"tags": ""}}
"""The copy of a contact of which nothing is known."""


def trailing_contact(was: Json, body: Json, names: Names, at: datetime) -> Json:
    """Return the copy of a deleted contact after a body that trails behind: told once the contact is there again."""
    alive = {name: value for name, value in was.items() if name != "deleted"}
    copy = contact_events(alive, body, names, at).seen
    return {**copy, "deleted": was["deleted"], "blocked": told_as_blocked(was)}  # of this nobody was told yet


def contact_events(was: Json | None, body: Json, names: Names, at: datetime) -> Diff:
    """Return the changes of a whole or partial contact against the copy: what is not in the body is unchanged.

    Neither is what the copy has from a later moment. A contact that is there again tells all that is known of it. A
    body that trails behind a deletion is for `trailing_contact`.
    """
    old: Json = was or UNKNOWN
    new = read_contact(body, names)
    known, said = _clocked(old), _clocked(new)
    if was and not is_deleted(was) and (late := overtaken(was, known & said, at.isoformat())):
        _leave_out(new, late)
        said -= late
        if not said:
            return Diff([], was)
    now = _bounded(
        {
            "at": max(at.isoformat(), old.get("at", "")),
            "changed_at": changed_at(was, body, at),
            "fields": old["fields"] | _whole_settings(old["fields"], new["fields"]),
            "custom": old["custom"] | new["custom"],
            "tags": new.get("tags", old["tags"]),
            CLOCKS: clocks_after(was, known, said, at.isoformat()),
            **({"consent_at": old["consent_at"]} if "consent_at" in old else {}),
        }
    )
    now["blocked"] = list(blocks(now))
    mark: Json = {"first_seen": True} if was is None else {}
    if old.get("deleted"):
        old, mark = UNKNOWN, {"deleted": False}
    changed = dict(_changes(old, now, names))
    if "deleted" in mark:
        changed["deleted"] = {"from": True, "to": False}
    told = _reached_by(now["fields"], changed)
    if (was is None or "deleted" in mark) and (page := crm_page(body)):
        told["url"] = page
    return Diff(_updates(str(body.get("id")), old, now, changed, mark | told), now)


CRM = "https://app.gohighlevel.com/v2/location/{location}/contacts/detail/{contact}"


def crm_page(body: Json) -> str | None:
    """Return where the CRM shows a contact; None where it is not said at which location."""
    location, contact = body.get("locationId"), body.get("id")
    if not (isinstance(location, str) and isinstance(contact, str) and location and contact):
        return None
    return CRM.format(location=quote(location, safe=""), contact=quote(contact, safe=""))


ADDRESS = ("address", "city", "state", "postal_code")
"""What is told as one address, where any of it changed."""


def _reached_by(fields: Json, changed: Json) -> Json:
    """Return of what changed how the contact is reached, as the contract has it: a number with its country's code."""
    told: Json = {}
    if "phone" in changed and (way := phone_of(fields)):
        told["phone"] = way.id
    if "email" in changed and (way := email_of(fields)):
        told["email"] = way.id
    lines = [str(fields[name]) for name in ADDRESS if fields.get(name)]
    if lines and fields.get("address") and not changed.keys().isdisjoint(ADDRESS):
        told["address"] = cut(", ".join(lines), MAX_VALUE)
    return told


def _clocked(contact: Json) -> set[str]:
    """Return the names of what a contact says, each of which has a clock."""
    parts = {f"{part}:{name}" for part in ("fields", "custom") for name in contact[part]}
    return parts | ({"tags"} if contact.get("tags") is not None else set())


def _leave_out(contact: Json, names: set[str]) -> None:
    """Take what has these names out of what a body says."""
    for name in names:
        part, _, key = name.partition(":")
        if part == "tags":
            del contact["tags"]
        else:
            del contact[part][key]


def contact_deleted(was: Json | None, identifier: str, at: datetime) -> Diff:
    """Return the event of a contact's deletion; its copy stays, marked, so that nothing older revives it."""
    old: Json = was or UNKNOWN
    now = deleted(old, at)
    if was is not None:  # what trails behind may still be the newest of a field
        now[CLOCKS] = clocks_after(was, _clocked(was), set(), at.isoformat())
    if is_deleted(was):
        return Diff([], now)
    changed = {"deleted": {"from": False, "to": True}}
    return Diff(_updates(identifier, old, now, changed, {"deleted": True}), now)


def phone_of(fields: Json) -> VendorEntity | None:
    """Return the entity of the phone number in a contact's fields, by which a call finds whose it is; None without."""
    number = normalize(fields.get("phone"), fields.get("country"))
    return VendorEntity("phone", number) if number else None


def email_of(fields: Json) -> VendorEntity | None:
    """Return the entity of the address in a contact's fields, by which a mail finds whose it is; None without."""
    address = mail_address(fields.get("email"))
    return VendorEntity("email", address) if address else None


def mail_address(given: object) -> str | None:
    """Return an e-mail address without the name beside it, in lower case; None where it is not one."""
    if not isinstance(given, str) or len(given) > MAX_VALUE:
        return None
    address = parseaddr(given.strip())[1].lower()
    return address if "@" in address and is_name(address) else None


def holder_of(seen: StoredCopies, way: VendorEntity) -> str | None:
    """Return whose a number or an address is, of several who was told last; None where nobody living has it now."""
    for contact in holders_of(seen.get(way)):
        copy = seen.get(VendorEntity("contact", contact))
        if copy is None or (not is_deleted(copy) and way in (phone_of(copy["fields"]), email_of(copy["fields"]))):
            return contact
    return None


def _whole_settings(old: Json, new: Json) -> Json:
    """Return fields whose do-not-disturb settings have the channels of old as well: a webhook may name some of them."""
    was, now = old.get("dnd_settings"), new.get("dnd_settings")
    return {**new, "dnd_settings": was | now} if isinstance(was, dict) and isinstance(now, dict) and now else new


def _bounded(contact: Json) -> Json:
    """Return a contact with at most MAX_COMPARED custom fields and tags; those of the previous copy come first."""
    custom, tags = contact["custom"], contact["tags"]
    more = {FIELDS_CUT: ("fields", len(custom) - MAX_COMPARED), TAGS_CUT: ("tags", len(tags) - MAX_COMPARED)}
    notes = {name: f"[cut: {count:,} {what}]" for name, (what, count) in more.items() if count > 0}
    return contact | {
        "fields": contact["fields"] | notes,
        "custom": dict(islice(custom.items(), MAX_COMPARED)),
        "tags": tags[:MAX_COMPARED],
    }


def _changes(was: Json, now: Json, names: Names) -> Iterator[tuple[str, Json]]:
    for part in ("fields", "custom"):
        for key, value in now[part].items():
            previous = was[part].get(key)
            if _differ(previous, value):
                name = names.field(key) if part == "custom" else key
                name = slug(name)[:128] if name != key else key[:128]
                name = "field_deleted" if name == "deleted" else name  # a form's own word, not that he was deleted
                yield name, {"from": _shortened(previous), "to": _shortened(value)}


def _differ(was: Any, now: Any) -> bool:
    """Return whether a value changed; missing and empty are the same."""
    return was != now and not (was in (None, "", []) and now in (None, "", []))


def _updates(identifier: str, was: Json, now: Json, changed: Json, mark: Json) -> list[Json]:
    had, has = set(was["tags"]), set(now["tags"])  # a contact may have thousands
    added = [tag for tag in now["tags"] if tag not in had]
    removed = [tag for tag in was["tags"] if tag not in has]
    items: list[tuple[str, Any]] = [("changed", each) for each in changed.items()]
    items += [("tags_added", tag) for tag in added] + [("tags_removed", tag) for tag in removed]
    name = now["fields"].get("name")
    contact = {"contact_id": identifier, "name": cut(name) if isinstance(name, str) and name else None}
    parts = (items[n : n + CHANGES_AN_EVENT] for n in range(0, len(items), CHANGES_AN_EVENT))
    return [
        {"type": "contact_update", "time": now["at"], "data": {**contact, **_by_kind(part), **mark}} for part in parts
    ]


def _by_kind(part: list[tuple[str, Any]]) -> Json:
    """Return changes and tags under the names that they have in an event."""
    changed = dict(each for what, each in part if what == "changed")
    tags = {
        kind: [cut(tag, MAX_VALUE) for what, tag in part if what == kind] for kind in ("tags_added", "tags_removed")
    }
    return {"changed": changed, **tags}


def _shortened(value: Any) -> Any:
    """Return a value for an event: unchanged where it is short, else cut, with a note of its length."""
    if isinstance(value, str):
        return cut(value, MAX_VALUE)
    if isinstance(value, list | dict):
        text = orjson.dumps(value).decode()
        return value if len(text) <= MAX_VALUE else cut(text, MAX_VALUE)
    return value


def _tags(value: Any) -> list[str]:
    """Return tags from a list, or from the comma-separated text of a workflow."""
    given = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return list(dict.fromkeys(tag.strip() for tag in given if isinstance(tag, str) and tag.strip()))


def _channels(settings: Json) -> Json:
    """Return each channel's status, without the vendor's explanation beside it."""
    return {name: one.get("status") if isinstance(one, dict) else one for name, one in settings.items()}


def _custom(body: Json, names: Names) -> Iterator[tuple[str, Any]]:
    """Yield custom fields by id: webhooks write `value`, the API `fieldValue`, workflows a label for the id."""
    given = body.get("customFields", body.get("customField"))
    for one in given if isinstance(given, list) else ():
        if isinstance(one, dict) and isinstance(one.get("id"), str):
            yield one["id"], one.get("value", one.get("fieldValue", one.get("field_value")))
    labels = body.get("labels")
    for number, (label, value) in enumerate(labels.items() if isinstance(labels, dict) else ()):
        # Labels beyond MAX_COMPARED are counted, and not looked up.
        yield (names.id_of(label) if number < MAX_COMPARED else label), value
