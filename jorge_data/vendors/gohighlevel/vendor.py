"""GoHighLevel as a Vendor: the webhooks of a marketplace app, and records of the API in the same form."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jorge_data.errors import Forbidden
from jorge_data.events.encoding import show
from jorge_data.vendors.base import Envelope, Seen, Translation, VendorEntity
from jorge_data.vendors.gohighlevel.envelope import flatten, open_envelope
from jorge_data.vendors.gohighlevel.signature import Signature
from jorge_data.vendors.gohighlevel.translation import RULES

SOURCE = "ghl"


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
        envelope = open_envelope(body, raw, now)
        # The vendor signs for every account with one key: its signature alone makes a delivery nobody's in particular.
        if self._locations and envelope.location not in self._locations:
            raise Forbidden(f"locationId is {show(envelope.location)}: JORGE_GHL_LOCATIONS does not name it")
        return envelope

    def concerns(self, body: Any) -> list[VendorEntity]:
        fields = flatten(body)
        rule = RULES.get(fields["type"])
        return rule.concerns(fields) if rule else []

    def translate(self, body: Any, seen: Seen, at: datetime) -> Translation | None:
        fields = flatten(body)
        rule = RULES.get(fields["type"])
        return rule.translate(fields, seen, at) if rule else None
