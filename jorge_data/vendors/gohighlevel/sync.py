"""What the API's records say that webhooks did not: filed like a webhook, and only where something differs."""

import hashlib
from datetime import datetime
from typing import NamedTuple

import orjson

from jorge_data.vendors.base import Json, Seen, VendorEntity
from jorge_data.vendors.gohighlevel.platform import GoHighLevel
from jorge_data.vendors.gohighlevel.timestamps import first_moment

VENDOR = GoHighLevel("ghl-sync", None)
"""Under whose name differences are filed; nothing comes to it from outside."""

_STAMPS = ("dateUpdated", "updatedAt")


class Difference(NamedTuple):
    """A record that differs from its copy, as the inbox files it."""

    key: str
    type: str
    body: bytes


class SyncRecord(NamedTuple):
    """A record of the API, or one of its answers about names, in the form of a webhook, as of when it was asked for."""

    type: str
    fields: Json
    location: str
    asked: datetime

    @property
    def body(self) -> Json:
        wrapped = {"type": self.type, "locationId": self.location, "timestamp": self.asked.isoformat()}
        return {**self.fields, **wrapped}

    @property
    def copies(self) -> dict[VendorEntity, Json]:
        """The copies that its translation keeps where nothing else is known."""
        translation = VENDOR.translate(self.body, {}, self.asked)
        return translation.seen if translation else {}

    @property
    def concerns(self) -> list[VendorEntity]:
        return VENDOR.concerns(self.body)


def difference(record: SyncRecord, seen: Seen) -> Difference | None:
    """Return what is to be filed of a record, None where the copies say the same.

    Its key is made of the copy and the record: the same step found twice is one delivery, the same state reached again
    is another. What cannot be translated is filed as well, so that it is seen to be wrong.
    """
    was = next((seen[entity] for entity in record.concerns if entity in seen), None)
    body = _stamped(record.body, was)
    try:
        translation = VENDOR.translate(body, seen, record.asked)
    except ValueError:
        pass
    else:
        if translation is None or not (translation.events or _renamed(translation.seen, seen)):
            return None
    named = orjson.dumps([record.type, record.fields, was], option=orjson.OPT_SORT_KEYS)
    return Difference(f"sha256-{hashlib.sha256(named).hexdigest()}", record.type, orjson.dumps(body))


def _stamped(body: Json, was: Json | None) -> Json:
    """Return a record without the moment of its last change where a webhook brought its copy to a later one.

    What the API says now is newer than any webhook that came before we asked, whatever the record's own clock says.
    """
    changed = first_moment(body, *_STAMPS)
    if was is None or changed is None or changed.isoformat() >= was.get("at", ""):
        return body
    return {name: value for name, value in body.items() if name not in _STAMPS}


def _renamed(now: Seen, seen: Seen) -> bool:
    return any(entity.kind == "names" and copy != seen.get(entity) for entity, copy in now.items())
