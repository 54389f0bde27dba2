"""The period in a link: `range` is for every page, `range_ml` for that page alone, and `from` and `to` are its days.

The link alone says which period is shown: what it does not say is the page's own. It goes along to every page.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from jorge_data.dashboard.query.page_query import MONTHS, RANGES
from jorge_data.events.timestamps import parse_date

CUSTOM = "Custom"
NAMES = (*RANGES, *MONTHS, CUSTOM)
PARAMETERS = ("range", "from", "to")
EARLIEST = date(2000, 1, 1)
"""The first day that can be chosen: nobody's events are older."""


@dataclass(frozen=True)
class ChosenPeriod:
    """A period by its name, with its first and last day where that is `Custom`; `page` is "" where it is for all."""

    name: str
    days: tuple[date, date] | None = None
    page: str = ""

    @property
    def parameters(self) -> dict[str, str]:
        """Return what a link says for this period."""
        days = map(date.isoformat, self.days or ())
        return dict(zip(_names(self.page), (self.name, *days), strict=False))


class WrongPeriod(ValueError):
    """What a link says of the period, and what is allowed."""


def read_period(link: Mapping[str, str], page: str, today: date) -> ChosenPeriod | None:
    """Return the period that a link names for a page; None where it names none. Raise WrongPeriod."""
    return _read(link, page, today) or _read(link, "", today)


def carried_periods(link: Mapping[str, str], pages: Iterable[str], today: date) -> dict[str, str]:
    """Return what goes along to other pages: every period that the link names, for all or for one, and can be read."""
    carried: dict[str, str] = {}
    for page in ("", *pages):
        try:
            period = _read(link, page, today)
        except WrongPeriod:
            continue
        carried |= period.parameters if period else {}
    return carried


def replaced_by(period: ChosenPeriod | None, link: Iterable[str]) -> set[str]:
    """Return the names in a link that a chosen period replaces; None is each page's own again.

    A period for every page takes the place of all others, one for a page that of this page's and of the one for all.
    """
    if period is None or not period.page:
        return {name for name in link if name.partition("_")[0] in PARAMETERS}
    return {name for name in link if name in (*PARAMETERS, *_names(period.page))}


def _names(page: str) -> tuple[str, ...]:
    return tuple(f"{name}_{page}" if page else name for name in PARAMETERS)


def _read(link: Mapping[str, str], page: str, today: date) -> ChosenPeriod | None:
    of, first, last = _names(page)
    name = link.get(of) or (CUSTOM if first in link or last in link else None)
    if name is None:
        return None
    if name not in NAMES:
        raise WrongPeriod(f"{of} is {name[:40]!r}: allowed are {', '.join(NAMES[:-1])} and {CUSTOM}")
    if name != CUSTOM:
        return ChosenPeriod(name, page=page)
    days = _day(link, first, today), _day(link, last, today)
    if days[1] < days[0]:
        raise WrongPeriod(f"{last} is {days[1]}, before {first}: allowed are days from {days[0]} to today")
    return ChosenPeriod(CUSTOM, days, page)


def _day(link: Mapping[str, str], name: str, today: date) -> date:
    allowed = f"allowed are days such as {today}, from {EARLIEST} to today"
    text = link.get(name)
    if text is None:
        raise WrongPeriod(f"{name} is missing: {allowed}")
    try:
        day = parse_date(text)
    except ValueError:
        raise WrongPeriod(f"{name} is {text[:40]!r}, which is no day: {allowed}") from None
    if not EARLIEST <= day <= today:
        raise WrongPeriod(f"{name} is {text!r}, {'in the future' if day > today else 'too early'}: {allowed}")
    return day
