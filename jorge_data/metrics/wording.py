"""Figures as words: money, shares, durations, and text from events cut to a line."""

import math
from datetime import date
from zoneinfo import ZoneInfo

from jorge_data.events.timestamps import micros_of, moment

NO_DATA = "no data"
MAX_TEXT = 160
SIGNS = {"hot": "▲ hot", "warm": "● warm", "cold": "▼ cold"}


def cents(dollars: float) -> int:
    """Return US dollars as whole cents."""
    return round(dollars * 100)


def money(amount: int) -> str:
    """Write cents as whole dollars: "$148,200"."""
    return f"${round(amount / 100):,}"


def short_money(amount: int) -> str:
    """Write a large sum short: "$2.47 M"."""
    return f"${amount / 100e6:.2f} M" if amount >= 100e6 else money(amount)


def percent(share: float, digits: int = 1) -> str:
    """Write a share of 1, rounded down, so that none reads as a target that it missed, and only all of it "100 %"."""
    scale = 10**digits
    text = f"{math.floor(share * 100 * scale + 1e-6) / scale:.{digits}f}"
    return f"{text.rstrip('0').rstrip('.') if digits else text} %"


def portion(share: float) -> str:
    """Write a part of a whole to the nearest percent; only all of it reads "100 %"."""
    return f"{min(round(share * 100), 99) if share < 1 else 100} %"


def milliseconds(value: float) -> str:
    """Write a duration: "39 ms", "1.8 s"."""
    return f"{value:.0f} ms" if value < 999.5 else f"{value / 1000:.1f} s"


def line(text: str | None) -> str:
    """Put text of an event on one line of at most 160 characters; it stays plain text."""
    joined = " ".join((text or "")[: 4 * MAX_TEXT].split())
    return joined if len(joined) <= MAX_TEXT else joined[: MAX_TEXT - 1] + "…"


def joined(*parts: str | None) -> str:
    """Join what there is with a middle dot."""
    return " · ".join(part for part in parts if part)


def day(text: str, zone: ZoneInfo) -> str:
    """Write a date or moment of the contract as the office's day: "27 Nov"."""
    when = date.fromisoformat(text) if len(text) <= 10 else moment(micros_of(text, zone)).astimezone(zone)
    return f"{when.day} {when:%b}"
