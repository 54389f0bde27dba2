"""Telephone numbers: in one form (E.164), so that two systems' numbers of one person are equal, and as people do."""

from functools import lru_cache

import phonenumbers
from phonenumbers import timezone

REGION = "US"
"""Where a number without a country code is dialled."""

MAX_TEXT = 64
"""Characters of what is no number any more."""


def normalize(number: object, country: object = None) -> str | None:
    """Return a telephone number as E.164, None where it is not one.

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


@lru_cache(8192)
def zone_name(number: str) -> str:
    """Return the name of the time zone in which a number in E.164 is, "" where that may be several or none is known."""
    try:
        zones = timezone.time_zones_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return ""
    return str(zones[0]) if len(zones) == 1 and zones[0] != timezone.UNKNOWN_TIMEZONE else ""


@lru_cache(8192)
def written(number: str) -> str:
    """Write a number in E.164 as people do: "(512) 555-0127", one of another country with its code; else as it is."""
    if not number.startswith("+"):
        return number
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    at_home = parsed.country_code == phonenumbers.country_code_for_region(REGION)
    form = phonenumbers.PhoneNumberFormat.NATIONAL if at_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, form)
