"""The period in a link: `range` is for every page, `range_ml` for that page alone, and `from` and `to` are its ends.

An end is a day, both of them within the period, or a minute by the office's clock, `2026-11-25T09:30`, at which it
begins or ends. The link alone says which period is shown: what it does not say is the page's own. It goes along to
every page.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from jorge_data.dashboard.query.page_query import MONTHS, RANGES
from jorge_data.events.timestamps import midnight, moment, parse_date

CUSTOM = "Custom"
NAMES = (*RANGES, *MONTHS, CUSTOM)
PARAMETERS = ("range", "from", "to")
EARLIEST = date(2000, 1, 1)
"""The first day that can be chosen: nobody's events are older."""
MINUTES = "%Y-%m-%dT%H:%M"

Bound = date | datetime
"""An end of a period: a day, or a minute by the office's clock, which has no zone of its own."""


@dataclass(frozen=True)
class ChosenPeriod:
    """A period by its name, with its ends where that is `Custom`; `page` is "" where it is for all."""

    name: str
    days: tuple[Bound, Bound] | None = None
    page: str = ""

    @property
    def has_minutes(self) -> bool:
        """Return whether an end is a minute."""
        return any(isinstance(bound, datetime) for bound in self.days or ())

    @property
    def parameters(self) -> dict[str, str]:
        """Return what a link says for this period."""
        days = map(written, self.days or ())
        return dict(zip(_names(self.page), (self.name, *days), strict=False))


class WrongPeriod(ValueError):
    """What a link says of the period, and what is allowed."""


def written(bound: Bound) -> str:
    """Return an end as a link has it."""
    return bound.strftime(MINUTES) if isinstance(bound, datetime) else bound.isoformat()


def clock_of(bounds: tuple[Bound, Bound]) -> tuple[datetime, datetime]:
    """Return what the office's clock shows at the beginning and at the end; a day ends when the next one begins."""
    first, last = bounds
    end = last if isinstance(last, datetime) else datetime.combine(last, time()) + timedelta(days=1)
    return first if isinstance(first, datetime) else datetime.combine(first, time()), end


def moments_of(bounds: tuple[Bound, Bound], office_zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return beginning and end, half-open; a minute that the clock shows twice is the first of the two."""
    start, end = (_moment(clock, office_zone) for clock in clock_of(bounds))
    return start, end


def _moment(clock: datetime, office_zone: ZoneInfo) -> datetime:
    if clock.time() == time():
        return moment(midnight(clock.date(), office_zone))
    return clock.replace(tzinfo=office_zone).astimezone(UTC)


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
    days = _bound(link, first, today), _bound(link, last, today)
    if has_ended_before_it_begins(days):
        raise WrongPeriod(
            f"{last} is {written(days[1])}, before {first}: allowed are days from {written(days[0])} to today"
        )
    return ChosenPeriod(CUSTOM, days, page)


def has_ended_before_it_begins(bounds: tuple[Bound, Bound]) -> bool:
    """Return whether nothing lies between two ends."""
    start, end = clock_of(bounds)
    return end <= start


def _bound(link: Mapping[str, str], name: str, today: date) -> Bound:
    allowed = f"allowed are days such as {today} and minutes such as {today}T09:30, from {EARLIEST} to today"
    text = link.get(name)
    if text is None:
        raise WrongPeriod(f"{name} is missing: {allowed}")
    try:
        bound: Bound = _parse_minute(text) if "T" in text else parse_date(text)
    except ValueError:
        raise WrongPeriod(f"{name} is {text[:40]!r}, which is no day and no minute: {allowed}") from None
    day = bound.date() if isinstance(bound, datetime) else bound
    ends_today = bound == datetime.combine(today + timedelta(days=1), time())
    if not EARLIEST <= day <= today and not ends_today:
        raise WrongPeriod(f"{name} is {text!r}, {'in the future' if day > today else 'too early'}: {allowed}")
    return bound


def _parse_minute(text: str) -> datetime:
    minute = datetime.strptime(text, MINUTES)
    if written(minute) != text:
        raise ValueError(f"{text!r} is not written like {written(minute)}")
    return minute
