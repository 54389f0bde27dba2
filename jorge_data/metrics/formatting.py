"""Formatting of values for people: one form for each unit, money, durations, shares, changes; and events' text."""

import math
from datetime import date
from enum import Enum
from zoneinfo import ZoneInfo

from jorge_data.events.money import cents
from jorge_data.events.timestamps import micros_of, moment

NO_DATA = "no data"
MAX_TEXT = 160
SIGNS = {"hot": "▲ hot", "warm": "● warm", "cold": "▼ cold"}


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
    """Return text of an event as one line of plain text, at most MAX_TEXT characters."""
    joined = " ".join((text or "")[: 4 * MAX_TEXT].split())
    return joined if len(joined) <= MAX_TEXT else joined[: MAX_TEXT - 1] + "…"


def joined(*parts: str | None) -> str:
    """Join the parts that are not empty with a middle dot."""
    return " · ".join(part for part in parts if part)


def day(text: str, zone: ZoneInfo) -> str:
    """Write a date or moment of the contract as the office's day: "27 Nov"."""
    when = date.fromisoformat(text) if len(text) <= 10 else moment(micros_of(text, zone)).astimezone(zone)
    return f"{when.day} {when:%b}"


MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400


class Unit(Enum):
    """What a figure counts; a duration in seconds or milliseconds is written in the largest unit that fits."""

    COUNT = "count"
    SHARE = "share"
    MS = "ms"
    SECONDS = "s"
    DOLLARS = "$"
    SCORE = "score"
    RATIO = "ratio"


def write(value: float | None, unit: Unit) -> str:
    """Write a value in its unit; None, which is not 0, reads "no data"."""
    if value is None:
        return NO_DATA
    match unit:
        case Unit.SHARE:
            return percent(value)
        case Unit.MS:
            return milliseconds(value)
        case Unit.SECONDS:
            return duration(value)
        case Unit.DOLLARS:
            return money(cents(value))
        case Unit.SCORE:
            return f"{value:.0f}"
        case Unit.RATIO:
            return f"{value:.3f}"
        case Unit.COUNT:
            return f"{value:,.0f}"


def duration(seconds: float) -> str:
    """Write seconds in two parts at most: "48 s", "6 m 12 s", "2 d 4 h"."""
    whole = round(seconds)
    for size, name, below, part in ((DAY_S, "d", HOUR_S, "h"), (HOUR_S, "h", MINUTE_S, "m"), (MINUTE_S, "m", 1, "s")):
        if whole >= size:
            remainder = whole % size // below
            return f"{whole // size} {name} {remainder} {part}" if remainder else f"{whole // size} {name}"
    return f"{whole} s"


def change(now: float | None, before: float | None, unit: Unit) -> str | None:
    """Write by how much a value changed: shares and ratios in points, all else in percent, "0" where it did not.

    None where either is unknown.
    """
    if now is None or before is None:
        return None
    if unit is Unit.SHARE:
        return _signed((now - before) * 100, ".1f", " points")
    if unit is Unit.RATIO:
        return _signed(now - before, ".3f", "")
    if before == 0:
        return f"+{write(now, unit)}" if now > 0 else "0"
    return _signed((now / before - 1) * 100, ".1f", " %")


def _signed(value: float, form: str, suffix: str) -> str:
    written = format(value, f"+{form}")
    return f"{written}{suffix}" if float(written) else "0"
