"""Synchronization: a record of the API that differs from its stored copy becomes a delivery, like a webhook's."""

import hashlib
from datetime import datetime
from typing import NamedTuple

import orjson

from jorge_data.vendors.base import Json, StoredCopies, VendorEntity
from jorge_data.vendors.gohighlevel.deletion import is_deleted
from jorge_data.vendors.gohighlevel.vendor import GoHighLevel
from jorge_data.vendors.moments import first_moment

VENDOR = GoHighLevel("ghl-sync", None)
"""The vendor of these deliveries; it accepts none from outside."""

_STAMPS = ("dateUpdated", "updatedAt")


class Difference(NamedTuple):
    """A record that differs from its copy, as the inbox stores it."""

    key: str
    type: str
    body: bytes


class SyncRecord(NamedTuple):
    """A record of the API, or its response about names, in the form of a webhook at the time of the request."""

    type: str
    fields: Json
    location: str
    requested_at: datetime

    @property
    def body(self) -> Json:
        wrapped = {"type": self.type, "locationId": self.location, "timestamp": self.requested_at.isoformat()}
        return {**self.fields, **wrapped}

    @property
    def copies(self) -> dict[VendorEntity, Json]:
        """The copies that its translation stores where there is none yet."""
        translation = VENDOR.translate(self.body, {}, self.requested_at)
        return translation.seen if translation else {}

    @property
    def concerns(self) -> list[VendorEntity]:
        return VENDOR.concerns(self.body)


def difference(record: SyncRecord, seen: StoredCopies) -> Difference | None:
    """Return the delivery of a record that differs from its stored copies; None where it does not.

    Its key hashes the copy and the record: the same change read twice is one delivery, the same state reached again is
    another. A record that cannot be translated is a delivery too, so that the Connect page shows it as failed.
    """
    was = next((seen[entity] for entity in record.concerns if entity in seen), None)
    body = _stamped(record.body, was)
    try:
        translation = VENDOR.translate(body, seen, record.requested_at)
    except ValueError:
        pass
    else:
        if translation is None or not (translation.events or _renamed(translation.seen, seen)):
            return None
    named = orjson.dumps([record.type, record.fields, was], option=orjson.OPT_SORT_KEYS)
    return Difference(f"sha256-{hashlib.sha256(named).hexdigest()}", record.type, orjson.dumps(body))


def _stamped(body: Json, was: Json | None) -> Json:
    """Return a record without the time of its last change where a webhook set its copy to a later one.

    What was deleted needs that time, to be there again.
    The API's response is newer than any webhook received before the request, whatever time the record has.
    """
    changed = first_moment(body, *_STAMPS)
    if was is None or is_deleted(was) or changed is None or changed.isoformat() >= was.get("at", ""):
        return body
    return {name: value for name, value in body.items() if name not in _STAMPS}


def _renamed(now: StoredCopies, seen: StoredCopies) -> bool:
    return any(entity.kind == "names" and copy != seen.get(entity) for entity, copy in now.items())
