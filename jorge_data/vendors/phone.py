"""Whose each telephone number is."""

from typing import Any

MOST_HOLDERS = 20
"""Most contacts of one number that are remembered, those told last."""


def holders_of(copy: dict[str, Any] | None) -> list[str]:
    """Return the contacts that a number's stored copy names, the one told last first."""
    told = copy or {}
    return [holder for holder in (told.get("contact_id"), *told.get("others", ())) if isinstance(holder, str)]


def with_holder(copy: dict[str, Any] | None, contact: str) -> dict[str, Any]:
    """Return a number's copy once a contact was told to have it: people of one household or office share theirs."""
    others = [holder for holder in holders_of(copy) if holder != contact][: MOST_HOLDERS - 1]
    return {"contact_id": contact, "others": others} if others else {"contact_id": contact}
