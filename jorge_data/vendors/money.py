"""Money as people write it into a CRM: `$350,000`, `350k`, `1.2 million`, `350.000,00 USD`."""

import re
from typing import Any

from price_parser import Price

MAX_TEXT = 80
_AMOUNT = re.compile(
    r"(?:about|around|approx(?:imately|\.)?|est(?:imated|\.)?|asking|offer|price|~|:|\s)*"
    r"(?:us\s?\$|usd|\$)?\s*"
    r"(?P<number>\d(?:[\d.,' \u00a0\u202f]*\d)?)\s*"
    r"(?P<times>k|thousand|m|mm|mio|mil|million|b|bn|billion)?\s*\+?\s*"
    r"(?:usd|us\s?\$|\$|dollars?)?",
    re.IGNORECASE,
)
_TIMES = {"k": 10**3, "thousand": 10**3, "b": 10**9, "bn": 10**9, "billion": 10**9}
_UNCLEAR = re.compile(r"\d{1,3}\.\d{3}|\d+,\d{1,2}")
"""350.000 is 350 to one and 350,000 to another; of 350,00 America does not say whether a digit is missing."""

_EXPONENT = re.compile(r"\d+(?:\.\d+)?[eE]\+?\d{1,2}")

MOST = 10**15
ALLOWED = "one amount of money, as in 350000, $350,000 or 350k"


def read_money(value: Any) -> float | None:
    """Return an amount of 0 or more US dollars; None where a value is not one: a range, a share, another currency."""
    if isinstance(value, dict) and value.get("currency") in (None, "", "USD"):
        value = value.get("value", value.get("amount"))
    if isinstance(value, str):
        text = value.strip()
        return read_money(float(text)) if _EXPONENT.fullmatch(text) else _from_text(text)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= MOST else None


def _from_text(text: str) -> float | None:
    match = _AMOUNT.fullmatch(text) if len(text) <= MAX_TEXT else None
    if match is None or (_UNCLEAR.fullmatch(match["number"]) and not match["times"]):
        return None
    amount = Price.fromstring(match["number"]).amount
    times = _TIMES.get(match["times"].lower(), 10**6) if match["times"] else 1
    return float(amount * times) if amount is not None and amount * times <= MOST else None
