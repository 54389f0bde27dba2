"""Phone numbers in one form (E.164), so that two systems' numbers of one person are equal, and whose each is."""

from functools import lru_cache
from typing import Any

import phonenumbers

REGION = "US"
"""Where a number without a country code is dialled."""

MAX_TEXT = 64


MOST_HOLDERS = 20
"""Most contacts of one number that are remembered, those told last."""


def normalize(number: object, country: object = None) -> str | None:
    """Return a phone number as E.164, None where it is not one.

    Without a country code it is of the country with this code of two letters, else North American.
    """
    region = country.upper() if isinstance(country, str) and len(country) == 2 else REGION
    if isinstance(number, int) and not isinstance(number, bool):  # as spreadsheets have it
        number = str(number)
    return _e164(number, region) if isinstance(number, str) and len(number) <= MAX_TEXT else None


@lru_cache(8192)
def _e164(number: str, region: str) -> str | None:
    if number.strip().startswith("00"):
        number = f"+{number.strip()[2:]}"
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(parsed) == phonenumbers.ValidationResult.IS_POSSIBLE
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if possible else None


def holders_of(copy: dict[str, Any] | None) -> list[str]:
    """Return the contacts that a number's stored copy names, the one told last first."""
    told = copy or {}
    return [holder for holder in (told.get("contact_id"), *told.get("others", ())) if isinstance(holder, str)]


def with_holder(copy: dict[str, Any] | None, contact: str) -> dict[str, Any]:
    """Return a number's copy once a contact was told to have it: people of one household or office share theirs."""
    others = [holder for holder in holders_of(copy) if holder != contact][: MOST_HOLDERS - 1]
    return {"contact_id": contact, "others": others} if others else {"contact_id": contact}
