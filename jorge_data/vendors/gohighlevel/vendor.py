"""GoHighLevel as a Vendor: the webhooks of a marketplace app, and records of the API in the same form.

A webhook is flat, as in the vendor's event pages, or has its fields under `data`, as in its guide.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeGuard

from jorge_data.errors import Forbidden, Invalid
from jorge_data.events.encoding import has_surrogate, show, show_field
from jorge_data.vendors.base import Envelope, Json, StoredCopies, Translation, VendorEntity
from jorge_data.vendors.gohighlevel.signature import Signature
from jorge_data.vendors.gohighlevel.translation import RULES
from jorge_data.vendors.moments import read_moment

SOURCE = "ghl"

MAX_AGE = timedelta(minutes=75)
"""Retries of the same bytes come for 70 minutes; the 5 minutes of the vendor's example would ignore each of them."""

MAX_AHEAD = timedelta(minutes=5)
MAX_KEY = 100
"""Leaves room within the 128 characters of an event's id for `:` and a number."""

MAX_TYPE = 128


class GoHighLevel:
    """The Vendor of `/webhooks/ghl`, and, without a signature, of the records that our own synchronization stores."""

    source = SOURCE
    recurs = False

    def __init__(self, name: str, signature: Signature | None, locations: frozenset[str] = frozenset()) -> None:
        """Take signed deliveries of these locations, of every location where there are none."""
        self.name = name
        self._signature = signature
        self._locations = locations

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        if self._signature is None:
            raise Forbidden(f"{self.name} takes nothing from outside")
        self._signature.verify(headers, body)

    def open(self, body: Any, raw: bytes, now: datetime) -> Envelope:
        envelope = open_envelope(body, raw)
        # The vendor signs for every account with one key: its signature alone makes a delivery nobody's in particular.
        if self._locations and envelope.location not in self._locations:
            raise Forbidden(f"locationId is {show(envelope.location)}: JORGE_GHL_LOCATIONS does not name it")
        return envelope

    def concerns(self, body: Any) -> list[VendorEntity]:
        fields = flatten(body)
        rule = RULES.get(fields["type"])
        return rule.concerns(fields) if rule else []

    def translate(self, body: Any, seen: StoredCopies, at: datetime) -> Translation | None:
        fields = flatten(body)
        if late := _untimely(fields, at):
            return Translation([], {}, ignored=late)
        rule = RULES.get(fields["type"])
        return clearly(rule.translate(fields, seen, at), fields) if rule else None


_CLOCKS = ("timestamp", "dateAdded", "dateUpdated", "updatedAt", "dateDeleted", "deletedAt")


def clearly(translation: Translation, fields: Json) -> Translation:
    """Return what a webhook means, and that those of its clocks count for nothing which cannot be read."""
    unclear = tuple(
        f"{name} is {show(fields[name])}: allowed is a moment, as in 2026-11-23T14:07:31Z"
        for name in _CLOCKS
        if name in fields and fields[name] and read_moment(fields[name]) is None
    )
    return translation._replace(faults=(*translation.faults, *unclear)) if unclear else translation


def flatten(body: Any) -> Json:
    """Return the fields of a webhook in either form; an outer field replaces that of the same name under `data`.

    A list of one is read as that one; raise Invalid where there is no object.
    """
    if isinstance(body, list) and len(body) == 1:
        body = body[0]
    if not isinstance(body, dict) or not body:
        raise Invalid(f"the body is {show(body)}: allowed is a JSON object, with type and what that type has")
    inner = body.get("data")
    if not isinstance(inner, dict):
        return body
    outer = {name: value for name, value in body.items() if name != "data" and value is not None}
    return {**inner, **outer, "type": body.get("type")}


def open_envelope(body: Any, raw: bytes) -> Envelope:
    """Return key, type and location of a webhook; raise Invalid."""
    fields = flatten(body)
    kind, location = fields.get("type"), fields.get("locationId", fields.get("location_id"))
    if not is_text(kind):
        raise Invalid(f"type is {show_field(fields, 'type')}: required is the name of an event")
    if location is not None and not isinstance(location, str):
        raise Invalid(f"locationId is {show(location)}: allowed is text")
    return Envelope(key_of(fields, raw), kind[:MAX_TYPE], location or None)


def key_of(fields: Json, raw: bytes) -> str:
    """Return the key of a delivery: its `webhookId`, else the hash of its bytes."""
    given = fields.get("webhookId")
    return given if is_text(given) and len(given) <= MAX_KEY else f"sha256-{hashlib.sha256(raw).hexdigest()}"


def is_text(value: Any) -> TypeGuard[str]:
    """Return whether a value is text that can be a name: not empty, without U+0000 and lone surrogates."""
    return isinstance(value, str) and value != "" and "\0" not in value and not has_surrogate(value)


def _untimely(fields: Json, received: datetime) -> str | None:
    """Return why a webhook is too old, or of the future, to be believed; None where it is not."""
    sent = read_moment(fields.get("timestamp"))
    if sent is None or received - MAX_AGE <= sent <= received + MAX_AHEAD:
        return None
    minutes = MAX_AGE // timedelta(minutes=1)
    return (
        f"timestamp is {show(fields['timestamp'])}, it came at {received:%Y-%m-%dT%H:%M:%SZ}: allowed is at most "
        f"{minutes} minutes before, and 5 after"
    )
