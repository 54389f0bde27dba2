"""The one way in which the product writes: numbers, money, shares, durations, changes, dates and events' text.

In the office's locale (`office_locale`); everything is rounded, nothing cut off. Names of stages and kinds: `names`.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import ROUND_HALF_EVEN, Decimal
from enum import Enum
from functools import lru_cache
from zoneinfo import ZoneInfo

from jorge_data.events.money import cents
from jorge_data.events.timestamps import micros_of, moment
from jorge_data.metrics.office_locale import OfficeLocale, office_locale

NO_DATA = "no data"
MAX_TEXT = 160
SIGNS = {"hot": "▲ hot", "warm": "● warm", "cold": "▼ cold"}


MOST_DIGITS = 4
"""No share has more decimals, however close it is to all or nothing, or a value to its target."""


def rounded(value: float | Decimal, digits: int = 0) -> Decimal:
    """Round to so many decimals, a half to the even digit, as the value is written: 2.675 is a half, 2.68."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    return exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN) + 0


def number(value: float | Decimal, digits: int = 0) -> str:
    """Write a number with so many decimals: "12,834"."""
    return _number(office_locale(), value, digits)


@lru_cache(4096)
def _number(locale: OfficeLocale, value: float | Decimal, digits: int) -> str:
    """Write a number; remembered, for CLDR's way takes 50 µs, and the feed's lines write the same few over and over."""
    return locale.number(rounded(value, digits), digits)


def plural(n: int, one: str, many: str = "") -> str:
    """Write a count and what is counted: "1 deal", "6 deals"."""
    return f"{number(n)} {one if n == 1 else many or one + 's'}"


def money(amount: int) -> str:
    """Write cents as whole dollars: "$148,200"."""
    return office_locale().money(rounded(Decimal(amount) / 100), 0)


def short_money(amount: int) -> str:
    """Write a large sum short: "$2.47 M"."""
    return office_locale().money(rounded(Decimal(amount) / 10**8, 2), 2, " M") if amount >= 100e6 else money(amount)


def amount(value: float | str | Decimal) -> str:
    """Write a number to two decimals, below 1 to its second digit, and whole from 1,000 on: "12.40", "0.0013"."""
    exact = Decimal(str(value))
    return number(exact, _telling_digits(exact))


def cost(dollars: float | str | Decimal) -> str:
    """Write what something cost: "$12.40", "$0.0013"."""
    exact = Decimal(str(dollars))
    digits = _telling_digits(exact)
    return office_locale().money(rounded(exact, digits), digits)


def _telling_digits(exact: Decimal) -> int:
    """Return with how many decimals a number is written, zeros at its end beyond the second left out."""
    if abs(exact) >= 1000:
        return 0
    digits = 2 if not exact or abs(exact) >= 1 else max(2, 1 - exact.adjusted())
    while digits > 2 and rounded(exact, digits) == rounded(exact, digits - 1):
        digits -= 1
    return digits


def percent(share: float, digits: int = 1) -> str:
    """Write a share of 1 with at most so many decimals; more where it would read as all or nothing and is not."""
    exact = Decimal(repr(float(share))) * 100
    shown = rounded(exact, digits)
    while digits < MOST_DIGITS and shown in (0, 100) and shown != exact:
        digits += 1
        shown = rounded(exact, digits)
    while digits and shown == rounded(shown, digits - 1):
        digits -= 1
    return office_locale().percent(shown / 100, digits)


def portion(share: float) -> str:
    """Write a part of a whole to the nearest percent: "18 %"; parts that stand together are written by `portions`."""
    return percent(share, 0)


def portions(parts: Sequence[float]) -> list[str]:
    """Write the parts of one whole in percent so that they add up to 100, by the largest remainder (Hamilton).

    With a decimal more where a part would read as all or nothing and is not; "" for each where there is nothing.
    """
    exact = [Decimal(repr(float(part))) for part in parts]
    total = sum(exact)
    if not total:
        return [""] * len(parts)
    for digits in range(MOST_DIGITS + 1):
        units = _largest_remainder([part * 100 * 10**digits / total for part in exact])
        if all(0 < unit < 100 * 10**digits or part in (0, total) for unit, part in zip(units, exact, strict=True)):
            break
    return [office_locale().percent(Decimal(unit).scaleb(-digits - 2), digits) for unit in units]


def _largest_remainder(shares: list[Decimal]) -> list[int]:
    """Round down, and give what is missing from the sum to the largest remainders, the greater share first."""
    units = [int(share) for share in shares]
    order = sorted(range(len(shares)), key=lambda at: (shares[at] - units[at], shares[at]), reverse=True)
    for at in order[: int(rounded(sum(shares, Decimal(0)))) - sum(units)]:
        units[at] += 1
    return units


def milliseconds(value: float) -> str:
    """Write a duration: "39 ms", "1.8 s"."""
    return f"{number(value)} ms" if value < 999.5 else f"{number(value / 1000, 1)} s"


def line(text: str | None) -> str:
    """Return text of an event as one line of plain text, at most MAX_TEXT characters."""
    joined = " ".join((text or "")[: 4 * MAX_TEXT].split())
    return joined if len(joined) <= MAX_TEXT else joined[: MAX_TEXT - 1] + "…"


_BEFORE_NAMES = frozenset({"dr", "hon", "miss", "mr", "mrs", "ms", "prof", "rev", "sr", "sra", "srta"})


def first_name(name: str) -> str:
    """Return by which name people speak of somebody: "Ann" of "Dr. Ann Lee"; "" where there is none."""
    words = line(name).split()
    named = [word for word in words if word.rstrip(".").casefold() not in _BEFORE_NAMES]
    return next(iter(named or words), "").rstrip(",")


