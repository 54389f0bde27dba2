"""Phone numbers in one form (E.164), so that two systems' numbers of one person are equal."""

from functools import lru_cache

import phonenumbers

REGION = "US"
"""Where a number without a country code is dialled."""

MAX_TEXT = 64


def normalize(number: object) -> str | None:
    """Return a phone number as E.164, None where it is not one; without a country code it is North American."""
    if isinstance(number, int) and not isinstance(number, bool):  # as spreadsheets have it
        number = str(number)
    return _e164(number) if isinstance(number, str) and len(number) <= MAX_TEXT else None


@lru_cache(8192)
def _e164(number: str) -> str | None:
    if number.strip().startswith("00"):
        number = f"+{number.strip()[2:]}"
    try:
        parsed = phonenumbers.parse(number, REGION)
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(parsed) == phonenumbers.ValidationResult.IS_POSSIBLE
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if possible else None
