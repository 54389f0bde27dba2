"""Phone numbers in one form (E.164), so that two systems' numbers of one person are equal."""

import re

_NOT_DIALLED = re.compile(r"[^0-9+]")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


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
