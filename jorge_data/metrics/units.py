"""Units: how a value is written, and how its change is."""

from enum import Enum

from jorge_data.metrics.wording import NO_DATA, cents, milliseconds, money, percent

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
            rest = whole % size // below
            return f"{whole // size} {name} {rest} {part}" if rest else f"{whole // size} {name}"
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
