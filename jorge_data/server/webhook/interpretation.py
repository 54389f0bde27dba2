"""Interpretation: one delivery to admitted events, or to the reason why not; without I/O."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from jorge_data.errors import EventRefused, JorgeError
from jorge_data.events import Candidate, Reception, admit, decode_json
from jorge_data.server.webhook.vendors import Vendors
from jorge_data.store import Delivery, State
from jorge_data.vendors import Json, Translation, Vendor, VendorEntity

MAX_ERROR = 1000


class Meaning(NamedTuple):
    """What a delivery means: events, copies to keep, and what became of it."""

    state: State
    candidates: list[Candidate]
    copies: dict[VendorEntity, Json]
    error: str | None = None


@dataclass(frozen=True)
class Interpretation:
    """Translates deliveries by their vendors, and admits the events as any publish."""

    vendors: Vendors
    commission_rate: float

    def concerns(self, delivery: Delivery) -> list[VendorEntity]:
        """Return the copies that a delivery is compared with; none where it cannot be read."""
        try:
            return self._vendor(delivery).concerns(decode_json(delivery.body))
        except Exception:  # `of` says what is wrong with it
            return []

    def of(self, delivery: Delivery, seen: dict[VendorEntity, Json]) -> Meaning:
        """Return what a delivery means; a fault in it, or in its translation, is a reason and never raised."""
        try:
            vendor = self._vendor(delivery)
            translation = vendor.translate(decode_json(delivery.body), seen, delivery.received_at)
            if translation is None or translation.ignored:
                return Meaning("ignored", [], {}, translation.ignored if translation else None)
            return self._admit(delivery, translation, vendor)
        except (JorgeError, ValueError) as error:
            return Meaning("failed", [], {}, str(error)[:MAX_ERROR])
        except Exception as error:  # a fault of ours: the delivery waits for its mending
            return Meaning("failed", [], {}, f"{type(error).__name__}: {error}"[:MAX_ERROR])

    def _admit(self, delivery: Delivery, translation: Translation, vendor: Vendor) -> Meaning:
        """Admit the events; where one is refused the copies stay, so that a later try finds the same difference."""
        reception = Reception(delivery.received_at, delivery.location, self.commission_rate)
        candidates, reasons = [], []
        for number, event in enumerate(translation.events):
            try:
                candidates.append(admit(_named(event, delivery, number, vendor), reception))
            except EventRefused as refused:
                reasons.append(f"event {number}: {refused}")
        if reasons:
            return Meaning("failed", candidates, {}, "; ".join(reasons)[:MAX_ERROR])
        return Meaning("translated", candidates, translation.seen)

    def _vendor(self, delivery: Delivery) -> Vendor:
        return self.vendors[delivery.vendor]

    @staticmethod
    def load(body: bytes) -> Json:
        copy: Json = orjson.loads(body)
        return copy

    @staticmethod
    def dump(copy: Json) -> bytes:
        return orjson.dumps(copy)


def _named(event: Json, delivery: Delivery, number: int, vendor: Vendor) -> dict[str, Any]:
    """Return an event that has a name, a source and a location; an id that stays the same at every try."""
    given = {name: value for name, value in event.items() if value is not None}
    key = delivery.key
    if vendor.recurs:  # what stands behind an @ was added when the name was given to the next of it
        key = f"{key.partition('@')[0]}@{delivery.received_at:%Y%m%dT%H%M%S%f}"
    identifier = f"{key}:{number}"
    return {"id": identifier, "source": vendor.source, "locationid": delivery.location, **given}
