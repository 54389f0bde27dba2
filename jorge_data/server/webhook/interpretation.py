"""Interpretation: one delivery to validated events, or to the reason why not; without I/O."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from jorge_data.errors import EventRefused, JorgeError
from jorge_data.events import Candidate, Reception, admit, decode_json
from jorge_data.server.webhook.vendors import Vendors
from jorge_data.store import Delivery, State
from jorge_data.vendors import Json, Translation, Vendor, VendorEntity

MAX_ERROR = 1000


class InterpretedDelivery(NamedTuple):
    """What a delivery was translated to: its new state, its events, the copies to store, the error."""

    state: State
    candidates: list[Candidate]
    copies: dict[VendorEntity, Json]
    error: str | None = None


@dataclass(frozen=True)
class Interpretation:
    """Translates deliveries by their vendors, and validates the events like those of a publish."""

    vendors: Vendors
    commission_rate: float

    def concerns(self, delivery: Delivery) -> list[VendorEntity]:
        """Return the entities that a delivery is compared with; none where it cannot be read."""
        try:
            return self.vendors[delivery.vendor].concerns(decode_json(delivery.body))
        except Exception:  # `translate` returns what is wrong with it
            return []

    def translate(self, delivery: Delivery, copies: dict[VendorEntity, Json]) -> InterpretedDelivery:
        """Translate a delivery, compared with these copies; its faults, and ours, are returned and never raised."""
        try:
            vendor = self.vendors[delivery.vendor]
            translation = vendor.translate(decode_json(delivery.body), copies, delivery.received_at)
            if translation is None or translation.ignored:
                return InterpretedDelivery("ignored", [], {}, translation.ignored if translation else None)
            return self._admit(delivery, translation, vendor)
        except (JorgeError, ValueError) as error:
            return InterpretedDelivery("failed", [], {}, str(error)[:MAX_ERROR])
        except Exception as error:  # a fault of ours: the delivery waits until it is mended
            return InterpretedDelivery("failed", [], {}, f"{type(error).__name__}: {error}"[:MAX_ERROR])

    def _admit(self, delivery: Delivery, translation: Translation, vendor: Vendor) -> InterpretedDelivery:
        """Validate the events; where one is refused the copies stay, so that a later try sees the same difference."""
        reception = Reception(delivery.received_at, delivery.location, self.commission_rate)
        candidates, reasons = [], []
        for number, event in enumerate(translation.events):
            try:
                candidates.append(admit(_addressed(event, delivery, number, vendor), reception))
            except EventRefused as refused:
                reasons.append(f"event {number}: {refused}")
        if reasons:
            return InterpretedDelivery("failed", candidates, {}, "; ".join(reasons)[:MAX_ERROR])
        return InterpretedDelivery("translated", candidates, translation.seen)


def _addressed(event: Json, delivery: Delivery, number: int, vendor: Vendor) -> dict[str, Any]:
    """Return an event with its source, its location, and an id that is the same at every try."""
    given = {name: value for name, value in event.items() if value is not None}
    key = delivery.key
    if vendor.recurs:  # what stands behind an @ was added when the key came again
        key = f"{key.partition('@')[0]}@{delivery.received_at:%Y%m%dT%H%M%S%f}"
    identifier = f"{key}:{number}"
    return {"id": identifier, "source": vendor.source, "locationid": delivery.location, **given}
