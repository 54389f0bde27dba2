"""A delivery: what a vendor sent, as it came, until it is translated into events."""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

State = Literal["pending", "translated", "failed", "ignored"]
"""Waits for translation; became events; could not be translated; is of a type that makes no events."""


class Delivery(NamedTuple):
    """A verified body; a second one of the same vendor and key is a repeat."""

    location: str
    vendor: str
    key: str
    type: str
    received_at: datetime
    body: bytes
    known_for: timedelta | None = None
    """How long one of the same key is a repeat of this; None: as long as this is in the inbox."""


class InboxDelivery(NamedTuple):
    """A delivery in the inbox; `id` is its number in the order of receipt."""

    id: int
    delivery: Delivery
    state: State
    events: int = 0
    error: str | None = None


class DeliveryOutcome(NamedTuple):
    """What became of one delivery when it was translated."""

    id: int
    state: State
    events: int = 0
    error: str | None = None


class DeliveryCounts(NamedTuple):
    """How many deliveries of one sort there are, and when the newest came."""

    vendor: str
    type: str
    state: State
    deliveries: int
    newest: datetime


class VendorCopy(NamedTuple):
    """An entity of a vendor as it was last received: JSON that only the translation understands."""

    location: str
    kind: str
    id: str
    body: bytes