def joined(*parts: str | None) -> str:
    """Join the parts that are not empty with a middle dot."""
    return " · ".join(part for part in parts if part)


def day(text: str, zone: ZoneInfo) -> str:
    """Write a date or moment of the contract as the office's day: "27 Nov"."""
    return write_day(date.fromisoformat(text) if len(text) <= 10 else moment(micros_of(text, zone)).astimezone(zone))


def write_day(when: date) -> str:
    """Write a day of this year: "27 Nov"."""
    return office_locale().date("day", when)


def write_weekday(when: date) -> str:
    """Write a near day: "Tue 24 Nov"."""
    return office_locale().date("weekday", when)


def write_date(when: date) -> str:
    """Write a day of any year: "24 Nov 2026"."""
    return office_locale().date("date", when)


def write_month(when: date, with_year: bool = False, whole: bool = False) -> str:
    """Write a month: "Nov", or "Nov 2026"; as a whole word "November"."""
    return office_locale().date("month_of_year" if with_year else "whole_month" if whole else "month", when)


def write_clock(when: datetime | time, seconds: bool = False) -> str:
    """Write the time of the day in the zone that it has: "14:07", "14:07:09"."""
    return office_locale().clock(when, seconds)


def write_moment(when: datetime, weekday: bool = False, year: bool = False) -> str:
    """Write a moment in the zone that it has: "24 Nov, 14:07"; "Tue 24 Nov, 14:07"; "24 Nov 2026, 14:07"."""
    written = write_weekday(when) if weekday else write_date(when) if year else write_day(when)
    return f"{written}, {write_clock(when)}"


def write_days(first: date, last: date, this_year: int | None = None) -> str:
    """Write a span of days, the last included: "1 Oct to 24 Nov"; with the year where it is not `this_year`."""
    same_year = first.year == last.year
    end = write_day(last) if same_year and last.year == this_year else write_date(last)
    if (first.year, first.month, first.day) == (last.year, last.month, last.day):
        return end
    if same_year and first.month == last.month and office_locale().is_house:
        return f"{first.day} to {end}"
    return f"{write_day(first) if same_year else write_date(first)} to {end}"


MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400


class Unit(Enum):
    """What a figure counts; a duration in seconds or milliseconds is written in the largest unit that fits."""

    COUNT = "count"
    SHARE = "share"
    MS = "ms"
    SECONDS = "s"
    DOLLARS = "$"
    COST = "$, exactly"
    SCORE = "score"
    RATIO = "ratio"


def write(value: float | None, unit: Unit, target: float | None = None) -> str:
    """Write a value in its unit; None, which is not 0, reads "no data".

    Beside a target that it is not, it has as many decimals more as tell it from that target: "42.3 ms", not "42 ms".
    """
    if value is None:
        return NO_DATA
    digits = {Unit.SHARE: 1, Unit.RATIO: 3}.get(unit, 0)
    text = _with_digits(value, unit, digits)
    while (
        target is not None and value != target and digits < MOST_DIGITS and text == _with_digits(target, unit, digits)
    ):
        digits += 1
        text = _with_digits(value, unit, digits)
    return text


def _with_digits(value: float, unit: Unit, digits: int) -> str:
    match unit:
        case Unit.SHARE:
            return percent(value, digits)
        case Unit.MS:
            return f"{number(value, digits)} ms" if digits else milliseconds(value)
        case Unit.SECONDS:
            return duration(value)
        case Unit.DOLLARS:
            return money(cents(value))
        case Unit.COST:
            return cost(value)
        case Unit.SCORE | Unit.RATIO | Unit.COUNT:
            return number(value, digits)


_PARTS = ((DAY_S, "d", HOUR_S, "h"), (HOUR_S, "h", MINUTE_S, "m"), (MINUTE_S, "m", 1, "s"))


def duration(seconds: float) -> str:
    """Write seconds in the largest unit, rounded; below ten of it with the next one: "48 s", "6 m 12 s", "34 d".

    The same rule is written in JavaScript for clocks that run (`age`, push/frontend/dom.js).
    """
    exact = Decimal(repr(float(seconds)))
    for size, name, below, part in _PARTS:
        if rounded(exact / below) * below >= size:
            fine = rounded(exact / below) * below < 10 * size
            unit = below if fine else size
            whole = int(rounded(exact / unit)) * unit
            remainder = whole % size // below
            written = f"{number(whole // size)} {name}"
            return f"{written} {remainder} {part}" if remainder else written
    return f"{rounded(exact)} s"


def change(now: float | None, before: float | None, unit: Unit) -> str | None:
    """Write by how much a value changed: shares and ratios in points, all else in percent, "0" where it did not.

    None where either is unknown.
    """
    if now is None or before is None:
        return None
    if unit is Unit.SHARE:
        return _signed(number, (now - before) * 100, 1, " points")
    if unit is Unit.RATIO:
        return _signed(number, now - before, 3)
    if before == 0:
        return f"+{write(now, unit)}" if now > 0 else "0"
    by = (now / before - 1) * 100
    return _signed(lambda value, digits: percent(float(value) / 100, digits), by, 0 if abs(by) >= 1 else 1)


def _signed(write: Callable[[Decimal, int], str], value: float, digits: int, suffix: str = "") -> str:
    shown = rounded(value, digits)
    return f"{'-' if shown < 0 else '+'}{write(abs(shown), digits)}{suffix}" if shown else "0"
