"""Phone numbers in one form (E.164), so that two systems' numbers of one person are equal, and whose each is."""

import re
from typing import Any

_NOT_DIALLED = re.compile(r"[^0-9+]")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


MOST_HOLDERS = 20
"""Most contacts of one number that are remembered, those told last."""


def normalize(number: object) -> str | None:
    """Return a phone number as E.164, None where it is not one; ten digits alone are a North American number."""
    if not isinstance(number, str) or len(number) > 64:
        return None
    dialled = _NOT_DIALLED.sub("", number)
    if dialled.startswith("00"):
        dialled = f"+{dialled[2:]}"
    elif len(dialled) == 10:
        dialled = f"+1{dialled}"
    elif len(dialled) == 11 and dialled.startswith("1"):
        dialled = f"+{dialled}"
    return dialled if _E164.fullmatch(dialled) else None


def holders_of(copy: dict[str, Any] | None) -> list[str]:
    """Return the contacts that a number's stored copy names, the one told last first."""
    told = copy or {}
    return [holder for holder in (told.get("contact_id"), *told.get("others", ())) if isinstance(holder, str)]


def with_holder(copy: dict[str, Any] | None, contact: str) -> dict[str, Any]:
    """Return a number's copy once a contact was told to have it: people of one household or office share theirs."""
    others = [holder for holder in holders_of(copy) if holder != contact][: MOST_HOLDERS - 1]
    return {"contact_id": contact, "others": others} if others else {"contact_id": contact}
