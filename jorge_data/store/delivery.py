"""Deliveries: what a vendor sent, as it came, until it is translated into events; and the inbox that has them."""

from collections.abc import Collection, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, Protocol

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


class Inbox(Protocol):
    """Keeps each delivery once by `(vendor, key)`; any thread may call; what returns a future is durable when done."""

    def file(self, delivery: Delivery) -> Future[bool]:
        """Write a delivery; the future says whether it is a repeat. Raise StoreBusy where too much waits."""

    def pending(self, limit: int) -> list[InboxDelivery]:
        """Return the oldest deliveries that wait to be translated, in order of receipt."""

    def waiting(self) -> int:
        """Return how many deliveries wait to be translated."""

    def copies(self, location: str, keys: Sequence[tuple[str, str]]) -> list[VendorCopy]:
        """Return the copies that there are of these `(kind, id)`."""

    def kept(self, location: str, kind: str, after: str, limit: int) -> list[VendorCopy]:
        """Return the copies of a kind after an id, by id."""

    def settle(self, outcomes: Sequence[DeliveryOutcome], copies: Sequence[VendorCopy]) -> Future[None]:
        """Write in one transaction what became of deliveries, and the copies that follow from them."""

    def reopen(self, location: str | None) -> Future[int]:
        """Let what failed or was ignored wait again, of one location or of all; the future says how many.

        The newest REOPENED at most, so that they leave room for deliveries that come meanwhile.
        """

    def prune(self, before: datetime) -> Future[int]:
        """Remove the oldest of what was translated or ignored before a moment; what failed stays.

        The future says how many: repeat until there are none.
        """

    def newest(self, location: str, states: Collection[State], limit: int) -> list[InboxDelivery]:
        """Return a location's newest deliveries in these states, newest first, of each body the first SHOWN characters.

        Without a state they are in any.
        """

    def tallies(self, location: str | None) -> list[DeliveryCounts]:
        """Return how many deliveries of a location, or of all, there are by vendor, type and state."""
