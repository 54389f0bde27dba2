"""Qualification: the latest of every seller, and since when one is hot or stalled."""

from collections.abc import Container
from typing import Any, Literal, NamedTuple

from jorge_data.events import Event
from jorge_data.metrics.wall.contacts import RETENTION, Contacts


class SellerStatus(NamedTuple):
    """A seller's newest qualification; `hot_since` and `stalled_since` are 0 where it is not so."""

    contact: str
    at: int
    temperature: Literal["hot", "warm", "cold"]
    hot_since: int
    answered: int
    question: int
    effectiveness: int
    stalled_since: int
    stall_type: str
    next_step: str
    value: float | None

    @property
    def in_progress(self) -> bool:
        return self.answered < 4

    @property
    def needs_attention(self) -> bool:
        """Return whether a person may have to act: the seller is hot or stalled."""
        return bool(self.hot_since or self.stalled_since)


class Qualification:
    """Keep the newest qualification of each contact of the last 30 days; `candidates` may be open items.

    The wall searches for open items at every paint: among the few candidates, not among all sellers.
    """

    def __init__(self) -> None:
        self.sellers: dict[str, SellerStatus] = {}
        self.candidates: set[str] = set()

    def apply(self, event: Event, at: int) -> None:
        data = event.data
        contact = data["contact_id"]
        was = self.sellers.get(contact)
        if was is None or at >= was.at:
            seller = self.sellers[contact] = _seller(contact, data, at, was)
            (self.candidates.add if seller.needs_attention else self.candidates.discard)(contact)

    def current(self, contacts: Contacts, now: int) -> list[SellerStatus]:
        """Return the sellers whose contact had an event in the last 30 days."""
        return [seller for seller in self.sellers.values() if contacts.seen(seller.contact) >= now - RETENTION]

    def expire(self, at: int, contacts: Container[str]) -> None:
        """Forget contacts that are no longer known."""
        self.sellers = {contact: seller for contact, seller in self.sellers.items() if contact in contacts}
        self.candidates &= self.sellers.keys()

    def dump(self) -> list[Any]:
        return [list(seller) for seller in self.sellers.values()]

    def load(self, dump: list[Any]) -> None:
        self.sellers = {row[0]: SellerStatus(*row) for row in dump}
        self.candidates = {contact for contact, seller in self.sellers.items() if seller.needs_attention}


def _seller(contact: str, data: dict[str, Any], at: int, was: SellerStatus | None) -> SellerStatus:
    temperature, question = data["seller_temperature"], data["current_question"]
    hot_since = stalled_since = 0
    if temperature == "hot":
        hot_since = (was.hot_since if was else 0) or at
    if data["stall_detected"]:
        # A stall on another question is a new stall: it asks for a human again.
        stalled_since = (was.stalled_since if was and was.question == question else 0) or at
    return SellerStatus(
        contact,
        at,
        temperature,
        hot_since,
        data["questions_answered"],
        question,
        round(data["confrontational_effectiveness"]),
        stalled_since,
        data.get("stall_type") or "",
        data["next_step"],
        data.get("estimated_value"),
    )
