"""How the office writes numbers, money, shares, dates and clocks: the locale of the settings, read by CLDR (Babel).

One process writes in one locale. Where none is set it writes "$148,200", "18 %", "Tue 24 Nov, 14:07": no country's way,
and understood in all of them. Digits are 0 to 9 in every locale: charts and tables in the browser have no others, and
one page must not have two kinds.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache, cached_property

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import NumberPattern, get_decimal_symbol, get_group_symbol, parse_pattern

CURRENCY = "USD"
ALLOWED_LOCALE = "a locale, as in en-US, de-DE or ar-EG; empty: 24 Nov, 14:07, 18 %"

HOUSE_DATES = {
    "day": "d MMM",
    "weekday": "EEE d MMM",
    "date": "d MMM y",
    "month": "MMM",
    "whole_month": "MMMM",
    "month_of_year": "MMM y",
}
SKELETONS = {
    "day": "MMMd",
    "weekday": "MMMEd",
    "date": "yMMMd",
    "month": "MMM",
    "whole_month": "MMMM",
    "month_of_year": "yMMM",
}
"""What of a date is written, as patterns of the house and as skeletons of CLDR."""

_NUMBER = re.compile(r"[#0,]+(\.[#0]+)?")


@dataclass(frozen=True)
class OfficeLocale:
    """A locale by its name, as in "de-DE"; "" is the house's own way."""

    name: str = ""

    @cached_property
    def cldr(self) -> Locale:
        """Babel's locale; raise ValueError with what is allowed where there is none of this name."""
        try:
            return Locale.parse(self.name.replace("-", "_") or "en_US")
        except (UnknownLocaleError, ValueError, TypeError):
            raise ValueError(ALLOWED_LOCALE) from None

    @property
    def is_house(self) -> bool:
        return not self.name

    @property
    def tag(self) -> str:
        """The locale as a browser's `Intl` names it, with the digits 0 to 9."""
        return f"{str(self.cldr).replace('_', '-')}-u-nu-latn"

    @property
    def separators(self) -> str:
        """The decimal sign and the sign between thousands, as plotly takes them."""
        return get_decimal_symbol(self.cldr) + get_group_symbol(self.cldr)

    def number(self, value: Decimal, digits: int) -> str:
        """Write a number that is rounded already, with so many decimals."""
        return self._apply(self.cldr.decimal_formats[None].pattern, value, digits)

    def percent(self, share: Decimal, digits: int) -> str:
        """Write a share of 1 in percent, with so many decimals."""
        return self._apply("0 %" if self.is_house else self.cldr.percent_formats[None].pattern, share, digits)

    def money(self, value: Decimal, digits: int, suffix: str = "") -> str:
        """Write US dollars; `suffix` follows the number, as in "$2.47 M"."""
        return self._apply(self.cldr.currency_formats["standard"].pattern, value, digits, suffix)

    def date(self, form: str, when: date) -> str:
        """Write what `form`, one of SKELETONS, names of a date."""
        if self.is_house:
            return format_date(when, HOUSE_DATES[form], locale=self.cldr)
        return format_skeleton(SKELETONS[form], when, locale=self.cldr)

    def clock(self, when: datetime | time, seconds: bool = False) -> str:
        """Write the time of the day as it stands, in whichever zone it is."""
        at = when.timetz().replace(tzinfo=None) if isinstance(when, datetime) else when
        if self.is_house:
            return f"{at:%H:%M:%S}" if seconds else f"{at:%H:%M}"
        return format_time(at, "medium" if seconds else "short", locale=self.cldr)

    def axis_dates(self) -> Mapping[str, str]:
        """Return d3's patterns for an axis: the hour, the day, the month. Where months have other names: in digits."""
        if self.cldr.language != "en":
            day_first = format_skeleton("Md", date(2026, 11, 24), locale=self.cldr).find("24") < 2
            return {"hour": self._d3_hour, "day": "%-d.%-m." if day_first else "%-m/%-d", "month": "%-m/%Y"}
        day_first = self.is_house or format_skeleton("MMMd", date(2026, 11, 24), locale=self.cldr).startswith("24")
        return {"hour": self._d3_hour, "day": "%-d %b" if day_first else "%b %-d", "month": "%b %Y"}

    @property
    def _d3_hour(self) -> str:
        twelve = not self.is_house and "a" in self.cldr.time_formats["short"].pattern
        return "%-I:%M %p" if twelve else "%H:%M"

    def _apply(self, pattern: str, value: Decimal, digits: int, suffix: str = "") -> str:
        made = _pattern(pattern, digits, suffix)
        return str(made.apply(value, self.cldr, currency=CURRENCY, currency_digits=False))


@cache
def _pattern(pattern: str, digits: int, suffix: str) -> NumberPattern:
    """Return CLDR's pattern with so many decimals, and a suffix behind the number."""
    whole = _NUMBER.search(pattern)
    assert whole, "each of CLDR's patterns has a number"
    number = whole[0].partition(".")[0] + (f".{'0' * digits}" if digits else "") + (f"'{suffix}'" if suffix else "")
    return parse_pattern(_NUMBER.sub(lambda _: number, pattern))


def check_locale(name: str) -> str:
    """Return the name of a locale; raise ValueError with what is allowed."""
    _ = OfficeLocale(name).cldr
    return name


_locale = OfficeLocale()


def office_locale() -> OfficeLocale:
    """Return the locale in which this process writes."""
    return _locale


def write_in(name: str) -> None:
    """Write in this locale from now on, wherever this process writes."""
    global _locale
    _locale = OfficeLocale(name)
