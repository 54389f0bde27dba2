"""Money as people write it into a CRM: `$350,000`, `350k`, `1.2 million`, `350.000,00 USD`."""

import math
import re
from typing import Any

from price_parser import Price

MAX_TEXT = 80
_NUMBER = re.compile(r"\d(?:[\d.,' \u00a0\u202f]*\d)?")
_MULTIPLIER = re.compile(r"(?<=[\d\s])(k|thousand|m|mm|mio|mil|million)\b", re.IGNORECASE)
_TIMES = {"k": 1e3, "thousand": 1e3}
_UNCLEAR = re.compile(r"%|/|\bper\b|[€£¥₹]|\b(EUR|GBP|CAD|AUD|MXN|CHF|JPY|INR)\b|^\D*\d{1,3}\.\d{3}$", re.IGNORECASE)
"""Shares, prices per something, other people's money; and 350.000, which is 350 to one and 350,000 to another."""


ALLOWED = "one amount of money, as in 350000, $350,000 or 350k"


def read_money(value: Any) -> float | None:
    """Return an amount of 0 or more; None where a value is not one amount: a range, a share, words alone."""
    if isinstance(value, str):
        return _from_text(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and value >= 0 else None


def _from_text(text: str) -> float | None:
    numbers = _NUMBER.findall(text) if len(text) <= MAX_TEXT else []
    if len(numbers) != 1 or _UNCLEAR.search(text) or re.search(r"(^|[^\w])[-−(]\s*\D{0,3}\d", text):
        return None
    multiplier = _MULTIPLIER.search(text)
    amount = Price.fromstring(numbers[0]).amount
    if amount is None:
        return None
    return float(amount) * (_TIMES.get(multiplier[1].lower(), 1e6) if multiplier else 1)
