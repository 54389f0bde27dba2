"""A delivery: what a vendor sent, kept as it came until it is translated."""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

State = Literal["pending", "translated", "failed", "ignored"]
"""Waits; became events; could not be translated; means nothing to us."""


class Delivery(NamedTuple):
    """A verified body with the name under which a repeat of it is known."""

    location: str
    vendor: str
    key: str
    type: str
    received_at: datetime
    body: bytes
    known_for: timedelta | None = None
    """How long one of the same name is a repeat of this; None: as long as this is kept."""


class Filed(NamedTuple):
    """A delivery as it stands in the inbox; `id` is its place in the order of receipt."""

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


class Copy(NamedTuple):
    """Something of a location as it was last seen: JSON that only the translation understands."""

    location: str
    kind: str
    id: str
    body: bytes
