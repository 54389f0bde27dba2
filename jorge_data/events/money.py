"""Money: dollars as decimal text or as a number, and the one rounding of them to cents."""

import re
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

DOLLARS = r"^[0-9]{1,12}(\.[0-9]{1,12})?$"
"""Decimal text: a token costs millionths of a cent, which a binary fraction does not add up exactly."""

MAX_DOLLARS = 1e12
_DECIMAL = r"[0-9]+(\.[0-9]+)?"
_CENT, _FINEST = Decimal("0.01"), Decimal("1e-12")


def cents(dollars: float) -> int:
    """Return US dollars as whole cents, a half going to the even cent."""
    # By the digits that the number is written with: 1.015 × 100 is 101.49999999999999 in binary.
    return int(Decimal(str(dollars)).quantize(_CENT, ROUND_HALF_EVEN) * 100)


def dollars(value: Any) -> float | None:
    """Return an amount in US dollars as a number, from text or number; None where it is neither, or less than 0.

    Events are older than the rule of `check_dollars`: whatever they hold must be read.
    """
    match value:
        case str() if re.fullmatch(_DECIMAL, value):
            return float(value)
        case int() | float() if not isinstance(value, bool) and value >= 0:
            return value
    return None


def decimal_text(amount: Decimal) -> str:
    """Return an amount as decimal text that an event may carry: to a millionth of a millionth, without an exponent."""
    text = f"{amount.quantize(_FINEST, ROUND_HALF_EVEN):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def check_dollars(value: Any) -> float | str:
    """Return an amount in US dollars; raise ValueError where it is neither decimal text nor a number from 0 to 1e12."""
    match value:
        case str() if re.fullmatch(DOLLARS, value):
            return value
        case int() | float() if not isinstance(value, bool) and 0 <= value <= MAX_DOLLARS:
            return value
    raise ValueError("allowed: US dollars from 0 to 1e12, a number or decimal text, as in 0.0125")
