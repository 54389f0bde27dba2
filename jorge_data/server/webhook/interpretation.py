"""Interpretation: one delivery to validated events, or to the reason why not; without I/O."""

from collections import Counter
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson

from jorge_data.errors import EventRefused, Invalid, JorgeError
from jorge_data.events import Candidate, Reception, admit
from jorge_data.events.encoding import show
from jorge_data.server.webhook.opening import UNREADABLE, open_body
from jorge_data.server.webhook.vendors import Vendors
from jorge_data.store import Delivery, State
from jorge_data.vendors import NOTHING_NEW, OFFICE, Json, Translation, Vendor, VendorEntity
from jorge_data.vendors.body import read_body

MAX_ERROR = 1000

MEANS_NOTHING = "a webhook of this type says nothing that is told here"


class InterpretedDelivery(NamedTuple):
    """What a delivery was translated to: state, events, the copies to store, and why not all of it is told."""

    state: State
    candidates: list[Candidate]
    copies: dict[VendorEntity, Json]
    error: str | None = None


@dataclass(frozen=True)
class Interpretation:
    """Translates deliveries by their vendors, and validates the events like those of a publish."""

    vendors: Vendors
    commission_rate: float
    zone: str = "UTC"
    """The office's time zone, for times that come without one."""

    def concerns(self, delivery: Delivery) -> list[VendorEntity]:
        """Return the entities that a delivery is compared with; none where it cannot be read."""
        try:
            return self.vendors[delivery.vendor].concerns(read_body(delivery.body))
        except Exception:  # `translate` returns what is wrong with it
            return []

    def translate(self, delivery: Delivery, copies: dict[VendorEntity, Json]) -> InterpretedDelivery:
        """Translate a delivery, compared with these copies; its faults, and ours, are returned and never raised."""
        try:
            vendor = self.vendors[delivery.vendor]
            copies.setdefault(OFFICE, {"zone": self.zone})  # in place: a batch's copies are hundreds
            translation = vendor.translate(_body(delivery, vendor), copies, delivery.received_at)
            if translation is None:
                return InterpretedDelivery("ignored", [], {}, MEANS_NOTHING)
            return self._admit(delivery, translation, vendor)
        except (JorgeError, ValueError) as error:
            return InterpretedDelivery("failed", [], {}, str(error)[:MAX_ERROR])
        except Exception as error:  # a fault of ours: the delivery waits until it is mended
            return InterpretedDelivery("failed", [], {}, f"{type(error).__name__}: {error}"[:MAX_ERROR])

    def _admit(self, delivery: Delivery, translation: Translation, vendor: Vendor) -> InterpretedDelivery:
        """Validate the events; where one is refused the copies stay, so that a later try sees the same difference.

        A value that could not be read costs its field alone: the rest is told, and the delivery has failed by it.
        """
        reception = Reception(delivery.received_at, delivery.location, self.commission_rate)
        candidates: list[Candidate] = []
        reasons: list[str] = []
        for number, event in enumerate(_addressed(translation.events, delivery, vendor)):
            try:
                candidates.append(admit(event, reception))
            except EventRefused as refused:
                reasons.append(f"event {number}: {refused}")
        copies = {} if reasons else translation.seen
        if reasons or translation.faults:
            return InterpretedDelivery(
                "failed", candidates, copies, "; ".join((*reasons, *translation.faults))[:MAX_ERROR]
            )
        if not candidates and (translation.ignored or not copies):
            return InterpretedDelivery("ignored", [], copies, translation.ignored or NOTHING_NEW)
        return InterpretedDelivery("translated", candidates, copies)


def _body(delivery: Delivery, vendor: Vendor) -> Any:
    """Return what a delivery says; raise Invalid where it could not be opened, and cannot be today."""
    if delivery.type != UNREADABLE:
        return read_body(delivery.body)
    envelope, body = open_body(vendor, delivery.body, delivery.received_at)
    if envelope.location not in (None, delivery.location):
        raise Invalid(
            f"it is of location {show(envelope.location)}, and filed under {delivery.location}: send it again"
        )
    return body


def _addressed(events: list[Json], delivery: Delivery, vendor: Vendor) -> list[dict[str, Any]]:
    """Return events with their source, their location, and an id that is the same at every try.

    The id is of the content, not of the place among the others: a delivery that is translated again after a mend tells
    what was missing, and nothing twice.
    """
    key = delivery.key
    if vendor.recurs:  # what stands behind an @ was added when the key came again
        key = f"{key.partition('@')[0]}@{delivery.received_at:%Y%m%dT%H%M%S%f}"
    addressed, alike = [], Counter[str]()
    for event in events:
        given = {name: value for name, value in event.items() if value is not None}
        identifier = "" if "id" in given else _name(key, given, alike)
        addressed.append({"id": identifier, "source": vendor.source, "locationid": delivery.location, **given})
    return addressed


def _name(key: str, event: Json, alike: Counter[str]) -> str:
    """Return the name of an event of a delivery, by its content; of several alike, each has its own."""
    # Without the time, which is that of receipt where the vendor has no clock: the same webhook may come again.
    content = orjson.dumps({**event, "time": None}, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    name = f"{key}:{blake2b(content, digest_size=8).hexdigest()}"
    alike[name] += 1
    return name if alike[name] == 1 else f"{name}.{alike[name]}"
